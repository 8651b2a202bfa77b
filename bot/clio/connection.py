"""The firm's one sign-in to Clio: whose it is, and which account it opens."""

import logging
import secrets
import threading

from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.pace import Pace
from brought_forward.bot.errors import ClioError, ClioRejected
from brought_forward.bot.settings import Settings
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

ELSEWHERE = "The bot is connected to another Clio account than the one this was posted to."


class Connection:
    """Hold the client; learn once a process which account it opens."""

    def __init__(self, settings: Settings, store: Store, stopping: threading.Event) -> None:
        self._place = settings.clio_place
        self._store = store
        self._account: str | None = None
        self._lock = threading.Lock()
        token = settings.clio_access_token.get_secret_value()
        timing = settings.balances_timing
        # Nobody's row until it is known whose sign-in this is: one that firms share would hold each up by the others.
        pace = Pace(store.paces, f"{self._place}:new-{secrets.token_hex(8)}", timing, stopping)
        self.clio = Clio(settings.clio_base, lambda: token, pace, timing, stopping)

    @property
    def account(self) -> str:
        """The Clio account, "us:1234"; "us:owner-56" where Clio names none. Raises a ClioError."""
        with self._lock:
            if self._account is None:
                account, sign_in = self._learn()
                # Clio counts calls for each sign-in, so every process that shares it shares this row.
                self._store.paces.rename(self.clio.pace.connection, sign_in)
                self.clio.pace.connection = sign_in
                self._account = account
            return self._account

    def _learn(self) -> tuple[str, str]:
        """Find out which account this is, and whose sign-in. Raises a ClioError.

        Ids of users are unique in a place, so the account's owner names it as well as its number does. An account
        keeps the name that it was first known by: what it was called before is found by who was listed there.
        """
        try:
            who = self.clio.who_am_i()
        except ClioRejected as refusal:
            log.warning("Clio does not say whose sign-in this is (%d)", refusal.status)
            owner = self._owner(refusal)
            return self._of_owner(owner), f"{self._place}:owner-{owner}"
        sign_in = f"{self._place}:{who.user_id}"
        if who.account_id is None:
            log.warning("Clio does not say which account this is")
            return self._of_owner(self._owner(None)), sign_in
        before = self._store.listings.account_of(self._place, who.user_id)
        return before if before and ":owner-" in before else f"{self._place}:{who.account_id}", sign_in

    def _owner(self, refusal: ClioRejected | None) -> int:
        owner = self.clio.account_owner()
        if owner is None:
            raise refusal or ClioRejected(
                "Clio does not say which account this is, nor who owns it. An administrator of the firm's Clio grants"
                " the app, and the Clio user whose sign-in the bot uses, the permission Users (read).",
                status=403,
            )
        return owner

    def _of_owner(self, owner: int) -> str:
        return self._store.listings.account_of(self._place, owner) or f"{self._place}:owner-{owner}"

    def check(self, account: str | None) -> None:
        """Refuse another Clio account than the one that ids are of. Raises a ClioError."""
        if self.account != account:
            raise ClioError(ELSEWHERE)

    def answers(self) -> str | None:
        """Ask Clio for what a run asks first: the account, or None where any of it has no answer yet."""
        try:
            self.clio.try_reading()
            account = self.account
        except ClioError as trouble:
            log.info("still waiting for Clio: %s", type(trouble).__name__)
            return None
        return account
