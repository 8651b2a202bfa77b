"""The `usergroups.*` methods: https://docs.slack.dev/reference/methods?family=usergroups ."""

from __future__ import annotations

from typing import Any

from brought_forward.sandbox.slack.workspace import TEAM, SlackError, Workspace

Args = dict[str, Any]
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
        "team_id": TEAM,
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
