"""Whose a sign-in is, and which account it opens."""

import logging
from dataclasses import dataclass

from brought_forward.bot.clio.client import Clio
from brought_forward.bot.errors import ClioRejected
from brought_forward.storage.records.connection import called
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose a sign-in is."""

    account: str  # "us:1234"; "us:owner-56" where Clio names none
    user_id: int | None  # None where Clio does not say it
    user_name: str | None

    @property
    def name(self) -> str:
        """Whose it is, as people call them."""
        return called(self.user_id, self.user_name)

    def pace(self, place: str) -> str:
        """Name the row of the window that Clio counts this sign-in's calls in."""
        return f"{place}:{self.user_id}" if self.user_id is not None else self.account


def identify(clio: Clio, place: str, store: Store) -> Identity:
    """Find out which account this is, and whose sign-in. Raises a ClioError.

    Ids of users are unique in a place, so the account's owner names it as well as its number does. An account keeps the
    name that it was first known by: what it was called before is found by who was listed there.
    """
    try:
        who = clio.who_am_i()
    except ClioRejected as refusal:
        log.warning("Clio does not say whose sign-in this is (%d)", refusal.status)
        return Identity(_of_owner(clio, place, store, refusal), None, None)
    if who.account_id is None:
        log.warning("Clio does not say which account this is")
        return Identity(_of_owner(clio, place, store, None), who.user_id, who.user_name)
    before = store.listings.account_of(place, who.user_id)
    account = before if before and ":owner-" in before else f"{place}:{who.account_id}"
    return Identity(account, who.user_id, who.user_name)


def _of_owner(clio: Clio, place: str, store: Store, refusal: ClioRejected | None) -> str:
    owner = clio.account_owner()
    if owner is None:
        raise refusal or ClioRejected(
            "Clio does not say which account this is, nor who owns it. An administrator of the firm's Clio grants"
            " the app, and the Clio user whose sign-in the bot uses, the permission Users (read).",
            status=403,
        )
    return store.listings.account_of(place, owner) or f"{place}:owner-{owner}"
