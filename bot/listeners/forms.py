"""A form was sent: what it says is written down, then it is acknowledged, so that a form never closes on nothing."""

import logging
from typing import Any

from slack_bolt import Ack, App

from brought_forward.bot.approval.decide import Approval
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.approval import refused_form
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.slack.clicks import REASON, Decision

log = logging.getLogger(__name__)


def register(app: App, approval: Approval) -> None:
    """Attach to the form that asks why a batch is rejected."""

    def reject(ack: Ack, body: dict[str, Any]) -> None:
        try:
            approval.decide(Decision.from_form(body))
        except NotAllowed as refusal:
            ack(response_action="update", view=refused_form(body["view"], str(refusal)))
            return
        except Exception:
            log.exception("a form failed")
            said = "Something went wrong on my side, and nothing was changed as far as I know. Send it again."
            ack(response_action="errors", errors={REASON: said})
            return
        ack()

    app.view(ACTION + "reject")(reject)
