"""The `conversations.*` methods: https://docs.slack.dev/reference/methods?family=conversations ."""

from __future__ import annotations

from typing import Any

from brought_forward.sandbox.slack.objects import show_channel
from brought_forward.sandbox.slack.workspace import SlackError, Workspace

Args = dict[str, Any]


def open_conversation(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Open the direct conversation with one user, or answer with one that is open already."""
    if args.get("channel"):
        room = workspace.channel(str(args["channel"]))
        if not room.is_im:
            raise SlackError("invalid_user_combination")
        return {"channel": {"id": room.id}}
    users = args.get("users") or ""
    names = users if isinstance(users, list) else str(users).split(",")
    if names == [""]:
        raise SlackError("users_list_not_supplied")
    if len(names) != 1:
        raise SlackError("invalid_user_combination")
    person = workspace.users.get(names[0])
    if person is None:
        raise SlackError("user_not_found")
    if person.deleted:
        raise SlackError("user_disabled")
    return {"channel": {"id": workspace.dm(person.id).id}}


def show_conversation(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Show a channel; a private one only to a bot that is in it, and each kind by its own scope."""
    room = workspace.channel(str(args.get("channel", "")))
    if room.is_im:
        workspace.require("im:read")
    else:
        workspace.require("groups:read" if room.is_private else "channels:read")
    if room.is_private and workspace.bot.id not in room.members:
        raise SlackError("channel_not_found")
    return {"channel": show_channel(workspace, room)}
