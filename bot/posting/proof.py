"""Whether an entry in Clio is as sent: asked of each answer, of what a look finds, and before an undo deletes. Pure."""

import html
import unicodedata
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal

from brought_forward.bot.clio.shapes import TimeEntry
from brought_forward.bot.messages.words import clean, long_date, money, shortened
from brought_forward.storage.records.batch import EntryForm
from brought_forward.storage.records.entry import Entry

CLOCKS = timedelta(seconds=2)  # the Date header and created_at are whole seconds, and answers take a while
UNTOLD = "Clio does not say whether it is billable, nor when it was read again"
NOTE = 80  # characters of a note that are quoted
AS_SENT = {
    EntryForm.FLAT: "as a flat rate",
    EntryForm.FLAT_HOUR: "as a flat rate with one hour",
    EntryForm.HOUR: "as one hour at this rate",
}
# How a system may spell a text that it is sent; which of these Clio does, its own answers tell.
WAYS: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: html.escape(text, quote=False),
    html.escape,
    lambda text: unicodedata.normalize("NFC", text),
    lambda text: unicodedata.normalize("NFKC", text),
)


def misbooked(entry: Entry, made: TimeEntry, form: EntryForm) -> bool:
    """Whether Clio shows what an entry comes to, and booked it in another way or at another amount than sent."""
    if made.price is None or made.total is None:
        return False
    return made.flat_rate is not form.flat or not made.total == made.price == entry.amount


def differs(
    entry: Entry, made: TimeEntry, description_id: int | None, currency: str, form: EntryForm = EntryForm.FLAT
) -> str | None:
    """Say how Clio's entry differs from what was sent. Returns None where it is as sent. Rule 5 of the design."""
    if made.flat_rate is not form.flat and (not form.flat or made.total == entry.amount):
        return f"Clio booked it {'hourly' if form.flat else 'as a flat rate'}, not {AS_SENT[form]}."
    if made.flat_rate is not form.flat:
        shown = money(made.total, currency) if made.total is not None else "a hidden total"
        return (
            f"Clio booked it hourly with a total of {shown} instead of {money(entry.amount, currency)}."
            " The activity description is not a flat rate."
        )
    if made.total is None or made.price is None:
        return "Clio hides its amount from the connected user. Connect a user who may see all billing rates."
    if apart := amounts(entry, made, currency):
        return f"{'; '.join(apart)}."
    for name, is_so in (
        ("matter", made.matter_id == entry.matter_id),
        ("user", made.user_id == entry.user_id),
        ("activity description", made.description_id == description_id),
        ("type", made.type == "TimeEntry"),
    ):
        if not is_so:
            return f"Clio booked it to another {name}."
    if made.date != entry.date:
        there = long_date(made.date) if made.date else "no day"
        return f"Clio dated it {there} instead of {long_date(entry.date)}."
    if made.non_billable:
        return "Clio made it non-billable, so no bill would carry it."
    return None


def amounts(entry: Entry, made: TimeEntry, currency: str) -> list[str]:
    """Say which of price and total is not the amount that was sent; hidden ones say nothing."""
    sent = money(entry.amount, currency)
    named = [("total", made.total)] if made.total == made.price else [("price", made.price), ("total", made.total)]
    return [
        f"its {name} in Clio is {_exactly(there, currency)} instead of {sent}"
        for name, there in named
        if there is not None and there != entry.amount
    ]


def _exactly(amount: Decimal, currency: str) -> str:
    """Write an amount; where it is no whole number of cents, with all its digits."""
    return money(amount, currency) if amount == round(amount, 2) else f"{amount.normalize():f} {currency}"


def same(entry: Entry, made: TimeEntry, proven: Mapping[str, str]) -> bool:
    """Whether an entry in Clio is the one planned: matter, user, date, price and note as Clio spells it."""
    return (
        (made.matter_id, made.user_id, made.date, made.price)
        == (entry.matter_id, entry.user_id, entry.date, entry.amount)
    ) and same_note(made.note, spelled(entry.note, proven))


def strange(entry: Entry, found: TimeEntry, proven: Mapping[str, str], currency: str) -> str | None:
    """Say why what a look found for an entry's matter and user is somebody else's. Returns None where it is ours.

    Ours is as sent in date, price and note, and not older than the sending. What differs in flat rate, total or
    billable alone is ours all the same: that is for `differs` to tell.
    """
    why = []
    if found.created_at and entry.clio_at and found.created_at < entry.clio_at - CLOCKS:
        why.append("it was made before ours was sent")
    if found.type != "TimeEntry":
        why.append(f"it is of type {clean(found.type)}")
    if found.price != entry.amount:
        there = _exactly(found.price, currency) if found.price is not None else "hidden"
        why.append(f"its price is {there} instead of {money(entry.amount, currency)}")
    if found.date != entry.date:
        there = long_date(found.date) if found.date else "no day"
        why.append(f"it is dated {there} instead of {long_date(entry.date)}")
    if not same_note(found.note, spelled(entry.note, proven)):
        why.append(f'its note is "{shortened(clean(found.note), NOTE)}"' if found.note.strip() else "it has no note")
    return "; ".join(why) or None


def doubt(entry: Entry, found: TimeEntry, proven: Mapping[str, str], currency: str) -> str | None:
    """Say why what a look found settles nothing. Returns None where it does."""
    if why := strange(entry, found, proven, currency):
        return f"it may be somebody else's: {why}"
    return UNTOLD if found.non_billable is None else None


def spelled(note: str, proven: Mapping[str, str]) -> str:
    """Write a note as Clio does, by the notes that it has proved: the same note, else a way that fits all of them."""
    if note in proven:
        return proven[note]
    for way in WAYS:
        if all(same_note(way(sent), there) for sent, there in proven.items()):
            return way(note)
    return note


def same_note(one: str, other: str) -> bool:
    """Whether two notes say the same, white space aside."""
    return one.split() == other.split()
