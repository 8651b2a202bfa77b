"""In practice, mark whatever leaves for Slack: messages, answers, forms, the Home tab and the names of files.

All of it passes here: clients of the Web API, response_urls, and what is answered to Slack's own requests.
"""

import json
import re
from collections.abc import Callable
from typing import Any

from slack_bolt import App, BoltContext, BoltRequest, BoltResponse
from slack_bolt.context.respond import Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse
from slack_sdk.webhook import WebhookClient, WebhookResponse

from brought_forward.bot.errors import NotAllowed, SlackAway
from brought_forward.bot.messages.intake import NOT_HERE
from brought_forward.bot.settings import Deployment, Settings

MARK = "PRACTICE: nothing is posted to Clio"
BLOCK_ID = "balances_practice"
MOST = 50  # blocks in a message; a form or Home tab takes 100, and ours have room
SHORT = "PRACTICE "  # at the head of a file's name, or of a question
LINK = re.compile(r"<http://127\.0\.0\.1:[0-9]+/[^|>]*\|([^>]*)>")  # leads nowhere but on the bot's own machine
LOCAL = "http://127.0.0.1:"
NOT_THERE = {"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "user_not_in_channel"}

Block = dict[str, Any]


def marked(said: dict[str, Any]) -> dict[str, Any]:
    """Mark the arguments of a call, or an answer; what people do not read stays as it is."""
    said = dict(said)
    blocks = _decoded(said.get("blocks"))
    if isinstance(blocks, list) and blocks:
        said["blocks"] = _headed(blocks)
    if said.get("text"):
        said["text"] = _text(str(said["text"]))
    if view := _decoded(said.get("view")):
        said["view"] = view | {"blocks": _headed(view["blocks"])}
    for name in ("filename", "title"):
        if said.get(name):
            said[name] = _short(str(said[name]))
    if isinstance(files := _decoded(said.get("files")), list):
        said["files"] = json.dumps([file | {"title": _short(str(file.get("title") or ""))} for file in files])
    return said


def _decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


def _text(text: str) -> str:
    return text if text.startswith(MARK) else f"{MARK}. " + LINK.sub(r"\1", text)


def _short(name: str) -> str:
    return name if name.startswith(SHORT) else SHORT + name


def _headed(blocks: list[Block]) -> list[Block]:
    """Put the mark at the head; where a message is full, into its first words."""
    if any(block.get("block_id") == BLOCK_ID for block in blocks):
        return blocks
    blocks = _rehearsed(blocks)
    if len(blocks) < MOST:
        head = {"type": "mrkdwn", "text": f":construction: *{MARK}*"}
        return [{"type": "context", "block_id": BLOCK_ID, "elements": [head]}, *blocks]
    for place, block in enumerate(blocks):
        if block["type"] in {"header", "section"} and "text" in block:
            most = 150 if block["type"] == "header" else 3_000
            words = f"{MARK}. {block['text']['text']}"[:most]
            return [*blocks[:place], block | {"text": block["text"] | {"text": words}}, *blocks[place + 1 :]]
    return blocks


def _rehearsed(value: Any) -> Any:
    """Mark what buttons ask first; take off links into the pretend Clio, which nobody could follow."""
    if isinstance(value, list):
        return [_rehearsed(one) for one in value]
    if isinstance(value, str):
        return LINK.sub(r"\1", value)
    if not isinstance(value, dict):
        return value
    if value.get("type") == "link" and str(value.get("url")).startswith(LOCAL):
        return {"type": "text", "text": value.get("text") or "-"}
    if {"title", "deny"} <= value.keys():  # the question that a button asks first, in a window of its own
        value = value | {"title": value["title"] | {"text": _short(str(value["title"]["text"]))[:100]}}
    return {name: _rehearsed(one) for name, one in value.items()}


class MarkedClient(WebClient):
    """Slack's Web API, marked."""

    def api_call(self, api_method: str, **more: Any) -> SlackResponse:
        """Call a method with marked arguments."""
        for name in ("json", "params", "data"):
            if isinstance(more.get(name), dict):
                more[name] = marked(more[name])
        return super().api_call(api_method, **more)


class MarkedWebhook(WebhookClient):
    """A response_url, marked."""

    def send_dict(self, body: dict[str, Any], headers: dict[str, str] | None = None) -> WebhookResponse:
        """Send marked words."""
        return super().send_dict(marked(body), headers)


class MarkedRespond(Respond):
    """Bolt's `respond`, marked."""

    def __call__(self, text: Any = "", blocks: Any = None, **more: Any) -> WebhookResponse:  # type: ignore[override]
        """Answer with marked words."""
        return super().__call__(**marked({"text": text, "blocks": blocks, **more}))


class MarkedApp(App):
    """A Bolt app whose every answer is marked."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.use(_marked_context)

    def dispatch(self, req: BoltRequest) -> BoltResponse:
        """Mark what Slack is answered."""
        answer = super().dispatch(req)
        try:
            said = json.loads(answer.body)
        except ValueError:
            if answer.body and answer.status == 200:
                answer.body = _text(answer.body)
            return answer
        if isinstance(said, dict):
            answer.body = json.dumps(marked(said))
        return answer


def _marked_context(client: WebClient, context: BoltContext, next_: Any) -> None:
    """Give listeners a client and a `respond` that mark."""
    context["client"] = MarkedClient(client.token, client.base_url, client.timeout, retry_handlers=[])
    context["respond"] = MarkedRespond(response_url=context.response_url)
    next_()


def web_client(settings: Settings, token: str | None = None, **more: Any) -> WebClient:
    """Make a client of Slack's Web API, by the environment's token where none is given.

    The bot's own clients decide themselves what is sent again.
    """
    kind = MarkedClient if settings.balances_practice else WebClient
    if token is None:
        token = settings.slack_bot_token.get_secret_value()
    return kind(token, base_url=settings.slack_api_url, retry_handlers=[], **more)


def webhook(settings: Deployment, url: str) -> WebhookClient:
    """Make a client of a response_url."""
    return (MarkedWebhook if settings.balances_practice else WebhookClient)(url, retry_handlers=[])


def whisper(
    of: Callable[[str], WebClient], firm: str, *, channel: str, user: str, text: str, thread_ts: str | None
) -> None:
    """Say something in a channel to one person of a firm alone.

    Raises NotAllowed where the bot has no place in the channel, SlackAway where Slack does not take it now.
    """
    try:
        of(firm).chat_postEphemeral(channel=channel, user=user, text=text, thread_ts=thread_ts)
    except SlackApiError as refusal:
        if refusal.response.get("error") in NOT_THERE:
            raise NotAllowed(NOT_HERE) from refusal
        raise SlackAway(str(refusal.response.get("error"))) from refusal
    except (SlackClientError, OSError) as silent:
        raise SlackAway(type(silent).__name__) from silent


def answer(settings: Deployment, url: str, body: dict[str, Any]) -> None:
    """Answer through a response_url. Raises SlackAway where Slack does not take it."""
    try:
        said = webhook(settings, url).send_dict(body)
    except (SlackClientError, OSError) as silent:
        raise SlackAway(type(silent).__name__) from silent
    if said.status_code != 200:
        raise SlackAway(str(said.status_code))
