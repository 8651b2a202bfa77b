"""Once a day: whether who signed the bot in to Clio is still there, in Clio and in Slack."""

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.errors import ClioError, NotAllowed, SlackSilent
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

    def due(self) -> Collection[str]:
        """Name the firms with a sign-in that was not looked at for a day."""
        now = datetime.now(UTC)
        return [firm for firm in self.store.firms.all() if any(self._unseen(firm, now))]

    def move(self, firm: str) -> bool:
        """Look at a firm's sign-ins. Returns False: where nobody answers, they are due again."""
        self.look(firm, datetime.now(UTC))
        return False

    def look(self, firm: str, now: datetime) -> None:
        """Look at those of a firm that were not looked at for a day; where nobody answers, again soon."""
        for sign_in in self._unseen(firm, now):
            try:
                self._look(sign_in, now)
            except (ClioError, NotAllowed, SlackSilent) as trouble:
                log.info("not known who holds a sign-in of firm=%s: %s", sign_in.firm, type(trouble).__name__)

    def _unseen(self, firm: str, now: datetime) -> Iterator[ClioSignIn]:
        for sign_in in (self.connections.of(firm).sign_in, self.store.connections.standby(firm)):
            if sign_in and not sign_in.news and not (sign_in.looked_at and now - sign_in.looked_at < EVERY):
                yield sign_in

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
