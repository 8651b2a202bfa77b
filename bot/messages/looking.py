"""What looking in Clio again found of unclear entries: what it settles, and what Clio lists of the others. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from brought_forward.bot.messages.blocks import Text, actions, section
from brought_forward.bot.messages.status import look_button
from brought_forward.bot.messages.words import count, esc, long_date, money, person
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import Entry, EntryState

SHOWN = 10  # entries named one by one for each outcome
LISTED = 5  # candidates named for each entry


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that Clio lists and that may be the one in question."""

    id: int
    amount: Decimal | None  # None where Clio hides it
    user: str
    date: date | None


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
    EntryState.UNCLEAR: "Put right in Clio what stands there twice or for the wrong user, then Look again.",
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
        lines = [f"*{head}: {len(some):,}*", *(_line(view, one) for one in some[:SHOWN])]
        if len(some) > SHOWN:
            lines.append(f"and {len(some) - SHOWN:,} more, in the results above.")
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
    found = [_candidate(candidate, currency) for candidate in one.candidates[:LISTED]]
    more = f"; and {len(one.candidates) - LISTED:,} more" if len(one.candidates) > LISTED else ""
    return f"• {what}: Clio lists {'; '.join(found)}{more}"


def _candidate(one: Candidate, currency: str) -> str:
    amount = money(one.amount, currency) if one.amount is not None else "a hidden amount"
    day = f" of {long_date(one.date)}" if one.date else ""
    return f"{amount}{day} for {esc(one.user)} (Clio id {one.id})"
