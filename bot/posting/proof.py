"""Whether an entry in Clio is as sent: asked of each answer, of what a look finds, and before an undo deletes. Pure."""

from decimal import Decimal

from brought_forward.bot.clio.shapes import TimeEntry
from brought_forward.bot.messages.words import long_date, money
from brought_forward.storage.records.entry import Entry


def differs(entry: Entry, made: TimeEntry, description_id: int | None, currency: str) -> str | None:
    """Say how Clio's entry differs from what was sent; None where it is as sent. Rule 5 of the design."""
    if made.flat_rate is not True:
        shown = money(made.total, currency) if made.total is not None else "a hidden total"
        return (
            f"Clio booked it hourly with a total of {shown} instead of {money(entry.amount, currency)}."
            " The activity description is not a flat rate."
        )
    if made.total is None or made.price is None:
        return "Clio hides its amount from the connected user. Connect a user who may see all billing rates."
    if not made.total == made.price == entry.amount:
        return f"its total in Clio is {money(made.total, currency)} instead of {money(entry.amount, currency)}."
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
    if made.non_billable is not False:
        return "Clio made it non-billable, so no bill would carry it."
    return None


def same(entry: Entry, made: TimeEntry) -> bool:
    """Whether an entry in Clio is the one planned: matter, user, date, price and note."""
    return (
        (made.matter_id, made.user_id, made.date) == (entry.matter_id, entry.user_id, entry.date)
        and made.price is not None
        and Decimal(made.price) == entry.amount
        and made.note.split() == entry.note.split()
    )
