"""`/balances`: quick, to the asker alone, names and sums only to who may see them."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from world import World, shared

from brought_forward.bot.approval.rules import rules_now
from brought_forward.commands.balances import HELP
from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.firm import AliasKind
from brought_forward.storage.records.slack import Share

UNCLEAR = ["status B0", "status ²", "status " + "9" * 400, "status B-1", "status 1.5", "show ' OR 1=1 --", "show B",
           "status <!channel>", "show #", "status \u202eB1", "status b9999999"]  # fmt: skip


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("commands"), firm_of_size(120, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def ask(world: World, user: Any, text: str) -> str:
    """Type the command; it must be answered at once, to the asker alone."""
    began = time.monotonic()
    answer = world.slack.command(user, text)
    assert time.monotonic() - began < 3.0
    assert answer.error is None
    assert answer.message is not None
    assert answer.message.ephemeral_to == user.id
    assert answer.message.text not in {message.text for message in world.slack.messages("balances")}
    return world.slack.plain(answer.message)


def test_alone_or_misspelt_it_says_what_it_can_do(world: World) -> None:
    for text in ("", "help", "HELP", "  ", "wat", "approve B1", "\u202e", "help me"):
        said = ask(world, world.slack.staff, text)
        assert "/balances status where the newest batch stands" in said
        assert said.startswith("Drop a spreadsheet of balances into a channel I am in")


@pytest.mark.parametrize(("typed", "meant"), [("statsu B1", "status"), ("statusB1", "status"), ("EXPROT", "export"),
                                              ("halp", "help")])  # fmt: skip
def test_a_typo_is_answered_with_the_command_that_was_meant(world: World, typed: str, meant: str) -> None:
    said = ask(world, world.slack.staff, typed)
    assert said == f"There is no /balances {typed.split(maxsplit=1)[0].lower()}. Did you mean /balances {meant}?"


def test_before_the_first_file_it_says_how_to_begin(world: World) -> None:
    with world.store.transaction() as db:
        db.execute("UPDATE batch SET firm = 'TAWAY'")
    try:
        for text in ("status", "list", "show"):
            assert "Nothing has been dropped yet." in ask(world, world.slack.staff, text)
    finally:
        with world.store.transaction() as db:
            db.execute("UPDATE batch SET firm = 'T0WHITMAN1' WHERE firm = 'TAWAY'")


def test_a_batch_is_followed_from_preview_to_its_end(world: World) -> None:
    rows = world.fresh(2)
    batch = world.preview(rows, name="AR October.csv")
    said = ask(world, world.slack.staff, "status")
    for part in ("AR October.csv", batch.name, "waiting for approval", "2 entries", "$", "@manager or @partner"):
        assert part in said
    assert ask(world, world.slack.staff, f"status {batch.id}") == said
    assert ask(world, world.slack.staff, f"Status {batch.name.lower()}") == said
    assert ask(world, world.slack.staff, f"status #{batch.id} please") == said
    world.approve()
    world.until("equal to the cent")
    said = ask(world, world.slack.manager, "status")
    assert "posted" in said
    assert "Approved by @manager" in said
    shown = ask(world, world.slack.manager, f"show {batch.name}")
    for row in rows:
        assert f"{row[0]}, {row[1]}, ${row[2]}: Posted" in shown


def test_a_rejected_and_an_unreadable_batch_are_told_as_such(world: World) -> None:
    batch = world.preview(world.fresh())
    world.reject(world.slack.partner)
    world.slack.wait_for(lambda: world.newest().status is BatchStatus.REJECTED)
    said = ask(world, world.slack.staff, f"status {batch.name}")
    assert "rejected" in said
    assert "@partner" in said
    world.slack.upload(world.slack.staff, "balances", "phones.csv", b"Client,Phone\nA,1\n")
    world.slack.wait_for(lambda: world.newest().status is BatchStatus.UNREADABLE)
    assert "could not be read: No column of balances" in ask(world, world.slack.staff, "status")
    assert "Phone" not in ask(world, world.slack.outsider, "status")


def test_a_list_has_a_line_a_batch_the_newest_first_with_a_link(world: World) -> None:
    with world.store.transaction() as db:
        for place in range(10):
            share = Share("T0WHITMAN1", world.slack.balances.id, f"F{place}", f"{place}.0", None)
            world.store.batches.open(share, uploader="U0STAFF001", owner="U0STAFF001", file_name="old.csv",
                                     file_size=1, rules=rules_now(world.bot.firms.settings(TEAM)))  # fmt: skip
        db.execute("UPDATE batch SET status = 'withdrawn', decided_by = 'U0STAFF001' WHERE file_name = 'old.csv'")
    batches = [world.preview(world.fresh(), name=f"AR {place}.csv") for place in range(2)]
    lines = ask(world, world.slack.manager, "list").splitlines()
    assert len(lines) == 10
    for line, batch in zip(lines, reversed(batches), strict=False):
        assert batch.name in line
        assert batch.file_name in line
    raw = world.slack.ephemerals(world.slack.manager)[-1].text
    assert f"/archives/{batches[-1].channel}/p{batches[-1].share_ts.replace('.', '')}" in raw


def test_others_see_counts_and_guests_nothing(world: World) -> None:
    rows = world.fresh(2)
    batch = world.preview(rows, name="Smith v Jones.csv", user=world.slack.staff)
    for text in ("status", "list", f"show {batch.name}", f"status {batch.name}"):
        said = ask(world, world.slack.outsider, text)
        assert "2 entries" in said
        assert "$" not in said
        assert "Smith" not in said
        assert not [row for row in rows if str(row[0]) in said or str(row[1]) in said]
        for nobody in (world.slack.guest, world.slack.stranger, world.slack.deleted):
            refused = ask(world, nobody, text)
            assert batch.name not in refused
            assert "entries" not in refused
            assert refused.endswith(".")


def test_who_shared_and_whose_file_it_is_see_all(world: World) -> None:
    file = world.drop(world.fresh(), user=world.slack.staff)
    world.until("fingerprint")
    world.slack.share(world.slack.outsider, file, "balances")
    world.slack.wait_for(lambda: world.newest().uploader == world.slack.outsider.id)
    world.slack.wait_for(lambda: world.newest().status is BatchStatus.PREVIEWED)
    for user in (world.slack.outsider, world.slack.staff):
        assert "$" in ask(world, user, f"show {world.newest().name}")


def test_the_batch_of_another_firm_is_as_unknown_as_one_that_never_was(world: World) -> None:
    share = Share("T0ELSEWHERE", "C9", "F9", "1.0", "1.0")
    number = world.store.batches.open(share, uploader="U9", owner="U9", file_name="Theirs.csv", file_size=1,
                                      rules=rules_now(world.bot.firms.settings(TEAM)))  # fmt: skip
    words = "I know no batch B{}. /balances list names the last ones."
    for verb in ("status", "show"):
        assert ask(world, world.slack.manager, f"{verb} B{number}") == words.format(number)
        assert ask(world, world.slack.manager, f"{verb} B{(number or 0) + 999}") == words.format((number or 0) + 999)
    assert "Theirs" not in ask(world, world.slack.manager, "list")
    with world.store.transaction() as db:
        db.execute("UPDATE batch SET status = 'rejected' WHERE id = ?", (number,))


@pytest.mark.parametrize("text", UNCLEAR)
def test_a_batch_that_cannot_be_is_told_to_be_unknown(world: World, text: str) -> None:
    if not world.store.batches.newest("T0WHITMAN1", 1):
        world.preview(world.fresh())
    said = ask(world, world.slack.manager, text)
    assert said.startswith("I know no batch")
    assert "@channel" not in said or "<!channel>" in said


def test_it_answers_at_once_while_a_run_is_under_way(world: World) -> None:
    batch = world.preview(world.fresh(20))
    world.clio.faults.add("delay", method="POST", path="/activities.json", seconds=0.15, times=None)
    world.approve()
    world.slack.wait_for(lambda: world.newest().status is BatchStatus.POSTING, timeout=20)
    for text in ("status", "list", f"show {batch.name}", "help"):
        ask(world, world.slack.staff, text)
    said = ask(world, world.slack.staff, "status")
    assert "being posted, " in said
    assert " of 20 posted" in said
    assert ask(world, world.slack.outsider, "status").startswith(f"{batch.name}: being posted, ")
    world.clio.faults.clear()
    world.until("equal to the cent")


def posted(world: World, rows: list[list[object]], name: str = "AR.csv") -> Any:
    batch = world.preview(rows, name=name)
    world.approve()
    world.until("equal to the cent")
    return batch


def test_a_matter_s_entries_are_told_over_all_batches_with_state_day_clio_id_and_link(world: World) -> None:
    ((number, user, amount, _),) = rows = world.fresh()
    first = posted(world, rows, name="One.csv")
    (entry,) = world.entries(first.id)
    world.firm.remove_entry(entry.clio_id)
    with world.store.transaction() as db:
        db.execute("UPDATE entry SET state = 'undone' WHERE id = ?", (entry.id,))
    second = world.preview(rows, name="Two.csv")
    for typed in (number, str(number).upper(), f"  {number}: Lease", str(number)[:5]):
        said = ask(world, world.slack.manager, f"matter {typed}")
        head, newer, older = said.splitlines()
        assert head.endswith(": 2 entries in 2 batches.")
        assert f"{second.name} Two.csv: {number}, {user}, ${amount}: Waits for approval, dated " in newer
        assert f"{first.name} One.csv: {number}, {user}, ${amount}: Removed from Clio again" in older
        assert f"Clio id {entry.clio_id}" in older
    raw = world.slack.ephemerals(world.slack.manager)[-1].text
    assert raw.count(f"/nc/#/matters/{entry.matter_id}|open in Clio>") == 2
    assert raw.count("|thread>") == 2
    world.reject(world.slack.partner)
    world.slack.wait_for(lambda: world.newest().status is BatchStatus.REJECTED)
    assert "Not posted, the batch is rejected" in ask(world, world.slack.staff, f"matter {number}")


def test_a_user_s_entries_are_told_by_each_name_the_user_goes_by(world: World) -> None:
    rows = world.fresh(4)
    last = world.preview(rows)
    who = next(user for user in world.firm.users if user.name == rows[0][1])
    for typed in (who.name, who.name.upper(), f"{who.last_name}, {who.first_name}", who.email):
        said = ask(world, world.slack.manager, f"user {typed}")
        assert f"{last.name} AR.csv: {rows[0][0]}, {who.name}, ${rows[0][2]}: Waits for approval" in said, typed
        assert not [row for row in rows[1:] if str(row[0]) in said]


def test_a_matter_and_a_user_are_told_to_approvers_and_of_ones_own_batches_alone(world: World) -> None:
    ((number, user, amount, _),) = rows = world.fresh()
    mine = world.preview(rows, name="Mine.csv", user=world.slack.staff)
    world.preview([[number, user, "7.77", ""]], name="Theirs.csv", user=world.slack.outsider)
    for text in (f"matter {number}", f"user {user}"):
        for_staff, for_outsider = (ask(world, who, text) for who in (world.slack.staff, world.slack.outsider))
        assert mine.name in for_staff
        assert f"${amount}" in for_staff
        assert "7.77" not in for_staff
        assert "Theirs" not in for_staff
        assert "$7.77" in for_outsider
        assert str(amount) not in for_outsider
        assert "Mine" not in for_outsider
        for nobody in (world.slack.guest, world.slack.stranger, world.slack.deleted):
            refused = ask(world, nobody, text)
            assert "entr" not in refused
            assert str(number) not in refused
    said = ask(world, world.slack.staff, f"matter {number}")
    assert said.startswith(f'"{number}": 1 entry in 1 batch.')


def test_a_matter_and_a_user_are_found_by_a_part_of_their_names_for_who_may_see_them(world: World) -> None:
    world.firm.add_user("Zebediah Quux")
    world.firm.add_matter("77001-Quillfeather Estate")
    batch = world.preview([["77001-Quillfeather Estate", "Zebediah Quux", "31.07", ""]], user=world.slack.staff)
    for text in ("matter quillfeather", "matter ESTATE", "user quux"):
        assert f"{batch.name} AR.csv: 77001-Quillfeather Estate, Zebediah Quux, $31.07" in ask(
            world, world.slack.staff, text
        )
        assert "No batch that you may see has an entry" in ask(world, world.slack.outsider, text)


def test_nothing_and_not_for_you_read_the_same(world: World) -> None:
    ((number, user, _, _),) = rows = world.fresh()
    for _ in range(2):
        world.firm.add_user("Sam Twin")
    world.preview(rows, user=world.slack.staff)
    pair = [world.firm.add_matter(f"PAIR-{n}", attorney=world.firm.token_user).display_number for n in (1, 2)]
    world.preview([[one, "", "3.00", ""] for one in pair], user=world.slack.staff)
    nobody = world.slack.add_person(f"clerk{world.newest().id}")
    who = next(one for one in world.firm.users if one.name == user)
    for text in (str(number), str(number)[:4], str(number)[:9], pair[0], "pair", "PAIR-", "no such", "0", "%", "_"):
        shown = text.replace("_", "ˍ")  # since Slack would take it for the beginning of italics
        assert ask(world, nobody, f"matter {text}") == f'No batch that you may see has an entry for "{shown}".'
    for text in (who.name, who.email, f"{who.last_name}, {who.first_name}", "Sam Twin", "Nobody At All"):
        assert ask(world, nobody, f"user {text}") == f'No batch that you may see has an entry for "{text}".'
    assert "PAIR-1, PAIR-2" in ask(world, world.slack.manager, "matter pair")
    assert ask(world, world.slack.manager, "matter no such") == 'No batch that you may see has an entry for "no such".'


def test_what_fits_two_matters_names_those_that_the_asker_may_see(world: World) -> None:
    numbers = [world.firm.add_matter(f"TWIN-{n}", attorney=world.firm.token_user).display_number for n in (1, 2)]
    world.preview([[number, "", "3.00", ""] for number in numbers], user=world.slack.staff)
    assert ask(world, world.slack.staff, "matter twin") == (
        '"twin" fits more than one matter: TWIN-1, TWIN-2. Write it whole.'
    )
    assert ask(world, world.slack.outsider, "matter twin") == 'No batch that you may see has an entry for "twin".'
    assert "Name the matter" in ask(world, world.slack.manager, "matter")
    assert "Name the user" in ask(world, world.slack.manager, "user ")


def remember(world: World, text: str, label: str, kind: AliasKind = AliasKind.MATTER) -> None:
    world.store.aliases.remember_alias(
        firm="T0WHITMAN1", account="us:1", kind=kind, text=text, clio_id=1, label=label, by=world.slack.staff.id
    )


NOTHING = "Nothing is remembered yet that you may see"


def test_choices_are_listed_and_forgotten_by_approvers_and_by_who_made_them(world: World) -> None:
    remember(world, "Smith <7>", "00012-Acme")
    remember(world, "T.O.", "Tom Okafor", AliasKind.USER)
    for user in (world.slack.staff, world.slack.manager):
        said = ask(world, user, "aliases")
        assert 'Matter "Smith <7>" means 00012-Acme: chosen by @staff, ' in said
        assert 'User "T.O." means Tom Okafor: chosen by @staff, ' in said
        assert said.count("not confirmed") == 2
    assert ask(world, world.slack.staff, "aliases forget \u201csmith  <7>\u201d") == (
        'Forgotten: "Smith <7>" no longer means 00012-Acme. Batches already previewed stay as they are.'
    )
    assert "Acme" not in ask(world, world.slack.manager, "aliases")
    assert ask(world, world.slack.manager, 'aliases forget "Smith <7>"').startswith("Nothing is remembered for")
    assert "Name what to forget" in ask(world, world.slack.manager, "aliases forget")
    assert ask(world, world.slack.manager, "aliases forget t.o.").startswith("Forgotten")
    assert ask(world, world.slack.manager, "aliases").startswith(NOTHING)


def test_choices_of_others_are_neither_shown_nor_forgotten_nor_counted(world: World) -> None:
    world.preview(world.fresh(), user=world.slack.outsider)  # who has once dropped a file is nobody special
    before = ask(world, world.slack.outsider, "aliases")
    missing = ask(world, world.slack.outsider, 'aliases forget "Smith 8"')
    remember(world, "Smith 8", "00013-Acme")
    assert ask(world, world.slack.outsider, "aliases") == before
    assert before.startswith(NOTHING)
    assert ask(world, world.slack.outsider, 'aliases forget "Smith 8"') == missing
    assert missing == 'Nothing is remembered for "Smith 8". /balances aliases lists what is.'
    assert "remembered" not in ask(world, world.slack.guest, "aliases")
    assert "Smith 8" in ask(world, world.slack.manager, "aliases")


def test_while_slack_does_not_say_who_asks_nothing_is_shown(world: World) -> None:
    batch = world.preview(world.fresh())
    for kind, seconds in (("internal_error", 0.0), ("slow", 3.0)):
        world.slack.faults.add("users.info", kind, seconds=seconds)
        said = ask(world, world.slack.manager, "status")
        assert batch.name not in said
        assert "Try again" in said


def test_the_help_fits_on_one_screen() -> None:
    assert len(HELP.splitlines()) < 20
