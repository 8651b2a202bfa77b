"""What a firm's batches say together: the same file or lines again, what a matter had before, every entry of one.

What is compared for a preview is compared within its channel: who reads it there need not know what others were sent.
"""

from collections.abc import Iterable
from decimal import Decimal

from brought_forward.storage.database import Table, amount, pieces, places, summed
from brought_forward.storage.entry_table import ENTRY, HOLDING, read_entry
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import Entry
from brought_forward.storage.records.sheet import Owed

S = BatchStatus

Known = tuple[str, int]  # the Clio account, and an id that is unique within it

# A batch of these no longer says what anyone means to post: the file may be dropped again.
OVER = f"('{S.UNREADABLE}', '{S.REJECTED}', '{S.WITHDRAWN}', '{S.EXPIRED}', '{S.UNDONE}')"

APPROVED = f"('{S.APPROVED}', '{S.POSTING}', '{S.PAUSED}', '{S.POSTED}', '{S.STOPPED}', '{S.UNDOING}')"

# An entry of a firm, in a batch that one person brought: parameters 1 and 2, and a 2 of NULL means any batch.
BROUGHT = (
    "firm = ?1 AND (batch IN (SELECT id FROM batch WHERE firm = ?1 AND (uploader = ?2 OR owner = ?2)) OR ?2 IS NULL)"
)


