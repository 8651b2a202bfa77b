"""People fill and send forms in the pretend Slack, and the bot's answers do to them what Slack lets them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
import requests
from slack_parts import Bot, Json, actions, button, error_of, field, modal, offer, payload_of, plain, section
from slack_sdk import WebClient

from brought_forward.sandbox.slack import SlackSandbox, View

OPTIONS = [{"text": plain("Donald Draper"), "value": "7"}, {"text": plain("Peggy Olson"), "value": "8"}]
NOTE = field("plain_text_input", "Reason", element={"action_id": "text"}, block_id="reason")


class Desk:
    """A manager before a form of the bot's."""

    def __init__(self, slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
        self.slack, self.client, self.bot = slack, client, bot
        self.ts = offer(slack, client)

    def open(self, view: Json) -> View:
        self.slack.click(self.slack.manager, "Approve", self.ts)
        self.client.views_open(trigger_id=payload_of(self.bot)["trigger_id"], view=view)
        return self.slack.views(self.slack.manager)[-1]

    def push(self, view: View, payload: Json) -> View:
        self.slack.click(self.slack.manager, "Go", view)
        self.client.views_push(trigger_id=payload_of(self.bot)["trigger_id"], view=payload)
        return self.slack.views(self.slack.manager)[-1]

    def there(self) -> list[View]:
        return self.slack.views(self.slack.manager)

    def values(self) -> Json:
        """What the bot was sent, the block_ids left out."""
        blocks: Json = payload_of(self.bot)["view"]["state"]["values"]
        return {action: value for block in blocks.values() for action, value in block.items()}


@pytest.fixture
def desk(slack: SlackSandbox, client: WebClient, bot: Bot) -> Desk:
    return Desk(slack, client, bot)


def _named(kind: str, name: str, **element: Any) -> Json:
    return field(kind, name.title(), element={"action_id": name, **element})


def test_every_kind_of_field_is_sent_as_slack_sends_it(desk: Desk) -> None:
    slack, manager = desk.slack, desk.slack.manager
    view = desk.open(
        modal(
            _named("plain_text_input", "note", initial_value="as before"),
            _named("number_input", "total", is_decimal_allowed=True, min_value="0"),
            _named("email_text_input", "mail"),
            _named("url_text_input", "link"),
            _named("static_select", "user", options=OPTIONS),
            _named("radio_buttons", "kind", options=OPTIONS),
            _named("checkboxes", "which", options=OPTIONS),
            _named("users_select", "person"),
            _named("multi_users_select", "people"),
            _named("conversations_select", "channel"),
            _named("multi_conversations_select", "channels"),
            _named("channels_select", "public"),
            _named("datepicker", "day"),
            _named("timepicker", "time"),
        )
        | {"private_metadata": "B12", "callback_id": "fix"}
    )
    values = {
        "total": "184220.50", "mail": "a@firm.test", "link": "https://firm.test", "User": "Peggy", "kind": "7",
        "which": ["7", "Peggy"], "person": slack.partner, "people": [slack.staff, slack.partner],
        "channel": slack.billing, "channels": ["billing", slack.balances], "public": "billing",
        "day": date(2026, 11, 30), "time": "09:30",
    }  # fmt: skip
    assert slack.submit(manager, view, values).error is None
    assert desk.values() == {
        "note": {"type": "plain_text_input", "value": "as before"},
        "total": {"type": "number_input", "value": "184220.50"},
        "mail": {"type": "email_text_input", "value": "a@firm.test"},
        "link": {"type": "url_text_input", "value": "https://firm.test"},
        "user": {"type": "static_select", "selected_option": OPTIONS[1]},
        "kind": {"type": "radio_buttons", "selected_option": OPTIONS[0]},
        "which": {"type": "checkboxes", "selected_options": OPTIONS},
        "person": {"type": "users_select", "selected_user": slack.partner.id},
        "people": {"type": "multi_users_select", "selected_users": [slack.staff.id, slack.partner.id]},
        "channel": {"type": "conversations_select", "selected_conversation": slack.billing.id},
        "channels": {
            "type": "multi_conversations_select",
            "selected_conversations": [slack.billing.id, slack.balances.id],
        },
        "public": {"type": "channels_select", "selected_channel": slack.billing.id},
        "day": {"type": "datepicker", "selected_date": "2026-11-30"},
        "time": {"type": "timepicker", "selected_time": "09:30"},
    }
    sent = payload_of(desk.bot)
    assert (sent["type"], sent["user"]["id"]) == ("view_submission", manager.id)
    assert (sent["view"]["id"], sent["view"]["private_metadata"]) == (view.id, "B12")
    assert (sent["view"]["callback_id"], sent["response_urls"]) == ("fix", [])
    assert not {"container", "channel", "message", "response_url"} & sent.keys()
    assert desk.there() == []


def test_a_required_field_left_empty_is_refused_before_the_bot_hears(desk: Desk) -> None:
    view = desk.open(modal(NOTE, field("datepicker", optional=True, block_id="day")))
    heard = len(desk.bot.seen)
    assert desk.slack.submit(desk.slack.manager, view).error == "not_sent"
    (still,) = desk.there()
    assert list(still.errors) == ["reason"]
    assert "! Please complete" in desk.slack.plain(still)
    assert len(desk.bot.seen) == heard
    assert desk.slack.submit(desk.slack.manager, view, {"Reason": "wrong file"}).status == 200
    assert desk.values()["text"]["value"] == "wrong file"


@pytest.mark.parametrize(
    ("kind", "element", "wrong", "right"),
    [
        ("number_input", {"is_decimal_allowed": False}, "12.50", "12"),
        ("number_input", {"is_decimal_allowed": True}, "$12.50", "12.50"),
        ("number_input", {"is_decimal_allowed": True, "min_value": "1"}, "0.99", "1"),
        ("number_input", {"is_decimal_allowed": True, "max_value": "10"}, "10.01", "10"),
        ("number_input", {"is_decimal_allowed": True}, "NaN", "0"),
        ("email_text_input", {}, "nobody", "a@b.test"),
        ("url_text_input", {}, "firm.test", "https://firm.test"),
        ("plain_text_input", {"min_length": 3}, "no", "yes"),
        ("plain_text_input", {"max_length": 3}, "nope", "yes"),
        ("plain_text_input", {}, "x" * 3001, "x" * 3000),
    ],
)
def test_what_is_no_such_value_is_refused_before_the_bot_hears(
    desk: Desk, kind: str, element: Json, wrong: str, right: str
) -> None:
    view = desk.open(modal(_named(kind, "it", **element)))
    heard = len(desk.bot.seen)
    assert desk.slack.submit(desk.slack.manager, view, {"it": wrong}).error == "not_sent"
    assert len(desk.bot.seen) == heard
    assert desk.slack.submit(desk.slack.manager, view, {"it": right}).error is None


def test_people_and_channels_that_slack_does_not_offer_cannot_be_chosen(desk: Desk) -> None:
    slack, manager = desk.slack, desk.slack.manager
    hidden = slack.add_channel("partners", [slack.partner], is_private=True)
    shared = slack.add_channel("with-others", [manager], is_ext_shared=True)
    rule = {"include": ["public", "private"], "exclude_external_shared_channels": True}
    view = desk.open(
        modal(
            _named("conversations_select", "channel", filter=rule),
            _named("users_select", "person"),
            _named("static_select", "user", options=OPTIONS),
        )
    )
    slack.archive("billing")
    for room in (hidden, shared, slack.billing, manager):
        with pytest.raises(LookupError, match="not offered"):
            slack.fill(manager, view, "channel", room)
    with pytest.raises(LookupError, match="no longer offered"):
        slack.fill(manager, view, "person", slack.deleted)
    with pytest.raises(LookupError, match="no option 'Roger'"):
        slack.fill(manager, view, "user", "Roger")
    with pytest.raises(LookupError, match="there is 'Channel', 'Person', 'User'"):
        slack.fill(manager, view, "colour", "red")
    slack.fill(manager, view, "channel", "balances")


def test_a_matter_is_searched_in_a_form(desk: Desk) -> None:
    view = desk.open(modal(_named("external_select", "matter", min_query_length=2)))
    desk.bot.answers = [({"options": OPTIONS}, 200)]
    assert desk.slack.fill(desk.slack.manager, view, "matter", "Peggy", typed="pe") is None
    asked = payload_of(desk.bot)
    assert (asked["type"], asked["value"], asked["view"]["id"]) == ("block_suggestion", "pe", view.id)
    assert asked["container"] == {"type": "view", "view_id": view.id}
    desk.slack.submit(desk.slack.manager, view)
    assert desk.values()["matter"] == {"type": "external_select", "selected_option": OPTIONS[1]}


def test_a_file_in_a_form_is_given_to_the_bot_and_shared_nowhere(desk: Desk) -> None:
    slack, manager = desk.slack, desk.slack.manager
    view = desk.open(modal(_named("file_input", "sheet", filetypes=["csv", "xlsx"], max_files=1)))
    with pytest.raises(LookupError, match="of a type"):
        slack.fill(manager, view, "sheet", {"a.pdf": b"x"})
    with pytest.raises(LookupError, match="No more than 1"):
        slack.fill(manager, view, "sheet", {"a.csv": b"x", "b.csv": b"x"})
    with pytest.raises(LookupError, match="10 MB"):
        slack.fill(manager, view, "sheet", {"a.csv": b"x" * (10 * 1024 * 1024 + 1)})
    assert slack.submit(manager, view).error == "not_sent"
    slack.submit(manager, view, {"sheet": {"AR.xlsx": b"PK"}})
    (file,) = desk.values()["sheet"]["files"]
    assert desk.client.files_info(file=file["id"])["file"]["shares"] == {}
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}
    assert requests.get(file["url_private_download"], headers=bearer, timeout=5).content == b"PK"
    assert "file_shared" not in [delivery.kind for delivery in slack.deliveries]


