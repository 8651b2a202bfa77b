"""The slots of a batch in the outbox: a message or a workbook in each, whatever it says."""

import itertools
from collections.abc import Callable, Sequence

from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.messages.approval import Approving
from brought_forward.bot.messages.blocks import Text
from brought_forward.bot.messages.entry_form import to_try
from brought_forward.bot.messages.status import Tallies
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack.mentions import Mentions
from brought_forward.bot.slack.outbox import Outbox
from brought_forward.storage.records.batch import Ahead, Batch, BatchStatus, EntryForm
from brought_forward.storage.store import Store


class Slots:
    """Fill slots; what a batch has to say is made by its heir."""

    def __init__(
        self,
        store: Store,
        firms: Firms,
        connections: Connections,
        outbox: Outbox,
        approving: Callable[[Batch], Approving],  # who could approve a batch, as far as is known without asking Slack
    ) -> None:
        self._approving = approving
        self._store = store
        self._firms = firms
        self._connections = connections
        self._outbox = outbox
        self._mentions = Mentions(store, self.say)

    def attach(self, batch: Batch, attach: str, slot: str, file_name: str) -> None:
        """Attach a workbook, made when it is sent; a later one of the same name is numbered."""
        self._store.attachments.owe(
            firm=batch.firm,
            batch=batch.id,
            slot=slot,
            channel=batch.channel,
            thread_ts=batch.thread_ts,
            attach=attach,
            file_name=self._numbered(batch, slot, file_name),
        )

    def _numbered(self, batch: Batch, slot: str, file_name: str) -> str:
        there = set(self._store.attachments.names(batch.id, but=slot))
        stem, dot, kind = file_name.rpartition(".")
        names = (f"{stem}{f' {number}' if number > 1 else ''}{dot}{kind}" for number in itertools.count(1))
        return next(name for name in names if name not in there)

    def say(self, batch: Batch, slot: str, text: Text, *, edit_gap: float = 0.0) -> None:
        """Say it, or change what stands in that slot; `edit_gap` seconds at least after the last change."""
        self._store.messages.say(
            firm=batch.firm,
            batch=batch.id,
            slot=slot,
            channel=batch.channel,
            thread_ts=batch.thread_ts,
            text=text.text,
            blocks=text.json(),
            edit_gap=edit_gap,
        )
        self._store.homes.changed(batch.firm, self._firms.deployment.timing.home_gap)
        self._outbox.wake()

    def clicked(self, batch: Batch, action: str, ts: str, entry: int | None = None) -> None:
        """Redraw a copy that somebody clicked: a message may be sent twice when Slack's answer is lost.

        `entry` is what the button names beside its batch: below a question, the question.
        """
        closing = f"closing-{batch.episode}"
        halt = self._halt_slot(batch)
        slots = {
            "pause": ["status"],
            "stop": [halt, "status"] if batch.status is BatchStatus.PAUSED else ["status", halt],
            "go_on": [halt, closing],
            "retry_refused": [halt, closing],
            "remove_entry": [halt, closing],
            "look_again": [halt, closing],
            "form": [halt, closing, "preview"],
            "undo": [closing],
            "undo_named": [],  # in an answer to one person, which nobody can redraw
            "reply": [f"query-{entry}"],
            "take_back": [f"query-{entry}"],
            "stop_undo": [f"undo-{batch.episode}"],
        }.get(action, ["preview"])  # where all else is clicked
        known = [found for slot in slots if (found := self._store.messages.find(batch.id, slot))]
        if known and ts and ts not in {message.ts for message in known}:
            self._store.messages.clicked(batch.id, known[0].slot, ts)
            self._outbox.wake()

    def _next_form(self, batch: Batch, tallies: Tallies) -> EntryForm | None:
        proved = self._store.forms.is_proved(batch.account or "", batch.form)
        return to_try(batch, tallies, proved=proved)

    def _seconds(self, batch: Batch, calls: int, ahead: Sequence[Ahead]) -> tuple[float, float]:
        """Estimate how long so many calls take once it is their turn, and how long until then."""
        pace, before = self._connections.of(batch.firm).clio.pace, sum(one.calls for one in ahead)
        seconds_ahead = pace.seconds_left(before)
        return pace.seconds_left(before + calls) - seconds_ahead, seconds_ahead

    def _halt_slot(self, batch: Batch) -> str:
        return f"halt-{batch.episode}"
