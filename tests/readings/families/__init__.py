"""The ways in which programs print what is owed, by name; each makes a book of a ledger drawn for it."""

from collections.abc import Callable

from readings.book import Book
from readings.draw import Draw
from readings.families import ageing, groups, invoices, lists, several, sides, transactions

Family = Callable[[Draw], Book]
FAMILIES: dict[str, Family] = {
    "list_by_matter": lists.by_matter,
    "list_by_client": groups.by_client,
    "ageing_summary": ageing.summary,
    "ageing_detail": ageing.detail,
    "by_attorney": groups.by_attorney,
    "client_ledger": transactions.client_ledger,
    "roll_forward": lists.roll_forward,
    "invoice_register": invoices.register,
    "open_invoices": invoices.open_invoices,
    "dr_cr": sides.dr_cr,
    "types": transactions.types,
    "offices": several.offices,
    "months": several.months,
    "apart": several.apart,
    "statement": transactions.statement,
    "template": several.template,
}