def test_a_form_knows_where_it_was_opened_and_brings_an_address_to_answer_there(desk: Desk) -> None:
    view = desk.open(
        modal(
            _named("conversations_select", "channel", default_to_current_conversation=True, response_url_enabled=True)
        )
    )
    desk.slack.submit(desk.slack.manager, view)
    (url,) = payload_of(desk.bot)["response_urls"]
    assert (url["channel_id"], url["action_id"]) == (desk.slack.balances.id, "channel")
    assert requests.post(url["response_url"], json={"text": "begun"}, timeout=5).ok
    assert desk.slack.ephemerals(desk.slack.manager)[-1].channel == desk.slack.balances.id


def test_only_some_fields_tell_the_bot_before_the_form_is_sent(desk: Desk) -> None:
    slack, manager = desk.slack, desk.slack.manager
    select = {"type": "static_select", "action_id": "page", "options": OPTIONS}
    view = desk.open(
        modal(NOTE, field("datepicker", element={"action_id": "day"}, dispatch_action=True), actions(select))
    )
    heard = len(desk.bot.seen)
    assert slack.fill(manager, view, "text", "typed") is None
    with pytest.raises(LookupError, match="use fill"):
        slack.choose(manager, "text", "typed", view)
    assert len(desk.bot.seen) == heard
    slack.choose(manager, "day", "2026-11-30", view)
    assert payload_of(desk.bot)["actions"][0]["selected_date"] == "2026-11-30"
    assert slack.choose(manager, "page", "8", view).status == 200
    clicked = payload_of(desk.bot)
    assert clicked["container"] == {"type": "view", "view_id": view.id}
    assert not {"response_url", "channel", "message"} & clicked.keys()
    assert desk.values()["text"]["value"] == "typed"
    assert desk.values()["page"]["selected_option"] == OPTIONS[1]


