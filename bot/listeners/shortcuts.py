"""Shortcuts, the form behind them, and the channel that is chosen in a direct message."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.intake.payloads import chosen_channel, from_form, from_message
from brought_forward.bot.intake.wishes import Wishes
from brought_forward.bot.messages.blocks import ACTION
from brought_forward.bot.messages.intake import FILE, FORM, NOT_OPENED, NOTHING, form
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack.clicks import installed_in, who
from brought_forward.bot.slack.people import People
from brought_forward.bot.slack.views import open_form

log = logging.getLogger(__name__)

MESSAGE = ACTION + "message"  # the message shortcut's callback_id, as the manifest names it
BROKEN = "Something went wrong on my side, and nothing was begun. Try once more."


@dataclass(frozen=True, slots=True)
class Entrances:
    """The listeners: each reads the payload, writes down, answers."""

    wishes: Wishes
    people: People
    firms: Firms
    noticed: Callable[[], None]  # tells the worker that there is something to look at

    def use(self, ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        """Write a message shortcut down, then acknowledge: where that fails, Slack tells the person so."""
        wishes = from_message(body, self.firms.settings(who(body)[1]).timezone)
        self.wishes.write_down(wishes)
        ack()
        self.noticed()
        if not wishes:
            _tell(respond, NOTHING, body["message"].get("thread_ts"))

    def open_form(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Open the form for who may send it, from the global shortcut or from the Home tab's button."""
        ack()  # first: the trigger lives three seconds
        person, firm = who(body)
        why = NOT_OPENED
        try:
            self.people.check(person, firm)
            if open_form(client, str(body["trigger_id"]), form(self.firms.settings(firm).channels)):
                return
        except NotAllowed as refusal:
            why = str(refusal)
        self.wishes.say_privately(person, firm, why)

    def send(self, ack: Ack, body: dict[str, Any]) -> None:
        """Write the form down, then acknowledge: what Slack closes is kept."""
        try:
            wrong = self._read(body)
        except NotAllowed as refusal:
            wrong = {FILE: str(refusal)}
        except Exception:
            log.exception("a form was not written down")
            wrong = {FILE: BROKEN}
        if wrong:
            ack(response_action="errors", errors=wrong)
        else:
            ack()
            self.noticed()

    def _read(self, body: dict[str, Any]) -> dict[str, str]:
        """Keep a form's wish; what is wrong with the form by field. Raises NotAllowed for guests and strangers."""
        firm = str(body["team"]["id"])
        self.people.check(str(body["user"]["id"]), firm)
        read = from_form(body, self.firms.settings(firm).channels)
        if isinstance(read, dict):
            return read
        self.wishes.write_down([read])
        return {}

    def choose(self, ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        """Take a channel that was chosen in a direct message."""
        ack()
        number, channel = chosen_channel(body)
        try:
            self.wishes.choose(number, channel, person=str(body["user"]["id"]), firm=installed_in(body))
        except NotAllowed as refusal:
            _tell(respond, str(refusal), None)
        except Exception:
            log.exception("a channel was not taken")
            _tell(respond, BROKEN, None)
        else:
            self.noticed()


def register(app: App, wishes: Wishes, people: People, firms: Firms, noticed: Callable[[], None]) -> None:
    """Attach to both shortcuts, the form, the Home tab's button and the question for a channel."""
    ways = Entrances(wishes, people, firms, noticed)
    app.shortcut({"type": "message_action", "callback_id": MESSAGE})(ways.use)
    app.shortcut({"type": "shortcut", "callback_id": FORM})(ways.open_form)
    app.action(ACTION + "bring")(ways.open_form)
    app.view(FORM)(ways.send)
    app.action(ACTION + "where")(ways.choose)


def _tell(respond: Respond, said: str, thread: str | None) -> None:
    try:
        respond(said, replace_original=False, response_type="ephemeral", thread_ts=thread)
    except (SlackClientError, OSError) as away:
        log.warning("the person was not told: %s", type(away).__name__)
