"""The pretend Slack and the real Bolt understand each other."""

from __future__ import annotations

import pytest
from slack_bolt import Ack, Respond
from slack_parts import Json, actions, bolt, button, section
from slack_sdk import WebClient

from brought_forward.sandbox.slack import SlackSandbox


def test_an_upload_a_click_and_a_command_go_throughbolt(slack: SlackSandbox) -> None:
    with bolt(slack) as app:

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
    with bolt(slack, "another secret") as app:
        app.command("/balances")(lambda ack: ack("hello"))
        assert slack.command(slack.staff, "list").status == 401


def test_bolt_ignores_the_bots_own_files(slack: SlackSandbox) -> None:
    with bolt(slack) as app:
        heard: list[str] = []
        app.event("file_shared")(lambda event: heard.append(event["user_id"]))
        app.client.files_upload_v2(channel=slack.balances.id, filename="results.csv", content=b"x")
        slack.upload(slack.staff, "balances", "a.xlsx", b"x")
        slack.wait_for(lambda: heard)
        assert heard == [slack.staff.id]
