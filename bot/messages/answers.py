"""What is answered when somebody asks later: of reports, of a look into Clio, of reading back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from brought_forward.bot.messages.blocks import (
    Block,
    Cell,
    Text,
    actions,
    as_many,
    context,
    link_cell,
    money_cell,
    section,
    table,
    tables,
    text_cell,
)
from brought_forward.bot.messages.status import look_button
from brought_forward.bot.messages.words import count, esc, few, first, long_date, money, person, when
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import Entry, EntryState
from brought_forward.storage.records.inquiry import Difference, Inquiry, InquiryKind, Kind, ReadBack, Sums

COMING = {
    InquiryKind.RECONCILE: "{name} is being read back from Clio; what differs comes into its thread ({link}).",
    InquiryKind.BILLS: "I am asking Clio how far the bills of {name} are; it comes into its thread ({link}).",
    InquiryKind.REPORT: "Clio is asked for its Client Activity report of {name}; it comes into its thread ({link}).",
    InquiryKind.LOOK: "I am looking in Clio for what is unclear of {name}; what I find comes into its thread ({link}).",
}
FAILED = {
    InquiryKind.RECONCILE: "{name} could not be compared with Clio",
    InquiryKind.BILLS: "Clio did not tell how far the bills of {name} are",
    InquiryKind.REPORT: "the Client Activity report of {name} did not come from Clio",
    InquiryKind.LOOK: "{name} could not be looked at again",
}


def failed(batch: Batch, inquiry: Inquiry, why: str) -> Text:
    """Say why there is no answer, and how to ask again."""
    said = FAILED[inquiry.kind].format(name=batch.name)
    text = f"{person(inquiry.asked_by)}: {said}. {esc(why)} Ask again with `/balances {inquiry.kind} {batch.name}`."
    return Text(said, [section(text)])


def reported(batch: Batch, inquiry: Inquiry, first: date, last: date) -> Text:
    """Say what the attached report is, and what it is not."""
    text = (
        f"*Clio's Client Activity report for {esc(batch.file_name)} ({batch.name})*, {period(first, last)}, asked for"
        f" by {person(inquiry.asked_by)}. It lists all activity in Clio of that time, not only this batch, and Clio's"
        " reports show credits without their sign."
    )
    return Text(f"{batch.name}: Clio's Client Activity report", [section(text)])


def period(first: date, last: date) -> str:
    """Write a period of days."""
    return long_date(first) if first == last else f"{long_date(first)} to {long_date(last)}"


SHOWN = 10  # entries named one by one for each outcome
LISTED = 5  # candidates named for each entry


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that Clio lists and that may be the one in question."""

    id: int
    amount: Decimal | None  # None where Clio hides it
    user: str
    date: date | None
    why: str = ""  # why it settles nothing


@dataclass(frozen=True, slots=True)
class Looked:
    """An entry that was unclear, what it is now, and what Clio lists where that stays."""

    entry: Entry  # as it stands after the look
    candidates: Sequence[Candidate] = ()


@dataclass(frozen=True, slots=True)
class LookedView:
    """All that the answer to Look again shows."""

    batch: Batch
    looked: Sequence[Looked]
    asked_by: str
    clio_site: str


HEADS = {
    EntryState.POSTED: "Found in Clio, as sent, so posted",
    EntryState.WRONG: "Found in Clio, but not as sent",
    EntryState.NOT_SENT: "Not in Clio, by two looks, so not sent",
    EntryState.UNCLEAR: "Still unclear",
}
NEXT = {
    EntryState.WRONG: "Remove this entry deletes it; Go on then sends it anew.",
    EntryState.NOT_SENT: "Go on sends these.",
    EntryState.UNCLEAR: (
        "Put right in Clio what stands there twice or for the wrong user, then Look again. What may be somebody else's"
        " I never take for ours, and never delete: where it should not be there, delete it in Clio."
    ),
}


def looked(view: LookedView) -> Text:
    """Say of each entry what the look settled; nothing was sent."""
    batch = view.batch
    entries = count(len(view.looked), "unclear entry", "unclear entries")
    blocks = [section(f"*Looked in Clio again for {entries} of {esc(batch.file_name)} ({batch.name})*, asked for by"
                      f" {person(view.asked_by)}. Nothing was sent.")]  # fmt: skip
    for state, head in HEADS.items():
        some = [one for one in view.looked if one.entry.state is state]
        if not some:
            continue
        looked = [_line(view, one) for one in some]
        lines = [f"*{head}: {len(some):,}*", *first(looked, SHOWN, where=", in the results above")]
        blocks.append(section("\n".join([*lines, *([NEXT[state]] if state in NEXT else [])])))
    if any(one.entry.state is EntryState.UNCLEAR for one in view.looked):
        blocks.append(actions(look_button(batch)))
    return Text(f"{batch.name}: looked in Clio again", blocks, "The results above have every matter.")


def _line(view: LookedView, one: Looked) -> str:
    entry, currency = one.entry, view.batch.currency or ""
    link = f"<{view.clio_site}/nc/#/matters/{entry.matter_id}|open the matter>"
    reason = f" {esc(entry.reason)}" if entry.state is EntryState.WRONG and entry.reason else ""
    what = f"{esc(entry.matter_number)}, {esc(entry.user_name)}, {money(entry.amount, currency)} ({link}){reason}"
    if entry.state is not EntryState.UNCLEAR:
        return f"• {what}"
    found = [_candidate(candidate, currency) for candidate in one.candidates]
    return f"• {what}: Clio lists {few(found, LISTED, between='; ', rest='; and {:,} more')}"


def _candidate(one: Candidate, currency: str) -> str:
    amount = money(one.amount, currency) if one.amount is not None else "a hidden amount"
    day = f" of {long_date(one.date)}" if one.date else ""
    why = f": {esc(one.why)}" if one.why else ""
    return f"{amount}{day} for {esc(one.user)} (Clio id {one.id}){why}"


SUMS = 3_000  # characters of each of two tables of sums
NAMES = 10  # differences named one by one within a sentence; more get tables of their own


def compared(found: ReadBack, currency: str) -> str:
    """Say in a sentence or two what Clio holds, and what differs."""
    if found.failed:
        return f"Clio could not be read back: {esc(found.failed)}"
    what = f"Read back from Clio: {count(found.entries, 'entry', 'entries')}, {money(found.amount, currency)}"
    if found.equal:
        return f"{what}, equal to the cent."
    differences = [esc(one.sentence.rstrip(".")) for one in found.differences]
    shown = few(differences, NAMES, between="; ", rest="; and {:,} more, all of them in the tables below")
    return f"{what}. :warning: This is not what was posted: {shown}."


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
