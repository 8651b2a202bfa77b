"""The form that puts lines right: opened by a button, asked for options while people type, turned, and saved."""

import logging
import re
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.messages.fix_form import CALLBACK, FATE, MATTER, USER, notice
from brought_forward.bot.preview.fix import FixLines
from brought_forward.bot.preview.fix_page import Page
from brought_forward.bot.slack import views
from brought_forward.bot.slack.clicks import Decision

log = logging.getLogger(__name__)

NOT_OPENED = (
    "Slack did not open the form. Click Fix lines once more, or correct the lines in the workbook above and drop it in"
    " this thread."
)
BROKEN_BEFORE = "Something went wrong on my side, and nothing was changed. Click Fix lines once more."
BROKEN = "Something went wrong on my side, and nothing was changed. Close this and try once more."


def register(app: App, fixing: FixLines) -> None:
    """Attach to the button, the form's fields and the form."""

    def open_form(ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond) -> None:
        ack()  # first: the trigger lives three seconds
        try:
            view = fixing.form(Decision.from_click(body))
        except NotAllowed as refusal:
            _tell(respond, str(refusal), body)
            return
        except Exception:
            log.exception("a form was not made")
            _tell(respond, BROKEN_BEFORE, body)
            return
        if not views.open_form(client, str(body["trigger_id"]), view):
            _tell(respond, NOT_OPENED, body)

    def turn(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        view = body["view"]
        try:
            shown = fixing.turn(Page.of(body), int(body["actions"][0]["value"]))
        except NotAllowed as refusal:
            shown = notice("Fix lines", str(refusal))
        views.update_form(client, view, shown)  # turned twice: what was chosen is kept, and a page is shown

    app.action(ACTION + "fix_lines")(open_form)
    app.action(re.compile(rf"{ACTION}page-[0-9]+"))(turn)
    app.action(re.compile(rf"{ACTION}(?:{MATTER}|{USER}|{FATE})-[0-9]+"))(_received)
    for kind, offer in ((MATTER, fixing.matters), (USER, fixing.users)):
        app.options(re.compile(rf"{ACTION}{kind}-[0-9]+"))(_options(offer))
    app.view(CALLBACK)(_save(fixing))


def _save(fixing: FixLines) -> Callable[..., None]:
    def save(ack: Ack, body: dict[str, Any]) -> None:
        """Write first, then acknowledge: what Slack shows as saved is saved."""
        try:
            wrong = fixing.save(Page.of(body))
        except NotAllowed as refusal:
            ack(response_action="update", view=notice("Fix lines", str(refusal)))
        except Exception:
            log.exception("lines were not saved")
            ack(response_action="update", view=notice("Fix lines", BROKEN))
        else:
            ack(response_action="errors", errors=wrong) if wrong else ack()

    return save


def _received(ack: Ack) -> None:
    """Take note that a field was filled: its value comes with the form."""
    ack()


def _options(offer: Callable[[Page, int, str], list[dict[str, Any]]]) -> Callable[..., None]:
    def options(ack: Ack, body: dict[str, Any]) -> None:
        row = int(str(body["action_id"]).rpartition("-")[2])
        try:
            ack(options=offer(Page.of(body), row, str(body.get("value") or "")))
        except NotAllowed:
            ack(options=[])

    return options


def _tell(respond: Respond, said: str, body: dict[str, Any]) -> None:
    thread = (body.get("container") or {}).get("thread_ts")
    try:
        respond(said, replace_original=False, response_type="ephemeral", thread_ts=thread)
    except (SlackClientError, OSError) as away:
        log.warning("the clicker was not told: %s", type(away).__name__)
