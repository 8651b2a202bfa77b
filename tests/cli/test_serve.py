"""The bot's own server: how it ends."""

import re
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from alone import QUICK, serving
from waitress.server import create_server

from brought_forward.bot.cli.http import end

WAITING = QUICK.model_copy(update={"read": 20.0})  # seconds for Clio to answer, as in earnest


def test_a_server_that_ends_answers_what_it_has_begun_and_writes_into_no_file_opened_meanwhile(tmp_path: Path) -> None:
    reached, go = threading.Event(), threading.Event()
    answers: list[bytes] = []

    def slowly(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        reached.set()
        go.wait(10)
        start_response("200 OK", [("Content-Length", "4")])
        return [b"done"]

    server: Any = create_server(slowly, host="127.0.0.1", port=0, threads=1)
    url = f"http://127.0.0.1:{server.effective_port}/"
    worker = threading.Thread(target=server.run, daemon=True)
    asker = threading.Thread(target=lambda: answers.append(requests.get(url, timeout=10).content), daemon=True)
    ender = threading.Thread(target=end, args=(server, worker), daemon=True)
    worker.start()
    asker.start()
    assert reached.wait(10)
    ender.start()
    ender.join(0.3)  # one that does not wait for the answer has closed its pipe by now
    files = [(tmp_path / str(number)).open("wb") for number in range(20)]  # some of them under the pipe's numbers
    go.set()
    for thread in (ender, asker, worker):
        thread.join(10)
        assert not thread.is_alive()
    for file in files:
        file.close()
    assert answers == [b"done"]
    assert not [file.name for file in files if Path(file.name).stat().st_size]


def test_a_connection_that_is_kept_alive_leaves_no_thread_behind() -> None:
    def serve(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    server = create_server(serve, host="127.0.0.1", port=0, threads=1)
    worker = threading.Thread(target=server.run, daemon=True)
    worker.start()
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"http://127.0.0.1:{server.effective_port}/", timeout=10).content == b"ok"
        end(server, worker)
        assert not worker.is_alive()


@pytest.mark.skipif(sys.platform != "linux", reason="read from Linux's own table")
def test_a_crash_leaves_no_core_with_tokens_in_it(tmp_path: Path) -> None:
    with serving(tmp_path) as bot:
        assert bot.process is not None
        limits = Path(f"/proc/{bot.process.pid}/limits").read_text()
    assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE)


@pytest.mark.parametrize("socket_mode", [True, False])
def test_it_ends_within_five_seconds_of_being_told_to_while_clio_and_slack_keep_it_waiting(
    tmp_path: Path, socket_mode: bool
) -> None:
    """What was under way is taken up by the next start, as after a kill."""
    with serving(tmp_path, socket_mode=socket_mode, timing=WAITING) as bot:
        world = bot.world
        world.preview(world.sheet(6))
        bot.slack.faults.add("chat.update", "slow", seconds=30, times=1)
        held = world.hold(nth=3)
        world.click(bot.slack.manager, "Approve")
        with held:
            began = time.monotonic()
            assert bot.end() == 0
            took = time.monotonic() - began
        assert took < 5
        bot.start()
        world.finish(timeout=40)
        world.assert_truth()
