"""The buttons of administrators in their Home tab, and the form behind one of them.

A Home tab has no thread in which somebody could be told something alone: what is refused is shown as a form.
"""

import logging
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App

from brought_forward.bot.administration.desk import Desk
from brought_forward.bot.administration.firm_settings import Wrong
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.administration import TITLE
from brought_forward.bot.messages.blocks import ACTION, View
from brought_forward.bot.messages.firm_settings import CALLBACK
from brought_forward.bot.messages.fix_form import notice
from brought_forward.bot.slack.clicks import installed_in, who
from brought_forward.bot.slack.slacks import Slacks
from brought_forward.bot.slack.views import open_form

log = logging.getLogger(__name__)

BROKEN = "Something went wrong on my side, and nothing was changed as far as I know. Close this and try once more."


def register(app: App, slacks: Slacks, desk: Desk) -> None:
    """Attach to the buttons and the form; a trigger lasts three seconds."""
    app.action(ACTION + "settings")(_opening(slacks, desk, desk.settings.form))
    app.view(CALLBACK)(_save(desk))
    app.action(ACTION + "check")(_opening(slacks, desk, desk.checks.ask))
    app.action(ACTION + "connect")(_opening(slacks, desk, desk.sign_ins.form))
    app.action(ACTION + "clio_page")(_received)
    app.action(ACTION + "disconnect")(_opening(slacks, desk, desk.sign_ins.disconnect))


def _opening(slacks: Slacks, desk: Desk, make: Callable[[str, str], View | None]) -> Callable[..., None]:
    """Open what is made for who clicked, or say why not; nothing where what was done is told in another way."""

    def click(ack: Ack, body: dict[str, Any]) -> None:
        ack()  # first: the trigger lives three seconds
        try:
            view = make(*who(body))
        except NotAllowed as refusal:
            view = notice(TITLE, str(refusal))
        except Exception:
            log.exception("a click in a Home tab failed")
            view = notice(TITLE, BROKEN)
        if view is None:
            return
        if not open_form(slacks.quick(installed_in(body)), str(body.get("trigger_id") or ""), view):
            desk.not_opened(*who(body))

    return click


def _received(ack: Ack) -> None:
    """Take note that a link was opened: the browser does the rest."""
    ack()


def _save(desk: Desk) -> Callable[..., None]:
    def save(ack: Ack, body: dict[str, Any]) -> None:
        """Write first, then acknowledge: what Slack shows as saved is saved."""
        view = body["view"]
        try:
            desk.settings.save(*who(body), view["state"]["values"], str(view.get("private_metadata") or ""))
        except Wrong as wrong:
            ack(response_action="errors", errors=wrong.fields)
        except NotAllowed as refusal:
            ack(response_action="update", view=notice(TITLE, str(refusal)))
        except Exception:
            log.exception("settings were not saved")
            ack(response_action="update", view=notice(TITLE, BROKEN))
        else:
            ack()

    return save
