"""Batches: one row an upload, each change of status one statement that succeeds once."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from brought_forward.storage.database import (
    Row,
    SqliteFile,
    cents,
    instant,
    maybe_amount,
    maybe_day,
    maybe_instant,
    stamp,
)
from brought_forward.storage.records import Batch, BatchStatus, RunKind, Share, SheetReading

S = BatchStatus

# What a run should be moving, and how: the sweep starts a new run where the engine has none.
MOVING = f"""
SELECT id, run_token, CASE
    WHEN status IN ('{S.RECEIVED}', '{S.READING}') THEN '{RunKind.READ}'
    WHEN status IN ('{S.APPROVED}', '{S.POSTING}') OR (status = '{S.STOPPED}' AND results_due = 1) THEN '{RunKind.POST}'
    WHEN status IN ('{S.POSTED}', '{S.STOPPED}') AND read_back_due = 1 THEN '{RunKind.READ_BACK}'
END AS kind FROM batch WHERE kind IS NOT NULL ORDER BY id
"""


def _batch(row: Row) -> Batch:
    values: dict[str, Any] = {field.name: row.get(field.name) for field in fields(Batch)}
    values |= {
        "status": BatchStatus(row["status"]),
        "posting_date": maybe_day(row["posting_date"]),
        "as_of": maybe_day(row["as_of"]),
        "control_total": maybe_amount(row["control_cents"]),
        "remarks": tuple(json.loads(row["remarks"])),
        "taxed": bool(row["taxed"]),
        "listed_at": maybe_instant(row["listed_at"]),
        "decided_at": maybe_instant(row["decided_at"]),
        "differences": tuple(json.loads(row["differences"])),
        "typed_total": maybe_amount(row["typed_cents"]),
        "results_due": bool(row["results_due"]),
        "read_back_due": bool(row["read_back_due"]),
        "created_at": instant(row["created_at"]),
        "updated_at": instant(row["updated_at"]),
    }
    return Batch(**values)


class Batches:
    """Keep batches and their status."""

    def __init__(self, file: SqliteFile) -> None:
        self._file = file

    def open(self, share: Share, *, uploader: str, owner: str, file_name: str, file_size: int) -> int | None:
        """Begin a batch for one share of a file; None where that share has its batch already."""
        at = stamp()
        row = self._file.row(
            "INSERT INTO batch (firm, channel, file_id, share_ts, thread_ts, uploader, owner, file_name, file_size,"
            " status, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING RETURNING id",
            (share.firm, share.channel, share.file_id, share.share_ts, share.thread_ts, uploader, owner, file_name,
             file_size, S.RECEIVED, at, at),
        )  # fmt: skip
        return row["id"] if row else None

    def get(self, batch: int) -> Batch:
        """Read one batch. Raises KeyError where there is none."""
        found = self.find(batch)
        if found is None:
            raise KeyError(batch)
        return found

    def find(self, batch: int) -> Batch | None:
        """Read one batch, or None."""
        row = self._file.row("SELECT * FROM batch WHERE id = ?", (batch,))
        return _batch(row) if row else None

    def newest(self, firm: str, limit: int) -> list[Batch]:
        """List a firm's batches, newest first."""
        return [
            _batch(row)
            for row in self._file.rows("SELECT * FROM batch WHERE firm = ? ORDER BY id DESC LIMIT ?", (firm, limit))
        ]

    def to_move(self) -> list[tuple[int, str | None, RunKind]]:
        """List what a run should be moving: batch, the token of its last run, kind."""
        return [(row["id"], row["run_token"], RunKind(row["kind"])) for row in self._file.rows(MOVING)]

    def halted(self, halt: str) -> list[Batch]:
        """List the batches paused for one reason."""
        return [
            _batch(row)
            for row in self._file.rows("SELECT * FROM batch WHERE status = ? AND halt = ?", (S.PAUSED, halt))
        ]

    def new_run(self, batch: int, *, token: str, after: str | None) -> bool:
        """Set the token of the next run, if `after` is still the last one's."""
        return self._update(batch, "run_token = ?", (token,), "run_token IS ?", (after,))

    # Reading

    def begin_reading(self, batch: int, token: str) -> bool:
        """Move a received batch to reading; also true for one whose reading was cut off."""
        return self._move(batch, S.READING, (S.RECEIVED, S.READING), " AND run_token = ?", (token,))

    def keep_file(self, batch: int, *, firm: str, sha256: str, data: bytes) -> None:
        """Keep the file's bytes: posting never reads Slack again."""
        with self._file.transaction():
            self._file.change(
                "INSERT INTO kept_file (firm, sha256, bytes, kept_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (firm, sha256, data, stamp()),
            )
            self._update(batch, "sha256 = ?, file_size = ?", (sha256, len(data)))

    def file_bytes(self, firm: str, sha256: str) -> bytes:
        """Read a kept file."""
        data: bytes = self._file.value("SELECT bytes FROM kept_file WHERE firm = ? AND sha256 = ?", (firm, sha256))
        return data

    def keep_billing(self, batch: int, *, currency: str, taxed: bool) -> None:
        """Keep the currency, and whether Clio taxes bills by default."""
        self._update(batch, "currency = ?, taxed = ?", (currency, int(taxed)))

    def choose_user(self, batch: int, user_id: int | None) -> None:
        """Say whose are the lines that name no user; the next preview follows it."""
        self._update(batch, "user_id = ?", (user_id,))

    def begin_parsing(self, batch: int) -> int:
        """Count a parsing that begins, before it begins; the count falls to 0 when one ends."""
        row = self._file.row("UPDATE batch SET parses = parses + 1 WHERE id = ? RETURNING parses", (batch,))
        return int(row["parses"]) if row else 0

    def keep_reading(self, batch: int, reading: SheetReading, differences: Sequence[str]) -> None:
        """Keep what the sheet says of itself; its lines are kept by `Lines`."""
        self._update(
            batch,
            "parses = 0, sheet = ?, header_row = ?, zero_rows = ?, as_of = ?, control_cents = ?, remarks = ?,"
            " differences = ?",
            (
                reading.sheet,
                reading.header_row,
                reading.zero_rows,
                reading.as_of and reading.as_of.isoformat(),
                None if reading.control_total is None else cents(reading.control_total),
                json.dumps(reading.remarks),
                json.dumps(list(differences)),
            ),
        )

    def ask(self, batch: int, question: str) -> bool:
        """Put a question to staff; the batch waits for the answer."""
        return self._move(batch, S.ASKING, (S.READING,), ", question = ?, parses = 0", (question,), setting=True)

    def answered(self, batch: int) -> bool:
        """Let reading go on after an answer; the first answer wins."""
        return self._move(batch, S.READING, (S.ASKING,), ", question = NULL", (), setting=True)

    def confirm(self, batch: int, *, revision: int, by: str) -> bool:
        """Say that the lines are right although a total differs; once a revision."""
        where = "status = ? AND revision = ? AND confirmed_by IS NULL"
        return self._update(batch, "confirmed_by = ?", (by,), where, (S.PREVIEWED, revision))

    def typed(self, share: Share, total: Decimal) -> Batch | None:
        """Keep the control total that came with a share; the batch, if it is new there."""
        row = self._file.row(
            "UPDATE batch SET typed_cents = ? WHERE firm = ? AND channel = ? AND file_id = ? AND share_ts = ?"
            " AND typed_cents IS NOT ?1 RETURNING *",
            (cents(total), share.firm, share.channel, share.file_id, share.share_ts),
        )
        return _batch(row) if row else None

    def ahead(self, batch: int) -> int:
        """Count the files of the same channel that are read before this one."""
        count: int = self._file.value(
            "SELECT count(*) FROM batch b JOIN batch a ON a.channel = b.channel AND a.firm = b.firm AND a.id < b.id"
            " WHERE b.id = ? AND a.status IN (?, ?)",
            (batch, S.RECEIVED, S.READING),
        )
        return count

    def unreadable(self, batch: int, why: str) -> bool:
        """End a batch whose file cannot be read."""
        return self._move(batch, S.UNREADABLE, (S.RECEIVED, S.READING), ", halt_text = ?", (why,), setting=True)

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
    ) -> bool:
        """Offer a new revision for approval, after reading or after what was approved no longer held."""
        return self._update(
            batch,
            "status = ?, revision = revision + 1, hash = ?, account = ?, description = ?,"
            " description_id = ?, posting_date = ?, as_of = ?, decided_by = NULL, decided_at = NULL,"
            " halt = NULL, halt_text = NULL, confirmed_by = NULL",
            (S.PREVIEWED, digest, account, description, description_id, posting_date.isoformat(), as_of.isoformat()),
            "run_token = ? AND status IN (?, ?, ?)",
            (token, S.READING, S.APPROVED, S.POSTING),
        )  # fmt: skip

    # Deciding

    def decide(self, batch: int, *, revision: int, digest: str, status: BatchStatus, actor: str) -> bool:
        """Approve, reject or withdraw what was previewed: one statement, so one click wins."""
        return self._update(
            batch,
            "status = ?, decided_by = ?, decided_at = ?",
            (status, actor, stamp()),
            "status = ? AND revision = ? AND substr(hash, 1, length(?)) = ? AND length(?) >= 12",
            (S.PREVIEWED, revision, digest, digest, digest),
        )

    # Posting

    def begin_posting(self, batch: int, token: str) -> bool:
        """Move an approved batch to posting, if this run is still the current one."""
        return self._move(batch, S.POSTING, (S.APPROVED,), " AND run_token = ?", (token,))

    def listed(self, batch: int, *, description_id: int) -> None:
        """Say that the first run has listed what Clio already had."""
        self._update(batch, "listed_at = ?, description_id = ?", (stamp(), description_id))

    def pause(self, batch: int, token: str, *, halt: str, text: str) -> bool:
        """Pause a run that cannot go on."""
        return self._move(
            batch, S.PAUSED, (S.POSTING,), ", halt = ?, halt_text = ?", (halt, text), setting=True, token=token
        )

    def stop(self, batch: int, *, halt: str, text: str) -> bool:
        """Stop for good until a person says go on; results are then due."""
        return self._move(
            batch,
            S.STOPPED,
            (S.APPROVED, S.POSTING, S.PAUSED),
            ", halt = ?, halt_text = ?, results_due = 1",
            (halt, text),
            setting=True,
        )

    def stopped_for(self, batch: int, *, halt: str, text: str) -> bool:
        """Say why a batch that a person has just stopped would have stopped by itself."""
        return self._update(batch, "halt = ?, halt_text = ?", (halt, text), "status = ?", (S.STOPPED,))

    def go_on(self, batch: int, statuses: Sequence[BatchStatus]) -> bool:
        """Let posting go on."""
        return self._move(
            batch,
            S.POSTING,
            statuses,
            ", halt = NULL, halt_text = NULL, results_due = 0, read_back_due = 0, read_back = NULL,"
            " episode = episode + 1",
            (),
            setting=True,
        )

    def posted(self, batch: int, token: str) -> bool:
        """Say that nothing is left to post."""
        return self._move(batch, S.POSTED, (S.POSTING,), ", results_due = 0, read_back_due = 1", (), setting=True,
                          token=token)  # fmt: skip

    def results_told(self, batch: int) -> None:
        """Say that a stopped batch's results stand in the outbox."""
        self._update(batch, "results_due = 0, read_back_due = 1", ())

    def read_back_again(self, batch: int) -> bool:
        """Ask for Clio to be read again."""
        return self._update(batch, "read_back_due = 1", (), "status IN (?, ?)", (S.POSTED, S.STOPPED))

    def read_back_done(self, batch: int, token: str, result: dict[str, Any], *, due: bool) -> bool:
        """Keep what reading back found; `due` where it must be done again. False where posting went on meanwhile."""
        return self._update(
            batch,
            "read_back_due = ?, read_back = ?",
            (int(due), json.dumps(result)),
            "run_token = ? AND read_back_due = 1 AND status IN (?, ?)",
            (token, S.POSTED, S.STOPPED),
        )

    def is_current(self, batch: int, token: str) -> BatchStatus | None:
        """Tell the status, if this run is still the current one."""
        status = self._file.value("SELECT status FROM batch WHERE id = ? AND run_token = ?", (batch, token))
        return BatchStatus(status) if status else None

    def _move(
        self,
        batch: int,
        to: BatchStatus,
        among: Sequence[BatchStatus],
        more: str,
        values: Sequence[Any],
        *,
        setting: bool = False,
        token: str | None = None,
    ) -> bool:
        """Change the status from one of several; `more` sets columns, or narrows further."""
        marks = ", ".join("?" * len(among))
        where = f"status IN ({marks})"
        wanted: list[str] = list(among)
        if token is not None:
            where += " AND run_token = ?"
            wanted.append(token)
        if setting:
            return self._update(batch, "status = ?" + more, (to, *values), where, wanted)
        return self._update(batch, "status = ?", (to,), where + more, (*wanted, *values))

    def _update(
        self, batch: int, setting: str, values: Sequence[Any], where: str = "1", wanted: Sequence[Any] = ()
    ) -> bool:
        count = self._file.change(
            f"UPDATE batch SET {setting}, updated_at = ? WHERE id = ? AND {where}",
            (*values, stamp(), batch, *wanted),
        )
        return count == 1
