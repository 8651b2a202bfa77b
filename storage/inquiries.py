"""Inquiries: what people ask about a batch's entries in Clio, kept until it is answered."""

from brought_forward.storage.database import Row, Table, instant, maybe_instant, stamp
from brought_forward.storage.records.inquiry import Inquiry, InquiryKind, InquiryState

I = InquiryState  # noqa: E741 - read as in storage.batches

COLUMNS = (
    "id, firm, batch, kind, asked_by, asked_at, state, slot, tries, newest_id, sent_at, report_id, found, file_name,"
    " read_at, sends"
)


def _inquiry(row: Row) -> Inquiry:
    return Inquiry(
        **row
        | {
            "kind": InquiryKind(row["kind"]),
            "state": InquiryState(row["state"]),
            "asked_at": instant(row["asked_at"]),
            "sent_at": maybe_instant(row["sent_at"]),
            "read_at": maybe_instant(row["read_at"]),
        }
    )


class Inquiries(Table):
    """Keep inquiries; of a batch, one of each kind is open at a time."""

    def ask(self, *, firm: str, batch: int, kind: InquiryKind, asked_by: str, slot: str | None = None) -> int | None:
        """Write an inquiry down.

        Returns None where the same is being answered already. Without a slot it gets its own.
        """
        with self._file.transaction():
            rows = self._file.rows(
                "INSERT INTO inquiry (firm, account, batch, kind, asked_by, asked_at, slot, next_at)"
                " SELECT ?, account, id, ?, ?, ?, ?, ? FROM batch WHERE id = ?"
                " ON CONFLICT (batch, kind) WHERE state = 'open' DO NOTHING RETURNING id",
                (firm, kind, asked_by, stamp(), slot or "", self._file.clock.stamp(), batch),
            )
            if rows and slot is None:
                self._file.change("UPDATE inquiry SET slot = kind || '-' || id WHERE id = ?", (rows[0]["id"],))
        return int(rows[0]["id"]) if rows else None

    def find(self, inquiry: int) -> Inquiry | None:
        """Read an inquiry, or None."""
        row = self._file.row(f"SELECT {COLUMNS} FROM inquiry WHERE id = ?", (inquiry,))
        return _inquiry(row) if row else None

    def due(self) -> list[str]:
        """Name the firms with an open inquiry whose time has come."""
        rows = self._file.tuples(
            "SELECT DISTINCT firm FROM inquiry WHERE state = ? AND next_at <= ?", (I.OPEN, self._file.clock.stamp())
        )
        return [firm for (firm,) in rows]

    def of_firm(self, firm: str) -> list[Inquiry]:
        """List a firm's open inquiries whose time has come, the oldest first."""
        rows = self._file.rows(
            f"SELECT {COLUMNS} FROM inquiry WHERE firm = ? AND state = ? AND next_at <= ? ORDER BY next_at, id",
            (firm, I.OPEN, self._file.clock.stamp()),
        )
        return [_inquiry(row) for row in rows]

    def later(self, inquiry: Inquiry, seconds: float, *, tried: bool = False) -> None:
        """Look again after some seconds."""
        self._file.change(
            "UPDATE inquiry SET next_at = ?, tries = tries + ? WHERE id = ? AND state = ?",
            (self._file.clock.stamp(after=seconds), int(tried), inquiry.id, I.OPEN),
        )

    def sending(self, inquiry: Inquiry, newest_id: int) -> None:
        """Say that Clio is asked for a report now; `newest_id` is the newest that it had before."""
        self._file.change(
            "UPDATE inquiry SET sent_at = ?, newest_id = ?, tries = 0, sends = sends + 1 WHERE id = ?",
            (stamp(), newest_id, inquiry.id),
        )

    def not_sent(self, inquiry: Inquiry, *, unanswered: bool = False) -> None:
        """Say that Clio has nothing of what was asked, so that it may be asked again.

        Where it gave no answer (`unanswered`), that may prove untrue, and the sending counts.
        """
        self._file.change("UPDATE inquiry SET sent_at = NULL, sends = sends - ? WHERE id = ?",
                          (int(not unanswered), inquiry.id))  # fmt: skip

    def promised(self, inquiry: Inquiry, report_id: int) -> None:
        """Keep the report that Clio makes for an inquiry. It is nobody else's: it is unique within the account."""
        self._file.change("UPDATE inquiry SET report_id = ?, tries = 0 WHERE id = ?", (report_id, inquiry.id))

    def report_ids(self, account: str) -> set[int]:
        """Give the reports that a Clio account makes or made for us."""
        rows = self._file.rows("SELECT report_id FROM inquiry WHERE account = ? AND report_id IS NOT NULL", (account,))
        return {row["report_id"] for row in rows}

    def answered(
        self, inquiry: Inquiry, found: str, *, file_name: str | None = None, data: bytes | None = None
    ) -> None:
        """Keep the answer; `data` is the bytes of a file, kept until Slack has them."""
        at = stamp()
        self._file.change(
            "UPDATE inquiry SET state = ?, found = ?, file_name = ?, bytes = ?, read_at = ?, ended_at = ?"
            " WHERE id = ? AND state = ?",
            (I.DONE, found, file_name, data, at, at, inquiry.id, I.OPEN),
        )

    def failed(self, inquiry: Inquiry, why: str) -> None:
        """End an inquiry that cannot be answered; it may be asked again."""
        self._file.change(
            "UPDATE inquiry SET state = ?, found = ?, ended_at = ? WHERE id = ? AND state = ?",
            (I.FAILED, why, stamp(), inquiry.id, I.OPEN),
        )

    def data(self, inquiry: int) -> bytes | None:
        """Read the file of an answer."""
        found: bytes | None = self._file.value("SELECT bytes FROM inquiry WHERE id = ?", (inquiry,))
        return found

    def forget_sent_files(self) -> int:
        """Drop the bytes of files that Slack has; count them."""
        return self._file.change(
            "UPDATE inquiry SET bytes = NULL WHERE bytes IS NOT NULL AND EXISTS (SELECT 1 FROM message"
            " WHERE message.batch = inquiry.batch AND message.slot = 'file-' || inquiry.slot AND shown >= wanted)"
        )
