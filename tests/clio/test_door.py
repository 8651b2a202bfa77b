"""At Clio's door: a permission that is missing, an account that is not named, a field that Clio no longer knows."""

import threading

import pytest
from world import World

from brought_forward.bot.clio.connection import Connections
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus

WHO, USERS, MATTERS, BILLING = "/users/who_am_i.json", "/users.json", "/matters.json", "/settings/billing.json"


def journey(world: World) -> str:
    """Bring a sheet of three forward, to the end."""
    world.finish(world.begin(world.sheet(3)))
    assert len(world.clio.time_entries) == 3
    world.assert_truth()
    return world.text()


def sign_ins(world: World) -> set[str]:
    """Name the rows that the pace is kept in."""
    with world.store.transaction() as db:
        return {row["connection"] for row in db.query("SELECT connection FROM pace")}


# Whose account it is


def test_without_who_am_i_all_goes_by_the_place_and_the_account_owner(world: World) -> None:
    world.clio.faults.add("forbidden", path=WHO, times=None)
    journey(world)
    owner = f"us:owner-{world.firm.token_user.id}"
    assert world.batch().account == owner
    assert sign_ins(world) == {owner}  # never a row that another firm may share


def test_whoever_asks_whose_account_it_is_holds_up_nobody_who_writes(world: World) -> None:
    """A message says how long posting will take, within the transaction that changes it."""
    assert world.bot is not None
    bot, token = world.bot, world.settings().clio_access_token.get_secret_value()
    connection = Connections(bot.firms, bot.store, threading.Event(), token).of(TEAM)
    found: list[str] = []
    asking = threading.Thread(target=lambda: found.append(connection.account))
    with bot.store.transaction():
        asking.start()
        world.slack.wait_for(lambda: bot.store._file.turns.waiting)
        assert connection.clio.pace.seconds_left(1) >= 0.0
        assert not found
    asking.join()
    assert found == [f"us:{world.firm.account_id}"]


def test_without_the_account_all_goes_by_the_place_and_the_account_owner(world: World) -> None:
    world.clio.faults.add("no_account", times=None)
    journey(world)
    assert world.batch().account == f"us:owner-{world.firm.token_user.id}"
    assert sign_ins(world) == {f"us:{world.firm.token_user.id}"}


@pytest.mark.parametrize("first", [True, False])
def test_an_account_is_the_same_whether_clio_names_it_or_not(world: World, first: bool) -> None:
    def named(it_is: bool) -> None:
        world.clio.faults.clear()
        if not it_is:
            world.clio.faults.add("forbidden", path=WHO, times=None)

    named(first)
    number = world.preview(world.sheet(2)).id
    world.stop()
    named(not first)
    world.start()
    world.click(world.slack.manager, "Approve")
    assert "another Clio account" not in world.finish(number)
    assert len(world.clio.time_entries) == 2


def test_where_clio_tells_neither_user_nor_owner_people_are_told_what_is_missing(world: World) -> None:
    for owner in [user for user in world.firm.users if user.account_owner]:
        world.firm.change(owner, account_owner=False)
    world.clio.faults.add("forbidden", path=WHO, times=None)
    world.drop(world.sheet(1))
    assert "The app needs the permissions Api and Users (read)" in world.until("Try again")


# What it may not read


@pytest.mark.parametrize(
    ("path", "permission"),
    [
        (USERS, "permission Users (read)"),
        (MATTERS, "permission Matters (read)"),
        ("/activity_descriptions.json", "permission Activities (read)"),
        (BILLING, "permission Billing (read)"),
    ],
)
def test_a_read_that_clio_forbids_names_the_permission_and_waits_for_a_person(
    world: World, path: str, permission: str
) -> None:
    world.clio.faults.add("forbidden", path=path, times=None)
    world.drop(world.sheet(2))
    text = world.until("Try again")
    again = world.with_button("Try again")
    assert permission in text
    assert "An administrator of the firm's Clio grants" in text
    assert "I try again by myself" not in text
    assert "waiting until Clio lets the bot read" in world.asked(world.slack.staff, "status B1")
    world.drop(world.sheet(1), name="next.csv")
    world.until("Try again")  # its channel is not held up by the one before it
    world.clio.faults.clear()
    assert "Guests cannot do this" in world.refused(world.slack.guest, "Try again", again)
    assert world.batch().halt == "forbidden"
    world.slack.click(world.slack.staff, "Try again", again)
    world.slack.wait_for(lambda: world.batch().status is BatchStatus.PREVIEWED)


def test_a_start_tries_again_what_clio_forbade(world: World) -> None:
    fault = world.clio.faults.add("forbidden", path=MATTERS, times=None)
    world.drop(world.sheet(2))
    world.until("Try again")
    world.slack.wait_for(lambda: not world.store.batches.to_move())  # the sweep leaves it alone
    asked = fault.served
    world.stop()
    assert fault.served == asked
    world.clio.faults.clear()
    world.start()
    world.until("ready for approval")


def test_a_permission_that_goes_while_a_batch_is_posted_is_named_too(world: World) -> None:
    world.preview(world.sheet(2))
    world.clio.faults.add("forbidden", method="GET", path="/activity_descriptions.json", times=None)
    world.click(world.slack.manager, "Approve")
    assert "The app needs the permission Activities (read)" in world.wait_for_status(BatchStatus.PAUSED)
    world.clio.faults.clear()
    world.press("Go on")
    world.finish()


def test_without_the_billing_settings_the_firms_own_currency_serves_and_tax_is_unknown(world: World) -> None:
    world.restart(balances_currency="USD")
    world.clio.faults.add("forbidden", path=BILLING, times=None)
    text = journey(world)
    assert "Clio does not show the bot whether it adds tax to this firm's bills by default" in text
    assert "*without tax*" in text or "without tax: Clio does not show whether it adds it by default" in text


# What it no longer knows


@pytest.mark.parametrize(
    "field",
    ["custom_number", "billing_method", "initials", "quantity_redacted", "apply_secondary_tax_by_default", "account"],
)
def test_a_field_that_clio_no_longer_knows_is_left_out_where_nothing_hangs_on_it(world: World, field: str) -> None:
    world.clio.faults.add("unknown_field", message=field, times=None)
    journey(world)
    posts = [call for call in world.clio.calls if call.method == "POST" and call.status == 400]
    assert not posts  # what a POST asks for was tried by a GET before


def test_a_field_that_the_bot_cannot_do_without_is_named(world: World) -> None:
    world.clio.faults.add("unknown_field", message="display_number", times=None)
    world.drop(world.sheet(1))
    text = world.until("Try again")
    assert "Clio no longer knows something that the bot has to ask for" in text
    assert "display_number" in text
