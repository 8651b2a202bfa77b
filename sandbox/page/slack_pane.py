"""The Slack window: what a tab is shown when it is opened, and what has changed since.

A tab asks twice a second whether anything has; nothing comes back while nothing has, else only the messages that are
new, changed or gone, each put in its place by htmx's out-of-band swaps.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request

from brought_forward.sandbox.clio import Firm
from brought_forward.sandbox.page import declared
from brought_forward.sandbox.page.acts import Acts
from brought_forward.sandbox.page.pen import Pen
from brought_forward.sandbox.page.samples import SAMPLES
from brought_forward.sandbox.page.seats import Seat, Seats, Stamp, compare
from brought_forward.sandbox.page.sight import Sight, look
from brought_forward.sandbox.slack import SlackSandbox, User

PEOPLE = (
    ("staff", "Staff: drops the files"),
    ("manager", "Manager: may approve"),
    ("partner", "Second manager: may approve"),
    ("outsider", "Colleague: may not approve"),
    ("guest", "Guest: is shown no client"),
)


class SlackPane:
    """All that is behind the Slack window."""

    def __init__(self, slack: SlackSandbox, firm: Firm) -> None:
        self.slack = slack
        self.firm = firm
        self.seats = Seats()
        self._read: dict[tuple[str, str], str] = {}  # by person and channel: the ts up to which they saw all

    def blueprint(self) -> Blueprint:
        """Make the routes below /slack."""
        made = Blueprint("slack", __name__, url_prefix="/slack")
        made.add_url_rule("/news", view_func=self.news)
        made.add_url_rule("/table", view_func=self.table)
        Acts(self.slack, self.firm, self.seats).add_to(made)
        return made

    def sit_down(self) -> dict[str, Any]:
        """Take a seat as the address says, and return what the templates draw."""
        asked = request.args
        before = self.seats.find(request.headers.get("X-Seat", ""))
        user = self._person(asked.get("as", ""), before)
        room = next((one for one in self._rooms(user) if asked.get("in") in {one.id, one.name}), self.slack.balances)
        tab = "home" if room.is_im and asked.get("tab") == "home" else "messages"
        thread = asked.get("thread")
        if thread is not None and not self.slack.thread(room.id, thread):
            thread = None
        seat = self.seats.take(user, room.id, tab=tab, thread=thread)
        seat.calls = before.calls if before else len(self.slack.calls)
        if room.is_im:
            self.slack.open_home(user, "home" if tab == "home" else "messages")
        sight = look(self.slack.workspace, seat, self._read)
        with seat.lock:
            seat.version = sight.version
            seat.drawn = stamps(sight, seat)
        return self._context(seat, sight) | {
            "room": room,
            "people": [(self.slack.workspace.users[self._id(name)], role) for name, role in PEOPLE],
            "workspace": self.firm.name,
            "samples": SAMPLES,
            "declared": declared,
        }

    def news(self) -> Response | str:
        """Send what has changed since this tab was last drawn."""
        seat = self.seats.find(request.headers.get("X-Seat", ""))
        if seat is None:
            return Response(status=204, headers={"HX-Refresh": "true"})
        with seat.lock:
            self._overhear(seat)
            if seat.version == self.slack.workspace.version and not seat.toasts:
                return Response(status=204)
            sight = look(self.slack.workspace, seat, self._read)
            now = stamps(sight, seat)
            changes = {name: compare(seat.drawn.get(name, {}), now[name].items()) for name in now}
            toasts, seat.toasts = seat.toasts, []
            seat.version, seat.drawn = sight.version, now
            if not toasts and not any(changes.values()):
                return Response(status=204)
            return render_template("slack/news.html", changes=changes, toasts=toasts, **self._context(seat, sight))

    def table(self) -> Response | str:
        """Turn a table's page, or sort it."""
        seat = self.seats.find(request.headers.get("X-Seat", ""))
        if seat is None:
            return Response(status=204, headers={"HX-Refresh": "true"})
        place, where = request.args["place"], request.args["where"]
        with seat.lock:
            seat.tables[where, place] = (request.args.get("sort", 0, int), request.args.get("page", 1, int))
            sight = look(self.slack.workspace, seat, self._read)
        pen = Pen(self.slack, seat)
        if where == "home" and sight.home:
            surface, blocks = pen.on_view(sight.home), sight.home.payload["blocks"]
        else:
            shown = next((one for one in (*sight.messages, *sight.thread) if one.id == where), None)
            if shown is None:
                return Response(status=204)
            surface, blocks = pen.on_message(shown.id, shown.message), shown.message.blocks
        return render_template("slack/table.html", pen=pen, surface=surface, place=place, block=blocks[int(place)])

    def _overhear(self, seat: Seat) -> None:
        """Tell of what the bot asked for and Slack refused since this tab looked last."""
        calls = self.slack.workspace.calls
        for call in calls[seat.calls :]:
            if not call.ok:
                seat.say(f"Slack refused the bot's {call.method}: {call.error}.")
        seat.calls = len(calls)

    def _context(self, seat: Seat, sight: Sight) -> dict[str, Any]:
        for shown in (*sight.messages, *sight.thread):
            seat.blocks[shown.message.ts] = shown.message.blocks
        return {"seat": seat, "sight": sight, "pen": Pen(self.slack, seat), "today": date.today, "days": timedelta}

    def _person(self, name: str, before: Seat | None) -> User:
        if name in dict(PEOPLE):
            return self.slack.workspace.users[self._id(name)]
        return before.user if before else self.slack.staff

    def _id(self, name: str) -> str:
        return next(user.id for user in self.slack.workspace.users.values() if user.name == name)

    def _rooms(self, user: User) -> list[Any]:
        rooms = list(self.slack.workspace.channels.values())
        return [room for room in rooms if not room.is_im and user.id in room.members] + [
            self.slack.workspace.dm(user.id)
        ]


def stamps(sight: Sight, seat: Seat) -> dict[str, dict[str, Stamp]]:
    """Name what stands in each region of the page, and by what value one sees that it has changed."""
    modal = sight.modal
    return {
        # On the Home tab the messages of the conversation do not stand in the page.
        "messages": {} if seat.tab == "home" else {one.id: one.stamp for one in sight.messages},
        "replies": {one.id: one.stamp for one in sight.thread},
        "rooms": {"rooms": tuple((room.channel.id, room.unread) for room in sight.rooms)},
        "home": {"home": (sight.home.hash if sight.home else "",)} if seat.tab == "home" else {},
        "modal": {
            "modal": (modal.id, modal.hash, tuple(modal.errors.items()), seat.notice_of(modal.id)) if modal else ("",),
        },
    }
