"""The batch table: rows to values, and changes of status that succeed once."""

import json
import re
from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import Any

from brought_forward.storage.audit import canonical, link
from brought_forward.storage.database import (
    Database,
    Row,
    Table,
    instant,
    maybe_amount,
    maybe_day,
    maybe_instant,
    places,
    stamp,
)
from brought_forward.storage.records.batch import Batch, BatchStatus, EntryForm, Rules
from brought_forward.storage.records.sheet import CensusColumn, Comments

STATUS = re.compile(r"(^|[ ,])status =")


def batch_of(row: Row) -> Batch:
    """Make a batch of its row."""
    values: dict[str, Any] = {field.name: row.get(field.name) for field in fields(Batch)}
    values |= {
        "status": BatchStatus(row["status"]),
        "form": EntryForm(row["form"]),
        "posting_date": maybe_day(row["posting_date"]),
        "chosen_date": maybe_day(row["chosen_date"]),
        "stated_as_of": maybe_day(row["stated_as_of"]),
        "as_of": maybe_day(row["as_of"]),
        "control_total": maybe_amount(row["control_cents"]),
        "remarks": tuple(json.loads(row["remarks"])),
        "taxed": None if row["tax_unknown"] else bool(row["taxed"]),
        "listed_at": maybe_instant(row["listed_at"]),
        "decided_at": maybe_instant(row["decided_at"]),
        "first_at": maybe_instant(row["first_at"]),
        "purged_at": maybe_instant(row["purged_at"]),
        "file_look_at": maybe_instant(row["file_look_at"]),
        "expire_at": maybe_instant(row["expire_at"]),
        "rules": Rules.from_json(row["rules"]),
        "differences": tuple(json.loads(row["differences"])),
        "typed_total": maybe_amount(row["typed_cents"]),
        "proofs": tuple(json.loads(row["proofs"])),
        "census": tuple(map(_column, json.loads(row["census"]))),
        "column_total": maybe_amount(row["column_cents"]),
        "comments": Comments(**json.loads(row["comments"])) if row["comments"] else None,
        "namesake": bool(row["namesake"]),
        "mended": bool(row["mended"]),
        "renote": bool(row["renote"]),
        "results_due": bool(row["results_due"]),
        "read_back_due": bool(row["read_back_due"]),
        "created_at": instant(row["created_at"]),
        "updated_at": instant(row["updated_at"]),
    }
    return Batch(**values)


def _column(kept: dict[str, Any]) -> CensusColumn:
    beside = kept.pop("beside", None)
    return CensusColumn(**kept, beside=None if beside is None else Decimal(beside))


def seal_status(file: Database, batch: int) -> None:
    """Tell the audit where a batch stands by now: its status, why it stands still, and which plan that is of.

    What it was told already is not told again.
    """
    row = file.row(
        "SELECT firm, status, revision, hash, halt, halt_text, decided_by, account FROM batch WHERE id = ?", (batch,)
    )
    last = file.value(
        "SELECT facts FROM audit WHERE batch = ? AND kind = 'status' ORDER BY number DESC LIMIT 1", (batch,)
    )
    if row is not None:
        firm, text = row.pop("firm"), row.pop("halt_text")
        if canonical(row) != last:
            link(file, firm, "status", batch=batch, facts=row, words={"halt": text})


def seal_read_back(file: Database, batch: int, result: dict[str, Any]) -> None:
    """Tell the audit what Clio held of a batch, by a digest: the differences name matters."""
    firm = file.value("SELECT firm FROM batch WHERE id = ?", (batch,))
    link(file, firm, "read_back", batch=batch, facts={"equal": result["equal"]}, words=result)


class BatchTable(Table):
    """Read a batch and change it; what a change means is said by those who build on this."""

    def get(self, batch: int) -> Batch:
        """Read one batch. Raises KeyError where there is none."""
        found = self.find(batch)
        if found is None:
            raise KeyError(batch)
        return found

    def find(self, batch: int) -> Batch | None:
        """Read one batch, or None."""
        row = self._file.row("SELECT * FROM batch WHERE id = ?", (batch,))
        return batch_of(row) if row else None

    def _move(
        self,
        batch: int,
        to: BatchStatus,
        among: Sequence[BatchStatus],
        more: str,
        values: Sequence[Any],
        *,
        token: str | None = None,
    ) -> bool:
        """Change the status from one of several, and set more columns, as ", halt = ?"; with a token, only its run."""
        marks = places(among)
        where = f"status IN ({marks})"
        wanted: list[str] = list(among)
        if token is not None:
            where += " AND run_token = ?"
            wanted.append(token)
        return self._update(batch, "status = ?" + more, (to, *values), where, wanted)

    def _change_preview(
        self,
        batch: int,
        setting: str,
        values: Sequence[Any],
        named: tuple[int, str],
        more: str = "",
        wanted: Sequence[Any] = (),
    ) -> bool:
        """Change a batch only while this very preview waits: its revision, and 12 characters of its hash at least."""
        revision, digest = named
        where = "status = ? AND revision = ? AND substr(hash, 1, length(?)) = ? AND length(?) >= 12"
        narrowed = f" AND {more}" if more else ""
        named_so = (BatchStatus.PREVIEWED, revision, digest, digest, digest)
        return self._update(batch, setting, values, where + narrowed, (*named_so, *wanted))

    def _update(
        self, batch: int, setting: str, values: Sequence[Any], where: str = "", wanted: Sequence[Any] = ()
    ) -> bool:
        narrowed = f" AND {where}" if where else ""
        with self._file.transaction():
            count = self._file.change(
                f"UPDATE batch SET {setting}, updated_at = ? WHERE id = ?{narrowed}",
                (*values, stamp(), batch, *wanted),
            )
            if count == 1 and STATUS.search(setting):
                seal_status(self._file, batch)
        return count == 1
