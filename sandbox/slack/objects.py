"""The JSON in which Slack shows messages, files and users."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from brought_forward.sandbox.slack.records import Channel, File, Message, Share, User
from brought_forward.sandbox.slack.workspace import APP, OTHER_TEAM, Workspace


def show_message(workspace: Workspace, message: Message) -> dict[str, Any]:
    """Show a message as it stands in answers and interactions."""
    shown: dict[str, Any] = {
        "type": "message",
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "team": workspace.team,
        "blocks": message.blocks,
    }
    if workspace.channels[message.channel].is_ext_shared:  # there the writer may be of another company
        team = workspace.users[message.user].team_id
        shown |= {"team": team, "user_team": team, "source_team": team}
    if message.user == workspace.bot.id:
        shown |= {"bot_id": workspace.bot_id, "app_id": APP}
    if message.is_tombstone:
        shown["subtype"] = "tombstone"
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.edited_ts:
        shown["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.files:
        shown["files"] = [show_file(workspace, file) for file in message.files]
    if message.metadata:
        shown["metadata"] = message.metadata
    return shown


def show_file(workspace: Workspace, file: File, *, shares: bool = False) -> dict[str, Any]:
    """Show a file object; a tombstone has no more than its id."""
    if file.mode == "tombstone":
        return {"id": file.id, "mode": "tombstone"}
    is_external = file.mode == "external" if file.is_external is None else file.is_external
    shown: dict[str, Any] = {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        **({"user": file.user, "user_team": workspace.users[file.user].team_id} if workspace.rules.names_owner else {}),
        "mode": file.mode,
        "editable": file.mode == "snippet",
        "is_external": is_external,
        "external_type": "app" if is_external else "",
        "is_public": True,
        "size": len(file.data),
    }
    if file.mode == "external":
        elsewhere = f"https://documents.example.com/{file.id}/{quote(file.name)}"
        shown |= {"size": 0, "url_private": file.address or elsewhere}
    elif file.address:
        shown |= {"url_private": file.address, "url_private_download": file.address}
    else:
        place = f"{workspace.base_url}/files-pri/{workspace.team}-{file.id}"
        shown["url_private"] = f"{place}/{quote(file.name)}"
        shown["url_private_download"] = f"{place}/download/{quote(file.name)}"
    if shares:
        shown["shares"] = _show_shares(workspace, file)
    return shown


def _show_shares(workspace: Workspace, file: File) -> dict[str, Any]:
    shown: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for share in file.shares:
        room = workspace.channels[share.channel]
        if room.is_im:  # Slack leaves these out
            continue
        side = shown.setdefault("private" if room.is_private else "public", {})
        side.setdefault(share.channel, []).append(_show_share(workspace, room, share))
    return shown


def _show_share(workspace: Workspace, room: Channel, share: Share) -> dict[str, Any]:
    shown = {"ts": share.ts, "channel_name": room.name, "team_id": workspace.team, "reply_users": [], "reply_count": 0}
    return shown | ({"thread_ts": share.thread_ts} if share.thread_ts else {})


def show_user(user: User) -> dict[str, Any]:
    """Show a user as `users.info` does."""
    organisation = {"enterprise_user": {"id": user.id, "teams": list(user.teams)}} if user.teams else {}
    return {
        **organisation,
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "real_name": user.real_name,
        "deleted": user.deleted,
        "tz": user.tz,
        "is_admin": user.is_owner,  # an owner is both
        "is_owner": user.is_owner,
        "is_primary_owner": False,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "is_restricted": user.is_restricted or user.is_ultra_restricted,  # a guest of one channel is both
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_stranger": user.is_stranger,
        "profile": {"display_name": user.real_name, "real_name": user.real_name, "team": user.team_id},
    }


def show_channel(workspace: Workspace, room: Channel) -> dict[str, Any]:
    """Show a channel as `conversations.info` does."""
    if room.is_im:
        (person,) = room.members - {workspace.bot.id}
        return {"id": room.id, "is_im": True, "user": person, "is_archived": room.is_archived}
    return {
        "id": room.id,
        "name": room.name,
        "is_channel": not room.is_private,
        "is_group": room.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": room.is_private,
        "is_archived": room.is_archived,
        "is_member": workspace.bot.id in room.members,
        "is_shared": room.is_ext_shared,
        "is_ext_shared": room.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": room.is_pending_ext_shared,
        "context_team_id": workspace.team,
        "shared_team_ids": [workspace.team, OTHER_TEAM] if room.is_ext_shared else [workspace.team],
    }
