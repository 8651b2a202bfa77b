"""What matching says of a batch's lines: by which rule, which names are open, and what is near these."""

import json
from collections.abc import Sequence

from brought_forward.storage.database import Table, maybe_instant, stamp
from brought_forward.storage.records.firm import AliasKind, Near, OpenName
from brought_forward.storage.records.sheet import Finding


class Findings(Table):
    """Keep findings."""

    def keep(self, batch: int, firm: str, findings: Sequence[Finding]) -> None:
        """Replace a batch's findings."""
        with self._file.transaction():
            self._file.change("DELETE FROM finding WHERE batch = ?", (batch,))
            self._file.change_each(
                "INSERT INTO finding (firm, batch, position, row, code, text, blocks, chosen_by, chosen_at,"
                " choice) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (firm, batch, place, one.row, one.code, one.text, int(one.blocks), one.chosen_by,
                     one.chosen_at and stamp(one.chosen_at), one.choice)
                    for place, one in enumerate(findings)
                ],
            )  # fmt: skip

    def of_batch(self, batch: int) -> list[Finding]:
        """Read a batch's findings: of the whole file first, then by row."""
        return [
            Finding(
                row=row["row"],
                code=row["code"],
                text=row["text"],
                blocks=bool(row["blocks"]),
                chosen_by=row["chosen_by"],
                chosen_at=maybe_instant(row["chosen_at"]),
                choice=row["choice"],
            )
            for row in self._file.rows(
                "SELECT * FROM finding WHERE batch = ? ORDER BY row NULLS FIRST, position", (batch,)
            )
        ]


class OpenNames(Table):
    """Keep open names; each preview finds them anew."""

    def keep(self, batch: int, firm: str, names: Sequence[OpenName]) -> None:
        """Replace a batch's open names."""
        with self._file.transaction():
            self._file.change("DELETE FROM open_name WHERE batch = ?", (batch,))
            self._file.change_each(
                "INSERT INTO open_name (firm, batch, row, kind, text, client, near) VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (firm, batch, one.row, one.kind, one.text, one.client,
                     json.dumps([[near.clio_id, near.label, near.sure] for near in one.near]))
                    for one in names
                ],
            )  # fmt: skip

    def of_batch(self, batch: int) -> list[OpenName]:
        """Read a batch's open names, by row."""
        return [
            OpenName(row, AliasKind(kind), text, tuple(Near(*one) for one in json.loads(near)), client)
            for row, kind, text, client, near in self._file.tuples(
                "SELECT row, kind, text, client, near FROM open_name WHERE batch = ? ORDER BY row, kind", (batch,)
            )
        ]
