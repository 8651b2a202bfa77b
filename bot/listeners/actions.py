"""A button was clicked, something chosen in a menu or a form sent; refusals are told to that person alone.

A click is acknowledged first and then decided. A form is decided first, so that it never closes on nothing.
"""

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from functools import partial
from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk.errors import SlackClientError

from brought_forward.bot.approval.decide import Approval
from brought_forward.bot.approval.holds import Holds
from brought_forward.bot.approval.queries import Queries
from brought_forward.bot.approval.totals import ReportTotals
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.approval import DAY, refused_form
from brought_forward.bot.messages.blocks import ACTION, MENU
from brought_forward.bot.messages.fix_form import notice
from brought_forward.bot.messages.report_total import CALLBACK, FIELD
from brought_forward.bot.posting.decide import Control
from brought_forward.bot.preview.comments import BillComments
from brought_forward.bot.preview.date import PostingDay
from brought_forward.bot.results.ask import Questions
from brought_forward.bot.sheet.cells import Unreadable
from brought_forward.bot.slack.clicks import REASON, Answer, Decision, installed_in, who
from brought_forward.bot.slack.slacks import Slacks
from brought_forward.bot.slack.views import open_form
from brought_forward.bot.undo.decide import UndoDecisions
from brought_forward.storage.scope import of_firm

log = logging.getLogger(__name__)

CLERKS = 12  # clicks carried out at once: each asks Slack who clicked
APPROVAL = ("approve", "confirm_total", "confirm_choices", "try_again")
HOLDS = ("keep_file", "replace", "keep_both")
CONTROL = ("pause", "stop", "go_on", "retry_refused", "remove_entry", "look_again", "form")
TOO_LATE = "Slack did not let me open the form. Click Reject again; nothing was changed."
NO_FORM = "Slack did not let me open the form. Click once more; nothing was changed."
BROKEN = "Something went wrong on my side, and nothing was changed as far as I know. Send it again."
REPORT_TOTAL = "The report's total"


def register(
    app: App,
    slacks: Slacks,
    *,
    approval: Approval,
    holds: Holds,
    totals: ReportTotals,
    comments: BillComments,
    day: PostingDay,
    control: Control,
    undo: UndoDecisions,
    questions: Questions,
    queries: Queries,
    clerks: Executor,
) -> None:
    """Attach to every button, select and form of ours; a trigger lasts three seconds.

    `clerks` carry out what was acknowledged: Bolt's own threads stay free to acknowledge the next click.
    """
    listener = partial(_listener, clerks)

    def asking(form_of: Callable[[Decision], dict[str, Any]], late: str) -> Callable[..., None]:
        def ask(body: dict[str, Any]) -> str | None:
            form = form_of(Decision.from_click(body))
            client = slacks.quick(installed_in(body))
            return None if open_form(client, str(body.get("trigger_id") or ""), form) else late

        return listener(ask)

    decided = {
        APPROVAL: approval.decide,
        HOLDS: holds.decide,
        tuple(comments.actions): comments.decide,
        CONTROL: control.decide,
        tuple(undo.actions): undo.decide,
        ("take_back",): queries.decide,
        ("refresh_bills",): questions.refresh,
    }
    for actions, decide in decided.items():
        for action in actions:
            app.action(ACTION + action)(listener(_clicked(decide)))
    app.action(ACTION + "answer")(listener(lambda body: approval.answer(Answer.from_choice(body))))
    chosen = {"approve": approval.form, "ask": queries.form, "date": day.form}
    app.action(ACTION + MENU)(asking(lambda decision: _form_of(chosen, decision), NO_FORM))
    app.action(ACTION + "reject")(asking(approval.form, TOO_LATE))
    app.action(ACTION + "total")(asking(totals.form, NO_FORM))
    app.action(ACTION + "reply")(asking(queries.form, NO_FORM))
    for action in ("approve", "reject"):
        app.view(ACTION + action)(_sent(approval.decide, REASON, refused_form))
    for action in ("ask", "reply"):
        app.view(ACTION + action)(_sent(queries.decide, REASON, refused_form))
    app.view(ACTION + "date")(_sent(day.decide, DAY, refused_form))
    app.view(CALLBACK)(_sent(totals.decide, FIELD, lambda _, why: notice(REPORT_TOTAL, why)))


def _listener(clerks: Executor, act: Callable[[dict[str, Any]], str | None]) -> Callable[..., None]:
    """Acknowledge, then have a clerk act, and tell the clicker alone what there is to tell."""

    def click(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()  # first: Slack waits three seconds
        clerks.submit(carry_out, body, respond)

    def carry_out(body: dict[str, Any], respond: Respond) -> None:
        thread = (body.get("container") or {}).get("thread_ts")
        try:
            with of_firm(who(body)[1] or None):
                said = act(body)
        except NotAllowed as refusal:
            said = str(refusal)
        except Exception:
            log.exception("a click failed")
            said = "Something went wrong on my side, and nothing was changed as far as I know. Look at the thread."
        if said:
            try:
                respond(said, replace_original=False, response_type="ephemeral", thread_ts=thread)
            except (SlackClientError, OSError) as away:  # what was decided is kept; only the word is lost
                log.warning("the clicker was not told: %s", type(away).__name__)

    return click


def _form_of(chosen: Mapping[str, Callable[[Decision], dict[str, Any]]], decision: Decision) -> dict[str, Any]:
    """Make the form of what was chosen in a menu. Raises NotAllowed with the rule, or where it offers no such thing."""
    make = chosen.get(decision.action)
    if make is None:
        raise NotAllowed("This menu is not one of mine any more.")
    return make(decision)


def _clicked(decide: Callable[[Decision], str | None]) -> Callable[[dict[str, Any]], str | None]:
    return lambda body: decide(Decision.from_click(body))


def _sent(
    decide: Callable[[Decision], object], field: str, refused: Callable[[dict[str, Any], str], dict[str, Any]]
) -> Callable[..., None]:
    """Take a form with one field; `refused` makes of it, and of why, what the person sees where it is refused."""

    def send(ack: Ack, body: dict[str, Any]) -> None:
        try:
            with of_firm(who(body)[1] or None):
                decide(Decision.from_form(body, field))
        except Unreadable as wrong:
            ack(response_action="errors", errors={field: str(wrong)})
        except NotAllowed as refusal:
            ack(response_action="update", view=refused(body["view"], str(refusal)))
        except Exception:
            log.exception("a form failed")
            ack(response_action="errors", errors={field: BROKEN})
        else:
            ack()

    return send
