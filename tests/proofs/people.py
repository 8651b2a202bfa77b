"""The manager of one small batch: approves what is offered, presses what is left, and asks how it stands."""

import time
from contextlib import suppress
from pathlib import Path

from brought_forward.sandbox.slack import Answer, SlackSandbox
from proofs import books
from proofs.nursery import Life

AGAIN = 0.4  # seconds until a button is pressed again of which nothing came
STATUS = "SELECT status, (SELECT count(*) FROM message WHERE shown < wanted), coalesce(halt, '') FROM batch"


class People:
    """Look at the database, as a person looks at the thread, and press buttons as they are there."""

    def __init__(self, slack: SlackSandbox, db: Path) -> None:
        self._slack, self._db = slack, db
        self.presses: list[tuple[str, str]] = []  # at which status, which button: one after another
        self.late = False  # whether the batch was over before what was to be pressed meanwhile
        self._pressed_at = 0.0
        self._decided: int | None = None  # such decisions before the first press that is waited for

    def act(self) -> None:
        """Press what is to be pressed now; again where nothing came of it."""
        status, owed, halt = self._status()
        at, label = self.presses[0] if self.presses else ("", "")
        if self._decided is not None and self._decisions(label) > self._decided:
            self._decided = None
            self.presses.pop(0)
            return
        if time.monotonic() - self._pressed_at < AGAIN:
            return
        if status == "posted" and at == "posting":
            self.presses.clear()
            self.late = True
            return
        if status == "previewed":
            at, label = status, "Approve"
        elif halt == "unanswered" and (at, label) != ("paused", "Go on"):
            # Killed twice in the midst of one entry: it was sent as often as it may be, so a person decides.
            at, label = "paused", "Go on"
        if status != at or (owed and status != "posting"):
            return
        self._pressed_at = time.monotonic()
        is_meant = bool(self.presses) and self.presses[0] == (at, label)
        if is_meant and self._decided is None:  # what an earlier press decides may be kept only just now
            self._decided = self._decisions(label)
        with suppress(LookupError):  # the message is on its way
            self._slack.click(self._slack.manager, label)

    def status(self, life: Life) -> str:
        """Ask /balances status, as long as the bot lives."""
        end = time.monotonic() + 10
        answer: Answer | None = None
        while time.monotonic() < end and not life.is_over:
            answer = self._slack.command(self._slack.manager, "status B1")
            if answer.status == 200 and answer.message is not None:
                return self._slack.plain(answer.message)
            time.sleep(0.1)
        return f"no answer to /balances status: {answer}"

    def _decisions(self, label: str) -> int:
        """Count the decisions that a button stands for."""
        action = label.lower().replace(" ", "_")
        return int(
            books.ask(self._db, f"SELECT count(*) FROM decision WHERE allowed = 1 AND action = '{action}'")[0][0]
        )

    def _status(self) -> tuple[str, int, str]:
        rows = books.ask(self._db, STATUS)
        return rows[0] if rows else ("", 1, "")
