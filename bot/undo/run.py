"""The undo of a batch: each entry read fresh, deleted only if it is ours, unbilled, on no bill and unchanged.

docs/architecture.md tells the protocol. A delete names an id, so it may be sent again: what is gone stays gone.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.clio.shapes import NamedEntry
from brought_forward.bot.errors import (
    ClioBusy,
    ClioElsewhere,
    ClioError,
    ClioRejected,
    ClioRetired,
    ClioSignedOut,
    ClioUnclear,
    ClioUnreached,
    Stopping,
    pause_for,
)
from brought_forward.bot.messages import undo as words
from brought_forward.bot.posting.halt import ACCOUNT, AWAY, PERSON, RETIRED, SIGNED_OUT, UNANSWERED
from brought_forward.bot.posting.life import SILENT, Silence
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.bot.undo.keep import why_kept
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.records.entry import SENDS, Outcome, Reversal
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

CHUNK = 25  # entries between two checkpoints of the engine
WAITS = (SIGNED_OUT, AWAY, ACCOUNT)  # an undo that waits for one of these goes on by itself


@dataclass(slots=True)
class UndoRun:
    """Move batches that are being undone to their end."""

    store: Store
    connections: Connections
    thread: BatchThread
    timing: Timing
    start: Callable[[RunKind, int], None]
    stopping: threading.Event
    _tell_at: dict[int, float] = field(default_factory=dict)  # by batch: one holds back no other's
    _silences: dict[int, tuple[str, Silence]] = field(default_factory=dict)  # by batch, of its newest run here

    def move(self, number: int, token: str) -> bool:
        """Move an undo by one chunk. Returns True where more is to be moved."""
        if self.store.batches.is_current(number, token) is not BatchStatus.UNDOING:
            return False
        if self.store.batches.begin_run(number, token):
            self.thread.undoing(number)
        try:
            return self._chunk(number, token)
        except Stopping:
            return False
        except ClioBusy:
            return True
        except ClioElsewhere:
            return self._halt(number, ACCOUNT, words.OTHER_ACCOUNT)
        except ClioSignedOut as out:
            return self._halt(number, SIGNED_OUT, words.signed_out(str(out)))
        except ClioRetired as gone:
            return self._halt(number, RETIRED, str(gone))
        except ClioError as away:
            return self._halt(number, AWAY, words.away(str(away)))

    def waiting(self) -> list[Batch]:
        """List the batches whose undo only waits for Clio, for a sign-in or for the right account."""
        return self.store.undoing.waiting(WAITS)

    def resume(self, firm: str, account: str) -> None:
        """Let undos of a firm go on whose account answers."""
        for batch in self.waiting():
            if batch.firm == firm and batch.account == account:
                with self.store.transaction():
                    won = self.store.undoing.go_on(batch.id, WAITS)
                    if won:
                        self.thread.undoing(batch.id)
                if won:
                    self.start(RunKind.UNDO, batch.id)

    def _chunk(self, number: int, token: str) -> bool:
        for place in range(CHUNK):
            batch = self.store.batches.get(number)
            if self.stopping.is_set() or batch.status is not BatchStatus.UNDOING or batch.run_token != token:
                return False
            if batch.halt in WAITS:
                return False
            if batch.halt:  # a person stopped it, or Clio did
                self.store.undoing.keep_untried(batch, token, words.NOT_ITS_TURN)
            elif place == 0 and self.connections.of(batch.firm).account != batch.account:
                # Ids of one account mean nothing in another: everything would look as if it were gone.
                return self._halt(number, ACCOUNT, words.OTHER_ACCOUNT)
            silence = self._silence(batch, token)
            reversal = self.store.undoing.next(batch, unanswered=silence.quiet)
            if reversal is None and silence.quiet:
                silence.over()
                continue
            if reversal is None:
                return self._end(batch, token)
            wait = self.store.clock.until(reversal.look_at) if reversal.look_at else 0.0
            if wait > 0:
                pause_for(self.stopping, min(wait, 1.0))
                continue
            self._one(batch, reversal, token)
            self._tell(batch)
        return True

    def _silence(self, batch: Batch, token: str) -> Silence:
        run, silence = self._silences.get(batch.id, ("", None))
        if run != token or silence is None:
            silence = Silence(quiet=self.store.undoing.unanswered(batch) >= SILENT)
            self._silences[batch.id] = (token, silence)
        return silence

    # Entry by entry: the order of the statements here is the protocol

    def _one(self, batch: Batch, reversal: Reversal, token: str) -> None:
        """Read an entry, and delete it where nothing speaks against it. Raises a ClioError."""
        read_at = self._read(batch, reversal, token)
        if read_at is None:
            return
        if self._silence(batch, token).quiet:  # all without an answer are looked at before another DELETE goes
            self.store.undoing.looked(batch, reversal)
            return
        self.connections.at(batch).pace.wait(run=True)
        if time.monotonic() - read_at > self.timing.fresh:
            # Our turn was long in coming: somebody may have billed or changed it, so what was read counts no more.
            read_at = self._read(batch, reversal, token)
            if read_at is None:
                return
        if self.store.undoing.claim(batch, reversal, token):
            self._delete(batch, reversal, token, self._silence(batch, token), by=read_at + self.timing.fresh)

    def _read(self, batch: Batch, reversal: Reversal, token: str) -> float | None:
        """Read an entry fresh and settle it unless it is to be deleted: then when it was read, by the monotonic clock.

        Raises a ClioError.
        """
        store = self.store.undoing
        if batch.halt == RETIRED:
            store.stays(batch, reversal, token, Outcome.FAILED, words.LOOK_THERE)
            return None
        try:
            clio = self.connections.at(batch)
        except ClioElsewhere:
            if not batch.halt:
                raise
            store.stays(batch, reversal, token, Outcome.KEPT, words.HIDDEN)  # a person has stopped it meanwhile
            return None
        try:
            found = clio.named_entry(reversal.clio_id)
            if found and found.entry.non_billable is None:
                found = clio.named_entry(reversal.clio_id)
            read_at = time.monotonic()
            shown = found is not None or bool(clio.matters_of([reversal.entry.matter_id]))
        except ClioRejected as refusal:
            store.stays(batch, reversal, token, Outcome.FAILED, words.not_shown(str(refusal)))
            return None
        if found is None and shown:
            store.reversed(batch, reversal, words.LOST if reversal.sent else words.GONE)
        elif found is None:
            # Clio answers 404 too for what the connected user may not see.
            store.stays(batch, reversal, token, Outcome.KEPT, words.HIDDEN)
        elif why := self._why_kept(batch, reversal, found):
            store.stays(batch, reversal, token, Outcome.KEPT, why)
        elif batch.halt:
            store.stays(batch, reversal, token, Outcome.KEPT, words.STOPPED)
        elif reversal.tries >= SENDS:
            store.stays(batch, reversal, token, Outcome.FAILED, words.no_answer(reversal.tries))
            self._halt(batch.id, UNANSWERED, words.UNANSWERED)
        else:
            return read_at
        return None

    def _why_kept(self, batch: Batch, reversal: Reversal, found: NamedEntry) -> str | None:
        owner = self.store.undoing.owner(batch.account or "", found.entry.id)
        if found.entry.id != reversal.clio_id or owner != reversal.entry.id:
            return words.NOT_OURS
        return why_kept(reversal.entry, found, batch)

    def _delete(self, batch: Batch, reversal: Reversal, token: str, silence: Silence, *, by: float) -> None:
        store = self.store.undoing
        try:
            self.connections.at(batch).delete_time_entry(reversal.clio_id, by=by)
        except ClioRejected as refusal:
            silence.answered()
            if refusal.status == 404:
                store.reversed(batch, reversal, words.LOST if reversal.sent else words.GONE)
            else:
                store.stays(batch, reversal, token, Outcome.FAILED, str(refusal))
        except (ClioBusy, ClioSignedOut, ClioRetired):
            store.not_sent(batch, reversal)
            raise
        except ClioUnreached:  # before ClioUnclear: nothing went out (no connection, or too late), so it is read again
            store.not_sent(batch, reversal)
        except ClioUnclear as unclear:
            log.warning("no clear answer to the delete of entry=%d: %s", reversal.entry.id, unclear)
            silence.unanswered()
            store.later(batch, reversal, self.timing.second_look)
        else:
            silence.answered()
            store.reversed(batch, reversal, None)

    # The end

    def _halt(self, number: int, halt: str, text: str) -> bool:
        """Wait for what is missing, or end where nothing can bring it back; say so."""
        log.warning("the undo of batch=%d halted: %s", number, halt)
        with self.store.transaction():
            done = self.store.undoing.halt(number, halt=halt, text=text, over=[PERSON] if halt == RETIRED else [])
            if done:
                self.thread.undoing(number)
        if done:
            return halt not in WAITS
        # A person has stopped it, and what is under way cannot be looked at yet.
        return not self.stopping.wait(min(self.timing.sweep, 30.0))

    def _end(self, batch: Batch, token: str) -> bool:
        with self.store.transaction():
            if not self.store.undoing.done(batch, token):
                return False
            self._silences.pop(batch.id, None)
            self.thread.undone(batch.id)
        self.start(RunKind.READ_BACK, batch.id)
        return False

    def _tell(self, batch: Batch) -> None:
        now = time.monotonic()
        if now >= self._tell_at.get(batch.id, 0.0):
            self._tell_at = {one: at for one, at in self._tell_at.items() if at > now}
            self._tell_at[batch.id] = now + self.timing.edit_gap
            self.thread.undoing(batch.id, living=True)
