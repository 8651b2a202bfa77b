"""A sign-in stays alive by itself, and where it cannot, whoever must act hears of it in time and nothing is lost."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sign_in import TO_CONNECT, Terminal, granted, sign_in
from world import FAST, World

from brought_forward.bot.clio.refresh import Refresh
from brought_forward.sandbox.clio import firm_of_size
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.database import stamp
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.connection import ClioSignIn, Ended, Source

MONTH = 2_592_000.0


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A bot that is connected by a sign-in in its database, by no token of the environment."""
    made = World(tmp_path, firm_of_size(60, 4), **TO_CONNECT)
    made.clio.token = None
    store = made.open()
    sign_in(made, store)
    store.close()
    try:
        yield made.start()
        assert made.contract.violations == []
    finally:
        made.close()


def connection(world: World) -> ClioSignIn:
    found = world.store.connections.of(TEAM, Source.CONNECT)
    assert found is not None
    return found


def ends_in(world: World, **time: float) -> None:
    """Let a sign-in's token end so soon, by our own row."""
    with world.store.transaction() as db:
        db.execute("UPDATE clio_connection SET expires_at = ?", (stamp(datetime.now(UTC) + timedelta(**time)),))


def refreshes(world: World) -> int:
    return sum(1 for call in world.clio.calls if call.path == "/oauth/token") - 1  # the first was the code's exchange


def forget_refresh_token(world: World) -> None:
    with world.store.transaction() as db:
        db.execute("UPDATE clio_connection SET refresh_token = NULL")


def test_a_sign_in_in_the_database_posts_as_a_token_of_the_environment_does(world: World) -> None:
    world.finish(world.begin(world.sheet(2)))
    world.assert_truth()
    assert world.batch().account == f"us:{world.firm.account_id}"
    assert refreshes(world) == 0


def test_it_is_renewed_at_a_quarter_of_its_life_left_and_not_before(world: World) -> None:
    assert world.bot is not None
    upkeep, now = world.bot.upkeep, datetime.now(UTC)
    upkeep.look(TEAM, now + timedelta(seconds=MONTH * 0.74))
    assert (refreshes(world), connection(world).version) == (0, 1)
    upkeep.look(TEAM, now + timedelta(seconds=MONTH * 0.76))
    assert (refreshes(world), connection(world).version) == (1, 2)
    upkeep.look(TEAM, now + timedelta(seconds=MONTH * 0.76))
    assert refreshes(world) == 2  # it is as if the new one were as old: its own row says when it ends
    world.preview(world.sheet(1))


def test_a_running_bot_renews_it_by_itself(world: World) -> None:
    ends_in(world, days=7)
    world.slack.wait_for(lambda: connection(world).version == 2)
    assert connection(world).expires_at > datetime.now(UTC) + timedelta(days=29)


def test_a_token_that_ends_while_entries_are_posted_is_renewed_and_nobody_notices(world: World) -> None:
    held = world.hold(nth=2)
    world.begin(world.sheet(6))
    with held:
        world.clio.oauth.expire_all()
    world.finish()
    world.assert_truth()
    assert len([one for one in world.posts() if one.status == 201]) == 6
    assert "Paused" not in world.text()
    assert refreshes(world) == 1


def test_a_refresh_token_that_is_replaced_is_kept_and_serves_the_next_time(world: World) -> None:
    world.clio.oauth.rotates = True
    for version in (2, 3, 4):
        ends_in(world, days=7)
        world.slack.wait_for(lambda wanted=version: connection(world).version == wanted)
    assert len(world.clio.oauth.grants) == 1
    tokens = world.store.connections.tokens(connection(world).id)
    assert tokens is not None
    assert tokens.refresh == world.clio.oauth.grants[0].refresh
    world.preview(world.sheet(1))


