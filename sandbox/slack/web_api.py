"""The other methods of the Web API, and the table of all: https://docs.slack.dev/reference/methods ."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from brought_forward.sandbox.slack import messages_api
from brought_forward.sandbox.slack.limits import check_blocks, check_view
from brought_forward.sandbox.slack.objects import show_file, show_user, show_view
from brought_forward.sandbox.slack.records import File, Message, View
from brought_forward.sandbox.slack.shapes import Flaw
from brought_forward.sandbox.slack.workspace import BOT_ID, TEAM, SlackError, Workspace

Args = dict[str, Any]


def test_auth(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Say who the token belongs to."""
    bot = workspace.bot
    return {
        "url": "https://whitman-law.slack.com/",
        "team": "Whitman Law",
        "team_id": TEAM,
        "user": bot.name,
        "user_id": bot.id,
        "bot_id": BOT_ID,
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
        if file is None or not _visible(workspace, file):
            raise SlackError("file_not_found")
        return {"file": show_file(workspace, file, shares=True), "comments": []}


def _visible(workspace: Workspace, file: File) -> bool:
    bot = workspace.bot.id
    return file.user == bot or any(bot in workspace.channels[share.channel].members for share in file.shares)


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


def open_conversation(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Open the direct conversation with one user."""
    users = args.get("users") or ""
    names = users if isinstance(users, list) else str(users).split(",")
    if len(names) != 1:
        raise SlackError("invalid_user_combination")
    return {"channel": {"id": workspace.dm(names[0]).id}}


def list_group_members(workspace: Workspace, args: Args) -> dict[str, Any]:
    """List the members of a user group; a free plan has none."""
    groups = workspace.rules.usergroups
    if groups is None:
        raise SlackError("plan_upgrade_required")
    if args.get("usergroup") not in groups:
        raise SlackError("no_such_subteam")
    return {"users": groups[str(args["usergroup"])]}


def validate_blocks(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Say what is wrong with blocks, a message or a view, and post nothing."""
    given = args.keys() & {"blocks", "message", "view"}
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    (kind,) = given
    flaws: list[Flaw]
    if kind == "view":
        flaws = check_view(args["view"])
    else:
        flaws = check_blocks(args["blocks"] if kind == "blocks" else args["message"].get("blocks"))
    if flaws:
        errors = [{"pointer": flaw.pointer, "code": "failed_constraint", "message": flaw.message} for flaw in flaws]
        raise SlackError(f"invalid_{kind}", errors=errors)
    return {}


def open_view(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Open a modal by a trigger id that is fresh and unused."""
    trigger = str(args.get("trigger_id", ""))
    with workspace.change():
        if trigger in workspace.spent:
            raise SlackError("exchanged_trigger_id")
        if trigger not in workspace.triggers:
            raise SlackError("invalid_trigger_id")
        user, made = workspace.triggers[trigger]
        if time.monotonic() - made > workspace.rules.trigger_seconds:
            raise SlackError("expired_trigger_id")
        payload = _checked_view(args)
        workspace.spent.add(trigger)
        view = View(workspace.number("V"), user, payload, workspace.ts())
        workspace.views[view.id] = view
        return {"view": show_view(view)}


def update_view(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Replace an open modal; a `hash` that is no longer the view's is refused."""
    with workspace.change():
        view = workspace.views.get(str(args.get("view_id", "")))
        if view is None or not view.is_open:
            raise SlackError("not_found")
        if args.get("hash") not in {None, view.hash}:
            raise SlackError("hash_conflict")
        view.payload = _checked_view(args)
        view.hash = workspace.ts()
        return {"view": show_view(view)}


def _checked_view(args: Args) -> dict[str, Any]:
    flaws = check_view(args.get("view"))
    if flaws:
        raise SlackError("invalid_arguments", response_metadata={"messages": [str(flaw) for flaw in flaws]})
    payload: dict[str, Any] = args["view"]
    return payload


METHODS: dict[str, tuple[str, Callable[[Workspace, Args], dict[str, Any]]]] = {  # each with the scope it needs
    "auth.test": ("", test_auth),
    "blocks.validate": ("", validate_blocks),
    "chat.delete": ("chat:write", messages_api.delete_message),
    "chat.getPermalink": ("", messages_api.get_permalink),
    "chat.postEphemeral": ("chat:write", messages_api.post_ephemeral),
    "chat.postMessage": ("chat:write", messages_api.post_message),
    "chat.update": ("chat:write", messages_api.update_message),
    "conversations.open": ("im:write", open_conversation),
    "files.completeUploadExternal": ("files:write", complete_upload),
    "files.getUploadURLExternal": ("files:write", announce_upload),
    "files.info": ("files:read", show_file_info),
    "usergroups.users.list": ("usergroups:read", list_group_members),
    "users.info": ("users:read", show_user_info),
    "views.open": ("", open_view),
    "views.update": ("", update_view),
}


def call_method(workspace: Workspace, method: str, args: Args) -> dict[str, Any]:
    """Carry out a method; raises SlackError with Slack's error."""
    if method not in METHODS:
        raise SlackError("unknown_method", req_method=method)
    scope, carry_out = METHODS[method]
    if scope and scope not in workspace.rules.scopes:
        raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(workspace.rules.scopes)))
    return carry_out(workspace, args)
