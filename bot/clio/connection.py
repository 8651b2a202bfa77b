"""The firms' sign-ins to Clio: whose each is, and which account it opens."""

import logging
import secrets
import threading
from dataclasses import dataclass

from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.pace import Pace
from brought_forward.bot.errors import ClioElsewhere, ClioError, ClioRejected
from brought_forward.bot.settings import Firms
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

ELSEWHERE = "The bot is connected to another Clio account than the one this was posted to."


@dataclass(slots=True)
class _SignIn:
    """A sign-in in use. Its client never changes to another: what began with one account ends with it."""

    clio: Clio
    place: str
    account: str | None = None


class Connection:
    """One firm's Clio; learn once a sign-in which account it opens."""

    def __init__(self, firm: str, firms: Firms, store: Store, stopping: threading.Event, token: str) -> None:
        self._firm = firm
        self._firms = firms
        self._store = store
        self._stopping = stopping
        self._token = token
        self._lock = threading.Lock()
        self._held: _SignIn | None = None

    @property
    def clio(self) -> Clio:
        """The client of the firm's sign-in of now."""
        return self._now().clio

    @property
    def account(self) -> str:
        """The Clio account, "us:1234"; "us:owner-56" where Clio names none. Raises a ClioError."""
        return self._known()[1]

    def at(self, account: str | None) -> Clio:
        """Give the client as long as it opens an account. Raises a ClioError; ClioElsewhere where it opens another."""
        held, opened = self._known()
        if opened != account:
            raise ClioElsewhere(ELSEWHERE)
        return held.clio

    def check(self, account: str | None) -> None:
        """Refuse another Clio account than the one that ids are of. Raises a ClioError."""
        if self.account != account:
            raise ClioError(ELSEWHERE)

    def answers(self) -> str | None:
        """Ask Clio for what a run asks first: the account, or None where any of it has no answer yet."""
        try:
            held, account = self._known()
            held.clio.try_reading()
        except ClioError as trouble:
            log.info("still waiting for Clio: %s", type(trouble).__name__)
            return None
        return account

    def _now(self) -> _SignIn:
        with self._lock:
            if self._held is None:
                self._held = self._open()
            return self._held

    def _open(self) -> _SignIn:
        settings, timing = self._firms.settings(self._firm), self._firms.deployment.timing
        # Nobody's row until it is known whose sign-in this is: one that firms share would hold each up by the others.
        name = f"{settings.clio_place}:new-{secrets.token_hex(8)}"
        pace = Pace(self._store.paces, name, timing, self._stopping)
        return _SignIn(Clio(settings.clio_base, lambda: self._token, pace, timing, self._stopping), settings.clio_place)

    def _known(self) -> tuple[_SignIn, str]:
        """Give the sign-in and its account. Raises a ClioError where that is not known and Clio does not say it."""
        held = self._now()
        with self._lock:
            if held.account is None:
                account, sign_in, user_id = self._learn(held)
                # Clio counts calls for each sign-in, so every process that shares it shares this row.
                self._store.paces.rename(held.clio.pace.connection, sign_in)
                held.clio.pace.connection = sign_in
                with self._store.transaction():
                    self._store.firms.know(self._firm)
                    self._store.connections.know_environments(
                        self._firm, region=held.place, account=account, user_id=user_id
                    )
                held.account = account
            return held, held.account

    def _learn(self, held: _SignIn) -> tuple[str, str, int | None]:
        """Find out which account this is, and whose sign-in. Raises a ClioError.

        Ids of users are unique in a place, so the account's owner names it as well as its number does. An account
        keeps the name that it was first known by: what it was called before is found by who was listed there.
        """
        place = held.place
        try:
            who = held.clio.who_am_i()
        except ClioRejected as refusal:
            log.warning("Clio does not say whose sign-in this is (%d)", refusal.status)
            owner = self._owner(held, refusal)
            return self._of_owner(place, owner), f"{place}:owner-{owner}", None
        sign_in = f"{place}:{who.user_id}"
        if who.account_id is None:
            log.warning("Clio does not say which account this is")
            return self._of_owner(place, self._owner(held, None)), sign_in, who.user_id
        before = self._store.listings.account_of(place, who.user_id)
        account = before if before and ":owner-" in before else f"{place}:{who.account_id}"
        return account, sign_in, who.user_id

    def _owner(self, held: _SignIn, refusal: ClioRejected | None) -> int:
        owner = held.clio.account_owner()
        if owner is None:
            raise refusal or ClioRejected(
                "Clio does not say which account this is, nor who owns it. An administrator of the firm's Clio grants"
                " the app, and the Clio user whose sign-in the bot uses, the permission Users (read).",
                status=403,
            )
        return owner

    def _of_owner(self, place: str, owner: int) -> str:
        return self._store.listings.account_of(place, owner) or f"{place}:owner-{owner}"


class Connections:
    """Give each firm its connection. Where the environment gives a token, it is its one firm's."""

    def __init__(self, firms: Firms, store: Store, stopping: threading.Event, token: str) -> None:
        self._firms = firms
        self._store = store
        self._stopping = stopping
        self._token = token
        self._lock = threading.Lock()
        self._known: dict[str, Connection] = {}

    def of(self, firm: str) -> Connection:
        """Give a firm's connection."""
        with self._lock:
            if firm not in self._known:
                self._known[firm] = Connection(firm, self._firms, self._store, self._stopping, self._token)
            return self._known[firm]

    def at(self, batch: Batch) -> Clio:
        """Give the client of a batch's own Clio account.

        Raises a ClioError; ClioElsewhere where its firm is connected to another account by now.
        """
        return self.of(batch.firm).at(batch.account)
