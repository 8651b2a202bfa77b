"""Once a day: whether who signed the bot in to Clio is still there, in Clio and in Slack."""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.errors import ClioError, NotAllowed, SlackSilent, Stopping
from brought_forward.bot.slack.people import People, Standing
from brought_forward.storage.records.connection import ClioSignIn, Holder
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SignInHolders:
    """Look at who holds each sign-in; approvers hear of who is gone.

    One that stands by is read by its own token, so that it is known to open Clio before it is needed.
    """

    store: Store
    connections: Connections
    people: People
    stopping: threading.Event
    every: float  # seconds between two looks whether a day is over

    def run(self) -> None:
        """Look until the bot stops."""
        while not self.stopping.wait(self.every):
            try:
                self.look(datetime.now(UTC))
            except Stopping:
                return
            except Exception:
                log.exception("who holds the sign-ins to Clio was not looked at; it is looked at again")

    def look(self, now: datetime) -> None:
        """Look at those that were not looked at for a day; where nobody answers, again soon."""
        for sign_in in self._in_force():
            if sign_in.news or (sign_in.looked_at and now - sign_in.looked_at < EVERY):
                continue
            try:
                self._look(sign_in, now)
            except (ClioError, NotAllowed, SlackSilent) as trouble:
                log.info("not known who holds a sign-in of firm=%s: %s", sign_in.firm, type(trouble).__name__)

    def _in_force(self) -> list[ClioSignIn]:
        first = [self.connections.of(firm).sign_in for firm in self.store.firms.all()]
        standing_by = [self.store.connections.standby(firm) for firm in self.store.firms.all()]
        return [one for one in (*first, *standing_by) if one]

    def _look(self, sign_in: ClioSignIn, now: datetime) -> None:
        """Ask Clio, and Slack where it is known who it is there. Raises a ClioError, NotAllowed or SlackSilent."""
        users = self.connections.of(sign_in.firm).by(sign_in).users()
        user = next((one for one in users if one.id == sign_in.user_id), None)
        holder = Holder.HERE
        if user and not user.enabled:
            holder = Holder.DISABLED
        elif sign_in.person and self.people.standing(sign_in.person, sign_in.firm) is Standing.NOBODY:
            holder = Holder.LEFT
        self.store.holders.seen(sign_in, holder, now, name=user.name if user else None)
