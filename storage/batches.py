"""Batches: one row an upload, each change of status one statement that succeeds once."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from brought_forward.storage.batch_table import batch_of, seal_read_back
from brought_forward.storage.database import here, places, stamp
from brought_forward.storage.entry_table import HOLDING
from brought_forward.storage.records.batch import Batch, BatchStatus, EntryForm, RunKind
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.uploads import Uploads

S = BatchStatus

# What a run should be moving, and how: the sweep starts a new run where the engine has none.
KIND = f"""CASE
    WHEN status IN ('{S.RECEIVED}', '{S.READING}') AND halt IS NULL THEN '{RunKind.READ}'
    WHEN status IN ('{S.APPROVED}', '{S.POSTING}') OR (status = '{S.STOPPED}' AND results_due = 1) THEN '{RunKind.POST}'
    WHEN status IN ('{S.POSTED}', '{S.STOPPED}', '{S.UNDONE}') AND read_back_due = 1 THEN '{RunKind.READ_BACK}'
    WHEN status = '{S.UNDOING}' AND coalesce(halt, '') NOT IN ('signed_out', 'away', 'account') THEN '{RunKind.UNDO}'
END"""
MOVING = (
    f"SELECT id, run_token, kind FROM (SELECT id, run_token, {KIND} AS kind FROM batch WHERE {here('batch')}) moving"
    " WHERE kind IS NOT NULL ORDER BY id"
)

MOVED = (S.APPROVED, S.POSTING, S.PAUSED, S.UNDOING)


class Batches(Uploads):
    """Keep batches and their status, from the preview on."""

    def newest(self, firm: str, limit: int) -> list[Batch]:
        """List a firm's batches, newest first."""
        return [
            batch_of(row)
            for row in self._file.rows("SELECT * FROM batch WHERE firm = ? ORDER BY id DESC LIMIT ?", (firm, limit))
        ]

    def to_move(self) -> list[tuple[int, str | None, RunKind]]:
        """List what a run should be moving: batch, the token of its last run, kind."""
        return [(row["id"], row["run_token"], RunKind(row["kind"])) for row in self._file.rows(MOVING)]

    def under_way(self, firm: str) -> list[tuple[int, BatchStatus]]:
        """List what of a firm is to be posted or undone, or waits for Clio to go on with that."""
        rows = self._file.rows(
            f"SELECT id, status FROM batch WHERE firm = ? AND status IN ({places(MOVED)}) ORDER BY id", (firm, *MOVED)
        )
        return [(row["id"], BatchStatus(row["status"])) for row in rows]

    def halted(self, halt: str) -> list[Batch]:
        """List the batches paused for one reason."""
        return [
            batch_of(row)
            for row in self._file.rows(
                "SELECT * FROM batch WHERE status = ? AND halt = ? ORDER BY id", (S.PAUSED, halt)
            )
        ]

    def fitting(
        self, firm: str, at: Sequence[BatchStatus], *, after: Sequence[BatchStatus], having: Sequence[EntryState]
    ) -> list[Batch]:
        """List a firm's batches in one status of `at`, or in one of `after` with an entry in a state of `having`."""
        marks = [places(some) for some in (at, after, having)]
        return [
            batch_of(row)
            for row in self._file.rows(
                f"SELECT * FROM batch WHERE firm = ? AND (status IN ({marks[0]}) OR (status IN ({marks[1]}) AND EXISTS"
                f" (SELECT 1 FROM entry WHERE entry.batch = batch.id AND entry.state IN ({marks[2]}))))"
                " ORDER BY id DESC",
                (firm, *at, *after, *having),
            )
        ]

    def new_run(self, batch: int, *, token: str, after: str | None) -> bool:
        """Set the token of the next run, if `after` is still the last one's; from now on it waits for its turn."""
        return self._update(
            batch, "run_token = ?, queued_at = ?", (token, stamp()), "run_token IS NOT DISTINCT FROM ?", (after,)
        )

    def begin_run(self, batch: int, token: str) -> bool:
        """Say that a run has its turn, if it is still the current one; an approved batch is now posting."""
        return self._update(
            batch,
            "begun = run_token, status = CASE status WHEN ? THEN ? ELSE status END",
            (S.APPROVED, S.POSTING),
            "run_token = ? AND begun IS DISTINCT FROM run_token AND status IN (?, ?, ?)",
            (token, S.APPROVED, S.POSTING, S.UNDOING),
        )

    # Deciding

    def previewed(
        self,
        batch: int,
        token: str,
        *,
        digest: str,
        account: str,
        description: str,
        description_id: int | None,
        posting_date: date,
        as_of: date,
        form: EntryForm = EntryForm.FLAT,
        remind_at: datetime | None = None,
        expire_at: datetime | None = None,
    ) -> bool:
        """Offer a new revision for approval, after reading or after what was approved no longer held.

        Decisions on earlier revisions, a first of two approvals too, no longer count. Approvers are reminded at
        `remind_at` unless they were before; nobody having decided, it expires at `expire_at`.
        """
        due = [at and stamp(at) for at in (remind_at, expire_at)]
        return self._update(
            batch,
            "status = ?, revision = revision + 1, hash = ?, account = ?, description = ?,"
            " description_id = ?, posting_date = ?, as_of = ?, decided_by = NULL, decided_for = NULL,"
            " decided_at = NULL, decided_reason = NULL, first_by = NULL, first_at = NULL, halt = NULL,"
            " halt_text = NULL,"
            " confirmed_by = NULL, remind_at = ?, expire_at = ?, queued_at = NULL, begun = NULL,"
            # In another account the same number is somebody else's.
            " user_id = CASE WHEN account IS NOT DISTINCT FROM ? THEN user_id END,"
            " form = ?",
            (S.PREVIEWED, digest, account, description, description_id, posting_date.isoformat(), as_of.isoformat(),
             *due, account, form),
            "run_token = ? AND status IN (?, ?, ?)",
            (token, S.READING, S.APPROVED, S.POSTING),
        )  # fmt: skip

    def decide(
        self,
        batch: int,
        *,
        revision: int,
        digest: str,
        status: BatchStatus,
        actor: str,
        reason: str | None = None,
        stands_for: str | None = None,
    ) -> bool:
        """Approve, reject or withdraw what was previewed, with a comment or not: one statement, so one click wins.

        `stands_for` is the approver in whose place somebody decides.
        """
        return self._decide(
            batch,
            "status = ?, decided_by = ?, decided_for = ?, decided_at = ?, decided_reason = ?",
            (status, actor, stands_for, stamp(), reason),
            (revision, digest),
        )

    def waits(self, batch: int, *, revision: int, digest: str) -> bool:
        """Say whether a batch waits for approval as it was shown: of this revision and hash, its time not over."""
        found = self._file.value(
            "SELECT 1 FROM batch WHERE id = ? AND status = ? AND revision = ? AND substr(hash, 1, length(?4)) = ?4"
            " AND length(?4) >= 12 AND (expire_at IS NULL OR expire_at > ?5)",
            (batch, S.PREVIEWED, revision, digest, stamp()),
        )
        return found is not None

    def approve_of_two(
        self, batch: int, *, revision: int, digest: str, actor: str, reason: str | None, stands_for: str | None
    ) -> bool:
        """Give the second of two approvals, else the first, with which the batch still waits: one statement each.

        One person gives one of them, and neither an approver and their stand-in nor two stand-ins of one are two.
        """
        values = (actor, stands_for, stamp(), reason)
        mine = [actor, stands_for or actor]
        where = "first_by IS NOT NULL AND first_by NOT IN (?, ?) AND coalesce(first_for, first_by) NOT IN (?, ?)"
        second = "decided_by = ?, decided_for = ?, decided_at = ?, decided_reason = ?, status = ?"
        if self._decide(batch, second, (*values, S.APPROVED), (revision, digest), where, *mine, *mine):
            return True
        first = "first_by = ?, first_for = ?, first_at = ?, first_reason = ?"
        return self._decide(batch, first, values, (revision, digest), "first_by IS NULL")

    def _decide(
        self, batch: int, setting: str, values: Sequence[Any], named: tuple[int, str], more: str = "", *wanted: Any
    ) -> bool:
        """Change the very preview that was clicked; one whose time is over is expired, said or not."""
        where = "(expire_at IS NULL OR expire_at > ?)" + (f" AND {more}" if more else "")
        return self._change_preview(batch, setting, values, named, where, (stamp(), *wanted))

    def choose_form(self, batch: int, *, revision: int, digest: str, form: EntryForm) -> bool:
        """Send a batch of which nothing stands in Clio back to be previewed with its entries in another form.

        What was listed before its first run is listed anew. As after a correction its old buttons are out of use.
        """
        among = (S.PREVIEWED, S.PAUSED, S.STOPPED, S.POSTED)
        return self._update(
            batch,
            "status = ?, form = ?, run_token = NULL, listed_at = NULL, halt = NULL, halt_text = NULL,"
            " read_back_due = 0, read_back = NULL, first_by = NULL, first_at = NULL, episode = episode + 1,"
            " queued_at = NULL, begun = NULL, description_sends = CASE WHEN (form = ?) = (? = ?) THEN description_sends"
            " ELSE 0 END",  # the other description was never asked for
            (S.READING, form, EntryForm.HOUR, form, EntryForm.HOUR),
            f"status IN ({places(among)}) AND results_due = 0 AND revision = ? AND form <> ?"
            " AND substr(hash, 1, length(?)) = ? AND length(?) >= 12"
            f" AND NOT EXISTS (SELECT 1 FROM entry WHERE batch = ? AND state IN {HOLDING})",
            (*among, revision, form, digest, digest, digest, batch),
        )

    # Posting

    def listed(self, batch: int, *, description_id: int) -> None:
        """Say that the first run has listed what Clio already had."""
        self._update(batch, "listed_at = ?, description_id = ?", (stamp(), description_id))

    def description_of(self, account: str, name: str, form: EntryForm) -> int | None:
        """Give the id of a form's activity description as the last batch of a Clio account had it, or None."""
        found: int | None = self._file.value(
            "SELECT description_id FROM batch WHERE account = ? AND description = ? AND description_id IS NOT NULL"
            " AND (form = ?) = (? = ?) ORDER BY id DESC LIMIT 1",
            (account, name, EntryForm.HOUR, form, EntryForm.HOUR),
        )
        return found

    def creating(self, batch: int, sends: int) -> None:
        """Count once more, or by -1 once less, that Clio was asked to create the activity description."""
        self._update(batch, "description_sends = description_sends + ?", (sends,))

    def pause(self, batch: int, token: str, *, halt: str, text: str) -> bool:
        """Pause a run that cannot go on."""
        return self._move(batch, S.PAUSED, (S.POSTING,), ", halt = ?, halt_text = ?", (halt, text), token=token)

    def hold(self, batch: int, *, halt: str, text: str, instead_of: Sequence[str]) -> bool:
        """Pause for a person: what is posting or about to, or is paused for one of several other reasons."""
        marks = places(instead_of)
        return self._update(
            batch,
            "status = ?, halt = ?, halt_text = ?",
            (S.PAUSED, halt, text),
            f"(status IN (?, ?) OR (status = ? AND halt IN ({marks})))",
            (S.APPROVED, S.POSTING, S.PAUSED, *instead_of),
        )

    def stop(self, batch: int, *, halt: str, text: str) -> bool:
        """Stop for good until a person says go on; results are then due."""
        return self._move(
            batch,
            S.STOPPED,
            (S.APPROVED, S.POSTING, S.PAUSED),
            ", halt = ?, halt_text = ?, results_due = 1",
            (halt, text),
        )

    def stop_by_itself(self, batch: int, *, halt: str, text: str) -> bool:
        """Stop for a trouble; where a person has just stopped it, there is a second reason to tell."""
        return self.stop(batch, halt=halt, text=text) or self._update(
            batch, "halt = ?, halt_text = ?", (halt, text), "status = ?", (S.STOPPED,)
        )

    def go_on(self, batch: int, statuses: Sequence[BatchStatus], *, halt: str | None = None) -> bool:
        """Let posting go on; with `halt`, only what still is halted for that reason."""
        marks = places(statuses)
        return self._update(
            batch,
            "status = ?, halt = NULL, halt_text = NULL, results_due = 0, read_back_due = 0, read_back = NULL,"
            " episode = episode + 1, queued_at = NULL, begun = NULL",
            (S.POSTING,),
            f"status IN ({marks}) AND halt IS NOT DISTINCT FROM coalesce(?, halt)",
            (*statuses, halt),
        )

    def posted(self, batch: int, token: str) -> bool:
        """Say that nothing is left to post."""
        return self._move(batch, S.POSTED, (S.POSTING,), ", results_due = 0, read_back_due = 1", (),
                          token=token)  # fmt: skip

    def results_told(self, batch: int) -> None:
        """Say that a stopped batch's results stand in the outbox."""
        self._update(batch, "results_due = 0, read_back_due = 1", ())

    def read_back_again(self, batch: int) -> bool:
        """Ask for Clio to be read again."""
        return self._update(batch, "read_back_due = 1", (), "status IN (?, ?, ?)", (S.POSTED, S.STOPPED, S.UNDONE))

    def read_back_done(self, batch: int, token: str, result: dict[str, Any], *, due: bool) -> bool:
        """Keep what reading back found; `due` where it must be done again.

        Returns False where posting went on meanwhile.
        """
        with self._file.transaction():
            done = self._update(
                batch,
                "read_back_due = ?, read_back = ?",
                (int(due), json.dumps(result)),
                "run_token = ? AND read_back_due = 1 AND status IN (?, ?, ?)",
                (token, S.POSTED, S.STOPPED, S.UNDONE),
            )
            if done:
                seal_read_back(self._file, batch, result)
        return done

    def reconciled(self, batch: int, episode: int, result: dict[str, Any]) -> bool:
        """Keep what a later look found. False where posting went on, or a reading back of its own is due."""
        with self._file.transaction():
            kept = self._update(
                batch,
                "read_back = ?",
                (json.dumps(result),),
                "read_back_due = 0 AND episode = ? AND status IN (?, ?)",
                (episode, S.POSTED, S.STOPPED),
            )
            if kept:
                seal_read_back(self._file, batch, result)
        return kept

    def is_current(self, batch: int, token: str) -> BatchStatus | None:
        """Tell the status, if this run is still the current one."""
        status = self._file.value("SELECT status FROM batch WHERE id = ? AND run_token = ?", (batch, token))
        return BatchStatus(status) if status else None
