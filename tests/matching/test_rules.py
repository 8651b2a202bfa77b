"""What is said of a line before anything is posted, from the dropped file to the preview; and what people chose."""

import io
import json
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from world import World, shared

from brought_forward.bot.cli.check import check
from brought_forward.bot.cli.check_report import as_json, show
from brought_forward.bot.matching.rules import RULES, Code, Effect
from brought_forward.sandbox.clio import sample_firm
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.firm import AliasKind


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("rules"), sample_firm()) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> Iterator[World]:
    yield open_world.ready()
    withdraw_all(open_world)


def withdraw_all(world: World) -> None:
    """Leave no batch that waits: the next test's files are compared with it."""
    with world.store.transaction() as db:
        db.execute("UPDATE batch SET status = 'withdrawn' WHERE status NOT IN ('posted', 'unreadable')")


def numbered(world: World, place: int) -> Any:
    """Return the matter with this number in the sample firm."""
    return next(one for one in world.firm.matters if one.display_number.startswith(f"{place:05d}-"))


def found(world: World, number: int) -> dict[tuple[int | None, str], str]:
    """What the rules say, by row and rule."""
    return {(one.row, one.code): one.text for one in world.store.findings.of_batch(number)}


def folded_block(world: World) -> Any:
    """Return the block of warnings of the newest preview."""
    preview = next(one for one in world.thread() if one.user == world.slack.bot.id and not one.files)
    folds = [block for block in preview.blocks if block["type"] == "container"]
    blocks = [fold for fold in folds if fold["title"]["text"] == "Which"]
    return blocks[0] if blocks else None


def remember(world: World, text: str, matter: Any, kind: AliasKind = AliasKind.MATTER, **more: Any) -> None:
    number = getattr(matter, "display_number", None) or matter.name
    given = {"account": world.batch(world.newest().id).account or "", "by": world.slack.staff.id} | more
    world.store.aliases.remember_alias(firm=TEAM, kind=kind, text=text, clio_id=matter.id, label=number, **given)


# How a matter is found


def test_a_matter_is_found_by_each_name_it_goes_by_and_the_preview_says_by_which(world: World) -> None:
    custom, referred, described = numbered(world, 4), numbered(world, 5), numbered(world, 11)
    world.firm.change(custom, custom_number="K/77")
    described = world.firm.change(described, description="Sale of the mill")
    client = world.firm.contacts[described.client_id].name
    colon = numbered(world, 6)
    rows = [
        ["k/77", "", "1.00", ""],
        [f"{referred.client_reference.lower()}  ", "", "2.00", ""],
        [f"{client.upper()}:  sale of  the mill", "", "3.00", ""],
        [f"{colon.display_number}: {colon.description}", "", "4.00", ""],
    ]
    batch = world.preview(rows)
    assert [entry.matter_id for entry in world.entries(batch.id)] == [custom.id, referred.id, described.id, colon.id]
    assert found(world, batch.id) == {
        (2, Code.MATTER_GUESSED): f"taken as {custom.display_number}, by its custom number.",
        (3, Code.MATTER_GUESSED): f"taken as {referred.display_number}, by its client reference.",
        (4, Code.MATTER_GUESSED): f"taken as {described.display_number}, by its client and description.",
    }
    assert f'Row 2 "k/77": taken as {custom.display_number}, by its custom number.' in world.text()
    assert "3 things to look at; posted anyway" in world.text()


def test_a_client_and_description_of_two_matters_leave_the_line_out_and_name_both(world: World) -> None:
    client = world.firm.add_client("Twofold")
    pair = [world.firm.add_matter(f"T-{n}", client=client, description="Will") for n in (1, 2)]
    batch = world.preview([["Twofold: Will", "Dana Hallam", "1.00", ""]])
    assert world.entries(batch.id) == []
    why = found(world, batch.id)[2, Code.MATTER_AMBIGUOUS]
    assert all(f"{one.display_number} (Twofold)" in why for one in pair)
    assert why in world.text()


def test_a_user_is_found_as_last_first_whatever_the_sheet_puts_round_the_comma(world: World) -> None:
    rows = [[numbered(world, place).display_number, name, "1.00", ""]
            for place, name in ((12, "Okafor, Tom"), (13, "okafor,tom"))]  # fmt: skip
    batch = world.preview(rows)
    assert {entry.user_name for entry in world.entries(batch.id)} == {"Tom Okafor"}


def test_the_user_chosen_for_a_file_gets_the_lines_that_name_none(world: World) -> None:
    tom = next(user for user in world.firm.users if user.name == "Tom Okafor")
    world.clio.faults.add("error_before", method="GET", path="/matters.json", times=None)
    file = world.drop([[numbered(world, 14).display_number, "", "1.00", ""],
                       [numbered(world, 15).display_number, "Ines Varga", "2.00", ""]])  # fmt: skip
    world.until("did not answer as it should")
    assert world.bot is not None
    world.store.batches.choose_user(world.newest().id, tom.id)
    with world.store.transaction() as db:  # people choose in a preview, which says whose number it is
        db.execute(
            "UPDATE batch SET account = ? WHERE id = ?", (world.bot.connections.of(TEAM).account, world.newest().id)
        )
    world.clio.faults.clear()
    world.until("fingerprint")
    assert world.newest().file_id == file.id
    assert [entry.user_name for entry in world.entries(world.newest().id)] == ["Tom Okafor", "Ines Varga"]


