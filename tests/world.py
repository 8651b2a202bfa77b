"""A whole world for a test: the sandbox's Slack and Clio, and the real bot between them over HTTP."""

import base64
import csv
import functools
import hashlib
import hmac
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dbos._dbos
import requests
import slackblocks as sb
from contract import Contract, _openapi
from postgres_server import BOT, Everywhere, PostgresServer, lent
from slack_bolt import App
from spill import SECRETS, heard, spilt

from brought_forward.bot.app import Bot
from brought_forward.bot.cli.http import EVENTS, SlackServer, end, wsgi
from brought_forward.bot.cli.serve import build
from brought_forward.bot.cli.watch import Watch
from brought_forward.bot.engine import Duties, Engine
from brought_forward.bot.settings import Settings, Timing
from brought_forward.sandbox.clio import ClioSandbox, Firm
from brought_forward.sandbox.slack import Rules, SlackSandbox
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.place import Place, PostgresUrl
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import Entry, EntryState
from brought_forward.storage.serve_lock import serve_lock
from brought_forward.storage.store import Store

FAST = Timing(
    connect=2.0,
    read=8.0,
    claim=1.0,
    settle=0.4,
    second_look=0.15,
    keep_asking=3.0,
    first_pause=0.05,
    in_flight=1,  # so that a test may count what was sent; test_in_flight.py and the proofs send more at once
    edit_gap=0.0,
    post_gap=0.0,
    share_pause=0.05,
    sweep=0.5,
    poll=0.3,
    group=0.0,
    home_gap=0.05,
    report_poll=0.05,
    report_wait=6.0,
)
# The fallbacks of the short messages that call people.
MENTION = re.compile(
    r"B[0-9]+ (waits for approval|waits for a second approval|no longer waits for approval|has paused|has ended"
    r"|has gone on)\."
)
CLIO_TOKEN = "clio-sandbox-token"
KEY = base64.urlsafe_b64encode(
    b"sealed with thirty-two bytes now"
).decode()  # beside PostgreSQL there is no file for one
AUDIENCE = "Who reads along in a channel."  # the fallback of what an uploader is told once of a channel
HEADER = ("Matter", "User", "Balance", "Note")
# Stopping, DBOS looks once a second whether its runs are over; here a stop is over when they are.
_clockwork = dbos._dbos
_clockwork.time = SimpleNamespace(**{**vars(time), "sleep": lambda seconds: time.sleep(min(seconds, 0.02))})


