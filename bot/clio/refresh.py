"""Sign-ins kept alive: refreshed at a quarter of their life left and where Clio refuses a token, by one at a time.

Whoever refreshes names the version that they have read, so that of two at once one is kept. Of one that cannot be
refreshed the approvers are told in good time.
"""

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Protocol

from brought_forward.bot.clio.oauth import ClioApp
from brought_forward.bot.errors import ClioError, ClioRejected
from brought_forward.bot.settings import Deployment
from brought_forward.storage.keys import KeyLost
from brought_forward.storage.records.connection import ClioSignIn, Ended
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

LEFT = 0.25  # of a token's life: then it is refreshed
AWAY, REFUSED = 900.0, 3_600.0  # seconds until Clio is asked again: where it gave no answer, where it said no
AHEAD = (14, 3, 1)  # days before the end of one that cannot be refreshed, when approvers are told
JUST_NOW = timedelta(minutes=1)
EVERY = 2.0  # seconds between two looks: a running bot takes up a new sign-in within five


def app_of(deployment: Deployment, region: str) -> ClioApp | None:
    """Give the app at a region's Clio. Returns None where its key or secret is not set."""
    client_id, secret = deployment.clio_app(region)
    return ClioApp(deployment.clio_site(region), client_id, secret) if client_id and secret else None


class Outcome(Enum):
    """What came of asking Clio for a new token."""

    DONE = auto()  # the row has another one by now
    LATER = auto()  # Clio did not answer
    NEVER = auto()  # there is none to be had, as far as anybody knows


@dataclass(frozen=True, slots=True)
class Refresh:
    """Ask Clio for new tokens, one thread at a time."""

    store: Store
    deployment: Deployment
    _locks: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def can(self, sign_in: ClioSignIn) -> bool:
        """Say whether a sign-in can be refreshed, as far as anybody knows."""
        return sign_in.can_refresh and app_of(self.deployment, sign_in.region) is not None

    def after_refusal(self, firm: str, number: int, token: str) -> bool:
        """Refresh because Clio has refused a token of a sign-in. Returns True where it has another one by now."""
        with self._locks[firm]:
            sign_in, tokens = self.store.connections.get(number), self.store.connections.tokens(number)
            if sign_in is None or tokens is None:
                return False
            if tokens.access != token:
                return True
            outcome = self._refresh(sign_in, refused=True)
            if outcome is Outcome.NEVER:
                self._give_way(number)
            return outcome is Outcome.DONE

    def when_due(self, firm: str, number: int, now: datetime) -> None:
        """Refresh a sign-in where a quarter of the token's life is left."""
        with self._locks[firm]:
            sign_in = self.store.connections.get(number)
            if sign_in and sign_in.ended_at is None and self.is_due(sign_in, now):
                self._refresh(sign_in, refused=False)

    def _give_way(self, number: int) -> None:
        """End one that opens nothing more where another takes over from it, and one that stands by in vain."""
        connections = self.store.connections
        sign_in = connections.get(number)
        if sign_in and (sign_in.stands_by or connections.heir(sign_in)):
            connections.end(number, Ended.REFUSED, version=sign_in.version)

    def is_due(self, sign_in: ClioSignIn, now: datetime) -> bool:
        """Say whether it is time. Of one whose end Clio did not tell, a refusal does."""
        if sign_in.expires_at is None or sign_in.life is None or not self.can(sign_in):
            return False
        if sign_in.refresh_at is not None and now < sign_in.refresh_at:
            return False
        return now >= sign_in.expires_at - timedelta(seconds=sign_in.life * LEFT)

    def _refresh(self, sign_in: ClioSignIn, *, refused: bool) -> Outcome:
        """Ask Clio, and keep what it gives."""
        connections, app = self.store.connections, app_of(self.deployment, sign_in.region)
        tokens = connections.tokens(sign_in.id)
        if app is None or tokens is None or tokens.refresh is None:
            return Outcome.NEVER
        if refused and sign_in.refreshed_at and datetime.now(UTC) - sign_in.refreshed_at < JUST_NOW:
            return Outcome.NEVER  # Clio refuses what it gave a moment ago: another one would be refused too
        try:
            new = app.refresh(tokens.refresh)
        except ClioRejected as refusal:
            log.error("Clio does not refresh the sign-in of firm=%s: %s", sign_in.firm, refusal.kind)
            if refusal.kind != "invalid_grant":  # the app's key or secret: whoever runs the bot puts that right
                connections.not_refreshed(sign_in.id, again_in=REFUSED)
                return Outcome.NEVER
            version = sign_in.version
            won = (
                connections.end(sign_in.id, Ended.REFUSED, version=version)
                if refused
                else connections.cannot_refresh(sign_in.id, version=version)
            )
            return Outcome.NEVER if won else Outcome.DONE  # else somebody was first, and theirs is there
        except ClioError as away:
            log.warning("the sign-in of firm=%s is refreshed later: %s", sign_in.firm, away)
            connections.not_refreshed(sign_in.id, again_in=AWAY)
            return Outcome.LATER
        if connections.refreshed(sign_in.id, sign_in.version, new):
            log.info("refreshed the sign-in of firm=%s", sign_in.firm)
        return Outcome.DONE


