"""The preview's pure parts over all inputs: Slack takes what they make, and the sums hold."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import simplejson
from fix_form import FIX
from hypothesis import given, settings
from hypothesis import strategies as st
from preview_sizes import a_batch, view
from world import as_slackblocks

from brought_forward.bot.messages.approval import Approving
from brought_forward.bot.messages.blocks import bars
from brought_forward.bot.messages.budget import BLOCKS, BUDGET, BYTES, size
from brought_forward.bot.messages.plain import bare, plain, words
from brought_forward.bot.messages.preview import PreviewView, preview
from brought_forward.bot.messages.preview_sums import compare
from brought_forward.sandbox.slack.blocks.blocks import check_blocks, count_text
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import ClientTotal, MatterTotal, Notes, Tally, UserTotal
from brought_forward.storage.records.firm import UsedChoice
from brought_forward.storage.records.sheet import CensusColumn, Comments, Finding, Line, NotCounted, Owed

PREVIEWED = BatchStatus.PREVIEWED
SLACK = 12_000  # characters above which it refuses a message

sheets = st.lists(
    st.builds(Owed, st.sampled_from(["1", "2", "3", "A", "a ", "B"]),
              st.decimals(-10**6, 10**6, places=2, allow_nan=False)), max_size=12,
)  # fmt: skip


@given(sheets, sheets)
def test_changes_explain_the_whole_difference_between_two_sheets(before: list[Owed], now: list[Owed]) -> None:
    changes = compare(before, now)
    groups = [group for group in (changes.new, changes.gone, changes.others, changes.up, changes.down) if group]
    assert sum(group.by for group in groups) == sum(one.amount for one in now) - sum(one.amount for one in before)
    matters = {one.matter.strip().casefold() for one in [*before, *now]}
    assert sum(group.count for group in groups) + changes.same == len(matters)
    assert changes.gone is None or changes.others is None
    assert all(abs(group.biggest[0].by) >= abs(one.by) for group in groups for one in group.biggest)


def test_names_that_differ_only_at_their_ends_keep_bars_of_their_own() -> None:
    names = ["Bartholomew Featherstonehaugh", "Bartholomew Featherstone", "Other (2)", "bartholomew", ""]
    chart = bars("Amount", each="User", unit="USD", points=[(name, Decimal(1)) for name in names])
    assert check_blocks(json.loads(simplejson.dumps([chart], use_decimal=True))) == []
    assert len(set(chart["chart"]["axis_config"]["categories"])) == 5


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=300)
amounts = st.decimals(-(10**10), 10**10, places=2, allow_nan=False)


lines = st.lists(
    st.builds(
        Line, row=st.integers(1, 10**6), cell=st.sampled_from(["D17", "9"]), matter=st.none() | names, user=names,
        client=st.none(), amount=st.none() | amounts, date=st.none(), note=st.none(), unreadable=st.none(),
        left_out=st.none() | names | st.sampled_from(["no matter of this number", 'no user "x" in Clio.']),
        entry=st.none() | st.integers(1, 9),
    ), max_size=40,
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(st.tuples(names, amounts), max_size=160), lines, names, st.integers(1, 4))
def test_slack_takes_every_preview(totals: list[tuple[str, Decimal]], rows: list[Line], name: str, times: int) -> None:
    assert_taken(totals, rows * times * 20, name)


def test_slack_takes_the_preview_of_200_long_names_and_5000_long_problems() -> None:
    long = "&" * 250
    totals = [(f"{place}{long}", Decimal(-(10**9) - place)) for place in range(200)]
    amount = Decimal("-9999999999.99")
    rows = [
        Line(place, str(place), long, long, None, amount, None, None, None, f"{chr(65 + place % 20)}{long * 8}", None)
        for place in range(5000)
    ]
    assert_taken(totals, rows, long)


def _answer(name: str, place: int) -> UsedChoice:
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    return UsedChoice(place, True, f"mark-F-{name}", name, name, "U1", at, 3, place % 2, Decimal(place), "U2")


def assert_taken(totals: list[tuple[str, Decimal]], rows: list[Line], name: str) -> None:
    """Build a preview of these, and see that Slack takes it and its plain form."""
    view = PreviewView(
        batch=a_batch(
            file_name=name,
            sheet=name,
            description=name,
            remarks=(name, name),
            taxed=True,
            balance=f'C "{name}"',
            proofs=(f"= {name}",) * (len(rows) % 2),
            census=tuple(CensusColumn(f"C{place}", name, name, name) for place in range(len(rows) % 200)),
            column_total=Decimal(5),
            comments=Comments("J", name, 2, on=True),
            stated_as_of=date(2025, 10, 31),
        ),
        planned=Tally(3, Decimal("1.00")),
        by_user=[UserTotal(who, 1, amount) for who, amount in totals],
        lines=rows,
        approving=Approving(named=("U2", "S3"), people=2, unread=("S3",), listed=True, two_above=Decimal(100)),
        seconds=60.0,
        zone=None,
        findings=[Finding(row.row, "credit", name, blocks=place % 2 == 0) for place, row in enumerate(rows[:50])],
        credits=frozenset({1, 2}),
        notes=Notes(1, 2, name, name),
        largest=[MatterTotal(who, amount) for who, amount in totals[:10]],
        clients=[ClientTotal(who, 1, amount) for who, amount in totals[:10]],
        texts=[(name, f"{name} {place}") for place in range(min(len(rows), 40))],
        last=a_batch(file_name=name),
        changes=compare([Owed(one, Decimal(place)) for place, (one, _) in enumerate(totals)], [Owed(name, Decimal(5))]),
        corrections=[
            {
                "row": 1 + place // 2,
                "field": ("matter", "amount")[place % 2],
                "was": (name, "1.00")[place % 2],
                "now": (None, "-9999999999.99")[place % 2],
                "actor": "U1",
            }
            for place in range(len(rows))
        ],
        description_problem=name,
        not_counted=[NotCounted(place, Decimal("1.00"), f"{name} {place % 50}") for place in range(len(rows))],
        today=date(2026, 11, 23),
        settled=[_answer(name, place) for place in range(len(rows) % 60)],
        choices=[_answer(name, place) for place in range(len(rows) % 30)],
    )
    made = json.loads(preview(view).json())
    fix = [FIX] if rows else []
    there = ["balances_approve", "balances_reject", *fix, "balances_more"]
    for form in (made, plain(made), bare(made)):
        assert check_blocks(form) == []
        assert len(form) <= BLOCKS
        assert count_text(form) <= size(form) <= BUDGET
        assert [
            part["action_id"] for block in form if block["type"] == "actions" for part in block["elements"]
        ] == there
    assert len(words(made).encode()) <= BYTES
    for block in made:
        with suppress(NotImplementedError):  # a block that slackblocks cannot read yet
            as_slackblocks(block)


@pytest.mark.parametrize("number", [3, 60, 2_000, 20_000])
def test_a_preview_of_any_size_stays_below_what_slack_takes_with_its_buttons(number: int) -> None:
    shown = preview(view(number))
    blocks = json.loads(simplejson.dumps(shown.blocks, use_decimal=True))
    assert check_blocks(blocks) == []
    assert max(size(shown.blocks), count_text(blocks)) <= BUDGET < SLACK
    (buttons,) = [block for block in shown.blocks if block["type"] == "actions"]
    assert buttons["elements"][0]["text"]["text"].startswith("Approve ")
