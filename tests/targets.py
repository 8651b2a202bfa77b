"""The make targets that print figures, as a person runs them, at their smallest."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
OURS = ("MAKE", "MFLAGS", "PYTEST_")  # what `make test` and pytest tell their children


def listed(name: str) -> list[str]:
    """Read one of the Makefile's lists of targets."""
    found = re.search(rf"^{name} := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert found, f"the Makefile has no list {name}"
    return [one for word in found[1].split() for one in (listed(word[2:-1]) if word.startswith("$(") else [word])]


def targets() -> set[str]:
    """Read all targets of the Makefile."""
    rules = re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    return {*rules, *listed("PROOFS")}


def made(target: str, *, seconds: float = 110.0, env: dict[str, str] | None = None, **sizes: object) -> str:
    """Run a target with the Python of this process and return what it prints; fail where the target fails."""
    given = [f"{name}={value}" for name, value in sizes.items()]
    command = [
        "make",
        "-s",
        "-o",
        "setup",
        "-o",
        "dev",
        f"BIN={Path(sys.executable).parent}",
        target,
        "SHORT=1",
        *given,
    ]
    mine = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    running = subprocess.Popen(command, cwd=ROOT, env=mine | (env or {}), text=True, start_new_session=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
    try:
        printed, _ = running.communicate(timeout=seconds)
    except BaseException:
        os.killpg(running.pid, signal.SIGKILL)  # what make has started ends with it
        running.communicate()
        raise
    assert running.returncode == 0, printed
    return printed