class Notices(Protocol):
    """Who tells approvers."""

    def ends(self, sign_in: ClioSignIn, days: int) -> None:
        """Say that one ends in so many days, at most."""

    def news(self, sign_in: ClioSignIn) -> None:
        """Say what is new of one."""


@dataclass(slots=True)
class Upkeep:
    """Keep every firm's sign-in alive, and say where one changed or is about to end."""

    store: Store
    refresh: Refresh
    changed: Callable[[], None]  # somebody has connected, or a token is new: what waits for one may go on
    notices: Notices
    _seen: list[tuple[int, int]] | None = None  # the sign-ins as they were at the last look
    _lost: set[int] = field(default_factory=set)  # sign-ins of which it was said that no key opens them

    def due(self) -> Collection[str]:
        """Name the firms with a sign-in to refresh, or with something to tell of one; see whether any is another."""
        seen, self._seen = self._seen, self.store.connections.state()
        if seen is not None and seen != self._seen:
            self.changed()
        now = datetime.now(UTC)
        kept = {one.firm for one in self.store.connections.kept() if self._is_due(one, now)}
        return kept | {one.firm for one in self.store.holders.news()}

    def _is_due(self, sign_in: ClioSignIn, now: datetime) -> bool:
        if sign_in.id not in self._lost and self.refresh.is_due(sign_in, now):
            return True
        return self._warns(sign_in, now) is not None

    def _warns(self, sign_in: ClioSignIn, now: datetime) -> int | None:
        """Say of which number of days left approvers are to be told. None where they were, or none is near."""
        days = self._ends_within(sign_in, now)
        return days if days is not None and (sign_in.warned is None or sign_in.warned > days) else None

    def move(self, firm: str) -> bool:
        """Look at a firm's sign-ins. Returns False: what is not done is due again."""
        self.look(firm, datetime.now(UTC))
        return False

    def look(self, firm: str, now: datetime) -> None:
        """Refresh what is due, warn of what ends, and tell what is new."""
        for kept in self.store.connections.kept():
            if kept.firm != firm:
                continue
            try:
                self.refresh.when_due(kept.firm, kept.id, now)
            except KeyLost as lost:  # the others are looked at all the same, and what is new is taken up
                if kept.id not in self._lost:
                    self._lost.add(kept.id)
                    log.error("%s", lost)
            sign_in = self.store.connections.get(kept.id)
            if sign_in and not sign_in.ended_at and (days := self._warns(sign_in, now)) is not None:
                self.notices.ends(sign_in, days)
        for sign_in in self.store.holders.news():
            if sign_in.firm == firm:
                self.notices.news(sign_in)

    def _ends_within(self, sign_in: ClioSignIn, now: datetime) -> int | None:
        """Say within how many days a sign-in ends that nothing refreshes. None where none of these is near."""
        if sign_in.expires_at is None or (self.refresh.can(sign_in) and sign_in.refresh_at is None):
            return None
        left = sign_in.expires_at - now
        return next((days for days in reversed(AHEAD) if left <= timedelta(days=days)), None)
