"""What a look at everything found, told to the administrator who asked for it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from brought_forward.bot.messages.blocks import Block, Text, View, folded, plain_text, section, sections
from brought_forward.bot.messages.words import count, esc, listed

TODO, NOTE = "to do", "note"
MARKS = {TODO: ":warning: ", NOTE: ":information_source: "}
REST = "Left out here: lines that are well. `brought-forward doctor` shows all."
ELSEWHERE = "Here it can be looked at from the command line alone: `brought-forward doctor`."
FAILED = "The look at everything could not be made. Whoever runs the bot finds why in its log."


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was looked at, and what to do about it."""

    part: str
    what: str
    state: str  # "ok", "note" or "to do"
    said: str
    todo: str = ""


def looking() -> View:
    """Say that the look has begun, and where its findings come."""
    text = (
        "I am looking at the settings, Slack, Clio and the machine; nothing is changed anywhere. What I find comes into"
        " your direct messages with me, in a minute or two, to you alone."
    )
    return {"type": "modal", "title": plain_text("Check"), "close": plain_text("Close"), "blocks": [section(text)]}


def found(lines: Sequence[Line]) -> Text:
    """Tell what is to be done, first, and then all that was looked at, part by part."""
    todo = [one for one in lines if one.state == TODO]
    head = f"*{len(todo):,} to do*, of {count(len(lines), 'line')}." if todo else f"*All well*, {len(lines):,} lines."
    said = [f"• {esc(one.part)}, *{esc(one.what)}:* {esc(one.said)}. {esc(one.todo)}" for one in todo]
    blocks: list[Block] = [section(text) for text in sections([head, *said])]
    for part in dict.fromkeys(one.part for one in lines):
        of = [one for one in lines if one.part == part]
        inside = sections([f"{MARKS.get(one.state, '')}*{esc(one.what)}:* {esc(one.said)}" for one in of])
        blocks.append(folded(f"{part}: {_counted(of)}", inside))
    return Text("What the look at everything found.", blocks, REST)


def _counted(lines: Sequence[Line]) -> str:
    well = len(lines) - sum(one.state in MARKS for one in lines)
    notes, todo = (sum(one.state == state for one in lines) for state in (NOTE, TODO))
    some = [f"{todo} to do" if todo else "", count(notes, "note") if notes else "", f"{well} ok" if well else ""]
    return listed([one for one in some if one])


def failed() -> Text:
    """Tell that nothing could be looked at."""
    return Text("The look at everything could not be made.", [section(FAILED)])
