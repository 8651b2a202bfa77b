"""The half of the page that shows the pretend Clio: its books, its limit, its troubles, and the bot's life.

One small request each second asks for what changed. It names what the page shows already (a digest for each part), and
is answered 204, or the parts that differ, each put in its place by htmx.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from threading import Thread
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from markupsafe import Markup

from brought_forward.sandbox.clio import ClioSandbox, TimeEntry
from brought_forward.sandbox.clio.records import cents
from brought_forward.sandbox.page import ledger
from brought_forward.sandbox.page.desk import SPEEDS, Desk
from brought_forward.sandbox.slack import SlackSandbox

PARTS = ("sums", "desk", "meter", "faults", "users", "entries")
MATTERS_CHANGED = "clio-entries"  # the event at which the list of matters is read again
AMOUNT = re.compile(r"-?[0-9][0-9,]{0,11}(\.[0-9]{1,2})?")


class Pane:
    """The views of the Clio pane."""

    def __init__(self, clio: ClioSandbox, desk: Desk) -> None:
        self.clio, self.firm, self.desk = clio, clio.firm, desk

    def blueprint(self) -> Blueprint:
        """Tie the addresses to their views."""
        pane = Blueprint("clio", __name__, url_prefix="/clio")
        rules: tuple[tuple[str, str, Callable[..., Response | str]], ...] = (
            ("GET", "/live", self.live),
            ("GET", "/matters", self.matters),
            ("GET", "/entries/<int:number>/change", self.form),
            ("POST", "/entries/<int:number>/change", self.change),
            ("POST", "/entries/<int:number>/delete", self.delete),
            ("POST", "/entries/<int:number>/bill", self.bill),
            ("POST", "/bot/kill", self.kill),
            ("POST", "/bot/start", self.start),
            ("POST", "/speed/<int:speed>", self.speed),
            ("POST", "/switch/<name>", self.switch),
        )
        for method, path, view in rules:
            pane.add_url_rule(path, view.__name__, view, methods=[method])
        pane.app_context_processor(lambda: {"clio_window": self.whole})
        pane.add_app_template_filter(partial(ledger.money, self.firm), "clio_money")
        return pane

    # What is shown

    def whole(self) -> Markup:
        """Draw the whole pane."""
        drawn = self._drawn()
        values = {"firm": self.firm, "parts": drawn, "seen": _seen(drawn), "matters": self._matters()}
        return Markup(render_template("clio/whole.html", **values))  # noqa: S704 - a template's own, escaped there

    def live(self, *, done: bool = False) -> Response:
        """Answer the parts that changed since `seen`; with `done`, close the form that a person used."""
        drawn = self._drawn()
        before = request.args.get("seen", "").split(".")
        now = _seen(drawn).split(".")
        changed = [part for part, old, new in zip(PARTS, _padded(before), now, strict=True) if old != new]
        if not changed:
            return Response(status=204)
        parts = {part: drawn[part] for part in changed}
        answer = Response(render_template("clio/live.html", seen=".".join(now), changed=parts, done=done))
        if "entries" in changed:
            answer.headers["HX-Trigger"] = MATTERS_CHANGED
        return answer

    def matters(self) -> str:
        """Show a page of the matters that were searched for."""
        return self._matters()

    def _matters(self) -> str:
        wanted, page = request.args.get("wanted", ""), request.args.get("page", 1, int)
        listing = ledger.matter_page(self.firm, self.clio.time_entries, wanted, page)
        return render_template("clio/matters.html", listing=listing, wanted=wanted)

    def _drawn(self) -> dict[str, str]:
        """Draw each part, as it is now."""
        with self.firm.lock:
            entries = self.clio.time_entries
            page = ledger.entry_page(self.firm, entries, request.values.get("page", 1, int))
            shares = ledger.shares(self.firm, entries)
        now = self.firm.clock()
        desk = self.desk
        values: dict[str, dict[str, Any]] = {
            "sums": {"sums": ledger.sums(entries, desk.approved())},
            "meter": {"left": self.clio.rate.look(self.clio.token or "", now), "window": self.clio.window},
            "users": {"shares": shares, "total": sum((one.amount for one in shares), Decimal(0))},
            "desk": {"desk": desk, "speeds": SPEEDS, "log": desk.log() if desk.trouble else []},
            "faults": {"desk": desk},
            "entries": {"listing": page},
        }
        return {part: render_template(f"clio/{part}.html", **values[part]) for part in PARTS}

    # What a person in Clio does

    def form(self, number: int) -> str:
        """Show the form in which an entry's price is changed."""
        entry = self._entry(number)
        return self._form(entry, f"{entry.price:.2f}")

    def _form(self, entry: TimeEntry, price: str, wrong: str = "") -> str:
        row = ledger.entry_row(self.firm, entry)
        return render_template("clio/change.html", row=row, price=price, wrong=wrong)

    def change(self, number: int) -> Response:
        """Change an entry's price; what is no price is asked for again."""
        entry, typed = self._entry(number), request.form.get("price", "")
        wrong = "" if AMOUNT.fullmatch(typed.strip()) else "This is no amount. Write it like 1250.00."
        if entry.on_bill:
            wrong = "This entry is on a bill, so Clio does not let it be changed."
        if wrong:
            headers = {"HX-Retarget": "#clio-hand", "HX-Reswap": "innerHTML"}
            return Response(self._form(entry, typed, wrong), headers=headers)
        self.firm.change(entry, price=cents(Decimal(typed.strip().replace(",", ""))))
        return self.live(done=True)

    def delete(self, number: int) -> Response:
        """Delete an entry by hand."""
        self.firm.remove_entry(self._entry(number))
        return self.live()

    def bill(self, number: int) -> Response:
        """Put an entry on a bill, first as a draft, then approved."""
        entry = self._entry(number)
        self.firm.bill(entry, "awaiting_payment" if entry.on_bill else "draft")
        return self.live()

    def _entry(self, number: int) -> TimeEntry:
        entry = self.firm.entries.get(number)
        if entry is None:
            abort(Response("This entry is no longer in Clio.", 404))
        return entry

    # What goes wrong

    def kill(self) -> Response:
        """Kill the bot."""
        self.desk.kill_bot()
        return self.live()

    def start(self) -> Response:
        """Start the bot; that it listens is shown later."""
        self._meanwhile(self.desk.start_bot)
        return self.live()

    def speed(self, speed: int) -> Response:
        """Change how fast time passes."""
        if speed not in SPEEDS:
            abort(404)
        self._meanwhile(partial(self.desk.set_speed, speed))
        return self.live()

    def switch(self, name: str) -> Response:
        """Turn a trouble on or off."""
        switch = self.desk.switches.get(name)
        if switch is None:
            abort(404)
        switch.turn(request.args.get("on") == "1")
        return self.live()

    def _meanwhile(self, work: Callable[[], object]) -> None:
        Thread(target=work, daemon=True, name="desk").start()


def blueprint(slack: SlackSandbox, clio: ClioSandbox, desk: Desk) -> Blueprint:
    """Make the routes below /clio; `templates/clio/pane.html` draws the whole pane into the page."""
    return Pane(clio, desk).blueprint()


def _seen(drawn: dict[str, str]) -> str:
    return ".".join(hashlib.blake2b(drawn[part].encode(), digest_size=6).hexdigest() for part in PARTS)


def _padded(before: list[str]) -> list[str]:
    return [*before, *[""] * len(PARTS)][: len(PARTS)]
