"""A firm set up from nothing, in one unbroken transcript: an empty folder, the settings, and what people type and see.

The program is a process of its own and knows nothing of this; Slack and Clio are the pretend ones, reached as the real
ones are. What is printed is what the commands printed and what stands in Slack, in that order; docs/first-day.md is one
such transcript.
"""

import argparse
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from calendar import month_name
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from sign_in import BROWSER
from world import World

from brought_forward.sandbox.clio import sample_firm
from brought_forward.sandbox.screen import Screen
from brought_forward.sandbox.serving import hold_port

ZONE = "America/New_York"
STARTING, WAITING = 60.0, 90.0
SHEET = """Accounts receivable as of 31 October 2026
Matter,Client,Responsible attorney,Balance
00001-Acme,Acme,Dana Hallam,1250.00
00002-Albright Dental,Albright Dental,Luis Reyes,340.50
00003-Brandt Roofing,Brandt Roofing,Priya Natarajan,"9,767.69"
00004-Castellan Wines,Castellan Wines,Tom Okafor,88.00
00005-Corbin,Corbin,Ines Varga,-200.00
00999-Nobody,Nobody,Dana Hallam,75.00
Total,,,"11,321.19"
"""
HEAD = """\
# A firm's first day

A firm set up from nothing, as `make first-day` printed it: an empty folder, the settings in the environment, and what
people type and see, unbroken. The program is a process of its own; Slack and Clio are pretend ones on loopback, reached
as the real ones are, the sign-in to Clio and its browser too. FOLDER is the empty folder; lines that begin with `#` say
who does what. In the suite the wheel goes through the same day, in an environment with nothing else, and must say what
stands here, but for days, times, ports and hashes. No container engine was at hand: what the image does besides is told
in [install.md](install.md), with how it was tried.
"""
OWED = [Decimal("1250.00"), Decimal("340.50"), Decimal("9767.69"), Decimal("88.00")]  # less the credit and Nobody


class Day:
    """One day of one firm: whoever runs the bot at a terminal, staff and a manager in Slack."""

    def __init__(self, folder: Path, program: str, console: Console) -> None:
        self.console, self.program = console, program
        self.world = World(folder, sample_firm())
        self.world.clio.token = None  # nobody has signed in
        self.world.clio.limit = 300
        self.world.slack.rules.socket_mode = True
        with self.world.slack.workspace.change():
            self.world.slack.balances.is_private = True
        self.folder = folder / "empty"
        self.folder.mkdir()
        self.port = hold_port(self)
        self.environment = self._environment(folder)
        self.screen = Screen(console, self.world.slack.name, timezone=ZoneInfo(ZONE), folds=False)
        self.shown: set[str] = set()
        self.serving: subprocess.Popen[bytes] | None = None

    def _environment(self, folder: Path) -> dict[str, str]:
        """Set what a firm sets, and where the pretend ones are."""
        world, browser = self.world, folder / "browser.py"
        browser.write_text(BROWSER)
        world.clio.oauth.app.redirects.add(f"http://127.0.0.1:{self.port}/")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
        return kept | {
            "SLACK_BOT_TOKEN": world.slack.bot_token,
            "SLACK_APP_TOKEN": world.slack.app_token,
            "SLACK_API_URL": world.slack.api_url,
            "CLIO_CLIENT_ID": world.clio.oauth.app.client_id,
            "CLIO_CLIENT_SECRET": world.clio.oauth.app.client_secret,
            "CLIO_API_URL": world.clio.url,
            "BALANCES_APPROVERS": f"{world.slack.manager.id},{world.slack.partner.id}",
            "BALANCES_CHANNELS": world.slack.balances.id,
            "BALANCES_TIMEZONE": ZONE,
            "BROWSER": f"{sys.executable} {browser} allow %s",  # it opens the address, and its user allows the app
            "NO_PROXY": "127.0.0.1",
            "COLUMNS": "100",
        }

    # At the terminal

    def tell(self, text: str) -> None:
        """Say who does what."""
        self.console.print(f"\n# {text}\n", style="bold", markup=False, highlight=False)

    def type(self, command: str, *, ends: int = 0, within: float = WAITING) -> str:
        """Type a command of the program, and print what it says. Raises AssertionError where it ends otherwise."""
        self._print(f"$ brought-forward {command.replace('PORT', str(self.port))}")
        done = subprocess.run([self.program, *command.replace("PORT", str(self.port)).split()], cwd=self.folder,
                              env=self.environment, capture_output=True, text=True, timeout=within, check=False,
                              stdin=subprocess.DEVNULL)  # fmt: skip
        said = done.stdout + done.stderr
        self._print(said.rstrip())
        assert done.returncode == ends, f"{command} ended with {done.returncode}, not {ends}: {said}"
        return said

    def serve(self) -> None:
        """Start the bot beside all else, and print what it logs until Slack reaches it."""
        self._print("$ brought-forward serve &")
        log = self.folder.with_name("serve.log")
        with log.open("wb") as out:
            self.serving = subprocess.Popen([self.program, "serve"], cwd=self.folder, env=self.environment, stdout=out,
                                            stderr=out, stdin=subprocess.DEVNULL)  # fmt: skip
        self.until(lambda: self.world.slack.sockets.opened, "Slack to reach the bot", within=STARTING)
        self.until(lambda: "Nobody has connected Clio" in log.read_text(), "the bot to say what is missing")
        self._print(log.read_text().rstrip())

    def end(self) -> int:
        """Send SIGTERM, and return the status that the bot ends with."""
        assert self.serving is not None
        self.serving.send_signal(signal.SIGTERM)
        return self.serving.wait(20)

    def close(self) -> None:
        """Leave nothing running."""
        if self.serving is not None and self.serving.poll() is None:
            self.serving.kill()
            self.serving.wait()
        self.world.close()

    # In Slack

    def until(self, seen: Callable[[], Any], what: str, *, within: float = WAITING) -> None:
        """Wait for something. Raises AssertionError where it does not come."""
        end = time.monotonic() + within
        while not seen():
            assert self.serving is None or self.serving.poll() is None, f"the bot ended before {what}"
            assert time.monotonic() < end, f"waited in vain for {what}: {self.world.text()}"
            time.sleep(0.05)

    def says(self, words: str) -> None:
        """Wait until the thread says something, then print the message that does."""

        def found() -> Any:
            return next((one for one in self.world.thread() if words in self.world.slack.plain(one)), None)

        self.until(found, f"the words {words}")
        self.screen.show(found())

    def approves(self) -> None:
        """Let the manager approve."""
        with suppress(LookupError):
            self.world.slack.click(self.world.slack.staff, "Approve")
        self.until(lambda: self.world.told(self.world.slack.staff), "the refusal")
        self._print(f"  (only @staff sees) {self.world.told(self.world.slack.staff)}")
        self.tell("The manager clicks Approve.")
        self.world.slack.click(self.world.slack.manager, "Approve")

    def _print(self, text: str) -> None:
        text = text.replace(str(self.folder), "FOLDER")
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)


