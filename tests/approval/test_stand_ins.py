"""A stand-in decides for an approver who is away, until the end of a day."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from world import World, shared

from brought_forward.bot.messages.stand_ins import day_of
from brought_forward.bot.messages.words import long_date
from brought_forward.sandbox.clio import firm_of_size
from brought_forward.storage.records.batch import BatchStatus

TEAM = "T0WHITMAN1"


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("standins"), firm_of_size(200, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> Iterator[World]:
    yield open_world.ready()
    for person in (open_world.slack.manager, open_world.slack.partner):
        open_world.store.stand_ins.end(TEAM, by=person.id)


def today(world: World) -> date:
    assert world.bot is not None
    return world.bot.approvers.today(TEAM)


def name(world: World, by: Any = None, person: str = "outsider", days: int = 3) -> str:
    until = long_date(today(world) + timedelta(days=days))
    return world.asked(by or world.slack.manager, f"standin @{person} until {until}")


def private(world: World, user: Any) -> list[str]:
    room = world.slack.workspace.dm(user.id)
    return [world.slack.plain(one) for one in world.slack.messages(room.id)]


def test_a_stand_in_approves_a_batch_that_waits_already_and_all_is_kept(world: World) -> None:
    batch = world.preview(world.fresh(2))
    old = world.message("preview", batch.id)
    assert world.refused(world.slack.outsider, "Approve", old).startswith("Only approvers can approve")
    said = name(world)
    assert said.startswith(f"@outsider stands in for you until {long_date(today(world) + timedelta(days=3))}")
    for person in (world.slack.manager, world.slack.partner, world.slack.outsider):
        world.slack.wait_for(
            lambda person=person: any("@outsider stands in for @manager until" in one for one in private(world, person))
        )
    world.shows(batch, "@manager, @partner or @outsider")
    assert "@outsider stands in for @manager until" in world.asked(world.slack.staff, "standin")
    assert "Waiting for me" in world.home(world.slack.outsider, batch.name)
    world.click(world.slack.outsider, "Approve")
    world.shows(batch, "Approved by @outsider for @manager")
    world.done(batch)
    assert len([one for one in world.entries(batch.id) if one.clio_id]) == 2
    kept = world.store.decisions.of_batch(batch.id)[-1]
    assert (kept["actor"], kept["allowed"], kept["stands_for"]) == (
        world.slack.outsider.id, 1, world.slack.manager.id,
    )  # fmt: skip
    assert world.batch(batch.id).rules.approvers == (world.slack.manager.id, world.slack.partner.id)


@pytest.mark.parametrize("whose", ["outsider", "manager"])
def test_a_stand_in_approves_nothing_of_either(world: World, whose: str) -> None:
    name(world)
    batch = world.preview(world.fresh(), user=getattr(world.slack, whose))
    said = world.refused(world.slack.outsider, "Approve")
    assert said.endswith("someone else approves it: @partner." if whose == "manager" else "@manager or @partner.")
    if whose == "manager":
        assert said.startswith("You stand in for @manager, who uploaded this file")
    assert world.batch(batch.id).status is BatchStatus.PREVIEWED


def test_what_the_one_who_is_away_corrected_is_not_for_the_stand_in(world: World) -> None:
    name(world)
    batch = world.preview(world.fresh())
    assert batch.posting_date is not None
    world.date(world.slack.manager, batch.posting_date - timedelta(days=1), world.message("preview", batch.id))
    assert "@outsider" not in world.shows(batch, "revision 2").partition("Waiting for")[2]
    said = world.refused(world.slack.outsider, "Approve")
    assert said == "You stand in for @manager, who had a hand in this file, so someone else approves it: @partner."


@pytest.mark.parametrize("first", ["manager", "outsider"])
def test_an_approver_and_their_stand_in_are_one_of_two_also_when_it_is_over(world: World, first: str) -> None:
    world.ready(balances_two_approvers_above=Decimal(1))
    name(world)
    batch = world.preview(world.fresh())
    old = world.message("preview", batch.id)
    world.click(getattr(world.slack, first), "Approve")
    text = world.shows(batch, "one more approver is needed")
    assert text.partition("is needed above $1.00: ")[2].startswith("@partner.")
    second = world.slack.outsider if first == "manager" else world.slack.manager
    if first == "outsider":
        assert "Approved by @outsider for @manager; one more" in text
        world.asked(world.slack.manager, "standin off")
    said = world.refused(second, "Approve", old, snapshot=old.blocks)
    assert said.endswith("You two count as one approver, so someone else gives the second approval: @partner."
                         if first == "outsider" else "someone else gives the second: @partner.")  # fmt: skip
    digest = (batch.hash or "")[:12]
    away = world.slack.manager.id if second is world.slack.outsider else None
    assert not world.store.batches.approve_of_two(
        batch.id, revision=1, digest=digest, actor=second.id, reason=None, stands_for=away
    )  # whoever asks: the statement itself has the rule
    world.click(world.slack.partner, "Approve")
    world.done(batch)
    world.ready()


def test_it_ends_by_itself_after_its_day(world: World) -> None:
    batch = world.preview(world.fresh())
    name(world, days=0)
    world.shows(batch, "@manager, @partner or @outsider")
    with world.store.transaction() as db:
        yesterday = (today(world) - timedelta(days=1)).isoformat()
        db.execute("UPDATE stand_in SET until = ? WHERE ended_at IS NULL", (yesterday,))
    said = world.refused(world.slack.outsider, "Approve")
    assert said == "Only approvers can approve: @manager or @partner."
    world.slack.wait_for(
        lambda: "@manager or @partner. @staff" in world.slack.plain(world.message("preview", batch.id)), timeout=20
    )
    assert world.asked(world.slack.staff, "standin").startswith("Nobody stands in for anybody.")
    last = long_date(today(world) - timedelta(days=1))
    over = f"@outsider no longer stands in for @manager: the last day was {last}. What waits for approval"
    for person in (world.slack.manager, world.slack.outsider):
        world.slack.wait_for(lambda person=person: any(over in one for one in private(world, person)))
    assert world.bot is not None
    world.bot.stand_ins.look()  # as each minute
    world.slack.wait_for(lambda: not world.store.messages.owed())
    told = [one for person in (world.slack.manager, world.slack.partner, world.slack.outsider)
            for one in private(world, person) if over in one]  # fmt: skip
    assert len(told) == 2  # once each, and nobody else


def test_who_named_one_ends_it_and_a_new_one_takes_its_place(world: World) -> None:
    batch = world.preview(world.fresh())
    name(world)
    name(world, person="staff")
    listed = world.asked(world.slack.staff, "standin")
    assert "@staff stands in for @manager" in listed
    assert "@outsider" not in listed.partition("\n")[0]
    assert "Only approvers can" in world.refused(world.slack.outsider, "Approve")
    assert world.asked(world.slack.manager, "standin off") == "@staff no longer stands in for you."
    assert world.asked(world.slack.manager, "standin off").startswith("Nobody stands in for you.")
    world.shows(batch, "@manager or @partner.")
    world.slack.wait_for(lambda: any("no longer stands in" in one for one in private(world, world.slack.staff)))


@pytest.mark.parametrize(
    ("by", "text", "told"),
    [
        ("staff", "@outsider until tomorrow", "Only approvers can name a stand-in, each for themselves."),
        ("manager", "@guest until tomorrow", "@guest is no full member of this workspace, so they cannot stand in."),
        ("manager", "@stranger until tomorrow", "@stranger is no full member"),
        ("manager", "@balances until tomorrow", "@balances is no full member"),
        ("manager", "@manager until tomorrow", "You cannot stand in for yourself."),
        ("manager", "@partner until tomorrow", "@partner is an approver already and decides in their own name."),
        ("manager", "@outsider", "Say until when, that day included."),
        ("manager", "@outsider until whenever", "I could not read that day."),
        ("manager", "@outsider until 2020-01-01", "1 January 2020 is over."),
        ("manager", "@outsider until 2031-01-01", "1 January 2031 is too far off"),
        ("manager", "Don Draper until tomorrow", "Name the person with an @."),
    ],
)
def test_a_stand_in_that_cannot_be_is_refused_with_the_rule(world: World, by: str, text: str, told: str) -> None:
    assert world.asked(getattr(world.slack, by), f"standin {text}").startswith(told)
    assert world.store.stand_ins.in_force(TEAM, today(world)) == []


def test_a_stand_in_names_none(world: World) -> None:
    name(world)
    said = name(world, by=world.slack.outsider, person="staff")
    assert said == "You stand in for @manager yourself, so you cannot name a stand-in."
    assert world.asked(world.slack.outsider, "standin off").startswith("Nobody stands in for you.")


def test_a_stand_in_of_one_who_is_no_approver_any_more_is_none(world: World) -> None:
    name(world)
    world.preview(world.fresh())
    world.ready(balances_approvers=(world.slack.partner.id,))
    assert world.refused(world.slack.outsider, "Approve").startswith("Only approvers can approve: @partner")
    world.ready()


def test_a_days_name_is_read_as_people_type_it() -> None:
    now = date(2026, 11, 30)
    for text in ("5 December", "Dec 5", "5 dec 2026", "december 5th, 2026", "2026-12-05", "5th Dec."):
        assert day_of(text, now) == date(2026, 12, 5), text
    assert day_of("29 November", now) == date(2027, 11, 29)
    assert day_of("30 November", now) == now
    assert day_of("29 February", now) == date(2028, 2, 29)
    assert day_of("tomorrow", now) == date(2026, 12, 1)
    for text in ("", "5", "31 February 2027", "5 Decembre", "12/5", "soon", "2026-13-01", "5 ju"):
        assert day_of(text, now) is None, text
