"""Undoing a batch: one row for each entry that stood posted when it began, each settled once."""

from collections.abc import Sequence
from typing import Any

from brought_forward.storage.audit import link
from brought_forward.storage.batch_table import batch_of, seal_status
from brought_forward.storage.database import Table, amount, cents, maybe_instant, places, stamp, summed
from brought_forward.storage.entry_table import ENTRY, read_entry, seal
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import EntryState, Outcome, Reversal, Tally

S = BatchStatus
UNDOABLE = (S.POSTED, S.STOPPED, S.UNDONE)  # at rest, with entries that may stand in Clio
COLUMNS = ", ".join(f"entry.{column.strip()}" for column in ENTRY.split(","))
REVERSAL = (
    f"{COLUMNS}, reversal.clio_id, reversal.outcome, reversal.reason, reversal.tried_at, reversal.tries,"
    " reversal.look_at"
)
CURRENT = f"EXISTS (SELECT 1 FROM batch WHERE id = ? AND status = '{S.UNDOING}' AND run_token = ?)"


class Undoing(Table):
    """Keep what an undo does; a batch's episode names the undo."""

    def begin(self, batch: Batch, *, revision: int, digest: str) -> bool:
        """Begin to undo what is posted.

        Returns False where the batch is not at rest, or is not what the button spoke for.
        """
        with self._file.transaction():
            marks = places(UNDOABLE)
            changed = self._file.change(
                "UPDATE batch SET status = ?, episode = episode + 1, halt = NULL, halt_text = NULL, read_back_due = 0,"
                " read_back = NULL, queued_at = NULL, begun = NULL, updated_at = ?"
                " WHERE id = ? AND episode = ? AND revision = ? AND length(?) >= 12"
                f" AND substr(hash, 1, length(?)) = ? AND results_due = 0 AND status IN ({marks})",
                (S.UNDOING, stamp(), batch.id, batch.episode, revision, digest, digest, digest, *UNDOABLE),
            )
            if changed != 1:
                return False
            self._file.change(
                "INSERT INTO reversal (firm, account, batch, episode, entry, clio_id)"
                " SELECT firm, account, batch, ?, id, clio_id"
                " FROM entry WHERE batch = ? AND state = ? AND clio_id IS NOT NULL",
                (batch.episode + 1, batch.id, EntryState.POSTED),
            )
            seal_status(self._file, batch.id)
        return True

    # Entry by entry: the protocol of docs/architecture.md, "Undoing"

    def next(self, batch: Batch, *, unanswered: bool = False) -> Reversal | None:
        """Read what is to be looked at next: in the order of posting, those that must wait after the others.

        `unanswered`: only of those to whose DELETE no answer came, and that were not looked at since.
        """
        some = " AND reversal.look_at IS NOT NULL" if unanswered else ""
        found = self._read(
            f"AND reversal.episode = ? AND reversal.outcome IS NULL{some}"
            " ORDER BY reversal.look_at > ? NULLS FIRST, entry.position LIMIT 1",
            batch.id,
            batch.episode,
            self._file.clock.stamp(),
        )
        return found[0] if found else None

    def claim(self, batch: Batch, reversal: Reversal, token: str) -> bool:
        """Write down that a DELETE is about to be sent. Returns False where nobody may send one now.

        It fails closed: an undo that is stopped, halted or moved by a newer run matches nothing.
        """
        with self._file.transaction():
            changed = self._file.change(
                "UPDATE reversal SET tried_at = ?, tries = tries + 1, look_at = NULL WHERE batch = ? AND episode = ?"
                " AND entry = ? AND outcome IS NULL AND EXISTS (SELECT 1 FROM entry WHERE id = reversal.entry"
                " AND state = ? AND clio_id = reversal.clio_id)"
                f" AND {CURRENT} AND EXISTS (SELECT 1 FROM batch WHERE id = reversal.batch AND halt IS NULL)",
                (stamp(), batch.id, batch.episode, reversal.entry.id, EntryState.POSTED, batch.id, token),
            )
            if changed == 1:
                self._seal(batch, reversal, "delete")
        return changed == 1

    def _seal(self, batch: Batch, reversal: Reversal, kind: str, **said: str) -> None:
        reason = said.pop("reason", None)
        facts = {"clio_id": reversal.clio_id, "cents": cents(reversal.entry.amount), "episode": batch.episode, **said}
        link(self._file, batch.firm, kind, batch=batch.id, subject=reversal.entry.id, facts=facts,
             words={"reason": reason})  # fmt: skip

    def later(self, batch: Batch, reversal: Reversal, seconds: float) -> None:
        """Look at an entry after some seconds: the answer to its DELETE is missing."""
        self._file.change(
            "UPDATE reversal SET look_at = ? WHERE batch = ? AND episode = ? AND entry = ? AND outcome IS NULL",
            (self._file.clock.stamp(after=seconds), batch.id, batch.episode, reversal.entry.id),
        )

    def looked(self, batch: Batch, reversal: Reversal) -> None:
        """Say that an entry is still there, so that its DELETE may be sent again when it is its turn."""
        self._file.change(
            "UPDATE reversal SET look_at = NULL WHERE batch = ? AND episode = ? AND entry = ? AND outcome IS NULL",
            (batch.id, batch.episode, reversal.entry.id),
        )

    def unanswered(self, batch: Batch) -> int:
        """Count the entries to whose DELETE no answer came, and that were not looked at since."""
        found: int = self._file.value(
            "SELECT count(*) FROM reversal WHERE batch = ? AND episode = ? AND outcome IS NULL AND look_at IS NOT NULL",
            (batch.id, batch.episode),
        )
        return found

    def not_sent(self, batch: Batch, reversal: Reversal) -> None:
        """Take a claim back: Clio did not look at the DELETE."""
        self._file.change(
            "UPDATE reversal SET tried_at = CASE tries WHEN 1 THEN NULL ELSE tried_at END, tries = tries - 1"
            " WHERE batch = ? AND episode = ? AND entry = ? AND outcome IS NULL AND tries > 0",
            (batch.id, batch.episode, reversal.entry.id),
        )

    def reversed(self, batch: Batch, reversal: Reversal, reason: str | None) -> bool:
        """Say that an entry is gone from Clio; its id is never again taken for anybody's.

        Clio has said so, which holds whichever run heard it.
        """
        at = stamp()
        with self._file.transaction():
            changed = self._file.change(
                "UPDATE entry SET state = ?, clio_id = NULL, reason = ?, settled_at = ?"
                " WHERE id = ? AND state = ? AND clio_id = ?",
                (EntryState.UNDONE, reason, at, reversal.entry.id, EntryState.POSTED, reversal.clio_id),
            )
            if changed == 1:
                self._file.change(
                    "INSERT INTO older_entry (firm, account, batch, clio_id, removed) VALUES (?, ?, ?, ?, 1)"
                    " ON CONFLICT (batch, clio_id) DO UPDATE SET removed = 1",
                    (batch.firm, batch.account, batch.id, reversal.clio_id),
                )
                self._file.change(
                    "UPDATE reversal SET outcome = ?, reason = ?, settled_at = ?, look_at = NULL"
                    " WHERE batch = ? AND episode = ? AND entry = ?",
                    (Outcome.REVERSED, reason, at, batch.id, batch.episode, reversal.entry.id),
                )
                seal(self._file, reversal.entry.id)
        return changed == 1

    def stays(self, batch: Batch, reversal: Reversal, token: str, outcome: Outcome, reason: str) -> bool:
        """Say why an entry stays posted; only the current run may."""
        with self._file.transaction():
            changed = self._file.change(
                "UPDATE reversal SET outcome = ?, reason = ?, settled_at = ?, look_at = NULL WHERE batch = ?"
                f" AND episode = ? AND entry = ? AND outcome IS NULL AND {CURRENT}",
                (outcome, reason, stamp(), batch.id, batch.episode, reversal.entry.id, batch.id, token),
            )
            if changed == 1:
                self._seal(batch, reversal, "kept", outcome=outcome, reason=reason)
        return changed == 1

    def keep_untried(self, batch: Batch, token: str, reason: str) -> None:
        """Keep all entries whose turn has not come; those whose DELETE was sent must be looked at."""
        self._file.change(
            "UPDATE reversal SET outcome = ?, reason = ?, settled_at = ? WHERE batch = ? AND episode = ?"
            f" AND outcome IS NULL AND tried_at IS NULL AND {CURRENT}",
            (Outcome.KEPT, reason, stamp(), batch.id, batch.episode, batch.id, token),
        )

    # The batch

    def halt(self, batch: int, *, halt: str, text: str, over: Sequence[str]) -> bool:
        """Let an undo delete nothing more; the first reason stays, unless it is one of `over`."""
        marks = places(over)
        return self._change(batch, "halt = ?, halt_text = ?", (halt, text), f"(halt IS NULL OR halt IN ({marks}))",
                            over)  # fmt: skip

    def go_on(self, batch: int, among: Sequence[str]) -> bool:
        """Let an undo go on that waited for one of these reasons."""
        marks = places(among)
        return self._change(batch, "halt = NULL, halt_text = NULL", (), f"halt IN ({marks})", among)

    def _change(self, batch: int, setting: str, values: Sequence[Any], where: str, wanted: Sequence[Any] = ()) -> bool:
        changed = self._file.change(
            f"UPDATE batch SET {setting}, updated_at = ? WHERE id = ? AND status = ? AND {where}",
            (*values, stamp(), batch, S.UNDOING, *wanted),
        )
        return changed == 1

    def waiting(self, among: Sequence[str]) -> list[Batch]:
        """List the batches whose undo waits for one of these reasons."""
        marks = places(among)
        rows = self._file.rows(
            f"SELECT * FROM batch WHERE status = ? AND halt IN ({marks}) ORDER BY id", (S.UNDOING, *among)
        )
        return [batch_of(row) for row in rows]

    def done(self, batch: Batch, token: str) -> bool:
        """Say that every entry has its outcome; Clio is then read back."""
        with self._file.transaction():
            changed = self._file.change(
                "UPDATE batch SET status = ?, read_back_due = 1, updated_at = ? WHERE id = ? AND status = ?"
                " AND run_token = ? AND episode = ? AND NOT EXISTS (SELECT 1 FROM reversal WHERE batch = ?3"
                " AND episode = ?6 AND outcome IS NULL)",
                (S.UNDONE, stamp(), batch.id, S.UNDOING, token, batch.episode),
            )
            if changed == 1:
                seal_status(self._file, batch.id)
        return changed == 1

    # Reading

    def of_batch(self, batch: Batch) -> list[Reversal]:
        """Read the rows of a batch's last undo in the order of posting. Empty where it has not been undone."""
        return self._read("AND reversal.episode = ? ORDER BY entry.position", batch.id, batch.episode)

    def latest(self, batch: Batch) -> list[Reversal]:
        """Read the last row of each entry over all undos of a batch, in the order of posting."""
        last = "(SELECT entry, max(episode) FROM reversal WHERE batch = ? GROUP BY entry)"
        more = f"AND (reversal.entry, reversal.episode) IN {last} ORDER BY entry.position"
        return self._read(more, batch.id, batch.id)

    def _read(self, more: str, batch: int, *values: Any) -> list[Reversal]:
        rows = self._file.tuples(
            f"SELECT {REVERSAL} FROM reversal JOIN entry ON entry.id = reversal.entry WHERE reversal.batch = ? {more}",
            (batch, *values),
        )
        return [
            Reversal(
                entry=read_entry(row[:-6]),
                clio_id=row[-6],
                outcome=Outcome(row[-5]) if row[-5] else None,
                reason=row[-4],
                sent=row[-3] is not None,
                tries=row[-2],
                look_at=maybe_instant(row[-1]),
            )
            for row in rows
        ]

    def tallies(self, batch: Batch) -> dict[Outcome | None, Tally]:
        """Count and sum the entries of a batch's last undo by outcome; None for those still to come."""
        rows = self._file.rows(
            f"SELECT outcome, count(*) AS n, {summed('entry.amount_cents')} AS total FROM reversal JOIN entry"
            " ON entry.id = reversal.entry WHERE reversal.batch = ? AND reversal.episode = ? GROUP BY outcome",
            (batch.id, batch.episode),
        )
        found = {row["outcome"]: Tally(row["n"], amount(row["total"])) for row in rows}
        return {outcome: found.get(outcome, Tally()) for outcome in (*Outcome, None)}

    def by(self, batch: int) -> str | None:
        """Name who asked for a batch's last undo."""
        actor: str | None = self._file.value(
            "SELECT actor FROM decision WHERE batch = ? AND allowed = 1 AND action IN ('undo', 'undo_named')"
            " ORDER BY id DESC LIMIT 1",
            (batch,),
        )
        return actor

    def owner(self, account: str, clio_id: int) -> int | None:
        """Name the entry of ours that has an id in a Clio account, or None."""
        entry: int | None = self._file.value(
            "SELECT id FROM entry WHERE account = ? AND clio_id = ?", (account, clio_id)
        )
        return entry

    def gone(self, account: str) -> set[int]:
        """Give the ids that were deleted in a Clio account by us: a list that still has one of them lags."""
        rows = self._file.tuples(
            "SELECT clio_id FROM reversal WHERE account = ?1 AND outcome = ?2"
            " UNION SELECT clio_id FROM older_entry WHERE account = ?1 AND removed = 1",
            (account, Outcome.REVERSED),
        )
        return {number for (number,) in rows}
