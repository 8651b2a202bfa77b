"""What no batch of a firm has brought forward: lines that stayed out, and entries that do not stand posted."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from brought_forward.storage.database import Table, flag, maybe_amount
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.records.firm import folded

S, E = BatchStatus, EntryState

# Batches that were approved once: what others say is decided yet, or meant by nobody any more.
APPROVED = f"('{S.POSTING}', '{S.PAUSED}', '{S.POSTED}', '{S.STOPPED}', '{S.UNDOING}', '{S.UNDONE}')"
NOT_STANDING = f"('{E.REFUSED}', '{E.WRONG}', '{E.UNCLEAR}', '{E.NOT_SENT}', '{E.UNDONE}')"
# By `bot.matching.rules.Code`: nothing is owed there, or it was brought forward before.
NOTHING_OPEN = "('already', 'zero', 'sheet_says')"
# The user of these could not be told, so whoever got the matter's balance later got this one.
OF_USER = "('user_unknown', 'user_ambiguous', 'user_portal', 'user_disabled')"
# It came back mended in a batch that was approved too: posted there, or open there.
CAME_BACK = (
    "EXISTS (SELECT 1 FROM mended_line m JOIN batch later ON later.id = m.batch"
    f" WHERE m.of_batch = line.batch AND m.of_row = line.row AND later.status IN {APPROVED})"
)
# A newer sheet of the same headings, where the line came again.
NEWER = (
    "again.batch = later.id AND later.channel = batch.channel AND later.id > batch.id"
    f" AND later.signature = batch.signature AND later.signature <> '' AND later.status IN {APPROVED}"
    " AND again.named_user IS NOT DISTINCT FROM line.named_user"
)
CAME_AGAIN = (  # as it was: posted there, or open there
    "EXISTS (SELECT 1 FROM line again CROSS JOIN batch later WHERE again.firm = line.firm"
    f" AND again.matter = line.matter AND {NEWER})"
)
# With the same row, user and amount, posted under a number that the older sheet lacks, and the newer lacks the old one.
PUT_RIGHT = (
    "EXISTS (SELECT 1 FROM batch later CROSS JOIN line again JOIN entry ON entry.id = again.entry"
    f" WHERE later.firm = line.firm AND {NEWER} AND again.row = line.row AND again.amount_cents = line.amount_cents"
    f" AND entry.state = '{E.POSTED}'"
    " AND NOT EXISTS (SELECT 1 FROM line was WHERE was.firm = line.firm AND was.matter = again.matter"
    " AND +was.batch = line.batch)"
    " AND NOT EXISTS (SELECT 1 FROM line still WHERE still.firm = line.firm AND still.matter = line.matter"
    " AND +still.batch = later.id))"  # by the index of numbers: a batch has thousands of lines
)
BROUGHT = "(batch.uploader = ?2 OR batch.owner = ?2 OR ?2 IS NULL)"


@dataclass(frozen=True, slots=True)
class OpenItem:
    """A balance that stands in no batch's entries: a line that stayed out, or an entry that is not posted."""

    batch: int
    row: int | None  # of the sheet; None for an entry
    matter: str
    user: str | None
    amount: Decimal | None  # None where it cannot be read
    state: EntryState | None  # None for a line
    reason: str | None


class OpenItems(Table):
    """Ask over all batches of a firm, or those that one person brought: `of`."""

    def open(self, firm: str, *, of: str | None) -> list[OpenItem]:
        """List what is open, that of the newest batch first, in the order of the sheet."""
        later = self._later(firm)
        found = [*self._lines(firm, of, later), *self._entries(firm, of)]
        return sorted(found, key=lambda one: (-one.batch, one.row is None, one.row or 0))

    def _lines(self, firm: str, of: str | None, later: dict[tuple[str, str], int]) -> Iterable[OpenItem]:
        rows = self._file.rows(
            f"SELECT line.*, max({flag(f'finding.code IN {OF_USER}')}) AS of_user FROM line"
            " JOIN batch ON batch.id = line.batch LEFT JOIN finding"
            " ON finding.batch = line.batch AND finding.row = line.row AND finding.blocks = 1"
            f" WHERE batch.firm = ?1 AND batch.status IN {APPROVED} AND {BROUGHT} AND batch.purged_at IS NULL"
            f" AND line.left_out IS NOT NULL AND coalesce(finding.code, '') NOT IN {NOTHING_OPEN}"
            f" AND NOT {CAME_BACK} AND NOT {CAME_AGAIN} AND NOT {PUT_RIGHT} GROUP BY line.id ORDER BY line.id",
            (firm, of),
        )
        for row in rows:
            matter, user = row["matter"] or "", row["named_user"] or ""
            whose = "" if row["of_user"] else folded(user)
            if row["matter"] and later.get((folded(matter), whose), 0) > row["batch"]:
                continue
            yield OpenItem(
                row["batch"], row["row"], matter, user or None, maybe_amount(row["amount_cents"]), None, row["left_out"]
            )

    def _entries(self, firm: str, of: str | None) -> Iterable[OpenItem]:
        rows = self._file.rows(
            "SELECT entry.* FROM entry JOIN batch ON batch.id = entry.batch"
            f" WHERE batch.firm = ?1 AND batch.status IN {APPROVED} AND {BROUGHT} AND batch.purged_at IS NULL"
            f" AND entry.state IN {NOT_STANDING}"
            " AND NOT EXISTS (SELECT 1 FROM entry other WHERE other.firm = entry.firm"
            " AND other.account IS NOT DISTINCT FROM entry.account AND other.matter_id = entry.matter_id"
            f" AND other.user_id = entry.user_id AND other.batch > entry.batch AND other.state = '{E.POSTED}')"
            " ORDER BY entry.position",
            (firm, of),
        )
        for row in rows:
            yield OpenItem(
                row["batch"], None, row["matter_number"], row["user_name"], maybe_amount(row["amount_cents"]),
                EntryState(row["state"]), row["reason"],
            )  # fmt: skip

    def _later(self, firm: str) -> dict[tuple[str, str], int]:
        """Give, by matter and user as sheets and Clio write them, the last batch that posted there; "" is any user."""
        found: dict[tuple[str, str], int] = {}
        rows = self._file.tuples(
            "SELECT entry.batch, matter_number, user_name FROM entry WHERE firm = ?1 AND state = ?2 UNION"
            " SELECT entry.batch, line.matter, line.named_user FROM line JOIN entry ON entry.id = line.entry"
            " WHERE entry.firm = ?1 AND entry.state = ?2 AND line.matter IS NOT NULL ORDER BY 1",
            (firm, E.POSTED),
        )
        for batch, matter, user in rows:
            for whose in {"", folded(user or "")}:
                found[folded(matter), whose] = batch
        return found
