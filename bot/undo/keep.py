"""Why an entry that stands in Clio is not deleted by an undo: it is on a bill, or no longer what was sent. Pure."""

from brought_forward.bot.clio.shapes import NamedEntry
from brought_forward.bot.messages.words import clean, long_date, shortened
from brought_forward.bot.posting.proof import UNTOLD, amounts, differs, same_note
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import Entry

NAME = 60  # characters of a matter's number or a user's name
NOTE = 80


def why_kept(entry: Entry, found: NamedEntry, batch: Batch) -> str | None:
    """Say in words why this entry of Clio's stays. Returns None where it may be deleted."""
    there = found.entry
    if there.billed or there.on_bill:
        return _billed(found)
    changes = _changes(entry, found, batch)
    if changes:
        return f"changed in Clio since it was posted: {'; '.join(changes)}"
    unlike = differs(entry, there, batch.description_id, batch.currency or "", batch.form)
    return f"it is no longer as it was sent: {unlike}" if unlike else None


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
    if there.flat_rate is not batch.form.flat:
        said.append("it is no flat rate any more" if batch.form.flat else "it is a flat rate now")
    if there.price is None or there.total is None:
        said.append("Clio hides its amount from the connected user")
    said += amounts(entry, there, currency)
    if there.description_id != batch.description_id:
        said.append("it has another activity description")
    if there.date != entry.date:
        said.append(f"it is dated {long_date(there.date) if there.date else 'no day'}")
    if there.non_billable is not False:
        said.append("it is not billable" if there.non_billable else UNTOLD)
    if not same_note(there.note, entry.clio_note or entry.note):
        said.append(f'its note is "{shortened(clean(there.note), NOTE)}"' if there.note.strip() else "its note is gone")
    return said


def _named(name: str | None, none: str, kind: str) -> str:
    return f"{kind} {shortened(clean(name), NAME)}" if name else none
