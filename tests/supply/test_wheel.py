"""The wheel works where there is no checkout: installed into an empty environment, the demo runs in an empty folder."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from proofs.first_day import stable, transcript
from targets import ROOT

PARTS = ("bot", "commands", "storage", "sandbox", "pyproject.toml", "README.md", "LICENSE")
BUILD = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build it from a copy, so that nothing of an earlier build comes in."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, source / part)
    subprocess.run([sys.executable, "-c", BUILD, str(out)], cwd=source, check=True, capture_output=True)
    (made,) = out.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install it into an environment with nothing else; what it needs is read from the suite's own, which no index
    has to serve, but for this project: its folder there is found by an editable install, which a path alone is not."""
    made = tmp_path_factory.mktemp("empty")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(made)], check=True)
    uv = ROOT / ".tools" / "bin" / "uv"
    command = [str(uv), "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(made / "bin" / "python")]
    subprocess.run([*command, str(wheel)], check=True)
    (packages,) = made.glob("lib/python*/site-packages")
    (packages / "suite.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return made


def bare() -> dict[str, str]:
    """What a person's shell has, and nothing of this run's."""
    return {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}


def test_every_module_and_all_the_page_shows_is_in_the_wheel(wheel: Path) -> None:
    there = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("brought_forward/")}
    ours = {
        f"brought_forward/{file.relative_to(ROOT)}"
        for part in PARTS[:4]
        for file in (ROOT / part).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    assert there == ours


def test_the_demo_runs_from_the_wheel_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    where = [str(installed / "bin" / "python"), "-c", "from brought_forward.bot import app; print(app.__file__)"]
    found = subprocess.run(where, cwd=tmp_path, env=bare(), check=True, capture_output=True, text=True)
    assert found.stdout.startswith(str(installed))
    command = [str(installed / "bin" / "brought-forward"), "demo"]
    ran = subprocess.run(command, cwd=tmp_path, env=bare(), check=False, capture_output=True, text=True, timeout=110)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "All of it is true." in ran.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_firms_first_day_goes_by_the_wheel_as_the_page_of_it_says(installed: Path, tmp_path: Path) -> None:
    told = transcript(tmp_path, str(installed / "bin" / "brought-forward"))
    shown = (ROOT / "docs" / "first-day.md").read_text().partition("```\n")[2].rpartition("```")[0]
    again = "what is printed is no longer what the page shows: make first-day WRITE=docs/first-day.md writes it anew"
    assert stable(told) == stable(shown), again
    assert stable("As of 1 May: 3 entries") == ["As", "of", "DAY:", "3", "entries"]
