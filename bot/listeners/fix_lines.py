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
from brought_forward.bot.messages.fix_form import ANOTHER, CALLBACK, notice
from brought_forward.bot.messages.fix_items import FATE, MATTER, MATTERS, MORE, USER, USERS
from brought_forward.bot.preview.fix import FixLines
from brought_forward.bot.preview.fix_page import Page
from brought_forward.bot.slack import views
from brought_forward.bot.slack.clicks import Decision

log = logging.getLogger(__name__)

NOT_OPENED = (
    "Slack did not open the form. Click Fix once more, or correct the lines in the workbook above and drop it in"
    " this thread."
)
BROKEN_BEFORE = "Something went wrong on my side, and nothing was changed. Click Fix once more."
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

    def showing(show: Callable[[Page, int], dict[str, Any]]) -> Callable[..., None]:
        def change(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
            ack()
            try:
                shown = show(Page.of(body), _number(body["actions"][0]))
            except NotAllowed as refusal:
                shown = notice("Fix lines", str(refusal))
            views.update_form(client, body["view"], shown)  # done twice: what was chosen is kept, and a page is shown

        return change

    app.action(ACTION + "fix_lines")(open_form)
    app.action(re.compile(rf"{ACTION}page-[0-9]+"))(showing(fixing.turn))
    app.action(re.compile(rf"{ACTION}{MORE}-[0-9]+"))(showing(fixing.more))
    app.action(re.compile(f"{ACTION}{ANOTHER}"))(showing(fixing.add))
    app.action(re.compile(rf"{ACTION}(?:{MATTER}|{USER}|{MATTERS}|{USERS}|{FATE})-[0-9]+"))(_received)
    for kinds, offer in (((MATTER, MATTERS), fixing.matters), ((USER, USERS), fixing.users)):
        app.options(re.compile(rf"{ACTION}(?:{'|'.join(kinds)})-[0-9]+"))(_options(offer))
    app.options(ACTION + ANOTHER)(_options(lambda page, _, typed: fixing.lines(page, typed)))
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


def _number(action: dict[str, Any]) -> int:
    """Read the page or row that was clicked or chosen."""
    return int((action.get("selected_option") or action)["value"])


def _received(ack: Ack) -> None:
    """Take note that a field was filled: its value comes with the form."""
    ack()


def _options(offer: Callable[[Page, int, str], list[dict[str, Any]]]) -> Callable[..., None]:
    def options(ack: Ack, body: dict[str, Any]) -> None:
        row = str(body["action_id"]).rpartition("-")[2]
        try:
            ack(options=offer(Page.of(body), int(row) if row.isdigit() else 0, str(body.get("value") or "")))
        except NotAllowed:
            ack(options=[])

    return options


def _tell(respond: Respond, said: str, body: dict[str, Any]) -> None:
    thread = (body.get("container") or {}).get("thread_ts")
    try:
        respond(said, replace_original=False, response_type="ephemeral", thread_ts=thread)
    except (SlackClientError, OSError) as away:
        log.warning("the clicker was not told: %s", type(away).__name__)