# What warns


def test_a_closed_and_a_flat_fee_matter_are_posted_with_a_warning_that_is_folded_away(world: World) -> None:
    closed, flat, both = numbered(world, 9), numbered(world, 58), numbered(world, 23)
    world.firm.change(both, billing_method="flat")
    rows = [[one.display_number, "", "1.00", ""] for one in (closed, flat, both, numbered(world, 16))]
    batch = world.preview(rows)
    assert len(world.entries(batch.id)) == 4
    assert found(world, batch.id).keys() == {
        (2, Code.CLOSED), (3, Code.FLAT_FEE), (4, Code.CLOSED), (4, Code.FLAT_FEE),
    }  # fmt: skip
    block = folded_block(world)
    assert (block["is_collapsible"], block["default_collapsed"]) == (True, True)
    (text,) = [child["text"]["text"] for child in block["child_blocks"]]
    assert f'Rows 2 "{closed.display_number}", 4 "{both.display_number}": the matter is closed in Clio' in text
    assert "2 things to look at; posted anyway" in world.text()


def test_a_closed_matter_that_is_left_out_for_its_user_is_not_warned_of(world: World) -> None:
    batch = world.preview([[numbered(world, 37).display_number, "Nobody", "1.00", ""]])
    assert found(world, batch.id).keys() == {(2, Code.USER_UNKNOWN)}
    assert folded_block(world) is None


def test_the_same_file_again_is_said_with_where_the_first_one_stands(world: World) -> None:
    rows = [[numbered(world, 17).display_number, "", "17.00", ""]]
    first = world.preview(rows, name="one.csv")
    second = world.preview(rows, name="two.csv")
    said = found(world, second.id)
    assert said.keys() == {(None, Code.SAME_FILE)}
    assert f"This same file is {first.name} too" in world.text()
    assert said[None, Code.SAME_FILE].endswith("this preview takes its place.")
    assert world.batch(first.id).status is BatchStatus.WITHDRAWN
    withdraw_all(world)
    assert found(world, world.preview(rows, name="four.csv").id) == {}


def test_the_same_lines_in_another_file_are_counted(world: World) -> None:
    places = (18, 19, 20)
    rows = [[numbered(world, place).display_number, "Dana Hallam", f"{place}.25", ""] for place in places]
    first = world.preview(rows, name="October.csv")
    changed = [rows[0], [rows[1][0], "Dana Hallam", "19.26", ""], [rows[2][0], "Tom Okafor", "20.25", ""]]
    second = world.preview([*changed, [numbered(world, 21).display_number, "", "1.00", ""]], name="November.csv")
    said = found(world, second.id)
    assert said == {
        (None, Code.SAME_LINES): f"October.csv ({first.name}), waiting for approval, holds 1 line of this file too."
    }
    assert "October.csv" in world.text()


def test_ten_times_the_last_batch_s_amount_is_said_and_less_is_not(world: World) -> None:
    matters = [numbered(world, place).display_number for place in (22, 24, 25)]
    first = world.preview([[one, "", "100.00", ""] for one in matters], name="before.csv")
    amounts = ("1000.00", "999.99", "-5000.00")
    world.ready(balances_credits="post")
    second = world.preview([[one, "", amount, ""] for one, amount in zip(matters, amounts, strict=True)])
    said = found(world, second.id)
    assert said == {
        (2, Code.TEN_TIMES): f"$1,000.00 is ten times what {first.name} had for this matter, $100.00, or more.",
        (4, Code.TEN_TIMES): f"-$5,000.00 is ten times what {first.name} had for this matter, $100.00, or more.",
    }
    assert "$1,000.00 is ten times what" in world.text()


# What blocks, whoever says what


def test_an_entry_that_anyone_made_in_clio_keeps_the_matter_out(world: World) -> None:
    matter = numbered(world, 26)
    description = world.firm.add_description("Balance brought forward")
    made = world.firm.add_entry(matter, world.firm.token_user, description, Decimal("50.00"), on=date(2026, 10, 2))
    batch = world.preview([[matter.display_number, "", "50.00", ""]])
    assert found(world, batch.id) == {(2, Code.ALREADY): "already brought forward: Clio has $50.00 of 2 October 2026."}
    assert world.entries(batch.id) == []
    world.firm.remove_entry(made)


