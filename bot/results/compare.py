"""Compare what a batch posted with what Clio holds: entry by entry, then by matter, by user and in total. Pure."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from brought_forward.bot.clio.shapes import TimeEntry
from brought_forward.bot.messages.words import long_date, money, shortened
from brought_forward.bot.posting.proof import UNTOLD, amounts, same_note
from brought_forward.storage.records.batch import Batch, EntryForm
from brought_forward.storage.records.entry import Entry, EntryState
from brought_forward.storage.records.inquiry import Difference, Kind, ReadBack, Sums

NOTE = 80  # characters of a note that are quoted


@dataclass(frozen=True, slots=True)
class Books:
    """Both sides: ours, and what Clio answered."""

    batch: Batch
    entries: Sequence[Entry]  # ours, whatever became of them
    listed: Sequence[TimeEntry]  # Clio's, of our activity description
    elsewhere: Sequence[TimeEntry] = ()  # ours by their ids, but of another description by now
    hidden: Collection[int] = ()  # matters that Clio does not show: it answers 404 for what is on them, too
    older: Collection[int] = ()  # ids that stood in Clio before the batch, or were removed by us
    known: Collection[int] = ()  # ids that any batch of ours posted
    matters: Mapping[int, str] = field(default_factory=dict)  # numbers by id, ours too
    users: Mapping[int, str] = field(default_factory=dict)
    reversed: Mapping[int, Entry] = field(default_factory=dict)  # by Clio's ids: what an undo has deleted

    @property
    def posted(self) -> list[Entry]:
        """Those entries that should be in Clio."""
        return [entry for entry in self.entries if entry.state is EntryState.POSTED]

    def missing(self) -> list[int]:
        """Give the ids that should be listed and are not: they may be of another description by now."""
        there = {found.id for found in self.listed}
        return [entry.clio_id for entry in self.posted if entry.clio_id and entry.clio_id not in there]


def compare(books: Books, read_at: datetime | None = None) -> ReadBack:
    """Name every entry that is missing, changed, moved or there beside ours, and sum both sides in cents."""
    there = {found.id: found for found in books.listed}
    aside = {found.id: found for found in books.elsewhere}
    differences: list[Difference] = []
    matters, users = _Totals(), _Totals()
    count, total = 0, Decimal(0)
    for entry in books.posted:
        matters.ours(entry.matter_id, entry.matter_number, entry.amount)
        users.ours(entry.user_id, entry.user_name, entry.amount)
        found = there.get(entry.clio_id or 0)
        if found is None:
            differences.append(_gone(books, entry, aside.get(entry.clio_id or 0)))
            continue
        held = found.total if found.total is not None else Decimal(0)
        count, total = count + 1, total + held
        matters.clios(found.matter_id, _matter(books, found.matter_id), held)
        users.clios(found.user_id, _user(books, found.user_id), held)
        differences += _differences(books, entry, found)
    differences += _extra(books)
    differences += [
        Difference(Kind.EXTRA, undone.matter_number, "is still listed though it was reversed", undone.matter_id)
        for number, undone in books.reversed.items()
        if number in there
    ]
    return ReadBack(
        entries=count,
        amount=total,
        differences=tuple(differences),
        users=users.all(),
        matters=tuple(one for one in matters.all() if one.posted != one.in_clio),
        matter_count=len({entry.matter_id for entry in books.posted}),
        read_at=read_at,
    )


def _gone(books: Books, entry: Entry, aside: TimeEntry | None) -> Difference:
    amount = money(entry.amount, books.batch.currency or "")
    if aside is None and entry.matter_id in books.hidden:
        text = f"is not shown, nor is its matter, so nobody can tell whether it is there: {amount}, {entry.user_name}"
        return Difference(Kind.MISSING, entry.matter_number, text, entry.matter_id)
    if aside is None:
        return Difference(
            Kind.MISSING, entry.matter_number, f"is missing: {amount}, {entry.user_name}", entry.matter_id
        )
    text = f"changed: {amount} stands under another activity description in Clio"
    return Difference(Kind.CHANGED, entry.matter_number, text, entry.matter_id)


def _differences(books: Books, entry: Entry, found: TimeEntry) -> list[Difference]:
    """Say where an entry was moved to and what was changed in it."""
    said = []
    amount = money(entry.amount, books.batch.currency or "")
    if found.matter_id != entry.matter_id:
        to = _matter(books, found.matter_id)
        said.append(Difference(Kind.MOVED, entry.matter_number, f"moved to {to}: {amount}", entry.matter_id))
    if found.user_id != entry.user_id:
        text = f"moved from {entry.user_name} to {_user(books, found.user_id)}: {amount}"
        said.append(Difference(Kind.MOVED, entry.matter_number, text, entry.matter_id))
    if changes := _changes(entry, found, books.batch.currency or "", books.batch.form):
        text = f"changed: {'; '.join(changes)}"
        said.append(Difference(Kind.CHANGED, entry.matter_number, text, entry.matter_id))
    return said


def _changes(entry: Entry, found: TimeEntry, currency: str, form: EntryForm) -> list[str]:
    changes = []
    sent = money(entry.amount, currency)
    if found.total is None or found.price is None:
        changes.append("Clio hides its amount from the connected user. Connect a user who may see all billing rates")
    elif found.flat_rate is not form.flat:
        how = "hourly" if form.flat else "a flat rate"
        changes.append(f"it is {how} now, with a total of {money(found.total, currency)} instead of {sent}")
    else:
        changes += amounts(entry, found, currency)
    if found.date != entry.date:
        day = long_date(found.date) if found.date else "without a day"
        changes.append(f"it is dated {day} instead of {long_date(entry.date)}")
    note = entry.clio_note or entry.note
    if not same_note(found.note, note):
        changes.append(f'its note is "{shortened(found.note, NOTE)}" instead of "{shortened(note, NOTE)}"')
    if found.non_billable is not False:
        changes.append("it is non-billable, so no bill would carry it" if found.non_billable else UNTOLD)
    if found.type != "TimeEntry":
        changes.append(f"it is of type {found.type}")
    return changes


def _extra(books: Books) -> list[Difference]:
    """Name entries of our description on the batch's matters that no batch of ours posted."""
    numbers = {entry.matter_id: entry.matter_number for entry in books.entries}
    ours = {entry.clio_id for entry in books.entries if entry.clio_id}
    said = []
    for found in books.listed:
        if found.matter_id not in numbers or found.id in ours or found.id in books.older or found.id in books.known:
            continue
        held = money(found.total, books.batch.currency or "") if found.total is not None else "a hidden amount"
        day = f", {long_date(found.date)}" if found.date else ""
        text = f"has one entry more than was posted here: {held}, {_user(books, found.user_id)}{day}"
        said.append(Difference(Kind.EXTRA, numbers[found.matter_id], text, found.matter_id))
    return said


def _matter(books: Books, matter_id: int | None) -> str:
    if matter_id is None:
        return "no matter"
    return books.matters.get(matter_id) or f"a matter that I cannot see (id {matter_id})"


def _user(books: Books, user_id: int | None) -> str:
    if user_id is None:
        return "no user"
    return books.users.get(user_id) or f"a user that I cannot see (id {user_id})"


class _Totals:
    """Sum both sides by id; names as they were met first."""

    def __init__(self) -> None:
        self._names: dict[int | None, str] = {}
        self._ours: dict[int | None, Decimal] = defaultdict(Decimal)
        self._clios: dict[int | None, Decimal] = defaultdict(Decimal)

    def ours(self, id_: int, name: str, amount: Decimal) -> None:
        self._names.setdefault(id_, name)
        self._ours[id_] += amount

    def clios(self, id_: int | None, name: str, amount: Decimal) -> None:
        self._names.setdefault(id_, name)
        self._clios[id_] += amount

    def all(self) -> tuple[Sums, ...]:
        """Give every sum, by name."""
        named = sorted(self._names.items(), key=lambda one: one[1])
        return tuple(Sums(name, self._ours[id_], self._clios[id_]) for id_, name in named)
