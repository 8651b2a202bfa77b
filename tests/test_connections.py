"""What watches connections to SQLite does fail a test."""

import os
import subprocess
import sys
from pathlib import Path

LEAK = """
import sqlite3
from contextlib import closing

def test_one_that_leaks():
    sqlite3.connect(":memory:")

def test_another_that_does_not():
    with closing(sqlite3.connect(":memory:")):
        pass
"""


def test_a_connection_that_nobody_closes_fails_its_modules_last_test_and_is_told_by_where_it_was_opened(
    tmp_path: Path,
) -> None:
    page = tmp_path / "test_leak.py"
    page.write_text(LEAK)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "connections",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
    ]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ended = subprocess.run(command, cwd=tmp_path, env=env | {"PYTHONPATH": str(Path(__file__).parent)},
                           capture_output=True, text=True, check=False)  # fmt: skip
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "2 passed, 1 error" in ended.stdout
    assert "Connections to SQLite that nobody closed: 1" in ended.stdout
    assert ":memory:, opened in test_leak.py::test_one_that_leaks (call) by" in ended.stdout
