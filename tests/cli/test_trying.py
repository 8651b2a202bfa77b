"""`brought-forward sandbox`: a page on loopback over a pretend Slack, a pretend Clio and the real bot's process."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from brought_forward.bot.cli.sandbox import Sandbox, open_all
from brought_forward.sandbox.samples import sample_book
from brought_forward.storage.store import Store


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with ExitStack() as stack:
        yield open_all(stack, tmp_path)


def press(sandbox: Sandbox, path: str, **form: str) -> requests.Response:
    """Act as the page's own script does."""
    page = requests.get(sandbox.address, timeout=10).text
    found = re.search(r"X-Sandbox-Token&?[^:]*: ?\"([^\"]+)\"", page)
    assert found, page[:800]
    headers = {"X-Sandbox-Token": found[1], "HX-Request": "true"}
    answer = requests.post(f"{sandbox.address}clio{path}", data=form, headers=headers, timeout=30)
    answer.raise_for_status()
    return answer


def test_a_kill_from_the_page_with_lost_answers_doubles_nothing_and_the_ledger_is_the_samples(sandbox: Sandbox) -> None:
    slack, clio = sandbox.slack, sandbox.clio
    book = sample_book(clio.firm, datetime.now(UTC).date().replace(day=1) - timedelta(days=1))
    slack.upload(slack.staff, slack.balances, book.name, book.data)
    slack.wait_for(lambda: any("[Approve" in slack.plain(one) for one in slack.messages(slack.balances)), timeout=45)
    assert "Start it again" not in requests.get(sandbox.address, timeout=10).text
    press(sandbox, "/switch/cut?on=1")
    slack.click(slack.manager, "Approve")
    slack.wait_for(lambda: len(clio.time_entries) >= 20, timeout=45)
    assert "Start it again" in press(sandbox, "/bot/kill").text
    held = len(clio.time_entries)
    assert held < len(book.owed)
    press(sandbox, "/switch/cut?on=0")
    press(sandbox, "/bot/start")
    slack.wait_for(lambda: any("Read back" in slack.plain(one) for one in slack.messages(slack.balances)), timeout=90)
    assert sorted((one.matter_id, one.user_id, one.total) for one in clio.time_entries) == sorted(book.owed)
    with closing(Store(sandbox.db)) as store:
        ours = {(e.matter_id, e.user_id, e.date, e.amount, e.note) for e in store.entries.of_batch(1)}
    assert {(e.matter_id, e.user_id, e.date, e.price, e.note) for e in clio.time_entries} == ours
    live = requests.get(f"{sandbox.address}clio/live", timeout=10)
    assert 'id="clio-doubled">0<' in live.text
    clio.firm.add_entry(clio.firm.matters[clio.time_entries[0].matter_id or 0],
                        clio.firm.users[clio.time_entries[0].user_id],
                        clio.firm.descriptions[clio.time_entries[0].activity_description_id or 0], 5)  # fmt: skip
    press(sandbox, f"/entries/{clio.time_entries[1].id}/delete")
    time_is_up = time.monotonic() + 5
    text = ""
    while 'id="clio-lost">1<' not in text and time.monotonic() < time_is_up:  # the bot's books are read once a second
        text = requests.get(f"{sandbox.address}clio/live", timeout=10).text
    assert 'id="clio-doubled">1<' in text
    assert 'id="clio-lost">1<' in text


def test_nobody_but_the_page_itself_can_turn_a_switch(sandbox: Sandbox) -> None:
    assert requests.post(f"{sandbox.address}clio/bot/kill", timeout=10).status_code == 403
    assert sandbox.desk.is_running


def test_the_page_answers_by_loopbacks_name_alone_and_lets_no_script_of_a_cell_run(sandbox: Sandbox) -> None:
    shown = requests.get(sandbox.address, timeout=10)
    assert shown.status_code == 200
    policy = shown.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert requests.get(sandbox.address, headers={"Host": "rebound.example"}, timeout=10).status_code == 403


def test_the_command_ends_with_its_bot_and_leaves_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "brought_forward.bot", "sandbox", "--no-open", "--port", "0"],
        env=os.environ | {"TMPDIR": str(tmp_path), "BALANCES_DB": "/nowhere/at/all.db", "CLIO_REGION": "mars"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found
        assert "Hallam &amp; Reyes LLP" in requests.get(found[0], timeout=10).text
        children = [int(one) for one in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]
        assert children
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 143
        assert not [child for child in children if Path(f"/proc/{child}").exists()]
        assert list(tmp_path.iterdir()) == []
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
