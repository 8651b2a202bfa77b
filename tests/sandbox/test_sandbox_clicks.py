"""Clicks, commands and their answers, as Slack sends and takes them."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from slack_parts import Bot, Json, actions, confirm, offer, payload_of, plain, section
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier

from brought_forward.sandbox.slack import SlackSandbox


def test_a_click_says_who_pressed_what_and_where(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    ts = offer(slack, client, confirm=confirm("Post?", "58 entries", "Post", "Not yet"))
    click = slack.click(slack.manager, "Approve", ts)
    assert (click.status, click.action_id, click.value) == (200, "approve", "b1")
    assert click.confirm is not None
    assert click.confirm.text == "58 entries"
    sent = payload_of(bot)
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
    ts = offer(slack, client)
    old = slack.messages("balances")[0].blocks
    client.chat_update(channel=slack.balances.id, ts=ts, text="done", blocks=[section("done")])
    with pytest.raises(LookupError, match="there is none"):
        slack.click(slack.manager, "Approve", ts)
    assert slack.click(slack.manager, "Approve", ts, snapshot=old).status == 200
    assert payload_of(bot)["message"]["blocks"] == old


def test_a_response_url_works_five_times(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    slack.click(slack.manager, "Approve", offer(slack, client))
    url = payload_of(bot)["response_url"]
    answers = [requests.post(url, json={"text": str(n)}, timeout=5) for n in range(6)]
    assert [answer.ok for answer in answers] == [True] * 5 + [False]
    assert answers[5].json()["error"] == "used_url"
    assert [message.text for message in slack.ephemerals(slack.manager)] == ["0", "1", "2", "3", "4"]
    assert slack.ephemerals(slack.staff) == []


def test_a_response_url_can_replace_or_delete_and_checks_blocks(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    slack.click(slack.manager, "Approve", offer(slack, client))
    url = payload_of(bot)["response_url"]
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
    slack.click(slack.manager, "Approve", offer(slack, client))
    answer = requests.post(payload_of(bot)["response_url"], json={"text": "x"}, timeout=5)
    assert answer.json()["error"] == "expired_url"


def test_a_commands_answer_is_seen_by_the_asker(slack: SlackSandbox, bot: Bot) -> None:
    bot.answers = [("12 batches", 200), ({"text": "to all", "response_type": "in_channel"}, 200), ("", 404)]
    assert slack.plain(slack.command(slack.staff, "list").message or pytest.fail()) == "12 batches"
    slack.command(slack.staff, "list")
    assert [slack.plain(message) for message in slack.messages("balances")] == ["/balances list", "to all"]
    assert slack.command(slack.staff, "list").error == "dispatch_failed"
    assert slack.command(slack.staff, "list").message is None
    assert len(slack.ephemerals(slack.staff)) == 2


def test_a_response_url_lives_for_thirty_minutes_and_for_five_answers(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    slack.click(slack.manager, "Approve", offer(slack, client))
    url = payload_of(bot)["response_url"]
    slack.pass_time(29 * 60)
    assert requests.post(url, json={"text": "late"}, timeout=5).ok
    slack.pass_time(61)
    answer = requests.post(url, json={"text": "too late"}, timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (404, "expired_url")


def test_a_menu_offers_only_its_options(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    menu = {"type": "static_select", "action_id": "due", "options": [{"text": plain("Balance"), "value": "C"}]}
    day = {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-23"}
    posted = client.chat_postMessage(channel=slack.balances.id, text="x", blocks=[actions(menu, day, block_id="row")])
    slack.choose(slack.staff, "due", "C", posted["ts"])
    assert payload_of(bot)["actions"][0]["selected_option"] == menu["options"][0]
    with pytest.raises(LookupError, match="there is 'Balance'"):
        slack.choose(slack.staff, "due", "D", posted["ts"])
    slack.choose(slack.staff, "day", "2026-11-30", posted["ts"])
    assert payload_of(bot)["actions"][0]["selected_date"] == "2026-11-30"
    assert payload_of(bot)["state"]["values"]["row"] == {
        "due": {"type": "static_select", "selected_option": menu["options"][0]},
        "day": {"type": "datepicker", "selected_date": "2026-11-30"},
    }
    slack.choose(slack.manager, "due", "C", posted["ts"])  # what staff chose is on their own screens only
    assert payload_of(bot)["state"]["values"]["row"]["day"]["selected_date"] == "2026-11-23"


def _search(slack: SlackSandbox, client: WebClient, **more: Any) -> str:
    menu = {"type": "external_select", "action_id": "matter", **more}
    posted = client.chat_postMessage(channel=slack.balances.id, text="x", blocks=[actions(menu, block_id="row")])
    return str(posted["ts"])


def _options(count: int, label: str = "00012-Acme", value: str = "12") -> list[Json]:
    return [{"text": plain(label), "value": value}] * count


def test_typing_into_a_search_brings_the_bots_options(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    ts = _search(slack, client)
    bot.answers = [({"options": _options(1)}, 200)]
    assert slack.suggest(slack.staff, "matter", "acm", ts).options == tuple(_options(1))
    asked = payload_of(bot)
    assert (asked["type"], asked["value"], asked["action_id"], asked["block_id"]) == (
        "block_suggestion",
        "acm",
        "matter",
        "row",
    )
    assert not {"trigger_id", "response_url", "actions"} & asked.keys()
    bot.answers = [({"option_groups": [{"label": plain("Open"), "options": _options(1)}]}, 200)]
    click = slack.fill(slack.staff, ts, "matter", "00012", typed="acme")
    assert click is not None
    assert payload_of(bot)["actions"][0]["selected_option"]["value"] == "12"


def test_a_search_asks_only_after_enough_letters(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    ts = _search(slack, client)
    assert slack.suggest(slack.staff, "matter", "ac", ts).error == "min_query_length"
    assert bot.seen == []
    bot.answers = [({"options": []}, 200)]
    assert slack.suggest(slack.staff, "matter", "", _search(slack, client, min_query_length=0)).error is None


@pytest.mark.parametrize(
    "answer",
    [
        {"options": _options(101)},
        {"options": _options(1, "x" * 76)},
        {"options": _options(1, value="x" * 151)},
        {"options": _options(1, label="")},
        {"option_groups": [{"label": plain("x" * 76), "options": _options(1)}]},
        {"option_groups": [{"label": plain("x"), "options": _options(1)}] * 101},
        {"options": _options(1), "option_groups": []},
        {},
        "",
    ],
    ids=lambda answer: str(answer)[:50],
)
def test_options_that_slack_cannot_show_are_none(slack: SlackSandbox, client: WebClient, bot: Bot, answer: Any) -> None:
    ts = _search(slack, client)
    bot.answers = [(answer, 200), ({"options": _options(100, "x" * 75, "x" * 150)}, 200)]
    assert slack.suggest(slack.staff, "matter", "acme", ts).error == "invalid_response"
    assert len(slack.suggest(slack.staff, "matter", "acme", ts).options) == 100


def test_options_that_come_late_are_none(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    ts = _search(slack, client)
    slack.rules.answer_within, bot.pause = 0.1, 0.3
    assert slack.suggest(slack.staff, "matter", "acme", ts).error == "http_timeout"
    with pytest.raises(LookupError, match="http_timeout"):
        slack.fill(slack.staff, ts, "matter", "00012", typed="acme")
