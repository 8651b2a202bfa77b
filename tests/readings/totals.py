"""Totals, subtotals, means and counts, in any program's words."""

from decimal import Decimal

from readings import words
from readings.book import Page, Part, Row
from readings.draw import Draw, summed
from readings.ledger import CENT


def label_roles(page: Page) -> list[str]:
    """Give the text columns in which a program may write "Total"."""
    roles = [one.role for one in page.columns if not one.money and one.role not in {"mark", "age", "hours", "comments"}]
    return list(dict.fromkeys([roles[0], *[one for one in roles if one in {"matter", "client", "subject"}], roles[-1]]))


def money_roles(page: Page) -> list[str]:
    """Give the columns that a total sums."""
    return [one.role for one in page.columns if one.money and one.role not in {"rate", "limit", "last"}]


def add_total(draw: Draw, page: Page, roles: list[str] | None = None) -> None:
    """Put a total row below the lines, or none; a mean or a count with it now and then."""
    roles = roles or money_roles(page)
    if not (draw.plain or draw.dice.random() < 0.75):
        return
    where = draw.pick(label_roles(page))
    lines = page.lines()
    sums = summed(lines, roles)
    label = draw.pick(words.TOTALS).format(n=len({row.cells.get("client") for row in lines}))
    if draw.chance(0.1):
        page.rows.append(Row(Part.OTHER))
    total = Row(Part.TOTAL, {where: label, **sums})
    if all(row.part is Part.LINE for row in page.rows):
        total.formulas = {role: f"SUM({{{role}:lines}})" for role in roles}
    page.rows.append(total)
    if draw.chance(0.1):
        mean = {role: (Decimal(str(one)) / max(len(lines), 1)).quantize(CENT) for role, one in sums.items()}
        page.rows.append(Row(Part.OTHER, {where: draw.pick(words.MEANS), **mean}))
    if draw.chance(0.06):
        page.rows.append(Row(Part.OTHER, {where: draw.pick(words.COUNTS), roles[-1]: len(lines)}))


def subtotal(
    draw: Draw, wording: str, name: str, rows: list[Row], page: Page, where: str, roles: list[str] | None = None
) -> Row:
    """Make the total of a group."""
    label = wording.format(x=name)
    return Row(Part.SUBTOTAL, {where: label, **summed(rows, roles or money_roles(page))})
