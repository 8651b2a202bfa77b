"""A firm's books as they are: what was billed, paid, credited and written off, and so what each matter owes."""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

CENT = Decimal("0.01")
GIVEN = ["Anna", "Benjamin", "Chidi", "Dana", "Elena", "François", "Grace", "Hiro", "Imani", "Jürgen",
         "Kate", "Liam"]  # fmt: skip
FAMILY = ["Berg", "Castle", "Okafor", "Duarte", "Fischer", "Grant", "Holt", "Iyer", "Jansen", "Kowalski", "Lindqvist",
          "Moore", "Núñez", "Patel", "Quinn", "Reyes", "Stone", "Tran", "Underwood", "Vance", "West",
          "Young"]  # fmt: skip
COMPANY = ["Acme Tooling Ltd", "Total Energy Services LLC", "Sum Holdings Inc.", "Blue Harbor Foods",
           "Average Joe's Gym",
           "Balance Point Yoga", "Cedar & Sons", "Delta Freight, Inc.", "Estate of M. Kerr", "Foster Trust",
           "Grand Hotel",
           "Harbour Credit Union", "Page & Co.", "Invoice Systems LLC", "Northwind Bakery",
           "Oak Street Dental"]  # fmt: skip
SUBJECT = ["Lease dispute", "Estate plan", "Divorce", "Trademark filing", "Employment claim", "Sale of land",
           "Appeal",
           "General advice", "Immigration", "Incorporation", "Slip and fall", "Tax audit", "Refinancing"]  # fmt: skip


class Kind(StrEnum):
    """What is written in the books."""

    INVOICE = "invoice"
    PAYMENT = "payment"
    CREDIT = "credit"
    WRITE_OFF = "write-off"


@dataclass(frozen=True, slots=True)
class User:
    """One of the firm's users."""

    given: str
    family: str
    initials: str

    @property
    def name(self) -> str:
        """The name as it is said."""
        return f"{self.given} {self.family}"

    @property
    def email(self) -> str:
        """An address at the firm."""
        return f"{self.given[0]}{self.family}@hale-north.example".lower().replace("ú", "u").replace("ñ", "n")

    def forms(self) -> set[str]:
        """Give every way in which a sheet may write this user, in lower case."""
        forms = {self.name, f"{self.family}, {self.given}", self.initials, self.email}
        return {one.lower() for one in forms | {one.upper() for one in forms}}


@dataclass(frozen=True, slots=True)
class Client:
    """One of the firm's clients."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter; `short` is its number within its client."""

    number: str
    short: str
    client: Client
    subject: str
    user: User


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of the books; `amount` is positive, `settles` the invoice that it pays, or none yet."""

    kind: Kind
    day: dt.date
    number: str
    matter: Matter
    amount: Decimal
    settles: str | None = None

    @property
    def signed(self) -> Decimal:
        """What it adds to what is owed."""
        return self.amount if self.kind is Kind.INVOICE else -self.amount


@dataclass(slots=True)
class Ledger:
    """All books of one firm up to a day."""

    as_of: dt.date
    users: list[User]
    clients: list[Client]
    matters: list[Matter]
    postings: list[Posting] = field(default_factory=list)
    trust: dict[str, Decimal] = field(default_factory=dict)
    unbilled: dict[str, Decimal] = field(default_factory=dict)

    def of(self, matter: Matter) -> list[Posting]:
        """Give a matter's postings, oldest first."""
        return [one for one in self.postings if one.matter is matter]

    def owed(self, matter: Matter, until: dt.date | None = None) -> Decimal:
        """Sum what a matter owes at the end of a day, today by default."""
        return sum((one.signed for one in self.of(matter) if until is None or one.day <= until), Decimal(0))

    def total(self, matter: Matter, *kinds: Kind, after: dt.date | None = None) -> Decimal:
        """Sum a matter's postings of these kinds, without sign."""
        return sum(
            (one.amount for one in self.of(matter) if one.kind in kinds and (after is None or one.day > after)),
            Decimal(0),
        )

    def open_items(self, matter: Matter) -> list[tuple[Posting, Decimal]]:
        """Give a matter's invoices with what is open of each, and money that settles no invoice as a negative item."""
        settled: dict[str, Decimal] = defaultdict(Decimal)
        for one in self.of(matter):
            if one.settles:
                settled[one.settles] += one.amount
        items = []
        for one in self.of(matter):
            if one.kind is Kind.INVOICE:
                items.append((one, one.amount - settled[one.number]))
            elif one.settles is None:
                items.append((one, -one.amount))
        return items

    def buckets(self, matter: Matter, edges: tuple[int, ...]) -> list[Decimal]:
        """Sum the open items by age in days; the last bucket is what is older than the last edge."""
        sums = [Decimal(0)] * (len(edges) + 1)
        for one, rest in self.open_items(matter):
            sums[bucket((self.as_of - one.day).days, edges)] += rest
        return sums


