"""The preview's sums: who gets what, as a table and as bars, and how all of it comes to the file's total. Pure."""

from collections.abc import Sequence
from decimal import Decimal

from brought_forward.bot.messages.blocks import Block, Cell, bars, money_cell, number_cell, table, text_cell
from brought_forward.bot.messages.words import count, money, shortened
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import Tally, UserTotal
from brought_forward.storage.records.sheet import Line

USERS = 98  # rows of the table before "others" and the total
PAGE = 15  # rows seen at once; more are a page further
NAME = 60  # characters of a user's name


def by_user(totals: Sequence[UserTotal], planned: Tally, currency: str) -> list[Block]:
    """Show what each user gets: by name while one page holds them, else the largest first under their total."""
    if not totals:
        return []
    shown, long = list(totals), len(totals) >= PAGE
    if long:
        shown.sort(key=lambda total: -abs(total.amount))
    if len(shown) > USERS:
        rest = shown[USERS:]
        shown = [*shown[:USERS], UserTotal(f"{len(rest):,} others", sum(one.matters for one in rest),
                                           sum((one.amount for one in rest), Decimal(0)))]  # fmt: skip
    total = UserTotal(f"Total of {count(len(totals), 'user')}" if long else "Total", planned.entries, planned.amount)
    rows: list[list[Cell]] = [
        [text_cell(shortened(one.user_name, NAME)), number_cell(one.matters), money_cell(one.amount, currency)]
        for one in ([total, *shown] if long else [*shown, total])
    ]
    blocks = [table("What will be posted, by user", ("User", "Entries", "Amount"), rows, page=PAGE)]
    if len(totals) > 1:
        points = [(one.user_name, one.amount) for one in totals]
        blocks.append(bars("Amount by user", each="User", unit=currency or "Amount", points=points))
    return blocks


def sums(batch: Batch, planned: Tally, lines: Sequence[Line], currency: str) -> str:
    """Say how the sheet's sum, what will be posted and what is left out come together."""
    out = [line for line in lines if line.left_out]
    left = sum((line.amount for line in out if line.amount is not None), Decimal(0))
    unread = sum(1 for line in out if line.amount is None)
    total = planned.amount + left
    split = f"{money(planned.amount, currency)} to post and {money(left, currency)} not to post" if out else ""
    unreadable = f" {count(unread, 'amount')} cannot be read and {is_(unread)} in no sum." if unread else ""
    control = batch.control_total
    if control is None and batch.typed_total == total:
        parts = f": {split}." if split else "; the lines agree with it."
        return f"The total typed with the file is {money(total, currency)}{parts}{unreadable}"
    if control is None:
        parts = f": {split}" if split else ""
        return (
            f"All lines together come to {money(total, currency)}{parts}. The file has no total of its own.{unreadable}"
        )
    if control == total:
        agrees = f": {split}." if split else "; the lines agree with it."
        return f"The file's own total is {money(control, currency)}{agrees}{unreadable}"
    return (
        f":warning: The file's own total is {money(control, currency)}, but its lines come to"
        f" {money(total, currency)}: a difference of {money(control - total, currency)}."
        f"{unreadable}"
    )


def is_(number: int) -> str:
    """Choose the verb for a number."""
    return "is" if number == 1 else "are"


def differences(batch: Batch, lines: Sequence[Line]) -> list[str]:
    """Say where the lines do not come to a total that somebody wrote: the file's own, a group's, or a typed one."""
    currency = batch.currency or ""
    total = sum((line.amount for line in lines if line.amount is not None), Decimal(0))
    said = []
    stated_totals = ((batch.control_total, "The file's own total"), (batch.typed_total, "The total typed with it"))
    for stated, whose in stated_totals:
        if stated is not None and stated != total:
            said.append(
                f"{whose} is {money(stated, currency)}, the lines come to {money(total, currency)}:"
                f" a difference of {money(stated - total, currency)}."
            )
    return said + list(batch.differences)