class History(Table):
    """Ask over all batches of a firm."""

    def last_amounts(self, batch: Batch, account: str) -> dict[int, tuple[str, Decimal]]:
        """Give, by matter, the channel's last earlier batch with an entry on it, and what its entries came to there.

        What was undone is gone; what an undo kept still counts.
        """
        before = "SELECT id FROM batch WHERE firm = ?1 AND account = ?2 AND id < ?3 AND channel = ?4"
        rows = self._file.rows(
            f"SELECT matter_id, batch, {summed('amount_cents')} AS total FROM entry WHERE firm = ?1"
            f" AND state <> 'undone' AND (batch IN ({before} AND status NOT IN {OVER}) OR state IN {HOLDING}"
            f" AND batch IN ({before} AND status = '{S.UNDONE}')) GROUP BY matter_id, batch ORDER BY batch",
            (batch.firm, account, batch.id, batch.channel),
        )
        return {row["matter_id"]: (f"B{row['batch']}", amount(row["total"])) for row in rows}

    def same_file(self, batch: int) -> list[int]:
        """Name the other batches of the channel that are of the very same bytes and not over, newest first."""
        rows = self._file.rows(
            "SELECT other.id FROM batch me JOIN batch other ON other.firm = me.firm AND other.sha256 = me.sha256"
            " AND other.channel = me.channel WHERE me.id = ? AND other.id <> me.id"
            f" AND other.status NOT IN {OVER} ORDER BY other.id DESC",
            (batch,),
        )
        return [row["id"] for row in rows]

    def same_lines(self, batch: int) -> list[tuple[int, int]]:
        """Name the channel's other batches of other bytes with the same matter, user and amount; count these lines.

        Newest first. A file whose lines went into this batch is not another.
        """
        rows = self._file.rows(
            "WITH mine AS (SELECT firm, matter, named_user, amount_cents, count(*) AS lines FROM line WHERE"
            " batch = ?1 AND matter IS NOT NULL AND amount_cents IS NOT NULL GROUP BY firm, matter, named_user,"
            " amount_cents),"
            " shared AS (SELECT DISTINCT theirs.batch, mine.matter, mine.named_user, mine.amount_cents, mine.lines FROM"
            " mine JOIN line theirs ON theirs.firm = mine.firm AND theirs.matter = mine.matter"
            " AND theirs.amount_cents = mine.amount_cents AND theirs.named_user IS NOT DISTINCT FROM mine.named_user"
            " AND theirs.batch <> ?1)"
            f" SELECT other.id, {summed('shared.lines')} AS lines FROM shared"
            " JOIN batch other ON other.id = shared.batch JOIN batch me ON me.id = ?1 WHERE other.channel = me.channel"
            " AND other.sha256 IS DISTINCT FROM me.sha256"
            " AND other.joined IS DISTINCT FROM me.id AND me.joined IS DISTINCT FROM other.id"
            f" AND other.status NOT IN {OVER} GROUP BY other.id ORDER BY other.id DESC",
            (batch,),
        )
        return [(row["id"], row["lines"]) for row in rows]

    def last_approved(self, batch: int) -> int | None:
        """Name the channel's last earlier batch that was approved for this Clio account in this currency, or None.

        One of lines that came back mended holds what another left out: it is compared with none, and none with it.
        """
        found: int | None = self._file.value(
            "SELECT other.id FROM batch me JOIN batch other ON other.firm = me.firm AND other.account = me.account"
            " AND other.channel = me.channel AND other.currency = me.currency AND other.id < me.id AND other.mended = 0"
            " WHERE me.id = ? AND me.mended = 0"
            f" AND other.status IN {APPROVED} ORDER BY other.id DESC LIMIT 1",
            (batch,),
        )
        return found

    def owed(self, batch: int) -> list[Owed]:
        """Sum a batch's lines by matter, posted or not: by Clio's number where one was found, else the sheet's."""
        rows = self._file.rows(
            "SELECT coalesce(matter.display_number, entry.matter_number, line.matter) AS matter,"
            f" {summed('line.amount_cents')} AS total FROM line LEFT JOIN entry ON entry.id = line.entry"
            " LEFT JOIN batch ON batch.id = line.batch AND batch.purged_at IS NOT NULL"
            " LEFT JOIN matter ON matter.firm = batch.firm AND matter.account = batch.account"
            " AND matter.id = entry.matter_id"  # a purged batch knows its matters by their ids alone
            " WHERE line.batch = ? AND line.amount_cents IS NOT NULL"
            " AND coalesce(matter.display_number, entry.matter_number, line.matter) IS NOT NULL GROUP BY 1 ORDER BY 1",
            (batch,),
        )
        return [Owed(row["matter"], amount(row["total"])) for row in rows]

    # Of all batches, or of those that one person brought: `of`

    def matters(self, firm: str, *, of: str | None) -> list[tuple[Known, str]]:
        """List every matter that has an entry in such a batch, with its number, by number."""
        return self._named("matter_id", "matter_number", firm, of)

    def users(self, firm: str, *, of: str | None) -> list[tuple[Known, str]]:
        """List every user who has an entry in such a batch, with the name, by name."""
        return self._named("user_id", "user_name", firm, of)

    def _named(self, column: str, name: str, firm: str, of: str | None) -> list[tuple[Known, str]]:
        rows = self._file.tuples(
            f"SELECT DISTINCT account, {column}, {name} FROM entry WHERE {BROUGHT}"
            f" ORDER BY {name}, {column} NULLS FIRST",
            (firm, of),
        )
        return [((account, number), text) for account, number, text in rows]

    def of_matters(self, firm: str, known: Iterable[Known], *, of: str | None) -> list[Entry]:
        """Read all entries on these matters in such batches, those of the newest batch first."""
        return self._entries("matter_id", firm, known, of)

    def of_users(self, firm: str, known: Iterable[Known], *, of: str | None) -> list[Entry]:
        """Read all entries of these users in such batches, those of the newest batch first."""
        return self._entries("user_id", firm, known, of)

    def _entries(self, column: str, firm: str, known: Iterable[Known], of: str | None) -> list[Entry]:
        by_account: dict[str, list[int]] = {}
        for account, number in sorted(known):
            by_account.setdefault(account, []).append(number)
        found = [
            read_entry(row)
            for account, numbers in by_account.items()
            for some in pieces(numbers)
            for row in self._file.tuples(
                f"SELECT {ENTRY} FROM entry WHERE {BROUGHT} AND account = ? AND {column} IN ({places(some)})",
                (firm, of, account, *some),
            )
        ]
        return sorted(found, key=lambda one: (-one.batch, one.position))