def bucket(age: int, edges: tuple[int, ...]) -> int:
    """Give the place of the bucket for an age in days."""
    return sum(age > edge for edge in edges)


def draw_ledger(dice: random.Random, *, whole: bool = False, credits_at_least: int = 0, most: int = 14) -> Ledger:
    """Draw a firm and its books. `whole`: an invoice is settled in full or not at all, and nothing else is credited."""
    as_of = (
        dt.date(2026, dice.randint(1, 10), 1) - dt.timedelta(days=1) if dice.random() < 0.8 else dt.date(2026, 9, 17)
    )
    ledger = Ledger(as_of, _users(dice), [], [])
    number = _numbers(dice)
    names = dice.sample([*COMPANY, *[f"{one}, {dice.choice(GIVEN)}" for one in FAMILY]], dice.randint(3, 8))
    for place, name in enumerate(names):
        client = Client(number.client(place), name)
        ledger.clients.append(client)
        for nth in range(dice.choice([1, 1, 2, 2, 3, 4])):
            if len(ledger.matters) == most:
                break
            name_of_matter = number.matter(client, nth, len(ledger.matters))
            ledger.matters.append(
                Matter(name_of_matter, f"{nth + 1:03}", client, dice.choice(SUBJECT), dice.choice(ledger.users))
            )
    ledger.clients = [one for one in ledger.clients if any(matter.client is one for matter in ledger.matters)]
    invoices = dice.choice([101, 2001, 15230])
    for matter in ledger.matters:
        invoices = _postings(dice, ledger, matter, invoices, whole=whole)
        if dice.random() < 0.4:
            ledger.trust[matter.number] = _amount(dice)
        if dice.random() < 0.5:
            ledger.unbilled[matter.number] = _amount(dice)
    if not whole:
        _credit(dice, ledger, credits_at_least)
    ledger.postings.sort(key=lambda one: (one.day, one.number))
    return ledger


@dataclass(frozen=True, slots=True)
class Numbering:
    """How a firm numbers its clients and matters."""

    client: Callable[[int], str]
    matter: Callable[[Client, int, int], str]


def _numbers(dice: random.Random) -> Numbering:
    """Draw one of the ways in which firms number."""
    start = dice.choice([1, 12, 100, 850])

    def last_name(client: Client) -> str:
        return "".join(letter for letter in client.name.split(",")[0].split()[0] if letter.isalnum())

    return dice.choice([
        Numbering(lambda n: f"{start + n:05}", lambda client, _, n: f"{start + n:05}-{last_name(client)}"),
        Numbering(lambda n: f"{start + n}", lambda client, nth, _: f"{client.number}-{nth + 1:03}"),
        Numbering(lambda n: f"{start + n}", lambda client, nth, _: f"{client.number}.{nth + 1:02}M"),
        Numbering(lambda n: f"C{start + n:04}", lambda _, __, n: f"2024-{start + n:04}"),
        Numbering(lambda n: f"{start + n:05}", lambda client, nth, _: f"{client.number}.{nth + 1:04}"),
        Numbering(lambda n: f"{start + n}", lambda _, __, n: f"{10234 + n * 7}"),
        Numbering(lambda n: f"KE{start + n}", lambda c, nth, _: f"{c.number}/{nth + 1}"),
    ])  # fmt: skip


