"""The app is uninstalled, or its token taken back: nothing more is sent, words wait, and a person lets it go on."""

from typing import Any

import pytest
from dbos import DBOS
from many import Host, House

from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.connection import Left
from brought_forward.storage.records.entry import EntryState

S = BatchStatus


class Never:
    """A run that the engine does not know."""

    status = ""


@pytest.fixture
def house(host: Host) -> House:
    made = host.add("T0ONE", "One Law", "us")
    host.start()
    return made.move_in()


def gone(house: House) -> Any:
    """Wait until it is known that the app is gone, and read how."""

    def ended() -> Any:
        known = house.store.firms.installation(house.team)
        return known if known and known.ended_at else None

    return house.slack.wait_for(ended)


def does(house: House) -> list[str]:
    links = house.store.audit.links(house.team)
    return [str(link.facts["does"]) for link in links if link.kind == "installation"]


def sweeps(host: Host, count: int = 2) -> None:
    """Wait until the sweep has come round so often: all that polls has looked by then, since it looks more often."""
    assert host.bot is not None
    store, sweep, seen = host.bot.store.batches, host.bot.store.batches.to_move, []

    def listened() -> Any:
        seen.append(1)
        return sweep()

    store.to_move = listened  # type: ignore[method-assign]
    try:
        host.houses[0].slack.wait_for(lambda: len(seen) >= count)
    finally:
        del store.to_move


def cut_off(house: House, *, entries: int = 4) -> int:
    """Uninstall while the second entry is under way; returns the batch."""
    held = house.hold(nth=2)
    number = house.begin(house.sheet(entries))
    with held:
        house.host.app.remove(house.slack)
        gone(house)
    return number


def settled(house: House, number: int) -> None:
    house.slack.wait_for(lambda: not [one for one in house.states(number) if one is EntryState.SENDING])


def test_posting_pauses_and_goes_on_by_a_persons_word_once_installed_again(host: Host, house: House) -> None:
    number = cut_off(house)
    settled(house, number)
    assert house.batch(number).status is S.PAUSED
    assert house.states(number).count(EntryState.POSTED) == 2
    assert does(house) == ["installed", "revoked"]
    status = [link for link in house.store.audit.links(house.team) if link.kind == "status"][-1]
    assert (status.facts["status"], status.facts["halt"]) == ("paused", "person")
    asked, posts, owed = len(house.slack.calls), len(house.posts()), house.owed()
    assert owed > 0
    sweeps(host)
    assert (len(house.slack.calls), len(house.posts()), house.owed()) == (asked, posts, owed)
    with house.store.transaction() as db:
        tries = db.execute("SELECT max(attempts) FROM message WHERE firm = ?", (house.team,)).fetchone()[0]
    assert tries <= 1
    assert house.install().status_code == 200
    text = house.until("Nothing new is sent until it is installed again and somebody says Go on.")
    assert "The app's access to this workspace was taken back." in text
    sweeps(host)
    assert len(house.posts()) == posts
    house.click(house.slack.manager, "Go on")
    assert "equal to the cent" in house.finish(number)
    house.assert_truth(number)
    assert len(house.posts()) == 4
    assert house.store.audit.verify(house.team).broken is None


def test_another_firm_goes_on_meanwhile(host: Host, house: House) -> None:
    other = host.add("T0TWO", "Two Law", "eu")
    other.slack.events_url = house.slack.events_url
    other.move_in()
    number = cut_off(house)
    batch = other.begin(other.sheet(3))
    assert "equal to the cent" in other.finish(batch)
    other.assert_truth(batch)
    assert house.batch(number).status is S.PAUSED


def test_a_token_that_is_taken_back_counts_as_gone(host: Host, house: House) -> None:
    host.app.revoke(house.slack)
    assert gone(house).ended_by is Left.REVOKED
    assert house.store.firms.sealed_token(house.team) is None


def test_words_of_an_install_before_this_one_change_nothing(host: Host, house: House) -> None:
    host.app.remove(house.slack)
    gone(house)
    assert house.install().status_code == 200
    (event,) = [one.id for one in house.slack.deliveries if one.kind == "app_uninstalled"][:1]
    assert house.slack.redeliver(event) == 200
    assert house.store.firms.installation(house.team).ended_at is None  # type: ignore[union-attr]
    assert does(house) == ["installed", "revoked", "installed again"]


def test_a_slack_that_does_not_say_whether_it_is_so_tells_again(host: Host, house: House) -> None:
    house.slack.rules.retry_pauses = (0.3, 0.3, 0.3, 0.3, 0.3, 0.3)
    host.app.is_down = True
    host.app.remove(house.slack)
    house.slack.wait_for(lambda: [one for one in house.slack.deliveries if one.status == 500])
    assert house.store.firms.installation(house.team).ended_at is None  # type: ignore[union-attr]
    host.app.is_down = False
    gone(house)


def test_what_slack_told_nobody_is_found_out_where_it_takes_no_words(host: Host, house: House) -> None:
    house.slack.rules.subscriptions = ("file_shared", "app_home_opened")
    number = house.preview(house.sheet(2)).id
    host.app.remove(house.slack)
    house.bot.thread.status(number)
    assert house.store.firms.installation(house.team).ended_at is None  # type: ignore[union-attr]
    assert gone(house).ended_by is Left.REVOKED


def test_a_file_is_read_once_the_app_is_back(host: Host, house: House) -> None:
    house.slack.faults.add("download", "http_500", times=None)
    house.drop(house.sheet(2))
    house.slack.wait_for(lambda: [one for one in house.slack.calls if one.method == "download"])
    host.app.remove(house.slack)
    gone(house)
    house.slack.faults.clear()
    run = f"1:{house.batch(1).run_token}"
    house.slack.wait_for(lambda: (DBOS.get_workflow_status(run) or Never).status == "SUCCESS")
    asked = len(house.slack.calls)
    sweeps(host)
    assert len(house.slack.calls) == asked
    assert run == f"1:{house.batch(1).run_token}"
    assert house.install().status_code == 200
    house.until("ready for approval")


def test_an_undo_ends_and_what_is_left_stays_posted(host: Host, house: House) -> None:
    number = house.begin(house.sheet(4))
    house.finish(number)
    held = house.hold(method="DELETE", path=".json", nth=2)
    house.click(house.slack.manager, "Undo")
    with held:
        host.app.remove(house.slack)
        gone(house)
    house.slack.wait_for(lambda: len(house.clio.time_entries) == 2)
    assert house.install().status_code == 200
    house.until("The rest stays posted.")
    house.slack.wait_for(lambda: house.batch(number).status is not S.UNDOING)
    assert len(house.clio.time_entries) == 2
    assert sorted(house.states(number)) == sorted([EntryState.UNDONE] * 2 + [EntryState.POSTED] * 2)
