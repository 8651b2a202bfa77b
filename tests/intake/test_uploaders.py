"""Who may begin a batch, by whatever entrance: a human member, with a member's file, in a channel of the firm's own."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from world import FAST, World

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack import Message
from brought_forward.storage.records.batch import BatchStatus

TEAM = "T0WHITMAN1"
GUESTS = "members of the firm drop files of balances, not guests, so nothing was begun. Ask one of them to drop it."


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("uploaders"), firm_of_size(120, 4))
    try:
        made.ready().slack.add_person("ledger", is_bot=True)
        yield made
        assert made.contract.violations == []
    finally:
        made.close()


@pytest.fixture
def world(open_world: World) -> World:
    rules = open_world.slack.rules
    rules.names_sharer, rules.flags_shared, rules.tells_outside = True, True, False
    rules.scopes = rules.scopes | {"channels:read", "groups:read", "users:read"}
    made = open_world.ready()
    made.slack.rest()
    made.slack.wait_for(lambda: not owed(made), timeout=20)
    return made


def owed(world: World) -> bool:
    """Whether anything that was written down is still to be worked off, or said."""
    store = world.store
    return bool(store.events.waiting() or store.batches.to_move() or store.messages.owed())


def person(world: World, name: str) -> Any:
    people = {user.name: user for user in world.slack.workspace.users.values()}
    return people[name]


def sheet(world: World, lines: int = 1) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([["Matter", "User", "Balance"], *[row[:3] for row in world.fresh(lines)]])
    return text.getvalue().encode()


def said(world: World) -> list[Message]:
    """List all that the bot has said, in whatever channel and to whomever."""
    with world.slack.workspace.changed:
        every = [*world.slack.workspace.messages, *world.slack.workspace.ephemerals]
    return sorted((one for one in every if one.user == world.slack.bot.id), key=lambda one: one.ts)


def settled(world: World, *files: Any, events: int = 1) -> None:
    """Wait until Slack has told so many events of each file, and all that was written down is worked off."""

    def over() -> bool:
        return all(len(world.events_of(file)) >= events for file in files) and not owed(world)

    world.slack.wait_for(over, timeout=20)


def batches(world: World) -> int:
    return len(world.store.batches.newest(TEAM, 999))


def alone(world: World, user: Any) -> str:
    """What the bot last said in the direct conversation with a person."""
    mine = [one for one in world.slack.messages(user) if one.user == world.slack.bot.id]
    return world.slack.plain(mine[-1]) if mine else ""


def begun(world: World, file: Any) -> bool:
    """Tell whether the newest batch is of a file."""
    newest = world.store.batches.newest(TEAM, 1)
    return bool(newest) and newest[0].file_id == file.id


NOBODY = ["guest", "stranger", "ledger", "slackbot", "gone"]


@pytest.mark.parametrize("events", [("file_shared",), ("message", "file_shared")])
@pytest.mark.parametrize("name", NOBODY)
def test_only_human_members_begin_a_batch_by_dropping_a_file(world: World, name: str, events: tuple[str, ...]) -> None:
    world.slack.rules.subscriptions = events
    done, words = batches(world), len(said(world))
    file = world.slack.upload(person(world, name), "balances", "AR.csv", sheet(world))
    settled(world, file, events=len(events))
    assert batches(world) == done
    told = said(world)[words:]
    if name == "guest":
        assert {world.slack.plain(one) for one in told} == {f"AR.csv: {GUESTS}"}
        assert {one.channel for one in told} == {world.slack.workspace.dm(world.slack.guest.id).id}
    else:
        assert told == []


def test_an_event_that_names_nobody_begins_nothing(world: World) -> None:
    world.slack.rules.names_sharer = False
    done, words = batches(world), len(said(world))
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", sheet(world))
    settled(world, file)
    assert (batches(world), len(said(world))) == (done, words)


def test_one_approver_alone_posts_nothing_that_a_bot_has_dropped(world: World) -> None:
    done = batches(world)
    bot = person(world, "ledger")
    settled(world, *[world.slack.upload(bot, "balances", f"AR {place}.csv", sheet(world)) for place in range(3)])
    with pytest.raises(LookupError):
        world.slack.click(world.slack.manager, "Approve", None)
    assert batches(world) == done


@pytest.mark.parametrize("name", NOBODY)
def test_a_file_that_nobody_of_the_firm_brought_is_told_to_the_member_who_shares_it(world: World, name: str) -> None:
    done, words = batches(world), len(said(world))
    file = world.slack.upload(person(world, name), "lobby", "AR theirs.csv", sheet(world))
    world.slack.share(world.slack.staff, file, "balances")
    settled(world, file)
    assert batches(world) == done
    assert len(said(world)) == words + 1
    assert alone(world, world.slack.staff).startswith(
        "AR theirs.csv: it was brought to Slack by somebody who is no member of this workspace, so nothing was begun."
    )


def test_a_member_of_the_organisation_who_is_in_this_workspace_begins_a_batch(world: World) -> None:
    grid = world.slack.add_person("grid", team_id="T0ELSEWHERE", teams=("T0ELSEWHERE", TEAM))
    file = world.slack.upload(grid, "balances", "AR grid.csv", sheet(world))
    world.slack.wait_for(lambda: begun(world, file))
    far = world.slack.add_person("far", team_id="T0ELSEWHERE", teams=("T0ELSEWHERE",))
    done = batches(world)
    file = world.slack.upload(far, "balances", "AR far.csv", sheet(world))
    settled(world, file)
    assert batches(world) == done


@pytest.mark.parametrize("name", NOBODY)
def test_a_mended_file_of_nobody_joins_no_batch_in_its_thread(world: World, name: str) -> None:
    good = world.fresh(1)
    batch = world.preview([*good, ["99999-Nobody", "", "500.00", ""]])
    world.slack.wait_for(lambda: not world.store.messages.owed())
    (mend,) = [file for one in world.thread() for file in one.files if file.name == "AR to fix.xlsx"]
    done, words = batches(world), len(said(world))
    top = world.thread()[0].ts
    file = world.slack.upload(person(world, name), "balances", "AR to fix.xlsx", mend.data, thread_ts=top)
    settled(world, file)
    assert batches(world) == done
    assert [one for one in said(world)[words:] if one.thread_ts == top] == []
    assert world.batch(batch.id).revision == 1


# While Slack is silent


@pytest.mark.parametrize("method", ["users.info", "conversations.info"])
@pytest.mark.parametrize("kind", ["internal_error", "ratelimited", "http_500", "reset_before"])
def test_while_slack_is_silent_nothing_begins_and_nothing_is_said(world: World, method: str, kind: str) -> None:
    words = len(said(world))
    fault = world.slack.faults.add(method, kind, times=None)
    file = world.slack.upload(world.slack.staff, "balances", "AR late.csv", sheet(world))
    world.slack.wait_for(lambda: fault.seen >= 3, timeout=20)
    assert len(said(world)) == words
    assert world.store.events.waiting() == 1
    world.slack.faults.remove(fault)
    world.slack.wait_for(lambda: begun(world, file), timeout=20)
    world.slack.wait_for(lambda: world.newest().status is BatchStatus.PREVIEWED, timeout=20)


def test_a_restart_forgets_no_file_of_which_slack_has_not_said_who_dropped_it(world: World) -> None:
    world.slack.faults.add("users.info", "internal_error", times=None)
    file = world.slack.upload(world.slack.staff, "balances", "AR kept.csv", sheet(world))
    world.slack.wait_for(lambda: world.store.events.waiting() == 1)
    world.restart()
    world.slack.faults.clear()
    world.slack.wait_for(lambda: begun(world, file), timeout=20)


@pytest.mark.parametrize("method", ["users.info", "conversations.info"])
def test_after_an_hour_of_silence_the_uploader_is_told_and_nothing_begins(world: World, method: str) -> None:
    world.ready(balances_timing=FAST.model_copy(update={"silence": 0.3}))
    done = batches(world)
    world.slack.faults.add(method, "internal_error", times=None)
    file = world.slack.upload(world.slack.staff, "balances", "AR hour.csv", sheet(world))
    settled(world, file)
    assert batches(world) == done
    assert alone(world, world.slack.staff) == (
        "AR hour.csv: for an hour Slack did not tell me who dropped it, or into what channel, so nothing was begun."
        " Drop it again."
    )


def test_a_shortcut_waits_while_slack_does_not_say_who_uses_it(world: World) -> None:
    world.slack.rules.subscriptions = ()
    file = world.slack.upload(world.slack.staff, "balances", "AR quiet.csv", sheet(world))
    world.slack.rules.subscriptions = ("file_shared", "app_home_opened")
    message = next(one for one in world.slack.messages("balances") if file.id in {each.id for each in one.files})
    before = len(world.slack.ephemerals(world.slack.staff))
    world.slack.faults.add("users.info", "internal_error", times=3)
    world.shortcut(world.slack.staff, message)
    world.slack.wait_for(lambda: begun(world, file), timeout=20)
    assert len(world.slack.ephemerals(world.slack.staff)) == before


# Scopes


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("channels:read", "I may not ask Slack about this channel, so I changed nothing: the app lacks the scope"),
        ("users:read", "I may not ask Slack who you are, so I changed nothing: the app lacks the scope"),
    ],
)
def test_a_scope_that_is_lacking_begins_nothing_and_is_named_to_the_uploader_alone(
    world: World, scope: str, words: str
) -> None:
    batch = world.preview(world.fresh())
    world.slack.rules.scopes = world.slack.rules.scopes - {scope}
    done = batches(world)
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", sheet(world))
    settled(world, file)
    assert batches(world) == done
    sentence = f"{words} {scope}. Whoever runs the bot adds it and installs the app again."
    assert alone(world, world.slack.staff) == f"AR.csv: {sentence}"
    assert world.refused(world.slack.manager, "Approve", world.message("preview", batch.id)) == sentence
    assert world.batch(batch.id).status is BatchStatus.PREVIEWED


# Channels


def test_what_slack_says_of_the_channel_decides_not_the_events_flag(world: World) -> None:
    room = world.slack.add_channel("joint", [world.slack.staff], is_ext_shared=True)
    world.slack.rules.flags_shared = False
    file = world.slack.upload(world.slack.staff, room, "AR.csv", sheet(world))
    world.slack.wait_for(lambda: begun(world, file) and not world.store.messages.owed())
    assert (world.newest().status, world.newest().sha256) == (BatchStatus.UNREADABLE, None)
    assert "shared with another company" in "".join(map(world.slack.plain, world.slack.messages(room)))


def test_a_stranger_in_a_shared_channel_is_told_nothing_there_or_alone(world: World) -> None:
    room = world.slack.add_channel("joint", [world.slack.staff, world.slack.stranger], is_ext_shared=True)
    done, words = batches(world), len(said(world))
    file = world.slack.upload(world.slack.stranger, room, "AR.csv", sheet(world))
    settled(world, file)
    assert (batches(world), len(said(world))) == (done, words)


def test_a_share_in_a_channel_without_the_bot_begins_nothing(world: World) -> None:
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", sheet(world))
    world.slack.wait_for(lambda: begun(world, file))
    settled(world, file)
    world.slack.rules.tells_outside = True
    done, words = batches(world), len(said(world))
    world.slack.share(world.slack.staff, file, "lobby")
    settled(world, file, events=2)
    assert (batches(world), len(said(world))) == (done, words)


# The other entrances


@pytest.mark.parametrize("name", ["guest", "stranger", "ledger", "slackbot"])
def test_in_a_direct_message_nobody_is_asked_for_a_channel_who_may_not_begin(world: World, name: str) -> None:
    user = person(world, name)
    words = len(said(world))
    file = world.slack.upload(user, world.slack.workspace.dm(user.id), "AR.csv", sheet(world))
    settled(world, file)
    assert not world.store.wishes.due()
    told = [world.slack.plain(one) for one in said(world)[words:]]
    assert told == ([f"AR.csv: {GUESTS}"] if name == "guest" else [])
    assert not [call for call in world.slack.calls if call.method == "conversations.info"
                and str(call.args.get("channel")).startswith("D")]  # fmt: skip


@pytest.mark.parametrize("name", ["guest", "stranger", "ledger"])
def test_a_shortcut_on_somebody_elses_file_or_table_begins_nothing(world: World, name: str) -> None:
    world.slack.rules.subscriptions = ()
    file = world.slack.upload(person(world, name), "balances", "AR theirs.csv", sheet(world))
    world.slack.rules.subscriptions = ("file_shared", "app_home_opened")
    dropped = next(one for one in world.slack.messages("balances") if file.id in {each.id for each in one.files})
    rows = [["Matter", "User", "Balance"], *[[str(cell) for cell in row[:3]] for row in world.fresh(1)]]
    pasted = world.slack.paste_table(person(world, name), "balances", rows)
    done, words = batches(world), len(said(world))
    for message in (dropped, pasted):
        before = len(world.slack.ephemerals(world.slack.staff))
        world.shortcut(world.slack.staff, message)
        world.slack.wait_for(lambda before=before: len(world.slack.ephemerals(world.slack.staff)) > before)
        assert "it was brought to Slack by somebody who is no member of this workspace" in world.told(world.slack.staff)
    assert batches(world) == done
    assert [one for one in said(world)[words:] if not one.ephemeral_to] == []


@pytest.mark.parametrize("change", [{"is_restricted": True}, {"deleted": True}])
def test_who_is_a_member_no_more_when_the_thread_is_to_begin_begins_nothing(
    world: World, change: dict[str, bool]
) -> None:
    leaver = world.slack.add_person(f"leaver-{next(iter(change))}")
    world.slack.upload(leaver, leaver, "AR leaver.csv", sheet(world))
    world.slack.wait_for(lambda: "In which channel" in alone(world, leaver), timeout=20)
    asked = [one for one in world.slack.messages(leaver) if one.user == world.slack.bot.id][-1]
    world.slack.change_person(leaver, **change)
    done = batches(world)
    before = len(world.slack.messages("billing"))
    world.slack.choose(leaver, "balances_where", world.slack.billing, asked)
    world.slack.wait_for(lambda: not world.store.wishes.due() and not world.store.messages.owed())
    assert batches(world) == done
    assert len(world.slack.messages("billing")) == before