def play(day: Day) -> None:
    """Go through the day. Raises AssertionError where something is not as it must be."""
    slack, clio = day.world.slack, day.world.clio
    day.tell("An empty folder; the settings stand in the environment. What is amiss is said before anything runs.")
    assert list(day.folder.iterdir()) == []
    day.type("doctor", ends=1)
    day.tell("It starts all the same, and says what it waits for.")
    day.serve()
    day.tell("An administrator signs in to Clio, in the browser that opens.")
    said = day.type("connect --region us --port PORT")
    assert "A running bot takes it up within five seconds." in said
    day.tell("The guest is taken out of the channel, as the doctor said, and everything is looked at again.")
    with slack.workspace.change():
        slack.balances.members.discard(slack.guest.id)
    assert "to do" not in day.type("doctor")
    day.tell("Staff drop the first file into #balances.")
    slack.upload(slack.staff, "balances", "AR October.csv", SHEET.encode())
    day.says("ready for approval")
    day.tell("Who dropped it clicks Approve.")
    day.approves()
    day.says("equal to the cent")
    held = sorted((one.total for one in clio.time_entries), reverse=True)
    assert held == sorted(OWED, reverse=True), held
    day.tell("Nothing was changed behind the bot's back, and the day is kept.")
    (sealed,) = re.findall(r"Sealed in the audit log: (\w+)", day.world.text())
    assert f"the last is {sealed}" in day.type("verify")
    day.type("backup first-day.db")
    day.type("connect --status")
    day.tell("The bot is ended, and hands over in good order.")
    assert day.end() == 0
    total = sum(held, Decimal(0))
    day.tell(
        f"Clio holds {len(held)} entries, {total:,.2f}: what the sheet owed, less a credit and a matter that is none."
    )


def transcript(folder: Path, program: str) -> str:
    """Play the day with a program of this path, and return all that was printed. Raises AssertionError."""
    paper = io.StringIO()
    day = Day(folder, program, Console(width=100, color_system=None, file=Both(paper)))
    try:
        play(day)
    finally:
        day.close()
    return "\n".join(line.rstrip() for line in paper.getvalue().strip().splitlines()) + "\n"


class Both(io.TextIOBase):
    """Print at once, and keep."""

    def __init__(self, paper: io.StringIO) -> None:
        self._paper = paper

    def write(self, text: str) -> int:
        sys.stdout.write(text)
        return self._paper.write(text)

    def flush(self) -> None:
        sys.stdout.flush()


def stable(text: str) -> list[str]:
    """Give the words that are the same on each day and each machine: no times, days, ports, hashes, room or frames."""
    lines = [line for line in text.splitlines() if not re.match(r"\d{4}-\d\d-\d\d ", line)]  # the log's own
    text = "\n".join(lines)
    for pattern, word in (
        (rf"\b\d{{1,2}} (?:{'|'.join(month_name[1:])})(?: \d{{4}})?", "DAY"),
        (r"\d\d:\d\d\b|\(edited\)|[─│╭╮╰╯]", ""),
        (r"--port \d+", "--port PLACE"),
        (r"127\.0\.0\.1(:|%3A)\d+", "PLACE"),
        (r"state=[\w-]+", "state=STATE"),
        (r"(the last is|audit log:) [0-9a-f]{12}", r"\1 HASH"),
        (r"fingerprint [0-9a-f]{4}-[0-9a-f]{4}", "fingerprint HASH"),
        (r"[\d.]+ [KMGT]B free", "ROOM free"),
        (r"\d+ of them left", "SOME of them left"),
        (r"all \d+ links", "all links"),
        (r"Slack takes \d+ messages, \d+ forms, \d+ Home", "Slack takes messages, forms, Home"),
        (r"to do, \d+ lines", "to do, of all lines"),
    ):
        text = re.sub(pattern, word, text)
    return text.split()


def page(text: str) -> str:
    """Make the page of the docs of a transcript."""
    return f"{HEAD}\n```\n{text}```\n"


def main() -> None:
    """Play the day, and print it; 1 where something is not as it must be."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("--program", default=str(Path(sys.executable).with_name("brought-forward")))
    asked.add_argument("--write", type=Path, help="a page of the docs to be made of it")
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="brought-forward-") as folder:
        text = transcript(Path(folder), given.program)
    if given.write:
        given.write.write_text(page(text))


if __name__ == "__main__":
    main()
