"""The pretend Slack refuses what Slack refuses, and says it in the same words."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
import slackblocks as sb
from flask import Flask, request
from rich.console import Console
from slack_bolt import Ack, App, Respond
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from brought_forward.sandbox.screen import Screen
from brought_forward.sandbox.serving import Server
from brought_forward.sandbox.slack import Message, SlackSandbox
from brought_forward.sandbox.slack.limits import check_blocks, check_view

Json = dict[str, Any]


@pytest.fixture
def slack() -> Iterator[SlackSandbox]:
    with SlackSandbox() as sandbox:
        yield sandbox


@pytest.fixture
def client(slack: SlackSandbox) -> WebClient:
    return WebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


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


@pytest.fixture
def bot(slack: SlackSandbox) -> Iterator[Bot]:
    bot = Bot()
    bot.server.start()
    slack.events_url = f"{bot.server.url}/slack/events"
    yield bot
    slack.events_url = None
    slack.stop()
    bot.server.stop()


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


def modal(*blocks: Json, title: str = "Fix lines") -> Json:
    return {"type": "modal", "title": plain(title), "submit": plain("Save"), "blocks": list(blocks)}


def _options(count: int, text: str = "x") -> list[Json]:
    return [{"text": plain(text), "value": str(n)} for n in range(count)]


def _pie(count: int) -> Any:
    return sb.PieChart([sb.ChartSegment(str(n), 1) for n in range(count)])


def _pie_block() -> Any:
    return sb.DataVisualizationBlock("t", _pie(1))


def _bars(series: int, points: int) -> Any:
    data = [sb.DataPoint(str(n), 1) for n in range(points)]
    return sb.BarChart([sb.DataSeries(str(n), data) for n in range(series)], sb.AxisConfig([p.label for p in data]))


Build = Callable[[int], Any]

# what is counted, the most that Slack takes, the blocks made here, the same made by slackblocks (None: it has no rule)
LIMITS: list[tuple[str, int, Build, Build | None]] = [
    ("blocks", 50, lambda n: [section()] * n, lambda n: sb.Message("C", blocks=[sb.SectionBlock("x")] * n)),
    ("section text", 3000, lambda n: [section("x" * n)], lambda n: sb.SectionBlock("x" * n)),
    (
        "section fields",
        10,
        lambda n: [{"type": "section", "fields": [plain("x")] * n}],
        lambda n: sb.SectionBlock(fields=["x"] * n),
    ),
    (
        "field text",
        2000,
        lambda n: [{"type": "section", "fields": [plain("x" * n)]}],
        lambda n: sb.SectionBlock(fields=["x" * n]),
    ),
    ("header text", 150, lambda n: [{"type": "header", "text": plain("x" * n)}], lambda n: sb.HeaderBlock("x" * n)),
    (
        "context elements",
        10,
        lambda n: [{"type": "context", "elements": [mrkdwn("x")] * n}],
        lambda n: sb.ContextBlock([sb.Text("x")] * n),
    ),
    (
        "actions elements",
        25,
        lambda n: [actions(*[button()] * n)],
        lambda n: sb.ActionsBlock([sb.Button("x", f"a{i}") for i in range(n)]),
    ),
    ("button text", 75, lambda n: [actions(button("x" * n))], lambda n: sb.Button("x" * n)),
    ("button value", 2000, lambda n: [actions(button(value="x" * n))], lambda n: sb.Button("x", value="x" * n)),
    ("button url", 3000, lambda n: [actions(button(url="x" * n))], lambda n: sb.Button("x", url="x" * n)),
    ("action_id", 255, lambda n: [actions(button(action_id="x" * n))], lambda n: sb.Button("x", "x" * n)),
    ("block_id", 255, lambda n: [section(block_id="x" * n)], lambda n: sb.SectionBlock("x", block_id="x" * n)),
    (
        "confirm title",
        100,
        lambda n: [actions(button(confirm=confirm("x" * n)))],
        lambda n: sb.ConfirmationDialogue("x" * n, "t", "y", "n"),
    ),
    (
        "confirm text",
        300,
        lambda n: [actions(button(confirm=confirm("t", "x" * n)))],
        lambda n: sb.ConfirmationDialogue("t", "x" * n, "y", "n"),
    ),
    (
        "confirm button",
        30,
        lambda n: [actions(button(confirm=confirm("t", "t", "x" * n)))],
        lambda n: sb.ConfirmationDialogue("t", "t", "x" * n, "n"),
    ),
    (
        "table rows",
        100,
        lambda n: [{"type": "table", "rows": grid(n, 1)}],
        lambda n: sb.TableBlock([[sb.RawText("x")]] * n),
    ),
    (
        "table columns",
        20,
        lambda n: [{"type": "table", "rows": grid(1, n)}],
        lambda n: sb.TableBlock([[sb.RawText("x")] * n]),
    ),
    ("table characters", 10_000, lambda n: [{"type": "table", "rows": [[raw("x")], [raw("x" * (n - 1))]]}], None),
    (
        "data_table rows",
        201,
        lambda n: [data_table(grid(n, 1))],
        lambda n: sb.DataTableBlock([[sb.RawText("x")]] * n, "c"),
    ),
    (
        "data_table columns",
        20,
        lambda n: [data_table(grid(2, n))],
        lambda n: sb.DataTableBlock([[sb.RawText("x")] * n] * 2, "c"),
    ),
    (
        "data_table characters",
        20_000,
        lambda n: [data_table([[raw("x")], [raw("x" * (n - 1))]])],
        lambda n: sb.DataTableBlock([[sb.RawText("x")], [sb.RawText("x" * (n - 1))]], "c"),
    ),
    (
        "data_table characters of a message",
        20_000,
        lambda n: [data_table(grid(2, 1, "x" * 5000)), data_table([[raw("x" * 5000)], [raw("x" * (n - 15_000))]])],
        lambda n: sb.Message(
            "C",
            blocks=[
                sb.DataTableBlock([[sb.RawText("x" * 5000)]] * 2, "c"),
                sb.DataTableBlock([[sb.RawText("x" * 5000)], [sb.RawText("x" * (n - 15_000))]], "c"),
            ],
        ),
    ),
    (
        "data_table page_size",
        100,
        lambda n: [data_table(grid(2, 1), page_size=n)],
        lambda n: sb.DataTableBlock([[sb.RawText("x")]] * 2, "c", page_size=n),
    ),
    ("chart title", 50, lambda n: [chart(pie(1), "x" * n)], lambda n: sb.DataVisualizationBlock("x" * n, _pie(1))),
    ("charts", 2, lambda n: [chart(pie(1))] * n, lambda n: sb.Message("C", blocks=[_pie_block()] * n)),
    ("pie segments", 12, lambda n: [chart(pie(n))], _pie),
    ("pie labels", 20, lambda n: [chart(pie(1, n))], lambda n: sb.ChartSegment("x" * n, 1)),
    ("chart series", 12, lambda n: [chart(bars(n))], lambda n: _bars(n, 1)),
    ("chart points", 20, lambda n: [chart(bars(1, n))], lambda n: _bars(1, n)),
    ("series names", 20, lambda n: [chart(bars(name=n))], lambda n: sb.DataSeries("x" * n, [sb.DataPoint("a", 1)])),
    ("axis labels", 50, lambda n: [chart(bars(axis="x" * n))], lambda n: sb.AxisConfig(["a"], x_label="x" * n)),
    ("markdown", 12_000, lambda n: [{"type": "markdown", "text": "x" * n}], lambda n: sb.MarkdownBlock("x" * n)),
    (
        "markdown of a message",
        12_000,
        lambda n: [{"type": "markdown", "text": "x" * part} for part in (6000, n - 6000)],
        lambda n: sb.Message("C", blocks=[sb.MarkdownBlock("x" * part) for part in (6000, n - 6000)]),
    ),
    (
        "container children",
        10,
        lambda n: [{"type": "container", "title": plain("t"), "child_blocks": [section()] * n}],
        lambda n: sb.ContainerBlock([sb.SectionBlock("x")] * n, "t"),
    ),
    (
        "container title",
        150,
        lambda n: [{"type": "container", "title": plain("x" * n), "child_blocks": [section()]}],
        lambda n: sb.ContainerBlock([sb.SectionBlock("x")], "x" * n),
    ),
    (
        "overflow options",
        5,
        lambda n: [section(accessory={"type": "overflow", "options": _options(n)})],
        lambda n: sb.OverflowMenu("a", [sb.Option(sb.PlainText("x"), str(i)) for i in range(n)]),
    ),
    (
        "select options",
        100,
        lambda n: [actions({"type": "static_select", "options": _options(n)})],
        lambda n: sb.StaticSelectMenu("a", [sb.Option(sb.PlainText("x"), str(i)) for i in range(n)]),
    ),
    (
        "option text",
        75,
        lambda n: [section(accessory={"type": "overflow", "options": _options(1, "x" * n)})],
        lambda n: sb.Option("x" * n, "v"),
    ),
]


@pytest.mark.parametrize(("most", "ours", "theirs"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS])
def test_a_limit_is_where_slackblocks_has_it(most: int, ours: Build, theirs: Build | None) -> None:
    assert [str(flaw) for flaw in check_blocks(ours(most))] == []
    assert check_blocks(ours(most + 1))
    if theirs is not None:
        theirs(most)
        with pytest.raises(sb.InvalidUsageError):
            theirs(most + 1)


@pytest.mark.parametrize(
    "blocks",
    [
        [section(block_id="a"), section(block_id="a")],
        [actions(button(action_id="a"), button(action_id="a"))],
        [{"type": "video"}],
        [{"type": "alert", "text": plain("x")}],
        [section(colour="red")],
        [section("")],
        [{"type": "section"}],
        [{"type": "header", "text": mrkdwn("x")}],
        [actions(button(style="green"))],
        [actions({"type": "static_select"})],
        [actions({"type": "datepicker", "initial_date": "31.10.2026"})],
        [data_table(grid(1, 1))],
        [data_table([[raw("a"), raw("b")], [raw("c")]])],
        [data_table([[rich("a")], [raw("b")]])],
        [data_table([[raw("a")], [raw("")]])],
        [data_table([[raw("a")], [number(1, "")]])],
        [data_table([[raw("a")], [{"type": "raw_number", "value": "1", "text": "1"}]])],
        [data_table(grid(2, 1), caption="")],
        [data_table(grid(2, 1), page_size=0)],
        [data_table(grid(2, 2), row_header_column_index=2)],
        [{"type": "data_table", "rows": grid(2, 1)}],
        [chart(pie(1, value=0))],
        [chart({"type": "pie", "segments": [{"label": "a", "value": 1}] * 2})],
        [chart(bars(1, 2) | {"axis_config": {"categories": ["00", "01", "02"]}})],
        [{"type": "container", "title": plain("t"), "child_blocks": [data_table(grid(2, 1))]}],
        [{"type": "container", "title": plain("t"), "child_blocks": [section()], "default_collapsed": True}],
        [{"type": "image", "alt_text": "x"}],
        [{"type": "rich_text", "elements": []}],
        "text",
        [None],
    ],
    ids=lambda blocks: json.dumps(blocks)[:60],
)
def test_slack_refuses_these_blocks(blocks: Any) -> None:
    assert check_blocks(blocks)


def test_slack_takes_what_slackblocks_builds() -> None:
    cells: list[list[Any]] = [
        [sb.RawText("User"), sb.RawText("Amount")],
        [sb.RawText("Don"), sb.RawNumber(-1.5, "-$1.50")],
    ]
    ask = sb.ConfirmationDialogue("Post?", "58 entries", "Post", "Not yet")
    built = [
        sb.HeaderBlock("AR October"),
        sb.SectionBlock("*58 entries*", fields=["a", "b"]),
        sb.DataTableBlock(cells, "Totals", page_size=50),
        sb.DataVisualizationBlock("Amounts", _bars(2, 3)),
        sb.ContainerBlock([sb.SectionBlock("x"), sb.DividerBlock()], "3 left out", is_collapsible=True),
        sb.ContextBlock([sb.Text("x")]),
        sb.RichTextBlock(sb.RichTextSection([sb.RichText("x", bold=True)])),
        sb.ActionsBlock([sb.Button("Approve", "approve", value="1", style="primary", confirm=ask)]),
    ]
    assert [str(flaw) for flaw in check_blocks(json.loads(sb.Message("C", blocks=built).json())["blocks"])] == []


def test_a_modal_takes_no_tables_and_needs_a_short_title() -> None:
    field = {"type": "input", "label": plain("Reason"), "element": {"type": "plain_text_input", "multiline": True}}
    assert check_view(modal(field)) == []
    assert check_view(modal(data_table(grid(2, 1))))
    assert check_view(modal(section(), title="x" * 25))
    assert check_view(modal(*[section()] * 101))
    assert check_blocks([chart(pie(1))], "home")


# The Web API


def _error(call: Callable[..., Any], **args: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


def test_tokens_are_checked(slack: SlackSandbox) -> None:
    assert _error(WebClient(token="xoxb-other", base_url=slack.api_url).auth_test) == "invalid_auth"
    answer = requests.post(f"{slack.api_url}auth.test", timeout=5)
    assert answer.json() == {"ok": False, "error": "not_authed"}
    answer = requests.post(f"{slack.api_url}auth.test", data={"token": slack.bot_token}, timeout=5)
    assert answer.json()["user_id"] == slack.bot.id
    assert "files:read" in answer.headers["x-oauth-scopes"]


def test_unknown_methods_and_missing_scopes_are_refused(slack: SlackSandbox, client: WebClient) -> None:
    assert _error(client.api_call, api_method="chat.shout") == "unknown_method"
    assert _error(client.conversations_open, users=slack.staff.id) == "missing_scope"
    slack.rules.scopes |= {"im:write"}
    opened = client.conversations_open(users=slack.staff.id)["channel"]["id"]
    assert client.chat_postMessage(channel=slack.staff.id, text="x")["channel"] == opened


def test_channels_are_checked_before_a_message(slack: SlackSandbox, client: WebClient) -> None:
    assert _error(client.chat_postMessage, channel="C0NOWHERE", text="x") == "channel_not_found"
    assert _error(client.chat_postMessage, channel=slack.lobby.id, text="x") == "not_in_channel"
    assert _error(client.api_call, api_method="chat.postMessage", json={"channel": slack.balances.id}) == "no_text"
    assert _error(client.chat_postMessage, channel=slack.balances.id, text="x", thread_ts="1.1") == "thread_not_found"
    slack.archive(slack.balances)
    slack.remove_bot("billing")
    assert _error(client.chat_postMessage, channel=slack.balances.id, text="x") == "is_archived"
    assert _error(client.chat_postMessage, channel=slack.billing.id, text="x") == "not_in_channel"
    assert slack.messages("balances") == []


def test_one_bad_block_refuses_the_whole_message(slack: SlackSandbox, client: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=slack.balances.id, text="x", blocks=[section(), section("x" * 3001)])
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    ]
    assert slack.messages("balances") == []
    assert _error(client.blocks_validate, blocks=[section("")]) == "invalid_blocks"
    client.blocks_validate(blocks=[section()])


def test_long_text_becomes_several_messages_and_longer_text_is_refused(slack: SlackSandbox, client: WebClient) -> None:
    client.chat_postMessage(channel=slack.balances.id, text="x" * 4000)
    assert len(slack.messages("balances")) == 1
    client.chat_postMessage(channel=slack.balances.id, text="x" * 8001)
    assert [len(message.text) for message in slack.messages("balances")] == [4000, 4000, 4000, 1]
    client.chat_postMessage(channel=slack.billing.id, text="x" * 4001, blocks=[section()])
    assert len(slack.messages("billing")) == 1
    assert _error(client.chat_postMessage, channel=slack.balances.id, text="x" * 40_001) == "msg_too_long"


def test_an_update_without_blocks_keeps_them_and_an_empty_list_takes_them_away(
    slack: SlackSandbox, client: WebClient
) -> None:
    ts = client.chat_postMessage(channel=slack.balances.id, text="a", blocks=[section("one")])["ts"]
    client.chat_update(channel=slack.balances.id, ts=ts, text="b")
    assert slack.plain(slack.messages("balances")[0]) == "one"
    client.chat_update(channel=slack.balances.id, ts=ts, text="c", blocks=[])
    message = slack.messages("balances")[0]
    assert slack.plain(message) == "c"
    assert [edit.text for edit in message.edits] == ["a", "b"]
    assert message.edited_ts is not None


def test_only_own_messages_that_exist_can_be_updated(slack: SlackSandbox, client: WebClient) -> None:
    theirs = slack.say(slack.staff, "balances", "hello")
    assert _error(client.chat_update, channel=slack.balances.id, ts=theirs.ts, text="x") == "cant_update_message"
    assert _error(client.chat_update, channel=slack.balances.id, ts="1.1", text="x") == "message_not_found"
    mine = client.chat_postMessage(channel=slack.balances.id, text="a")["ts"]
    assert _error(client.chat_update, channel=slack.balances.id, ts=mine, text="x" * 4001) == "msg_too_long"
    slack.delete_message(mine)
    assert _error(client.chat_update, channel=slack.balances.id, ts=mine, text="x") == "message_not_found"


def test_an_ephemeral_message_is_seen_by_one_person_and_cannot_be_updated(
    slack: SlackSandbox, client: WebClient
) -> None:
    sent = client.chat_postEphemeral(channel=slack.balances.id, user=slack.staff.id, text="only you")
    assert [message.text for message in slack.ephemerals(slack.staff)] == ["only you"]
    assert slack.ephemerals(slack.manager) == [] == slack.messages("balances")
    ts = sent["message_ts"]
    assert _error(client.chat_update, channel=slack.balances.id, ts=ts, text="x") == "message_not_found"
    gone = slack.deleted.id
    assert _error(client.chat_postEphemeral, channel=slack.balances.id, user=gone, text="x") == "user_not_in_channel"


def test_a_rate_is_kept_for_each_channel_when_it_is_set(slack: SlackSandbox, client: WebClient) -> None:
    slack.rules.messages_a_second, slack.rules.burst = 0.01, 2
    for _ in range(2):
        client.chat_postMessage(channel=slack.balances.id, text="x")
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=slack.balances.id, text="x")
    assert caught.value.response.status_code == 429
    assert int(caught.value.response.headers["Retry-After"]) >= 1
    client.chat_postMessage(channel=slack.billing.id, text="x")


def test_a_free_plan_has_no_user_groups(slack: SlackSandbox, client: WebClient) -> None:
    assert _error(client.usergroups_users_list, usergroup="S0PARTNERS") == "plan_upgrade_required"
    slack.rules.usergroups = {"S0PARTNERS": [slack.partner.id]}
    assert client.usergroups_users_list(usergroup="S0PARTNERS")["users"] == [slack.partner.id]


def test_users_are_shown_with_what_forbids_them_to_approve(slack: SlackSandbox, client: WebClient) -> None:
    assert client.users_info(user=slack.guest.id)["user"]["is_restricted"]
    assert client.users_info(user=slack.bot.id)["user"]["is_bot"]
    assert client.users_info(user=slack.deleted.id)["user"]["deleted"]
    assert client.users_info(user=slack.stranger.id)["user"]["team_id"] != client.auth_test()["team_id"]
    assert _error(client.users_info, user="U0NOBODY") == "user_not_found"


# Files


def test_a_file_is_given_to_the_token_and_a_sign_in_page_to_others(slack: SlackSandbox, client: WebClient) -> None:
    file = slack.upload(slack.staff, slack.balances, "AR October.xlsx", b"PK\x03\x04")
    info = client.files_info(file=file.id)["file"]
    url = info["url_private_download"]
    assert requests.get(url, headers={"Authorization": f"Bearer {slack.bot_token}"}, timeout=5).content == b"PK\x03\x04"
    page = requests.get(url, timeout=5)
    assert page.status_code == 200
    assert page.headers["Content-Type"].startswith("text/html")
    assert info["size"] == 4
    assert info["mode"] == "hosted"


def test_a_file_says_where_it_was_shared(slack: SlackSandbox, client: WebClient) -> None:
    root = slack.say(slack.staff, "balances", "here it comes")
    file = slack.upload(slack.staff, "balances", "a.csv", b"x", thread_ts=root.ts)
    again = slack.share(slack.staff, file, "billing")
    slack.faults.add("files.info", "no_shares")
    assert client.files_info(file=file.id)["file"]["shares"] == {}
    public = client.files_info(file=file.id)["file"]["shares"]["public"]
    assert public[slack.balances.id][0]["thread_ts"] == root.ts
    assert public[slack.billing.id][0]["ts"] == again.ts
    assert client.files_info(file=file.id)["file"]["mode"] == "snippet"


def test_a_file_out_of_the_bots_sight_is_not_found(slack: SlackSandbox, client: WebClient) -> None:
    hidden = slack.upload(slack.staff, "lobby", "a.xlsx", b"x")
    assert _error(client.files_info, file=hidden.id) == "file_not_found"
    linked = slack.upload(slack.staff, "balances", "a.gsheet", b"", mode="external")
    info = client.files_info(file=linked.id)["file"]
    assert info["is_external"]
    assert not info["url_private"].startswith(slack.api_url.removesuffix("/api/"))
    slack.tombstone(linked)
    assert client.files_info(file=linked.id)["file"] == {"id": linked.id, "mode": "tombstone"}


def test_the_sdk_uploads_a_file_into_a_thread(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    root = slack.say(slack.staff, "balances", "x")
    client.files_upload_v2(channel=slack.balances.id, thread_ts=root.ts, filename="r.csv", content=b"a,b=c&d\n")
    (sent,) = slack.thread("balances", root.ts)[1:]
    assert (sent.user, sent.files[0].name, sent.files[0].data) == (slack.bot.id, "r.csv", b"a,b=c&d\n")
    slack.wait_for(lambda: bot.seen)
    assert bot.events()[0]["user_id"] == slack.bot.id


# Events


def test_an_event_carries_a_signature_that_the_sdk_accepts(slack: SlackSandbox, bot: Bot) -> None:
    slack.upload(slack.staff, "balances", "a.xlsx", b"x")
    slack.wait_for(lambda: slack.deliveries)
    headers, body = bot.seen[0]
    verifier = SignatureVerifier(slack.signing_secret)
    assert verifier.is_valid_request(body, headers)
    assert not verifier.is_valid_request(body + b" ", headers)
    assert bot.events()[0]["channel_id"] == slack.balances.id


def test_subscriptions_say_which_events_come_and_in_what_order(slack: SlackSandbox, bot: Bot) -> None:
    slack.rules.subscriptions = ("message", "file_shared")
    root = slack.say(slack.staff, "balances", "x")
    slack.upload(slack.staff, "balances", "a.xlsx", b"x", comment="October", thread_ts=root.ts)
    slack.wait_for(lambda: len(slack.deliveries) == 2)
    message, shared = bot.events()
    assert (message["subtype"], message["text"], message["thread_ts"]) == ("file_share", "October", root.ts)
    assert message["files"][0]["id"] == shared["file_id"]


def test_a_file_in_a_direct_conversation_has_no_shares(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    file = slack.upload(slack.staff, slack.staff, "a.xlsx", b"x")
    slack.wait_for(lambda: slack.deliveries)
    assert bot.events()[0]["channel_id"] == slack.messages(slack.staff)[0].channel
    assert bot.events()[0]["channel_id"].startswith("D")
    assert client.files_info(file=file.id)["file"]["shares"] == {}


def test_no_event_comes_from_a_channel_without_the_bot(slack: SlackSandbox, bot: Bot) -> None:
    slack.upload(slack.staff, "lobby", "a.xlsx", b"x")
    slack.upload(slack.staff, "balances", "b.xlsx", b"x")
    slack.wait_for(lambda: slack.deliveries)
    assert [event["channel_id"] for event in bot.events()] == [slack.balances.id]


def test_an_event_is_sent_three_times_more_until_it_is_acknowledged(slack: SlackSandbox, bot: Bot) -> None:
    slack.rules.retry_pauses = (0.0, 0.01, 0.01)
    bot.answers = [("", 500)] * 4
    slack.upload(slack.staff, "balances", "a.xlsx", b"x")
    slack.wait_for(lambda: len(slack.deliveries) == 4)
    assert [delivery.status for delivery in slack.deliveries] == [500] * 4
    assert len({delivery.id for delivery in slack.deliveries}) == 1
    retries = [(h.get("X-Slack-Retry-Num"), h.get("X-Slack-Retry-Reason")) for h, _ in bot.seen]
    assert retries == [(None, None), ("1", "http_error"), ("2", "http_error"), ("3", "http_error")]


def _delivered(slack: SlackSandbox, count: int) -> bool:
    return len(slack.deliveries) == count


def test_a_retry_stops_when_it_is_acknowledged_or_declined(slack: SlackSandbox, bot: Bot) -> None:
    slack.rules.retry_pauses = (0.0, 0.01, 0.01)
    declined = ("", 404, {"x-slack-no-retry": "1"})
    bot.answers = [("", 500), ("", 200), declined, ("", 500), declined]
    for attempts in (2, 3, 5):
        slack.upload(slack.staff, "balances", "a.xlsx", b"x")
        slack.wait_for(partial(_delivered, slack, attempts))
    with pytest.raises(TimeoutError):
        slack.wait_for(partial(_delivered, slack, 6), timeout=0.2)


def test_a_late_answer_counts_as_none(slack: SlackSandbox, bot: Bot) -> None:
    slack.rules.answer_within, slack.rules.retry_pauses, bot.pause = 0.1, (), 0.3
    slack.upload(slack.staff, "balances", "a.xlsx", b"x")
    slack.wait_for(lambda: slack.deliveries)
    assert (slack.deliveries[0].status, slack.deliveries[0].reason) == (None, "http_timeout")
    answer = slack.command(slack.staff, "list")
    assert answer.error == "operation_timeout"
    assert "operation_timeout" in slack.plain(slack.ephemerals(slack.staff)[0])


def test_an_event_can_be_sent_once_more_on_demand(slack: SlackSandbox, bot: Bot) -> None:
    slack.upload(slack.staff, "balances", "a.xlsx", b"x")
    slack.wait_for(lambda: slack.deliveries)
    assert slack.redeliver(slack.deliveries[0].id) == 200
    assert bot.seen[0][1] == bot.seen[1][1]


# Clicks, commands and their answers


def _payload(bot: Bot) -> Json:
    payload: Json = json.loads(parse_qs(bot.seen[-1][1].decode())["payload"][0])
    return payload


def _offer(slack: SlackSandbox, client: WebClient, **more: Any) -> str:
    row = actions(button("Approve 58 entries", action_id="approve", value="b1", **more), block_id="row")
    posted = client.chat_postMessage(channel=slack.balances.id, text="x", blocks=[section(), row])
    return str(posted["ts"])


def test_a_click_says_who_pressed_what_and_where(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    ts = _offer(slack, client, confirm=confirm("Post?", "58 entries", "Post", "Not yet"))
    click = slack.click(slack.manager, "Approve", ts)
    assert (click.status, click.action_id, click.value) == (200, "approve", "b1")
    assert click.confirm is not None
    assert click.confirm.text == "58 entries"
    sent = _payload(bot)
    assert sent["user"]["id"] == slack.manager.id
    assert sent["container"] == {
        "type": "message",
        "message_ts": ts,
        "channel_id": slack.balances.id,
        "is_ephemeral": False,
    }
    assert sent["message"]["ts"] == ts
    assert sent["actions"][0]["block_id"] == "row"
    assert SignatureVerifier(slack.signing_secret).is_valid_request(bot.seen[-1][1], bot.seen[-1][0])


def test_a_button_that_is_gone_can_be_pressed_only_by_who_still_sees_it(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    ts = _offer(slack, client)
    old = slack.messages("balances")[0].blocks
    client.chat_update(channel=slack.balances.id, ts=ts, text="done", blocks=[section("done")])
    with pytest.raises(LookupError, match="there is none"):
        slack.click(slack.manager, "Approve", ts)
    assert slack.click(slack.manager, "Approve", ts, snapshot=old).status == 200
    assert _payload(bot)["message"]["blocks"] == old


def test_a_response_url_works_five_times(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    slack.click(slack.manager, "Approve", _offer(slack, client))
    url = _payload(bot)["response_url"]
    answers = [requests.post(url, json={"text": str(n)}, timeout=5) for n in range(6)]
    assert [answer.ok for answer in answers] == [True] * 5 + [False]
    assert answers[5].json()["error"] == "used_url"
    assert [message.text for message in slack.ephemerals(slack.manager)] == ["0", "1", "2", "3", "4"]
    assert slack.ephemerals(slack.staff) == []


def test_a_response_url_can_replace_or_delete_and_checks_blocks(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    slack.click(slack.manager, "Approve", _offer(slack, client))
    url = _payload(bot)["response_url"]
    refused = requests.post(url, json={"blocks": [section("")]}, timeout=5)
    assert refused.json()["error"] == "invalid_blocks"
    requests.post(url, json={"text": "approved", "replace_original": True}, timeout=5)
    assert slack.plain(slack.messages("balances")[0]) == "approved"
    requests.post(url, json={"text": "said aloud", "response_type": "in_channel"}, timeout=5)
    assert slack.plain(slack.messages("balances")[1]) == "said aloud"
    requests.post(url, json={"delete_original": True}, timeout=5)
    assert len(slack.messages("balances")) == 1


def test_a_response_url_dies_of_age(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    slack.rules.response_url_seconds = 0
    slack.click(slack.manager, "Approve", _offer(slack, client))
    answer = requests.post(_payload(bot)["response_url"], json={"text": "x"}, timeout=5)
    assert answer.json()["error"] == "expired_url"


def test_a_commands_answer_is_seen_by_the_asker(slack: SlackSandbox, bot: Bot) -> None:
    bot.answers = [("12 batches", 200), ({"text": "to all", "response_type": "in_channel"}, 200), ("", 404)]
    assert slack.plain(slack.command(slack.staff, "list").message or pytest.fail()) == "12 batches"
    slack.command(slack.staff, "list")
    assert [slack.plain(message) for message in slack.messages("balances")] == ["/balances list", "to all"]
    assert slack.command(slack.staff, "list").error == "dispatch_failed"
    assert slack.command(slack.staff, "list").message is None
    assert len(slack.ephemerals(slack.staff)) == 2


def test_a_trigger_opens_one_view_and_only_at_once(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    ts = _offer(slack, client)
    slack.click(slack.manager, "Approve", ts)
    trigger = _payload(bot)["trigger_id"]
    client.views_open(trigger_id=trigger, view=modal(section()))
    assert _error(client.views_open, trigger_id=trigger, view=modal(section())) == "exchanged_trigger_id"
    slack.rules.trigger_seconds = 0
    slack.click(slack.manager, "Approve", ts)
    trigger = _payload(bot)["trigger_id"]
    assert _error(client.views_open, trigger_id=trigger, view=modal(section())) == "expired_trigger_id"
    assert _error(client.views_open, trigger_id="1.2.x", view=modal(section())) == "invalid_trigger_id"
    assert len(slack.views(slack.manager)) == 1


def test_a_form_is_closed_or_says_what_is_wrong(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    slack.click(slack.manager, "Approve", _offer(slack, client))
    client.views_open(trigger_id=_payload(bot)["trigger_id"], view=modal(section()))
    (view,) = slack.views(slack.manager)
    bot.answers = [({"response_action": "errors", "errors": {"reason": "Say why."}}, 200)]
    slack.submit(slack.manager, view, {})
    assert slack.views(slack.manager)[0].errors == {"reason": "Say why."}
    slack.submit(slack.manager, view, {"reason": {"text": {"type": "plain_text_input", "value": "wrong file"}}})
    assert _payload(bot)["view"]["state"]["values"]["reason"]["text"]["value"] == "wrong file"
    assert slack.views(slack.manager) == []


# Faults


def test_faults_come_once_and_in_their_own_way(slack: SlackSandbox, client: WebClient) -> None:
    def post(text: str) -> None:
        client.chat_postMessage(channel=slack.balances.id, text=text)

    slack.faults.add("chat.postMessage", "fatal_error")
    assert _error(client.chat_postMessage, channel=slack.balances.id, text="a") == "fatal_error"
    slack.faults.add("chat.postMessage", "http_500")
    with pytest.raises(SlackApiError):
        post("b")
    slack.faults.add("chat.postMessage", "ratelimited", seconds=7)
    with pytest.raises(SlackApiError) as limited:
        post("c")
    assert limited.value.response.headers["Retry-After"] == "7"
    slack.faults.add("chat.postMessage", "reset_before")
    with pytest.raises(OSError):
        post("d")
    slack.faults.add("chat.postMessage", "reset_after")
    with pytest.raises(OSError):
        post("e")
    post("f")
    assert [message.text for message in slack.messages("balances")] == ["e", "f"]


def test_while_slack_is_down_every_call_is_cut(slack: SlackSandbox, client: WebClient) -> None:
    slack.down()
    with pytest.raises(OSError):
        client.auth_test()
    slack.up()
    client.auth_test()


def test_waiting_in_vain_shows_the_last_thread(slack: SlackSandbox, client: WebClient) -> None:
    client.chat_postMessage(channel=slack.balances.id, text="Paused: Clio is away.")
    with pytest.raises(TimeoutError, match="balances: Paused: Clio is away"):
        slack.wait_for(lambda: False, timeout=0.05)


# Words


def _message(*blocks: Json, text: str = "", **more: Any) -> Message:
    return Message("C0BALANCES", "1795456657.000100", "U0BOT00001", text, list(blocks), **more)


def test_all_words_of_a_message_can_be_read(slack: SlackSandbox) -> None:
    message = _message(
        {"type": "header", "text": plain("AR &amp; more")},
        section(
            "*58* from <@U0STAFF001>, <https://app.clio.com|open> <!date^1^{date}|1 Nov>, &lt;!channel&gt; &amp;lt;"
        ),
        data_table([[raw("User"), raw("Amount")], [rich("Don"), number(5, "$5.00")]], "Totals"),
        {"type": "context", "elements": [mrkdwn("_as of_"), mrkdwn("2*3*4")]},
        {"type": "container", "title": plain("Left out"), "child_blocks": [section("Row 17")]},
        actions(button("Approve"), button("Reject")),
    )
    assert slack.plain(message).splitlines() == [
        "AR & more",
        "58 from @staff, open 1 Nov, <!channel> &lt;",
        "Totals",
        "User | Amount",
        "Don | $5.00",
        "as of 2*3*4",
        "Left out",
        "Row 17",
        "[Approve] [Reject]",
    ]


def _print(*messages: Message, **more: Any) -> str:
    console = Console(width=100, record=True, file=None, quiet=False, force_terminal=False)
    with console.capture() as captured:
        Screen(console, **more).show_thread(list(messages))
    return captured.get()


def test_the_screen_never_obeys_a_message() -> None:
    printed = _print(_message(section("[red]x[/red] [/nonsense] \x1b[31mred \u202edesrever")))
    assert "[red]x[/red] [/nonsense] [31mred desrever" in printed


def test_the_screen_says_how_many_rows_it_left_out() -> None:
    printed = _print(_message(data_table([[raw("Matter")], *[[raw(f"000{n}-Acme")] for n in range(9)]])), rows=4)
    assert "0003-Acme" in printed
    assert "0004-Acme" not in printed
    assert "and 5 more" in printed


def test_the_screen_marks_what_was_edited_and_what_others_cannot_see() -> None:
    printed = _print(_message(text="x", edited_ts="1.1"), _message(text="y", ephemeral_to="U0STAFF001"))
    assert "(edited)" in printed
    assert "Only visible to you" in printed


def test_the_screen_draws_every_block_that_the_limits_know() -> None:
    field = {"type": "input", "label": plain("Reason"), "element": {"type": "plain_text_input"}}
    blocks = [
        {"type": "header", "text": plain("Head")},
        section("Words", fields=[plain("Left"), plain("Right")], accessory=button("Beside")),
        {"type": "divider"},
        {"type": "image", "image_url": "https://x.test/a.png", "alt_text": "Picture"},
        {"type": "markdown", "text": "Marked"},
        rich("Rich"),
        {"type": "table", "rows": grid(2, 2, "Cell")},
        chart(pie(2)),
        field,
        {"type": "container", "title": plain("Box"), "child_blocks": [section("Inside")]},
        actions(button("Below", style="danger")),
    ]
    assert check_blocks(blocks) == []
    printed = _print(_message(*blocks))
    words = ["Head", "Words", "Left", "Right", "[Beside]", "[Picture]", "Marked", "Rich", "Cell", "Reason", "Inside"]
    assert [word for word in [*words, "Box", "[Below]"] if word not in printed] == []


# Through the real Bolt


@contextmanager
def _bolt(slack: SlackSandbox, signing_secret: str = "sandbox-secret") -> Iterator[App]:
    app = App(client=WebClient(token=slack.bot_token, base_url=slack.api_url), signing_secret=signing_secret)
    server = Server(SlackRequestHandler(app))
    server.start()
    slack.events_url = f"{server.url}/slack/events"
    try:
        yield app
    finally:
        slack.stop()
        server.stop()


def test_an_upload_a_click_and_a_command_go_through_bolt(slack: SlackSandbox) -> None:
    with _bolt(slack) as app:

        @app.event("file_shared")
        def preview(event: Json, client: WebClient) -> None:
            info = client.files_info(file=event["file_id"])["file"]
            ts = info["shares"]["public"][event["channel_id"]][0]["ts"]
            row = actions(button("Approve 1 entry", action_id="approve"))
            client.chat_postMessage(
                channel=event["channel_id"], thread_ts=ts, text="preview", blocks=[section(info["name"]), row]
            )

        @app.action("approve")
        def approve(ack: Ack, body: Json, respond: Respond, client: WebClient) -> None:
            ack()
            container = body["container"]
            respond("Thank you.", replace_original=False)
            client.chat_update(channel=container["channel_id"], ts=container["message_ts"], text="Approved", blocks=[])

        @app.command("/balances")
        def answer(ack: Ack, command: Json) -> None:
            ack(f"You said {command['text']}.")

        slack.upload(slack.staff, "balances", "AR.xlsx", b"PK")
        reply = slack.wait_for(lambda: slack.messages("balances")[1:])[0]
        assert slack.plain(reply) == "AR.xlsx\n[Approve 1 entry]"
        assert reply.thread_ts == slack.messages("balances")[0].ts
        assert slack.click(slack.manager, "Approve").status == 200
        slack.wait_for(lambda: slack.plain(slack.messages("balances")[1]) == "Approved")
        assert [message.text for message in slack.ephemerals(slack.manager)] == ["Thank you."]
        assert slack.plain(slack.command(slack.staff, "list").message or pytest.fail()) == "You said list."


def test_bolt_refuses_another_secret(slack: SlackSandbox) -> None:
    with _bolt(slack, "another secret") as app:
        app.command("/balances")(lambda ack: ack("hello"))
        assert slack.command(slack.staff, "list").status == 401


def test_bolt_ignores_the_bots_own_files(slack: SlackSandbox) -> None:
    with _bolt(slack) as app:
        heard: list[str] = []
        app.event("file_shared")(lambda event: heard.append(event["user_id"]))
        app.client.files_upload_v2(channel=slack.balances.id, filename="results.csv", content=b"x")
        slack.upload(slack.staff, "balances", "a.xlsx", b"x")
        slack.wait_for(lambda: heard)
        assert heard == [slack.staff.id]
