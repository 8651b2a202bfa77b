"""A button was clicked: acknowledged first, then decided; refusals are told to the clicker alone."""

import logging
from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk.errors import SlackClientError

from brought_forward.bot.approval import Approval, Decision
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.blocks import ACTION

log = logging.getLogger(__name__)

ACTIONS = ("approve", "reject", "stop", "go_on", "retry_refused", "remove_entry")


def register(app: App, approval: Approval) -> None:
    """Attach to every button of ours."""

    def click(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()  # first: Slack waits three seconds
        thread = (body.get("container") or {}).get("thread_ts")
        try:
            said = approval.decide(Decision.from_click(body))
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

    for action in ACTIONS:
        app.action(ACTION + action)(click)
