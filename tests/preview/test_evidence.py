"""What a preview says of the reading itself: what is owed and why, what proves it, what of the file is no line."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fix_form import more, opened
from python_calamine import CalamineWorkbook
from world import World, shared

from brought_forward.bot.messages.evidence import unaccounted
from brought_forward.bot.messages.words import long_date
from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.records.sheet import (
    BalanceLine,
    CensusColumn,
    Comments,
    NotCounted,
    Problem,
    SheetReading,
)


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("evidence"), firm_of_size(200, 8)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def rested(world: World, number: int, revision: int) -> str:
    """Wait until Slack shows a revision's preview, and read it."""

    def there() -> bool:
        batch = world.batch(number)
        return batch.revision == revision and batch.status is BatchStatus.PREVIEWED and not world.store.messages.owed()

    world.slack.wait_for(there, timeout=30)
    return str(world.slack.plain(world.message("preview", number)))


def of(rows: list[list[object]], **more: Any) -> SheetReading:
    """Make the reading of a sheet with these rows, one line each."""
    lines = tuple(
        BalanceLine(at, str(row[0]), str(row[1]) or None, Decimal(str(row[2]))) for at, row in enumerate(rows, 2)
    )
    plain = SheetReading("AR", 1, lines, (), 0, None, None, signature="0123456789abcdef")
    return replace(plain, **more)


def reads(world: World, reading: SheetReading, differences: tuple[str, ...] = ()) -> Batch:
    """Preview a file whose reading is this one."""
    batch = world.preview(world.fresh(1))
    assert world.bot is not None
    with world.store.transaction():
        world.store.lines.keep(batch.id, batch.firm, reading)
        world.store.batches.keep_reading(batch.id, reading, differences)
        assert world.store.batches.correct(batch.id, revision=1)
    world.bot.engine.start(RunKind.READ, batch.id)
    rested(world, batch.id, 2)
    return world.batch(batch.id)


# What is kept


def test_a_batch_keeps_what_its_reading_rests_on(world: World) -> None:
    reading = of(
        world.fresh(1),
        balance='F "Closing"',
        proofs=("= opening + billed on all 1 rows",),
        census=(CensusColumn("A", "Matter", "matter"), CensusColumn("B", "Phone", "harmless", "nobody's money")),
        not_counted=(NotCounted(9, Decimal("12.50"), "a total"), NotCounted(10, Decimal("-0.50"), "a mean")),
        column_total=Decimal("135.45"),
        comments=Comments("J", "Remarks", 2, on=True),
    )
    batch = reads(world, reading)
    kept = (batch.balance, batch.proofs, batch.census, batch.column_total, batch.comments, batch.signature)
    assert kept == (reading.balance, reading.proofs, reading.census, reading.column_total, reading.comments,
                    reading.signature)  # fmt: skip
    assert tuple(world.store.lines.not_counted(batch.id)) == reading.not_counted


def test_a_file_read_says_of_which_header_it_is(world: World) -> None:
    first, second = (world.preview(world.fresh(1)) for _ in range(2))
    assert first.signature == second.signature
    assert len(first.signature) == 16


# A line that the sheet speaks against


PAID = 'the sheet says "paid" in G3.'


def spoken_against(world: World) -> tuple[Batch, list[list[object]]]:
    rows = world.fresh(2)
    bad = Problem(3, "G3", PAID, str(rows[1][0]), Decimal("40.00"), str(rows[1][1]), anyway=True)
    return reads(world, of(rows[:1], problems=(bad,))), rows


