"""Why an entry that stands in Clio is not deleted by an undo: it is on a bill, or no longer what was sent. Pure."""

from brought_forward.bot.clio.shapes import NamedEntry
from brought_forward.bot.messages.words import clean, long_date, money, shortened
from brought_forward.bot.posting.proof import differs, same
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import Entry

NAME = 60  # characters of a matter's number or a user's name
NOTE = 80


def why_kept(entry: Entry, found: NamedEntry, batch: Batch) -> str | None:
    """Say in words why this entry of Clio's stays; None where it may be deleted."""
    there = found.entry
    if there.billed or there.on_bill:
        return _billed(found)
    unlike = differs(entry, there, batch.description_id, batch.currency or "")
    if unlike is None and same(entry, there):
        return None
    changes = _changes(entry, found, batch)
    if not changes:
        return f"it is no longer as it was sent: {unlike or 'its note differs.'}"
    return f"changed in Clio since it was posted: {'; '.join(changes)}"


def _billed(found: NamedEntry) -> str:
    state = (found.bill_state or "").replace("_", " ")
    bill = f"bill {clean(found.bill)[:40]}" if found.bill else "a bill"
    if found.entry.billed:
        return f"it is billed, on {bill}" + (f" ({state})" if state else "")
    return f"it is on a {state or 'draft'} bill" + (f", {clean(found.bill)[:40]}" if found.bill else "")


def _changes(entry: Entry, found: NamedEntry, batch: Batch) -> list[str]:
    there, currency = found.entry, batch.currency or ""
    said: list[str] = []
    if there.matter_id != entry.matter_id:
        said.append(f"it stands on {_named(found.matter, 'no matter', 'matter')}")
    if there.user_id != entry.user_id:
        said.append(f"it belongs to {_named(found.user, 'no user', 'user')}")
    if there.flat_rate is not True:
        said.append("it is no flat rate any more")
    if there.price is None or there.total is None:
        said.append("Clio hides its amount from the connected user")
    else:
        wrong = [one for one in (there.price, there.total) if one != entry.amount]
        if wrong:
            said.append(f"its amount is {money(wrong[-1], currency)} instead of {money(entry.amount, currency)}")
    if there.description_id != batch.description_id:
        said.append("it has another activity description")
    if there.date != entry.date:
        said.append(f"it is dated {long_date(there.date) if there.date else 'no day'}")
    if there.non_billable is not False:
        said.append("it is not billable")
    if there.note.split() != entry.note.split():
        said.append(f'its note is "{shortened(clean(there.note), NOTE)}"' if there.note.strip() else "its note is gone")
    return said


def _named(name: str | None, none: str, kind: str) -> str:
    return f"{kind} {shortened(clean(name), NAME)}" if name else none
