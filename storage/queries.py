"""What approvers ask about a batch before they decide it, and what was answered."""

from brought_forward.storage.audit import link
from brought_forward.storage.database import Row, Table, flag, instant, stamp
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.query import Query, QueryEnd
from brought_forward.storage.replacements import undecided

IS_OPEN = flag(f"query.ended IS NULL AND {undecided('batch')}")
COLUMNS = (
    "SELECT query.id, query.batch, query.asked_by, query.asked_at, query.text, query.ended, query.ended_by,"
    f" query.ended_at, query.answer, {IS_OPEN} AS is_open FROM query JOIN batch ON batch.id = query.batch"
)
OPEN = f"ended IS NULL AND EXISTS (SELECT 1 FROM batch WHERE batch.id = query.batch AND {undecided('batch')})"


def _query(row: Row) -> Query:
    ended = row["ended"]
    return Query(
        **row
        | {
            "asked_at": instant(row["asked_at"]),
            "ended": QueryEnd(ended) if ended else None,
            "ended_at": instant(row["ended_at"]) if ended else None,
            "is_open": bool(row["is_open"]),
        }
    )


class Queries(Table):
    """Keep each question; it ends once, by an answer or by being taken back."""

    def add(self, batch: Batch, *, by: str, said: str, text: str) -> int | None:
        """Keep a question. `said` names the form it came by: sent twice, it is one question, and None the second time.

        Returns its number.
        """
        with self._file.transaction():
            found: int | None = self._file.value(
                "INSERT INTO query (firm, batch, revision, asked_by, asked_at, said, text) VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (batch, asked_by, said) DO NOTHING RETURNING id",
                (batch.firm, batch.id, batch.revision, by, stamp(), said, text),
            )
            if found is not None:
                facts = {"does": "asked", "revision": batch.revision}
                link(self._file, batch.firm, "query", actor=by, batch=batch.id, subject=found, facts=facts,
                     words={"text": text})  # fmt: skip
        return found

    def find(self, query: int) -> Query | None:
        """Read one question, or None."""
        row = self._file.row(f"{COLUMNS} WHERE query.id = ?", (query,))
        return _query(row) if row else None

    def of_batch(self, batch: int) -> list[Query]:
        """List a batch's questions, oldest first."""
        return [_query(row) for row in self._file.rows(f"{COLUMNS} WHERE query.batch = ? ORDER BY query.id", (batch,))]

    def answer(self, query: int, *, by: str, text: str) -> bool:
        """Answer an open question; the first answer wins."""
        return self._end(query, QueryEnd.ANSWERED, by, text)

    def take_back(self, query: int, *, by: str) -> bool:
        """Withdraw an open question."""
        return self._end(query, QueryEnd.WITHDRAWN, by, None)

    def _end(self, query: int, how: QueryEnd, by: str, answer: str | None) -> bool:
        with self._file.transaction():
            row = self._file.row(
                "UPDATE query SET ended = ?, ended_by = ?, ended_at = ?, answer = ?"
                f" WHERE id = ? AND {OPEN} RETURNING firm, batch",
                (how, by, stamp(), answer, query),
            )
            if row:
                link(self._file, row["firm"], "query", actor=by, batch=row["batch"], subject=query,
                     facts={"does": how.value}, words={"text": answer})  # fmt: skip
        return row is not None