def test_a_line_that_the_sheet_calls_paid_stays_out_until_a_person_lets_it_be_posted(world: World) -> None:
    batch, rows = spoken_against(world)
    assert world.left_out(batch.id) == {3: PAID}
    text = rested(world, batch.id, 2)
    assert "Left out: 1 line, $40.00, will not be posted." in text
    view = opened(world, world.slack.manager, world.message("preview", batch.id))
    assert "Take it as it stands" not in world.slack.plain(view)
    answer = world.slack.submit(
        world.slack.manager, view, {"balances_fate-3": ["anyway"], "Row 3: why it is posted anyway": "It bounced"}
    )
    assert answer.error is None, answer
    text = rested(world, batch.id, 3)
    assert f"{PAID} It is posted anyway: It bounced" in text
    assert "will not be posted" not in text
    told = world.refused(world.slack.manager, "Approve", world.message("preview", batch.id))
    assert told.startswith("You corrected this file, so someone else approves it")
    world.slack.click(world.slack.partner, "Approve", world.message("preview", batch.id))
    world.finish(batch.id)
    assert {(entry.matter_number, entry.amount) for entry in world.entries(batch.id)} == {
        (rows[0][0], Decimal(str(rows[0][2]))),
        (rows[1][0], Decimal("40.00")),
    }


def test_the_workbook_to_mend_does_not_take_away_what_the_sheet_says_against_a_line(world: World) -> None:
    batch, _ = spoken_against(world)
    text = f"Why it was left out,Row,Matter,User,Balance,Date,Note,Client\n,3,{world.fresh(1)[0][0]},,40.00,,,\n"
    assert batch.thread_ts
    world.slack.upload(world.slack.staff, "balances", "mend.csv", text.encode(), thread_ts=batch.thread_ts)
    rested(world, batch.id, 3)
    assert world.left_out(batch.id) == {3: PAID}


def test_a_row_of_which_something_cannot_be_read_is_a_problem_whatever_else_the_sheet_says(world: World) -> None:
    rows = world.fresh(1)
    bad = Problem(3, "F3", "an amount that is none.", str(rows[0][0]), None, anyway=True)
    batch = reads(world, of(rows, problems=(bad,)))
    assert [line.unreadable for line in world.store.lines.of_batch(batch.id)] == [None, "an amount that is none."]


# All money of the column


def test_the_workbook_says_where_all_money_of_the_column_went(world: World) -> None:
    rows = world.fresh(3)
    for row, amount in zip(rows, ("100.00", "20.00", "3.00"), strict=True):
        row[2] = amount
    rows[2][0] = "nobody's"
    rest = (NotCounted(5, Decimal("123.00"), "a total"), NotCounted(6, Decimal("61.50"), "a mean"))
    batch = reads(world, of(rows, balance='C "Balance"', not_counted=rest, column_total=Decimal("307.50")))
    assert sheets(world, batch, 2)["Not counted"] == [
        ["Row", "Amount", "Why"],
        [5, 123, "a total"],
        [6, 61.5, "a mean"],
    ]
    assert sheets(world, batch, 2)["Sums"][1:] == [
        ['Column C "Balance"', 307.5],
        ["Counted, to be posted", 120],
        ["Left out", 3],
        ["Not counted", 184.5],
    ]
    view = more(world, opened(world, message=world.message("preview", batch.id)), 4)
    answer = world.slack.submit(world.slack.staff, view, {"Row 4: amount": "4.25"})
    assert answer.error is None, answer
    rested(world, batch.id, 3)
    assert sheets(world, batch, 3)["Sums"][3:] == [
        ["Left out", 4.25],
        ["Not counted", 184.5],
        ["Less what was put right by hand", -1.25],
    ]


def sheets(world: World, batch: Batch, revision: int) -> dict[str, list[list[Any]]]:
    """Read the workbook of every line that a revision brought, sheet by sheet."""

    def there() -> list[Any]:
        thread = world.slack.thread("balances", batch.thread_ts or "")
        name = f"AR lines{f', revision {revision}' if revision > 1 else ''}.xlsx"
        return [file for one in thread for file in one.files if file.name == name]

    (file,) = world.slack.wait_for(there)
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_money_of_the_column_that_went_nowhere_holds_the_batch(world: World) -> None:
    """Real bytes cannot show it: a reading that loses money is what this is there against."""
    reading = of(world.fresh(1), balance='C "Balance"', column_total=Decimal("1000.00"))
    batch = reads(world, reading, tuple(unaccounted(reading, "USD")))
    text = str(world.slack.plain(world.message("preview", batch.id)))
    assert 'Column C "Balance" holds $1,000.00, but its lines' in text
    assert "[Approve" not in text


# Which column, why, and what proves its sum


