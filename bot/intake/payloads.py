"""What an event, a shortcut, a form or a chosen channel says, read from Slack's payloads; not yet looked at."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from brought_forward.bot.messages.intake import CHANNEL, DATE, FILE, TOTAL
from brought_forward.bot.slack.clicks import installed_in
from brought_forward.storage.records.slack import Notice, Wish, WishKind

# Written by hand in one line, so only the plain notation counts: commas for thousands, a dot and two decimals.
SAID_TOTAL = re.compile(
    r"\btotal\b[:\s]*[^0-9\s-]{0,3}\s?"
    r"(-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{2})?|-?[0-9]+(?:\.[0-9]{2})?)(?![0-9.,])",
    re.IGNORECASE,
)
# As in a message: commas for thousands, a dot and two decimals, so that 1.234,56 is never taken for 1.23.
PLAIN = re.compile(r"[^0-9\s.,-]{0,3}\s?(-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]{2})?|-?[0-9]+(?:\.[0-9]{2})?)")
WRONG_TOTAL = "Write the total like 123,456.78, or leave it empty."
NO_FILE = "Attach the spreadsheet."
WRONG_PLACE = "Balances are not brought forward in this channel. Choose one that is set up for them."
NEAR = 30.0  # seconds between a share and the events that speak of it, at most


def from_message(body: Mapping[str, Any], zone: ZoneInfo | None) -> list[Wish]:
    """Read a message shortcut: one wish for each file and each pasted table. Empty where there is neither.

    `zone` is the firm's, for the day in the name of a pasted table.
    """
    message, channel = body["message"], str(body["channel"]["id"])
    ts, said = str(message["ts"]), f"shortcut-{body['action_ts']}"
    common: dict[str, Any] = {
        "firm": str(body["team"]["id"]),
        "kind": WishKind.MESSAGE,
        "person": str(body["user"]["id"]),
        "channel": channel,
        "message_ts": ts,
        "thread_ts": str(message["thread_ts"]) if message.get("thread_ts") else None,
        "author": str(message.get("user") or message.get("bot_id") or ""),
        "answer_url": str(body.get("response_url") or "") or None,
    }
    wishes = [
        Wish(said=f"{said}-{file['id']}", file_id=str(file["id"]), file_name=str(file.get("name") or ""), **common)
        for file in message.get("files") or []
        if file.get("id")
    ]
    day = datetime.fromtimestamp(float(ts), zone or UTC)
    for number, rows in enumerate(tables(message), start=1):
        which = "table" if number == 1 else f"table {number}"
        name = f"{which} of {day.day} {day:%B}.csv"
        place = f"table-{ts}-{number}"
        wishes.append(Wish(said=f"{said}-{place}", file_id=place, file_name=name, data=as_csv(rows), **common))
    return wishes


def from_form(body: Mapping[str, Any], allowed: Sequence[str]) -> Wish | dict[str, str]:
    """Read a form that was sent; what is wrong with it by the block of its field, where something is.

    `allowed` is the allow-list of channels, empty for any.
    """
    view = body["view"]
    values = view["state"]["values"]
    files = _value(values, FILE, "files") or []
    radio = _value(values, CHANNEL, "selected_option")
    channel = str(radio["value"] if radio else _value(values, CHANNEL, "selected_conversation") or "")
    day = _value(values, DATE, "selected_date")
    typed = str(_value(values, TOTAL, "value") or "").strip()
    total = PLAIN.fullmatch(typed)
    wrong = {}
    if not files:
        wrong[FILE] = NO_FILE
    if not may_go(channel, allowed):
        wrong[CHANNEL] = WRONG_PLACE
    if typed and not total:
        wrong[TOTAL] = WRONG_TOTAL
    if wrong:
        return wrong
    return Wish(
        firm=str(body["team"]["id"]),
        said=f"form-{view['id']}",
        kind=WishKind.FORM,
        person=str(body["user"]["id"]),
        channel=channel,
        file_id=str(files[0]["id"]),
        file_name=str(files[0].get("name") or ""),
        posting_date=date.fromisoformat(day) if day else None,
        typed_total=Decimal(total.group(1).replace(",", "")) if total else None,
    )


def chosen_channel(body: Mapping[str, Any]) -> tuple[int, str]:
    """Read a channel that was chosen in a direct message: the wish's number, the channel."""
    action = body["actions"][0]
    option = action.get("selected_option")
    channel = str(option["value"] if option else action.get("selected_conversation") or "")
    number = str(action.get("block_id") or "").split("-")[1:2]
    return (int(number[0]) if number and number[0].isdecimal() else 0), channel


