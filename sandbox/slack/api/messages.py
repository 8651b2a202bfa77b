"""The `chat.*` methods: https://docs.slack.dev/reference/methods?family=chat ."""

from __future__ import annotations

import math
from typing import Any

from brought_forward.sandbox.slack.blocks.blocks import MOST_TEXT, check_blocks, check_plan, count_text
from brought_forward.sandbox.slack.objects import show_message
from brought_forward.sandbox.slack.records import Block, Channel, Message
from brought_forward.sandbox.slack.workspace import SlackError, Workspace

Args = dict[str, Any]
SPLIT_AT, LONGEST_TEXT = 4000, 40_000
EDIT_BYTES = 4000  # of an edit's text in UTF-8, blocks or not


def check_content(workspace: Workspace, args: Args) -> tuple[str, list[Block] | None]:
    """Return text and blocks of a message, None if it names no blocks; refuse it whole if Slack would."""
    text, blocks = args.get("text") or "", args.get("blocks")
    if not isinstance(text, str):
        raise SlackError("invalid_arguments")
    if blocks is not None:
        flaws = check_blocks(blocks) + check_plan(blocks, data_blocks=workspace.rules.data_blocks)
        if flaws:
            messages = [str(flaw) for flaw in flaws]
            raise SlackError("invalid_blocks", errors=messages, response_metadata={"messages": messages})
        if count_text(blocks) > MOST_TEXT:
            raise SlackError("msg_blocks_too_long")
    if len(text) > LONGEST_TEXT:
        raise SlackError("msg_too_long")
    if not text and not blocks:
        raise SlackError("no_text")
    return text, blocks


def split_text(text: str) -> list[str]:
    """Cut a text into the messages that Slack makes of it, 4,000 characters each."""
    return [text[start : start + SPLIT_AT] for start in range(0, len(text), SPLIT_AT)] or [""]


def post_message(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Post a message; text alone that is over 4,000 characters becomes several, of which the first is answered."""
    room = workspace.writable(str(args.get("channel", "")))
    text, blocks = check_content(workspace, args)
    _pace(workspace, room)
    with workspace.changed:
        thread = workspace.root(room.id, args.get("thread_ts"))
        posted = [
            workspace.post(
                Message(
                    room.id,
                    workspace.ts(),
                    workspace.bot.id,
                    part,
                    blocks or [],
                    thread,
                    metadata=args.get("metadata"),
                    client_msg_id=args.get("client_msg_id"),
                )
            )
            for part in ([text] if blocks else split_text(text))
        ]
        return {"channel": room.id, "ts": posted[0].ts, "message": show_message(workspace, posted[0])}


def _pace(workspace: Workspace, room: Channel) -> None:
    wait = workspace.take_turn(room.id)
    if wait:
        raise SlackError("ratelimited", retry_after=math.ceil(wait))


def update_message(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Edit a message of the bot's own.

    `blocks` left out keeps the blocks that the message has, so that a new `text` alone changes only the
    notification; `blocks` as an empty list takes them away. `text` left out keeps the text. Ephemeral messages
    are not found. Its text may have 4,000 bytes: an edit cannot be split.
    """
    room = workspace.channel(str(args.get("channel", "")))
    with workspace.changed:
        message = _own(workspace, room, args, otherwise="cant_update_message")
        if room.is_archived:
            raise SlackError("is_archived")
        text, blocks = check_content(workspace, args)
        if len(text.encode()) > EDIT_BYTES:
            raise SlackError("msg_too_long")
        workspace.edit(message, text if args.get("text") is not None else None, blocks)
        return {
            "channel": room.id,
            "ts": message.ts,
            "text": message.text,
            "message": show_message(workspace, message),
        }


def delete_message(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Delete a message of the bot's own."""
    room = workspace.channel(str(args.get("channel", "")))
    with workspace.changed:
        message = _own(workspace, room, args, otherwise="cant_delete_message")
        workspace.remove(message)
        return {"channel": room.id, "ts": message.ts}


def _own(workspace: Workspace, room: Channel, args: Args, *, otherwise: str) -> Message:
    message = workspace.find(room.id, str(args.get("ts", "")))
    if message is None:
        raise SlackError("message_not_found")
    if message.user != workspace.bot.id:
        raise SlackError(otherwise)
    return message


def post_ephemeral(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Show a message to one person only; it is stored apart and cannot be edited later."""
    room = workspace.writable(str(args.get("channel", "")))
    user = str(args.get("user", ""))
    if user not in room.members:
        raise SlackError("user_not_in_channel")
    text, blocks = check_content(workspace, args)
    with workspace.changed:
        thread = workspace.root(room.id, args.get("thread_ts"))
        message = Message(room.id, workspace.ts(), workspace.bot.id, text, blocks or [], thread, ephemeral_to=user)
        workspace.post(message)
    return {"message_ts": message.ts}


def get_permalink(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Give a link to a message."""
    room = workspace.channel(str(args.get("channel", "")))
    ts = str(args.get("message_ts", ""))
    with workspace.changed:
        message = workspace.find(room.id, ts)
        if message is None:
            raise SlackError("message_not_found")
        link = f"https://whitman-law.slack.com/archives/{room.id}/p{ts.replace('.', '')}"
        if message.thread_ts:
            link += f"?thread_ts={message.thread_ts}&cid={room.id}"
    return {"channel": room.id, "permalink": link}
