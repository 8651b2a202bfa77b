"""Approvers hear in good time that the firm's sign-in to Clio ends, or who holds it: what they approve would wait."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages import connection as words
from brought_forward.storage.records.connection import ClioSignIn, News, Source
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SignInNotices:
    """Tell each approver once: for each number of days, and of each change."""

    store: Store
    approvers: Approvers
    owed: Callable[[], None]  # tells the outbox that something is owed

    def ends(self, sign_in: ClioSignIn, days: int) -> None:
        """Say that a sign-in ends within so many days."""
        log.warning("the sign-in to Clio of firm=%s ends within %d days and cannot be refreshed", sign_in.firm, days)
        try:
            people = self.approvers.everyone(sign_in.firm)
        except NotAllowed:  # Slack does not tell who is in a group of approvers: asked again soon
            return
        text = words.ends(sign_in, days)
        with self.store.transaction():
            if not self.store.connections.warn(sign_in.id, days):
                return
            slot = f"told-signin-{sign_in.id}-{sign_in.version}-{days}"
            self.store.messages.tell_each(people, firm=sign_in.firm, slot=slot, text=text.text, blocks=text.json())
        self.owed()

    def news(self, sign_in: ClioSignIn) -> None:
        """Say what is new of a sign-in."""
        log.warning("the sign-in to Clio of firm=%s: %s", sign_in.firm, sign_in.news)
        try:
            people = self.approvers.everyone(sign_in.firm)
        except NotAllowed:
            return
        connections = self.store.connections
        if sign_in.news is News.TOOK_OVER and sign_in.took_over is not None:
            other = connections.get(sign_in.took_over)
        elif sign_in.source is Source.CONNECT:
            other = connections.standby(sign_in.firm)
        else:
            other = None
        text = words.news(sign_in, other)
        with self.store.transaction():
            if not self.store.holders.told(sign_in):
                return
            seen = sign_in.looked_at.isoformat() if sign_in.looked_at else ""
            slot = f"told-signin-{sign_in.id}-{sign_in.news}-{seen}"
            self.store.messages.tell_each(people, firm=sign_in.firm, slot=slot, text=text.text, blocks=text.json())
        self.owed()