def _users(dice: random.Random) -> list[User]:
    given, family = dice.sample(GIVEN, 4), dice.sample(FAMILY, 4)
    users: list[User] = []
    for first, last in zip(given, family, strict=True):
        initials = first[0] + last[0]
        if all(initials != one.initials for one in users):
            users.append(User(first, last, initials))
    return users[: dice.choice([2, 3, 4])]


def _amount(dice: random.Random) -> Decimal:
    cents = dice.choice([dice.randint(7, 99), dice.randint(1_000, 99_999), dice.randint(10_000, 900_000),
                         dice.randint(100_000, 15_000_000), dice.randint(1, 90) * 5_000])  # fmt: skip
    return Decimal(cents) * CENT


def _postings(dice: random.Random, ledger: Ledger, matter: Matter, number: int, *, whole: bool) -> int:
    """Write a matter's invoices and what came of each; give the next invoice's number."""
    for _ in range(dice.choice([1, 1, 2, 2, 3, 4])):
        day = ledger.as_of - dt.timedelta(days=dice.randint(3, 260))
        invoice = Posting(Kind.INVOICE, day, str(number), matter, _amount(dice))
        number += 1
        ledger.postings.append(invoice)
        roll = dice.random()
        if whole:
            if roll < 0.35:
                kind = dice.choice([Kind.PAYMENT, Kind.PAYMENT, Kind.WRITE_OFF])
                _settle(dice, ledger, invoice, kind, invoice.amount)
            continue
        if roll < 0.25:
            _settle(dice, ledger, invoice, Kind.PAYMENT, _part(dice, invoice.amount))
        elif roll < 0.42:
            _settle(dice, ledger, invoice, Kind.PAYMENT, invoice.amount)
        elif roll < 0.5:
            _settle(dice, ledger, invoice, Kind.CREDIT, _part(dice, invoice.amount))
            _settle(dice, ledger, invoice, Kind.PAYMENT, _part(dice, invoice.amount) / 2)
        elif roll < 0.55:
            paid = _part(dice, invoice.amount)
            _settle(dice, ledger, invoice, Kind.PAYMENT, paid)
            _settle(dice, ledger, invoice, Kind.WRITE_OFF, invoice.amount - paid)
        elif roll < 0.58:
            _settle(dice, ledger, invoice, Kind.PAYMENT, invoice.amount + _amount(dice))
    if not whole and dice.random() < 0.08:
        day = ledger.as_of - dt.timedelta(days=dice.randint(1, 60))
        ledger.postings.append(Posting(Kind.PAYMENT, day, _reference(dice), matter, _amount(dice)))
    return number


def _part(dice: random.Random, amount: Decimal) -> Decimal:
    return max((amount * dice.randint(5, 80) / 100).quantize(CENT), CENT)


def _reference(dice: random.Random) -> str:
    return dice.choice(["CHQ ", "EFT", "R-", ""]) + str(dice.randint(1000, 9999))


def _settle(dice: random.Random, ledger: Ledger, invoice: Posting, kind: Kind, amount: Decimal) -> None:
    amount = amount.quantize(CENT)
    if amount <= 0:
        return
    latest = max((ledger.as_of - invoice.day).days, 1)
    day = invoice.day + dt.timedelta(days=dice.randint(1, latest))
    ledger.postings.append(
        Posting(kind, min(day, ledger.as_of), _reference(dice), invoice.matter, amount, invoice.number)
    )


def _credit(dice: random.Random, ledger: Ledger, at_least: int) -> None:
    """Let some matters have paid more than they owe."""
    for matter in dice.sample(ledger.matters, min(at_least, len(ledger.matters) - 1)):
        owed = ledger.owed(matter)
        if owed >= 0:
            amount = owed + _amount(dice)
            ledger.postings.append(Posting(Kind.PAYMENT, ledger.as_of, _reference(dice), matter, amount))
