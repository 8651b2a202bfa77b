"""Modals and Home tabs are opened, pushed, updated and published as Slack lets them be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import slackblocks as sb
from slack_parts import (
    Bot,
    Json,
    actions,
    bars,
    button,
    chart,
    data_table,
    error_of,
    field,
    grid,
    modal,
    offer,
    payload_of,
    plain,
    section,
)
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from brought_forward.sandbox.slack import SlackSandbox, View
from brought_forward.sandbox.slack.blocks.views import check_view


@pytest.fixture
def offered(slack: SlackSandbox, client: WebClient, bot: Bot) -> str:
    return offer(slack, client)


def _trigger(slack: SlackSandbox, bot: Bot, where: Any) -> str:
    what = "Approve" if isinstance(where, str) else "Go"
    slack.click(slack.manager, what, where)
    return str(payload_of(bot)["trigger_id"])


def _open(slack: SlackSandbox, client: WebClient, bot: Bot, offered: str, view: Json) -> View:
    client.views_open(trigger_id=_trigger(slack, bot, offered), view=view)
    return slack.views(slack.manager)[-1]


def home(*blocks: Json, **more: Any) -> Json:
    return {"type": "home", "blocks": list(blocks), **more}


GO = actions(button("Go", action_id="go"))


def test_a_trigger_opens_one_view_and_only_within_three_seconds(
    slack: SlackSandbox, client: WebClient, bot: Bot, offered: str
) -> None:
    trigger = _trigger(slack, bot, offered)
    slack.pass_time(2.5)
    client.views_open(trigger_id=trigger, view=modal(section()))
    assert error_of(client.views_open, trigger_id=trigger, view=modal(section())) == "exchanged_trigger_id"
    trigger = _trigger(slack, bot, offered)
    slack.pass_time(3.5)
    assert error_of(client.views_open, trigger_id=trigger, view=modal(section())) == "expired_trigger_id"
    assert error_of(client.views_open, trigger_id="1.2.x", view=modal(section())) == "invalid_trigger_id"
    assert error_of(client.api_call, api_method="views.open", json={"view": modal(section())}) == "invalid_arguments"
    assert len(slack.views(slack.manager)) == 1


def _with(**more: Any) -> Json:
    return modal(section()) | more


Build = Callable[[int], Any]
VIEW_LIMITS: list[tuple[str, int, Build, Build | None]] = [
    ("title", 24, lambda n: _with(title=plain("x" * n)), lambda n: sb.ModalView("x" * n, [sb.SectionBlock("x")])),
    ("submit", 24, lambda n: _with(submit=plain("x" * n)), None),
    ("close", 24, lambda n: _with(close=plain("x" * n)), None),
    ("private_metadata", 3000, lambda n: _with(private_metadata="x" * n), None),
    ("callback_id", 255, lambda n: _with(callback_id="x" * n), None),
    ("external_id", 255, lambda n: _with(external_id="x" * n), None),
    ("blocks", 100, lambda n: _with(blocks=[section()] * n), None),
    ("label", 2000, lambda n: modal(field("plain_text_input") | {"label": plain("x" * n)}), None),
    ("hint", 2000, lambda n: modal(field("plain_text_input", hint=plain("x" * n))), None),
    ("placeholder", 150, lambda n: modal(field("plain_text_input", element={"placeholder": plain("x" * n)})), None),
    ("max_length", 3000, lambda n: modal(field("plain_text_input", element={"max_length": n})), None),
    ("max_files", 10, lambda n: modal(field("file_input", element={"max_files": n})), None),
    (
        "checkboxes",
        10,
        lambda n: modal(
            field("checkboxes", element={"options": [{"text": plain("x"), "value": str(one)} for one in range(n)]})
        ),
        None,
    ),
]


@pytest.mark.parametrize(
    ("most", "make", "theirs"), [one[1:] for one in VIEW_LIMITS], ids=[one[0] for one in VIEW_LIMITS]
)
def test_a_view_has_slacks_limits(most: int, make: Build, theirs: Build | None) -> None:
    assert [str(flaw) for flaw in check_view(make(most))] == []
    assert check_view(make(most + 1))
    if theirs is not None:
        theirs(most)
        with pytest.raises(sb.InvalidUsageError):
            theirs(most + 1)


@pytest.mark.parametrize(
    "view",
    [
        {"type": "modal", "title": plain("t"), "blocks": [field("plain_text_input")]},  # input blocks need `submit`
        {"type": "modal", "blocks": [section()]},
        home(section()),
        _with(colour="red"),
        _with(submit="Save"),
        modal(data_table(grid(2, 1))),
        modal({"type": "table", "rows": grid(2, 1)}),
        modal(chart(bars())),
        modal(field("button")),
        modal(field("datepicker", element={"initial_date": "31.10.2026"})),
        modal(field("timepicker", element={"initial_time": "9:00"})),
        modal(field("static_select", element={"options": []})),
        modal(field("static_select", element={"options": [{"text": plain("a"), "value": "a"}],
                                              "initial_option": {"text": plain("b"), "value": "a"}})),
        modal(field("plain_text_input", element={"min_length": 9, "max_length": 3})),
        modal(field("number_input")),
        modal(field("conversations_select", element={"filter": {"include": ["secret"]}})),
        modal(actions({"type": "conversations_select", "response_url_enabled": True})),
        modal(actions({"type": "email_text_input"})),
        modal(field("plain_text_input", element={"focus_on_load": True}, block_id="a"),
              field("plain_text_input", element={"focus_on_load": True}, block_id="b")),
        modal(section(block_id="a"), section(block_id="a")),
    ],
    ids=lambda view: str(view)[:60],
)  # fmt: skip
def test_slack_opens_no_such_view(slack: SlackSandbox, client: WebClient, bot: Bot, offered: str, view: Json) -> None:
    trigger = _trigger(slack, bot, offered)
    with pytest.raises(SlackApiError) as caught:
        client.views_open(trigger_id=trigger, view=view)
    assert caught.value.response["error"] == "invalid_arguments"
    assert "json-pointer:/view" in caught.value.response["response_metadata"]["messages"][0]
    if view["type"] == "modal":
        assert error_of(client.blocks_validate, view=view) == "invalid_view"
    assert slack.views(slack.manager) == []


@pytest.mark.parametrize(
    "block",
    [
        field("email_text_input"),
        field("number_input", element={"is_decimal_allowed": False}),
        field("file_input"),
        field("url_text_input"),
        field("conversations_select", element={"response_url_enabled": True}),
    ],
    ids=lambda block: block["element"]["type"],
)
def test_some_fields_are_for_modals_only(block: Json) -> None:
    assert check_view(modal(block)) == []
    assert check_view(home(block), "home")


def test_a_home_tab_takes_tables_but_no_charts_and_no_title() -> None:
    assert check_view(home(section(), data_table(grid(2, 1)), field("plain_text_input")), "home") == []
    assert check_view(home(chart(bars())), "home")
    assert check_view(home(section(), title=plain("x")), "home")
    assert check_view(home(*[section()] * 101), "home")
    assert check_view(modal(section()), "home")


def test_a_view_may_be_250_kilobytes(slack: SlackSandbox, client: WebClient, bot: Bot, offered: str) -> None:
    many = [section("x" * 2500) for _ in range(99)]
    _open(slack, client, bot, offered, modal(*many))
    many = [section("é" * 2500) for _ in range(99)]
    trigger = _trigger(slack, bot, offered)
    assert error_of(client.views_open, trigger_id=trigger, view=modal(*many)) == "view_too_large"


def test_a_form_for_files_needs_the_scope_to_read_them(
    slack: SlackSandbox, client: WebClient, bot: Bot, offered: str
) -> None:
    slack.rules.scopes -= {"files:read"}
    trigger = _trigger(slack, bot, offered)
    assert error_of(client.views_open, trigger_id=trigger, view=modal(field("file_input"))) == "missing_scope"


def test_three_views_stand_on_each_other_and_no_fourth(
    slack: SlackSandbox, client: WebClient, bot: Bot, offered: str
) -> None:
    first = _open(slack, client, bot, offered, modal(GO))
    client.views_push(trigger_id=_trigger(slack, bot, first), view=modal(GO))
    second = slack.views(slack.manager)[-1]
    assert (second.root_id, second.previous_id) == (first.id, first.id)
    with pytest.raises(LookupError, match="on top"):
        slack.click(slack.manager, "Go", first)
    pushed = client.views_push(trigger_id=_trigger(slack, bot, second), view=modal(GO))["view"]
    assert (pushed["root_view_id"], pushed["previous_view_id"]) == (first.id, second.id)
    trigger = _trigger(slack, bot, slack.views(slack.manager)[-1])
    assert error_of(client.views_push, trigger_id=trigger, view=modal(GO)) == "push_limit_reached"
    trigger = _trigger(slack, bot, offered)
    assert error_of(client.views_push, trigger_id=trigger, view=modal(GO)) == "not_found"  # nothing is under it


def test_an_update_needs_the_hash_that_the_view_has_now(
    slack: SlackSandbox, client: WebClient, bot: Bot, offered: str
) -> None:
    view = _open(slack, client, bot, offered, modal(section("loading")))
    client.views_update(view_id=view.id, hash=view.hash, view=modal(section("one")))
    assert error_of(client.views_update, view_id=view.id, hash=view.hash, view=modal(section())) == "hash_conflict"
    client.views_update(view_id=view.id, view=modal(section("two")))
    assert "two" in slack.plain(slack.views(slack.manager)[-1])
    assert error_of(client.views_update, view_id=view.id, view=home(section())) == "invalid_arguments"
    assert error_of(client.views_update, view_id="V0NOBODY", view=modal(section())) == "not_found"
    assert error_of(client.api_call, api_method="views.update", json={"view": modal(section())}) == "invalid_arguments"
    slack.close(slack.manager, view)
    assert error_of(client.views_update, view_id=view.id, view=modal(section())) == "not_found"


def test_an_external_id_names_one_view(slack: SlackSandbox, client: WebClient, bot: Bot, offered: str) -> None:
    view = _open(slack, client, bot, offered, _with(external_id="b12"))
    trigger = _trigger(slack, bot, offered)
    assert error_of(client.views_open, trigger_id=trigger, view=_with(external_id="b12")) == "duplicate_external_id"
    client.views_update(external_id="b12", view=_with(external_id="b12", title=plain("Again")))
    assert slack.plain(slack.views(slack.manager)[-1]).startswith("Again")
    assert error_of(client.views_update, external_id="b13", view=modal(section())) == "not_found"
    slack.close(slack.manager, view)
    assert error_of(client.views_update, external_id="b12", view=modal(section())) == "not_found"


def test_what_was_typed_outlives_an_update_that_keeps_the_ids(
    slack: SlackSandbox, client: WebClient, bot: Bot, offered: str
) -> None:
    note = field("plain_text_input", element={"action_id": "text"}, block_id="note")
    view = _open(slack, client, bot, offered, modal(note))
    slack.fill(slack.manager, view, "text", "by hand")
    client.views_update(view_id=view.id, view=modal(section(), note))
    assert slack.values(view)["note"]["text"]["value"] == "by hand"
    client.views_update(view_id=view.id, view=modal(note | {"block_id": "note2"}))
    assert slack.values(view) == {"note2": {"text": {"type": "plain_text_input", "value": None}}}


def test_a_home_tab_is_published_and_republished(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    assert slack.home(slack.staff) is None
    first = client.views_publish(user_id=slack.staff.id, view=home(section("one"), GO))["view"]
    client.views_publish(user_id=slack.staff.id, hash=first["hash"], view=home(section("two"), GO))
    shown = slack.home(slack.staff)
    assert shown is not None
    assert shown.id == first["id"]
    assert slack.plain(shown) == "two\n[Go]"
    stale = {"user_id": slack.staff.id, "hash": first["hash"], "view": home(section())}
    assert error_of(client.views_publish, **stale) == "hash_conflict"
    assert error_of(client.views_publish, user_id=slack.staff.id, view=modal(section())) == "invalid_arguments"
    assert error_of(client.views_publish, user_id="U0NOBODY", view=home(section())) == "user_not_found"
    slack.rules.home_tab = False
    assert error_of(client.views_publish, user_id=slack.staff.id, view=home(section())) == "not_enabled"
    assert slack.home(slack.manager) is None
    assert slack.views(slack.staff) == []


def test_opening_the_home_tab_is_told_with_what_it_shows(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    slack.open_home(slack.staff)
    slack.wait_for(lambda: bot.seen)
    (event,) = bot.events()
    assert (event["type"], event["user"], event["tab"]) == ("app_home_opened", slack.staff.id, "home")
    assert event["channel"].startswith("D")
    assert "view" not in event
    published = client.views_publish(user_id=slack.staff.id, view=home(section()))["view"]
    slack.open_home(slack.staff)
    slack.wait_for(lambda: len(bot.seen) == 2)
    assert bot.events()[1]["view"]["hash"] == published["hash"]
    slack.open_home(slack.staff, "messages")
    slack.wait_for(lambda: len(bot.seen) == 3)
    assert "view" not in bot.events()[2]
    slack.rules.subscriptions = ("file_shared",)
    slack.open_home(slack.staff)
    slack.upload(slack.staff, "balances", "a.xlsx", b"x")
    slack.wait_for(lambda: len(bot.seen) == 4)
    assert bot.events()[3]["type"] == "file_shared"


def test_a_button_in_the_home_tab_can_open_a_modal_but_not_push_one(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    published = client.views_publish(user_id=slack.manager.id, view=home(GO, private_metadata="B12"))["view"]
    shown = slack.home(slack.manager)
    trigger = _trigger(slack, bot, shown)
    clicked = payload_of(bot)
    assert clicked["container"] == {"type": "view", "view_id": published["id"]}
    assert (clicked["view"]["type"], clicked["view"]["private_metadata"]) == ("home", "B12")
    assert "response_url" not in clicked
    assert error_of(client.views_push, trigger_id=trigger, view=modal(section())) == "not_found"
    client.views_open(trigger_id=trigger, view=modal(section()))
    assert len(slack.views(slack.manager)) == 1
