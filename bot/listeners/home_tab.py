"""Keep Home tabs true: each one that was opened is made anew after a change, no more often than Slack takes it."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import simplejson
from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.errors import SlackApiError, SlackClientError

from brought_forward.bot.administration.desk import Desk
from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.approval.holds import on_hold
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.home import HomeLine, HomeView, closed, home
from brought_forward.bot.messages.results import together
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.clicks import installed_in
from brought_forward.bot.slack.people import People
from brought_forward.bot.slack.slacks import Slacks
from brought_forward.bot.slack.views import publish
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.slack import Home
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

LINES = 10  # batches in each part
LONGEST = 600.0  # seconds between two tries of a tab that Slack keeps refusing
GUEST = "Balances are shown to members of the firm, not to guests."


@dataclass(frozen=True, slots=True)
class HomeTabs:
    """Publish Home tabs in runs of their own; whatever goes wrong here disturbs nothing else.

    `views.publish` has Slack's Tier 4, about 100 calls a minute (docs.slack.dev, "Rate limits"): at most one call in
    `post_gap` seconds keeps well below.
    """

    store: Store
    timing: Timing
    slacks: Slacks
    people: People
    approvers: Approvers
    desk: Desk
    stopping: threading.Event
    wake: Callable[[], None]  # says that a tab is due

    def opened(self, firm: str, user: str, hash_: str | None) -> None:
        """Take note that somebody opened their tab; `hash_` names what it shows, None for nothing yet."""
        self.store.homes.opened(firm, user, hash_)
        self.wake()

    def due(self) -> Collection[str]:
        """Name the firms of which a tab is due."""
        return self.store.homes.due()

    def move(self, firm: str) -> bool:
        """Publish a firm's tab that has waited longest, at Slack's pace. Returns False where none is due."""
        due = self.store.homes.take(firm)
        if due is None:
            return False
        try:
            self._publish(due)
        except SlackApiError as refusal:
            self._refused(due, refusal)
        except (SlackClientError, OSError) as away:
            log.warning("a Home tab was not published: %s", type(away).__name__)
            self._later(due)
        except Exception:
            self._later(due)
            raise
        self.stopping.wait(self.timing.post_gap)
        return True

    def _publish(self, due: Home) -> None:
        try:
            self.people.check(due.user, due.firm)
            view = home(self._view(due.firm, due.user))
        except NotAllowed as refusal:
            if refusal.__cause__ is not None:  # Slack did not say who this is: no word for a tab
                self._later(due)
                return
            view = closed(GUEST)
        text = str(simplejson.dumps(view, use_decimal=True, ensure_ascii=False))
        digest = hashlib.sha256(text.encode()).hexdigest()
        if digest == due.shown:
            return
        answer = publish(self.slacks.of(due.firm), due.user, json.loads(text), due.hash)
        shown: dict[str, Any] = answer.get("view") or {}
        self.store.homes.published(due, shown=digest, hash_=str(shown.get("hash") or ""))

    def _refused(self, due: Home, refusal: SlackApiError) -> None:
        error = str(refusal.response.get("error"))
        if error == "hash_conflict":  # the tab shows something else than we knew: ours is newer
            self.store.homes.failed(due, again_in=0.0, forget=True)
        elif refusal.response.status_code == 429 or error == "ratelimited":
            wait = float(refusal.response.headers.get("Retry-After") or 1)
            self.store.homes.failed(due, again_in=wait)
            self.stopping.wait(wait)  # the limit is the app's, not the tab's
        else:
            log.error("Slack refused a Home tab: %s", error)
            self._later(due)

    def _later(self, due: Home) -> None:
        pause = self.timing.first_pause * 2 ** min(due.tries, 12)
        self.store.homes.failed(due, again_in=min(pause, LONGEST))

    def _view(self, firm: str, user: str) -> HomeView:
        homes = self.store.homes
        approves = self.approvers.listed(user, firm)
        mine = homes.brought_by(firm, user, LINES)
        open_ones = homes.previewed(firm, LINES * 5) if approves else []
        lines = [self._line(one, user) for one in open_ones if self.approvers.could(user, one)]
        waiting = [one for one in lines if together(one.tallies).entries and not one.held][:LINES]
        above = {one.id for one in mine} | {one.batch.id for one in waiting}
        recent = [one for one in self.store.batches.newest(firm, LINES * 3) if one.id not in above][:LINES]
        return HomeView(
            waiting=waiting,
            mine=[self._line(one, user) for one in mine],
            recent=[self._line(one, user) for one in recent],
            months=homes.months(firm, None if approves else user),
            approves=approves,
            administration=self.desk.part(firm, user),
        )

    def _line(self, batch: Batch, user: str) -> HomeLine:
        tallies = self.store.entries.tallies(batch.id)
        sums = self.approvers.sees(user, batch)
        return HomeLine(batch, tallies, sums, on_hold(self.store, batch), self.store.turns.ahead(batch.id))


OPENED = "app_home_opened"


def register(app: App, home: HomeTabs) -> None:
    """Attach to the Home tab; a host that has one of its own keeps it."""

    def write_down(
        body: dict[str, Any],
        request: BoltRequest,
        response: BoltResponse,
        next: Callable[[], BoltResponse],  # noqa: A002 - Bolt's name
    ) -> BoltResponse | None:
        others = [listener for listener in app._listeners if listener not in ours]  # noqa: SLF001
        anything = BoltRequest(body=json.dumps({"type": "event_callback", "event": {"type": "balances_none"}}))
        if any(
            listener.matches(req=request, resp=response)
            and not listener.matches(req=anything, resp=BoltResponse(status=200))
            for listener in others
        ):
            return None  # the host's tab: Bolt goes on to it, since no next is called
        event = body["event"]
        if event.get("tab") == "home":
            hash_ = (event.get("view") or {}).get("hash")
            home.opened(installed_in(body), str(event["user"]), str(hash_) if hash_ else None)
        return next()

    def received() -> None:
        """Leave the rest to the worker."""

    before = list(app._listeners)  # noqa: SLF001
    app.event(OPENED, middleware=[write_down])(received)
    ours = [listener for listener in app._listeners if listener not in before]  # noqa: SLF001
    app._listeners[:] = [*ours, *before]  # noqa: SLF001
