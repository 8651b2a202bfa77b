"""The files of deploy/: what they start is what is here, as nobody's account, with as little as it needs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from targets import ROOT

from brought_forward.bot.cli.serve import GRACE
from brought_forward.bot.settings import Settings, Timing

DEPLOY = ROOT / "deploy"
NAMES = {name.upper() for name in Settings.model_fields}
SECRET = re.compile("TOKEN|SECRET|KEY|PASSWORD")
ANALYZE = shutil.which("systemd-analyze")


def steps() -> list[tuple[str, str]]:
    """Read the Dockerfile: each instruction and what follows it."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if not line.startswith(" ")]


def of(kind: str) -> list[str]:
    return [rest for step, rest in steps() if step == kind]


def unit() -> dict[str, list[str]]:
    """Read the unit's settings; each may stand several times."""
    found: dict[str, list[str]] = {}
    for name, value in re.findall(
        r"^([A-Za-z]+)=(.*)$", (DEPLOY / "brought-forward.service").read_text(), re.MULTILINE
    ):
        found.setdefault(name, []).append(value)
    return found


def test_the_image_runs_as_nobody_and_holds_what_the_locks_name() -> None:
    (user,) = of("USER")
    assert [int(one) > 0 for one in user.split(":")] == [True, True]
    assert [step for step, _ in steps()].index("USER") > [step for step, _ in steps()].index("ENV")
    installs = [rest for rest in of("RUN") if " install " in rest]
    assert all("--require-hashes" in one or "--build-constraints tools.lock" in one for one in installs)
    taken = [one for rest in of("COPY") if not rest.startswith("--from") for one in rest.split()[:-1]]
    assert all((ROOT / one).exists() for one in taken)
    assert {"bot", "commands", "storage", "sandbox", "requirements.lock", "tools.lock"} <= set(taken)
    let_in = re.findall(r"^!(.+)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    assert sorted(let_in) == sorted(taken)


def test_the_image_names_settings_that_there_are_and_no_secret() -> None:
    named = re.findall(r"\b([A-Z][A-Z_]+)=", " ".join(of("ENV") + of("ARG")))
    ours = [one for one in named if one.startswith(("BALANCES_", "SLACK_", "CLIO_"))]
    assert ours
    assert set(ours) <= NAMES
    assert not [one for one in named if SECRET.search(one)]
    ports = dict(re.findall(r"(BALANCES_HEALTH_PORT)=([0-9]+)", " ".join(of("ENV"))))
    assert f":{ports['BALANCES_HEALTH_PORT']}/healthz" in " ".join(of("HEALTHCHECK"))


def test_compose_gives_it_nothing_to_write_but_its_data() -> None:
    composed: Any = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    one = composed["services"]["bot"]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert one["security_opt"] == ["no-new-privileges:true"]
    assert one["ulimits"] == {"core": 0}
    assert one["volumes"] == ["data:/data"]
    assert "ports" not in one
    assert int(one["stop_grace_period"].removesuffix("s")) > GRACE + 1
    assert (DEPLOY / one["build"]["context"] / one["build"]["dockerfile"]).is_file()


def test_the_unit_waits_for_what_the_bot_takes_and_names_settings_that_there_are() -> None:
    found = unit()
    assert found["Type"] == ["notify"]
    assert int(found["WatchdogSec"][0]) > 3 * Timing().watch
    assert int(found["TimeoutStopSec"][0]) > GRACE + 1
    assert found["LimitCORE"] == ["0"]
    assert {one.split("=")[0] for one in found["Environment"]} <= NAMES
    assert not [one for one in found["Environment"] if SECRET.search(one)]


@pytest.mark.skipif(ANALYZE is None, reason="No systemd-analyze here.")
def test_systemd_takes_the_unit_and_rates_it_as_tight(tmp_path: Path) -> None:
    file = tmp_path / "brought-forward.service"
    text = (DEPLOY / "brought-forward.service").read_text()
    file.write_text(re.sub(r"(?<=ExecStart=)\S+", sys.executable, text))
    taken = subprocess.run([str(ANALYZE), "verify", str(file)], check=False, capture_output=True, text=True)
    assert (taken.returncode, taken.stderr) == (0, "")
    rated = subprocess.run([str(ANALYZE), "security", "--offline=true", str(file)], check=False, capture_output=True,
                           text=True)  # fmt: skip
    level = re.search(r"exposure level for .*: ([0-9.]+)", rated.stdout)
    assert level, rated.stdout + rated.stderr
    assert float(level[1]) < 2