def test_many_that_meet_a_refusal_at_once_renew_it_once(world: World) -> None:
    assert world.bot is not None
    row = connection(world)
    tokens = world.store.connections.tokens(row.id)
    assert tokens is not None
    world.clio.oauth.expire_all()
    found: list[bool] = []
    refresh = world.bot.connections.refresh
    others = [
        threading.Thread(target=lambda: found.append(refresh.after_refusal(TEAM, row.id, tokens.access)))
        for _ in range(8)
    ]
    for one in others:
        one.start()
    for one in others:
        one.join()
    assert found == [True] * 8
    assert refreshes(world) == 1


def test_of_two_processes_that_renew_at_once_the_later_one_takes_what_the_first_has_kept(world: World) -> None:
    world.clio.oauth.rotates = True
    row = connection(world)
    ours = world.store.connections.tokens(row.id)
    assert ours is not None
    elsewhere = Refresh(world.store, world.settings())  # of another process: it has a lock of its own
    world.clio.faults.add("delay", method="POST", path="/oauth/token", seconds=2.0)  # it asks first, and is heard last
    asked, found = len(world.clio.calls), []
    late = threading.Thread(target=lambda: found.append(elsewhere.after_refusal(TEAM, row.id, ours.access)))
    late.start()
    world.slack.wait_for(lambda: len(world.clio.calls) > asked)
    assert world.bot is not None
    assert world.bot.connections.refresh.after_refusal(TEAM, row.id, ours.access)
    late.join()
    assert found == [True]  # Clio has refused its refresh token, which the other has used up
    assert (connection(world).id, connection(world).version) == (row.id, 2)
    world.preview(world.sheet(1))


def test_clio_that_is_away_is_asked_again_later_and_the_token_serves_on(world: World) -> None:
    world.clio.faults.add("error_before", method="POST", path="/oauth/token", times=None)
    ends_in(world, days=7)
    world.slack.wait_for(lambda: connection(world).refresh_at is not None)
    assert connection(world).can_refresh
    world.preview(world.sheet(1))


def test_a_sign_in_that_clio_takes_back_pauses_and_goes_on_after_the_next(world: World, tmp_path: Path) -> None:
    held = world.hold(nth=2)
    world.begin(world.sheet(4))
    with held:
        world.clio.oauth.revoke_all()
    said = world.until("Clio no longer accepts our sign-in. Whoever runs the bot signs in to Clio with")
    assert "brought-forward connect" in said
    assert "Posting then goes on by itself; nothing is lost or doubled." in said
    assert world.batch().status is BatchStatus.PAUSED
    assert world.store.connections.of(TEAM, Source.CONNECT) is None
    last = world.store.connections.last(TEAM)
    assert last is not None
    assert last.ended_by is Ended.REFUSED
    assert Terminal(world, tmp_path).connect().returncode == 0
    world.finish()
    world.assert_truth()


def test_another_account_that_is_connected_meanwhile_gets_nothing_of_the_batch(world: World) -> None:
    held = world.hold(nth=2)
    world.begin(world.sheet(4))
    with held:
        sign_in(world, world.store, account="us:9")
    world.until("another Clio account")
    assert world.batch().status is BatchStatus.PAUSED
    assert len(world.posts()) == 2
    sign_in(world, world.store)
    world.finish()
    world.assert_truth()


def test_what_waits_goes_on_within_seconds_of_the_next_sign_in_however_seldom_the_bot_looks_else(world: World) -> None:
    world.restart(balances_timing=FAST.model_copy(update={"sweep": 600.0}))
    held = world.hold(nth=2)
    world.begin(world.sheet(3))
    with held:
        world.clio.oauth.revoke_all()
    world.until("Posting then goes on by itself")
    sign_in(world, world.store)
    world.slack.wait_for(lambda: world.batch().status is not BatchStatus.PAUSED, timeout=5)
    world.finish()


def test_a_token_that_clio_refuses_as_soon_as_it_gave_it_is_not_asked_for_for_ever(world: World) -> None:
    world.clio.faults.add("signed_out", path="/users/*", times=None)
    world.clio.faults.add("signed_out", path="/settings/*", times=None)
    world.drop(world.sheet(1))
    world.until("Clio no longer accepts our sign-in.")
    asked = len(world.clio.calls)
    world.slack.wait_for(lambda: len(world.clio.calls) > asked + 3)
    assert refreshes(world) == 1