def may_go(channel: str, allowed: Sequence[str]) -> bool:
    """Tell whether balances may be brought forward in a channel: one of the list, never a direct conversation."""
    return channel in allowed if allowed else channel.startswith(("C", "G"))


def _value(values: Mapping[str, Any], field: str, key: str) -> Any:
    return ((values.get(field) or {}).get(field) or {}).get(key)


def typed_total(text: str) -> Decimal | None:
    """Read a control total from the words that came with a file: "total 123,456.78"."""
    found = SAID_TOTAL.search(text)
    return Decimal(found.group(1).replace(",", "")) if found else None


def notices(body: dict[str, Any]) -> list[Notice]:
    """Read an event's notices, one for each file; an event that names no channel has none."""
    event = body["event"]
    is_message = event.get("type") == "message"
    channel = str((event.get("channel") if is_message else event.get("channel_id")) or "")
    files = event.get("files") or [] if is_message else [{"id": event.get("file_id")}]
    if not channel:
        return []
    return [
        Notice(
            firm=installed_in(dict(body)),
            event_id=str(body["event_id"]),
            channel=channel,
            file_id=str(file["id"]),
            user=str((event.get("user") if is_message else event.get("user_id")) or ""),
            event_ts=str(event.get("event_ts") or event.get("ts") or ""),
            share_ts=str(event["ts"]) if is_message else None,
            thread_ts=str(event["thread_ts"]) if is_message and event.get("thread_ts") else None,
            asks=0,
            typed_total=typed_total(str(event.get("text") or "")),
            shared=bool(body.get("is_ext_shared_channel")),
        )
        for file in files
        if file.get("id")
    ]


Rows = list[list[str]]


def tables(message: Mapping[str, Any]) -> list[Rows]:
    """Read the cells of every table in a message, row by row, as texts.

    Slack keeps pasted cells as a `table` block of raw_text, raw_number and rich_text cells
    (docs.slack.dev, "Table block"), in the message itself or in an attachment of it.
    """
    parts = [message, *(message.get("attachments") or [])]
    blocks = [block for part in parts for block in part.get("blocks") or [] if block.get("type") == "table"]
    found = [[[_cell(cell) for cell in row] for row in block.get("rows") or []] for block in blocks]
    return [rows for rows in found if any(cell for row in rows for cell in row)]


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Write cells as CSV in UTF-8, each row as wide as the widest."""
    width = max((len(row) for row in rows), default=0)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([*row, *[""] * (width - len(row))] for row in rows)
    return text.getvalue().encode()


def _cell(cell: Mapping[str, Any] | None) -> str:
    if not cell:
        return ""
    if cell.get("type") == "rich_text":
        return "\n".join("".join(_leaves(part)) for part in cell.get("elements") or []).strip()
    return str(cell.get("text") or cell.get("value") or "").strip()


def _leaves(part: Mapping[str, Any]) -> Iterator[str]:
    """Read the words of rich text; what Slack made of them (links, emoji, dates) goes back to what was there."""
    for leaf in part.get("elements") or []:
        match leaf.get("type"):
            case "rich_text_section":  # an item of a list
                yield from _leaves(leaf)
            case "link":
                yield str(leaf.get("text") or leaf.get("url") or "")
            case "emoji":
                yield f":{leaf.get('name')}:"
            case "date":
                yield str(leaf.get("fallback") or leaf.get("timestamp") or "")
            case "user" | "channel" | "usergroup":
                yield str(leaf.get("user_id") or leaf.get("channel_id") or leaf.get("usergroup_id") or "")
            case _:
                yield str(leaf.get("text") or "")
