"""The table of entries: its columns, and a row read as an Entry."""

from datetime import date
from typing import Any

from brought_forward.storage.audit import link
from brought_forward.storage.database import Database, amount, maybe_instant
from brought_forward.storage.records.entry import Entry, EntryState

E = EntryState

# Another batch of ours holds a matter while its entry may stand in Clio.
HOLDING = f"('{E.SENDING}', '{E.POSTED}', '{E.UNCLEAR}', '{E.WRONG}')"


# As `Entry` has them; read in this order, since a batch may have 50,000.
ENTRY = (
    "id, batch, position, matter_id, matter_number, user_id, user_name, amount_cents, date, note, state, token,"
    " sent_at, look_at, clio_id, reason, found, clio_at, clio_note, unanswered"
)


def seal(file: Database, entry: int, kind: str = "entry") -> None:
    """Tell the audit what an entry is by now, or by the kind "send" what is about to be sent of it."""
    row = file.row(
        "SELECT firm, batch, matter_id, user_id, amount_cents AS cents, date, state, token, clio_id, reason FROM entry"
        " WHERE id = ?",
        (entry,),
    )
    if row is not None:
        firm, batch, reason = row.pop("firm"), row.pop("batch"), row.pop("reason")
        link(file, firm, kind, batch=batch, subject=entry, facts=row, words={"reason": reason})


def read_entry(row: tuple[Any, ...]) -> Entry:
    """Read a row of the table of entries, its columns as ENTRY names them."""
    number, batch, position, matter_id, matter, user_id, user, amount_cents, day, note, state, token, *more = row
    sent_at, look_at, clio_id, reason, found, clio_at, clio_note, unanswered = more
    return Entry(
        number,
        batch,
        position,
        matter_id,
        matter,
        user_id,
        user,
        amount(amount_cents),
        date.fromisoformat(day),
        note,
        EntryState(state),
        token,
        maybe_instant(sent_at),
        maybe_instant(look_at),
        clio_id,
        reason,
        bool(found),
        maybe_instant(clio_at),
        clio_note,
        unanswered,
    )
