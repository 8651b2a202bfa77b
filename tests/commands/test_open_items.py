"""`/balances open`: what no batch has brought forward, to who may see it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fix_form import opened, previewed
from mended import BALANCE, MATTER, drop_mended, to_mend
from world import World

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.storage.records.batch import BatchStatus


@pytest.fixture
def world(tmp_path: Path):
    world = World(tmp_path, firm_of_size(12, 3))
    yield world.start()
    world.close()


def left(world: World) -> list[list[object]]:
    """Make lines that stay out: a number that Clio has not, a user whom it has not, and a credit."""
    credit = world.sheet(5)[4]
    return [["99999-Nobody", "Dana Hallam", "1000.00", ""], [world.sheet(4)[3][0], "Nemo Nobody", "50.00", ""],
            [credit[0], credit[1], "-20.00", ""]]  # fmt: skip


def test_open_lists_what_stayed_out_and_what_clio_refused_with_sums_and_reasons(world: World) -> None:
    refused = world.sheet(2)[1]
    assert "Nothing is open" in world.asked(world.slack.manager, "open")
    world.clio.faults.add("refuse", nth=2, message="Time is locked")
    world.begin([*world.sheet(3), *left(world)], name="AR.csv")
    world.finish()
    said = world.asked(world.slack.manager, "open")
    assert "Not brought forward yet: 4 balances in 1 batch, $1,153.46." in said
    assert "AR.csv (B1), $1,153.46 (thread)" in said
    assert "• row 5, 99999-Nobody, Dana Hallam, $1,000.00: " in said
    assert "Nemo Nobody, $50.00: " in said
    assert "-$20.00: " in said
    assert f"• {refused[0]}, {refused[1]}, ${refused[2]}: Refused: Time is locked" in said


def test_open_forgets_what_a_later_batch_posts_for_that_matter_and_user(world: World) -> None:
    rows = world.sheet(4)
    world.clio.faults.add("refuse", nth=1, message="Time is locked")
    world.begin([rows[0], [rows[3][0], "Nemo Nobody", "50.00", ""], rows[2]])
    world.finish()
    assert "2 balances in 1 batch" in world.asked(world.slack.manager, "open")
    world.begin([rows[0], [rows[3][0], rows[3][1], "50.00", ""]], name="AP.csv")
    world.finish(2)
    assert "Nothing is open" in world.asked(world.slack.manager, "open")
    world.asked(world.slack.manager, "undo B2")
    world.press("Undo", 2)
    world.wait_for_status(BatchStatus.UNDONE, 2)
    said = world.asked(world.slack.manager, "open")
    assert "4 balances in 2 batches" in said  # both of B1 again, and what was undone
    assert said.index("AP.csv (B2)") < said.index("AR.csv (B1)")
    assert "Removed from Clio again" in said


def test_a_line_that_came_back_mended_is_open_no_longer_or_once_where_it_failed_again(world: World) -> None:
    good = world.sheet(5)
    failing = [[f"9999{place}-Nobody", "", f"{place}00.00", ""] for place in (1, 2, 3)]
    world.begin([good[0], *failing])
    world.finish()
    rows = to_mend(world)
    for row, (column, value) in zip(rows[1:], ((MATTER, good[3][0]), (BALANCE, 0), (BALANCE, 250)), strict=True):
        row[column] = value  # a number put right, nothing owed, and an amount of a matter that nobody knows still
    drop_mended(world, rows)
    previewed(world, 1, 2)
    assert "3 balances in 1 batch, $600.00." in world.asked(world.slack.manager, "open")  # nobody approved it yet
    world.click(world.slack.manager, "Approve")
    world.finish(2)
    said = world.asked(world.slack.manager, "open")
    assert "1 balance in 1 batch, $250.00." in said
    assert "AR mended.xlsx (B2)" in said
    world.asked(world.slack.manager, "undo B2")
    world.press("Undo", 2)
    world.wait_for_status(BatchStatus.UNDONE, 2)
    assert "2 balances in 1 batch, $350.00." in world.asked(world.slack.manager, "open")
    for number in (1, 2):  # years later no row names another that is gone
        assert world.store.retention.purge(world.batch(number), by=None, why="named")
        assert world.store.retention.forget(world.batch(number).firm, before=datetime.now(UTC) + timedelta(days=1)) == 1
    assert world.store.batches.find(1) is None


def test_the_corrected_file_dropped_again_leaves_open_what_failed_again_and_that_once(world: World) -> None:
    good = world.sheet(5)
    first = [good[0], ["99991-Nobody", "", "500.00", ""], ["99992-Nobody", "", "60.00", ""],
             ["99993-Nobody", "", "7.00", ""]]  # fmt: skip
    world.begin(first)
    world.finish()
    again = [first[0], [good[3][0], *first[1][1:]], first[2], [good[4][0], "", "7.01", ""]]
    world.begin(again, name="AR again.csv")
    world.finish(2)
    said = world.asked(world.slack.manager, "open")
    assert "2 balances in 2 batches, $67.00." in said
    (newer, older) = said.partition("AR.csv (B1)")[::2]
    assert "99992-Nobody, $60.00: " in newer  # it failed again, and is open once
    assert "99993-Nobody, $7.00: " in older  # nobody can tell whether that one is the other number's by now
    assert "99991" not in said  # the same line under its right number


def test_a_line_put_right_in_the_form_is_not_open(world: World) -> None:
    good = world.sheet(3)
    world.preview([good[0], ["99999-Nobody", "", "10.00", ""]])
    world.slack.submit(world.slack.staff, opened(world), {"balances_matter-3": good[1][0]})
    previewed(world, 2)
    world.click(world.slack.manager, "Approve")
    world.finish()
    assert "Nothing is open" in world.asked(world.slack.manager, "open")


def test_open_shows_nothing_of_batches_that_the_asker_may_not_see(world: World) -> None:
    world.begin([*world.sheet(1), *left(world)])
    world.finish()
    assert "99999-Nobody" in world.asked(world.slack.staff, "open")  # who dropped it
    assert world.asked(world.slack.outsider, "open") == (
        "Nothing is open: all that was approved in the batches you may see is brought forward."
    )
    assert "Guests cannot do this." in world.asked(world.slack.guest, "open")
