"""The order in which names of matters and users are tried, against a plain reading of it; and the search for one."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from bench_matching import firm, naive, sheet
from hypothesis import given
from hypothesis import strategies as st

from brought_forward.bot.matching.entries import MatchRules
from brought_forward.bot.matching.index import FirmIndex
from brought_forward.bot.matching.match import Earlier, Matching, match
from brought_forward.bot.matching.rules import RULE, Code
from brought_forward.bot.matching.search import MatterSearch
from brought_forward.storage.records.firm import Alias, AliasKind, Matter, User, folded
from brought_forward.storage.records.sheet import Line

RULES = MatchRules("Balance brought forward", "USD", date(2026, 10, 31), post_credits=False)
DON = User(1, "Don Draper", "Don", "Draper", "DD", "don@firm.example", enabled=True, clio_connect=False)
AT = datetime(2026, 10, 3, 12, tzinfo=UTC)

# Few texts, so that they meet: each also as the number, the reference or the client of another matter.
PIECES = ["7", "A", "a", "Ä", "ä", "A  1", "a 1", "\u00a0A 1", "7:A", "Strauß", "STRAUSS", ""]
TEXTS = st.sampled_from([*PIECES, *(f"{one}:{two}" for one, two in product(PIECES[:7], PIECES[:7]))])


def line(text: str, user: str | None = None, client: str | None = None, row: int = 2) -> Line:
    return Line(row, str(row), text, user, client, Decimal("1.00"), None, None, None, None, None)


def matter(id_: int, number: str, custom: str = "", reference: str = "", client: str = "", description: str = "",
           **more: Any) -> Matter:  # fmt: skip
    return Matter(id_, number, description, "Open", billable=True, billing_method="hourly", client=client,
                  currency="USD", responsible_attorney_id=1, custom_number=custom, client_reference=reference,
                  **more)  # fmt: skip


def alias(text: str, id_: int, kind: AliasKind = AliasKind.MATTER) -> Alias:
    return Alias(kind, text, folded(text), "us:1", id_, "what it was", "U1", AT)


def matched(one: Line, matters: list[Matter], users: list[User] | None = None, **more: Any) -> Matching:
    return match([one], FirmIndex(matters, users or [DON]), {}, more.pop("rules", RULES), Earlier(**more))


def by_the_book(text: str, client: str | None, matters: list[Matter], choices: dict[str, int]) -> set[int]:
    """Read the order as docs/rules.md has it, without an index."""
    if not text:
        return set()
    exact = [one for one in matters if one.display_number == text]
    if len(exact) == 1:
        return {exact[0].id}
    if choices.get(folded(text)) in {one.id for one in matters}:
        return {choices[folded(text)]}
    before, colon, after = text.partition(":")
    heads = [before] if colon else []
    pairs = ([(client, text)] if client else []) + ([(before, after)] if colon else [])
    steps = [
        lambda one: one.display_number == text,
        lambda one: folded(one.display_number) == folded(text),
        lambda one: one.display_number == before.strip() and bool(heads),
        lambda one: folded(one.display_number) in map(folded, heads),
        lambda one: folded(one.custom_number) == folded(text),
        lambda one: folded(one.custom_number) in map(folded, heads),
        lambda one: folded(one.client_reference) == folded(text),
        lambda one: folded(one.client_reference) in map(folded, heads),
    ]
    keys = {"number": lambda one: one.display_number, "custom": lambda one: one.custom_number,
            "reference": lambda one: one.client_reference}  # fmt: skip
    kinds = ["number"] * 4 + ["custom"] * 2 + ["reference"] * 2
    for kind, step in zip(kinds, steps, strict=True):
        if fits := {one.id for one in matters if folded(keys[kind](one)) and step(one)}:
            return fits
    for one_client, description in pairs:
        fits = {
            one.id for one in matters
            if one.client and one.description
            and (folded(one.client), folded(one.description)) == (folded(one_client), folded(description))
        }  # fmt: skip
        if fits:
            return fits
    return set()


FIRMS = st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS), max_size=6).map(
    lambda rows: [matter(place, *row) for place, row in enumerate(rows, start=1)]
)
CHOICES = st.dictionaries(TEXTS.filter(bool).map(folded), st.integers(1, 9), max_size=3)


@given(FIRMS, TEXTS, st.none() | TEXTS, CHOICES)
def test_a_line_gets_the_matter_that_the_order_says_or_none(
    matters: list[Matter], text: str, client: str | None, choices: dict[str, int]
) -> None:
    aliases = [alias(key, id_) for key, id_ in choices.items() if key]
    result = matched(line(text, client=client), matters, aliases=aliases)
    fits = by_the_book(text, client, matters, choices)
    named = [one for one in matters if folded(text) and folded(one.client or "") == folded(text)]
    clients = not fits and len(named) > 1
    if len(fits) == 1:
        assert [entry.matter_id for entry, _ in result.planned] == list(fits)
        assert result.left_out == {}
    else:
        assert result.planned == []
        code = Code.MATTER_AMBIGUOUS if fits else Code.MATTER_OF_CLIENT if clients else Code.MATTER_UNKNOWN
        assert [one.code for one in result.findings if one.blocks] == [code]
    assert result.unknown_matters == (not fits and not clients)


@pytest.mark.parametrize(
    ("text", "found"), [("A", [2]), ("a:7", [1]), ("A: lease", [2]), (" a", [1, 2, 3]), ("B", [4, 5])]
)
def test_character_by_character_comes_before_folded_also_before_a_colon(text: str, found: list[int]) -> None:
    matters = [matter(1, "a"), matter(2, "A"), matter(3, "A "), matter(4, "B"), matter(5, "B"), matter(6, "b")]
    result = FirmIndex(matters, []).find(text)
    assert result is not None
    assert [one.id for one in result.matters] == found


@given(FIRMS, TEXTS, st.none() | TEXTS)
def test_what_fits_two_names_both(matters: list[Matter], text: str, client: str | None) -> None:
    fits = by_the_book(text, client, matters, {})
    if len(fits) > 1:
        (why,) = matched(line(text, client=client), matters).left_out.values()
        named = [one for one in matters if one.id in fits][:2]
        assert all(f"{one.display_number} ({one.client or 'no client'})" in why for one in named)


@given(st.integers(0, 119))
def test_the_bench_s_naive_loop_finds_what_matching_finds(place: int) -> None:
    matters, users = firm(120)
    one = sheet(matters)[place]
    result = match([one], FirmIndex(matters, users), {}, RULES)
    found = naive(one, matters)
    assert found is not None
    assert [entry.matter_id for entry, _ in result.planned] == [found.id]


# Users


NAMES = st.text("abéßÄZ-' ", min_size=1, max_size=8).map(str.strip).filter(lambda name: bool(name.strip("-' ")))
SPACES = st.sampled_from(["", " ", "\u00a0", "  "])
CASES = st.sampled_from([str, str.upper, str.lower, str.swapcase])


@given(NAMES, NAMES, SPACES, SPACES, CASES)
def test_a_user_is_found_however_the_name_is_written(first: str, last: str, before: str, after: str, case: Any) -> None:
    user = replace(DON, name=f"{first} {last}", first_name=first, last_name=last, email="x@firm.example")
    portal = replace(user, id=2, clio_connect=True)
    for written in (user.name, f"{last},{after}{first}", f"{last}{before}, {first}", "X@firm.example", "dd"):
        text = f"{before}{case(written)}{after}"
        result = matched(line("1", user=text), [matter(1, "1")], [portal, user])
        if folded(text) != folded(written) and "," not in written:
            continue  # a case that does not come back, as with a sharp s
        assert [entry.user_id for entry, _ in result.planned] == [1], text


def test_a_name_wins_over_initials_and_initials_of_a_portal_user_count_for_nothing() -> None:
    named = replace(DON, id=2, name="DD", first_name="", last_name="DD", initials="D")
    portal = replace(DON, id=3, name="Dora Dunn", clio_connect=True)
    one = line("1", user="dd")
    assert [entry.user_id for entry, _ in matched(one, [matter(1, "1")], [DON, named]).planned] == [2]
    assert [entry.user_id for entry, _ in matched(one, [matter(1, "1")], [DON, portal]).planned] == [1]
    assert matched(one, [matter(1, "1")], [portal]).left_out == {2: RULE[Code.USER_PORTAL].say(user="Dora Dunn")}


def test_a_chosen_name_comes_before_initials_and_not_before_a_name_that_is_exact() -> None:
    peggy = replace(DON, id=2, name="Peggy Olson", first_name="Peggy", last_name="Olson", initials="PO")
    aliases = [alias("dd", 2, AliasKind.USER), alias("don draper", 2, AliasKind.USER)]
    for written, expected in (("DD", 2), ("Don Draper", 1), ("DON DRAPER", 2)):
        result = matched(line("1", user=written), [matter(1, "1")], [DON, peggy], aliases=aliases)
        assert [entry.user_id for entry, _ in result.planned] == [expected], written
    gone = matched(line("1", user="DD"), [matter(1, "1")], [DON, peggy], aliases=[alias("dd", 9, AliasKind.USER)])
    assert [entry.user_id for entry, _ in gone.planned] == [1]
    assert [one.code for one in gone.findings] == [Code.CHOICE_GONE]


def test_the_whole_file_s_user_gets_lines_without_one_and_no_others() -> None:
    peggy = replace(DON, id=2, name="Peggy Olson", first_name="Peggy", last_name="Olson", initials="PO")
    rules = replace(RULES, user_id=2)
    for written, expected in ((None, 2), ("Don Draper", 1)):
        result = matched(line("1", user=written), [matter(1, "1")], [DON, peggy], rules=rules)
        assert [entry.user_id for entry, _ in result.planned] == [expected]


# Post anyway


def test_a_disabled_user_is_posted_anyway_where_a_person_says_so_and_the_warning_says_it() -> None:
    gone = replace(DON, enabled=False)
    blocked = matched(line("1"), [matter(1, "1")], [gone])
    assert [one.code for one in blocked.findings if one.blocks] == [Code.USER_DISABLED]
    result = matched(replace(line("1"), anyway="she is back in May"), [matter(1, "1")], [gone],
                     anyway={2: [Code.USER_DISABLED]})  # fmt: skip
    assert [entry.user_id for entry, _ in result.planned] == [1]
    assert [(one.blocks, one.text.endswith("It is posted anyway: she is back in May")) for one in result.findings] == [
        (False, True)
    ]


@pytest.mark.parametrize("code", [code for code in Code if not RULE[code].anyway])
def test_no_other_rule_can_be_set_aside(code: Code) -> None:
    lost = matter(1, "1")
    lost = replace(lost, billable=False, currency="EUR", responsible_attorney_id=None)
    for tried in (lost, replace(lost, billable=True), replace(lost, billable=True, currency="USD")):
        assert matched(line("1"), [tried], anyway={2: [code]}).planned == []
    standing = match([line("1")], FirmIndex([matter(1, "1")], [DON]), {1: "held"}, RULES, Earlier(anyway={2: [code]}))
    assert standing.planned == []


# The search of the modal


def numbers(found: list[Matter]) -> list[str]:
    return [one.display_number for one in found]


HOUSE = [
    matter(1, "00012-Acme", client="Acme", description="Lease review"),
    matter(2, "00120-Brandt", "K/77", "OLD-12", client="Brandt Roofing", description="Supply dispute"),
    matter(3, "00212-Castellan", client="Castellan Wines", description="Lease of a cellar"),
    matter(4, "00300-Moreau", client="Moreau", description="Estate plan"),
]


def test_numbers_that_begin_so_come_before_numbers_that_hold_it_and_these_before_words() -> None:
    assert numbers(MatterSearch(HOUSE).find("0012"))[:2] == ["00120-Brandt", "00012-Acme"]
    assert numbers(MatterSearch(HOUSE).find("12"))[:3] == ["00012-Acme", "00120-Brandt", "00212-Castellan"]
    assert numbers(MatterSearch(HOUSE).find("001"))[0] == "00120-Brandt"
    assert numbers(MatterSearch(HOUSE).find("k/7"))[0] == "00120-Brandt"


@pytest.mark.parametrize(
    ("typed", "first"),
    [("lease cas", "00212-Castellan"), ("WINES", "00212-Castellan"), ("est mor", "00300-Moreau"),
     ("Castelan", "00212-Castellan"), ("00021-Acme", "00012-Acme"), ("brnadt", "00120-Brandt")],
)  # fmt: skip
def test_words_in_any_order_and_mistyped_ones_find_their_matter(typed: str, first: str) -> None:
    assert numbers(MatterSearch(HOUSE).find(typed))[0] == first


def test_what_nothing_is_like_finds_nothing_and_nothing_typed_lists_all() -> None:
    assert MatterSearch(HOUSE).find("xxqqzz") == []
    assert numbers(MatterSearch(HOUSE).find("  ")) == [one.display_number for one in HOUSE]
    assert len(MatterSearch(HOUSE).find("", limit=2)) == 2
    assert MatterSearch([]).find("a") == []


@pytest.mark.parametrize(
    ("text", "client", "first"),
    [("12-Acme", None, "00012-Acme"), ("00120 Brant", None, "00120-Brandt"), ("Lease review", "Acme Ltd", "00012-Acme"),
     ("Castelan Wine: cellar", None, "00212-Castellan")],
)  # fmt: skip
def test_a_line_that_fits_nothing_gets_the_likeliest_first(text: str, client: str | None, first: str) -> None:
    found = numbers(MatterSearch(HOUSE).suggest(line(text, client=client)))
    assert found[0] == first
    assert len(found) <= 3


@given(st.lists(TEXTS, max_size=8), st.text(max_size=12), st.integers(1, 5))
def test_a_search_lists_each_matter_once_and_never_more_than_asked(texts: list[str], typed: str, limit: int) -> None:
    matters = [matter(place, text, client=text) for place, text in enumerate(texts, start=1)]
    for found in (MatterSearch(matters).find(typed, limit), MatterSearch(matters).suggest(line(typed), limit)):
        assert len({one.id for one in found}) == len(found) <= limit


@given(FIRMS.filter(bool), st.data())
def test_who_types_a_number_whole_gets_its_matter_first(matters: list[Matter], data: Any) -> None:
    wanted = data.draw(st.sampled_from(matters)).display_number
    if folded(wanted):
        assert folded(MatterSearch(matters).find(wanted)[0].display_number).startswith(folded(wanted))