def _answer(desk: Desk, view: View, body: Any, status: int = 200) -> str | None:
    desk.bot.answers = [(body, status)]
    return desk.slack.submit(desk.slack.manager, view).error


def test_errors_keep_the_form_open_until_they_are_mended(desk: Desk) -> None:
    view = desk.open(modal(NOTE | {"optional": True}, section(block_id="words")))
    assert _answer(desk, view, {"response_action": "errors", "errors": {"reason": "Say why."}}) is None
    (still,) = desk.there()
    assert still.errors == {"reason": "Say why."}
    assert "! Say why." in desk.slack.plain(still)
    assert desk.slack.submit(desk.slack.manager, view, {"text": "wrong file"}).error is None
    assert desk.there() == []


@pytest.mark.parametrize(
    "body",
    [
        {"response_action": "errors", "errors": {"words": "no input block"}},
        {"response_action": "errors", "errors": {"text": "an action_id"}},
        {"response_action": "errors", "errors": {"reason": ""}},
        {"response_action": "errors", "errors": {}},
        {"response_action": "errors"},
        {"response_action": "update"},
        {"response_action": "update", "view": modal(section(), title="x" * 25)},
        {"response_action": "push", "view": {"type": "home", "blocks": []}},
        {"response_action": "shut"},
        {"text": "thank you"},
        "thank you",
        [],
    ],
    ids=str,
)
def test_an_answer_that_slack_cannot_use_leaves_the_form_open(desk: Desk, body: Any) -> None:
    view = desk.open(modal(NOTE | {"optional": True}, section(block_id="words")))
    assert _answer(desk, view, body) == "invalid_response"
    (still,) = desk.there()
    assert (still.payload, still.errors) == (view.payload, {})


