"""What staff are asked where a sheet reads two ways: a select, and the answer is remembered for that header. Pure."""

import hashlib
import json
import re

from brought_forward.bot.messages.blocks import ACTION, Text, context, plain_text, section, sections
from brought_forward.bot.messages.words import clean, esc, person, shortened
from brought_forward.storage.records.batch import Batch

OPTIONS = 100  # Slack's most in a select
OPTION = 75  # characters of one
VALUE = 150  # characters of what it stands for
LISTED = 20  # answers in the text; the select has all
COLUMNS = {"balance", "matter", "user", "client", "date", "note"}  # kinds of questions that a column may answer
LETTERS = re.compile("[A-Z]{1,3}")


def asking(batch: Batch) -> Text:
    """Ask with a select; nothing is guessed, and reading goes on with the answer.

    Each answer stands in the text in full, with what it comes to: an option holds 75 characters.
    """
    kept = batch.question or "{}"
    asked = json.loads(kept)
    candidates = asked["candidates"][:OPTIONS]
    options = [
        {"text": plain_text(_option(asked["kind"], one)),
         "value": f"{batch.id}:{fingerprint(kept)}:{place}:{one['value']}"[:VALUE]}
        for place, one in enumerate(candidates)
    ]  # fmt: skip
    select = {
        "type": "static_select",
        "action_id": ACTION + "answer",
        "placeholder": plain_text("Choose"),
        "options": options,
    }
    listed = [f"• {esc(_answer(asked['kind'], one))}" for one in candidates[:LISTED]]
    if len(candidates) > LISTED:
        listed.append(f"and {len(candidates) - LISTED:,} more in the list.")
    blocks = [
        section(f"*{esc(batch.file_name)}*: {esc(asked['text'])}"),
        *[section(text) for text in sections(listed)],
        {"type": "actions", "block_id": f"answer-{batch.id}-{fingerprint(kept)}", "elements": [select]},
        context(f"{batch.name}. The answer is kept for the same question in this channel."),
    ]
    return Text(f"{batch.name}: a question about the file", blocks)


def fingerprint(question: str) -> str:
    """Shorten a question, as it is kept, to what tells it from the next one of its batch."""
    return hashlib.sha256(question.encode("utf-8", "replace")).hexdigest()[:12]


def answered(batch: Batch, by: str, answer: str) -> Text:
    """Say what was answered; the same message then becomes the preview."""
    text = f"{esc(batch.file_name)}: {person(by)} chose {esc(answer)}. Reading on…"
    return Text(f"{batch.name}: reading on", [section(text)])


def is_column(kind: str, value: str) -> bool:
    """Whether an answer is a column's letter: as such it is named beside its heading."""
    return kind in COLUMNS and bool(LETTERS.fullmatch(value))


def _answer(kind: str, one: dict[str, str]) -> str:
    """Write an answer in full: where it is a column its letter, then its heading or words, and what stands there."""
    letter = f"{one['value']}, " if is_column(kind, one["value"]) else ""
    sample = f": {one['sample']}" if one["sample"] else ""
    return f"{letter}{one['heading']}{sample}"


def _option(kind: str, one: dict[str, str]) -> str:
    return shortened(clean(_answer(kind, one)), OPTION)