def typed(world: World, user: Any, batch: Batch, total: str) -> Any:
    """Type the report's total below a preview; returns how the bot answered the form."""
    before = len(world.slack.views(user))
    world.slack.click(user, "Type the report's total", world.message("preview", batch.id))
    world.slack.wait_for(lambda: len(world.slack.views(user)) > before)
    return world.slack.submit(user, world.slack.views(user)[-1], {"The report's total": total})


def test_the_preview_says_which_column_is_owed_and_why(world: World) -> None:
    proofs = ("= C + D - E on all 1 rows", "agrees with the subtotals of 1 client")
    batch = reads(world, of(world.fresh(1), balance='F "Closing Balance"', proofs=proofs))
    text = rested(world, batch.id, 2)
    assert (
        'Balance: column F "Closing Balance" = C + D - E on all 1 rows; agrees with the subtotals of 1 client.' in text
    )
    assert "The file has no total of its own." in text
    assert "Nothing in the file proves" not in text
    assert "Type the report's total" not in text


def test_a_total_that_nothing_proves_is_compared_with_the_one_of_the_report(world: World) -> None:
    rows = world.fresh(2)
    rows[0][2], rows[1][2] = "1000.00", "20.50"
    batch = world.preview(rows)
    assert "Nothing in the file proves this total. Compare $1,020.50 with your report." in rested(world, batch.id, 1)
    typed(world, world.slack.manager, batch, "a lot")
    assert list(world.slack.views(world.slack.manager)[-1].errors) == ["total"]
    assert typed(world, world.slack.manager, batch, "$1,020.50").error is None
    text = rested(world, batch.id, 1)
    assert "The report's total, typed by @manager, is $1,020.50; the lines agree with it." in text
    assert "Nothing in the file proves" not in text
    world.slack.click(world.slack.manager, "Approve", world.message("preview", batch.id))  # a check bars nobody
    world.finish(batch.id)
    assert world.batch(batch.id).decided_by == world.slack.manager.id


def test_a_typed_total_that_differs_holds_the_batch_until_it_is_mended_or_somebody_vouches_for_the_lines(
    world: World,
) -> None:
    batch = world.preview([[*world.fresh(1)[0][:2], "100.00", ""]])
    assert typed(world, world.slack.staff, batch, "110.00").error is None
    text = rested(world, batch.id, 1)
    assert "on hold: totals differ by $10.00" in text
    assert "The report's total, as typed, is $110.00, the lines come to $100.00: a difference of $10.00." in text
    assert "[Approve" not in text
    world.slack.click(world.slack.partner, "The lines are right", world.message("preview", batch.id))
    world.slack.wait_for(lambda: "[Approve" in rested(world, batch.id, 1))
    told = world.refused(world.slack.partner, "Approve", world.message("preview", batch.id))
    assert told.startswith("You corrected this file, so someone else approves it")
    assert typed(world, world.slack.staff, batch, "111.00").error is None  # another total is to be vouched for anew
    assert "[Approve" not in rested(world, batch.id, 1)
    assert typed(world, world.slack.staff, batch, "100.00").error is None
    world.slack.wait_for(lambda: "[Approve" in rested(world, batch.id, 1))
    assert world.batch(batch.id).confirmed_by is None


def released(world: World, batch: Batch) -> str:
    """Wait until a preview can be approved again, and read it."""
    world.slack.wait_for(lambda: "[Approve" in rested(world, batch.id, batch.revision))
    return rested(world, batch.id, batch.revision)


def test_a_first_approval_from_before_a_total_differed_does_not_count(world: World) -> None:
    three = (world.slack.manager.id, world.slack.partner.id, world.slack.outsider.id)
    world.ready(balances_two_approvers_above="50", balances_approvers=three)
    batch = world.preview([[*world.fresh(1)[0][:2], "100.00", ""]])
    world.approve()
    world.slack.wait_for(lambda: world.batch(batch.id).first_by == world.slack.manager.id)
    assert typed(world, world.slack.staff, batch, "110.00").error is None
    rested(world, batch.id, 1)
    world.slack.click(world.slack.manager, "The lines are right", world.message("preview", batch.id))
    text = released(world, batch)
    assert "Waiting for two approvers other than @staff, since it is above $50.00: @partner or @outsider." in text
    assert world.batch(batch.id).first_by is None


