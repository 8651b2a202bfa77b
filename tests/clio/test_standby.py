"""A second sign-in stands by: it takes over from one that is over, in the same account alone; nothing is doubled."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from proofs.windows import most_at_once
from sign_in import TO_CONNECT, Terminal, sign_in
from world import FAST, World

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.connection import ClioSignIn, Ended, Source


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A bot that is connected by one user's sign-in, with another's standing by."""
    made = World(tmp_path, firm_of_size(60, 4), **TO_CONNECT)
    made.clio.token = None
    store = made.open()
    sign_in(made, store, user=ann(made), person=made.slack.partner.id)
    sign_in(made, store, user=bea(made), stands_by=True)
    store.close()
    try:
        yield made.start()
        assert made.contract.violations == []
    finally:
        made.close()


def ann(world: World) -> Any:
    """Who holds the first sign-in."""
    return next(iter(world.firm.users))


def bea(world: World) -> Any:
    """Who stands by."""
    return list(world.firm.users)[1]


def first(world: World) -> ClioSignIn | None:
    return world.store.connections.of(TEAM, Source.CONNECT)


def standby(world: World) -> ClioSignIn | None:
    return world.store.connections.standby(TEAM)


def direct(world: World) -> list[str]:
    """What the manager was told directly."""
    return [world.slack.plain(one) for one in world.told_directly(world.slack.manager)]


def listed(world: World) -> int:
    """Count how often the entries were listed."""
    return sum(call.method == "GET" and call.path == "/activities.json" for call in world.clio.calls)


def revoked_in_the_midst(world: World) -> int:
    """Have a batch of six half posted when Clio takes the first sign-in back."""
    held = world.hold(nth=3)
    number = world.begin(world.sheet(6))
    with held:
        world.clio.oauth.revoke(ann(world).id)
    return number


def test_where_the_first_is_revoked_mid_run_the_other_takes_over_and_nothing_is_doubled_or_lost(world: World) -> None:
    world.finish(revoked_in_the_midst(world))
    world.assert_truth()
    assert len([one for one in world.posts() if one.status == 201]) == 6
    now, gone = first(world), world.store.connections.get(1)
    assert now is not None
    assert gone is not None
    assert (now.user_id, now.took_over, gone.ended_by) == (bea(world).id, gone.id, Ended.REFUSED)
    assert standby(world) is None


def test_with_several_under_way_none_of_them_is_doubled_or_lost_when_the_first_is_revoked(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"in_flight": 8}))
    world.clio.faults.add("delay", method="POST", path="/activities.json", seconds=0.06, times=None)
    world.clio.faults.add("cut_after", method="POST", path="/activities.json", nth=12)  # one answer is lost just then
    held = world.hold(nth=10)
    world.begin(world.sheet(40))
    with held:
        world.clio.oauth.revoke(ann(world).id)
    world.finish(timeout=60)
    assert most_at_once(world.posts()) > 1
    assert any(one.status == 401 for one in world.posts())
    world.assert_truth()
    now = first(world)
    assert now is not None
    assert now.user_id == bea(world).id


def test_the_thread_and_each_approver_are_told_once_who_took_over_from_whom(world: World) -> None:
    world.finish(revoked_in_the_midst(world))
    one, other = ann(world).name, bea(world).name
    assert f"The sign-in to Clio of {one} is over; that of {other} takes over." in world.text()
    assert "Whoever runs the bot signs in" not in world.text()
    world.slack.wait_for(lambda: direct(world))
    said = (
        f"The sign-in to Clio of {one} is over: Clio takes it no more. The bot goes on with that of {other}, which"
        " stood by; nothing is lost or doubled. Whoever runs the bot lets somebody else stand by, with brought-forward"
        " connect --standby."
    )
    world.restart()
    looked(world)
    assert direct(world) == [said]
    assert world.store.holders.news() == []


def test_entries_stay_of_the_users_that_were_approved_whoever_takes_over(world: World) -> None:
    world.finish(revoked_in_the_midst(world))
    booked = sorted((one.matter_id, one.user_id) for one in world.clio.time_entries)
    assert booked == sorted((one.matter_id, one.user_id) for one in world.entries())
    assert len({user for _, user in booked}) > 1


def test_one_of_another_account_never_takes_over(world: World) -> None:
    with world.store.transaction() as db:
        db.execute("UPDATE clio_connection SET account = 'us:9' WHERE stands_by = 1")
    number = revoked_in_the_midst(world)
    world.until("Clio no longer accepts our sign-in.")
    assert world.batch(number).status is BatchStatus.PAUSED
    kept = standby(world)
    assert (first(world), kept and kept.took_over) == (None, None)
    assert kept is not None
    sign_in(world, world.store, user=ann(world))
    world.finish(number)
    world.assert_truth()


