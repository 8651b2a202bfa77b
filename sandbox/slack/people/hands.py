"""What the people of the pretend workspace do: press, choose, type, send, close, and come in by shortcuts."""

from __future__ import annotations

import copy
from typing import Any

from brought_forward.sandbox.slack.people.entrances import Entrances, Tab
from brought_forward.sandbox.slack.people.filling import Filling
from brought_forward.sandbox.slack.people.forms import Forms
from brought_forward.sandbox.slack.people.interactions import Interactions
from brought_forward.sandbox.slack.people.payloads import Payloads
from brought_forward.sandbox.slack.records import (
    Answer,
    Block,
    Channel,
    Click,
    File,
    Message,
    Person,
    Place,
    User,
    View,
)
from brought_forward.sandbox.slack.workspace import Workspace


def id_of(thing: User | Channel | File | str) -> str:
    """Return the id of what is given as itself or by its id."""
    return thing if isinstance(thing, str) else thing.id


class Hands:
    """The verbs of people. LookupError says that Slack would not let them: there is no such thing to press."""

    def __init__(self, workspace: Workspace, payloads: Payloads) -> None:
        self.workspace = workspace
        self._interactions = Interactions(workspace, payloads)
        self._filling = Filling(self._interactions)
        self._forms = Forms(workspace, payloads)
        self._entrances = Entrances(workspace, payloads)

    def click(
        self,
        user: Person,
        what: str,
        message: Message | View | str | None = None,
        *,
        snapshot: list[Block] | None = None,
        state: dict[str, Any] | None = None,
    ) -> Click:
        """Press the button whose label begins with `what`, or whose action_id it is.

        `message` is a message, its ts, or a view; None is the newest message with such a button that the person can
        see. `snapshot` is the blocks that the person still has on the screen. Raises LookupError if there is no such
        button.
        """
        where = self._interactions.locate(self._user(user), what, message)
        return self._interactions.press(self._user(user), what, where, snapshot=snapshot, chosen={}, state=state or {})

    def choose(
        self,
        user: Person,
        action_id: str,
        value: Any,
        message: Message | View | str | None = None,
        *,
        snapshot: list[Block] | None = None,
    ) -> Click:
        """Choose in a menu that tells the bot at once; values are as for `fill`, the rest as for `click`."""
        where = self._interactions.locate(self._user(user), action_id, message)
        click = self._filling.fill(self._user(user), where, action_id, value, None, snapshot=snapshot)
        if click is None:
            raise LookupError(f"{action_id!r} is sent with its form: use fill and submit.")
        return click

    def fill(
        self, user: Person, where: Message | View | str, what: str, value: Any, *, typed: str | None = None
    ) -> Click | None:
        """Put a value into the field whose label begins with `what`, or whose action_id it is; None empties it.

        Options go by value or by the start of their label, checkboxes as a list of these; people and channels as
        themselves or by id; dates as dates or in ISO form; files as bytes by name. An external_select asks the bot
        for its options by `typed`, or by the value itself. Returns the click where the bot hears of it at once.
        """
        found = self._interactions.locate(self._user(user), what, where)
        return self._filling.fill(self._user(user), found, what, value, typed)

    def suggest(self, user: Person, action_id: str, typed: str, where: Message | View | str) -> Answer:
        """Type into an external_select and return what the bot offers, in `options`."""
        found = self._interactions.locate(self._user(user), action_id, where)
        return self._interactions.suggest(self._user(user), action_id, typed, found)

    def submit(self, user: Person, view: View, values: dict[str, Any] | None = None) -> Answer:
        """Send a modal after filling fields, `values` by label or action_id.

        `error` is `not_sent` where Slack's own client finds what is wrong, `invalid_response` or the reason where the
        bot's answer is none that Slack can use; the view then stays open.
        """
        for what, value in (values or {}).items():
            self.fill(user, view, what, value)
        return self._forms.submit(self._user(user), self._interactions.see(self._user(user), view))

    def close(self, user: Person, view: View, *, everything: bool = False) -> list[Answer]:
        """Close a modal by its button, or the whole stack by the X; returns what the bot said to each it is told of."""
        kept = self._interactions.see(self._user(user), view)
        return self._forms.close(self._user(user), kept, everything=everything)

    def views(self, user: Person) -> list[View]:
        """List the modals that a person has open, the newest last."""
        with self.workspace.changed:
            mine = [v for v in self.workspace.views.values() if v.user == id_of(user) and v.is_open]
            return copy.deepcopy([view for view in mine if view.payload["type"] == "modal"])

    def values(self, view: View) -> dict[str, dict[str, dict[str, Any]]]:
        """Return what stands in a view's fields now, as `state.values` shows it."""
        return self.workspace.values(self.workspace.views[view.id])

    def use_shortcut(
        self,
        user: Person,
        callback_id: str,
        message: Message | None = None,
        *,
        viewing: Place | None = None,
    ) -> Answer:
        """Choose the app's shortcut from a message's menu, or a global one while looking at a channel."""
        if message is None:
            room = self.workspace.channel(id_of(viewing)) if viewing else None
            return self._entrances.use_global_shortcut(self._user(user), callback_id, room)
        kept = self._interactions.locate(self._user(user), "", message.ts)
        assert isinstance(kept, Message)  # noqa: S101 (a ts finds no view)
        return self._entrances.use_message_shortcut(self._user(user), callback_id, kept)

    def open_home(self, user: Person, tab: Tab = "home") -> None:
        """Open the app's Home tab, or its messages."""
        self._entrances.open_home(self._user(user), tab)

    def home(self, user: Person) -> View | None:
        """Return what the Home tab shows to a person. Returns None before anything was published."""
        with self.workspace.changed:
            return copy.deepcopy(self.workspace.views.get(self.workspace.homes.get(id_of(user), "")))

    def command(self, user: Person, text: str, channel: Place = "balances", *, name: str = "/balances") -> Answer:
        """Type a slash command."""
        return self._entrances.command(self._user(user), text, id_of(channel), name)

    def _user(self, user: Person) -> User:
        return self.workspace.users[id_of(user)]
