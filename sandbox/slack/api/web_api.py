"""Channels, groups, all else of the Web API, and the table of methods: https://docs.slack.dev/reference/methods ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from brought_forward.sandbox.slack.api import messages as messages_api
from brought_forward.sandbox.slack.api import views as views_api
from brought_forward.sandbox.slack.blocks.blocks import check_blocks, check_plan
from brought_forward.sandbox.slack.blocks.shapes import Flaw
from brought_forward.sandbox.slack.blocks.views import check_view
from brought_forward.sandbox.slack.objects import show_channel, show_file, show_user
from brought_forward.sandbox.slack.records import File, Message
from brought_forward.sandbox.slack.workspace import SlackError, Workspace

Args = dict[str, Any]


def test_auth(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Say who the token belongs to."""
    bot = workspace.bot
    return {
        "url": f"https://{workspace.domain}.slack.com/",
        "team": workspace.name,
        "team_id": workspace.team,
        "user": bot.name,
        "user_id": bot.id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def show_user_info(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Show a user."""
    user = workspace.users.get(str(args.get("user", "")))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": show_user(user)}


def show_file_info(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Show a file that the bot can see: its own, or one in a channel that it is in."""
    with workspace.changed:
        file = workspace.files.get(str(args.get("file", "")))
        if file is None or not workspace.sees(file):
            raise SlackError("file_not_found")
        return {"file": show_file(workspace, file, shares=True), "comments": []}


def announce_upload(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Give the address that a file's bytes are to be sent to."""
    name, length = args.get("filename"), args.get("length")
    if not name or not length or int(length) < 1:
        raise SlackError("invalid_arguments")
    with workspace.changed:
        file = workspace.new_file(workspace.bot.id, str(name), b"", args.get("snippet_type") and "snippet")
        workspace.pending[file.id] = file
    return {"upload_url": f"{workspace.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Share uploaded files in a channel, or keep them private; the bot hears of its own files too."""
    with workspace.changed:
        files = [_completed(workspace, asked) for asked in args.get("files") or []]
        if not files:
            raise SlackError("invalid_arguments")
        name = args.get("channel_id") or args.get("channels")
        if name:
            room = workspace.writable(str(name))
            thread = workspace.root(room.id, args.get("thread_ts"))
            blocks = args.get("blocks")
            flaws = check_blocks(blocks) if blocks else []
            if flaws or (blocks and args.get("initial_comment")):
                raise SlackError("invalid_blocks", response_metadata={"messages": [str(flaw) for flaw in flaws]})
        for file in files:
            del workspace.pending[file.id]
            workspace.files[file.id] = file
        shown = [show_file(workspace, file) for file in files]
    if name:
        comment = str(args.get("initial_comment") or "")
        message = Message(room.id, workspace.ts(), workspace.bot.id, comment, blocks or [], thread)
        workspace.share(files, message)
    return {"files": shown}


def _completed(workspace: Workspace, asked: dict[str, Any]) -> File:
    file = workspace.pending.get(str(asked.get("id")))
    if file is None or not file.data:
        raise SlackError("file_not_found")
    file.title = str(asked.get("title") or file.name)
    return file


def delete_file(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Delete a file of the bot's own; its messages keep a mark that it was there."""
    file = workspace.files.get(str(args.get("file", "")))
    if file is None:
        raise SlackError("file_not_found")
    if file.mode == "tombstone":
        raise SlackError("file_deleted")
    if file.user != workspace.bot.id:
        raise SlackError("cant_delete_file")
    file.mode, file.data = "tombstone", b""
    return {}


def validate_blocks(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Say what is wrong with blocks, a message or a view, and post nothing."""
    given = args.keys() & {"blocks", "message", "view"}
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    (kind,) = given
    flaws: list[Flaw]
    if kind == "view":
        view = args["view"]
        is_home = isinstance(view, dict) and view.get("type") == "home"
        flaws = check_view(view, "home" if is_home else "modal")
        blocks = view.get("blocks") if isinstance(view, dict) else None
    else:
        blocks = args["blocks"] if kind == "blocks" else args["message"].get("blocks")
        flaws = check_blocks(blocks)
    flaws += check_plan(blocks, data_blocks=workspace.rules.data_blocks)
    if flaws:
        errors = [{"pointer": flaw.pointer, "code": "failed_constraint", "message": flaw.message} for flaw in flaws]
        raise SlackError(f"invalid_{kind}", errors=errors)
    return {}


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


def list_channel_members(workspace: Workspace, args: Args) -> dict[str, Any]:
    """List the members of a channel, by the scopes of `conversations.info`, in pages of `limit`."""
    show_conversation(workspace, args)
    room = workspace.channel(str(args.get("channel", "")))
    first, most = int(args.get("cursor") or 0), int(args.get("limit") or 100)
    members = sorted(room.members)
    more = str(first + most) if first + most < len(members) else ""
    return {"members": members[first : first + most], "response_metadata": {"next_cursor": more}}


YES = {True, "true", "1"}


def _groups(workspace: Workspace) -> dict[str, list[str]]:
    groups = workspace.rules.usergroups
    if groups is None:
        raise SlackError("plan_upgrade_required")  # a free plan has none
    return groups


def list_members(workspace: Workspace, args: Args) -> dict[str, Any]:
    """List the members of a user group."""
    groups = _groups(workspace)
    if args.get("usergroup") not in groups:
        raise SlackError("no_such_subteam")
    return {"users": list(groups[str(args["usergroup"])])}


def list_groups(workspace: Workspace, args: Args) -> dict[str, Any]:
    """List the user groups, with their members or their number if that is asked for."""
    return {"usergroups": [_show(workspace, id_, users, args) for id_, users in _groups(workspace).items()]}


def _show(workspace: Workspace, id_: str, users: list[str], args: Args) -> dict[str, Any]:
    handle = workspace.handles.get(id_, id_.lower())
    shown: dict[str, Any] = {
        "id": id_,
        "team_id": workspace.team,
        "is_usergroup": True,
        "is_external": False,
        "name": handle.replace("-", " ").capitalize(),
        "handle": handle,
        "description": "",
        "date_delete": 0,
    }
    if args.get("include_users") in YES:
        shown["users"] = list(users)
    if args.get("include_count") in YES:
        shown["user_count"] = len(users)
    return shown


METHODS: dict[str, tuple[str, Callable[[Workspace, Args], dict[str, Any]]]] = {  # each with the scope it needs
    "auth.test": ("", test_auth),
    "blocks.validate": ("", validate_blocks),
    "chat.delete": ("chat:write", messages_api.delete_message),
    "chat.getPermalink": ("", messages_api.get_permalink),
    "chat.postEphemeral": ("chat:write", messages_api.post_ephemeral),
    "chat.postMessage": ("chat:write", messages_api.post_message),
    "chat.update": ("chat:write", messages_api.update_message),
    "conversations.info": ("", show_conversation),  # which scope it needs depends on the channel
    "conversations.members": ("", list_channel_members),
    "conversations.open": ("im:write", open_conversation),
    "files.completeUploadExternal": ("files:write", complete_upload),
    "files.delete": ("files:write", delete_file),
    "files.getUploadURLExternal": ("files:write", announce_upload),
    "files.info": ("files:read", show_file_info),
    "usergroups.list": ("usergroups:read", list_groups),
    "usergroups.users.list": ("usergroups:read", list_members),
    "users.info": ("users:read", show_user_info),
    "views.open": ("", views_api.open_view),
    "views.publish": ("", views_api.publish_view),
    "views.push": ("", views_api.push_view),
    "views.update": ("", views_api.update_view),
}


def call_method(workspace: Workspace, method: str, args: Args) -> dict[str, Any]:
    """Carry out a method; raises SlackError with Slack's error."""
    if method not in METHODS:
        raise SlackError("unknown_method", req_method=method)
    scope, carry_out = METHODS[method]
    if scope:
        workspace.require(scope)
    return carry_out(workspace, args)
