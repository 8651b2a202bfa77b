"""The run: list what Clio has, then post entry by entry until nothing is left, paused or stopped."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from brought_forward.bot.clio.connection import Connection
from brought_forward.bot.clio.ledger import Ledger, read_ledger, standing
from brought_forward.bot.errors import (
    ClioBusy,
    ClioError,
    ClioRejected,
    ClioRetired,
    ClioSignedOut,
    ClioUnclear,
    Stopping,
)
from brought_forward.bot.previewing import Previewing
from brought_forward.bot.sending import Sending, same
from brought_forward.bot.settings import Timing
from brought_forward.bot.thread import Thread
from brought_forward.storage.records import Batch, BatchStatus, Entry, EntryState, RunKind
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

CHUNK = 25  # entries between two checkpoints of the engine; the truth of each is our own row
SAME_REFUSALS = 3  # in a row: something is wrong with more than one matter

# Why a batch is paused or stopped; what the code does about it.
SIGNED_OUT, AWAY = "signed_out", "away"  # the sweep tries again by itself
REFUSALS, DESCRIPTION, REFUSED, ACCOUNT = "refusals", "description", "refused", "account"  # a person goes on
WRONG, RETIRED, PERSON = "wrong", "retired", "person"  # stopped


class Halt(Exception):  # noqa: N818 - never leaves this module
    """Pause or stop the run; the text is for people."""

    def __init__(self, halt: str, text: str, *, stop: bool = False) -> None:
        super().__init__(text)
        self.halt = halt
        self.stop = stop


@dataclass(slots=True)
class Life:
    """What this process knows of a run: gone with it, so that the next process looks again."""

    proved: set[bool] = field(default_factory=set)  # of credits, of balances: one was posted and is as sent
    alone: int | None = None  # the entry that must be settled before another goes
    refusals: list[str] = field(default_factory=list)  # the last ones in a row


@dataclass(slots=True)
class Posting:
    """Move approved batches to their end."""

    store: Store
    connection: Connection
    sending: Sending
    previewing: Previewing
    thread: Thread
    timing: Timing
    start: Callable[[RunKind, int], None]
    stopping: threading.Event
    _lives: dict[str, Life] = field(default_factory=dict)
    _born: float = field(default_factory=time.monotonic)

    def move(self, number: int, token: str) -> bool:
        """Move a batch by one chunk; true where more is to be moved."""
        if self.store.batches.begin_posting(number, token):
            self.thread.status(number)
        status = self.store.batches.is_current(number, token)
        try:
            if status is BatchStatus.STOPPED:
                return self._end(number, token)
            if status is BatchStatus.POSTING:
                return self._chunk(number, token)
        except Stopping:
            return False
        except ClioBusy:
            return True
        except Halt as halt:
            return self._halt(number, token, halt)
        except ClioError as trouble:
            return self._halt(number, token, _halt_for(trouble))
        return False

    def _chunk(self, number: int, token: str) -> bool:
        life = self._lives.get(token)
        if life is None:
            life = self._begin(self.store.batches.get(number))
            if life is None:
                return False
            self._lives = {token: life}
        for _ in range(CHUNK):
            if self.stopping.is_set():
                return False
            if self.store.batches.is_current(number, token) is not BatchStatus.POSTING:
                return True  # paused, stopped or another run's: the next chunk finds out which
            if not self._step(self.store.batches.get(number), life):
                return self._end(number, token)
        return True

    # Before the first POST

    def _begin(self, batch: Batch) -> Life | None:
        """List once what Clio holds of the description; None where the batch went back to preview."""
        if self.connection.account != batch.account:
            raise Halt(ACCOUNT, f"The bot is now connected to another Clio account ({self.connection.account}) than"
                                f" when this was approved ({batch.account}).")  # fmt: skip
        if batch.listed_at is not None:
            # A restored back-up may be seconds old, and Clio's lists may lag behind what was posted since.
            self._pause(self._born + self.timing.second_look - time.monotonic())
        ledger = read_ledger(self.connection.clio, batch.description or "")
        if ledger.problem:
            raise Halt(DESCRIPTION, ledger.problem)
        if batch.listed_at is None:
            return self._first(batch, ledger)
        self._adopt(batch, ledger)
        if ledger.description is None or ledger.description.id != batch.description_id:
            raise Halt(DESCRIPTION, f'Clio no longer has the activity description "{batch.description}" that this batch'
                                    " was begun with. Bring it back under its name.")  # fmt: skip
        return Life()

    def _first(self, batch: Batch, ledger: Ledger) -> Life | None:
        """Begin a batch: what stands on its matters already sends it back to preview."""
        entries = self.store.entries.of_batch(batch.id)
        known = {
            matter: f"batch {name} posted it"
            for matter, name in self.store.entries.held_matters(batch.firm, but=batch.id).items()
        } | standing(ledger.entries, batch.currency or "")
        changes = [f"{entry.matter_number}: {known[entry.matter_id]}" for entry in entries if entry.matter_id in known]
        if changes:
            before = sum((entry.amount for entry in entries), start=entries[0].amount * 0)
            with self.store.transaction():
                self.thread.status(batch.id)
            if self.previewing.preview(batch.id):
                self.thread.drifted(batch.id, changes, before)
            return None
        description = ledger.description.id if ledger.description else self._create_description(batch.description or "")
        with self.store.transaction():
            self.store.entries.keep_older(batch.id, batch.firm, [found.id for found in ledger.entries])
            self.store.batches.listed(batch.id, description_id=description)
        return Life()

    def _create_description(self, name: str) -> int:
        """Create the activity description; where Clio's answer is missing, look twice before it is tried again."""
        clio = self.connection.clio
        clio.pace.wait()
        try:
            made = clio.create_description(name)
        except ClioUnclear:
            self._pause(self.timing.settle)
            for _ in range(2):
                found = read_ledger(clio, name)
                if found.problem:
                    raise Halt(DESCRIPTION, found.problem) from None
                if found.description:
                    return found.description.id
                self._pause(self.timing.second_look)
            raise
        if not made.flat_rate or made.name != name:
            raise Halt(
                DESCRIPTION, f'Clio made the activity description "{name}" otherwise than asked: not a flat rate.'
            )
        return made.id

    def _adopt(self, batch: Batch, ledger: Ledger) -> None:
        """Take as ours what stands in Clio and was sent before this database was restored from a back-up.

        Where somebody else has entered a matter's balance meanwhile, ours is refused rather than doubled.
        """
        older = self.store.entries.older_ids(batch.id)
        taken = self.store.entries.clio_ids()
        entries = self.store.entries.of_batch(batch.id)
        planned = [entry for entry in entries if entry.state is EntryState.PLANNED]
        for found in ledger.entries:
            if found.id in older or found.id in taken:
                continue
            ours = next((entry for entry in planned if same(entry, found)), None)
            if ours:
                planned.remove(ours)
                self.store.entries.adopt(ours.id, found.id, "already in Clio, not sent again")
                continue
            if any(same(entry, found) for entry in entries if entry.state is EntryState.SENDING):
                continue  # its look-up will find it
            for entry in [entry for entry in planned if entry.matter_id == found.matter_id]:
                planned.remove(entry)
                words = standing([found], batch.currency or "")[entry.matter_id]
                self.store.entries.refuse(entry.id, f"{words}, entered by someone else meanwhile")

    # Entry by entry

    def _step(self, batch: Batch, life: Life) -> bool:
        """Look up what is due, else send what is planned; false where nothing is left."""
        waiting = self.store.entries.next_to_look_up(batch.id)
        now = datetime.now(UTC)
        if waiting and waiting.look_at and waiting.look_at <= now:
            self._settled(batch, life, waiting, self.sending.look_up(waiting, batch, otherwise=EntryState.PLANNED))
            return True
        entry = None if self._must_wait(life) else self.store.entries.first(batch.id, EntryState.PLANNED)
        if entry is None:
            if waiting is None:
                return False
            self.thread.status(batch.id, living=True)
            self._pause(min((waiting.look_at or now).timestamp() - now.timestamp(), 1.0))
            return True
        self._settled(batch, life, entry, self.sending.send(entry, batch))
        return True

    def _must_wait(self, life: Life) -> bool:
        """Let the first entry of a run go alone, and its first credit: others follow once it is proved."""
        return life.alone is not None and self.store.entries.get(life.alone).state is EntryState.SENDING

    def _settled(self, batch: Batch, life: Life, entry: Entry, state: EntryState | None) -> None:
        if state is None:
            return
        credit = entry.amount < 0
        if state is EntryState.SENDING and credit not in life.proved:
            life.alone = entry.id
        elif state is EntryState.POSTED:
            life.proved.add(credit)
        if state is EntryState.REFUSED:
            self._count_refusal(life, self.store.entries.get(entry.id).reason or "")
        elif state in {EntryState.POSTED, EntryState.WRONG}:
            life.refusals.clear()
        if state is EntryState.WRONG:
            reason = self.store.entries.get(entry.id).reason or ""
            which = "after the first entry" if not life.proved else f"at {entry.matter_number}"
            raise Halt(WRONG, f"Stopped {which} ({entry.matter_number}): {reason} Nothing else was sent.", stop=True)
        self.thread.status(batch.id, living=True)

    def _count_refusal(self, life: Life, reason: str) -> None:
        life.refusals.append(reason)
        if len(life.refusals) >= SAME_REFUSALS and len(set(life.refusals[-SAME_REFUSALS:])) == 1:
            life.refusals.clear()
            raise Halt(
                REFUSALS,
                f'Paused after {SAME_REFUSALS} refusals for the same reason: "{reason}". Put that right in Clio, then'
                " Go on, or Stop.",
            )

    # The end

    def _halt(self, number: int, token: str, halt: Halt) -> bool:
        """Pause or stop, and say so; a stopped batch goes on to its results."""
        log.warning("batch=%d halted: %s", number, halt.halt)
        with self.store.transaction():
            if halt.stop:
                done = self.store.batches.stop(number, halt=halt.halt, text=str(halt))
                self.store.entries.change_all(number, [EntryState.PLANNED], EntryState.NOT_SENT)
            else:
                done = self.store.batches.pause(number, token, halt=halt.halt, text=str(halt))
            if done:
                self.thread.status(number)
                self.thread.halted(number)
        return done and halt.stop

    def _end(self, number: int, token: str) -> bool:
        """Settle what is still under way, then give the results; true where looks are still to come."""
        batch = self.store.batches.get(number)
        waiting = self.store.entries.next_to_look_up(number)
        if waiting and waiting.look_at:
            self._pause(min(waiting.look_at.timestamp() - datetime.now(UTC).timestamp(), 1.0))
            if waiting.look_at <= datetime.now(UTC):
                self.sending.look_up(waiting, batch, otherwise=EntryState.NOT_SENT)
                self.thread.status(number, living=True)
            return True
        with self.store.transaction():
            if batch.status is BatchStatus.STOPPED:
                self.store.batches.results_told(number)
            elif not self.store.batches.posted(number, token):
                return False
            self.thread.status(number)
            self.thread.results(number)
        self.start(RunKind.READ_BACK, number)
        return False

    def _pause(self, seconds: float) -> None:
        if seconds > 0 and self.stopping.wait(seconds):
            raise Stopping


def _halt_for(trouble: ClioError) -> Halt:
    """Say what a run does that Clio does not let go on."""
    if isinstance(trouble, ClioSignedOut):
        return Halt(
            SIGNED_OUT,
            "Clio no longer accepts our sign-in. Whoever runs the bot gives it a new CLIO_ACCESS_TOKEN and starts it"
            " again; posting then goes on by itself.",
        )
    if isinstance(trouble, ClioRetired):
        return Halt(RETIRED, f"{trouble} Nothing more is sent until then.", stop=True)
    if isinstance(trouble, ClioRejected):
        return Halt(REFUSED, f"Clio refused to show what it holds: {trouble} An administrator of Clio gives the app or"
                             " the connected user that permission; then Go on.")  # fmt: skip
    return Halt(AWAY, f"Clio has not answered for a while. {trouble} Posting goes on by itself when it does.")