def test_a_form_for_the_total_that_slack_does_not_open_is_told_to_who_clicked(world: World) -> None:
    batch = world.preview([[*world.fresh(1)[0][:2], "100.00", ""]])
    world.slack.faults.add("views.open", "expired_trigger_id")
    told = world.refused(world.slack.staff, "Type the report's total", world.message("preview", batch.id))
    assert told == "Slack did not let me open the form. Click once more; nothing was changed."


def test_a_total_for_an_older_preview_or_by_a_guest_is_not_taken(world: World) -> None:
    batch = world.preview([[*world.fresh(1)[0][:2], "100.00", ""]])
    before = len(world.slack.views(world.slack.staff))
    world.slack.click(world.slack.staff, "Type the report's total", world.message("preview", batch.id))
    world.slack.wait_for(lambda: len(world.slack.views(world.slack.staff)) > before)
    view = world.slack.views(world.slack.staff)[-1]
    with world.store.transaction():
        assert world.store.batches.correct(batch.id, revision=1)
    assert world.bot is not None
    world.bot.engine.start(RunKind.READ, batch.id)
    rested(world, batch.id, 2)
    world.slack.submit(world.slack.staff, view, {"The report's total": "7.00"})
    assert "older preview" in world.slack.plain(world.slack.views(world.slack.staff)[-1])
    told = world.refused(world.slack.guest, "Type the report's total", world.message("preview", batch.id))
    assert "Guests" in told
    assert world.batch(batch.id).typed_total is None


def test_rows_that_are_not_counted_and_columns_that_are_not_used_are_named_once_in_a_fold(world: World) -> None:
    rest = (NotCounted(4, Decimal("100.00"), "a total"), NotCounted(9, Decimal("11.50"), "repeats the rows below it"))
    rows = [[*world.fresh(1)[0][:2], "100.00", ""]]
    batch = reads(
        world,
        of(
            rows,
            balance='C "Balance"',
            not_counted=rest,
            column_total=Decimal("211.50"),
            census=(
                CensusColumn("A", "Matter", "matter"),
                CensusColumn("C", "Balance", "balance"),
                CensusColumn("D", "*Phone*", "harmless"),
                CensusColumn("E", "Trust", "held for the client"),
            ),
        ),
    )
    (fold,) = [one for one in world.message("preview", batch.id).blocks if one["type"] == "container"
               and one["title"]["text"].startswith("Not counted")]  # fmt: skip
    assert fold["title"]["text"] == "Not counted: 2 rows, $111.50 · 2 columns not used"
    assert fold["default_collapsed"]
    (inside,) = [child["text"]["text"] for child in fold["child_blocks"]]
    assert inside.splitlines() == [
        "• a total: 1 row, $100.00 (row 4)",
        "• repeats the rows below it: 1 row, $11.50 (row 9)",
        'Column C "Balance" holds $211.50: counted, to be posted $100.00, not counted $111.50.',
        'Columns not used: D "∗Phone∗" (harmless), E "Trust" (held for the client).',
    ]


# Whose the lines are, and of which day the sheet is


def test_lines_that_name_no_user_are_counted_in_every_preview(world: World) -> None:
    rows = world.fresh(3)
    rows[0][1] = rows[1][1] = ""
    batch = world.preview(rows)
    assert "2 lines name no user: they go to each matter's responsible attorney." in rested(world, batch.id, 1)
    batch = world.preview([[row[0], "", *row[2:]] for row in world.fresh(1)])
    assert "1 line names no user: it goes to its matter's responsible attorney." in rested(world, batch.id, 1)
    assert "no user" not in rested(world, world.preview(world.fresh(1)).id, 1)