def test_one_firm_goes_on_though_nobody_has_signed_in_for_another(world: World) -> None:
    rows = world.sheet(2)
    ours, others = (world.preview([row], name=name).id for row, name in zip(rows, ("a.csv", "b.csv"), strict=True))
    with world.store.transaction() as db:  # both wait for a sign-in; there is one for the first one's firm
        db.execute("UPDATE batch SET status = 'paused', halt = 'signed_out'")
        db.execute("UPDATE batch SET firm = 'T0ELSEWHERE' WHERE id = ?", (others,))
    world.slack.wait_for(lambda: world.batch(ours).status is BatchStatus.POSTED)
    assert world.batch(others).status is BatchStatus.PAUSED


def test_an_undo_waits_for_the_next_sign_in_too(world: World) -> None:
    world.finish(world.begin(world.sheet(2)))
    world.clio.oauth.revoke_all()
    world.click(world.slack.manager, "Undo")
    world.until("The undo then goes on by itself.")
    sign_in(world, world.store)
    world.wait_for_status(BatchStatus.UNDONE)
    assert world.clio.time_entries == []


@pytest.mark.parametrize("why", ["no refresh token", "no secret", "a wrong secret"])
def test_approvers_hear_14_3_and_1_days_before_one_that_cannot_be_renewed_ends(world: World, why: str) -> None:
    """A wrong secret is known once it was tried: at a quarter of the token's life left."""
    known = [3, 1] if why == "a wrong secret" else [14, 3, 1]
    if why == "no refresh token":
        forget_refresh_token(world)
    elif why == "no secret":
        world.restart(clio_client_secret="")
    else:
        world.clio.oauth.app.client_secret = "another by now"
    for days in (15, 13, 12, 2.5, 2.4, 0.5, 0.4):
        ends_in(world, days=days)
        looked(world)
        due = [one for one in known if days <= one][-1:]
        world.slack.wait_for(lambda wanted=due: all(f"ends within {one} day" in direct(world) for one in wanted))
    said = direct(world)
    assert [said.count(f"ends within {days} day") for days in (14, 3, 1)] == [int(days in known) for days in (14, 3, 1)]
    assert "brought-forward connect" in said
    assert "Posting then pauses and loses nothing." in said


def test_one_that_renews_itself_is_nobodys_worry(world: World) -> None:
    assert world.bot is not None
    world.bot.upkeep.look(TEAM, datetime.now(UTC) + timedelta(days=29, hours=23))
    assert direct(world) == ""
    assert connection(world).warned is None


@pytest.mark.file
def test_a_lost_key_pauses_and_names_what_to_put_back(world: World) -> None:
    key = Path(f"{world.db}.key")
    kept = key.read_text()
    key.unlink()
    world.drop(world.sheet(1))
    said = world.until("is not at hand")
    assert "AR.csv waits, and nothing of it is posted." in said
    key.write_text(kept)
    world.until("ready for approval")


def test_a_sign_in_without_a_told_life_is_renewed_when_clio_refuses_it(world: World) -> None:
    tokens = granted(world.clio)
    sign_in(world, world.store, tokens=replace(tokens, life=None))
    assert connection(world).expires_at is None
    world.preview(world.sheet(1))
    world.clio.oauth.expire_all()
    world.preview(world.sheet(2)[1:], name="second.csv")
    assert connection(world).version == 2


def looked(world: World) -> None:
    """Look once, as the bot does every two seconds."""
    assert world.bot is not None
    world.bot.upkeep.look(TEAM, datetime.now(UTC))


def direct(world: World) -> str:
    """All that the manager was told directly."""
    return "\n".join(world.slack.plain(one) for one in world.told_directly(world.slack.manager))
