"""The pretend Slack and the real Bolt understand each other."""

from __future__ import annotations

import pytest
from slack_bolt import Ack, Respond
from slack_parts import Json, actions, bolt, button, field, modal, plain, section
from slack_sdk import WebClient

from brought_forward.sandbox.slack import SlackSandbox


def test_an_upload_a_click_and_a_command_go_through_bolt(slack: SlackSandbox) -> None:
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


def test_a_shortcut_a_search_and_a_form_go_through_bolt(slack: SlackSandbox) -> None:
    matters = {"12": "00012-Acme", "14": "00014-Lee"}
    form = modal(
        field("external_select", "Matter", element={"action_id": "matter", "min_query_length": 2}, block_id="row17"),
        field("plain_text_input", "Note", element={"action_id": "note"}, block_id="note", optional=True),
        title="Fix lines",
    ) | {"callback_id": "fix", "private_metadata": "B12:2", "notify_on_close": True}
    saved: list[Json] = []
    with bolt(slack) as app:

        @app.shortcut("balances_message")
        def begin(ack: Ack, shortcut: Json, client: WebClient) -> None:
            ack()
            name = shortcut["message"]["files"][0]["name"]
            opened = client.views_open(trigger_id=shortcut["trigger_id"], view=modal(section(f"Reading {name}...")))
            client.views_update(view_id=opened["view"]["id"], hash=opened["view"]["hash"], view=form)

        @app.options("matter")
        def offer_matters(ack: Ack, payload: Json) -> None:
            found = [(id_, name) for id_, name in matters.items() if payload["value"] in name]
            ack(options=[{"text": plain(name), "value": id_} for id_, name in found])

        @app.view("fix")
        def save(ack: Ack, view: Json) -> None:
            values = view["state"]["values"]
            if values["note"]["note"]["value"] is None:
                ack(response_action="errors", errors={"note": "Say why."})
                return
            ack()
            saved.append(view)

        @app.view_closed("fix")
        def closed(ack: Ack, view: Json) -> None:
            ack()
            saved.append(view)

        slack.upload(slack.staff, "balances", "AR.xlsx", b"PK")
        message = slack.messages("balances")[0]
        assert slack.use_shortcut(slack.manager, "balances_message", message).status == 200
        view = slack.wait_for(lambda: [v for v in slack.views(slack.manager) if "Matter" in slack.plain(v)])[0]
        slack.fill(slack.manager, view, "Matter", "00014", typed="0001")
        assert slack.submit(slack.manager, view).error is None
        assert slack.plain(slack.views(slack.manager)[0]).splitlines() == [
            "Fix lines", "Matter", "00014-Lee", "Note", "...", "! Say why.", "[Save]",
        ]  # fmt: skip
        assert slack.submit(slack.manager, view, {"Note": "moved"}).error is None
        assert slack.views(slack.manager) == []
        assert saved[0]["state"]["values"]["row17"]["matter"]["selected_option"]["value"] == "14"
        assert saved[0]["private_metadata"] == "B12:2"
        slack.use_shortcut(slack.manager, "balances_message", message)
        view = slack.wait_for(lambda: [v for v in slack.views(slack.manager) if "Matter" in slack.plain(v)])[0]
        assert [answer.status for answer in slack.close(slack.manager, view)] == [200]
        assert saved[1]["id"] == view.id


def test_the_home_tab_and_its_buttons_go_through_bolt(slack: SlackSandbox) -> None:
    def home(words: str) -> Json:
        return {"type": "home", "blocks": [section(words), actions(button("Look again", action_id="again"))]}

    with bolt(slack) as app:

        @app.event("app_home_opened")
        def show(event: Json, client: WebClient) -> None:
            if event["tab"] == "home":
                client.views_publish(user_id=event["user"], view=home("1 batch waits for you."))

        @app.action("again")
        def look_again(ack: Ack, body: Json, client: WebClient) -> None:
            ack()
            view = body["view"]
            client.views_publish(user_id=body["user"]["id"], hash=view["hash"], view=home("Nothing waits for you."))

        slack.open_home(slack.manager)
        shown = slack.wait_for(lambda: slack.home(slack.manager))
        assert slack.plain(shown) == "1 batch waits for you.\n[Look again]"
        assert slack.click(slack.manager, "Look again", shown).status == 200
        slack.wait_for(lambda: "Nothing" in slack.plain(slack.home(slack.manager) or shown))


def test_a_form_without_a_listener_stays_open(slack: SlackSandbox) -> None:
    with bolt(slack) as app:

        @app.shortcut("balances_form")
        def begin(ack: Ack, shortcut: Json, client: WebClient) -> None:
            ack()
            client.views_open(trigger_id=shortcut["trigger_id"], view=modal(section()) | {"callback_id": "unknown"})

        slack.use_shortcut(slack.staff, "balances_form")
        view = slack.wait_for(lambda: slack.views(slack.staff))[0]
        answer = slack.submit(slack.staff, view)
        assert (answer.status, answer.error) == (404, "http_error")
        assert len(slack.views(slack.staff)) == 1
