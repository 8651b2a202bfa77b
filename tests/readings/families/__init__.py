"""The ways in which programs print what is owed, by name; each makes a book of a ledger drawn for it."""

from collections.abc import Callable

from readings.book import Book
from readings.draw import Draw
from readings.families import ageing, invoices, lists, sides

Family = Callable[[Draw], Book]
FAMILIES: dict[str, Family] = {
    "list_by_matter": lists.by_matter,
    "roll_forward": lists.roll_forward,
    "ageing_summary": ageing.summary,
    "invoice_register": invoices.register,
    "dr_cr": sides.dr_cr,
}
