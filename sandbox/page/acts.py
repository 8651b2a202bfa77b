"""What a person does in the Slack window: each act is one of the sandbox's hands, and its refusal is told."""

from __future__ import annotations

import functools
import html
import io
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, send_file
from werkzeug.datastructures import MultiDict

from brought_forward.sandbox.clio import Firm
from brought_forward.sandbox.page.declared import COMMAND
from brought_forward.sandbox.page.samples import make_sample
from brought_forward.sandbox.page.seats import Seat, Seats
from brought_forward.sandbox.slack import Click, Message, SlackSandbox, User, View
from brought_forward.sandbox.slack.fields import KEPT, MANY, controls
from brought_forward.sandbox.slack.people.forms import NOT_SENT
from brought_forward.sandbox.slack.workspace import SlackError

NO_ANSWER = "The app did not answer ({reason}). Nothing was done twice; try again when the bot runs."
TROUBLE = "We had some trouble connecting ({reason}). Try again?"
LOST = "Slack no longer shows this. {reason}"

Act = Callable[[Seat], Response | str | None]


class Acts:
    """The routes by which a person acts; each answers with nothing, and the tab then asks for what is new."""

    def __init__(self, slack: SlackSandbox, firm: Firm, seats: Seats) -> None:
        self.slack = slack
        self.firm = firm
        self.seats = seats

    def add_to(self, made: Blueprint) -> None:
        """Add the routes to a blueprint."""
        for act in (
            self.press, self.choose, self.fill, self.submit, self.close, self.attach, self.pick, self.say,
            self.upload, self.sample, self.shortcut,
        ):  # fmt: skip
            made.add_url_rule(f"/{act.__name__}", act.__name__, self._seated(act), methods=["POST"])
        made.add_url_rule("/options", "options", self._seated(self.options), methods=["GET"])
        made.add_url_rule("/file/<id_>", "file", self.file, methods=["GET"])

    def _seated(self, act: Act) -> Callable[[], Response | str]:
        @functools.wraps(act)
        def acted() -> Response | str:
            seat = self.seats.find(request.headers.get("X-Seat", ""))
            if seat is None:
                return Response(status=204, headers={"HX-Refresh": "true"})
            try:
                answer = act(seat)
            except LookupError as refused:
                seat.say(LOST.format(reason=str(refused.args[0]) if refused.args else ""))
                answer = None
            except SlackError as refused:
                seat.say(f"Slack refuses this: {refused.error}.")
                answer = None
            return Response(status=204, headers={"HX-Trigger": "news"}) if answer is None else answer

        return acted

    # Buttons and menus

    def press(self, seat: Seat) -> None:
        """Press a button, or an entry of an overflow menu; what stands in a form's fields goes along."""
        form = request.form
        where = self._where(seat)
        if isinstance(where, View):
            fill_form(self.slack, seat.user, where, form)
            where = self._view(seat, where.id)
        what = form["what"]
        if "option" in form:
            self._heard(seat, self.slack.choose(seat.user, what, form["option"], where))
            return
        snapshot = seat.blocks.get(where) if isinstance(where, str) else None
        self._heard(seat, self.slack.click(seat.user, what, where, snapshot=snapshot))

    def choose(self, seat: Seat) -> None:
        """Choose in a menu that tells the bot at once."""
        where = self._where(seat)
        if isinstance(where, View):
            fill_form(self.slack, seat.user, where, request.form)
        what = request.form["what"]
        given = [*request.form.getlist(f"{AT_ONCE}{what}"), *request.form.getlist("value")]
        chosen = list(dict.fromkeys(value for value in given if value))
        value = chosen if request.form.get("kind") in MANY else chosen[-1] if chosen else None
        self._heard(seat, self.slack.fill(seat.user, where, what, value))

    def options(self, seat: Seat) -> str:
        """Offer what the bot offers for the letters typed so far."""
        typed = request.args.get("typed", "")
        where = self._where(seat, request.args)
        answer = self.slack.suggest(seat.user, request.args["what"], typed, where)
        return render_template("slack/options.html", answer=answer, typed=typed, args=request.args)

    def pick(self, seat: Seat) -> None:
        """Take one of the offered options."""
        form = request.form
        where = self._where(seat)
        value = form.get("value") or None
        self._heard(seat, self.slack.fill(seat.user, where, form["what"], value, typed=form.get("typed", "")))

    def _where(self, seat: Seat, args: MultiDict[str, str] | None = None) -> View | str:
        given = request.form if args is None else args
        return self._view(seat, given["view"]) if "view" in given else given["ts"]

    def _view(self, seat: Seat, id_: str) -> View:
        with self.slack.workspace.changed:
            view = self.slack.workspace.views.get(id_)
        if view is None or view.user != seat.user.id or not view.is_open:
            raise LookupError("This form is closed.")
        return view

    def _heard(self, seat: Seat, click: Click | None) -> None:
        if click is not None and click.error:
            seat.say(NO_ANSWER.format(reason=click.error))

    # Forms

    def fill(self, seat: Seat) -> None:
        """Keep what was typed into a form, so that nothing is lost when the form is drawn again."""
        try:
            view = self._view(seat, request.form["view"])
        except LookupError:  # sent before it, closed meanwhile
            return
        fill_form(self.slack, seat.user, view, request.form)

    def attach(self, seat: Seat) -> None:
        """Put files into a form."""
        view = self._view(seat, request.form["view"])
        files = {file.filename or "file": file.read() for file in request.files.getlist("files")}
        try:
            self.slack.fill(seat.user, view, request.form["what"], files)
        except LookupError as refused:
            seat.notice = (view.id, str(refused.args[0]))
        seat.drawn.pop("modal", None)
        seat.version = -1

    def submit(self, seat: Seat) -> None:
        """Send a form."""
        view = self._view(seat, request.form["view"])
        fill_form(self.slack, seat.user, view, request.form)
        answer = self.slack.submit(seat.user, view)
        trouble = answer.error and answer.error != NOT_SENT
        seat.notice = (view.id, TROUBLE.format(reason=answer.error) if trouble else "")
        seat.version = -1

    def close(self, seat: Seat) -> None:
        """Close a form, or by the X the whole stack."""
        view = self._view(seat, request.form["view"])
        self.slack.close(seat.user, view, everything="everything" in request.form)

    # Words, files, shortcuts

    def say(self, seat: Seat) -> None:
        """Say something, type a slash command, or paste cells of a spreadsheet."""
        text = request.form.get("text", "").replace("\r\n", "\n").strip("\n")
        thread = seat.thread if "reply" in request.form else None
        if not text.strip():
            return
        if text.startswith("/"):
            if thread:
                seat.say(f"{text.split()[0]} is not supported in threads. Sorry!")
                return
            name, _, rest = text.partition(" ")
            if name != COMMAND:
                seat.say(f"{name} is not a valid command here. There is {COMMAND}.")
                return
            self.slack.command(seat.user, rest.strip(), seat.place, name=name)
            return
        rows = [line.split("\t") for line in text.split("\n")]
        if len(rows) > 1 and all(len(row) > 1 for row in rows):
            self.slack.paste_table(seat.user, seat.place, rows, thread_ts=thread)
        else:
            self.slack.say(seat.user, seat.place, html.escape(text, quote=False), thread_ts=thread)

    def upload(self, seat: Seat) -> Response | None:
        """Drop files into the channel or thread; a file in the channel opens its thread."""
        files = {file.filename or "file": file.read() for file in request.files.getlist("files")}
        return self._drop(seat, files)

    def sample(self, seat: Seat) -> Response | None:
        """Drop one of the samples."""
        name, data = make_sample(request.form["sample"], self.firm, datetime.now(ZoneInfo(seat.user.tz)).date())
        return self._drop(seat, {name: data})

    def _drop(self, seat: Seat, files: dict[str, bytes]) -> Response | None:
        if not files:
            return None
        thread = seat.thread if "reply" in request.form else None
        made = self.slack.upload_together(seat.user, seat.place, files, thread_ts=thread)
        if thread or self.slack.workspace.channels[seat.place].is_im:
            return None
        path = "/?" + urlencode({"as": seat.user.name, "in": seat.place, "thread": made[0].shares[0].ts})
        where = {"path": path, "target": "#slack", "select": "#slack", "swap": "outerHTML"}
        return Response(status=204, headers={"HX-Location": json.dumps(where)})

    def shortcut(self, seat: Seat) -> None:
        """Choose a shortcut, of a message or of all."""
        ts = request.form.get("ts")
        message: Message | None = None
        if ts:
            message = next((one for one in self.slack.messages(seat.place) if one.ts == ts), None)
            if message is None:
                raise LookupError("The message is gone.")
        answer = self.slack.use_shortcut(seat.user, request.form["callback_id"], message, viewing=seat.place)
        if answer.error:
            seat.say(NO_ANSWER.format(reason=answer.error))

    def file(self, id_: str) -> Any:
        """Hand out a file's bytes, to be kept and never to be shown: a browser must not run what is in it."""
        with self.slack.workspace.changed:
            file = self.slack.workspace.files.get(id_)
        if file is None or file.mode == "tombstone":
            return "There is no such file.", 404
        return send_file(
            io.BytesIO(file.data), mimetype="application/octet-stream", as_attachment=True, download_name=file.name
        )


