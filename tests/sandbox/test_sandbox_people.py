"""Shortcuts, user groups, guests and strangers of the pretend Slack."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import requests
from slack_parts import Bot, Json, error_of, modal, offer, payload_of, rich, section
from slack_sdk import WebClient

from brought_forward.sandbox.slack import SlackSandbox

ROWS = [["Matter", "Balance"], ["00012-Acme", "1,250.00"], ["00014-Lee", ""]]


def test_a_message_shortcut_brings_the_message_with_its_files(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    file = slack.upload(slack.staff, "balances", "AR.xlsx", b"PK", comment="October")
    slack.wait_for(lambda: bot.seen)
    (message,) = slack.messages("balances")
    assert slack.use_shortcut(slack.manager, "balances_message", message).status == 200
    sent = payload_of(bot)
    assert (sent["type"], sent["callback_id"]) == ("message_action", "balances_message")
    assert (sent["channel"], sent["message_ts"]) == ({"id": slack.balances.id, "name": "balances"}, message.ts)
    assert (sent["message"]["text"], sent["message"]["user"]) == ("October", slack.staff.id)
    assert sent["message"]["files"][0]["id"] == file.id
    assert (sent["user"]["id"], sent["user"]["team_id"]) == (slack.manager.id, sent["team"]["id"])
    assert sent["is_enterprise_install"] is False
    assert not {"container", "actions"} & sent.keys()
    client.views_open(trigger_id=sent["trigger_id"], view=modal(section()))
    assert requests.post(sent["response_url"], json={"text": "seen"}, timeout=5).ok
    assert slack.plain(slack.ephemerals(slack.manager)[-1]) == "seen"


def test_a_message_shortcut_brings_a_pasted_table(slack: SlackSandbox, bot: Bot) -> None:
    pasted = slack.paste_table(slack.staff, "balances", ROWS, comment="October")
    slack.use_shortcut(slack.staff, "balances_message", pasted)
    comment, table = payload_of(bot)["message"]["blocks"]
    assert comment | {"block_id": ""} == rich("October") | {"block_id": ""}
    assert table["type"] == "table"
    assert table["rows"][1][1] == rich("1,250.00")
    assert table["rows"][2][1]["elements"][0]["elements"] == []
    assert "00012-Acme | 1,250.00" in slack.plain(pasted)
    with pytest.raises(ValueError, match="no more than 100 items"):
        slack.paste_table(slack.staff, "balances", [["x"]] * 101)


def test_a_message_shortcut_where_the_bot_is_not_gives_no_way_to_the_file(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    slack.upload(slack.staff, "lobby", "AR.xlsx", b"PK")
    slack.use_shortcut(slack.staff, "balances_message", slack.messages("lobby")[0])
    sent = payload_of(bot)
    (file,) = sent["message"]["files"]
    assert error_of(client.files_info, file=file["id"]) == "file_not_found"
    bearer = {"Authorization": f"Bearer {slack.bot_token}"}
    page = requests.get(file["url_private_download"], headers=bearer, timeout=5)
    assert page.headers["Content-Type"].startswith("text/html")
    assert error_of(client.chat_postMessage, channel=sent["channel"]["id"], text="x") == "not_in_channel"
    assert requests.post(sent["response_url"], json={"text": "Invite me first."}, timeout=5).ok


def test_shortcuts_are_in_the_menu_only_where_the_app_put_them(
    slack: SlackSandbox, client: WebClient, bot: Bot
) -> None:
    message = slack.say(slack.staff, slack.add_channel("partners", [slack.staff], is_private=True), "hello")
    with pytest.raises(LookupError, match="no menu"):
        slack.use_shortcut(slack.manager, "balances_message", message)
    slack.use_shortcut(slack.staff, "balances_message", message)
    assert payload_of(bot)["channel"]["name"] == "privategroup"
    for callback, where in (("balances_form", message), ("balances_message", None), ("other", None)):
        with pytest.raises(LookupError, match="no such shortcut"):
            slack.use_shortcut(slack.staff, callback, where)
    client.chat_postEphemeral(channel=slack.balances.id, user=slack.staff.id, text="only you")
    with pytest.raises(LookupError, match="no menu"):
        slack.use_shortcut(slack.staff, "balances_message", slack.ephemerals(slack.staff)[0])


def test_a_global_shortcut_says_who_but_not_where(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    select = {"type": "conversations_select", "action_id": "channel", "default_to_current_conversation": True}
    field = {"type": "input", "label": {"type": "plain_text", "text": "Channel"}, "element": select}
    for viewing, chosen in ((slack.billing, slack.billing.id), (None, None)):
        slack.use_shortcut(slack.staff, "balances_form", viewing=viewing)
        sent = payload_of(bot)
        assert (sent["type"], sent["callback_id"]) == ("shortcut", "balances_form")
        assert not {"channel", "message", "response_url", "container"} & sent.keys()
        client.views_open(trigger_id=sent["trigger_id"], view=modal(field))
        (values,) = slack.values(slack.views(slack.staff)[-1]).values()
        assert values["channel"]["selected_conversation"] == chosen


def test_a_shortcut_that_is_not_acknowledged_says_so(slack: SlackSandbox, bot: Bot) -> None:
    bot.answers = [("", 404)]
    assert slack.use_shortcut(slack.staff, "balances_form").error == "http_error"
    slack.rules.answer_within, bot.pause = 0.1, 0.3
    assert slack.use_shortcut(slack.staff, "balances_form").error == "http_timeout"


# User groups


def test_a_free_plan_has_no_user_groups_and_a_token_needs_their_scope(slack: SlackSandbox, client: WebClient) -> None:
    assert error_of(client.usergroups_users_list, usergroup="S0PARTNERS") == "plan_upgrade_required"
    assert error_of(client.usergroups_list) == "plan_upgrade_required"
    slack.add_group("partners", [slack.partner])
    slack.rules.scopes -= {"usergroups:read"}
    assert error_of(client.usergroups_users_list, usergroup="S0PARTNERS") == "missing_scope"
    assert error_of(client.usergroups_list) == "missing_scope"


def test_a_user_group_has_the_members_of_this_moment(slack: SlackSandbox, client: WebClient) -> None:
    group = slack.add_group("partners", [slack.partner, slack.manager])
    assert client.usergroups_users_list(usergroup=group)["users"] == [slack.partner.id, slack.manager.id]
    slack.change_group(group, [slack.partner])
    assert client.usergroups_users_list(usergroup=group)["users"] == [slack.partner.id]
    assert error_of(client.usergroups_users_list, usergroup="S0NOBODY") == "no_such_subteam"
    (shown,) = client.usergroups_list(include_users=True, include_count=True)["usergroups"]
    assert (shown["id"], shown["handle"], shown["users"], shown["user_count"]) == (
        group,
        "partners",
        [slack.partner.id],
        1,
    )
    (shown,) = client.usergroups_list()["usergroups"]
    assert not {"users", "user_count"} & shown.keys()


def test_the_question_for_a_group_can_fail_or_stall(slack: SlackSandbox, client: WebClient) -> None:
    group = slack.add_group("partners", [slack.partner])
    slack.faults.add("usergroups.users.list", "fatal_error")
    assert error_of(client.usergroups_users_list, usergroup=group) == "fatal_error"
    slack.faults.add("usergroups.users.list", "slow", seconds=0.3)
    begun = time.monotonic()
    client.usergroups_users_list(usergroup=group)
    assert time.monotonic() - begun >= 0.3


# People


@pytest.mark.parametrize("flag", ["is_restricted", "is_ultra_restricted", "is_bot", "deleted", "is_stranger"])
def test_a_person_can_become_one_who_may_not_approve(slack: SlackSandbox, client: WebClient, flag: str) -> None:
    assert not client.users_info(user=slack.manager.id)["user"][flag]
    slack.change_person(slack.manager, **{flag: True})
    assert client.users_info(user=slack.manager.id)["user"][flag]
    added = slack.add_person("visitor", **{flag: True})
    assert client.users_info(user=added.id)["user"][flag]
    assert (added.id in slack.workspace.channels[slack.balances.id].members) == (flag != "deleted")


def test_a_guest_of_one_channel_is_a_guest_too(slack: SlackSandbox, client: WebClient) -> None:
    visitor = slack.add_person("visitor", is_ultra_restricted=True)
    assert client.users_info(user=visitor.id)["user"]["is_restricted"]


def test_a_strangers_click_says_their_own_team(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    slack.click(slack.stranger, "Approve", offer(slack, client))
    sent = payload_of(bot)
    assert sent["team"]["id"] == client.auth_test()["team_id"]
    assert sent["user"]["team_id"] == slack.stranger.team_id != sent["team"]["id"]


def test_a_channel_shared_with_another_company_says_so(slack: SlackSandbox, client: WebClient, bot: Bot) -> None:
    shared = slack.add_channel("with-sterling", [slack.staff, slack.stranger], is_ext_shared=True)
    slack.rules.subscriptions = ("file_shared", "message")
    slack.upload(slack.stranger, shared, "AR.xlsx", b"PK")
    slack.wait_for(lambda: len(bot.seen) == 2)
    envelopes = [json.loads(body) for _, body in bot.seen]
    assert [envelope["is_ext_shared_channel"] for envelope in envelopes] == [True, True]
    assert envelopes[0]["authorizations"][0]["is_enterprise_install"] is False
    (stub,) = envelopes[1]["event"]["files"]
    assert stub == {"id": envelopes[0]["event"]["file_id"], "mode": "file_access", "file_access": "check_file_info"}
    assert client.files_info(file=stub["id"])["file"]["user_team"] == slack.stranger.team_id
    slack.use_shortcut(slack.staff, "balances_message", slack.messages(shared)[0])
    message = payload_of(bot)["message"]
    assert (message["user_team"], message["source_team"]) == (slack.stranger.team_id, slack.stranger.team_id)


# Channels


def test_a_channel_is_shown_to_a_token_with_the_scope_of_its_kind(slack: SlackSandbox, client: WebClient) -> None:
    slack.rules.scopes -= {"channels:read", "groups:read"}
    private = slack.add_channel("partners", [slack.partner], is_private=True)
    shared = slack.add_channel("with-sterling", is_ext_shared=True)
    direct = slack.workspace.dm(slack.staff.id)
    for room in (slack.balances, private, direct):
        assert error_of(client.conversations_info, channel=room.id) == "missing_scope"
    slack.rules.scopes |= {"channels:read"}
    assert error_of(client.conversations_info, channel=private.id) == "missing_scope"
    slack.rules.scopes |= {"groups:read", "im:read"}

    def shown(room: Any) -> Json:
        channel: Json = client.conversations_info(channel=room.id)["channel"]
        return channel

    assert (shown(slack.balances)["is_member"], shown(slack.lobby)["is_member"]) == (True, False)
    assert (shown(shared)["is_ext_shared"], shown(slack.balances)["is_ext_shared"]) == (True, False)
    assert shown(direct)["user"] == slack.staff.id
    assert shown(private)["is_private"]
    slack.remove_bot(private)
    assert error_of(client.conversations_info, channel=private.id) == "channel_not_found"


def test_a_conversation_is_opened_with_one_person_who_is_there(slack: SlackSandbox, client: WebClient) -> None:
    slack.rules.scopes |= {"im:write"}
    opened = client.conversations_open(users=[slack.staff.id])["channel"]["id"]
    assert client.conversations_open(channel=opened)["channel"]["id"] == opened
    assert error_of(client.conversations_open, users=slack.deleted.id) == "user_disabled"
    assert error_of(client.conversations_open, users="U0NOBODY") == "user_not_found"
    assert error_of(client.conversations_open, users=[slack.staff.id, slack.manager.id]) == "invalid_user_combination"
    assert error_of(client.api_call, api_method="conversations.open") == "users_list_not_supplied"


def test_a_link_leads_to_a_message_and_its_thread(slack: SlackSandbox, client: WebClient) -> None:
    root = slack.say(slack.staff, "balances", "here")
    reply = client.chat_postMessage(channel=slack.balances.id, thread_ts=root.ts, text="x")["ts"]
    link = client.chat_getPermalink(channel=slack.balances.id, message_ts=reply)["permalink"]
    assert link.endswith(f"/p{reply.replace('.', '')}?thread_ts={root.ts}&cid={slack.balances.id}")
    assert error_of(client.chat_getPermalink, channel=slack.balances.id, message_ts="1.1") == "message_not_found"
