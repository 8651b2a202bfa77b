"""The Home tab: what waits, what is mine, what is recent, and only for who may see it."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from test_host import Host
from world import FAST, World

from brought_forward.sandbox.clio import firm_of_size, sample_firm
from brought_forward.storage.records.batch import BatchStatus


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = World(tmp_path_factory.mktemp("home"), firm_of_size(120, 4))
    try:
        yield made.ready()
        assert made.contract.violations == []
    finally:
        made.close()


@pytest.fixture
def world(opened: World) -> World:
    return opened.ready()


def shown(world: World, user: Any) -> str:
    view = world.slack.home(user)
    return world.slack.plain(view) if view else ""


def until(world: World, user: Any, is_right: Callable[[str], bool]) -> str:
    world.slack.wait_for(lambda: is_right(shown(world, user)))
    return shown(world, user)


def part(text: str, title: str) -> str:
    """The lines of one part of a tab, up to the next heading."""
    heads = {"Waiting for me", "Brought by me", "Recent, by others", "Posted by month"}
    lines = text.splitlines()
    after = lines[lines.index(title) + 1 :]
    return "\n".join(after[: next((at for at, line in enumerate(after) if line in heads), len(after))])


def publishes(world: World, user: Any) -> int:
    return sum(call.method == "views.publish" and call.args["user_id"] == user.id for call in world.slack.calls)


def due(world: World) -> int:
    """How many tabs wait to be looked at."""
    with world.store.transaction() as db:
        return int(db.execute("SELECT count(*) FROM home WHERE due_at IS NOT NULL").fetchone()[0])


def test_an_approver_sees_what_waits_for_them_and_what_it_became(world: World) -> None:
    batch = world.preview(world.fresh(2), name="AR home.csv")
    text = world.home(world.slack.manager, batch.name)
    amount = "$" + f"{sum(entry.amount for entry in world.entries(batch.id)):,.2f}"
    line = f"AR home.csv ({batch.name}): 2 entries, {amount}, waiting for approval. Brought by @staff. open the thread"
    assert line in part(text, "Waiting for me")
    assert line not in part(text, "Recent, by others")
    world.click(world.slack.manager, "Approve")
    world.finish(batch.id)
    done = f"AR home.csv ({batch.name}): 2 of 2 posted, {amount}, done. open the thread"
    text = until(world, world.slack.manager, lambda text: done in text)
    assert done in part(text, "Recent, by others")
    assert batch.name not in part(text, "Waiting for me")


def test_what_i_brought_does_not_wait_for_me(world: World) -> None:
    batch = world.preview(world.fresh(1), name="AR own.csv", user=world.slack.manager)
    text = world.home(world.slack.manager, batch.name)
    assert f"({batch.name})" in part(text, "Brought by me")
    assert batch.name not in part(text, "Waiting for me") + part(text, "Recent, by others")
    assert f"({batch.name})" in part(world.home(world.slack.partner, batch.name), "Waiting for me")


def test_names_and_sums_are_shown_only_to_who_brought_it_and_to_approvers(world: World) -> None:
    batch = world.preview(world.fresh(1), name="AR secret.csv")
    text = world.home(world.slack.outsider, batch.name)
    assert f"{batch.name}: 1 entry, waiting for approval. Brought by @staff." in part(text, "Recent, by others")
    assert "secret" not in text
    assert "$" not in text
    assert "Waiting for me" not in text
    assert "AR secret.csv" in part(world.home(world.slack.staff, batch.name), "Brought by me")


def test_a_guest_gets_one_sentence_and_loses_what_they_saw_as_a_member(world: World) -> None:
    assert world.home(world.slack.guest, "guests") == "Balances are shown to members of the firm, not to guests."
    person = world.slack.add_person("temp")
    batch = world.preview(world.fresh(1))
    world.home(person, batch.name)
    world.slack.change_person(person, is_restricted=True)
    world.preview(world.fresh(1))
    until(world, person, lambda text: text == "Balances are shown to members of the firm, not to guests.")


def test_only_who_has_opened_the_tab_is_published_to(world: World) -> None:
    person = world.slack.add_person("late")
    world.home(world.slack.staff, "Recent")
    batch = world.preview(world.fresh(1))
    until(world, world.slack.staff, lambda text: batch.name in text)
    assert world.slack.home(person) is None
    world.slack.open_home(person, "messages")
    other = world.preview(world.fresh(1))
    until(world, world.slack.staff, lambda text: other.name in text)
    assert world.slack.home(person) is None


def test_sums_by_month_are_the_firms_for_approvers_and_ones_own_for_others(world: World) -> None:
    number = world.begin(world.fresh(2))
    world.finish(number)
    table = "What was posted, by month, newest first"
    held = [entry.total for entry in world.clio.time_entries]
    every = f"{len(held)} | ${sum(held):,.2f}"
    world.home(world.slack.manager, table)  # shown as it was kept until the change's own publishing comes
    everything = part(until(world, world.slack.manager, lambda text: every in text), "Posted by month")
    assert "All batches, by the date of the entries" in everything
    assert table not in world.home(world.slack.outsider, "Recent")
    assert "What you brought" in world.home(world.slack.staff, table)


def test_a_held_batch_says_so_and_waits_for_no_approver(world: World) -> None:
    world.slack.rules.subscriptions = ("message", "app_home_opened")
    rows = "\n".join(["Matter,User,Balance", *(",".join(map(str, row[:3])) for row in world.fresh(1))])
    world.slack.upload(world.slack.staff, "balances", "AR.csv", rows.encode(), comment="total 1.00")
    world.slack.wait_for(lambda: "Held" in world.text())
    batch = world.newest()
    held = f"({batch.name}): 1 entry, "
    world.home(world.slack.manager, batch.name)
    text = until(world, world.slack.manager, lambda text: held in text)
    assert batch.name not in part(text, "Waiting for me")
    assert "on hold: totals differ by $" in part(text, "Recent, by others")


def test_a_tab_that_says_the_same_is_not_published_again(world: World) -> None:
    def heard() -> int:
        return sum(one.kind == "app_home_opened" for one in world.slack.deliveries)

    def open_and_wait(user: Any) -> None:
        before = heard()
        world.home(user, "Recent")
        world.slack.wait_for(lambda: heard() > before)
        world.slack.wait_for(lambda: not (world.store.batches.to_move() or world.store.messages.owed() or due(world)))

    for user in (world.slack.staff, world.slack.add_person("first")):  # one at a time, so staff's is published then
        open_and_wait(user)
    before = publishes(world, world.slack.staff)
    for user in (world.slack.staff, world.slack.add_person("other")):
        open_and_wait(user)
    assert publishes(world, world.slack.staff) == before


def test_a_tab_that_shows_something_else_is_made_anew(world: World) -> None:
    world.home(world.slack.staff, "Recent")
    client = WebClient(world.slack.bot_token, base_url=world.slack.api_url)
    odd = {"type": "home", "blocks": [{"type": "section", "text": {"type": "plain_text", "text": "odd"}}]}
    client.views_publish(user_id=world.slack.staff.id, view=odd)
    world.home(world.slack.staff, "Recent")  # the event names what the tab shows
    client.views_publish(user_id=world.slack.staff.id, view=odd)  # and here nobody says so: a hash conflict
    batch = world.preview(world.fresh(1))
    until(world, world.slack.staff, lambda text: batch.name in text)


def test_trouble_with_the_tab_delays_it_and_disturbs_no_posting(world: World) -> None:
    world.home(world.slack.staff, "Recent")
    world.slack.faults.add("views.publish", "internal_error", times=3)
    world.slack.faults.add("views.publish", "ratelimited", seconds=0.1)
    number = world.begin(world.fresh(1))
    world.finish(number)
    until(world, world.slack.staff, lambda text: f"(B{number}): 1 of 1 posted" in text)
    assert world.batch(number).status is BatchStatus.POSTED


def test_while_slack_does_not_say_who_somebody_is_their_tab_stays_as_it_was(world: World) -> None:
    world.home(world.slack.staff, "Recent")
    world.slack.faults.add("users.info", "internal_error", times=2)
    world.slack.open_home(world.slack.staff)
    batch = world.preview(world.fresh(1))
    until(world, world.slack.staff, lambda text: batch.name in text)
    sent = [call.args for call in world.slack.calls if call.method == "views.publish"]
    assert not any("guests" in str(one["view"]) for one in sent if one["user_id"] == world.slack.staff.id)


def test_many_changes_at_once_are_one_publication(world: World) -> None:
    gap = 1.5
    world.ready(balances_timing=FAST.model_copy(update={"home_gap": gap}))
    world.home(world.slack.staff, "Recent")
    world.slack.wait_for(lambda: not due(world))  # what changed before is published
    began = time.monotonic()
    before = publishes(world, world.slack.staff)
    number = world.begin(world.fresh(3))
    world.finish(number)
    until(world, world.slack.staff, lambda text: f"(B{number}): 3 of 3 posted" in text)
    assert publishes(world, world.slack.staff) - before <= (time.monotonic() - began) / gap + 2


def test_the_button_opens_the_form(world: World) -> None:
    world.home(world.slack.staff, "Bring a file forward")
    world.slack.click(world.slack.staff, "Bring a file forward", world.slack.home(world.slack.staff))
    view = world.form(world.slack.staff, "Bring balances forward")
    assert [block["block_id"] for block in view.payload["blocks"]] == ["file", "channel", "date", "total"]


def test_where_slack_knows_no_native_tables_the_tab_and_every_message_are_plain(world: World) -> None:
    world.slack.rules.data_blocks = False
    try:
        number = world.begin(world.fresh(1))
        world.finish(number)
        text = world.home(world.slack.manager, f"(B{number}): 1 of 1 posted")
        assert "What was posted, by month" in text
        assert {block["type"] for block in world.slack.home(world.slack.manager).payload["blocks"]} == {
            "actions", "section"
        }  # fmt: skip
        assert "[Bring a file forward]" in text
        assert "| Posted" in world.text()
    finally:
        world.slack.rules.data_blocks = True


class OwnTab(Host):
    """A host whose Home tab is its own, attached after the bot."""

    late = True

    def listen(self, app: App) -> None:
        @app.event("app_home_opened")
        def home(client: WebClient, event: dict[str, Any]) -> None:
            block = {"type": "section", "text": {"type": "plain_text", "text": "The firm's own"}}
            client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [block]})


def test_a_hosts_own_tab_stays_the_hosts(tmp_path: Any) -> None:
    host = OwnTab(tmp_path, sample_firm())
    try:
        host.start()
        assert host.home(host.slack.staff, "own") == "The firm's own"
        host.preview(host.sheet(1))
        host.slack.wait_for(lambda: not host.store.messages.owed())
        assert shown(host, host.slack.staff) == "The firm's own"
        assert publishes(host, host.slack.staff) == 1
    finally:
        host.close()
