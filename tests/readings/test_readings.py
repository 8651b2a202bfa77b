import csv
import io
import json
import random
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from rich.console import Console

from readings.__main__ import run
from readings.book import Book, Page, Row, Truth
from readings.case import Case, make_case
from readings.families import FAMILIES
from readings.grid import lay_out
from readings.judge import Run, Verdict, differences, judge, verdict_of
from readings.ledger import Kind, draw_ledger
from readings.style import Style
from readings.traps.rows import additive

PLAIN = [make_case(seed, number, plain=True) for seed in (1, 2) for number in range(len(FAMILIES))]
MANY = [make_case(3, number) for number in range(8 * len(FAMILIES))]


def reading(book: Book, **changes: object) -> dict[str, object]:
    """Make a perfect reading of a book, but for the changes."""
    lines = [
        {
            "matter": key,
            "amount": str(amount),
            "user": book.truth.users[key].name if book.truth.naming != "none" else None,
        }
        for key, amount in book.truth.due().items()
    ]
    return {"lines": lines, "problems": [], "control_total": None, "total": "0", "group_totals": []} | changes


def some(tell: bool = False) -> Book:
    return next(
        case.book for case in MANY if case.book.tell is tell and len(case.book.truth.due()) > 2 and not case.book.doubts
    )


def test_a_matter_owes_what_was_billed_less_what_was_taken_off() -> None:
    ledger = draw_ledger(random.Random(1))
    for matter in ledger.matters:
        taken = ledger.total(matter, Kind.PAYMENT, Kind.CREDIT, Kind.WRITE_OFF)
        assert ledger.owed(matter) == ledger.total(matter, Kind.INVOICE) - taken


def test_open_items_and_buckets_come_to_what_is_owed() -> None:
    for seed in range(30):
        ledger = draw_ledger(random.Random(seed))
        for matter in ledger.matters:
            assert sum(rest for _, rest in ledger.open_items(matter)) == ledger.owed(matter)
            assert sum(ledger.buckets(matter, (30, 60, 90))) == ledger.owed(matter)


def test_amounts_are_whole_cents_and_numbers_are_unique() -> None:
    for seed in range(30):
        ledger = draw_ledger(random.Random(seed), credits_at_least=2)
        assert all(one.amount == one.amount.quantize(Decimal("0.01")) > 0 for one in ledger.postings)
        assert all(one.day <= ledger.as_of for one in ledger.postings)
        invoices = [one.number for one in ledger.postings if one.kind is Kind.INVOICE]
        assert len(set(invoices)) == len(invoices)
        assert len({matter.number for matter in ledger.matters}) == len(ledger.matters)


def test_a_seed_and_a_number_give_the_same_bytes() -> None:
    for number in range(len(FAMILIES)):
        once, again = make_case(5, number), make_case(5, number)
        assert once.book.truth == again.book.truth
        assert once.file == again.file
        if not once.file.endswith(("xlsx", "ods")):  # these hold the time of their writing
            assert once.data == again.data


@pytest.mark.parametrize("case", PLAIN, ids=lambda case: case.file)
def test_the_lines_of_a_plain_page_come_to_the_truth(case: Case) -> None:
    assert bool(case.book.doubts) is (case.family in {"offices", "months", "apart"})
    pages = case.book.pages[:1] if case.family == "months" else case.book.pages
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for row in [row for page in pages for row in page.lines()]:
        sums[row.key] += moved(row) if case.book.balance == "running" else amount_of(row, case.book.balance)
    assert {key: amount for key, amount in sums.items() if amount} == case.book.truth.due()


def amount_of(row: Row, role: str) -> Decimal:
    amount = row.cells.get(role)
    return amount if isinstance(amount, Decimal) else Decimal(0)


def moved(row: Row) -> Decimal:
    return amount_of(row, "debit") - amount_of(row, "credit")


