"""What staff are asked where a sheet reads two ways: a select, and the answer is remembered for that header. Pure."""

import json

from brought_forward.bot.messages.blocks import ACTION, Text, context, section
from brought_forward.bot.messages.words import clean, esc, person
from brought_forward.storage.records.batch import Batch

OPTIONS = 100  # Slack's most in a select


def asking(batch: Batch) -> Text:
    """Ask with a select; nothing is guessed, and reading goes on with the answer."""
    asked = json.loads(batch.question or "{}")
    options = [
        {
            "text": {"type": "plain_text", "text": _option(one), "emoji": False},
            "value": f"{batch.id}:{asked['kind']}:{asked['signature'][:40]}:{one['value']}"[:150],
        }
        for one in asked["candidates"][:OPTIONS]
    ]
    select = {
        "type": "static_select",
        "action_id": ACTION + "answer",
        "placeholder": {"type": "plain_text", "text": "Choose"},
        "options": options,
    }
    blocks = [
        section(f"*{esc(batch.file_name)}*: {esc(asked['text'])}"),
        {"type": "actions", "block_id": f"answer-{batch.id}-{asked['kind']}", "elements": [select]},
        context(f"{batch.name}. The answer is kept for sheets with this header in this channel."),
    ]
    return Text(f"{batch.name}: a question about the file", blocks)


def answered(batch: Batch, by: str, answer: str) -> Text:
    """Say what was answered; the same message then becomes the preview."""
    text = f"{esc(batch.file_name)}: {person(by)} chose {esc(answer)}. Reading on…"
    return Text(f"{batch.name}: reading on", [section(text)])


def _option(one: dict[str, str]) -> str:
    sample = f": {one['sample']}" if one["sample"] else ""
    letter = f"{one['value']}, " if one["value"].isupper() else ""
    text = clean(f"{letter}{one['heading']}{sample}")
    return text if len(text) <= 75 else text[:74] + "…"
