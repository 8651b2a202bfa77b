"""What a sign-in without one of Clio's permissions can still do: docs/clio.md has the table, and this is the measuring.

Clio has two layers: what its page of apps grants the app, and what the user may whose sign-in it is.
"""

import re
from pathlib import Path

import pytest
from targets import ROOT
from world import World

from brought_forward.sandbox.clio import sample_firm
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

READS, MAKES = ("GET",), ("POST", "PATCH", "DELETE")
# By the table's first column: the kind of fault, the methods and the paths that it is met at.
LACKS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "nothing": ("forbidden", (), ()),
    "Users (read)": ("forbidden", READS, ("/users.json",)),
    "Matters (read)": ("forbidden", READS, ("/matters*",)),
    "Activities (read)": ("forbidden", READS, ("/activities*", "/activity_descriptions*")),
    "Activities (write)": ("forbidden", MAKES, ("/activities*", "/activity_descriptions*")),
    "Billing (read)": ("forbidden", READS, ("/settings/*", "/bills*")),
    "Reports (read)": ("forbidden", (*READS, *MAKES), ("/reports*",)),
    "Api (read)": ("forbidden", READS, ("/users/who_am_i.json",)),
    "billing rates of others": ("redacted", (*READS, *MAKES), ("/activities*",)),
}
HIDDEN = "may see all billing rates|hides its amount|names each and why"
ACTS = ("preview", "posting", "reconcile", "bills", "report", "undo")


def documented() -> dict[str, dict[str, bool]]:
    """Read the table of docs/clio.md: what may be done without each."""
    rows = re.findall(r"^\| (.+) \|$", (ROOT / "docs" / "clio.md").read_text(), re.MULTILINE)
    cells = [[cell.strip() for cell in row.split(" | ")] for row in rows]
    head = next(place for place, row in enumerate(cells) if tuple(row[1:]) == ACTS)
    there = [row for row in cells[head + 1 :] if len(row) == len(ACTS) + 1]
    return {row[0]: {act: {"yes": True, "no": False}[said] for act, said in zip(ACTS, row[1:], strict=True)}
            for row in there if row[1] in {"yes", "no"}}  # fmt: skip


def added(world: World, act: str, number: int) -> str:
    """Ask for something and return what the thread then says that it did not say before."""
    before = {one.ts: world.slack.plain(one) for one in world.spoken()}

    def new() -> str:
        return "\n".join(text for one in world.spoken() if (text := world.slack.plain(one)) != before.get(one.ts))

    world.asked(world.slack.manager, f"{act} B{number}")
    return str(world.slack.wait_for(new, timeout=20))


def looked_back(world: World, number: int) -> dict[str, tuple[bool, str]]:
    """Do all that is done with a posted batch; say of each whether it could be, and what was told."""
    reconciled, bills = added(world, "reconcile", number), added(world, "bills", number)
    report = added(world, "report", number)
    world.click(world.slack.manager, "Undo")
    undone = world.wait_for_status(BatchStatus.UNDONE, number)
    return {
        "reconcile": ("equal to the cent" in reconciled, reconciled),
        "bills": ("Not billed yet: 2 entries" in bills and "no longer shows" not in bills, bills),
        "report": ("Client Activity report for" in report, report),
        "undo": (world.states(number) == [EntryState.UNDONE] * 2, undone),
    }


def brought(world: World) -> dict[str, tuple[bool, str]]:
    """Bring a file forward as far as it goes; say the same."""
    world.drop(world.fresh(2))
    world.slack.wait_for(lambda: "fingerprint" in world.text() or "Try again" in world.text(), timeout=20)
    previewed = "fingerprint" in world.text()
    if not previewed:
        return {"preview": (False, world.text()), "posting": (False, world.text())}
    number = world.newest().id
    world.approve()
    ends = {BatchStatus.PAUSED, BatchStatus.STOPPED, BatchStatus.POSTED}
    world.slack.wait_for(lambda: world.batch(number).status in ends, timeout=20)
    text = world.wait_for_status(world.batch(number).status, number)
    return {"preview": (True, ""), "posting": (world.batch(number).status is BatchStatus.POSTED, text)}


@pytest.mark.parametrize("lack", LACKS)
def test_what_is_missing_keeps_from_what_the_docs_say_and_is_named(tmp_path: Path, lack: str) -> None:
    kind, methods, paths = LACKS[lack]
    world = World(tmp_path, sample_firm()).start()
    try:
        number = world.begin(world.fresh(2))
        world.finish(number)
        for path in paths:
            for method in methods:
                world.clio.faults.add(kind, method=method, path=path, times=None)
        done = looked_back(world, number) | brought(world)
    finally:
        world.close()
    assert {act: done[act][0] for act in ACTS} == documented()[lack]
    needed = HIDDEN if kind == "redacted" else rf"permission {lack.split(maxsplit=1)[0]}\b"
    for act, (went, told) in done.items():
        if not went and (lack, act) != ("Activities (write)", "undo"):  # Clio's own words: it forbids by entry too
            assert re.search(needed, told), (act, told)


def test_the_table_names_all_that_is_measured() -> None:
    assert list(documented()) == list(LACKS)


def test_who_may_make_nothing_is_told_at_the_first_entry_and_goes_on_once_it_is_granted(tmp_path: Path) -> None:
    world = World(tmp_path, sample_firm()).start()
    try:
        fault = world.clio.faults.add("forbidden", method="POST", path="/activities.json", times=None)
        number = world.begin(world.fresh(5))
        text = world.wait_for_status(BatchStatus.PAUSED, number)
        assert 'make time entries and activity descriptions ("User is forbidden to take that action")' in text
        assert "The app needs the permission Activities (read and write)" in text
        assert world.states(number) == [EntryState.PLANNED] * 5
        assert len(world.posts()) == 1
        world.press("Go on", number)  # though nothing was granted: it may be of its matter after all
        text = world.wait_for_status(BatchStatus.PAUSED, number)
        assert "After 3 refusals for the same reason" in text
        assert world.states(number) == [EntryState.REFUSED] * 3 + [EntryState.PLANNED] * 2
        world.clio.faults.remove(fault)
        world.press("Retry refused", number)
        assert "5 of 5 posted" in world.finish(number)
        world.assert_ledger_equals(number)
    finally:
        world.close()
