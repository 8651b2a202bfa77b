"""What the templates draw with, for one seat: markup, tables, charts, and the state of every field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from brought_forward.sandbox.page import declared, marks, tables
from brought_forward.sandbox.page.charts import Chart, draw_chart
from brought_forward.sandbox.page.seats import Seat
from brought_forward.sandbox.slack import Channel, Message, SlackSandbox, User, View
from brought_forward.sandbox.slack.fields import KEPT
from brought_forward.sandbox.slack.records import Block, File
from brought_forward.sandbox.slack.words import describe_chart, describe_size

COLOURS = 6  # of people's pictures


@dataclass(frozen=True, slots=True)
class Surface:
    """A message, a modal or a Home tab while it is drawn; `id` begins the id of every element in it."""

    id: str
    kind: str  # message, modal or home
    key: dict[str, str]  # what an act in it is sent with
    values: dict[str, Any]
    errors: dict[str, str] = field(default_factory=dict)


class Pen:
    """Draw for a seat."""

    def __init__(self, slack: SlackSandbox, seat: Seat) -> None:
        self.slack = slack
        self.seat = seat
        self.zone = ZoneInfo(seat.user.tz)

    def name(self, id_: str) -> str:
        """Name whom or what an id means: a person, a channel, a user group."""
        user = self.slack.workspace.users.get(id_)
        return user.real_name if user else self.slack.workspace.handles.get(id_) or self.slack.name(id_)

    def on_message(self, id_: str, message: Message) -> Surface:
        """Begin a message."""
        values = self.slack.workspace.values(message, self.seat.user.id)
        return Surface(id_, "message", {"ts": message.ts}, values)

    def on_view(self, view: View) -> Surface:
        """Begin a modal or Home tab."""
        kind = view.payload["type"]
        return Surface(kind, kind, {"view": view.id}, self.slack.workspace.values(view), view.errors)

    def mrkdwn(self, text: str) -> Markup:
        """Draw a message's text."""
        return marks.mrkdwn(text, self.name, self.zone)

    def text(self, value: dict[str, Any]) -> Markup:
        """Draw a text object."""
        return marks.text_object(value, self.name, self.zone)

    def rich(self, value: dict[str, Any]) -> Markup:
        """Draw rich text."""
        return marks.rich(value, self.name)

    def cell(self, value: dict[str, Any]) -> Markup:
        """Draw a cell."""
        return marks.cell(value, self.name)

    def words(self, block: Block) -> Markup:
        """Write what a block says where the bot sends none of its kind: markdown, a chart that is not of bars."""
        return marks.words(block["text"] if block["type"] == "markdown" else "\n".join(describe_chart(block)))

    def chart(self, block: Block) -> Chart:
        """Lay out a chart."""
        return draw_chart(block)

    def table(self, surface: Surface, place: str, block: Block) -> tables.Page:
        """Turn a table to where the person left it."""
        if block["type"] == "table":
            return tables.whole(block)
        sort, page = self.seat.tables.get((surface.id, place), (tables.UNSORTED, 1))
        return tables.turn_to(block, sort, page)

    def value(self, surface: Surface, block: Block, element: dict[str, Any]) -> Any:
        """Return what stands in a field now: a text, an option, a list of options, an id, a day."""
        kept = surface.values.get(block["block_id"], {}).get(element["action_id"], {})
        return kept.get(KEPT[element["type"]][0]) if element["type"] in KEPT else None

    def people(self) -> list[User]:
        """List whom a menu of people offers."""
        return [user for user in self.slack.workspace.users.values() if not user.deleted and user.name != "slackbot"]

    def rooms(self, element: dict[str, Any]) -> Iterator[Channel]:
        """List the channels that a menu offers to this person."""
        rule = element.get("filter", {})
        wanted = (
            ["public"] if element["type"] == "channels_select" else rule.get("include", ["public", "private", "im"])
        )
        for room in list(self.slack.workspace.channels.values()):
            kind = "im" if room.is_im else "private" if room.is_private else "public"
            hidden = kind != "public" and self.seat.user.id not in room.members
            shared = room.is_ext_shared and rule.get("exclude_external_shared_channels", False)
            if kind in wanted and not (hidden or shared or room.is_archived):
                yield room

    def room_name(self, room: Channel) -> str:
        """Name a channel as it is shown."""
        return self.slack.bot.real_name if room.is_im else f"#{room.name}"

    def size(self, file: File) -> str:
        """Say how big a file is."""
        return describe_size(file)

    def initials(self, user: User) -> str:
        """Return the letters of a person's picture."""
        return "".join(word[0] for word in user.real_name.split()[:2]).upper()

    def colour(self, user: User) -> str:
        """Name the colour of a person's picture."""
        return "bot" if user.is_bot else str(sum(map(ord, user.id)) % COLOURS)

    def shortcut(self, callback_id: str) -> str:
        """Name a shortcut."""
        return declared.SHORTCUTS.get(callback_id, callback_id)

    def time(self, ts: str) -> str:
        """Write the time of day of a message."""
        return marks.clock(float(ts), self.zone)

    def go(self, *, place: str | None = None, thread: str | None = None, tab: str | None = None) -> Markup:
        """Link to a place, as the same person."""
        query = {"as": self.seat.user.name, "in": place or self.seat.place, "thread": thread, "tab": tab}
        return marks.go({name: value for name, value in query.items() if value})
