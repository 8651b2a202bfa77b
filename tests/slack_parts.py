"""What tests of the pretend Slack share: a bare bot, a Bolt app, and blocks to send."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

import pytest
from flask import Flask, request
from slack_bolt import App
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from brought_forward.sandbox.serving import Server
from brought_forward.sandbox.slack import SlackSandbox

Json = dict[str, Any]


class Bot:
    """A bare request URL that writes down what comes and answers as told."""

    def __init__(self) -> None:
        self.seen: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[Any] = []  # the next answers; 200 without a body when there are none
        self.pause = 0.0
        app = Flask(__name__)
        app.add_url_rule("/slack/events", view_func=self._take, methods=["POST"])
        self.server = Server(app)

    def _take(self) -> Any:
        self.seen.append((dict(request.headers), request.get_data(parse_form_data=False)))
        time.sleep(self.pause)
        return self.answers.pop(0) if self.answers else ("", 200)

    def events(self) -> list[Json]:
        return [json.loads(body)["event"] for _, body in self.seen]


def payload_of(bot: Bot) -> Json:
    """Return the newest interaction that the bot was sent."""
    payload: Json = json.loads(parse_qs(bot.seen[-1][1].decode())["payload"][0])
    return payload


def error_of(call: Callable[..., Any], **args: Any) -> str:
    """Call a method that Slack must refuse, and return its error."""
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "x", **more: Any) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def button(label: str = "Go", **more: Any) -> Json:
    return {"type": "button", "text": plain(label), **more}


def actions(*elements: Json, **more: Any) -> Json:
    return {"type": "actions", "elements": list(elements), **more}


def confirm(title: str = "t", text: str = "t", yes: str = "y", no: str = "n") -> Json:
    return {"title": plain(title), "text": mrkdwn(text), "confirm": plain(yes), "deny": plain(no)}


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def number(value: float, text: str) -> Json:
    return {"type": "raw_number", "value": value, "text": text}


def rich(text: str) -> Json:
    part = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [part]}


def grid(rows: int, columns: int, text: str = "x") -> list[list[Json]]:
    return [[raw(text)] * columns for _ in range(rows)]


def data_table(rows: list[list[Json]], caption: str = "c", **more: Any) -> Json:
    return {"type": "data_table", "rows": rows, "caption": caption, **more}


def chart(kind: Json, title: str = "t") -> Json:
    return {"type": "data_visualization", "title": title, "chart": kind}


def pie(segments: int, label: int = 1, value: float = 1) -> Json:
    return {"type": "pie", "segments": [{"label": f"{n:0{label}x}", "value": value} for n in range(segments)]}


def bars(series: int = 1, points: int = 1, *, name: int = 2, axis: str = "a") -> Json:
    labels = [f"{n:02}" for n in range(points)]
    data = [{"label": label, "value": -1} for label in labels]
    return {
        "type": "bar",
        "series": [{"name": f"{n:0{name}}", "data": data} for n in range(series)],
        "axis_config": {"categories": labels, "x_label": axis},
    }


def field(kind: str, label: str = "Label", *, element: Json | None = None, **more: Any) -> Json:
    """Make an input block; `element` is what else its element has."""
    return {"type": "input", "label": plain(label), "element": {"type": kind, **(element or {})}, **more}


def modal(*blocks: Json, title: str = "Fix lines") -> Json:
    return {"type": "modal", "title": plain(title), "submit": plain("Save"), "blocks": list(blocks)}


def offer(slack: SlackSandbox, client: WebClient, **more: Any) -> str:
    row = actions(button("Approve 58 entries", action_id="approve", value="b1", **more), block_id="row")
    posted = client.chat_postMessage(channel=slack.balances.id, text="x", blocks=[section(), row])
    return str(posted["ts"])


@contextmanager
def bolt(slack: SlackSandbox, signing_secret: str = "sandbox-secret") -> Iterator[App]:
    app = App(client=WebClient(token=slack.bot_token, base_url=slack.api_url), signing_secret=signing_secret)
    server = Server(SlackRequestHandler(app))
    server.start()
    slack.events_url = f"{server.url}/slack/events"
    try:
        yield app
    finally:
        slack.stop()
        server.stop()
