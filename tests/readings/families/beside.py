"""Columns of money beside the balance: those that an identity explains, those of another kind, and rivals."""

from collections.abc import Callable
from decimal import Decimal

from readings.book import Book, Column, Row
from readings.draw import CREDITING, Draw
from readings.ledger import CENT, Kind, Ledger, Matter

Fill = Callable[[Matter], dict[str, Decimal | int | str | None]]


def beside(draw: Draw, book: Book, ledger: Ledger) -> tuple[list[Column], Fill]:
    """Draw what stands beside the balance, and say in the book what it proves or puts in doubt."""
    ways = {nothing: 35, settled: 25, settled_apart: 8, split: 6, cash_only: 6, held: 12, harmless: 10, rival: 8}
    way = nothing if draw.plain else draw.dice.choices(list(ways), list(ways.values()))[0]
    if way is not nothing:
        book.traps.append(f"beside: {way.__name__.replace('_', ' ')}")
    return way(draw, book, ledger)


def nothing(draw: Draw, book: Book, ledger: Ledger) -> tuple[list[Column], Fill]:
    """Put nothing beside it."""
    return [], lambda matter: {}


def settled(draw: Draw, book: Book, ledger: Ledger) -> tuple[list[Column], Fill]:
    """Put what was billed and all that was taken off it beside it."""
    book.proof = "billed - paid = balance"
    return [draw.column("billed", money=True), draw.column("paid", money=True)], lambda matter: {
        "billed": ledger.total(matter, Kind.INVOICE),
        "paid": ledger.total(matter, *CREDITING),
    }


def settled_apart(draw: Draw, book: Book, ledger: Ledger) -> tuple[list[Column], Fill]:
    """Put payments, credits and write-offs beside it, each in its column."""
    book.proof = "billed - paid - credited - written off = balance"
    return [draw.column(role, money=True) for role in ("billed", "paid", "credited", "written")], lambda matter: {
        "billed": ledger.total(matter, Kind.INVOICE),
        "paid": ledger.total(matter, Kind.PAYMENT),
        "credited": ledger.total(matter, Kind.CREDIT),
        "written": ledger.total(matter, Kind.WRITE_OFF),
    }


def split(draw: Draw, book: Book, ledger: Ledger) -> tuple[list[Column], Fill]:
    """Put what of the balance is fees and what is costs beside it."""
    book.proof = "fees + costs = balance"

    def fill(matter: Matter) -> dict[str, Decimal | int | str | None]:
        owed = ledger.owed(matter)
        costs = (owed * draw.dice.randint(0, 30) / 100).quantize(CENT)
        return {"fees": owed - costs, "costs": costs}

    return [draw.column("fees", money=True), draw.column("costs", money=True)], fill


def cash_only(draw: Draw, book: Book, ledger: Ledger) -> tuple[list[Column], Fill]:
    """Put what was billed and only the cash beside it: where there are credits, nothing adds up."""
    if any(one.kind in {Kind.CREDIT, Kind.WRITE_OFF} for one in ledger.postings):
        book.doubts.append("billed and paid do not give the balance on all rows")
    else:
        book.proof = "billed - paid = balance"
    return [draw.column("billed", money=True), draw.column("paid", money=True)], lambda matter: {
        "billed": ledger.total(matter, Kind.INVOICE),
        "paid": ledger.total(matter, Kind.PAYMENT),
    }


def held(draw: Draw, book: Book, ledger: Ledger) -> tuple[list[Column], Fill]:
    """Put money held for the client beside it."""
    role = draw.pick(["trust", "retainer"])
    return [draw.column(role, money=True)], lambda matter: {role: ledger.trust.get(matter.number, Decimal(0))}


def harmless(draw: Draw, book: Book, ledger: Ledger) -> tuple[list[Column], Fill]:
    """Put a rate, hours, a limit, unbilled work or the last payment beside it."""
    roles = draw.dice.sample(["rate", "hours", "limit", "last", "unbilled"], draw.dice.choice([1, 1, 2]))

    def fill(matter: Matter) -> dict[str, Decimal | int | str | None]:
        paid = [one.amount for one in ledger.of(matter) if one.kind is Kind.PAYMENT]
        every: dict[str, Decimal | int | str | None] = {
            "rate": Decimal(draw.dice.choice([250, 325, 410])).quantize(Decimal("0.01")),
            "hours": Decimal(draw.dice.randint(1, 80)) / 10,
            "limit": Decimal(draw.dice.choice([5000, 10000, 25000])).quantize(Decimal("0.01")),
            "last": paid[-1] if paid else None,
            "unbilled": ledger.unbilled.get(matter.number, Decimal(0)),
        }
        return {role: every[role] for role in roles}

    return [draw.column(role, money=role != "hours") for role in roles], fill


def rival(draw: Draw, book: Book, ledger: Ledger) -> tuple[list[Column], Fill]:
    """Put the balance with unbilled work beside it, under a heading as good: which is owed, no sheet can say."""
    book.doubts.append("another column could be what is owed")

    def fill(matter: Matter) -> dict[str, Decimal | int | str | None]:
        unbilled = ledger.unbilled.get(matter.number, Decimal(0))
        return {"unbilled": unbilled, "rival": ledger.owed(matter) + unbilled}

    return [draw.column("unbilled", money=True), draw.column("rival", money=True)], fill


def balance_formula(book: Book, rows: list[Row]) -> None:
    """Let the balance be a formula over what stands beside it, where that proves it."""
    taken = {
        "billed - paid = balance": "{billed}-{paid}",
        "billed - paid - credited - written off = balance": "{billed}-{paid}-{credited}-{written}",
        "fees + costs = balance": "{fees}+{costs}",
        "opening + billed - paid = balance": "{opening}+{billed}-{paid}",
        "opening + billed - paid - written off = balance": "{opening}+{billed}-{paid}-{written}",
    }.get(book.proof)
    if taken:
        for row in rows:
            row.formulas["balance"] = taken
