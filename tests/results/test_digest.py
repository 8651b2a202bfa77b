"""How far the bills are, once a week in the channels that want it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from world import World

from brought_forward.bot.results.digest import week_of
from brought_forward.sandbox.slack.workspace import TEAM

LONG_AGO = "2020-01-06"


def told(world: World, channel: str = "balances") -> list[str]:
    """What the channel itself was told of bills."""
    return [world.slack.plain(one) for one in world.slack.tops(channel) if one.user == world.slack.bot.id
            and one.text == "How far the bills are, this week."]  # fmt: skip


def last_told(world: World, week: str = LONG_AGO) -> None:
    """Let the last week that every channel was told be this one."""
    with world.store.transaction() as db:
        db.execute("UPDATE digest SET told = ?", (week,))


def again(world: World) -> None:
    """Let the digests be looked at as often as it takes to say one twice, were that possible."""
    assert world.bot is not None
    for _ in range(2):
        world.bot.digests.move(TEAM)
    world.slack.wait_for(lambda: not world.store.messages.owed())


def posted(world: World, entries: int, **more: Any) -> None:
    world.begin(world.sheet(entries), **more)
    world.finish(timeout=60)


def test_a_week_begins_on_monday_morning_where_the_firm_is() -> None:
    zone = ZoneInfo("America/New_York")
    before, after = (datetime(2026, 11, 30, 12, 59, tzinfo=UTC) + timedelta(minutes=one) for one in (0, 1))
    assert week_of(before, zone) == date(2026, 11, 23)
    assert week_of(after, zone) == date(2026, 11, 30)
    assert week_of(after, ZoneInfo("America/Los_Angeles")) == date(2026, 11, 23)
    assert week_of(datetime(2026, 12, 6, 23, tzinfo=UTC), zone) == date(2026, 11, 30)


def test_a_channel_is_told_once_a_week_how_far_its_bills_are(world: World) -> None:
    posted(world, 4)
    assert world.asked(world.slack.manager, "digest on").startswith("I tell this channel each Monday")
    assert "already" in world.asked(world.slack.partner, "digest on")
    assert "is on in this channel" in world.asked(world.slack.staff, "digest")
    again(world)
    assert told(world) == []  # from next Monday on
    billing = world.clio.billing
    _, draft, _, paid = world.clio.time_entries
    billing.make(draft.matter_id)
    billing.pay(billing.approve(billing.make(paid.matter_id)))
    last_told(world)
    world.slack.wait_for(lambda: told(world), timeout=20)
    (said,) = told(world)
    for words in (
        "4 entries, $493.86 posted.",
        "Not billed yet: 2 entries, $246.92.",
        "On a draft: 1 entry, $123.46.",
        "Paid: 1 entry, $123.48.",
        "Next in Clio: generate the bills, without tax",
        "AR.csv (B1): 2 entries, $246.92",
    ):
        assert words in said, said
    assert world.slack.tops("balances")[-1].thread_ts is None
    again(world)
    world.restart()
    again(world)
    assert len(told(world)) == 1
    with world.store.transaction() as db:  # what was said was said in an earlier week
        db.execute("UPDATE message SET slot = slot || '-earlier' WHERE slot LIKE 'told-digest-%'")
    last_told(world)
    world.slack.wait_for(lambda: len(told(world)) == 2, timeout=20)


def test_only_approvers_turn_it_on_and_off_and_only_where_i_am(world: World) -> None:
    for wish in ("on", "off"):
        said = world.asked(world.slack.staff, f"digest {wish}")
        assert said.startswith("Only approvers turn the weekly digest on or off")
    assert "Say on or off." in world.asked(world.slack.manager, "digest now")
    room = world.slack.add_channel("elsewhere", [world.slack.manager])
    room.members.discard(world.slack.bot.id)
    answer = world.slack.command(world.slack.manager, "digest on", room)
    assert "type it there, once I am invited" in world.slack.plain(answer.message)
    assert "gets no digest. " in world.asked(world.slack.manager, "digest off")
    world.asked(world.slack.manager, "digest on")
    assert world.asked(world.slack.manager, "digest off") == "This channel gets no digest any more."
    assert "is off in this channel" in world.asked(world.slack.staff, "digest")
    posted(world, 1)
    last_told(world)
    again(world)
    assert told(world) == []


def test_another_channel_is_told_nothing_of_it_and_one_without_batches_nothing_at_all(world: World) -> None:
    posted(world, 1)
    world.slack.command(world.slack.manager, "digest on", "billing")
    last_told(world)
    again(world)
    assert told(world, "billing") == []
    assert world.store.digests.due(TEAM, date(2020, 1, 13)) == []  # and its week is over


def test_while_clio_is_silent_it_waits_and_is_then_said_once(world: World) -> None:
    posted(world, 2)
    world.asked(world.slack.manager, "digest on")
    world.clio.faults.add("signed_out", method="GET", path="/activities.json", times=3)
    last_told(world)
    world.slack.wait_for(lambda: told(world), timeout=30)
    again(world)
    (said,) = told(world)
    assert "Not billed yet: 2 entries, $246.91." in said
