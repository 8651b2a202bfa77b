"""Who may begin a batch, by whatever entrance: a human member, with a member's file, in a channel of the firm's own."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import pytest
from world import FAST, World

from brought_forward.bot.intake.notices import ASKS
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
    rules.names_sharer, rules.names_owner, rules.flags_shared, rules.tells_outside = True, True, True, False
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
    told = [(one.channel, world.slack.plain(one)) for one in said(world)[words:]]
    once = (world.slack.workspace.dm(world.slack.guest.id).id, f"AR.csv: {GUESTS}")  # of however many events
    assert told == ([once] if name == "guest" else [])


def test_a_guest_who_shares_a_file_again_later_is_told_again(world: World) -> None:
    file = world.slack.upload(world.slack.guest, "balances", "AR again.csv", sheet(world))
    settled(world, file)
    with world.store.transaction() as db:
        db.execute(
            "UPDATE seen_event SET event_ts = CAST(event_ts AS DOUBLE PRECISION) - 60 WHERE file_id = ?", (file.id,)
        )
    words = len(said(world))
    world.slack.share(world.slack.guest, file, "balances")
    settled(world, file, events=2)
    assert [world.slack.plain(one) for one in said(world)[words:]] == [f"AR again.csv: {GUESTS}"]


@pytest.mark.parametrize("error", ["user_not_found", "user_not_visible", "users_not_found"])
def test_whom_slack_does_not_know_begins_nothing_and_is_told_nothing(world: World, error: str) -> None:
    done, words = batches(world), len(said(world))
    world.slack.faults.add("users.info", error, times=None)
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", sheet(world))
    settled(world, file)
    assert (batches(world), len(said(world))) == (done, words)


def test_an_event_that_names_nobody_begins_nothing(world: World) -> None:
    world.slack.rules.names_sharer = False
    done, words = batches(world), len(said(world))
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", sheet(world))
    settled(world, file)
    assert (batches(world), len(said(world))) == (done, words)


def test_a_file_that_slack_says_is_nobodys_is_the_sharers(world: World) -> None:
    world.slack.rules.names_owner = False
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", sheet(world))
    world.slack.wait_for(lambda: begun(world, file))
    assert (world.newest().uploader, world.newest().owner) == (world.slack.staff.id, world.slack.staff.id)


def test_a_guest_whose_file_is_not_for_the_bot_is_told_nothing(world: World) -> None:
    words = len(said(world))
    file = world.slack.upload(world.slack.guest, "balances", "cat.png", b"\x89PNG")
    settled(world, file)
    assert len(said(world)) == words


def test_one_approver_alone_posts_nothing_that_a_bot_has_dropped(world: World) -> None:
    done = batches(world)
    bot = person(world, "ledger")
    files = [world.slack.upload(bot, "balances", f"AR {place}.csv", sheet(world)) for place in range(3)]
    settled(world, *files)
    for file in files:  # there is nothing that anybody could click
        (dropped,) = world.slack.thread("balances", file.shares[0].ts)
        with pytest.raises(LookupError):
            world.slack.click(world.slack.manager, "Approve", dropped)
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


def test_after_an_hour_of_silence_who_used_the_shortcut_is_told_and_nothing_begins(world: World) -> None:
    world.ready(balances_timing=FAST.model_copy(update={"silence": 0.3}))
    world.slack.rules.subscriptions = ()
    world.slack.upload(world.slack.staff, "balances", "AR quiet.csv", sheet(world))
    message = world.slack.messages("balances")[-1]
    world.slack.rules.subscriptions = ("file_shared", "app_home_opened")
    done, before = batches(world), len(world.slack.ephemerals(world.slack.staff))
    world.slack.faults.add("users.info", "internal_error", times=None)
    world.shortcut(world.slack.staff, message)
    world.slack.wait_for(lambda: len(world.slack.ephemerals(world.slack.staff)) > before, timeout=20)
    assert world.told(world.slack.staff).startswith("Slack did not tell me who you are just now")
    assert batches(world) == done
    assert not world.store.wishes.due(TEAM)


def test_silence_about_people_uses_up_none_of_the_asking_for_shares(world: World) -> None:
    people = world.slack.faults.add("users.info", "internal_error", times=None)
    shares = world.slack.faults.add("files.info", "no_shares", times=None)
    file = world.slack.upload(world.slack.staff, "balances", "AR where.csv", sheet(world))
    world.slack.wait_for(lambda: people.seen > ASKS, timeout=20)
    world.slack.faults.remove(people)
    seen = shares.seen
    world.slack.wait_for(lambda: shares.seen > seen + 1, timeout=20)
    world.slack.faults.remove(shares)
    world.slack.wait_for(lambda: begun(world, file), timeout=20)
    assert world.newest().thread_ts == file.shares[0].ts


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


@pytest.mark.parametrize("kind", ["is_ext_shared", "is_pending_ext_shared"])
def test_what_slack_says_of_the_channel_decides_not_the_events_flag(world: World, kind: str) -> None:
    room = world.slack.add_channel("joint", [world.slack.staff], **{kind: True})
    world.slack.rules.flags_shared = False
    file = world.slack.upload(world.slack.staff, room, "AR.csv", sheet(world))
    world.slack.wait_for(lambda: begun(world, file) and not world.store.messages.owed())
    assert (world.newest().status, world.newest().sha256) == (BatchStatus.UNREADABLE, None)
    assert "shared with another company" in "".join(map(world.slack.plain, world.slack.messages(room)))


def test_a_channel_that_was_shared_when_the_file_came_is_none_though_it_is_shared_no_more(world: World) -> None:
    room = world.slack.add_channel("joint", [world.slack.staff], is_ext_shared=True)
    silent = world.slack.faults.add("users.info", "internal_error", times=None)
    file = world.slack.upload(world.slack.staff, room, "AR.csv", sheet(world))
    world.slack.wait_for(lambda: silent.seen)
    with world.slack.workspace.change():
        room.is_ext_shared = False
    world.slack.faults.remove(silent)
    world.slack.wait_for(lambda: begun(world, file) and not world.store.messages.owed(), timeout=20)
    assert (world.newest().status, world.newest().sha256) == (BatchStatus.UNREADABLE, None)


@pytest.mark.parametrize("kind", ["is_ext_shared", "is_pending_ext_shared"])
def test_the_shortcut_begins_nothing_in_a_channel_that_is_shared(world: World, kind: str) -> None:
    room = world.slack.add_channel("joint", [world.slack.staff], **{kind: True})
    world.slack.rules.subscriptions = ()
    world.slack.upload(world.slack.staff, room, "AR.csv", sheet(world))
    world.slack.rules.subscriptions = ("file_shared", "app_home_opened")
    done, words = batches(world), len(said(world))
    world.shortcut(world.slack.staff, world.slack.messages(room)[-1])
    world.slack.wait_for(lambda: len(said(world)) > words)
    assert "shared with another company" in world.told(world.slack.staff)
    assert (batches(world), len(world.slack.messages(room))) == (done, 1)


def test_a_stranger_in_a_shared_channel_is_told_nothing_there_or_alone(world: World) -> None:
    room = world.slack.add_channel("joint", [world.slack.staff, world.slack.stranger], is_ext_shared=True)
    done, words = batches(world), len(said(world))
    file = world.slack.upload(world.slack.stranger, room, "AR.csv", sheet(world))
    settled(world, file)
    assert (batches(world), len(said(world))) == (done, words)


@pytest.mark.parametrize("is_private", [False, True])
def test_a_share_in_a_channel_without_the_bot_begins_nothing(world: World, is_private: bool) -> None:
    room = world.slack.add_channel("apart", [world.slack.staff], is_private=is_private)
    world.slack.remove_bot(room)
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", sheet(world))
    world.slack.wait_for(lambda: begun(world, file))
    settled(world, file)
    world.slack.rules.tells_outside = True
    done, words = batches(world), len(said(world))
    world.slack.share(world.slack.staff, file, room)
    settled(world, file, events=2)
    assert (batches(world), len(said(world))) == (done, words)


@pytest.mark.parametrize("is_private", [False, True])
def test_the_shortcut_begins_nothing_where_the_bot_is_not_though_it_sees_the_file_elsewhere(
    world: World, is_private: bool
) -> None:
    room = world.slack.add_channel("apart", [world.slack.staff], is_private=is_private)
    world.slack.remove_bot(room)
    world.slack.rules.subscriptions = ()
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", sheet(world))
    message = world.slack.share(world.slack.staff, file, room)
    world.slack.rules.subscriptions = ("file_shared", "app_home_opened")
    done, before = batches(world), len(world.slack.ephemerals(world.slack.staff))
    world.shortcut(world.slack.staff, message)
    world.slack.wait_for(lambda: len(world.slack.ephemerals(world.slack.staff)) > before)
    assert world.told(world.slack.staff).startswith("I am not in this channel")
    assert batches(world) == done


# The other entrances


@pytest.mark.parametrize("name", ["guest", "stranger", "ledger", "slackbot"])
def test_in_a_direct_message_nobody_is_asked_for_a_channel_who_may_not_begin(world: World, name: str) -> None:
    user = person(world, name)
    words = len(said(world))
    file = world.slack.upload(user, world.slack.workspace.dm(user.id), "AR.csv", sheet(world))
    settled(world, file)
    assert not world.store.wishes.due(TEAM)
    told = [world.slack.plain(one) for one in said(world)[words:]]
    assert told == ([f"AR.csv: {GUESTS}"] if name == "guest" else [])
    assert not asked_of_direct(world)


@pytest.mark.parametrize("events", [("file_shared",), ("message", "file_shared")])
def test_of_a_direct_message_slack_is_asked_for_no_channel_and_a_member_is_asked_once(
    world: World, events: tuple[str, ...]
) -> None:
    world.slack.rules.subscriptions = events
    words = len(said(world))
    file = world.slack.upload(world.slack.staff, world.slack.staff, "AR direct.csv", sheet(world))
    settled(world, file, events=len(events))
    world.slack.wait_for(lambda: len(said(world)) > words and not world.store.messages.owed())
    (asked,) = said(world)[words:]
    assert "In which channel shall I bring AR direct.csv forward?" in world.slack.plain(asked)
    assert not asked_of_direct(world)
    with world.store.transaction() as db:  # as if that was a minute ago
        db.execute(
            "UPDATE seen_event SET event_ts = CAST(event_ts AS DOUBLE PRECISION) - 60 WHERE file_id = ?", (file.id,)
        )
    world.slack.share(world.slack.staff, file, world.slack.staff)
    world.slack.wait_for(lambda: len(said(world)) > words + 1)


def asked_of_direct(world: World) -> list[Any]:
    """List how often Slack was asked what a direct conversation is, for which the app has no scope."""
    return [call for call in world.slack.calls
            if call.method == "conversations.info" and str(call.args.get("channel")).startswith("D")]  # fmt: skip


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


def test_the_shortcut_in_a_direct_message_asks_for_no_channel_where_the_file_is_a_guests(world: World) -> None:
    world.slack.rules.subscriptions = ()
    file = world.slack.upload(world.slack.guest, "lobby", "AR theirs.csv", sheet(world))
    message = world.slack.share(world.slack.staff, file, world.slack.staff)
    world.slack.rules.subscriptions = ("file_shared", "app_home_opened")
    before, words = len(world.slack.ephemerals(world.slack.staff)), len(world.slack.messages(world.slack.staff))
    world.shortcut(world.slack.staff, message)
    world.slack.wait_for(lambda: len(world.slack.ephemerals(world.slack.staff)) > before)  # said after the wish is done
    world.slack.wait_for(lambda: not world.store.wishes.due(TEAM) and not owed(world))
    assert len(world.slack.messages(world.slack.staff)) == words
    assert len(world.slack.ephemerals(world.slack.staff)) == before + 1
    assert "it was brought to Slack by somebody who is no member of this workspace" in world.told(world.slack.staff)


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
    world.slack.wait_for(lambda: not world.store.wishes.due(TEAM) and not world.store.messages.owed())
    assert batches(world) == done
    assert len(world.slack.messages("billing")) == before


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("is_restricted", "Guests cannot do this."),
        ("deleted", "Only members of this workspace can do this."),
        ("shared", "This channel is shared with another company"),
    ],
)
def test_what_changed_while_slack_took_no_message_lets_its_thread_begin_nothing(
    world: World, change: str, words: str
) -> None:
    """Who chose the channel could then; its first message waits, and hours later it stands there."""
    member = world.slack.add_person(f"patient-{change}")
    room = world.slack.add_channel(f"waits-{change}", [member])
    world.slack.upload(member, member, "AR patient.csv", sheet(world))
    world.slack.wait_for(lambda: "In which channel" in alone(world, member), timeout=20)
    asked = [one for one in world.slack.messages(member) if one.user == world.slack.bot.id][-1]
    done = batches(world)
    away = world.slack.faults.add("chat.postMessage", "internal_error", times=None)
    world.slack.choose(member, "balances_where", room, asked)
    world.slack.wait_for(lambda: away.seen, timeout=20)  # so it is owed: all was right when its thread was ordered
    with world.slack.workspace.change():
        room.is_ext_shared = change == "shared"
    if change != "shared":
        world.slack.change_person(member, **{change: True})
    world.slack.faults.remove(away)
    world.slack.wait_for(lambda: not world.store.wishes.due(TEAM) and not owed(world), timeout=20)
    assert batches(world) == done
    assert words in alone(world, member)
    assert len(world.slack.messages(room)) == 1
