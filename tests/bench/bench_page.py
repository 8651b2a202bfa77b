# ruff: noqa: T201
"""How fast the sandbox's page is there, and how fast its time runs: printed, in a real browser.

python tests/bench/bench_page.py [MATTERS | --short]
"""

import re
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright
from visitor import FLAGS, Visitor, chromium

from brought_forward.bot.cli.sandbox import CALLS, open_all

LOADS = 9
SHORT = 3  # matters of a short one
FIRST = """() => {
  const [page] = performance.getEntriesByType("navigation");
  const [drawn] = performance.getEntriesByName("first-contentful-paint");
  const parts = [page, ...performance.getEntriesByType("resource")];
  return [drawn.startTime, page.loadEventEnd, parts.reduce((sum, one) => sum + one.transferSize, 0)];
}"""


def main() -> None:
    """Open the page in fresh profiles, then post 2,000 matters with time sixty times as fast."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        town = open_all(stack, folder, speed=60)
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS), chromium_sandbox=False)
        stack.callback(browser.close)
        is_short = sys.argv[1:] == ["--short"]
        first_load(browser, town.address, 1 if is_short else LOADS)
        matters = SHORT if is_short else int((sys.argv[1:] or [0])[0])
        fast_run(Visitor(browser, town, "staff", "bench", own_channel=False), matters)


def first_load(browser: Any, address: str, loads: int) -> None:
    """Load the page with an empty cache, several times."""
    drawn, loaded, size = [], [], 0
    for _ in range(loads):
        context = browser.new_context()
        page = context.new_page()
        page.goto(address, wait_until="load")
        page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
        paint, load, size = page.evaluate(FIRST)
        drawn.append(paint)
        loaded.append(load)
        context.close()
    print(f"first load, empty cache, median of {loads}: drawn after {statistics.median(drawn):.0f} ms,"
          f" loaded after {statistics.median(loaded):.0f} ms, {size / 1024:.0f} KB")  # fmt: skip


def fast_run(visitor: Visitor, matters: int) -> None:
    """Post as many matters, or the sample of 2,000, which takes 40 minutes at Clio's pace."""
    visitor.page.set_default_timeout(300_000)
    began = time.monotonic()
    if matters:
        visitor.drag(visitor.rows(visitor.matters(matters)))
    else:
        visitor.sample("2,000 matters")
    button = visitor.button(re.compile("^Approve"), visitor.thread)
    button.wait_for()
    entries = int(re.sub(r"\D", "", button.inner_text()))
    read = time.monotonic() - began
    visitor.approve()
    began = time.monotonic()
    visitor.posted()
    took = time.monotonic() - began
    print(f"{entries:,} matters: preview after {read:.1f} s; posted and read back in {took:.1f} s with time 60"
          f" times as fast, {entries / CALLS:.0f} minutes in life, at {CALLS} calls a minute")  # fmt: skip


if __name__ == "__main__":
    main()
