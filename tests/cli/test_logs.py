"""What `serve` logs: nothing to alarm anybody at a sound start, a JSON object a line where asked, never a secret."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from alone import STARTING, Alone, serving

from brought_forward.storage.records.batch import BatchStatus

SLIPS = """
import logging, threading, warnings
from brought_forward.bot.cli import logs
logs.configure(["the-firms-own-key"], as_json={as_json})
log = logging.getLogger("x")
log.info("signed in with %s\\nand %s", "the-firms-own-key", "xoxb-123456789-abcdef")
log.warning("headers: {{'Authorization': 'Bearer 0AbC.dEf-123'}}, app token xapp-1-A0123456-789")
warnings.warn("the-firms-own-key")
def fall():
    raise ValueError("the-firms-own-key")
one = threading.Thread(target=fall)
one.start()
one.join()
fall()
"""


@pytest.mark.parametrize("socket_mode", [True, False])
def test_a_sound_start_warns_of_nothing(tmp_path: Path, socket_mode: bool) -> None:
    with serving(tmp_path, socket_mode=socket_mode) as bot:
        bot.world.preview(bot.world.sheet(1))
        assert bot.end() == 0
        levels = [line.split()[2] for line in bot.log().splitlines()]
    assert levels
    assert set(levels) == {"INFO"}, bot.log()


def test_each_line_of_the_json_log_is_an_object(tmp_path: Path) -> None:
    with serving(tmp_path, options=["--log-json"]) as bot:
        bot.world.preview(bot.world.sheet(2))
        bot.world.approve()
        bot.world.wait_for_status(BatchStatus.POSTED)
        bot.slack.down()  # so that something goes wrong too
        bot.slack.wait_for(lambda: "WARNING" in bot.log())
        assert bot.end() == 0
        lines = [json.loads(line) for line in bot.log().splitlines()]
    assert all({"at", "level", "logger", "thread", "message"} <= set(line) for line in lines)
    assert {line["level"] for line in lines} >= {"INFO", "WARNING"}
    for secret in (bot.slack.bot_token, bot.slack.app_token, "clio-sandbox-token"):
        assert secret not in bot.log()


def test_a_connection_that_is_cut_as_soon_as_it_is_there_is_warned_of(tmp_path: Path) -> None:
    with serving(tmp_path) as bot:
        bot.slack.down()
        bot.slack.wait_for(lambda: "not connected: it is tried again and again" in bot.log())


def test_what_keeps_it_from_starting_is_told_in_json_too(tmp_path: Path) -> None:
    with Alone(tmp_path, options=["--log-json"], BALANCES_TIMEZONE="Mars/Olympus") as bot:
        bot.begin()
        assert bot.process is not None
        assert bot.process.wait(STARTING) == 2
        (line,) = bot.log().splitlines()
    assert json.loads(line)["message"].startswith("BALANCES_TIMEZONE: Mars/Olympus is no time zone.")
    assert json.loads(line)["level"] == "CRITICAL"


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_is_logged_whatever_quotes_it(as_json: bool) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", SLIPS.format(as_json=as_json)], check=False, capture_output=True, text=True
    )
    assert ran.returncode == 1
    assert ran.stdout == ""
    for secret in ("the-firms-own-key", "123456789", "0AbC", "xapp-1"):
        assert secret not in ran.stderr
    assert ran.stderr.count("[secret]") >= 7
    assert "ValueError" in ran.stderr
    if as_json:
        lines = [json.loads(line) for line in ran.stderr.splitlines()]
        assert [line["level"] for line in lines] == ["INFO", "WARNING", "WARNING", "CRITICAL", "CRITICAL"]


@pytest.mark.skipif(sys.platform != "linux", reason="read from Linux's own table")
def test_what_the_bot_starts_inherits_no_token(tmp_path: Path) -> None:
    code = (
        "import os; from brought_forward.bot.cli import main, serve; "
        "serve.serve = lambda settings: print(sorted(name for name in os.environ if 'TOKEN' in name)); "
        "main.serve(log_json=False)"
    )
    with Alone(tmp_path) as bot:
        ran = subprocess.run(
            [sys.executable, "-c", code], check=False, env=bot.environment, capture_output=True, text=True
        )
    assert ran.stdout.strip() == "[]", ran.stderr
