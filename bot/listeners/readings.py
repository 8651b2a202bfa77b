"""What a preview asks of its reading: the report's total, typed in a form, and whether comments go on the bills."""

import logging
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from brought_forward.bot.approval.totals import ReportTotals
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.listeners.actions import listener
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.messages.fix_form import notice
from brought_forward.bot.messages.report_total import CALLBACK, FIELD
from brought_forward.bot.preview.comments import BillComments
from brought_forward.bot.sheet.cells import Unreadable
from brought_forward.bot.slack.clicks import Decision
from brought_forward.bot.slack.views import open_form

log = logging.getLogger(__name__)

TOO_LATE = "Slack did not let me open the form. Click once more; nothing was changed."
BROKEN = "Something went wrong on my side, and nothing was changed as far as I know. Send it again."
TITLE = "The report's total"


def register(app: App, totals: ReportTotals, comments: BillComments, client: WebClient) -> None:
    """Attach to the buttons and the form; `client` gives up soon, since a trigger lasts three seconds."""

    def ask(body: dict[str, Any]) -> str | None:
        form = totals.form(Decision.from_click(body))
        return None if open_form(client, str(body.get("trigger_id") or ""), form) else TOO_LATE

    def compare(ack: Ack, body: dict[str, Any]) -> None:
        try:
            totals.decide(Decision.from_form(body, FIELD))
        except Unreadable as wrong:
            ack(response_action="errors", errors={FIELD: str(wrong)})
        except NotAllowed as refusal:
            ack(response_action="update", view=notice(TITLE, str(refusal)))
        except Exception:
            log.exception("a form failed")
            ack(response_action="errors", errors={FIELD: BROKEN})
        else:
            ack()

    def put(body: dict[str, Any]) -> str | None:
        return comments.decide(Decision.from_click(body))

    app.action(ACTION + "total")(listener(ask))
    app.view(CALLBACK)(compare)
    for action in comments.actions:
        app.action(ACTION + action)(listener(put))