def test_a_sheet_of_more_than_a_week_ago_asks_whether_payments_were_taken_since(world: World) -> None:
    today = datetime.now(world.settings().balances_timezone or UTC).date()
    for days, asks in ((7, False), (8, True), (400, True)):
        day = today - timedelta(days=days)
        text = f"Receivables as of {long_date(day)}\nMatter,Balance\n{world.fresh(1)[0][0]},12.00\n"
        file = world.slack.upload(world.slack.staff, "balances", "AR.csv", text.encode())
        world.slack.wait_for(lambda file=file: world.newest().file_id == file.id)
        said = rested(world, world.newest().id, 1)
        assert ("were payments taken since?" in said) is asks
        if asks and day.year == today.year:
            assert f"As of {day.day} {day:%B}, today {today.day} {today:%B}: were payments taken since?" in said
        if asks and day.year != today.year:
            assert f"As of {long_date(day)}, today {long_date(today)}: were payments taken since?" in said


# Comments


def commented(world: World, heading: str) -> Batch:
    """Drop a sheet with remarks under this heading; its third line cannot be read and has one too."""
    rows = world.fresh(3)
    text = f"Matter,Balance,{heading}\n" + "".join(
        f"{row[0]},{amount},{said}\n"
        for row, amount, said in zip(
            rows, ("10.00", "20.00", "n/a"), ("Rude on the phone", "", "Call *Jane*"), strict=True
        )
    )
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", text.encode())
    world.slack.wait_for(lambda: [one.id for one in world.store.batches.newest(TEAM, 1) if one.file_id == file.id])
    rested(world, world.newest().id, 1)
    return world.newest()


def test_comments_stay_off_the_bills_until_a_member_puts_them_on_and_can_be_taken_off_again(world: World) -> None:
    batch = commented(world, "Collection Remarks")
    text = rested(world, batch.id, 1)
    assert 'Column C "Collection Remarks" (2 notes) is left off the bills.' in text
    assert "Rude" not in text
    world.slack.click(world.slack.manager, "Put them on", world.message("preview", batch.id))
    text = rested(world, batch.id, 2)
    assert 'Column C "Collection Remarks" (2 notes) is on the bills.' in text
    assert "; 1 of 2 says more" in text
    assert 'printed on the bills is column C "Collection Remarks", chosen by @manager' in text
    assert [entry.note.endswith("Rude on the phone") for entry in world.entries(batch.id)] == [True, False]
    assert "Call *Jane*" in (world.store.lines.of_batch(batch.id)[2].note or "")
    told = world.refused(world.slack.manager, "Approve", world.message("preview", batch.id))
    assert told.startswith("A choice of yours decides where lines of this file go")
    world.slack.click(world.slack.staff, "Leave them off", world.message("preview", batch.id))
    text = rested(world, batch.id, 3)
    assert "is left off the bills" in text
    assert "Rude" not in text
    assert "chosen by" not in text
    assert [line.note for line in world.store.lines.of_batch(batch.id)] == [None, None, None]


def test_comments_put_on_once_are_on_for_the_header_and_what_people_wrote_by_hand_stays(world: World) -> None:
    first = commented(world, "Remarks by hand")
    world.slack.submit(
        world.slack.staff,
        more(world, opened(world, message=world.message("preview", first.id)), 4),
        {"Row 4: amount": "30.00", "Row 4: note": "Costs of the survey"},
    )
    rested(world, first.id, 2)
    world.slack.click(world.slack.staff, "Put them on", world.message("preview", first.id))
    rested(world, first.id, 3)
    lines = world.store.lines.of_batch(first.id)
    assert [(line.note, line.amount) for line in lines[1:]] == [
        (None, Decimal("20.00")),
        ("Costs of the survey", Decimal("30.00")),
    ]
    assert world.left_out(first.id) == {}
    second = commented(world, "Remarks by hand")
    text = rested(world, second.id, 1)
    assert "is on the bills" in text
    assert "printed on the bills is column C" in text


def test_a_click_on_an_older_preview_puts_no_comments_on(world: World) -> None:
    batch = commented(world, "Old remarks")
    old = world.message("preview", batch.id)
    shown = old.blocks
    world.slack.click(world.slack.staff, "Put them on", old)
    rested(world, batch.id, 2)
    told = world.refused(world.slack.staff, "Put them on", world.message("preview", batch.id), snapshot=shown)
    assert "older preview" in told
