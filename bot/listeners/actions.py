"""A button was clicked: acknowledged first, then decided; refusals are told to the clicker alone."""

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from brought_forward.bot.approval.decide import Approval
from brought_forward.bot.approval.holds import Holds
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.posting.decide import Control
from brought_forward.bot.slack.clicks import Answer, Decision
from brought_forward.bot.slack.views import open_form

log = logging.getLogger(__name__)

APPROVAL = ("approve", "confirm_total", "confirm_choices", "try_again")
HOLDS = ("keep_file", "replace", "keep_both")
CONTROL = ("pause", "stop", "go_on", "retry_refused", "remove_entry", "look_again", "form")
TOO_LATE = "Slack did not let me open the form. Click Reject again; nothing was changed."


def register(app: App, approval: Approval, holds: Holds, control: Control, client: WebClient) -> None:
    """Attach to every button and select of ours; `client` gives up soon, since a trigger lasts three seconds."""

    def answer(body: dict[str, Any]) -> None:
        approval.answer(Answer.from_choice(body))

    def decide(body: dict[str, Any]) -> str | None:
        return approval.decide(Decision.from_click(body))

    def let_go_on(body: dict[str, Any]) -> str | None:
        return holds.decide(Decision.from_click(body))

    def steer(body: dict[str, Any]) -> str | None:
        return control.decide(Decision.from_click(body))

    def ask_why(body: dict[str, Any]) -> str | None:
        form = approval.form(Decision.from_click(body))
        return None if open_form(client, str(body.get("trigger_id") or ""), form) else TOO_LATE

    for action in APPROVAL:
        app.action(ACTION + action)(listener(decide))
    for action in HOLDS:
        app.action(ACTION + action)(listener(let_go_on))
    for action in CONTROL:
        app.action(ACTION + action)(listener(steer))
    app.action(ACTION + "reject")(listener(ask_why))
    app.action(ACTION + "answer")(listener(answer))


def listener(act: Callable[[dict[str, Any]], str | None]) -> Callable[..., None]:
    """Acknowledge, act, and tell the clicker alone what there is to tell."""

    def click(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()  # first: Slack waits three seconds
        thread = (body.get("container") or {}).get("thread_ts")
        try:
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
