"""Ask for known weaknesses of what a lock pins: exit 0 where there is none, 1 where there is, 3 where nobody can tell.

pip-audit ends with 0 where its source does not know a package at all, so what it could not look up is counted here.
"""

import argparse
import json
import subprocess
import sys
from typing import Any

from rich.console import Console

UNTOLD = 3


def main() -> int:
    """Audit a lock; say in a sentence what was found."""
    asked = argparse.ArgumentParser(description="Known weaknesses of what a lock pins.")
    asked.add_argument("lock")
    asked.add_argument("--osv-url", help="another source, which speaks OSV's protocol")
    given = asked.parse_args()
    command = [sys.executable, "-m", "pip_audit", "--requirement", given.lock, "--disable-pip", "--no-deps",
               "--progress-spinner", "off", "--format", "json"]  # fmt: skip
    if given.osv_url:
        command += ["--vulnerability-service", "osv", "--osv-url", given.osv_url]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    console = Console(highlight=False, soft_wrap=True, markup=False)
    try:
        packages = json.loads(ran.stdout)["dependencies"]
    except (ValueError, KeyError):
        last = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
        console.print(f"Nobody can tell: the source of known weaknesses is out of reach ({last}).")
        return UNTOLD
    status, said = verdict(packages, given.lock)
    console.print(said)
    return status


def verdict(packages: list[dict[str, Any]], lock: str) -> tuple[int, str]:
    """Say what pip-audit found; what it could not look up is no clean bill."""
    weak = [f"{one['name']} {one['version']}: {found['id']}" for one in packages for found in one.get("vulns", ())]
    if weak:
        return 1, "\n".join([*weak, f"{len(weak)} known weaknesses in the {len(packages)} packages of {lock}."])
    untold = [one["name"] for one in packages if "skip_reason" in one]
    if untold or not packages:
        return UNTOLD, f"Nobody can tell: the source knows nothing of {len(untold)} of {len(packages)} packages."
    return 0, f"No known weakness in the {len(packages)} packages of {lock}."


if __name__ == "__main__":
    sys.exit(main())