def test_lines_that_come_to_zero_are_left_out(world: World) -> None:
    number = numbered(world, 27).display_number
    batch = world.preview([[number, "", "5.00", ""], [number, "", "-5.00", ""]])
    assert found(world, batch.id).keys() == {(2, Code.ZERO), (3, Code.ZERO)}
    assert "come to zero" in world.text()


def test_initials_of_two_users_leave_the_line_out_and_name_both(world: World) -> None:
    twin = world.firm.add_user("Trudi Ostrow")
    batch = world.preview([[numbered(world, 28).display_number, "TO", "1.00", ""]])
    assert "Tom Okafor and Trudi Ostrow" in found(world, batch.id)[2, Code.USER_AMBIGUOUS]
    world.firm.change(twin, enabled=False, first_name="Una")


# What people chose


def test_a_choice_is_taken_next_time_and_said_with_who_made_it_and_when(world: World) -> None:
    matter, tom = numbered(world, 29), next(user for user in world.firm.users if user.name == "Tom Okafor")
    assert world.entries(world.preview([["SMITH 7", "T.O.", "1.00", ""]]).id) == []
    remember(world, "Smith  7", matter)
    remember(world, "t.o.", tom, AliasKind.USER)
    batch = world.preview([["SMITH 7", "T.O.", "1.01", ""]], name="next.csv")
    (entry,) = world.entries(batch.id)
    assert (entry.matter_id, entry.user_name) == (matter.id, "Tom Okafor")
    said = world.text()
    assert f'"Smith 7" is taken as {matter.display_number}, $1.01 in row 2: chosen by @staff on ' in said
    assert '"t.o." is taken as Tom Okafor, $1.01 in row 2: chosen by @staff on ' in said
    world.store.aliases.forget_alias(TEAM, "SMITH 7", by=world.slack.staff.id)
    assert world.left_out(world.preview([["SMITH 7", "", "1.02", ""]]).id)[2].startswith(
        "Clio has no matter of this number"
    )


def test_a_display_number_that_clio_has_exactly_is_not_taken_for_something_else(world: World) -> None:
    matter, other = numbered(world, 30), numbered(world, 33)
    world.preview([[other.display_number, "", "1.00", ""]])
    remember(world, matter.display_number, other)
    batch = world.preview([[matter.display_number, "", "1.01", ""], [matter.display_number.upper(), "", "1.02", ""]])
    assert [entry.matter_id for entry in world.entries(batch.id)] == [matter.id, other.id]


def test_a_choice_whose_matter_is_gone_is_not_used_and_that_is_said(world: World) -> None:
    matter = numbered(world, 34)
    world.preview([[matter.display_number, "", "1.00", ""]])
    remember(world, "GONE 1", type("Gone", (), {"id": 999_999, "display_number": "00999-Gone"}))
    batch = world.preview([["GONE 1", "", "1.00", ""]])
    assert found(world, batch.id).keys() == {(2, Code.CHOICE_GONE), (2, Code.MATTER_UNKNOWN)}
    assert '"GONE 1" was once chosen to mean 00999-Gone; Clio does not show that any more' in world.text()


def test_a_choice_made_for_another_account_of_clio_means_nothing_here(world: World) -> None:
    matter = numbered(world, 35)
    world.preview([[matter.display_number, "", "1.00", ""]])
    remember(world, "ELSEWHERE 1", matter, account="eu:9")
    assert world.entries(world.preview([["ELSEWHERE 1", "", "1.00", ""]]).id) == []


def test_matters_kept_before_their_other_numbers_were_known_are_listed_whole_once_more(world: World) -> None:
    matter = world.firm.change(numbered(world, 36), custom_number="Z-36")
    world.preview([["Z-36", "", "1.00", ""]])
    with world.store.transaction() as db:
        db.execute("UPDATE matter SET custom_number = ''")
        db.execute("UPDATE listing SET whole_at = '2000-01-01T00:00:00+00:00' WHERE kind = 'matter'")
    assert [one.matter_id for one in world.entries(world.preview([["Z-36", "", "1.01", ""]]).id)] == [matter.id]


def test_a_check_on_the_command_line_gives_the_same_warnings(world: World, tmp_path: Path) -> None:
    sheet = tmp_path / "AR.csv"
    sheet.write_text(f"Matter,User,Balance\n{numbered(world, 52).display_number},,1.00\n")
    found = check(sheet, currency="USD", day_first=False, answers={}, settings=world.settings())
    (warning,) = json.loads(as_json(found))["warnings"]
    assert (warning["row"], warning["rule"]) == (2, Code.CLOSED)
    printed = Console(record=True, width=200, file=io.StringIO())
    show(found, printed)
    assert "row 2, a warning: the matter is closed in Clio" in printed.export_text()


def test_each_rule_says_one_thing_and_only_a_rule_that_blocks_can_be_set_aside() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    assert {rule.code for rule in RULES if rule.anyway} == {Code.USER_DISABLED, Code.SHEET_SAYS}
    assert all(rule.effect is Effect.BLOCKS for rule in RULES if rule.anyway)
