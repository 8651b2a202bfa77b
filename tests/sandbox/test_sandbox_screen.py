"""What a person reads: messages as words and on a terminal."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from slack_parts import Json, actions, button, chart, data_table, grid, mrkdwn, number, pie, plain, raw, rich, section

from brought_forward.sandbox.screen import Screen
from brought_forward.sandbox.slack import Message, SlackSandbox
from brought_forward.sandbox.slack.blocks.blocks import check_blocks


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
