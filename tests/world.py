"""A whole world for a test: the sandbox's Slack and Clio, and the real bot between them over HTTP."""

import csv
import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from contract import Contract
from waitress.server import create_server

from brought_forward.bot.app import Bot
from brought_forward.bot.serve import EVENTS, build, wsgi
from brought_forward.bot.settings import Settings, Timing
from brought_forward.sandbox.clio import ClioSandbox, Firm
from brought_forward.sandbox.slack import SlackSandbox
from brought_forward.storage.records import Batch, Entry, EntryState
from brought_forward.storage.store import Store

FAST = Timing(
    connect=2.0,
    read=2.0,
    claim=1.0,
    settle=0.4,
    second_look=0.15,
    keep_asking=3.0,
    first_pause=0.05,
    edit_gap=0.0,
    post_gap=0.0,
    share_pause=0.05,
    sweep=0.3,
    poll=0.02,
)
HEADER = ("Matter", "User", "Balance", "Note")


class World:
    """Slack, Clio and a bot; `start` and `stop` the bot as often as you like."""

    def __init__(self, folder: Path, firm: Firm, **more: Any) -> None:
        self.db = folder / "balances.db"
        self.firm = firm
        self.contract = Contract()
        self.slack = SlackSandbox()
        self.slack.rules.retry_pauses = (0, 0.2, 0.2)
        self.clio = ClioSandbox(firm, limit=0)
        self.clio.on_exchange.append(self.contract)
        self.slack.start()
        self.clio.start()
        self.more = more
        self.bot: Bot | None = None
        self._server: Any = None

    def settings(self, **more: Any) -> Settings:
        given: dict[str, Any] = {
            "slack_bot_token": self.slack.bot_token,
            "slack_signing_secret": self.slack.signing_secret,
            "slack_api_url": self.slack.api_url,
            "clio_access_token": "clio-sandbox-token",
            "clio_api_url": self.clio.url,
            "clio_region": "us",
            "balances_db": self.db,
            "balances_approvers": (self.slack.manager.id, self.slack.partner.id),
            "balances_timezone": "America/New_York",
            "balances_timing": FAST,
        }
        return Settings(**given | self.more | more)

    # The bot in this process

    def start(self, **more: Any) -> "World":
        app, self.bot = build(self.settings(**more))
        self._app = app
        self._server = create_server(wsgi(app), host="127.0.0.1", port=0, threads=4)
        self.slack.events_url = f"http://127.0.0.1:{self._server.effective_port}{EVENTS}"
        self._worker = threading.Thread(target=self._server.run, daemon=True)
        self._worker.start()
        self.bot.start()
        return self

    def stop(self) -> None:
        if self.bot is None:
            return
        self._server.close()
        self._worker.join(5)
        self.bot.stop()
        self._app.listener_runner.listener_executor.shutdown()
        self.bot = None

    def close(self) -> None:
        self.stop()
        self.slack.stop()
        self.clio.stop()

    @property
    def store(self) -> Store:
        assert self.bot is not None
        return self.bot.store

    # People

    def drop(self, rows: Sequence[Sequence[object]], *, name: str = "AR.csv", user: Any = None) -> Any:
        """Staff drop a CSV of these rows; the header comes by itself."""
        text = io.StringIO()
        csv.writer(text).writerows([HEADER, *rows])
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
        """The thread of the newest file that was dropped."""
        tops = [message for message in self.slack.messages("balances") if message.files]
        return self.slack.thread("balances", tops[-1].ts) if tops else []

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

    def click(self, user: Any, label: str) -> Any:
        return self.slack.click(user, label, None)

    def approve(self, user: Any = None) -> Any:
        self.until("ready for approval")
        return self.click(user or self.slack.manager, "Approve")

    # Books

    def batch(self, number: int = 1) -> Batch:
        return self.store.batches.get(number)

    def entries(self, number: int = 1) -> list[Entry]:
        return self.store.entries.of_batch(number)

    def states(self, number: int = 1) -> list[EntryState]:
        return [entry.state for entry in self.entries(number)]

    def posts(self) -> list[Any]:
        return [call for call in self.clio.calls if call.method == "POST" and call.path.endswith("/activities.json")]

    def assert_ledger_equals(self, number: int = 1) -> None:
        """Clio holds exactly what this batch says is posted: no entry more, no cent less."""
        ours = sorted(
            (entry.matter_id, entry.user_id, entry.amount)
            for entry in self.entries(number)
            if entry.state is EntryState.POSTED
        )
        clios = sorted((entry.matter_id, entry.user_id, entry.total) for entry in self.clio.time_entries)
        assert clios == ours


def environment(world: World, port: int, timing: Timing = FAST) -> dict[str, str]:
    """The environment of a bot in a process of its own."""
    return os.environ | {
        "SLACK_BOT_TOKEN": world.slack.bot_token,
        "SLACK_SIGNING_SECRET": world.slack.signing_secret,
        "SLACK_API_URL": world.slack.api_url,
        "CLIO_ACCESS_TOKEN": "clio-sandbox-token",
        "CLIO_API_URL": world.clio.url,
        "CLIO_REGION": "us",
        "BALANCES_DB": str(world.db),
        "BALANCES_APPROVERS": f"{world.slack.manager.id},{world.slack.partner.id}",
        "BALANCES_TIMEZONE": "America/New_York",
        "BALANCES_TIMING": timing.model_dump_json(),
        "PORT": str(port),
        "NO_PROXY": "127.0.0.1",
    }


def spawn(env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start the bot as a person would, in a process of its own."""
    with log.open("ab") as out:
        return subprocess.Popen([sys.executable, "-m", "brought_forward.bot", "serve"], env=env, stdout=out, stderr=out)


Predicate = Callable[[], Any]