@functools.cache
def engine_file() -> bytes:
    """Make the engine's file as a first start leaves it: DBOS finds new queues only after a second."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder, "balances.db")
        engine = Engine(None, database, {}, Duties(None, FAST), FAST, serve_lock(database, lease=1))  # type: ignore[arg-type]  # it starts nothing
        engine.launch()
        engine.stop()
        return Path(f"{database}.engine").read_bytes()


def begun(url: str) -> None:
    """Make in an empty PostgreSQL database what a first start leaves there."""
    place = PostgresUrl(url)
    Store(place, [KEY]).close()
    engine = Engine(None, place, {}, Duties(None, FAST), FAST, serve_lock(place, lease=1))  # type: ignore[arg-type]  # it starts nothing
    engine.launch()
    engine.stop()
    lent(url)


class Served:
    """A bot of this process, heard over HTTP as `serve` lets it be."""

    def __init__(self, app: App, bot: Bot, secret: str) -> None:
        self.app, self.bot = app, bot
        self._watch = Watch(bot)
        served = wsgi(app, secret, self._watch, bot.desk.sign_ins)
        self._server = SlackServer(served, host="127.0.0.1", port=0, threads=4)
        self.url = f"http://127.0.0.1:{self._server.effective_port}"
        self._worker = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        self._worker.start()
        self.bot.start()
        self._watch.start()

    def stop(self) -> None:
        end(self._server, self._worker)
        self._watch.stop()
        self.app.listener_runner.listener_executor.shutdown()
        self.bot.stop()


class World:
    """Slack, Clio and a bot; `start` and `stop` the bot as often as you like."""

    build = staticmethod(build)  # a test of a host application puts its own here

    def __init__(self, folder: Path, firm: Firm, *, server: PostgresServer | None = None, **more: Any) -> None:
        self.db = folder / "balances.db"
        self.server = server or (Everywhere.begun() if Everywhere.asked else None)
        self.place: Place = self.db
        if self.server:
            self.place = PostgresUrl(self.server.url(self.server.like("begun", begun), user=BOT))
        self.firm = firm
        self.contract = Contract()
        self.slack = SlackSandbox()
        self.slack.rules.retry_pauses = (0, 0.2, 0.2)
        self.clio = ClioSandbox(firm, limit=0)
        self.clio.on_exchange.append(self.contract)
        _openapi()  # now, else the first answer takes longer than the bot waits
        self.slack.start()
        self.clio.start()
        SECRETS.update((self.slack.bot_token, self.slack.signing_secret, self.slack.app_token, CLIO_TOKEN))
        self.more = more
        self.bot: Bot | None = None
        self.beside: Store | None = None  # the books of a bot in a process of its own

    def settings(self, **more: Any) -> Settings:
        given: dict[str, Any] = {
            "slack_bot_token": self.slack.bot_token,
            "slack_signing_secret": self.slack.signing_secret,
            "slack_api_url": self.slack.api_url,
            "clio_access_token": CLIO_TOKEN,
            "clio_api_url": self.clio.url,
            "clio_region": "us",
            "balances_db": self.place,
            "balances_keys": KEY if self.server else "",
            "balances_approvers": (self.slack.manager.id, self.slack.partner.id),
            "balances_timezone": "America/New_York",
            "balances_timing": FAST,
        }
        return Settings(**given | self.more | more)

    # The bot in this process

    def start(self, **more: Any) -> "World":
        if self.place == self.db and not self.db.exists():
            Path(f"{self.db}.engine").write_bytes(engine_file())
        self._served = Served(*self.build(self.settings(**more)), self.slack.signing_secret)
        self.bot = self._served.bot
        self.slack.events_url = self._served.url + EVENTS
        self._served.start()
        return self

    def stop(self) -> None:
        if self.bot is None:
            return
        self._served.stop()
        self.bot = None

    def close(self) -> None:
        self.stop()
        self.slack.stop()
        self.clio.stop()
        if self.server and isinstance(self.place, PostgresUrl):
            self.server.drop(self.place.database)
        assert [*heard(), *spilt(self.db.parent, self.slack)] == []

    def open(self) -> Store:
        """Open the books beside the bot, with the key that it has."""
        return Store(self.place, [KEY] if self.server else ())

    @property
    def store(self) -> Store:
        if self.beside is not None:
            return self.beside
        assert self.bot is not None
        return self.bot.store

    # People

    def drop(self, rows: Sequence[Sequence[object]], *, name: str = "AR.csv", user: Any = None) -> Any:
        """Staff drop a CSV of these rows; the header comes by itself, and fits a fifth column of telephone numbers."""
        text = io.StringIO()
        csv.writer(text).writerows([(*HEADER, "Phone")[: max([4, *map(len, rows)])], *rows])
        return self.slack.upload(user or self.slack.staff, "balances", name, text.getvalue().encode())

    def sheet(self, entries: int, *, cents: int = 12345) -> list[list[object]]:
        """Make one line for each of the firm's first matters, each of another amount."""
        users = [user.name for user in self.firm.users if user.enabled and not user.clio_connect]
        matters = [matter for matter in self.firm.matters if matter.billable and matter.visible]
        return [
            [matter.display_number, users[place % len(users)], f"{(cents + place) / 100:.2f}", ""]
            for place, matter in enumerate(matters[:entries])
        ]

    def thread(self) -> list[Any]:
        """The thread of the newest file that was dropped into the channel itself, or what goes on in its place."""
        tops = self.slack.tops("balances")
        shared = [one for one in tops if one.is_tombstone or (one.files and one.user != self.slack.bot.id)]
        there = shared or tops
        return self.slack.thread("balances", there[-1].ts) if there else []

    def said(self) -> Any:
        """The last message that the bot wrote in the newest thread; workbooks and calls come beside it."""
        return [one for one in self.spoken() if not MENTION.fullmatch(one.text)][-1]

    def spoken(self) -> list[Any]:
        """All that the bot wrote in the newest thread, its workbooks apart."""
        return [one for one in self.thread() if one.user == self.slack.bot.id and not one.files]

    def told_directly(self, user: Any) -> list[Any]:
        """All that the bot wrote to one person in direct messages, but who reads along in a channel."""
        said = [one for one in self.slack.messages(user) if one.user == self.slack.bot.id]
        return [one for one in said if one.text != AUDIENCE]

    def mentions(self) -> list[str]:
        """What the short messages of the newest thread say, which call people when it is their turn."""
        return [self.slack.plain(one) for one in self.spoken() if MENTION.fullmatch(one.text)]

    def text(self) -> str:
        """All that stands in the newest thread."""
        return "\n".join(self.slack.plain(message) for message in self.thread())

    def until(self, words: str, *, timeout: float = 20.0) -> str:
        """Wait until the newest thread says something."""
        self.slack.wait_for(lambda: words in self.text(), timeout=timeout)
        return self.text()

    def told(self, user: Any) -> str:
        """What was last said to one person alone."""
        messages = self.slack.ephemerals(user)
        return self.slack.plain(messages[-1]) if messages else ""

    def click(self, user: Any, label: str, message: Any = None, **more: Any) -> Any:
        """Click a button once it is there."""

        def clicked() -> Any:
            try:
                return [self.slack.click(user, label, message, **more)]
            except LookupError:
                return None

        return self.slack.wait_for(clicked)[0]

    def approve(self, user: Any = None) -> Any:
        self.until("ready for approval")
        return self.click(user or self.slack.manager, "Approve")

    def send(self, body: bytes, kind: str = "application/x-www-form-urlencoded") -> requests.Response:
        """Send what nobody's hand in the pretend Slack sends, signed as Slack signs it."""
        stamp = str(int(time.time()))
        mac = hmac.new(self.slack.signing_secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
        headers = {
            "Content-Type": kind,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={mac.hexdigest()}",
        }
        return requests.post(self.slack.events_url or "", data=body, headers=headers, timeout=5)

    # Forms

    def form(self, user: Any, words: str = "") -> Any:
        """Wait until a person has a form before them, and one that says this."""

        def newest() -> Any:
            there = self.slack.views(user)
            return there[-1] if there and words in self.slack.plain(there[-1]) else None

        return self.slack.wait_for(newest)

    def open_form(self, user: Any, label: str, words: str = "") -> Any:
        """Click what opens a form."""
        self.click(user, label)
        return self.form(user, words)

    def choose(self, user: Any, label: str, message: Any = None, **more: Any) -> Any:
        """Choose in the menu of a preview, once it is there, and return the form that opens."""
        before = len(self.slack.views(user))
        self.pick(user, label, message, **more)
        self.slack.wait_for(lambda: len(self.slack.views(user)) > before)
        return self.slack.views(user)[-1]

    def pick(self, user: Any, label: str, message: Any = None, **more: Any) -> None:
        """Choose in the menu of a preview, once it is there, whatever comes of it."""

        def picked() -> bool:
            try:
                self.slack.choose(user, "balances_more", label, message, **more)
            except LookupError:
                return False
            return True

        self.slack.wait_for(picked)

    def offered(self, message: Any = None) -> list[str]:
        """List what the menu of a preview offers."""
        blocks = (message or self.said()).blocks
        menus = [part for block in blocks for part in block.get("elements", []) if part["type"] == "overflow"]
        return [option["text"]["text"] for menu in menus for option in menu["options"]]

    def not_chosen(self, user: Any, label: str, message: Any = None, **more: Any) -> str:
        """Choose in the menu of a preview and return what that person alone is told in place of a form."""
        before, forms = len(self.slack.ephemerals(user)), len(self.slack.views(user))
        self.pick(user, label, message, **more)
        self.slack.wait_for(lambda: len(self.slack.ephemerals(user)) > before)
        assert len(self.slack.views(user)) == forms
        return self.told(user)

    def date(self, user: Any, day: Any, message: Any = None) -> Any:
        """Choose another day for all entries; returns how the bot answered the form."""
        return self.slack.submit(user, self.choose(user, "Change the date", message), {"Date of the entries": day})

    def shortcut(self, user: Any, message: Any = None, *, viewing: Any = None) -> Any:
        """Use the shortcut of a message, or the global one."""
        name = "balances_message" if message else "balances_form"
        return self.slack.use_shortcut(user, name, message, viewing=viewing)

    def home(self, user: Any, words: str = "") -> str:
        """Open the Home tab and wait until it says this."""
        self.slack.open_home(user)

        def shown() -> str:
            view = self.slack.home(user)
            text = self.slack.plain(view) if view else ""
            return text if words in text else ""

        return str(self.slack.wait_for(shown))

    def reject(self, user: Any, reason: str | None = "Not the right month.", message: Any = None, **more: Any) -> Any:
        """Click Reject, write the reason and send the form; returns how the bot answered it."""
        before = len(self.slack.views(user))
        self.slack.click(user, "Reject", message, **more)
        self.slack.wait_for(lambda: len(self.slack.views(user)) > before)
        return self.slack.submit(user, self.slack.views(user)[-1], {"Reason": reason} if reason else {})

    # Books

    def batch(self, number: int = 1) -> Batch:
        return self.store.batches.get(number)

    def entries(self, number: int = 1) -> list[Entry]:
        return self.store.entries.of_batch(number)

    def states(self, number: int = 1) -> list[EntryState]:
        return [entry.state for entry in self.entries(number)]

    def posts(self) -> list[Any]:
        return [call for call in self.clio.calls if call.method == "POST" and call.path.endswith("/activities.json")]

    # A world that several tests share: each brings its own file and its own matters

    _ready_with: dict[str, Any] | None = None
    _given = 0

    def ready(self, **more: Any) -> "World":
        """Take all faults away and see that a bot of these settings runs; what is kept stays."""
        self.slack.up()
        self.slack.faults.clear()
        self.slack.rules.subscriptions = Rules().subscriptions
        self.slack.rules.retry_pauses = (0, 0.2, 0.2)
        self.clio.faults.clear()
        self.clio.start()
        self.clio.sign_in()
        if self.bot is None or self._ready_with != more:
            self.stop()
            self.start(**more)
            self._ready_with = more
        return self

    def fresh(self, entries: int = 1, *, cents: int = 12345) -> list[list[object]]:
        """Make lines of matters that no earlier call was given."""
        first, self._given = self._given, self._given + entries
        return self.sheet(self._given, cents=cents)[first:]

    def newest(self) -> Batch:
        """Read the batch of the newest upload; wait for the first, so that a wait may ask for it."""
        found: Batch = self.slack.wait_for(lambda: self.store.batches.newest(TEAM, 1))[0]
        return found

    def left_out(self, number: int) -> dict[int, str]:
        """Say of each row that is not posted why."""
        return {line.row: line.left_out for line in self.store.lines.of_batch(number) if line.left_out}

    def preview(self, rows: Sequence[Sequence[object]], *, name: str = "AR.csv", user: Any = None) -> Batch:
        """Drop a file and wait for its preview."""
        file = self.drop(rows, name=name, user=user)
        self.slack.wait_for(lambda: "fingerprint" in self.text(), timeout=20)
        batch = self.newest()
        assert batch.file_id == file.id
        return batch

    def sent(self) -> list[dict[str, Any]]:
        """List every message and edit as Slack got it, those that it refused too."""
        return [call.args for call in self.slack.calls if call.method in {"chat.postMessage", "chat.update"}]

    # A batch on its way

    def restart(self, **more: Any) -> "World":
        """Stop the bot and start it again, with other settings if some are given."""
        self.stop()
        return self.start(**more)

    def events_of(self, file: Any) -> list[str]:
        """Name the events of a file that were written down; the bot's own workbooks have none."""
        with self.store.transaction() as db:
            rows = db.execute("SELECT event_id FROM seen_event WHERE file_id = ? ORDER BY seen_at", (file.id,))
            return [str(row[0]) for row in rows]

    def begin(self, rows: Sequence[Sequence[object]], *, name: str = "AR.csv") -> int:
        """Drop lines, have a manager approve them, and return the batch's number."""
        number = self.preview(rows, name=name).id
        self.click(self.slack.manager, "Approve")
        return number

    def wait_for_status(self, status: BatchStatus, number: int = 1, *, timeout: float = 20.0) -> str:
        """Wait until a batch has a status and Slack shows all that is owed; return the newest thread."""

        def is_there() -> bool:
            batch = self.batch(number)
            due = batch.results_due or batch.read_back_due
            if status in {BatchStatus.POSTED, BatchStatus.STOPPED, BatchStatus.UNDONE}:
                due = due or batch.read_back is None
            return batch.status is status and not due and not self.store.messages.owed()

        self.slack.wait_for(is_there, timeout=timeout)
        return self.text()

    def finish(self, number: int = 1, *, timeout: float = 20.0) -> str:
        """Wait until a batch is posted, read back and told."""
        return self.wait_for_status(BatchStatus.POSTED, number, timeout=timeout)

    def shows(self, batch: Batch, words: str) -> str:
        """Wait until the preview of a batch says something, and return all that it says."""

        def text() -> str:
            said = self.slack.plain(self.message("preview", batch.id))
            return said if words in said else ""

        return str(self.slack.wait_for(text, timeout=20))

    def done(self, batch: Batch, *, timeout: float = 20.0) -> None:
        """Wait until a batch is posted and read back, so that nothing of it comes into the next test."""
        self.slack.wait_for(lambda: self.batch(batch.id).read_back is not None, timeout=timeout)

    def press(self, label: str, number: int = 1, *, user: Any = None) -> None:
        """Click what lets a batch go on, and wait until it does."""
        before = self.batch(number).episode
        self.click(user or self.slack.manager, label)
        self.slack.wait_for(lambda: self.batch(number).episode > before)

    def refused(self, user: Any, label: str, message: Any = None, **more: Any) -> str:
        """Click and return what the clicker alone is told."""
        before = len(self.slack.ephemerals(user))
        self.click(user, label, message, **more)
        self.slack.wait_for(lambda: len(self.slack.ephemerals(user)) > before)
        return self.told(user)

    def asked(self, user: Any, text: str) -> str:
        """Type /balances and return the answer."""
        answer = self.slack.command(user, text)
        assert answer.message is not None, answer
        return self.slack.plain(answer.message)

    def labels(self) -> list[str]:
        """List the buttons of the newest thread, top to bottom."""
        return [
            part["text"]["text"]
            for message in self.thread()
            for block in message.blocks
            for part in block.get("elements", [])
            if part["type"] == "button"
        ]

    def with_button(self, label: str) -> Any:
        """Find the newest message of the thread with a button."""
        return next(
            message
            for message in reversed(self.thread())
            for block in message.blocks
            for part in block.get("elements", [])
            if part["type"] == "button" and part["text"]["text"].startswith(label)
        )

    def amend(
        self,
        change: Callable[[Any, dict[str, Any]], None],
        *,
        method: str = "POST",
        path: str = "/activities.json",
        matter: int | None = None,
        nth: int = 1,
        times: int | None = 1,
    ) -> None:
        """Let Clio answer otherwise than its books say: `change` gets the answer and its body to work on.

        A body that `change` writes itself, by `set_data`, goes out as it is. `matter` is the one that the body names.
        """
        seen = 0

        def listen(request: Any, response: Any) -> None:
            nonlocal seen
            if request.method != method or not request.path.endswith(path):
                return
            if matter is not None and (request.environ["clio.call"].data or {}).get("matter") != {"id": matter}:
                return
            seen += 1
            if seen < nth or (times is not None and seen >= nth + times):
                return
            before = response.get_data()
            body = json.loads(before or b"{}")
            change(response, body)
            if before and response.get_data() == before:
                response.set_data(json.dumps(body))

        self.clio.on_exchange.append(listen)

    def hold(self, *, method: str = "POST", path: str = "/activities.json", nth: int = 1) -> "Held":
        """Keep one answer of Clio's back until it is let go: what was asked is done already."""
        held = Held()

        def wait(response: Any, body: dict[str, Any]) -> None:
            held.reached.set()
            held.go.wait(10)

        self.amend(wait, method=method, path=path, nth=nth)
        return held

    def assert_truth(self, number: int = 1, *, others: Sequence[Any] = ()) -> None:
        """Books, thread and status agree: each entry one fate, Clio's ledger equal to the cent.

        `others` are Clio's entries that people made.
        """
        batch, entries = self.batch(number), self.entries(number)
        held = {found.id: found for found in self.clio.time_entries}
        for other in others:
            held.pop(other.id, None)
        ours = [one for one in entries if one.state in {EntryState.POSTED, EntryState.WRONG}]
        assert sorted(held) == sorted(one.clio_id or 0 for one in ours)
        posted = [one for one in ours if one.state is EntryState.POSTED]
        for one in posted:
            found = held[one.clio_id]
            assert (found.matter_id, found.user_id, found.total, found.price, found.date, found.note) == (
                one.matter_id,
                one.user_id,
                one.amount,
                one.amount,
                one.date,
                one.note,
            )
            assert found.flat_rate
            assert not found.non_billable
        if batch.status in {BatchStatus.POSTED, BatchStatus.STOPPED}:
            assert not {EntryState.PLANNED, EntryState.SENDING} & {one.state for one in entries}
        amount = sum((one.amount for one in posted), Decimal(0))
        shown = f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"
        progress = f"{len(posted):,} of {len(entries):,} posted, {shown}"
        status = self.asked(self.slack.manager, f"status B{number}")
        self.slack.wait_for(lambda: self.is_shown("status", number))  # an edit, which comes in its own time
        living = self.slack.plain(self.message("status", number))
        told = [status]
        if batch.status in {BatchStatus.POSTED, BatchStatus.STOPPED}:
            told.append(self.slack.plain(self.message(f"closing-{batch.episode}", number)))
        elif batch.status is BatchStatus.PAUSED:
            told.append(self.slack.plain(self.message(f"halt-{batch.episode}", number)))
        assert all(progress in said for said in told), (told, progress)
        whole = {1: "The entry is", 2: "Both entries are"}.get(len(entries), f"All {len(entries):,} entries are")
        posted_words = f"{whole} posted." if len(posted) == len(entries) else "Posting is over, and not all"
        over = {BatchStatus.POSTED: posted_words, BatchStatus.STOPPED: "Stopped.", BatchStatus.PAUSED: "Paused."}
        assert living.startswith(over.get(batch.status, living)), living

    def message(self, slot: str, number: int = 1) -> Any:
        """Find one message of a batch as Slack shows it; the books learn of its ts only from Slack's answer."""

        def shown() -> Any:
            kept = self.store.messages.find(number, slot)
            assert kept is not None, slot
            return next((one for one in self.slack.messages(kept.channel) if one.ts == kept.ts), None)

        return self.slack.wait_for(shown)

    def is_shown(self, slot: str, number: int = 1) -> bool:
        """Tell whether Slack shows the newest version of a message."""
        kept = self.store.messages.find(number, slot)
        return kept is not None and kept.shown == kept.wanted

    def assert_ledger_equals(self, number: int = 1) -> None:
        """Clio holds exactly what this batch says is posted: no entry more, no cent less."""
        ours = sorted(
            (entry.matter_id, entry.user_id, entry.amount)
            for entry in self.entries(number)
            if entry.state is EntryState.POSTED
        )
        clios = sorted((entry.matter_id, entry.user_id, entry.total) for entry in self.clio.time_entries)
        assert clios == ours


class Held:
    """An answer that is kept back."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.go = threading.Event()

    def __enter__(self) -> "Held":
        """Go on once Clio was asked; the answer is let go at the end."""
        assert self.reached.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.go.set()


@contextmanager
def shared(folder: Path, firm: Firm) -> Iterator[World]:
    """Open a world for the tests of one module; at its end all that was said must have been sayable."""
    world = World(folder, firm)
    try:
        yield world.ready()
        for message in world.sent():
            for block in message.get("blocks") or []:
                with suppress(NotImplementedError):  # a block that slackblocks cannot read yet
                    as_slackblocks(block)
        assert world.contract.violations == []
    finally:
        world.close()


def tables_of(blocks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """List the tables among blocks, those in folds too."""
    inside = [one for block in blocks for one in (block["child_blocks"] if block["type"] == "container" else [block])]
    return [one for one in inside if one["type"] in {"data_table", "table"}]


def as_slackblocks(block: dict[str, Any]) -> sb.Block:
    """Build a block with slackblocks, which raises where one of Slack's limits is passed."""
    match block["type"]:
        case "actions" if all(part["type"] == "button" for part in block["elements"]):
            return sb.ActionsBlock([_button(part) for part in block["elements"]])
        case "data_table":
            rows = [[_cell(cell) for cell in row] for row in block["rows"]]
            return sb.DataTableBlock(rows, block["caption"], page_size=block["page_size"])
        case "section":  # slackblocks does not know `expand`
            return sb.Block.from_dict({"type": "section", "text": block["text"]})
        case _:
            return sb.Block.from_dict({name: value for name, value in block.items() if name != "block_id"})


def _button(part: dict[str, Any]) -> sb.Button:
    asked = part.get("confirm")
    confirm = (
        sb.ConfirmationDialogue(*(asked[key]["text"] for key in ("title", "text", "confirm", "deny")))
        if asked
        else None
    )
    return sb.Button(part["text"]["text"], part["action_id"], value=part["value"], style=part.get("style"),
                     confirm=confirm)  # fmt: skip


def _cell(cell: dict[str, Any]) -> Any:
    match cell["type"]:
        case "raw_text":
            return sb.RawText(cell["text"])
        case "raw_number":
            return sb.RawNumber(float(cell["value"]), cell["text"])
        case _:
            leaves = [sb.RichTextLink(leaf["url"], leaf["text"]) for leaf in cell["elements"][0]["elements"]]
            return sb.RichTextBlock(sb.RichTextSection(leaves))


def environment(world: World, port: int, timing: Timing = FAST) -> dict[str, str]:
    """The environment of a bot in a process of its own."""
    return os.environ | {
        "SLACK_BOT_TOKEN": world.slack.bot_token,
        "SLACK_SIGNING_SECRET": world.slack.signing_secret,
        "SLACK_API_URL": world.slack.api_url,
        "CLIO_ACCESS_TOKEN": "clio-sandbox-token",
        "CLIO_API_URL": world.clio.url,
        "CLIO_REGION": "us",
        "BALANCES_DB": world.place.secret if isinstance(world.place, PostgresUrl) else str(world.db),
        "BALANCES_KEYS": KEY if world.server else "",
        "BALANCES_APPROVERS": f"{world.slack.manager.id},{world.slack.partner.id}",
        "BALANCES_TIMEZONE": "America/New_York",
        "BALANCES_TIMING": timing.model_dump_json(),
        "PORT": str(port),
        "NO_PROXY": "127.0.0.1",
    }


def spawn(env: dict[str, str], log: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start the bot as a person would, in a process of its own."""
    command = [sys.executable, "-m", "brought_forward.bot", "serve", *options]
    with log.open("ab") as out:
        return subprocess.Popen(command, env=env, stdout=out, stderr=out)


Predicate = Callable[[], Any]
