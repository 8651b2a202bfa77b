"""Who made a choice that a batch uses approves it only once another approver has confirmed the choice."""

from collections.abc import Iterator
from typing import Any

import pytest
from fix_form import opened
from world import World, shared

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.firm import AliasKind

TEAM = "T0WHITMAN1"
TWO = "Matter,User,Balance,Amount Due\n{},,10.00,12.00\n{},,20.00,24.00\n"
BARRED = "A choice of yours decides where lines of this file go, and no other approver has confirmed it."


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("choices"), firm_of_size(120, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    with open_world.store.transaction() as db:
        db.execute("UPDATE alias SET forgotten_by = 'U', forgotten_at = '2026-01-01' WHERE forgotten_at IS NULL")
        db.execute("UPDATE answer SET replaced_at = '2026-01-01' WHERE replaced_at IS NULL")
    return open_world.ready()


def at_rest(world: World, number: int, revision: int) -> str:
    def there() -> bool:
        batch = world.batch(number)
        return batch.revision == revision and batch.status is BatchStatus.PREVIEWED and not world.store.messages.owed()

    world.slack.wait_for(there, timeout=20)
    return str(world.slack.plain(world.message("preview", number)))


def teach(world: World, user: Any, text: str, number: str) -> Batch:
    """Somebody says in the form what a number means; the batch is then withdrawn."""
    batch = world.preview([[text, "", "3.33", ""]], name=f"Teach {text}.csv", user=world.slack.outsider)
    world.slack.submit(user, opened(world, user, world.message("preview", batch.id)), {"balances_matter-2": number})
    at_rest(world, batch.id, 2)
    world.reject(world.slack.outsider, None, world.message("preview", batch.id))
    world.slack.wait_for(lambda: world.batch(batch.id).status is BatchStatus.WITHDRAWN)
    return world.batch(batch.id)


def confirm(world: World, user: Any, batch: Batch) -> str:
    """Click Confirm; returns what the clicker alone is told, if anything."""
    before = len(world.slack.ephemerals(user))
    rows = len(world.store.decisions.of_batch(batch.id))
    world.slack.click(user, "Confirm", world.message("preview", batch.id))
    world.slack.wait_for(lambda: len(world.store.decisions.of_batch(batch.id)) > rows)
    world.slack.wait_for(lambda: not world.store.messages.owed())
    if world.store.decisions.of_batch(batch.id)[rows]["allowed"]:
        assert len(world.slack.ephemerals(user)) == before
        return ""
    world.slack.wait_for(lambda: len(world.slack.ephemerals(user)) > before)  # told once it is kept
    return world.told(user)


def test_who_taught_a_number_batches_ago_does_not_approve_what_uses_it(world: World) -> None:
    ((number, _, _, _),) = world.fresh(1)
    teach(world, world.slack.manager, "SMITH 1", str(number))
    batch = world.preview([["SMITH 1", "", "500.00", ""]], name="next.csv")
    text = at_rest(world, batch.id, 1)
    assert f'"SMITH 1" is taken as {number}, $500.00 in row 2: chosen by @manager on ' in text
    assert "1 choice of what is meant is not confirmed by another approver" in text
    assert "[Confirm 1 choice]" in text
    in_sight = [block for block in world.message("preview", batch.id).blocks if block["type"] != "container"]
    assert '"SMITH 1" is taken as ' in str(in_sight)
    assert "Waiting for an approver other than @staff: @partner." in text
    said = world.refused(world.slack.manager, "Approve", world.message("preview", batch.id))
    assert said == f"{BARRED} Someone else confirms it, or approves instead: @partner."
    said = confirm(world, world.slack.manager, batch)
    assert said == "You made these choices yourself, so another approver confirms them."
    assert world.refused(world.slack.manager, "Approve", world.message("preview", batch.id)).startswith(BARRED)
    assert confirm(world, world.slack.partner, batch) == ""
    text = str(world.slack.plain(world.message("preview", batch.id)))
    assert "Confirm" not in text
    assert f'Row 2 "SMITH 1": taken as {number}, as chosen for the firm.' in text
    world.slack.click(world.slack.manager, "Approve", world.message("preview", batch.id))
    world.finish(batch.id)
    assert world.batch(batch.id).decided_by == world.slack.manager.id


def test_a_confirmed_choice_is_the_firms_for_good_and_in_every_channel(world: World) -> None:
    ((number, _, _, _),) = world.fresh(1)
    teach(world, world.slack.manager, "SMITH 2", str(number))
    batch = world.preview([["SMITH 2", "", "1.00", ""]])
    confirm(world, world.slack.partner, batch)
    for place, channel in enumerate((world.slack.balances, world.slack.billing)):
        file = world.slack.upload(world.slack.staff, channel, f"again {place}.csv", b"Matter,Balance\nSMITH 2,2.00\n")
        world.slack.wait_for(lambda file=file: world.newest().file_id == file.id)
        text = at_rest(world, world.newest().id, 1)
        assert "not confirmed" not in text
        assert "@manager" in text.partition("Waiting for an approver")[2]
        assert f"taken as {number}, as chosen for the firm." in text
        assert "chosen by" not in text


def test_a_choice_that_nobody_has_confirmed_holds_and_is_told_in_its_channel_alone(world: World) -> None:
    ((number, _, _, _),) = world.fresh(1)
    teach(world, world.slack.staff, "SECRET CLIENT", str(number))
    file = world.slack.upload(world.slack.outsider, "billing", "probe.csv", b"Matter,Balance\nSECRET CLIENT,2.00\n")
    world.slack.wait_for(lambda: world.newest().file_id == file.id)
    text = at_rest(world, world.newest().id, 1)
    assert str(number) not in text
    assert "@staff" not in text
    assert world.left_out(world.newest().id)[2].startswith("Clio has no matter of this number")


def test_who_taught_a_name_is_barred_and_what_moves_nothing_is_folded(world: World) -> None:
    rows = world.fresh(2)
    tom = next(user for user in world.firm.users if user.enabled and not user.clio_connect)
    world.preview([[rows[0][0], "", "1.00", ""]])
    given = {"firm": TEAM, "account": world.newest().account or "", "by": world.slack.partner.id,
             "channel": world.slack.balances.id}  # fmt: skip
    world.store.aliases.remember_alias(kind=AliasKind.USER, text="Tommy", clio_id=tom.id, label=tom.name, **given)
    batch = world.preview([[rows[1][0], "Tommy", "4.00", ""]], name="name.csv")
    assert f'"Tommy" is taken as {tom.name}, $4.00 in row 2: chosen by @partner on ' in at_rest(world, batch.id, 1)
    assert world.refused(world.slack.partner, "Approve", world.message("preview", batch.id)).startswith(BARRED)
    held = world.preview([[rows[1][0], "Tommy", "-4.00", ""], [rows[0][0], "", "2.00", ""]], name="held.csv")
    at_rest(world, held.id, 1)
    blocks = world.message("preview", held.id).blocks
    folds = [block for block in blocks if block["type"] == "container" and "Tommy" in str(block)]
    assert [fold["title"]["text"] for fold in folds] == ["1 choice by which no line is posted"]


def test_who_answered_a_question_batches_ago_is_barred_until_it_is_confirmed(world: World) -> None:
    rows = world.fresh(4)
    file = world.slack.upload(
        world.slack.outsider, "balances", "first.csv", TWO.format(rows[0][0], rows[1][0]).encode()
    )
    world.slack.wait_for(lambda: world.newest().file_id == file.id and world.newest().status is BatchStatus.ASKING)
    world.slack.wait_for(lambda: not world.store.messages.owed())
    first = world.newest().id
    asked = world.message("preview", first)
    options = [
        one["value"] for block in asked.blocks if block["type"] == "actions" for one in block["elements"][0]["options"]
    ]
    due = next(one for one in options if one.endswith(":D"))
    world.slack.choose(world.slack.manager, "balances_answer", due, asked)
    at_rest(world, first, 1)
    world.reject(world.slack.partner, message=world.message("preview", first))
    world.slack.wait_for(lambda: world.batch(first).status is BatchStatus.REJECTED)
    file = world.slack.upload(world.slack.staff, "balances", "second.csv", TWO.format(rows[2][0], rows[3][0]).encode())
    world.slack.wait_for(lambda: world.newest().file_id == file.id)
    second = world.newest()
    text = at_rest(world, second.id, 1)
    assert 'the column of balances is column D, "Amount Due", chosen by @manager on ' in text
    assert world.refused(world.slack.manager, "Approve", world.message("preview", second.id)).startswith(BARRED)
    assert confirm(world, world.slack.partner, second) == ""
    text = at_rest(world, second.id, 1)
    assert "1 column not used · read by 1 answer" in text
    assert 'the column of balances is column D, "Amount Due", chosen by @manager on ' in text
    assert ", confirmed by @partner." in text
    world.slack.click(world.slack.manager, "Approve", world.message("preview", second.id))
    world.finish(second.id)


def test_where_only_who_taught_could_approve_the_preview_says_how_it_goes_on(world: World) -> None:
    ((number, _, _, _),) = world.fresh(1)
    teach(world, world.slack.manager, "SMITH 5", str(number))
    batch = world.preview([["SMITH 5", "", "1.00", ""]], user=world.slack.partner, name="only.csv")
    text = at_rest(world, batch.id, 1)
    assert "Nobody can approve this yet: @manager made a choice that it uses." in text
    assert "[Approve" not in text
    assert (
        confirm(world, world.slack.partner, batch) == ""
    )  # two people had a hand in it, and a third word is not needed
    world.slack.click(world.slack.manager, "Approve", world.message("preview", batch.id))
    world.finish(batch.id)


def test_neither_forgetting_nor_choosing_anew_frees_who_taught_what_a_batch_uses(world: World) -> None:
    rows = world.fresh(2)
    teach(world, world.slack.manager, "SMITH 6", str(rows[0][0]))
    batch = world.preview([["SMITH 6", "", "1.00", ""]], name="uses.csv")
    world.asked(world.slack.manager, 'aliases forget "SMITH 6"')
    assert world.refused(world.slack.manager, "Approve", world.message("preview", batch.id)).startswith(BARRED)
    teach(world, world.slack.staff, "SMITH 6", str(rows[1][0]))
    assert world.refused(world.slack.manager, "Approve", world.message("preview", batch.id)).startswith(BARRED)
    assert confirm(world, world.slack.partner, batch) == ""
    assert [one.label for one in world.store.aliases.aliases(TEAM)] == [str(rows[1][0])]  # what was forgotten stays so


@pytest.mark.parametrize("who", ["outsider", "guest", "stranger"])
def test_only_approvers_confirm(world: World, who: str) -> None:
    ((number, _, _, _),) = world.fresh(1)
    teach(world, world.slack.manager, f"SMITH 7 {who}", str(number))
    batch = world.preview([[f"SMITH 7 {who}", "", "1.00", ""]], name=f"{who}.csv")
    assert confirm(world, getattr(world.slack, who), batch) != ""
    assert world.refused(world.slack.manager, "Approve", world.message("preview", batch.id)).startswith(BARRED)


def test_a_confirmation_is_of_what_was_shown_and_every_waiting_preview_says_so(world: World) -> None:
    ((number, _, _, _),) = world.fresh(1)
    teach(world, world.slack.manager, "SMITH 8", str(number))
    one = world.preview([["SMITH 8", "", "1.00", ""]], name="one.csv")
    two = world.preview([["SMITH 8", "", "2.00", ""]], name="two.csv")
    at_rest(world, two.id, 1)
    old = world.message("preview", two.id)
    assert confirm(world, world.slack.partner, one) == ""
    assert "not confirmed" not in str(world.slack.plain(world.message("preview", two.id)))
    world.slack.click(world.slack.partner, "Confirm", old.ts, snapshot=old.blocks)
    world.slack.wait_for(lambda: "These choices are confirmed already." in world.told(world.slack.partner))
    world.reject(world.slack.partner, message=world.message("preview", two.id))
    world.slack.wait_for(lambda: world.batch(two.id).status is BatchStatus.REJECTED)
    world.slack.click(world.slack.partner, "Confirm", old.ts, snapshot=old.blocks)
    world.slack.wait_for(lambda: "You rejected this" in world.told(world.slack.partner))


def test_of_choices_of_two_people_each_confirms_the_others(world: World) -> None:
    rows = world.fresh(2)
    teach(world, world.slack.manager, "SMITH 9", str(rows[0][0]))
    teach(world, world.slack.partner, "SMITH 10", str(rows[1][0]))
    batch = world.preview([["SMITH 9", "", "1.00", ""], ["SMITH 10", "", "2.00", ""]], name="both.csv")
    text = at_rest(world, batch.id, 1)
    assert "[Confirm 2 choices]" in text
    assert "Nobody can approve this yet: @manager and @partner made a choice that it uses." in text
    assert confirm(world, world.slack.manager, batch) == ""
    text = str(world.slack.plain(world.message("preview", batch.id)))
    assert f'"SMITH 9" is taken as {rows[0][0]}, $1.00 in row 2: chosen by @manager on ' in text
    assert "[Confirm 1 choice]" in text
    assert "Waiting for an approver other than @staff: @partner." in text
    assert world.refused(world.slack.manager, "Approve", world.message("preview", batch.id)).startswith(BARRED)
    assert "You made these choices yourself" in confirm(world, world.slack.manager, batch)
    world.slack.click(world.slack.partner, "Approve", world.message("preview", batch.id))
    world.finish(batch.id)
