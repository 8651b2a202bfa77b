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

from brought_forward.bot.cli.http import EVENTS, HEALTH, PAGES
from brought_forward.bot.cli.serve import GRACE
from brought_forward.bot.settings import Settings, Timing
from brought_forward.bot.settings.deployment import REDIRECT
from brought_forward.storage.postgres_session import NEWEST, OLDEST

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


def test_several_bots_of_compose_stand_behind_a_proxy_with_nothing_to_write() -> None:
    composed: Any = yaml.safe_load((DEPLOY / "compose.many.yaml").read_text())
    bot, proxy, books = (composed["services"][name] for name in ("bot", "proxy", "postgres"))
    alone: Any = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["bot"]
    same = ("build", "read_only", "tmpfs", "cap_drop", "security_opt", "ulimits", "init", "stop_grace_period")
    assert {name: bot[name] for name in same} == {name: alone[name] for name in same}
    assert bot["deploy"]["replicas"] == 3
    assert "volumes" not in bot
    assert not {"ports"} & (bot.keys() | books.keys())
    assert [port.split(":")[0] for port in proxy["ports"]] == ["127.0.0.1"]
    assert bot["environment"].keys() <= NAMES
    served = composed["configs"]["proxy"]["content"].replace("$$", "$")
    (place,) = re.findall(r"location ~ (\S+) {", served)
    known = (EVENTS, *PAGES, REDIRECT)
    assert all(re.match(place, path) for path in known)
    assert not any(re.match(place, path) for path in ("/metrics", "/healthz", "/slack/events/more", "/"))
    assert int(str(books["image"]).split(":")[1]) in range(OLDEST, NEWEST + 1)


def test_several_bots_of_kubernetes_are_asked_whether_they_are_ready_and_have_time_to_end() -> None:
    deployment, service, budget = yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text())
    pod: Any = deployment["spec"]["template"]["spec"]
    (bot,) = pod["containers"]
    named = {one["name"] for one in bot["env"]}
    assert named <= NAMES
    assert not [one for one in named if SECRET.search(one)]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["automountServiceAccountToken"] is False
    assert bot["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    waits = int(bot["lifecycle"]["preStop"]["exec"]["command"][1])
    assert pod["terminationGracePeriodSeconds"] > waits + GRACE + 1
    assert waits > bot["readinessProbe"]["periodSeconds"]
    paths = {bot[probe]["httpGet"]["path"] for probe in ("readinessProbe", "livenessProbe", "startupProbe")}
    assert paths == set(HEALTH)
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == service["spec"]["selector"] == labels
    assert budget["spec"]["minAvailable"] < deployment["spec"]["replicas"] == 3


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
