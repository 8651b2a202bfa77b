"""The `views.*` methods: https://docs.slack.dev/reference/methods?family=views .

Stacks of modals are kept here too, since the answer to a form may push and replace as the methods do.
"""

from __future__ import annotations

from typing import Any

from brought_forward.sandbox.slack.blocks.blocks import check_plan
from brought_forward.sandbox.slack.blocks.views import MOST_VIEWS, Kind, check_view, is_too_large
from brought_forward.sandbox.slack.fields import controls
from brought_forward.sandbox.slack.records import Trigger, View
from brought_forward.sandbox.slack.workspace import APP, SlackError, Workspace

Args = dict[str, Any]


def show_view(workspace: Workspace, view: View, *, state: bool = True) -> dict[str, Any]:
    """Show a view as `views.open` and submissions do; `state` is what stands in its fields."""
    shown: dict[str, Any] = {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        **({"submit": None, "close": None} if view.payload["type"] == "modal" else {}),
        **view.payload,
        "id": view.id,
        "team_id": workspace.team,
        "app_id": APP,
        "bot_id": workspace.bot_id,
        "app_installed_team_id": workspace.team,
        "root_view_id": view.root_id,
        "previous_view_id": view.previous_id,
        "hash": view.hash,
    }
    return shown | ({"state": {"values": workspace.values(view)}} if state else {})


def open_view(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Open a modal by a trigger id that is fresh and unused."""
    with workspace.change():
        trigger = _check_trigger(workspace, args)
        payload = check_payload(workspace, args.get("view"))
        return _opened(workspace, args, add_view(workspace, trigger.user, payload, channel=trigger.channel))


def push_view(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Put a modal on top of the one in which the trigger was made; three in a stack at most."""
    with workspace.change():
        trigger = _check_trigger(workspace, args)
        under = workspace.views.get(trigger.view or "")
        if under is None or not under.is_open or under.payload["type"] != "modal":
            raise SlackError("not_found")
        payload = check_payload(workspace, args.get("view"))
        return _opened(workspace, args, push_over(workspace, under, payload))


def _check_trigger(workspace: Workspace, args: Args) -> Trigger:
    name = args.get("trigger_id")
    if not name:
        raise _invalid("[ERROR] missing required field: trigger_id")
    if name in workspace.spent:
        raise SlackError("exchanged_trigger_id")
    trigger = workspace.triggers.get(str(name))
    if trigger is None:
        raise SlackError("invalid_trigger_id")
    if workspace.now() - trigger.made > workspace.rules.trigger_seconds:
        raise SlackError("expired_trigger_id")
    return trigger


def _opened(workspace: Workspace, args: Args, view: View) -> dict[str, Any]:
    workspace.spent.add(str(args["trigger_id"]))
    return {"view": show_view(workspace, view)}


def update_view(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Replace an open view, found by `view_id` or `external_id`; a `hash` that is no longer its own is refused."""
    id_, external = args.get("view_id"), args.get("external_id")
    if not id_ and not external:
        raise _invalid("[ERROR] either view_id or external_id is required")
    with workspace.change():
        view = workspace.views.get(str(id_)) if id_ else _find_external(workspace, str(external))
        if view is None or not view.is_open:
            raise SlackError("not_found")
        _check_hash(view, args)
        replace_view(workspace, view, check_payload(workspace, args.get("view"), over=view))
        return {"view": show_view(workspace, view)}


def publish_view(workspace: Workspace, args: Args) -> dict[str, Any]:
    """Put a view into a person's Home tab; a `hash` that is no longer the tab's is refused."""
    user = str(args.get("user_id", ""))
    with workspace.change():
        if not workspace.rules.home_tab:
            raise SlackError("not_enabled")
        if user not in workspace.users or workspace.users[user].is_bot:
            raise SlackError("user_not_found")
        view = workspace.views.get(workspace.homes.get(user, ""))
        if view is None:
            view = add_view(workspace, user, check_payload(workspace, args.get("view"), kind="home"))
            workspace.homes[user] = view.id
        else:
            _check_hash(view, args)
            replace_view(workspace, view, check_payload(workspace, args.get("view"), over=view))
        return {"view": show_view(workspace, view)}


def _check_hash(view: View, args: Args) -> None:
    if args.get("hash") not in {None, "", view.hash}:
        raise SlackError("hash_conflict")


def _find_external(workspace: Workspace, name: str) -> View | None:
    return next((v for v in workspace.views.values() if v.is_open and v.payload.get("external_id") == name), None)


def check_payload(
    workspace: Workspace, payload: Any, *, kind: Kind = "modal", over: View | None = None
) -> dict[str, Any]:
    """Return a view's payload, or refuse it as Slack does; `over` is the view that it is to replace."""
    flaws = check_view(payload, over.payload["type"] if over else kind)
    blocks = payload.get("blocks") if isinstance(payload, dict) else None
    flaws += check_plan(blocks, "/view/blocks", data_blocks=workspace.rules.data_blocks)
    if flaws:
        raise _invalid(*(str(flaw) for flaw in flaws))
    if is_too_large(payload):
        raise SlackError("view_too_large")
    if any(element["type"] == "file_input" for _, element in controls(payload["blocks"])):
        workspace.require("files:read")
    same = _find_external(workspace, payload["external_id"]) if payload.get("external_id") else None
    if same is not None and same is not over:
        raise SlackError("duplicate_external_id")
    checked: dict[str, Any] = payload
    return checked


def _invalid(*messages: str) -> SlackError:
    return SlackError("invalid_arguments", response_metadata={"messages": list(messages)})


def add_view(workspace: Workspace, user: str, payload: dict[str, Any], *, channel: str | None = None) -> View:
    """Begin a stack of one, or a Home tab."""
    id_ = workspace.number("V")
    view = View(id_, user, {}, "", root_id=id_, channel=channel)
    replace_view(workspace, view, payload)
    workspace.views[id_] = view
    return view


def push_over(workspace: Workspace, under: View, payload: dict[str, Any]) -> View:
    """Put a view on top of another; raises SlackError where the stack is full."""
    if len(stack_of(workspace, under)) >= MOST_VIEWS:
        raise SlackError("push_limit_reached")
    view = add_view(workspace, under.user, payload, channel=under.channel)
    view.root_id, view.previous_id = under.root_id, under.id
    return view


def replace_view(workspace: Workspace, view: View, payload: dict[str, Any]) -> None:
    """Show something else in a view; what was typed stays where block_id and action_id stay."""
    view.payload = payload | {"blocks": workspace.with_ids(payload["blocks"])}
    view.hash = workspace.ts()
    view.errors = {}


def stack_of(workspace: Workspace, view: View) -> list[View]:
    """List the open views of a stack, the first one at the bottom."""
    return [one for one in workspace.views.values() if one.root_id == view.root_id and one.is_open]
