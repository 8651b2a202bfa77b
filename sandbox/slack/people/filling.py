"""How people fill the fields of a form: only what Slack lets them choose, type and attach."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from brought_forward.sandbox.slack.fields import KEPT, options_of
from brought_forward.sandbox.slack.objects import show_file
from brought_forward.sandbox.slack.people.interactions import Interactions, blocks_of, find_control
from brought_forward.sandbox.slack.records import Block, Channel, Click, File, Message, User, View

MOST_FILE_BYTES = 10 * 1024 * 1024  # of each file in a file_input


class Filling:
    """The typing, choosing and attaching of people."""

    def __init__(self, interactions: Interactions) -> None:
        self.interactions = interactions
        self.workspace = interactions.workspace

    def fill(
        self,
        user: User,
        where: Message | View,
        what: str,
        value: Any,
        typed: str | None,
        *,
        snapshot: list[Block] | None = None,
    ) -> Click | None:
        """Put a value into a field; the bot hears of it at once only outside input blocks or by `dispatch_action`.

        None or an empty list empties it. `snapshot` is the blocks that the person still has on the screen. Raises
        LookupError where Slack offers no such value.
        """
        block, element = find_control(blocks_of(where) if snapshot is None else snapshot, what)
        if element["type"] == "overflow":
            taken = {"selected_option": _pick(options_of(element), value)}
            return self.interactions.press(user, what, where, snapshot=snapshot, chosen=taken, state={})
        if element["type"] not in KEPT:
            raise LookupError(f"{what!r} is pressed, not filled.")
        name = KEPT[element["type"]][0]
        with self.workspace.change():
            chosen = {name: self._take(user, where, what, element, value, typed)}
            kept = self._kept(user, where)
            kept.setdefault(block["block_id"], {})[element["action_id"]] = {"type": element["type"], **chosen}
        if block["type"] == "input" and not block.get("dispatch_action"):
            return None
        return self.interactions.press(user, what, where, snapshot=snapshot, chosen=chosen, state={})

    def _kept(self, user: User, where: Message | View) -> dict[str, Any]:
        if isinstance(where, View):
            return where.values
        return self.workspace.typed.setdefault((user.id, where.ts), {})

    def _take(
        self, user: User, where: Message | View, what: str, element: dict[str, Any], value: Any, typed: str | None
    ) -> Any:
        match element["type"]:
            case "file_input":
                taken: Any = [show_file(self.workspace, file) for file in self._attach(user, element, value or {})]
            case "checkboxes":
                taken = [_pick(options_of(element), one) for one in value or []]
            case "multi_users_select":
                taken = [self._find_person(one) for one in value or []]
            case "multi_conversations_select":
                taken = [self._find_channel(user, element, one) for one in value or []]
            case _ if value is None:
                taken = None
            case "static_select" | "radio_buttons":
                taken = _pick(options_of(element), value)
            case "external_select":
                taken = self._look_up(user, where, what, value, typed)
            case "users_select":
                taken = self._find_person(value)
            case "conversations_select" | "channels_select":
                taken = self._find_channel(user, element, value)
            case "datepicker":
                taken = date.fromisoformat(str(value)).isoformat()
            case _:
                taken = str(value)
        return taken

    def _look_up(self, user: User, where: Message | View, what: str, value: str, typed: str | None) -> dict[str, Any]:
        answer = self.interactions.suggest(user, what, value if typed is None else typed, where)
        if answer.error:
            raise LookupError(f"Slack shows no options: {answer.error}.")
        return _pick(list(answer.options), value)

    def _find_person(self, value: User | str) -> str:
        person = self.workspace.users[value if isinstance(value, str) else value.id]
        if person.deleted:
            raise LookupError(f"{person.name} is no longer offered.")
        return person.id

    def _find_channel(self, user: User, element: dict[str, Any], value: Channel | User | str) -> str:
        room = self.workspace.channel(value if isinstance(value, str) else value.id)
        kind = "im" if room.is_im else "private" if room.is_private else "public"
        rule = element.get("filter", {})
        wanted = ["public"] if element["type"] == "channels_select" else rule.get("include", [kind])
        hidden = kind != "public" and user.id not in room.members
        shared = room.is_ext_shared and rule.get("exclude_external_shared_channels", False)
        if hidden or shared or room.is_archived or kind not in wanted:
            raise LookupError(f"{room.name} is not offered.")
        return room.id

    def _attach(self, user: User, element: dict[str, Any], given: dict[str, bytes]) -> list[File]:
        if len(given) > element.get("max_files", 10):
            raise LookupError(f"No more than {element.get('max_files', 10)} files can be attached.")
        for name, data in given.items():
            if len(data) > MOST_FILE_BYTES:
                raise LookupError(f"{name} is larger than 10 MB.")
            if "filetypes" in element and name.rpartition(".")[2].lower() not in element["filetypes"]:
                raise LookupError(f"{name} is of a type that cannot be attached.")
        files = [self.workspace.new_file(user.id, name, data) for name, data in given.items()]
        for file in files:
            file.is_handed_over = True
            self.workspace.files[file.id] = file
        return files


def _pick(options: Iterable[dict[str, Any]], value: str) -> dict[str, Any]:
    """Find an option by its value, else by the start of its label."""
    there = list(options)
    for option in there:
        if option["value"] == value:
            return option
    for option in there:
        if option["text"]["text"].startswith(value):
            return option
    labels = ", ".join(repr(option["text"]["text"]) for option in there) or "none"
    raise LookupError(f"There is no option {value!r}; there is {labels}.")
