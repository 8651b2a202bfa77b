"""`/balances signoff B12`: a paper for the file, in the batch's thread."""

import hashlib
import io
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from world import World

from brought_forward.bot.messages.words import long_date
from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack.workspace import TEAM

HEADER = "Matter,User,Balance,Note,Trust Balance,WIP\n"


@pytest.fixture
def world(tmp_path: Path):
    world = World(tmp_path, firm_of_size(12, 3))
    yield world.start()
    world.close()


def drop(world: World) -> bytes:
    """Drop a sheet with money of the clients' own and money not billed yet; one line stays out."""
    one, two, three = world.sheet(3)
    data = (
        f"{HEADER}{one[0]},{one[1]},{one[2]},,900.00,40.00\n{two[0]},{two[1]},{two[2]},,100.00,\n"
        f"{three[0]},{three[1]},0.00,,5.00,\n99999-Nobody,{one[1]},1000.00,,,2.50\n"
    ).encode()
    world.slack.upload(world.slack.staff, "balances", "AR.csv", data)
    world.until("ready for approval")
    return data


def asked(world: World) -> dict[str, list[list[Any]]]:
    """Ask for the sign-off, wait for it in the thread, and read its sheets."""
    said = world.asked(world.slack.manager, "signoff B1")
    assert said == "The sign-off of B1 is on its way into its thread."
    (file,) = world.slack.wait_for(lambda: signed(world))
    assert file.name == "AR B1 sign-off.xlsx"
    book = CalamineWorkbook.from_filelike(io.BytesIO(file.data))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def signed(world: World) -> list[Any]:
    return [file for one in world.thread() for file in one.files if "sign-off" in file.name]


def test_a_signoff_says_who_did_what_the_sums_each_matter_and_what_was_not_brought(world: World) -> None:
    data = drop(world)
    world.approve()
    world.finish()
    sheets = asked(world)
    assert list(sheets) == ["B1 sign-off", "Matters", "Left out", "Who did what"]
    page = [[cell for cell in row if cell != ""] for row in sheets["B1 sign-off"]]
    said = ["|".join(map(str, row)) for row in page]
    assert said[0] == "Balances brought forward: AR.csv (B1)"
    assert f"SHA-256|{hashlib.sha256(data).hexdigest()}" in said
    assert any(one.endswith("|Sal Romano dropped the file") for one in said)
    assert any(one.endswith(" EST|Joan Harris approved") or one.endswith(" EDT|Joan Harris approved") for one in said)
    for line in ("3 lines of the sheet|1246.91", "1 line left out|1000.0", "2 entries approved|246.91",
                 "2 entries posted|246.91"):  # fmt: skip
        assert line in said
    entries = world.entries()
    for one in entries:
        assert f"{one.user_name}|{one.amount}" in said
    assert any("2 entries, $246.91, equal to the cent with what stands posted here." in one for one in said)
    assert 'column E "Trust Balance" (held for the client), $1,005.00' in said
    assert 'column F "WIP" (not billed yet), $42.50' in said
    assert {"Prepared by", "Reviewed by"} <= {row[0] for row in page if row}
    matters = sheets["Matters"][1:]
    assert [row[:5] for row in matters] == [
        [one.matter_number, one.user_name, float(one.amount), "Posted", str(one.clio_id)] for one in entries
    ]
    assert all(row[5].endswith(f"/nc/#/matters/{one.matter_id}") for row, one in zip(matters, entries, strict=True))
    ((_, matter, _, amount, why),) = sheets["Left out"][1:]
    assert (matter, amount) == ("99999-Nobody", 1000.0)
    assert "Clio has no matter" in why
    assert "Seen in the sheet and not brought forward: column E" in world.text()
    assert world.text().count("Ageing and interest begin anew there, with the day of the new bill.") == 1


def test_a_signoff_prints_on_pages_as_wide_as_the_paper(world: World) -> None:
    drop(world)
    world.approve()
    world.finish()
    asked(world)
    (file,) = signed(world)
    with zipfile.ZipFile(io.BytesIO(file.data)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if "worksheets/sheet" in name]
    assert len(sheets) == 4
    for sheet in sheets:
        assert 'fitToPage="1"' in sheet
        assert 'fitToHeight="0"' in sheet
    assert 'orientation="portrait"' in sheets[0]