def test_a_failure_or_a_late_answer_leaves_the_form_open(desk: Desk) -> None:
    view = desk.open(modal(NOTE | {"optional": True}))
    assert _answer(desk, view, "", 500) == "http_error"
    desk.slack.rules.answer_within, desk.bot.pause = 0.1, 0.3
    assert _answer(desk, view, "") == "http_timeout"
    assert len(desk.there()) == 1


def test_an_answer_can_change_push_and_clear_views(desk: Desk) -> None:
    view = desk.open(modal(section("page 1")))
    assert _answer(desk, view, {"response_action": "update", "view": modal(section("page 2"))}) is None
    (second,) = desk.there()
    assert "page 2" in desk.slack.plain(second)
    assert second.hash != view.hash
    for number in (2, 3):
        pushed = {"response_action": "push", "view": modal(section("more"))}
        assert _answer(desk, desk.there()[-1], pushed) is None
        assert len(desk.there()) == number
    pushed = {"response_action": "push", "view": modal(section("too many"))}
    assert _answer(desk, desk.there()[-1], pushed) == "invalid_response"
    assert _answer(desk, desk.there()[-1], "") is None  # closes only the view on top
    assert len(desk.there()) == 2
    with pytest.raises(LookupError, match="on top"):
        desk.slack.submit(desk.slack.manager, view)
    assert _answer(desk, desk.there()[-1], {"response_action": "clear"}) is None
    assert desk.there() == []
    with pytest.raises(LookupError, match="not have this view open"):
        desk.slack.submit(desk.slack.manager, view)


def test_closing_is_told_where_the_view_asks_for_it(desk: Desk) -> None:
    slack, manager = desk.slack, desk.slack.manager
    quiet = desk.open(modal(section()))
    assert slack.close(manager, quiet) == []
    told = modal(section(), actions(button("Go", action_id="go"))) | {"notify_on_close": True, "callback_id": "fix"}
    view = desk.open(told)
    (answer,) = slack.close(manager, view)
    closed = payload_of(desk.bot)
    assert (answer.status, closed["type"], closed["is_cleared"]) == (200, "view_closed", False)
    assert (closed["view"]["id"], closed["view"]["callback_id"]) == (view.id, "fix")
    assert "trigger_id" not in closed
    first = desk.open(told)
    slack.close(manager, desk.push(first, told))
    assert [one.id for one in desk.there()] == [first.id]
    answers = slack.close(manager, desk.push(first, told), everything=True)
    assert (len(answers), payload_of(desk.bot)["is_cleared"], desk.there()) == (2, True, [])
    first = desk.open(told)
    slack.close(manager, desk.push(first, told | {"clear_on_close": True}))
    assert desk.there() == []


def test_nobody_touches_another_ones_form(desk: Desk) -> None:
    view = desk.open(modal(NOTE))
    for act in (
        lambda: desk.slack.submit(desk.slack.staff, view),
        lambda: desk.slack.fill(desk.slack.staff, view, "text", "x"),
        lambda: desk.slack.close(desk.slack.staff, view),
    ):
        with pytest.raises(LookupError, match="does not have this view open"):
            act()
    assert error_of(desk.client.views_update, view_id="V0", view=modal(NOTE)) == "not_found"
