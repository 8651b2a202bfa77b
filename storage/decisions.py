"""Decisions: who asked for what, when, and whether it was allowed. Rows are added, never changed."""

import json
from collections.abc import Sequence

from brought_forward.storage.audit import link
from brought_forward.storage.database import Row, Table, stamp
from brought_forward.storage.records.batch import Batch


class Decisions(Table):
    """Keep the audit log."""

    def add(
        self,
        batch: Batch,
        *,
        actor: str,
        action: str,
        allowed: bool,
        approvers: Sequence[str],
        reason: str = "",
        revision: int | None = None,
        action_ts: str | None = None,
        clicked: str | None = None,
        stands_for: str | None = None,
    ) -> None:
        """Write one decision down, refused ones too, with the approvers of that moment.

        `revision` is the one that the button spoke for, if there was one, and `clicked` the beginning of its hash.
        `stands_for` is the approver in whose place it was taken.
        """
        spoken_for = batch.revision if revision is None else revision
        with self._file.transaction():
            number: int = self._file.value(
                "INSERT INTO decision (firm, batch, revision, hash, at, actor, action, allowed, reason, approvers,"
                " action_ts, clicked, stands_for) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (batch.firm, batch.id, spoken_for, batch.hash, stamp(), actor, action, int(allowed), reason,
                 json.dumps(list(approvers)), action_ts, clicked, stands_for),
            )  # fmt: skip
            facts = {
                "action": action, "allowed": allowed, "revision": spoken_for, "hash": batch.hash, "clicked": clicked,
                "approvers": list(approvers), "stands_for": stands_for,
            }  # fmt: skip
            link(self._file, batch.firm, "decision", actor=actor, batch=batch.id, subject=number, facts=facts,
                 words={"reason": reason})  # fmt: skip

    def void_first(self, batch: Batch) -> None:
        """Take back the first of two approvals, whose giver is no longer an approver; the batch waits for both."""
        with self._file.transaction():
            self._file.change(
                "UPDATE batch SET first_by = NULL, first_for = NULL, first_at = NULL, first_reason = NULL WHERE id = ?",
                (batch.id,),
            )
            facts = {"gave": batch.first_by, "stands_for": batch.first_for}
            link(self._file, batch.firm, "first_void", batch=batch.id, facts=facts)

    def correctors(self, batch: int) -> set[str]:
        """Name who had a hand in a batch: an answer, a hold, a line, the day, the wish. They may not approve it.

        An answer that an approver has confirmed since bars nobody.
        """
        rows = self._file.rows(
            "SELECT DISTINCT actor FROM decision WHERE batch = ?1 AND allowed = 1"
            " AND (action IN ('confirm_total', 'mend', 'fix', 'date', 'bring', 'keep_file', 'keep_both',"
            " 'comments_off') OR action = 'answer' AND NOT EXISTS"
            " (SELECT 1 FROM used_answer JOIN answer ON answer.id = used_answer.answer WHERE used_answer.batch = ?1"
            " AND answer.answered_by = decision.actor AND answer.confirmed_at IS NOT NULL))",
            (batch,),
        )
        return {row["actor"] for row in rows}

    def of_batch(self, batch: int) -> list[Row]:
        """Read a batch's decisions, oldest first."""
        return self._file.rows("SELECT * FROM decision WHERE batch = ? ORDER BY id", (batch,))
