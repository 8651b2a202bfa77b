"""What is installed is what was locked; what runs has a lock of its own; its weaknesses can be asked for."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify, request
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from supply.audit import verdict
from targets import ROOT, made

from brought_forward.sandbox.serving import Server

LOCKS = ("requirements.lock", "requirements-dev.lock", "tools.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def pinned(lock: str) -> dict[str, str]:
    """Read the versions of a lock."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^ \\;]+)", (ROOT / lock).read_text(), re.MULTILINE))


@pytest.mark.parametrize("lock", LOCKS)
def test_each_package_of_a_lock_has_its_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text()
    entries = re.split(r"^(?=[A-Za-z0-9._-]+==)", text, flags=re.MULTILINE)[1:]
    assert entries
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "--index-url" not in text
    assert "--find-links" not in text


def test_what_runs_and_what_tests_need_are_locked_apart_and_agree() -> None:
    runs, tests = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert runs.items() <= tests.items()
    assert not {"pytest", "mypy", "ruff", "hypothesis", "playwright", "openapi-core"} & set(runs)
    wanted = {canonicalize_name(Requirement(one).name) for one in PROJECT["project"]["dependencies"]}
    assert wanted <= set(runs)
    extra = {canonicalize_name(Requirement(one).name) for one in PROJECT["project"]["optional-dependencies"]["dev"]}
    assert extra <= set(tests)


@pytest.mark.parametrize("lock", LOCKS[:2])
def test_each_version_of_a_lock_is_one_that_pyproject_allows(lock: str) -> None:
    versions = pinned(lock)
    told = [Requirement(one) for one in PROJECT["project"]["dependencies"]]
    assert [str(one) for one in told if versions[canonicalize_name(one.name)] not in one.specifier] == []


def test_uv_and_what_builds_are_pinned_too() -> None:
    assert set(pinned("tools.lock")) == {"uv", "setuptools"}
    makefile = (ROOT / "Makefile").read_text()
    assert "--require-hashes --target .tools -r tools.lock" in makefile
    assert "--build-constraints tools.lock -e ." in makefile


def test_the_demo_is_set_up_with_what_running_needs_alone() -> None:
    rules = dict(re.findall(r"^([a-z]+): (setup|dev)\b", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert (rules["demo"], rules["sandbox"]) == ("setup", "setup")
    assert (rules["test"], rules["check"]) == ("dev", "dev")


def test_the_list_of_what_runs_is_the_locks() -> None:
    made("sbom")
    listed = json.loads((ROOT / "build" / "sbom.json").read_text())
    assert listed["bomFormat"] == "CycloneDX"
    assert listed["metadata"]["component"]["name"] == "brought-forward"
    assert {one["name"]: one["version"] for one in listed["components"]} == pinned("requirements.lock")
    assert all(one["purl"].startswith("pkg:pypi/") for one in listed["components"])


@contextmanager
def source(weak: dict[str, str]) -> Iterator[str]:
    """Serve what is known of packages, as OSV does."""
    app = Flask(__name__)

    def query() -> Any:
        name = request.get_json(force=True)["package"]["name"]
        if name not in weak:
            return jsonify({})
        told = {"package": {"name": name, "ecosystem": "PyPI"}}
        return jsonify({"vulns": [{"id": weak[name], "summary": "x", "affected": [told]}]})

    app.add_url_rule("/v1/query", view_func=query, methods=["POST"])
    server = Server(app)
    server.start()
    try:
        yield f"{server.url}/v1/query"
    finally:
        server.stop()


def audited(url: str) -> tuple[int, str]:
    command = [sys.executable, str(Path(__file__).with_name("audit.py")), "tools.lock", "--osv-url", url]
    ran = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    return ran.returncode, ran.stdout


def test_no_known_weakness_is_told_as_such() -> None:
    with source({}) as url:
        assert audited(url) == (0, "No known weakness in the 2 packages of tools.lock.\n")


def test_a_known_weakness_fails_the_audit_and_is_named() -> None:
    with source({"setuptools": "GHSA-xxxx"}) as url:
        status, said = audited(url)
    assert status == 1
    assert "setuptools" in said
    assert "GHSA-xxxx" in said


def test_a_source_out_of_reach_is_no_clean_bill() -> None:
    with source({}) as url:
        pass
    status, said = audited(url)
    assert status == 3
    assert said.startswith("Nobody can tell: ")


def test_what_the_source_does_not_know_is_no_clean_bill_either() -> None:
    known: dict[str, Any] = {"name": "flask", "version": "3.1.3", "vulns": []}
    unknown = {"name": "rich", "skip_reason": "Dependency not found"}
    assert verdict([known], "x.lock") == (0, "No known weakness in the 1 packages of x.lock.")
    assert verdict([known, unknown], "x.lock")[0] == 3
    assert verdict([], "x.lock")[0] == 3


def test_the_installed_project_asks_for_what_pyproject_names() -> None:
    told = {canonicalize_name(Requirement(one).name) for one in requires("brought-forward") or [] if "extra" not in one}
    assert told == {canonicalize_name(Requirement(one).name) for one in PROJECT["project"]["dependencies"]}
