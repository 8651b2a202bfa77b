"""What Clio holds of a batch, compared with what was posted, and how that is said. Pure."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from brought_forward.bot.messages.blocks import (
    Block,
    Cell,
    Text,
    as_many,
    context,
    link_cell,
    money_cell,
    section,
    table,
    tables,
    text_cell,
)
from brought_forward.bot.messages.words import count, esc, money, person, when
from brought_forward.storage.records.batch import Batch

SUMS = 3_000  # characters of each of two tables of sums
NAMES = 10  # differences named one by one within a sentence; more get tables of their own


class Kind(StrEnum):
    """In which way Clio differs from what was posted."""

    MISSING = "missing"
    CHANGED = "changed"
    MOVED = "moved"
    EXTRA = "extra"


@dataclass(frozen=True, slots=True)
class Difference:
    """One entry that is not in Clio as it was posted."""

    kind: Kind
    matter: str  # the number that it was posted to; of an extra one, where it stands
    text: str  # goes on after the number: "moved from Don Draper to Peggy Olson: $1,250.00"
    matter_id: int | None = None

    @property
    def sentence(self) -> str:
        """Name the matter and say what differs."""
        return f"{self.matter} {self.text}"


@dataclass(frozen=True, slots=True)
class Sums:
    """What one matter or user has by our books, and in Clio."""

    name: str
    posted: Decimal
    in_clio: Decimal


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What Clio holds of a batch: `entries` and `amount` are of those that we posted and that are still there."""

    entries: int
    amount: Decimal
    differences: tuple[Difference, ...] = ()
    users: tuple[Sums, ...] = ()  # every user that has something, here or there
    matters: tuple[Sums, ...] = ()  # only those where the two differ
    matter_count: int = 0  # how many matters were compared
    failed: str = ""  # why Clio could not be read
    read_at: datetime | None = None

    @property
    def equal(self) -> bool:
        """Whether Clio holds what was posted, no more and no less."""
        return not (self.differences or self.failed)


def kept(found: ReadBack) -> dict[str, Any]:
    """Write what reading back found, as the batch keeps it."""

    def sums(some: Sequence[Sums]) -> list[list[str]]:
        return [[one.name, str(one.posted), str(one.in_clio)] for one in some]

    return asdict(found) | {
        "amount": str(found.amount),
        "users": sums(found.users),
        "matters": sums(found.matters),
        "read_at": found.read_at.isoformat() if found.read_at else None,
        "equal": found.equal,
    }


def read_back(text: str | None) -> ReadBack | None:
    """Read what a batch keeps of its reading back; what an older version wrote, too."""
    if text is None:
        return None
    found = json.loads(text)

    def sums(name: str) -> tuple[Sums, ...]:
        return tuple(Sums(one, Decimal(posted), Decimal(there)) for one, posted, there in found.get(name, ()))

    differences = [
        Difference(Kind(one["kind"]), one["matter"], one["text"], one["matter_id"])
        for one in found.get("differences", ())
    ]
    differences += [Difference(Kind.MISSING, one, "is missing") for one in found.get("missing", ())]
    for kind in (Kind.CHANGED, Kind.EXTRA):
        differences += [Difference(kind, "", one) for one in found.get(kind, ())]
    return ReadBack(
        entries=found["entries"],
        amount=Decimal(found["amount"]),
        differences=tuple(differences),
        users=sums("users"),
        matters=sums("matters"),
        matter_count=found.get("matter_count", 0),
        failed=found["failed"],
        read_at=datetime.fromisoformat(at) if (at := found.get("read_at")) else None,
    )


def compared(found: ReadBack, currency: str) -> str:
    """Say in a sentence or two what Clio holds, and what differs."""
    if found.failed:
        return f"Clio could not be read back: {esc(found.failed)}"
    what = f"Read back from Clio: {count(found.entries, 'entry', 'entries')}, {money(found.amount, currency)}"
    if found.equal:
        return f"{what}, equal to the cent."
    shown = "; ".join(esc(one.sentence.rstrip(".")) for one in found.differences[:NAMES])
    rest = len(found.differences) - NAMES
    more = f"; and {rest:,} more, all of them in the tables below" if rest > 0 else ""
    return f"{what}. :warning: This is not what was posted: {shown}{more}."


def differing(batch: Batch, found: ReadBack, clio_site: str) -> list[Text]:
    """Show every difference in tables, where there are more than a sentence can name."""
    if len(found.differences) <= NAMES:
        return []
    ordered = sorted(found.differences, key=lambda one: (list(Kind).index(one.kind), one.matter))
    rows = [[_matter(one, clio_site), text_cell(one.text[:400])] for one in ordered]
    return tables(f"{batch.file_name} ({batch.name})", "differences", ("Matter", "In Clio"), rows)


def reconciled(batch: Batch, found: ReadBack, posted: Decimal, asked_by: str) -> Text:
    """Answer whether Clio still holds what was posted; the sums by user, and by matter where they differ."""
    currency = batch.currency or ""
    parts = [f"*{esc(batch.file_name)} ({batch.name}). {compared(found, currency)}*"]
    if found.equal:
        parts.append(
            f"{count(found.matter_count, 'matter')} and {count(len(found.users), 'user')} compared one by one:"
            " each has in Clio what was posted here."
        )
    elif not found.failed:
        gap = found.amount - posted
        parts.append(
            f"Posted here: {money(posted, currency)}. In Clio: {money(found.amount, currency)}."
            + (f" Difference: {money(gap, currency)}." if gap else " The sums agree, the entries do not.")
        )
        parts.append("Nothing was changed in Clio. Put right there what is not meant, then ask again.")
    blocks: list[Block] = [section("\n".join(parts))]
    if not found.failed:
        for caption, name, sums in (
            (f"{batch.name} by user", "User", found.users),
            (f"{batch.name}: matters whose sum differs", "Matter", found.matters),
        ):
            blocks += [_sums(caption, name, sums, currency)] if sums else []
    at = f"Read {when(found.read_at)}. " if found.read_at else ""
    blocks.append(context(f"{at}Asked for by {person(asked_by)}."))
    state = "equal" if found.equal else "not read" if found.failed else "not equal"
    return Text(f"{batch.name}: compared with Clio, {state}", blocks)


def _sums(caption: str, name: str, sums: Sequence[Sums], currency: str) -> Block:
    """Show sums, the first of them where they are many; the caption says so."""
    rows = [
        [
            text_cell(one.name[:100]),
            money_cell(one.posted, currency),
            money_cell(one.in_clio, currency),
            money_cell(one.in_clio - one.posted, currency),
        ]
        for one in sums
    ]
    few = as_many(rows, SUMS)
    if len(few) < len(rows):
        caption += f", the first {len(few)} of {len(rows):,}"
    return table(caption, (name, "Posted here", "In Clio", "Difference"), few, page=20)


def _matter(one: Difference, clio_site: str) -> Cell:
    if one.matter_id is None:
        return text_cell(one.matter[:200])
    return link_cell(one.matter[:200], f"{clio_site}/nc/#/matters/{one.matter_id}")
