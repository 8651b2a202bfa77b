"""The pretend Slack refuses what Slack refuses, and says it in the same words."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
import requests
from slack_parts import Bot, Json, error_of, plain, raw, section
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from brought_forward.sandbox.slack import SlackSandbox


def test_tokens_are_checked(slack: SlackSandbox) -> None:
    assert error_of(WebClient(token="xoxb-other", base_url=slack.api_url).auth_test) == "invalid_auth"
    answer = requests.post(f"{slack.api_url}auth.test", timeout=5)
    assert answer.json() == {"ok": False, "error": "not_authed"}
    answer = requests.post(f"{slack.api_url}auth.test", data={"token": slack.bot_token}, timeout=5)
    assert answer.json()["user_id"] == slack.bot.id
    assert "files:read" in answer.headers["x-oauth-scopes"]


def test_unknown_methods_and_missing_scopes_are_refused(slack: SlackSandbox, client: WebClient) -> None:
    assert error_of(client.api_call, api_method="chat.shout") == "unknown_method"
    assert error_of(client.conversations_open, users=slack.staff.id) == "missing_scope"
    slack.rules.scopes |= {"im:write"}
    opened = client.conversations_open(users=slack.staff.id)["channel"]["id"]
    assert client.chat_postMessage(channel=slack.staff.id, text="x")["channel"] == opened


def test_a_reply_to_a_message_that_is_gone_goes_into_the_channel_itself(slack: SlackSandbox, client: WebClient) -> None:
    gone = slack.say(slack.staff, slack.balances, "soon gone")
    slack.delete_message(gone.ts)
    answer = client.chat_postMessage(channel=slack.balances.id, text="x", thread_ts=gone.ts)
    assert "thread_ts" not in answer["message"]
    (only,) = slack.messages(slack.balances)
    assert (only.ts, only.thread_ts) == (answer["ts"], None)


def test_a_message_with_replies_leaves_a_mark_and_keeps_its_thread(slack: SlackSandbox, client: WebClient) -> None:
    root = slack.say(slack.staff, slack.balances, "soon gone")
    first = client.chat_postMessage(channel=slack.balances.id, text="x", thread_ts=root.ts)
    slack.delete_message(root.ts)
    second = client.chat_postMessage(channel=slack.balances.id, text="y", thread_ts=root.ts)
    assert second["message"]["thread_ts"] == root.ts
    assert [one.is_tombstone for one in slack.thread(slack.balances, root.ts)] == [True, False, False]
    for one in (first, second):
        slack.delete_message(one["ts"])
    assert slack.messages(slack.balances) == []


def test_channels_are_checked_before_a_message(slack: SlackSandbox, client: WebClient) -> None:
    assert error_of(client.chat_postMessage, channel="C0NOWHERE", text="x") == "channel_not_found"
    assert error_of(client.chat_postMessage, channel=slack.lobby.id, text="x") == "not_in_channel"
    assert error_of(client.api_call, api_method="chat.postMessage", json={"channel": slack.balances.id}) == "no_text"
    slack.archive(slack.balances)
    slack.remove_bot("billing")
    assert error_of(client.chat_postMessage, channel=slack.balances.id, text="x") == "is_archived"
    assert error_of(client.chat_postMessage, channel=slack.billing.id, text="x") == "not_in_channel"
    assert slack.messages("balances") == []


def test_one_bad_block_refuses_the_whole_message(slack: SlackSandbox, client: WebClient) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=slack.balances.id, text="x", blocks=[section(), section("x" * 3001)])
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/1/text/text]"
    ]
    assert slack.messages("balances") == []
    assert error_of(client.blocks_validate, blocks=[section("")]) == "invalid_blocks"
    client.blocks_validate(blocks=[section()])


def test_long_text_becomes_several_messages_and_longer_text_is_refused(slack: SlackSandbox, client: WebClient) -> None:
    client.chat_postMessage(channel=slack.balances.id, text="x" * 4000)
    assert len(slack.messages("balances")) == 1
    client.chat_postMessage(channel=slack.balances.id, text="x" * 8001)
    assert [len(message.text) for message in slack.messages("balances")] == [4000, 4000, 4000, 1]
    client.chat_postMessage(channel=slack.billing.id, text="x" * 4001, blocks=[section()])
    assert len(slack.messages("billing")) == 1
    assert error_of(client.chat_postMessage, channel=slack.balances.id, text="x" * 40_001) == "msg_too_long"


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
    assert error_of(client.chat_update, channel=slack.balances.id, ts=theirs.ts, text="x") == "cant_update_message"
    assert error_of(client.chat_update, channel=slack.balances.id, ts="1.1", text="x") == "message_not_found"
    mine = client.chat_postMessage(channel=slack.balances.id, text="a")["ts"]
    assert error_of(client.chat_update, channel=slack.balances.id, ts=mine, text="x" * 4001) == "msg_too_long"
    slack.delete_message(mine)
    assert error_of(client.chat_update, channel=slack.balances.id, ts=mine, text="x") == "message_not_found"


def test_an_edits_text_is_limited_in_bytes_with_blocks_too(slack: SlackSandbox, client: WebClient) -> None:
    mine = client.chat_postMessage(channel=slack.balances.id, text="é" * 2001)["ts"]
    for more in ({}, {"blocks": [section()]}):
        edit: dict[str, Any] = {"channel": slack.balances.id, "ts": mine, **more}
        assert error_of(client.chat_update, text="é" * 2001, **edit) == "msg_too_long"
        assert client.chat_update(text="é" * 2000, **edit)["ok"]


def test_a_message_holds_12000_characters_of_blocks_as_slack_writes_them(
    slack: SlackSandbox, client: WebClient
) -> None:
    def post(*blocks: Json) -> Any:
        return client.chat_postMessage(channel=slack.balances.id, text="t", blocks=blocks)

    def refused(*blocks: Json) -> bool:
        return error_of(lambda: post(*blocks)) == "msg_blocks_too_long"

    long = [section("x" * 3000)] * 3
    assert post(*long, section("x" * 3000))["ok"]
    assert refused(*long, section("x" * 3000), section("x"))
    assert refused(*long, {"type": "section", "text": plain("&" * 601)})  # plain text is written with &amp;
    rows = [[raw("y" * 100)] for _ in range(31)]
    assert refused(*long, {"type": "table", "rows": rows})
    assert refused(*long, {"type": "data_table", "caption": "z" * 1000, "rows": rows[:21]})
    assert refused(*long, {"type": "header", "text": plain("x")}, section("x" * 2900))
    mine = post(section())["ts"]
    edit = {"channel": slack.balances.id, "ts": mine, "text": "t"}
    too_long = [*long, section("x" * 3000), section("x")]
    assert error_of(client.chat_update, **edit, blocks=too_long) == "msg_blocks_too_long"


def test_an_ephemeral_message_is_seen_by_one_person_and_cannot_be_updated(
    slack: SlackSandbox, client: WebClient
) -> None:
    sent = client.chat_postEphemeral(channel=slack.balances.id, user=slack.staff.id, text="only you")
    assert [message.text for message in slack.ephemerals(slack.staff)] == ["only you"]
    assert slack.ephemerals(slack.manager) == [] == slack.messages("balances")
    ts = sent["message_ts"]
    assert error_of(client.chat_update, channel=slack.balances.id, ts=ts, text="x") == "message_not_found"
    gone = slack.deleted.id
    assert error_of(client.chat_postEphemeral, channel=slack.balances.id, user=gone, text="x") == "user_not_in_channel"


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
    assert error_of(client.usergroups_users_list, usergroup="S0PARTNERS") == "plan_upgrade_required"
    slack.rules.usergroups = {"S0PARTNERS": [slack.partner.id]}
    assert client.usergroups_users_list(usergroup="S0PARTNERS")["users"] == [slack.partner.id]


def test_users_are_shown_with_what_forbids_them_to_approve(slack: SlackSandbox, client: WebClient) -> None:
    assert client.users_info(user=slack.guest.id)["user"]["is_restricted"]
    assert client.users_info(user=slack.bot.id)["user"]["is_bot"]
    assert client.users_info(user=slack.deleted.id)["user"]["deleted"]
    assert client.users_info(user=slack.stranger.id)["user"]["team_id"] != client.auth_test()["team_id"]
    assert error_of(client.users_info, user="U0NOBODY") == "user_not_found"


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
    assert error_of(client.files_info, file=hidden.id) == "file_not_found"
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


# Faults


def test_faults_come_once_and_in_their_own_way(slack: SlackSandbox, client: WebClient) -> None:
    def post(text: str) -> None:
        client.chat_postMessage(channel=slack.balances.id, text=text)

    slack.faults.add("chat.postMessage", "fatal_error")
    assert error_of(client.chat_postMessage, channel=slack.balances.id, text="a") == "fatal_error"
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


def test_the_bot_is_told_of_every_change_of_a_file_that_it_sees_and_of_its_end(slack: SlackSandbox, bot: Bot) -> None:
    file = slack.upload(slack.staff, slack.balances, "AR.csv", b"1")
    hidden = slack.upload(slack.staff, slack.lobby, "AR.csv", b"1")
    slack.wait_for(lambda: len(bot.seen) == 1)
    slack.edit_file(file, b"2")
    slack.wait_for(lambda: len(bot.seen) == 2)
    slack.rename_file(file, "October")
    slack.wait_for(lambda: len(bot.seen) == 3)
    slack.tombstone(hidden)
    slack.tombstone(file)
    slack.wait_for(lambda: len(bot.seen) == 4)
    assert [event["type"] for event in bot.events()] == ["file_shared", "file_change", "file_change", "file_deleted"]
    assert {event["file_id"] for event in bot.events()} == {file.id}
    assert bot.events()[-1]["channel_ids"] == [slack.balances.id]