def test_a_sign_in_that_cannot_be_renewed_gives_way_once_clio_refuses_its_token(world: World) -> None:
    with world.store.transaction() as db:
        db.execute("UPDATE clio_connection SET refresh_token = NULL WHERE stands_by = 0")
    held = world.hold(nth=2)
    world.begin(world.sheet(4))
    with held:
        world.clio.oauth.expire_all()
    world.finish()
    world.assert_truth()
    now = first(world)
    assert now is not None
    assert now.user_id == bea(world).id


def test_while_clio_does_not_answer_a_refresh_nobody_takes_over(world: World) -> None:
    world.clio.faults.add("error_before", method="POST", path="/oauth/token", times=None)
    world.clio.oauth.expire_all()
    world.drop(world.sheet(1))
    world.until("Clio no longer accepts our sign-in.")
    now = first(world)
    assert now is not None
    assert now.user_id == ann(world).id
    assert standby(world) is not None


def test_the_one_that_stands_by_is_kept_alive_too(world: World) -> None:
    assert world.bot is not None
    world.bot.upkeep.look(TEAM, datetime.now(UTC) + timedelta(days=29))
    assert [one.version for one in world.store.connections.kept()] == [2, 2]


def test_signing_out_hands_over_at_once(world: World, tmp_path: Path) -> None:
    held = world.hold(nth=2)
    world.begin(world.sheet(5))
    with held:
        said = Terminal(world, tmp_path).run("disconnect").stdout
    assert f"The sign-in of {bea(world).name}, which stood by, takes over." in said
    world.finish()
    world.assert_truth()
    world.slack.wait_for(lambda: direct(world))
    assert f"The sign-in to Clio of {ann(world).name} was signed out." in direct(world)[0]


def test_a_run_lists_anew_before_it_sends_more_once_somebody_else_has_signed_in(world: World) -> None:
    """Who signs in may see less; what is there is read by their sign-in before it is relied on."""
    held = world.hold(nth=2)
    world.begin(world.sheet(5))
    with held:
        before = len(world.clio.calls)
        sign_in(world, world.store, user=bea(world))
    world.finish()
    world.assert_truth()
    after = [call for call in world.clio.calls[before:] if call.path == "/activities.json"]
    assert [call.method for call in after[:2]] == ["GET", "POST"]
    assert "activity_description_id" in after[0].query
    assert "created_since" not in after[0].query
    assert standby(world) is None  # who stood by is the first now


def test_one_that_stands_by_and_that_no_key_opens_keeps_nothing_from_going_on(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"sweep": 600.0}))
    with world.store.transaction() as db:
        lost = "access_token = x'00', refresh_token = x'00', account = 'us:9', expires_at = '2026-01-01T00:00:00+00:00'"
        db.execute(f"UPDATE clio_connection SET {lost} WHERE stands_by = 1")
    number = revoked_in_the_midst(world)
    world.until("Posting then goes on by itself")
    sign_in(world, world.store, user=ann(world))
    world.slack.wait_for(lambda: world.batch(number).status is not BatchStatus.PAUSED, timeout=8)
    world.finish(number)
    world.assert_truth()


# Who may stand by


@pytest.fixture
def terminal(quiet: World, tmp_path: Path) -> Terminal:
    """Where the first user has connected, and another one's browser is at hand."""
    quiet.clio.token = None
    terminal = Terminal(quiet, tmp_path)
    quiet.firm.token_user_id = ann(quiet).id
    assert terminal.connect().returncode == 0
    quiet.firm.token_user_id = bea(quiet).id
    return terminal


def kept(terminal: Terminal) -> list[tuple[int | None, bool]]:
    store = terminal.world.open()
    try:
        return [(one.user_id, one.stands_by) for one in store.connections.kept()]
    finally:
        store.close()


def test_connect_standby_keeps_a_second_and_status_shows_both(terminal: Terminal) -> None:
    world = terminal.world
    done = terminal.connect("--standby")
    assert done.returncode == 0, done.stderr
    assert f"Stands by for Clio (us) as {bea(world).name}, account us:{world.firm.account_id}." in done.stdout
    assert kept(terminal) == [(ann(world).id, False), (bea(world).id, True)]
    shown = terminal.run("connect", "--status")
    assert shown.returncode == 0
    assert f"{TEAM}: Clio (us) as {ann(world).name}" in shown.stdout
    assert f"{TEAM}: stands by: Clio (us) as {bea(world).name}" in shown.stdout
    assert shown.stdout.count("Clio accepts it.") == 2


def test_another_accounts_user_is_refused_and_clio_forgets_the_sign_in(terminal: Terminal) -> None:
    world = terminal.world
    world.firm.account_id = 700_999
    done = terminal.connect("--standby")
    assert done.returncode == 2
    said = " ".join(done.stderr.split())
    assert "This is Clio account us:700999, and the bot is connected to us:700001: it would not take over." in said
    assert kept(terminal) == [(ann(world).id, False)]
    assert [grant.user_id for grant in world.clio.oauth.grants] == [ann(world).id]