def test_a_signoff_names_who_put_lines_right_and_what_was_undone(world: World) -> None:
    drop(world)
    world.approve()
    world.finish()
    world.press("Undo")
    world.until("Undone: 2 of 2 reversed")
    world.slack.wait_for(lambda: not world.batch().read_back_due)
    sheets = asked(world)
    said = ["|".join(map(str, row)) for row in sheets["B1 sign-off"]]
    assert any("Joan Harris undid what was posted" in one for one in said)
    assert [row[3] for row in sheets["Matters"][1:]] == ["Reversed", "Reversed"]


def test_a_signoff_says_for_whom_a_stand_in_approved_their_comment_and_what_was_asked_before(world: World) -> None:
    slack, long = world.slack, " ".join(["Agreed with the ledger of October, matter by matter."] * 8)
    assert world.bot is not None
    drop(world)
    world.asked(slack.manager, f"standin @outsider until {long_date(world.bot.approvers.today(TEAM))}")
    slack.submit(
        slack.partner, world.choose(slack.partner, "Ask"), {"Question": "Why is it so much?\nIs it the survey?"}
    )
    slack.submit(slack.staff, world.open_form(slack.staff, "Answer"), {"Answer": "Yes, the survey of May."})
    slack.submit(slack.manager, world.choose(slack.manager, "Ask"), {"Question": "Is that all?"})
    world.click(slack.manager, "Withdraw the question", world.message("query-2"))
    form = world.choose(slack.outsider, "Approve with a comment")
    slack.submit(slack.outsider, form, {"Comment": f"{long}\n=1+1"})
    world.finish()
    sheets = asked(world)
    assert list(sheets) == ["B1 sign-off", "Matters", "Left out", "Who did what", "Questions"]
    rows = [[str(cell) for cell in row if cell != ""] for row in sheets["B1 sign-off"]]
    said = [row[-1] for row in rows if row]
    assert f'Harry Crane approved, standing in for Joan Harris: "{long} =1+1"' in said
    (file,) = signed(world)
    with zipfile.ZipFile(io.BytesIO(file.data)) as parts:
        drawn = parts.read("xl/worksheets/sheet1.xml").decode()
    place = next(place for place, row in enumerate(rows, start=1) if row and long in row[-1])
    assert f'<mergeCell ref="B{place}:C{place}"/>' in drawn
    assert re.search(rf'<row r="{place}" [^>]*ht="90"', drawn)  # six lines, none of them cut
    at = said.index("Questions before the approval")
    assert said[at + 1 : at + 5] == [
        'Roger Sterling asked: "Why is it so much? Is it the survey?"',
        'Sal Romano answered: "Yes, the survey of May."',
        'Joan Harris asked: "Is that all?"', "Joan Harris withdrew the question.",
    ]  # fmt: skip
    assert all(len(row) == 2 and row[0][-3:] in {"EST", "EDT"} for row in rows[rows.index([said[at]]) + 1 :][:4])
    did = sheets["Who did what"]
    assert did[0] == ["When", "Who", "What", "Standing in for", "In their words"]
    assert [row[1:] for row in did[1:]] == [
        ["Sal Romano", "dropped the file", "", ""], ["Harry Crane", "approved", "Joan Harris", f"{long}\n=1+1"],
    ]  # fmt: skip
    asked_, *questions = sheets["Questions"]
    assert asked_ == ["Asked", "By", "Question", "How it ended", "By", "When", "Answer"]
    assert [row[1:5] + row[6:] for row in questions] == [
        [
            "Roger Sterling",
            "Why is it so much?\nIs it the survey?",
            "answered",
            "Sal Romano",
            "Yes, the survey of May.",
        ],
        ["Joan Harris", "Is that all?", "withdrawn", "Joan Harris", ""],
    ]


def test_a_signoff_is_for_who_may_see_the_lines_and_of_a_batch_that_has_ended(world: World) -> None:
    drop(world)
    assert "B1 is waiting for approval. Its sign-off is made once" in world.asked(world.slack.staff, "signoff B1")
    world.approve()
    world.finish()
    assert "made for who uploaded it and for approvers" in world.asked(world.slack.outsider, "signoff B1")
    assert "Guests cannot do this." in world.asked(world.slack.guest, "signoff B1")
    assert "Name the batch" in world.asked(world.slack.staff, "signoff")
    assert not signed(world)


def test_a_signoff_waits_where_slack_does_not_say_who_people_are(world: World) -> None:
    drop(world)
    world.approve()
    world.finish()
    world.slack.faults.add("users.info", "internal_error", every=2, times=5)  # the first tells who asks
    world.asked(world.slack.manager, "signoff B1")
    world.slack.wait_for(lambda: signed(world))
    assert not [one for one in world.thread() if "is not here" in world.slack.plain(one)]
