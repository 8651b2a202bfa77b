"""An approval with a comment: the same decision, by a form."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from world import World, shared

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.storage.records.batch import BatchStatus

MENU = "Approve with a comment"


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("comments"), firm_of_size(200, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def comment(world: World, user: Any, text: str = "Agrees with the\n<@U1> ledger of May.") -> Any:
    return world.slack.submit(user, world.choose(user, MENU), {"Comment": text})


def test_the_form_has_the_facts_of_the_button_and_the_comment_stands_with_the_decision(world: World) -> None:
    batch = world.preview(world.fresh(2))
    asked = next(part["confirm"] for block in world.said().blocks for part in block.get("elements", [])
                 if part.get("action_id") == "balances_approve")  # fmt: skip
    form = world.choose(world.slack.manager, MENU)
    text = world.slack.plain(form)
    assert asked["text"]["text"] in text
    assert f"[{asked['confirm']['text']}]" in text
    too_long = world.slack.submit(world.slack.manager, form, {"Comment": "x" * 501})
    assert too_long.error == "not_sent"
    comment(world, world.slack.manager)
    world.shows(batch, "Approved by @manager: Agrees with the <@U1> ledger of May.")
    world.done(batch)
    assert len([one for one in world.entries(batch.id) if one.clio_id]) == 2
    (kept,) = world.store.decisions.of_batch(batch.id)
    assert (kept["action"], kept["allowed"], kept["actor"]) == ("approve", 1, world.slack.manager.id)
    assert kept["reason"] == "Agrees with the\n<@U1> ledger of May."
    assert kept["clicked"] == (batch.hash or "")[:12]


def test_a_form_of_an_older_preview_approves_nothing(world: World) -> None:
    batch = world.preview(world.fresh())
    form = world.choose(world.slack.manager, MENU)
    assert batch.posting_date is not None
    world.date(world.slack.staff, batch.posting_date - timedelta(days=1), world.message("preview", batch.id))
    world.shows(batch, "revision 2")
    answer = world.slack.submit(world.slack.manager, form, {"Comment": "Fine."})
    assert "These are the buttons of an older preview" in answer.body
    assert world.batch(batch.id).status is BatchStatus.PREVIEWED


def test_who_may_not_approve_gets_no_form_and_is_checked_again_when_it_is_sent(world: World) -> None:
    batch = world.preview(world.fresh(), user=world.slack.partner)
    assert world.not_chosen(world.slack.outsider, MENU).startswith("Only approvers can approve")
    told = world.not_chosen(world.slack.partner, MENU)
    assert told == "You uploaded this file, so someone else approves it: @manager."
    form = world.choose(world.slack.manager, MENU)
    world.ready(balances_approvers=(world.slack.partner.id,))
    answer = world.slack.submit(world.slack.manager, form, {"Comment": "Fine."})
    assert "Only approvers can approve" in answer.body
    assert world.batch(batch.id).status is BatchStatus.PREVIEWED
    world.ready()


def test_what_is_held_meanwhile_is_not_approved_by_the_form(world: World) -> None:
    batch = world.preview(world.fresh())
    form, asking = world.choose(world.slack.manager, MENU), world.choose(world.slack.partner, "Ask")
    world.slack.submit(world.slack.partner, asking, {"Question": "Why?"})
    answer = world.slack.submit(world.slack.manager, form, {"Comment": "Fine."})
    assert "It is held: " in answer.body
    assert world.batch(batch.id).status is BatchStatus.PREVIEWED


def test_each_of_two_approvals_has_its_own_comment(world: World) -> None:
    world.ready(balances_two_approvers_above=Decimal(1))
    batch = world.preview(world.fresh())
    form = world.choose(world.slack.manager, MENU)
    assert "A second approver is still needed; nothing is posted before." in world.slack.plain(form)
    assert "[Record my approval]" in world.slack.plain(form)
    world.slack.submit(world.slack.manager, form, {"Comment": "First looks right."})
    world.shows(batch, 'Approved by @manager, "First looks right."; one more approver is needed')
    assert world.batch(batch.id).status is BatchStatus.PREVIEWED
    told = world.not_chosen(world.slack.manager, MENU)
    assert told == "You approved this already. Above $1.00 one more approver is needed: @partner."
    form = world.choose(world.slack.partner, MENU)
    assert "Post 1 entry" in world.slack.plain(form)
    world.slack.submit(world.slack.partner, form, {"Comment": "So does the second."})
    text = world.shows(batch, "Approved by @partner: So does the second.")
    assert "Approved by @manager: First looks right." in text
    world.done(batch)
    world.ready()


def test_the_first_of_two_comments_stands_beside_a_second_approval_without_one(world: World) -> None:
    world.ready(balances_two_approvers_above=Decimal(1))
    batch = world.preview(world.fresh())
    comment(world, world.slack.manager, "By the ledger.")
    world.shows(batch, "one more approver is needed")
    world.click(world.slack.partner, "Approve")
    text = world.shows(batch, "Approved by @partner.")
    assert "Approved by @manager: By the ledger." in text
    world.done(batch)
    world.ready()


def test_a_report_total_is_typed_by_members_only(world: World) -> None:
    world.preview(world.fresh())
    assert world.refused(world.slack.guest, "Type the report's total") == "Guests cannot do this."
    assert world.slack.views(world.slack.guest) == []
