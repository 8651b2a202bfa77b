"""Reports in groups: the matters of each client, and those of each attorney."""

from collections.abc import Callable
from dataclasses import replace

from readings import words
from readings.book import Book, Column, Page, Part, Row, Truth
from readings.draw import Draw
from readings.families.beside import Fill, beside
from readings.families.lists import with_balance
from readings.ledger import Client, Ledger, Matter
from readings.totals import add_total, subtotal


def by_client(draw: Draw) -> Book:
    """Print clients with their matters, or clients alone."""
    ledger = draw.ledger()
    book = Book([], Truth())
    way = draw.pick([client_rows, client_once, parents, clients_alone])
    book.traps.append(f"clients: {way.__name__.replace('_', ' ')}")
    way(draw, book, ledger)
    return book


def clients_alone(draw: Draw, book: Book, ledger: Ledger) -> None:
    """Print no matters at all."""
    book.doubts.append("only clients are named")
    columns = with_balance(draw, book, [draw.column("client")], [])
    if draw.chance(0.3):
        columns.insert(0, Column("code", (draw.pick(["Client No.", "Customer ID", "Code"]),)))
    page = Page("Sheet1", columns, [])
    book.pages.append(page)
    for client in ledger.clients:
        owed = sum(ledger.owed(one) for one in ledger.matters if one.client is client)
        if owed:
            book.truth.add_client(client, owed)
            cells = {"client": client.name, "code": client.number, "balance": owed}
            page.rows.append(Row(Part.LINE, cells, client.name))
    add_total(draw, page)


def client_once(draw: Draw, book: Book, ledger: Ledger) -> None:
    """Print a client beside its first matter only, perhaps with a total below its matters."""
    before = [draw.column("client"), draw.column("matter", known=0.8), *draw.user_column(book)]
    more, fill = beside(draw, book, ledger)
    page = Page("Sheet1", with_balance(draw, book, before, more), [])
    book.pages.append(page)
    totals = draw.pick(words.SUBTOTALS) if draw.chance(0.5) else None
    for client, rows in _matters(draw, book, ledger, fill):
        for row in rows[1:]:
            row.cells["client"] = None
        page.rows += rows
        if totals is not None:
            page.rows.append(subtotal(draw, totals, client.name, rows, page, "client"))
    add_total(draw, page)


def client_rows(draw: Draw, book: Book, ledger: Ledger) -> None:
    """Print a row for a client above its matters, without an amount."""
    apart = draw.chance(0.4)  # clients have a column of their own
    before = [draw.column("client")] if apart else []
    before += [draw.column("matter", known=0.8), *draw.user_column(book)]
    page = Page("Sheet1", with_balance(draw, book, before, [], shuffle=False), [])
    book.pages.append(page)
    where = page.columns[0].role
    label = draw.pick(["Client: {x}", "Client: {x}", "{x}", "CLIENT: {x}", "Client {n}: {x}"])
    totals = draw.pick(words.SUBTOTALS) if draw.plain or draw.chance(0.6) else None
    for client, rows in _matters(draw, book, ledger):
        page.rows.append(Row(Part.GROUP, {where: label.format(x=client.name, n=client.number)}))
        for row in rows:
            row.cells["client"] = None
        page.rows += rows
        if totals is not None:
            page.rows.append(subtotal(draw, totals, client.name, rows, page, where))
    add_total(draw, page)


def parents(draw: Draw, book: Book, ledger: Ledger) -> None:
    """Print a client's sum in its own row, and its matters set in below, as QuickBooks does with customers and jobs."""
    heading = draw.pick(["Matter", "", "Customer", "Client / Matter", "Customer:Job"])
    page = Page("Sheet1", with_balance(draw, book, [draw.column("matter", heading=heading)], [], shuffle=False), [])
    book.pages.append(page)
    if heading != "Matter":
        book.doubts.append("no heading says matter")
    summed = draw.chance(0.7)  # else the sum stands in a row below the matters
    for client, rows in _matters(draw, book, ledger):
        above = subtotal(draw, "{x}", client.name, rows, page, "matter")
        page.rows.append(replace(above, part=Part.GROUP) if summed else Row(Part.GROUP, {"matter": client.name}))
        for row in rows:
            row.indent = 4
        page.rows += rows
        if not summed:
            page.rows.append(replace(above, cells=above.cells | {"matter": f"Total {client.name}"}))
    add_total(draw, page)


def _matters(draw: Draw, book: Book, ledger: Ledger, fill: Fill | None = None) -> list[tuple[Client, list[Row]]]:
    """Give each client that owes with its lines."""
    groups = []
    for client in ledger.clients:
        rows = _rows(draw, book, ledger, lambda one, client=client: one.client is client, fill)
        if rows:
            groups.append((client, rows))
    return groups


def _rows(
    draw: Draw, book: Book, ledger: Ledger, wanted: Callable[[Matter], bool], fill: Fill | None = None
) -> list[Row]:
    rows = []
    for matter in ledger.matters:
        owed = ledger.owed(matter)
        if owed and wanted(matter):
            book.truth.add(matter, owed)
            more = fill(matter) if fill else {}
            rows.append(draw.line(matter, balance=owed, **more))  # type: ignore[arg-type]
    return rows


def by_attorney(draw: Draw) -> Book:
    """Print the matters of each attorney below a row, or beside a cell, that names the attorney."""
    ledger = draw.ledger()
    book = Book([], Truth(naming="required"))
    apart = draw.chance(0.35)  # attorneys have a column of their own, written once
    before = [draw.column("user")] if apart else []
    before.append(draw.column("matter", known=0.8))
    if draw.chance(0.5):
        before.append(draw.column("client"))
    more, fill = beside(draw, book, ledger)
    page = Page("Sheet1", with_balance(draw, book, before, more, shuffle=False), [])
    book.pages.append(page)
    where = page.columns[0].role
    label = draw.pick(["Responsible Attorney: {x}", "Attorney: {x}", "Resp Lawyer: {x}", "{x}", "Timekeeper - {x}"])
    label = "{x}" if apart else label
    if not apart and label == "{x}":
        book.doubts.append("rows name users, and nothing says so")
    totals = draw.pick(words.SUBTOTALS) if draw.plain or draw.chance(0.7) else None
    for user in ledger.users:
        rows = _rows(draw, book, ledger, lambda one, user=user: one.user is user, fill)
        if not rows:
            continue
        name = draw.user(user)
        page.rows.append(Row(Part.GROUP, {where: label.format(x=name)}))
        for row in rows:
            row.cells["user"] = None
        page.rows += rows
        if totals is not None:
            page.rows.append(subtotal(draw, totals, name, rows, page, where))
    add_total(draw, page)
    return book