def test_a_plain_file_holds_its_truth() -> None:
    csv_case, xlsx_case = (make_case(1, 0, plain=True, kind=kind) for kind in ("csv", "xlsx"))
    rows = list(csv.reader(csv_case.data.decode().splitlines()))
    top = next(place for place, row in enumerate(rows) if "Matter" in row)
    matter, balance = rows[top].index("Matter"), rows[top].index("Balance")
    keys = csv_case.book.truth.owed
    read = {row[matter]: Decimal(row[balance].replace(",", "")) for row in rows[top + 1 :] if row[matter] in keys}
    assert read == keys
    cells = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_case.data)).get_sheet_by_index(0).to_python()
    keys = xlsx_case.book.truth.owed
    assert {row[matter]: Decimal(str(row[balance])) for row in cells if row[matter] in keys} == keys


def test_workbooks_hold_every_cell_where_it_was_laid() -> None:
    for case in MANY:
        if not case.file.endswith(("xlsx", "ods")) or "amounts as text" in case.book.traps:
            continue
        file = CalamineWorkbook.from_filelike(io.BytesIO(case.data))
        for page in case.book.pages:
            grid = lay_out(page)
            cells = file.get_sheet_by_name(grid.name).to_python(skip_empty_area=False)
            for row, laid in enumerate(grid.cells):
                for column, cell in enumerate(laid):
                    if isinstance(cell.value, Decimal) and not cell.unstored:
                        held = cells[row][column]
                        assert held == pytest.approx(float(cell.value), abs=1e-6), (case.file, row, column)


def test_where_the_sheet_is_clear_its_lines_are_the_truth() -> None:
    marked = {"client_ledger", "statement", "types", "dr_cr"}  # by a running balance, by types, by sides
    clear = [case for case in MANY if case.book.clear and case.family not in marked]
    assert len(clear) > len(FAMILIES)
    assert all(additive(case.book) for case in clear)


def test_amounts_are_written_as_programs_write_them() -> None:
    amount = Decimal("-128500.50")
    assert Style().amount(amount) == "-128,500.50"
    assert Style(symbol="$", negative="()").amount(amount) == "($128,500.50)"
    assert Style(negative="trailing", indian=True).amount(amount) == "1,28,500.50-"
    assert Style(group=".", decimal=",", negative="CR").amount(amount) == "128.500,50 CR"
    assert Style(group="", trimmed=True, plus=True).amount(-amount) == "+128500.5"
    assert Style().amount(Decimal("0.125")) == "0.125"


def test_every_proof_holds_on_all_rows() -> None:
    proven = [case for case in MANY if case.book.proof and not case.book.doubts]
    assert proven
    for case in proven:
        for page in case.book.pages:
            if case.book.proof == "running balance":
                assert_runs(page)
            else:
                assert_proof(case.book.proof, page)


def assert_runs(page: Page) -> None:
    balances: dict[str, Decimal] = {}
    for row in page.lines():
        found = balances.get(row.key, Decimal(0)) + moved(row)
        if moved(row):  # what stands in the other lines was brought forward
            assert found == row.cells["running"], row
        balances[row.key] = amount_of(row, "running")


SIGNS = {
    "fees": 1,
    "costs": 1,
    "billed": 1,
    "opening": 1,
    "debit": 1,
    "paid": -1,
    "credited": -1,
    "written": -1,
    "credit": -1,
}


def assert_proof(proof: str, page: Page) -> None:
    flipped = {"paid", "written"} if "+ paid" in proof else set()
    for row in page.lines():
        parts = {
            role: amount for role, amount in row.cells.items() if isinstance(amount, Decimal) and page.column(role)
        }
        if proof == "buckets = balance":
            found = sum(amount for role, amount in parts.items() if role.startswith("age"))
        else:
            found = sum(
                (
                    SIGNS[role] * amount * (-1 if role in flipped else 1)
                    for role, amount in parts.items()
                    if role in SIGNS
                ),
                Decimal(0),
            )
        if "balance" in parts:
            assert found == parts["balance"], (proof, row)


