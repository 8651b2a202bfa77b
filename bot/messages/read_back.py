"""What Clio holds of a batch, compared with what was posted, and how that is said. Pure."""

from collections.abc import Sequence
from decimal import Decimal

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
from brought_forward.storage.records.inquiry import Difference, Kind, ReadBack, Sums

SUMS = 3_000  # characters of each of two tables of sums
NAMES = 10  # differences named one by one within a sentence; more get tables of their own


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
