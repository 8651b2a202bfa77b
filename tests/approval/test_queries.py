"""An approver asks, and until it is answered or withdrawn nobody approves."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from world import World, shared

from brought_forward.sandbox.clio import firm_of_size
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.query import QueryEnd

WHY = "Why is 00012 so much more than last month?\n<!channel> Is it the retainer?"


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("queries"), firm_of_size(200, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def ask(world: World, user: Any = None, text: str = WHY) -> Any:
    """Ask from the preview; returns the message with the question."""
    user = user or world.slack.manager
    before = len(world.store.queries.of_batch(world.newest().id))
    form = world.choose(user, "Ask")
    assert world.slack.submit(user, form, {"Question": text}).body == ""
    number = world.store.queries.of_batch(world.newest().id)[before].id
    return world.message(f"query-{number}", world.newest().id)


def shown(world: World, slot: str, words: str) -> str:
    """Wait until a message of the newest batch says this."""

    def text() -> str:
        said = world.slack.plain(world.message(slot, world.newest().id))
        return said if words in said else ""

    return str(world.slack.wait_for(text, timeout=20))


def log(world: World, batch: Batch) -> list[tuple[str, str, int, str]]:
    return [(one["actor"], one["action"], one["allowed"], one["reason"])
            for one in world.store.decisions.of_batch(batch.id)]  # fmt: skip


def test_a_question_holds_the_approval_until_it_is_answered(world: World) -> None:
    batch = world.preview(world.fresh(2))
    preview = world.message("preview", batch.id)
    question = ask(world)
    said = world.slack.plain(question)
    assert said.startswith(f"@staff: @manager asks about AR.csv ({batch.name})")
    assert "<!channel> Is it the retainer?" in said  # as it was typed, and nobody is called by it
    assert question.thread_ts == batch.thread_ts
    assert "retainer" not in question.text  # notifications show that on locked screens
    text = shown(world, "preview", "Held: @manager asks @staff:")
    assert "2 entries" in text.partition("\n")[0]
    assert text.partition("\n")[0].endswith(", on hold: a question waits for an answer")
    assert "[Approve" not in text
    assert world.offered(world.message("preview", batch.id)) == ["Ask", "Change the date"]
    held = world.refused(world.slack.partner, "Approve", preview, snapshot=preview.blocks)
    assert held.startswith('It is held: @manager asks @staff, "Why is 00012 so much more')
    assert world.batch(batch.id).status is BatchStatus.PREVIEWED

    form = world.open_form(world.slack.staff, "Answer")
    assert "Why is 00012 so much more than last month?" in world.slack.plain(form)
    assert world.slack.submit(world.slack.staff, form, {"Answer": "Yes.\nIt was spent in May."}).body == ""
    (query,) = world.store.queries.of_batch(batch.id)
    assert (query.ended, query.ended_by, query.answer) == (
        QueryEnd.ANSWERED, world.slack.staff.id, "Yes.\nIt was spent in May."
    )  # fmt: skip
    assert "[" not in shown(world, f"query-{query.id}", "Answered by @staff.")
    answer = shown(world, f"answered-{query.id}", "It was spent in May.")
    assert answer.startswith(f"@manager: @staff answers about AR.csv ({batch.name})")
    assert answer.endswith("look at the preview, then Approve or Reject.")
    shown(world, "preview", "ready for approval")
    world.click(world.slack.manager, "Approve")  # who asked may approve
    world.slack.wait_for(lambda: world.batch(batch.id).read_back is not None, timeout=20)
    assert len([one for one in world.entries(batch.id) if one.clio_id]) == 2
    assert [one[:3] for one in log(world, batch)] == [
        (world.slack.manager.id, "ask", 1), (world.slack.partner.id, "approve", 0), (world.slack.staff.id, "reply", 1),
        (world.slack.manager.id, "approve", 1),
    ]  # fmt: skip
    assert log(world, batch)[0][3] == WHY
    assert log(world, batch)[2][3] == "Yes.\nIt was spent in May."


def test_the_command_and_the_home_tab_say_who_asks_whom(world: World) -> None:
    batch = world.preview(world.fresh())
    ask(world, world.slack.partner)
    assert "on hold: @partner asks @staff" in world.asked(world.slack.manager, f"status {batch.name}")
    assert "on hold: @partner asks @staff" in world.asked(world.slack.staff, "list").partition("\n")[0]
    assert "on hold: its thread says why" in world.asked(world.slack.outsider, f"status {batch.name}")
    assert "on hold: @partner asks @staff" in world.home(world.slack.staff, "asks")


def test_who_asked_or_another_approver_withdraws_it(world: World) -> None:
    batch = world.preview(world.fresh())
    for by in (world.slack.manager, world.slack.partner):
        question = ask(world)
        refused = world.refused(world.slack.staff, "Withdraw the question", question)
        assert refused == "Only approvers can withdraw it in place of @manager: @manager or @partner."
        world.click(by, "Withdraw the question", question)
        (*_, query) = world.store.queries.of_batch(batch.id)
        shown(world, f"query-{query.id}", f"Withdrawn by @{by.name}.")
        shown(world, "preview", "ready for approval")
        told = world.refused(world.slack.staff, "Answer", question, snapshot=question.blocks)
        assert told == f"@{by.name} withdrew this question already."


def test_only_an_approver_asks_and_not_of_themselves(world: World) -> None:
    world.preview(world.fresh(), user=world.slack.manager)
    assert world.not_chosen(world.slack.outsider, "Ask") == "Only approvers can ask: @manager or @partner."
    assert world.not_chosen(world.slack.guest, "Ask").startswith("Only approvers can ask")
    own = world.not_chosen(world.slack.manager, "Ask")
    assert own == "You brought this file, so a question about it would go to yourself."
    assert world.store.queries.of_batch(world.newest().id) == []


def test_somebody_else_is_told_who_answers(world: World) -> None:
    world.preview(world.fresh())
    question = ask(world)
    told = world.refused(world.slack.outsider, "Answer", question)
    assert told == "Only approvers can answer in place of @staff: @manager or @partner."
    assert world.slack.views(world.slack.outsider) == []
    form = world.open_form(world.slack.partner, "Answer")  # another approver may know it
    world.slack.submit(world.slack.partner, form, {"Answer": "I know that one: it is right."})
    shown(world, "preview", "ready for approval")


def test_an_answer_is_checked_again_when_it_is_sent_and_the_first_one_wins(world: World) -> None:
    batch = world.preview(world.fresh())
    ask(world)
    forms = [world.open_form(one, "Answer") for one in (world.slack.partner, world.slack.staff)]
    world.ready(balances_approvers=(world.slack.manager.id,))
    late = world.slack.submit(world.slack.partner, forms[0], {"Answer": "It is."})
    assert "Only approvers can answer in place of" in late.body
    world.ready()
    world.slack.submit(world.slack.staff, forms[1], {"Answer": "It is right."})
    other = world.slack.submit(world.slack.partner, world.slack.views(world.slack.partner)[-1], {"Answer": "It is."})
    assert "answered this question already" in other.body
    (query,) = world.store.queries.of_batch(batch.id)
    assert query.answer == "It is right."


def test_a_correction_leaves_the_question_open_and_a_rejection_closes_it(world: World) -> None:
    batch = world.preview(world.fresh())
    question = ask(world)
    assert batch.posting_date is not None
    world.date(world.slack.staff, batch.posting_date - timedelta(days=1), world.message("preview", batch.id))
    shown(world, "preview", "revision 2")
    assert "Held: @manager asks @staff" in shown(world, "preview", "revision 2")
    (query,) = world.store.queries.of_batch(batch.id)
    assert query.is_open
    form = world.choose(world.slack.partner, "Ask")
    world.reject(world.slack.manager)
    closed = shown(world, f"query-{query.id}", "Closed: the batch was rejected.")
    assert "[Answer]" not in closed
    told = world.refused(world.slack.staff, "Answer", question, snapshot=question.blocks)
    assert told == "The batch is decided, and its question is closed."
    late = world.slack.submit(world.slack.partner, form, {"Question": "And now?"})
    assert "@manager> rejected this just now" in late.body.replace(f"<@{world.slack.manager.id}>", "@manager>")
    assert len(world.store.queries.of_batch(batch.id)) == 1


def test_two_questions_hold_until_both_are_over_and_a_form_sent_twice_is_one(world: World) -> None:
    batch = world.preview(world.fresh())
    ask(world, text="Is this the May sheet?")
    form = world.choose(world.slack.partner, "Ask")
    world.slack.faults.add("users.info", "internal_error")  # the first sending is refused, and nothing is asked
    assert "Slack did not tell me who you are" in world.slack.submit(
        world.slack.partner, form, {"Question": "And who is Ann?"}
    ).body  # fmt: skip
    form = world.slack.views(world.slack.partner)[-1]
    for _ in range(2):
        world.bot.queries.decide(_decision(world, batch, form))  # type: ignore[union-attr]
    first, second = world.store.queries.of_batch(batch.id)
    text = shown(world, "preview", "Held: 2 questions to @staff:")
    assert '@manager: "Is this the May sheet?"' in text
    assert "on hold: @manager and @partner ask @staff" in world.asked(world.slack.staff, f"status {batch.name}")
    for query, words in ((second, "It is still on hold: @manager asks @staff."), (first, "look at the preview")):
        form = world.open_form(world.slack.staff, "Answer", query.text)
        world.slack.submit(world.slack.staff, form, {"Answer": "Yes."})
        shown(world, f"answered-{query.id}", words)
    shown(world, "preview", "ready for approval")


def _decision(world: World, batch: Batch, form: Any) -> Any:
    from brought_forward.bot.slack.clicks import Decision

    value = {"reason": {"reason": {"value": "And who is Ann?"}}}
    view = {"private_metadata": form.payload["private_metadata"], "callback_id": "balances_ask",
            "state": {"values": value}}  # fmt: skip
    return Decision.from_form({"user": {"id": world.slack.partner.id, "team_id": batch.firm}, "view": view})


def test_a_question_waits_for_its_answer_over_a_restart_and_with_two_approvers(world: World) -> None:
    world.ready(balances_two_approvers_above=Decimal(1))
    batch = world.preview(world.fresh())
    world.click(world.slack.manager, "Approve")
    shown(world, "preview", "one more approver is needed")
    old = world.message("preview", batch.id)
    ask(world, world.slack.partner)
    world.restart(balances_two_approvers_above=Decimal(1))
    held = world.refused(world.slack.partner, "Approve", old, snapshot=old.blocks)
    assert "@partner asks @staff" in held
    form = world.open_form(world.slack.staff, "Answer")
    world.slack.submit(world.slack.staff, form, {"Answer": "Yes."})
    shown(world, "preview", "one more approver is needed")  # the first approval stands: nothing of the batch changed
    world.click(world.slack.partner, "Approve")
    world.slack.wait_for(lambda: world.batch(batch.id).read_back is not None, timeout=20)
    world.ready()


def test_with_no_answer_it_expires_as_it_would(world: World) -> None:
    world.ready(balances_expire_hours=0.0006)
    batch = world.preview(world.fresh())
    number = world.store.queries.add(batch, by=world.slack.manager.id, said="1.0", text="Why?")
    world.slack.wait_for(lambda: world.batch(batch.id).status is BatchStatus.EXPIRED, timeout=20)
    shown(world, f"query-{number}", "Closed: nobody decided the batch in time.")
    world.ready()