def test_the_truth_itself_is_judged_right() -> None:
    for case in MANY:
        if case.book.truth.due() and set(case.book.truth.due()) <= set(case.book.truth.users):
            assert differences(reading(case.book), case.book.truth) == {}


def test_another_amount_is_silent_and_flagged_where_a_problem_is_named() -> None:
    book = some()
    wrong = reading(book)
    wrong["lines"][0]["amount"] = "1.23"  # type: ignore[index]
    assert verdict_of(wrong, 0, book).verdict is Verdict.SILENT
    assert verdict_of(wrong, 1, book).verdict is Verdict.SILENT  # nothing is named
    key = next(iter(book.truth.due()))
    named = wrong | {"problems": [{"matter": key, "text": "?"}]}
    assert verdict_of(named, 1, book).verdict is Verdict.FLAGGED
    assert not verdict_of(named, 1, book).partial
    other = wrong | {"problems": [{"matter": "?", "text": "?"}]}
    assert verdict_of(other, 1, book).partial


def test_a_total_taken_for_a_matter_is_silent() -> None:
    book = some()
    wrong = reading(book)
    wrong["lines"].append({"matter": "Total", "amount": "5.00", "user": None})  # type: ignore[attr-defined]
    assert verdict_of(wrong, 0, book).verdict is Verdict.SILENT


def test_another_user_is_silent_where_the_sheet_names_users() -> None:
    book = next(case.book for case in MANY if case.book.truth.naming == "required" and not case.book.tell)
    wrong = reading(book)
    assert verdict_of(wrong, 0, book).verdict is Verdict.RIGHT
    wrong["lines"][0]["user"] = None  # type: ignore[index]
    assert verdict_of(wrong, 0, book).verdict is Verdict.SILENT


def test_money_that_does_not_add_up_is_silent() -> None:
    book = some()
    money = {"column": "10.00", "counted": "7.00", "left_out": "2.00", "not_counted": "0.00"}
    assert verdict_of(reading(book, money=money), 0, book).verdict is Verdict.SILENT
    assert verdict_of(reading(book, money=money | {"not_counted": "1.00"}), 0, book).verdict is Verdict.RIGHT


def test_what_must_be_told_is_silent_even_where_the_sums_are_right() -> None:
    book = some()
    book = Book(book.pages, book.truth, tell=True, doubts=["hidden lines"])
    assert verdict_of(reading(book), 0, book).verdict is Verdict.SILENT


def test_a_question_counts_only_if_an_answer_leads_to_the_truth(tmp_path: Path) -> None:
    book = some()
    asked = "Which?\n  --answer balance=A   x\n  --answer balance=B   y\n"
    right = Run(0, json.dumps(reading(book)))

    def honest(file: Path, answers: list[str]) -> Run:
        return right if answers == ["balance=B"] else Run(3, asked) if not answers else Run(2, "no")

    def endless(file: Path, answers: list[str]) -> Run:
        return Run(3, asked)

    assert judge(tmp_path, book, honest).verdict is Verdict.ASKED
    assert judge(tmp_path, book, endless).verdict is Verdict.LOST


def test_a_name_is_known_with_its_description_and_in_any_case() -> None:
    truth = Truth(names={"100-001": "100-001"})
    assert truth.key("100-001: Lease dispute") == "100-001"
    assert truth.key("100-002") == "?100-002"


def test_a_run_gives_every_family_a_row_and_keeps_what_was_wrong(tmp_path: Path) -> None:
    printed = io.StringIO()
    status = run(["--number", str(len(FAMILIES)), "--keep", str(tmp_path)], Console(file=printed, width=140))
    for words in (*FAMILIES, f"{len(FAMILIES)} files from seed 7", " 0 broken."):
        assert words in printed.getvalue()
    assert status == (" 0 silent" not in printed.getvalue())
    kept = list(tmp_path.glob("*.json"))
    assert all(json.loads(one.read_text())["verdict"] in {"silent", "lost"} for one in kept)
    assert len(kept) >= status
