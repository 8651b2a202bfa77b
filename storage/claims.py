"""Claims: which entry may be sent or looked up next, by whom, how often, and what came of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from brought_forward.storage.database import Database, IntegrityError, places, stamp
from brought_forward.storage.entry_table import ENTRY, read_entry, seal
from brought_forward.storage.lines import Planning
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import Entry, EntryState

E = EntryState


class IdTaken(Exception):  # noqa: N818
    """Another entry of ours has this id of Clio's already; nothing was changed."""


class Claims(Planning):
    """Keep claims and attempts: the protocol of docs/architecture.md, "Posting exactly once"."""

    def next_to_send(self, batch: int) -> Entry | None:
        """Read the first planned entry that may be sent, on whose matter nothing is under way, or None."""
        rows = self._file.tuples(
            f"SELECT {ENTRY} FROM entry WHERE batch = ? AND state = ? AND unanswered < allowed AND matter_id NOT IN"
            " (SELECT matter_id FROM entry WHERE batch = ? AND state = ?) ORDER BY position LIMIT 1",
            (batch, E.PLANNED, batch, E.SENDING),
        )
        return read_entry(rows[0]) if rows else None

    def spent(self, batch: int) -> list[Entry]:
        """Read the planned entries that were sent so often without an answer that a person must allow it again."""
        return [
            read_entry(row)
            for row in self._file.tuples(
                f"SELECT {ENTRY} FROM entry WHERE batch = ? AND state = ? AND unanswered >= allowed ORDER BY position",
                (batch, E.PLANNED),
            )
        ]

    def allow_again(self, batch: int) -> None:
        """Let each planned entry that Clio never answered be sent once more: a person has decided so."""
        self._file.change(
            "UPDATE entry SET allowed = unanswered + 1 WHERE batch = ? AND state = ? AND unanswered >= allowed",
            (batch, E.PLANNED),
        )

    def next_to_look_up(self, batch: int, *, but: Sequence[int] = ()) -> Entry | None:
        """Read the `sending` entry that may be looked up first, or None; `but` are those still under way here."""
        others = f" AND id NOT IN ({places(but)})" if but else ""
        rows = self._file.tuples(
            f"SELECT {ENTRY} FROM entry WHERE batch = ? AND state = ?{others}"
            " ORDER BY look_at NULLS FIRST, position LIMIT 1",
            (batch, E.SENDING, *but),
        )
        return read_entry(rows[0]) if rows else None

    def claim(
        self,
        entry: int,
        token: str,
        *,
        settle: float,
        batch: int,
        revision: int,
        digest: str,
        run_token: str,
        epoch: str = "",
        clio_at: datetime | None = None,
    ) -> bool:
        """Claim a planned entry for one POST. Returns False where nobody may send it on this claim.

        It fails closed: a batch that is paused, stopped, corrected or moved by a newer run matches nothing, and neither
        does an entry that Clio gave no answer to as often as it may be sent. Where its answer is missing, the entry is
        not looked up within `settle` seconds. Nor does it claim where the database's life is another than `epoch`: one
        that came back may have lost that this was sent. `clio_at` is the time by Clio's clock; of an entry that had no
        answer before, the time of the first sending stays, since that may be carried out yet.
        """
        at, look_at, clios = stamp(), self._file.clock.stamp(after=settle), clio_at and stamp(clio_at)
        with self._file.transaction():
            if self._file.epoch() != epoch:
                return False
            changed = self._file.change(
                "UPDATE entry SET state = ?, token = ?, sent_at = ?, look_at = ?, reason = NULL,"
                " clio_at = CASE unanswered WHEN 0 THEN ? ELSE clio_at END WHERE id = ?"
                " AND state = ? AND unanswered < allowed AND EXISTS (SELECT 1 FROM batch WHERE id = ? AND status = ?"
                " AND revision = ? AND hash = ? AND run_token = ?)",
                (E.SENDING, token, at, look_at, clios, entry, E.PLANNED,
                 batch, BatchStatus.POSTING, revision, digest, run_token),
            )  # fmt: skip
            if changed == 1:
                self._file.change(
                    "INSERT INTO attempt (firm, batch, entry, matter_id, user_id, amount_cents, form, token, sent_at)"
                    " SELECT entry.firm, batch, entry.id, matter_id, entry.user_id, amount_cents, form, ?, ?"
                    " FROM entry JOIN batch ON batch.id = entry.batch WHERE entry.id = ?",
                    (token, at, entry),
                )
                seal(self._file, entry, "send")
        return changed == 1

    def settle(
        self,
        entry: int,
        token: str,
        state: EntryState,
        *,
        clio_id: int | None = None,
        reason: str | None = None,
        clio_note: str | None = None,
        found: bool = False,
        absent: bool = False,
    ) -> bool:
        """Say what became of a claimed entry; only the claim's own token may. `absent`: no answer, nor in Clio.

        Back to `planned` only where Clio surely has nothing. Raises IdTaken where another entry of ours has this id of
        Clio's.
        """
        at = stamp()
        with one_row_an_id(self._file), self._file.transaction():
            changed = self._file.change(
                "UPDATE entry SET state = ?, clio_id = ?, reason = ?, found = ?, settled_at = ?, look_at = NULL,"
                " clio_note = ?, unanswered = unanswered + ? WHERE id = ? AND token = ? AND state = ?",
                (state, clio_id, reason, int(found), at, clio_note, int(absent), entry, token, E.SENDING),
            )
            if changed == 1:
                self._file.change(
                    "UPDATE attempt SET settled_at = ?, outcome = ?, detail = ? WHERE token = ?",
                    (at, state, reason, token),
                )
                seal(self._file, entry)
        return changed == 1

    def wait(self, entry: int, token: str, *, detail: str) -> None:
        """Keep why an answer is missing; the entry stays `sending` until it is looked up."""
        self._file.change("UPDATE entry SET reason = ? WHERE id = ? AND token = ? AND state = ?",
                          (detail, entry, token, E.SENDING))  # fmt: skip
        self._file.change("UPDATE attempt SET detail = ? WHERE token = ?", (detail, token))

    def look_later(self, entry: int, token: str, seconds: float) -> None:
        """Put off the next look for an entry."""
        self._file.change(
            "UPDATE entry SET look_at = ? WHERE id = ? AND token = ? AND state = ?",
            (self._file.clock.stamp(after=seconds), entry, token, E.SENDING),
        )


@contextmanager
def one_row_an_id(file: Database) -> Iterator[None]:
    """Say in our own words that an id of Clio's belongs to another row; a transaction around it may go on."""
    try:
        with file.savepoint():
            yield
    except IntegrityError as taken:
        raise IdTaken from taken
