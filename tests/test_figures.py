"""Every make target that prints figures runs, at its smallest; what it measures in earnest, it does by hand."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from targets import listed, made, targets
from visitor import chromium

SILENT = {
    "bench",
    "setup",
    "dev",
    "audit",
    "sandbox",
    "test",
    "test-postgres",
    "check",
    "pictures",
    "proofs",
    "replay",
    "first-day",
    "clean",
    "lock",
}  # no figures, or those of others


def test_each_target_that_prints_figures_is_run_by_a_test() -> None:
    figures = set(listed("FIGURES"))
    assert targets() - SILENT == figures
    assert set(run_by_tests()) == figures


def run_by_tests() -> Iterator[str]:
    """Read which targets the tests give to `made`."""
    for page in Path(__file__).parent.rglob("test_*.py"):
        for call in ast.walk(ast.parse(page.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "made":
                assert isinstance(call.args[0], ast.Constant), f"{page.name}:{call.lineno}: nobody can read which"
                yield str(call.args[0].value)


def test_an_upload_is_timed() -> None:
    assert "upload to preview" in made("upload")


def test_each_format_is_weighed() -> None:
    assert "bare MiB" in made("formats")


def test_matching_and_the_form_are_timed() -> None:
    printed = made("matching")
    assert "matching 300 lines" in printed
    assert "live search over" in printed


def test_what_a_preview_says_is_counted() -> None:
    assert "Characters of a preview" in made("words")


@pytest.mark.skipif(chromium() is None, reason="No chromium here: install it, or name one in CHROMIUM.")
def test_the_page_is_timed() -> None:
    assert "3 matters: preview after" in made("page")


def test_the_layouts_are_told() -> None:
    assert "own total" in made("layouts")


def test_hostile_files_are_counted() -> None:
    assert "60 files from seed 1 in" in made("fuzz")


def test_generated_ledgers_are_read() -> None:
    assert "48 files from seed 7 in" in made("readings")


def test_histories_are_gone_through() -> None:
    assert "[100%]" in made("histories")
