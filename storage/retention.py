"""How long what is kept: names and texts go first, sums and ids years later, and what is on hold stays.

Two tables say all of it. WORDS is what a purge of words takes from a batch; GOES is where whole rows are deleted when
its years are over. A test holds both against the schema, so that no new column is forgotten.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from brought_forward.storage.audit import GONE, link
from brought_forward.storage.batch_table import BatchTable, batch_of
from brought_forward.storage.database import places, stamp
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.firm import folded

S = BatchStatus

ENDED = (S.POSTED, S.STOPPED, S.UNDONE, S.REJECTED, S.EXPIRED)
NOTHING = (S.WITHDRAWN, S.UNREADABLE)  # over before anybody decided anything: kept for days only
DROP = "drop"  # instead of which workbook a row of the outbox owes: that it is deleted in Slack

# By table, what stands in each column of people's words afterwards. Users are the firm's own staff and stay.
WORDS: dict[str, dict[str, str]] = {
    "batch": {
        "halt_text": "NULL", "question": "NULL", "differences": "'[]'", "remarks": "'[]'", "balance": "''",
        "proofs": "'[]'", "census": "'[]'", "comments": "NULL", "first_reason": "NULL", "decided_reason": "NULL",
    },
    "line": {
        "matter": "NULL", "client": "NULL", "note": "NULL", "stated": "NULL",
        "unreadable": "CASE WHEN unreadable IS NULL THEN NULL ELSE 'purged' END",
        "left_out": "CASE WHEN left_out IS NULL THEN NULL ELSE 'purged' END",
    },
    "not_counted": {"why": "'purged'"},
    "correction": {"was": "NULL", "now": "NULL"},
    "finding": {"text": "''"},
    "open_name": {"text": "''", "client": "NULL", "near": "'[]'"},
    "decision": {"reason": "''"},
    "query": {"text": "''", "answer": "NULL"},
    "entry": {"matter_number": "'#' || matter_id", "note": "''", "reason": "NULL", "clio_note": "NULL"},
    "attempt": {"detail": "NULL"},
    "reversal": {"reason": "NULL"},
    "inquiry": {"found": "NULL", "file_name": "NULL", "bytes": "NULL"},
    "wish": {"bytes": "NULL"},
    "message": {"text": "''", "blocks": "'[]'"},
    "audit_words": {"words": "NULL", "salt": "NULL"},
}  # fmt: skip
CUT = {"batch": ("read_back",)}  # JSON, of which what it says of single matters goes
# In this order, since rows belong to rows; the audit's links stay for ever.
GOES = ("draft", "used_answer", "correction", "mended_line", "not_counted", "finding", "open_name", "query", "decision",
        "reversal", "inquiry", "attempt", "older_entry", "unanswered", "line", "entry", "message", "wish")  # fmt: skip

AT_REST = (
    "purged_at IS NULL AND hold_by IS NULL AND results_due = 0 AND read_back_due = 0"
    " AND NOT EXISTS (SELECT 1 FROM legal_hold WHERE legal_hold.firm = batch.firm)"
    " AND NOT EXISTS (SELECT 1 FROM message WHERE message.batch = batch.id AND shown < wanted)"
)


class Retention(BatchTable):
    """Purge what is due or named, and keep what is on hold."""

    def firms(self) -> list[str]:
        """Name the firms that have batches: few rows beside those of the audit, and looked at with each sweep."""
        return [firm for (firm,) in self._file.tuples("SELECT DISTINCT firm FROM batch ORDER BY firm")]

    def due(self, firm: str, *, ended_before: datetime, nothing_before: datetime) -> list[Batch]:
        """List a firm's batches at rest since then whose words are still there and that nobody holds."""
        rows = self._file.rows(
            f"SELECT * FROM batch WHERE firm = ? AND {AT_REST} AND (status IN ({places(ENDED)}) AND updated_at < ?"
            f" OR status IN ({places(NOTHING)}) AND updated_at < ?) ORDER BY id",
            (firm, *ENDED, stamp(ended_before), *NOTHING, stamp(nothing_before)),
        )
        return [batch_of(row) for row in rows]

    def may_go(self, batch: int) -> bool:
        """Say whether a batch is at rest and nobody holds it, however long it has been over."""
        found = self._file.value(
            f"SELECT 1 FROM batch WHERE id = ? AND {AT_REST} AND status IN ({places((*ENDED, *NOTHING))})",
            (batch, *ENDED, *NOTHING),
        )
        return found is not None

    def purge(self, batch: Batch, *, by: str | None, why: str) -> bool:
        """Take the names and texts of a batch, and its file unless another batch still needs it.

        Ids, cents, states and Clio's ids stay. Workbooks of ours in Slack are owed to be deleted. Returns False where
        it is not at rest, or somebody holds it.
        """
        with self._file.transaction():
            if not self.may_go(batch.id):
                return False
            workbooks = self._everything(batch)
            self._file.change("UPDATE batch SET purged_at = ? WHERE id = ?", (stamp(), batch.id))
            facts = {"does": "words", "why": why, "workbooks": workbooks}
            link(self._file, batch.firm, "purge", actor=by, batch=batch.id, facts=facts)
        return True

    def clients(self, firm: str, named: str) -> list[tuple[str, list[int]]]:
        """List the clients of a firm whose name contains this, with the ids of their matters in Clio."""
        found: dict[str, list[int]] = {}
        for client, number in self._file.tuples(
            "SELECT DISTINCT client, id FROM matter WHERE firm = ? AND client <> '' ORDER BY client, id", (firm,)
        ):
            if folded(named) in folded(client):
                found.setdefault(client, []).append(number)
        return list(found.items())

    def purge_client(self, firm: str, client: str, matters: Sequence[int], *, by: str | None) -> int:
        """Take one client's names and notes out of every batch of a firm that is at rest; count these batches.

        `matters` are the client's in Clio, `client` is the name as Clio has it. What holds other clients too, a file,
        a message, a workbook, goes whole; the lines and entries of others stay.
        """
        own = {folded(client), *(folded(text) for (text,) in self._file.tuples(
            f"SELECT display_number FROM matter WHERE firm = ? AND id IN ({places(matters)})", (firm, *matters)
        ))}  # fmt: skip
        count = 0
        for (batch,) in self._file.tuples(
            "SELECT id FROM batch WHERE firm = ? AND purged_at IS NULL ORDER BY id", (firm,)
        ):
            lines = [
                number
                for number, matter, there, of in self._file.tuples(
                    "SELECT line.id, line.matter, line.client, entry.matter_id FROM line"
                    " LEFT JOIN entry ON entry.id = line.entry WHERE line.batch = ? ORDER BY line.id",
                    (batch,),
                )
                if of in matters or folded(matter or "") in own or folded(there or "") in own
            ]
            with self._file.transaction():
                if not lines or not self.may_go(batch):
                    continue
                self._take("line", f"id IN ({places(lines)})", lines)
                self._take("entry", f"batch = ? AND matter_id IN ({places(matters)})", (batch, *matters))
                workbooks = self._everything(self.get(batch), but=("line", "entry"))
                facts = {"does": "client", "matters": list(matters), "workbooks": workbooks}
                link(self._file, firm, "purge", actor=by, batch=batch, facts=facts)
                count += 1
        return count

    def _everything(self, batch: Batch, but: Sequence[str] = ()) -> int:
        """Take the words of a batch out of every table but some, with its file; count the workbooks to be deleted."""
        workbooks = self._file.change(
            "UPDATE message SET attach = ?, wanted = wanted + 1, next_at = ?, refusals = 0, attempts = 0"
            " WHERE batch = ? AND attach IS NOT NULL AND ts LIKE 'F%'",
            (DROP, self._file.clock.stamp(), batch.id),
        )
        self._file.change("DELETE FROM draft WHERE batch = ?", (batch.id,))
        for table in WORDS:
            if table not in but:
                self._take(table, f"{'id' if table == 'batch' else 'batch'} = ?", (batch.id,))
        self._take_read_back(batch.id)
        self._file.change(
            "DELETE FROM kept_file WHERE firm = ?1 AND sha256 = ?2 AND NOT EXISTS (SELECT 1 FROM batch"
            " WHERE batch.firm = ?1 AND batch.sha256 = ?2 AND batch.id <> ?3 AND purged_at IS NULL)",
            (batch.firm, batch.sha256, batch.id),
        )
        return workbooks

    def _take(self, table: str, where: str, values: Sequence[Any]) -> None:
        setting = ", ".join(f"{column} = {value}" for column, value in WORDS[table].items())
        self._file.change(f"UPDATE {table} SET {setting} WHERE {where}", values)

    def _take_read_back(self, batch: int) -> None:
        """Keep the sums that reading back found; what it says of single matters goes."""
        kept = self._file.value("SELECT read_back FROM batch WHERE id = ?", (batch,))
        if kept is not None:
            found = json.loads(kept)
            failed = "" if found.get("failed") == "" else "purged"
            text = json.dumps(found | {"differences": [], "matters": [], "failed": failed})
            self._file.change("UPDATE batch SET read_back = ? WHERE id = ?", (text, batch))

    # What must stay: a court, an audit, a quarrel

    def hold(self, firm: str, batch: int | None, *, by: str, why: str) -> None:
        """Keep everything of one batch, or of a whole firm, until it is let go."""
        with self._file.transaction():
            if batch is None:
                self._file.change(
                    "INSERT INTO legal_hold (firm, why, held_by, held_at) VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (firm) DO UPDATE SET why = excluded.why",
                    (firm, why, by, stamp()),
                )
            else:
                self._file.change("UPDATE batch SET hold_by = ? WHERE id = ? AND firm = ?", (by, batch, firm))
            link(self._file, firm, "hold", batch=batch, facts={"does": "held"}, words={"by": by, "why": why})

    def release(self, firm: str, batch: int | None, *, by: str) -> bool:
        """Let go what was held. Returns False where it was not."""
        with self._file.transaction():
            if batch is None:
                count = self._file.change("DELETE FROM legal_hold WHERE firm = ?", (firm,))
            else:
                count = self._file.change(
                    "UPDATE batch SET hold_by = NULL WHERE id = ? AND firm = ? AND hold_by IS NOT NULL", (batch, firm)
                )
            if count:
                link(self._file, firm, "hold", batch=batch, facts={"does": "released"}, words={"by": by})
        return count == 1

    # Years later

    def forget(self, firm: str, *, before: datetime) -> int:
        """Delete every row of a firm's batches that were purged before an instant, and count these batches.

        The audit's links stay.
        """
        count = 0
        for (batch,) in self._file.tuples(
            "SELECT id FROM batch WHERE firm = ? AND purged_at < ? AND hold_by IS NULL AND NOT EXISTS"
            " (SELECT 1 FROM legal_hold WHERE legal_hold.firm = batch.firm) ORDER BY id",
            (firm, stamp(before)),
        ):
            with self._file.transaction():
                for table in GOES:
                    self._file.change(f"DELETE FROM {table} WHERE batch = ?", (batch,))
                self._file.change("DELETE FROM mended_line WHERE of_batch = ?", (batch,))
                self._file.change("DELETE FROM replacement WHERE older = ? OR newer = ?", (batch, batch))
                self._file.change("UPDATE batch SET joined = NULL WHERE joined = ?", (batch,))
                self._file.change("DELETE FROM batch WHERE id = ?", (batch,))
                link(self._file, firm, "purge", batch=batch, facts=GONE)
            count += 1
        return count