FIELD = "f:"  # begins the name of each field that is sent with its form, before block_id/action_id
AT_ONCE = "v:"  # and of each that the bot hears of at once
_ALWAYS_AT_ONCE = {"external_select", "file_input"}  # put in when they are picked, not when the form is sent


def name_of(block: dict[str, Any], element: dict[str, Any]) -> str:
    """Name a control so that no other of its surface has the name."""
    return f"{block['block_id']}/{element['action_id']}"


def fill_form(slack: SlackSandbox, user: User, view: View, sent: MultiDict[str, str]) -> None:
    """Fill each field that stands in `sent` with another value than the view has; raises LookupError.

    Every field is sent with a hidden one of its name, so that an emptied one is told from one that is not there.
    """
    values = slack.values(view)
    for block, element in list(controls(view.payload["blocks"])):
        name = name_of(block, element)
        if block["type"] != "input" or element["type"] in _ALWAYS_AT_ONCE or FIELD + name not in sent:
            continue
        given = [value.replace("\r\n", "\n") for value in sent.getlist(FIELD + name) if value]
        kept = values[block["block_id"]][element["action_id"]][KEPT[element["type"]][0]]
        wanted = given if element["type"] in MANY else given[-1] if given else None
        if wanted != _plain(kept):
            slack.fill(user, view, name, wanted)


def _plain(kept: Any) -> Any:
    """Say what is kept as a browser would send it."""
    if isinstance(kept, list):
        return [one["value"] if isinstance(one, dict) else one for one in kept]
    return kept["value"] if isinstance(kept, dict) else kept or None