def test_the_same_user_cannot_stand_by_for_themselves(terminal: Terminal) -> None:
    world = terminal.world
    world.firm.token_user_id = ann(world).id
    done = terminal.connect("--standby")
    assert (done.returncode, "is signed in already" in done.stderr) == (2, True)
    assert kept(terminal) == [(ann(world).id, False)]


def test_nobody_stands_by_for_nobody(quiet: World, tmp_path: Path) -> None:
    quiet.clio.token = None
    done = Terminal(quiet, tmp_path).connect("--standby")
    assert (done.returncode, "Connect first, without --standby" in done.stderr) == (2, True)
    assert quiet.clio.oauth.grants == []


def test_disconnect_standby_takes_that_one_back_and_leaves_the_first(terminal: Terminal) -> None:
    world = terminal.world
    assert terminal.run("disconnect", "--standby").returncode == 2
    terminal.connect("--standby")
    assert "stands by no longer" in terminal.run("disconnect", "--standby").stdout
    assert kept(terminal) == [(ann(world).id, False)]
    assert [grant.user_id for grant in world.clio.oauth.grants] == [ann(world).id]


# Who holds a sign-in


def looked(world: World, *, days: float = 0) -> None:
    """Look after who holds the sign-ins so many days from now, and tell what is new."""
    assert world.bot is not None
    world.bot.holders.look(TEAM, datetime.now(UTC) + timedelta(days=days))
    world.bot.upkeep.look(TEAM, datetime.now(UTC))
    world.slack.wait_for(lambda: not world.store.messages.owed())


def test_approvers_hear_once_that_who_holds_the_first_is_disabled_in_clio_and_what_follows(world: World) -> None:
    world.firm.change(ann(world), enabled=False)
    looked(world)
    assert direct(world) == []  # a day is not over
    looked(world, days=1.1)
    looked(world, days=2.2)
    assert direct(world) == [
        f"{ann(world).name}, by whose sign-in the bot reaches Clio, is disabled in Clio. That sign-in may end at any"
        f" time; posting then goes on with that of {bea(world).name}, which stands by. Whoever runs the bot has"
        " somebody who stays sign in, with brought-forward connect."
    ]
    world.firm.change(ann(world), enabled=True)
    looked(world, days=3.3)
    world.firm.change(ann(world), enabled=False)
    looked(world, days=4.4)
    assert len(direct(world)) == 2  # it is news again


def test_without_anybody_standing_by_approvers_hear_that_posting_would_pause(world: World) -> None:
    kept = standby(world)
    assert kept is not None
    world.store.connections.end(kept.id, Ended.DISCONNECTED)
    world.firm.change(ann(world), enabled=False)
    looked(world, days=1.1)
    assert "posting then pauses and loses nothing" in direct(world)[0]


def test_approvers_hear_that_who_holds_it_has_left_the_workspace(world: World) -> None:
    world.slack.change_person(world.slack.partner, deleted=True)
    looked(world, days=1.1)
    assert f"{ann(world).name}, by whose sign-in the bot reaches Clio, has left this workspace." in direct(world)[0]


def test_one_that_stands_by_is_known_to_be_lost_before_it_is_needed(world: World) -> None:
    world.clio.oauth.revoke(bea(world).id)
    looked(world, days=1.1)
    assert standby(world) is None
    assert direct(world)[0].startswith(f"Clio takes the sign-in of {bea(world).name} no more, which stood by.")
    world.finish(world.begin(world.sheet(1)))


def test_where_clio_does_not_say_it_is_looked_at_again(world: World) -> None:
    world.clio.faults.add("forbidden", method="GET", path="/users.json", times=2)
    world.firm.change(ann(world), enabled=False)
    looked(world, days=1.1)
    assert direct(world) == []
    looked(world, days=1.1)
    assert len(direct(world)) == 1


def test_who_the_environments_token_is_of_is_looked_after_too(quiet: World) -> None:
    quiet.start()
    quiet.preview(quiet.sheet(1))
    quiet.firm.change(quiet.firm.token_user, enabled=False)
    looked(quiet, days=1.1)
    said = f"{quiet.firm.token_user.name}, by whose sign-in the bot reaches Clio, is disabled in Clio."
    assert said in direct(quiet)[0]


def test_all_of_it_stands_in_the_audit_log(world: World) -> None:
    world.firm.change(ann(world), enabled=False)
    looked(world, days=1.1)
    world.finish(revoked_in_the_midst(world))
    does = [one.facts["does"] for one in world.store.audit.links(TEAM) if one.kind == "sign_in"]
    assert does == ["signed in", "signed in to stand by", "holder disabled", "ended", "took over"]
    assert world.store.audit.verify(TEAM).broken is None
