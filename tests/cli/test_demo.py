from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from targets import made

from brought_forward.bot.sheet.read import SheetRules, read_sheet
from brought_forward.sandbox.clio import Call, Firm, sample_firm
from brought_forward.sandbox.samples import Books, SampleBook, prove, prove_users, sample_book

NOWHERE = "http://127.0.0.1:9"
SCREEN = 40  # lines
MADE_ELSEWHERE = {"SLACK_APP_TOKEN": "xapp-somebody", "BALANCES_DB": "/nowhere/at/all.db", "CLIO_REGION": "mars"}
TOLD = (
    "What a second person approves in Slack is what stands in Clio: once, to the cent",
    "Reading AR ",
    "57 entries, $291,844.86, ready for approval",
    "[Approve 57 entries]  [Reject]",
    "Only approvers can approve",
    "You uploaded this file, so someone else approves it",
    "Approved by @manager",
    "kill -9. Clio has just taken entry 28 of 57",
    "Read back from Clio: 57 entries, $291,844.86",
    "/balances status",
    "✓   Sheet = approved + left out",
    "✓   Each line is in an entry or left out   61 lines = 58 in 57 entries + 3 left out",
    "✓   Approved = posted = Clio's ledger      $291,844.86 = $291,844.86 = $291,844.86",
    "✓   Doubled in Clio                        0",
    "✓   Lost on the way                        0",
    "✓   Each entry was sent once               57 sent for 57 entries",
    "✓   Beth Calloway",
    "All of it is true.",
)


def test_the_demo_plays_the_journey_and_proves_it_without_any_network(tmp_path: Path) -> None:
    proxies = {"HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "http_proxy": NOWHERE, "https_proxy": NOWHERE}
    told = made("demo", env=proxies | MADE_ELSEWHERE | {"TMPDIR": str(tmp_path)})
    places = [told.find(words) for words in TOLD]
    assert -1 not in places, (TOLD[places.index(-1)], told)
    assert places == sorted(places)
    assert "✗" not in told
    assert not [words for words in ("calls in 3 seconds", "Calls to Clio", "and 51 more") if words in told]
    results = told[told.index("results 1 to 57 of 57") :]
    assert "and 52 more" in results  # five rows of them
    proof = told[told.index("─ The proof") :].splitlines()
    assert len(proof) <= SCREEN
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def firm() -> Firm:
    return sample_firm()


@pytest.fixture
def book(firm: Firm) -> SampleBook:
    return sample_book(firm, date(2026, 10, 31))


def test_the_sample_workbook_reads_as_it_says_of_itself(book: SampleBook) -> None:
    reading = read_sheet(book.data, book.name, SheetRules(currency="USD", day_first=False))
    assert (reading.header_row, reading.as_of, reading.control_total) == (5, book.as_of, book.total)
    read = [(line.row, line.matter, line.user or "", line.amount, line.date) for line in reading.lines]
    assert read == [(line.row, line.matter, line.user, line.amount, line.invoiced) for line in book.lines]
    assert (len(book.lines), len(book.owed), len({line.matter for line in book.lines})) == (61, 57, 60)


def post(firm: Firm, book: SampleBook) -> tuple[Books, list[Call]]:
    description = firm.add_description("Balance brought forward")
    for matter, user, amount in book.owed:
        firm.add_entry(firm.matters[matter], firm.users[user], description, amount)
    calls = [Call(0.0, "POST", "/activities.json", {}, None, 201) for _ in book.owed]
    return Books(book.owed, book.owed, [(line.row, line.amount) for line in book.left_out]), calls


def test_the_proof_holds_where_all_three_books_agree(firm: Firm, book: SampleBook) -> None:
    books, calls = post(firm, book)
    assert all(claim.holds for claim in [*prove(book, books, firm, calls), *prove_users(book, books, firm)])


@pytest.mark.parametrize(
    ("wrong", "found"),
    [
        ("doubled", {"Approved = posted = Clio's ledger", "Doubled in Clio", "Dana Hallam"}),
        ("lost", {"Approved = posted = Clio's ledger", "Lost on the way", "Dana Hallam"}),
        ("user", {"Doubled in Clio", "Lost on the way", "Dana Hallam", "Luis Reyes"}),
        ("cent", {"Approved = posted = Clio's ledger", "Each matter, user and amount alike", "Dana Hallam"}),
        ("sheet", {"Sheet = approved + left out", "Each line is in an entry or left out"}),
        ("fast", {"Calls refused as too fast (429)"}),
    ],
)
def test_the_proof_fails_where_something_is(firm: Firm, book: SampleBook, wrong: str, found: set[str]) -> None:
    books, calls = post(firm, book)
    first = firm.time_entries[0]
    match wrong:
        case "doubled":
            users, matters, descriptions = firm.users, firm.matters, firm.descriptions
            firm.add_entry(matters[first.matter_id or 0], users[first.user_id],
                           descriptions[first.activity_description_id or 0], first.price)  # fmt: skip
        case "lost":
            firm.remove_entry(first)
        case "user":
            firm.change(first, user_id=book.owed[1][1])
        case "cent":
            firm.change(first, price=first.price + Decimal("0.01"))
        case "sheet":
            books = Books(books.approved, books.posted, books.left_out[1:])
        case "fast":
            calls.append(Call(0.0, "GET", "/users.json", {}, None, 429))
    failed = {
        claim.text for claim in [*prove(book, books, firm, calls), *prove_users(book, books, firm)] if not claim.holds
    }
    assert failed >= found
