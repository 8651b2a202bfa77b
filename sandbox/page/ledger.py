"""What the pretend firm's books come to, and whether they are what was approved: values for the page to draw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from brought_forward.sandbox.clio import Firm, Matter, TimeEntry
from brought_forward.sandbox.page.desk import Approved

PAGE = 20  # rows of a list


@dataclass(frozen=True, slots=True)
class Share:
    """What one user has, `part` of the largest share from 0 to 1."""

    name: str
    entries: int
    amount: Decimal
    part: float


@dataclass(frozen=True, slots=True)
class Sums:
    """The firm's entries against what the bot's books say was approved."""

    approved: int
    approved_amount: Decimal
    entries: int
    amount: Decimal
    to_come: int  # approved, and not in Clio yet
    doubled: int  # entries too many: the same matter, user and description more than once
    lost: int  # posted by the bot's books, and not in Clio


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry as it is listed."""

    entry: TimeEntry
    matter: str
    user: str
    description: str
    bill: str  # "", "draft", "approved"


@dataclass(frozen=True, slots=True)
class MatterRow:
    """A matter as it is listed, with what was entered on it."""

    matter: Matter
    client: str
    attorney: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of rows, counted from 1."""

    rows: Sequence[EntryRow] | Sequence[MatterRow]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """Count the pages."""
        return max(-(-self.total // PAGE), 1)


def money(firm: Firm, amount: Decimal) -> str:
    """Write an amount with the firm's sign."""
    return f"{'-' if amount < 0 else ''}{firm.settings.currency_sign}{abs(amount):,.2f}"


def sums(entries: Sequence[TimeEntry], approved: Sequence[Approved]) -> Sums:
    """Count and add up both sides."""
    held = Counter((one.matter_id, one.user_id, one.activity_description_id) for one in entries)
    pairs = Counter((one.matter_id or 0, one.user_id) for one in entries)
    wanted = Counter((one.matter_id, one.user_id) for one in approved)
    posted = Counter((one.matter_id, one.user_id) for one in approved if one.posted)
    return Sums(
        approved=len(approved),
        approved_amount=sum((one.amount for one in approved), Decimal(0)),
        entries=len(entries),
        amount=sum((one.total for one in entries), Decimal(0)),
        to_come=(wanted - pairs - (posted - pairs)).total(),
        doubled=sum(many - 1 for many in held.values()),
        lost=(posted - pairs).total(),
    )


def shares(firm: Firm, entries: Sequence[TimeEntry]) -> list[Share]:
    """Add up by user, the largest first."""
    counts = Counter(one.user_id for one in entries)
    amounts: dict[int, Decimal] = {}
    for one in entries:
        amounts[one.user_id] = amounts.get(one.user_id, Decimal(0)) + one.total
    most = max((abs(amount) for amount in amounts.values()), default=Decimal(0)) or Decimal(1)
    ordered = sorted(amounts.items(), key=lambda pair: -pair[1])
    return [
        Share(firm.users[user].name, counts[user], amount, float(max(amount, Decimal(0)) / most))
        for user, amount in ordered
    ]


def entry_page(firm: Firm, entries: Sequence[TimeEntry], page: int) -> Listing:
    """List entries, the newest first."""
    page = max(1, min(page, -(-len(entries) // PAGE) or 1))
    end = len(entries) - (page - 1) * PAGE
    return Listing([entry_row(firm, one) for one in reversed(entries[max(end - PAGE, 0) : end])], len(entries), page)


def entry_row(firm: Firm, entry: TimeEntry) -> EntryRow:
    """Show one entry."""
    matter = firm.matters.get(entry.matter_id)
    description = firm.descriptions.get(entry.activity_description_id)
    return EntryRow(
        entry,
        matter.display_number if matter else "No matter",
        firm.users[entry.user_id].name,
        description.name if description else "",
        "approved" if entry.billed else "draft" if entry.on_bill else "",
    )


def matter_page(firm: Firm, entries: Sequence[TimeEntry], wanted: str, page: int) -> Listing:
    """List the matters whose id, number, client or attorney holds the words, in the order of their ids."""
    words = wanted.casefold().split()
    with firm.lock:
        found = [one for one in firm.matters if all(word in _words(firm, one) for word in words)]
    page = max(1, min(page, -(-len(found) // PAGE) or 1))
    chosen = found[(page - 1) * PAGE : page * PAGE]
    amounts: dict[int | None, Decimal] = {}
    for one in entries:
        amounts[one.matter_id] = amounts.get(one.matter_id, Decimal(0)) + one.total
    rows = [MatterRow(one, _client(firm, one), _attorney(firm, one), amounts.get(one.id)) for one in chosen]
    return Listing(rows, len(found), page)


def _words(firm: Firm, matter: Matter) -> str:
    return f"{matter.id}\n{matter.display_number}\n{_client(firm, matter)}\n{_attorney(firm, matter)}".casefold()


def _client(firm: Firm, matter: Matter) -> str:
    client = firm.contacts.get(matter.client_id)
    return client.name if client else ""


def _attorney(firm: Firm, matter: Matter) -> str:
    attorney = firm.users.get(matter.responsible_attorney_id)
    return attorney.name if attorney else ""
