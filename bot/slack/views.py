"""Forms and Home tabs: where Slack refuses how one is made, the same goes in a plainer form."""

import logging
from collections.abc import Callable
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from brought_forward.bot.messages.plain import sections_of
from brought_forward.bot.slack.refusals import is_of_the_form

log = logging.getLogger(__name__)

View = dict[str, Any]


def open_form(client: WebClient, trigger: str, view: View) -> bool:
    """Open a form. Returns False where Slack opens none, which the person has to be told."""
    return _shown(view, lambda form: client.views_open(trigger_id=trigger, view=form))


def update_form(client: WebClient, before: View, view: View) -> bool:
    """Show something else in an open form. Returns False where Slack does not, or somebody changed it meanwhile."""
    return _shown(view, lambda form: client.views_update(view_id=before["id"], hash=before["hash"], view=form))


def publish(client: WebClient, user: str, view: View, hash_: str | None) -> SlackResponse:
    """Show a Home tab. Raises SlackApiError where Slack takes it in no form, or not now."""
    return _plainer(view, lambda tab: client.views_publish(user_id=user, view=tab, hash=hash_))


def _shown(view: View, show: Callable[[View], SlackResponse]) -> bool:
    try:
        _plainer(view, show)
    except (SlackClientError, OSError) as trouble:
        error = trouble.response.get("error") if isinstance(trouble, SlackApiError) else type(trouble).__name__
        log.warning("Slack did not show a form: %s", error)
        return False
    return True


def _plainer(view: View, show: Callable[[View], SlackResponse]) -> SlackResponse:
    try:
        return show(view)
    except SlackApiError as refusal:
        if not is_of_the_form(refusal):
            raise
        log.error("Slack refused how a view is made: %s", refusal.response.get("error"))
        return show(view | {"blocks": sections_of(view["blocks"])})
