"""Approvers hear in good time that the firm's sign-in to Clio ends: what they approve would wait."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages import connection as words
from brought_forward.storage.records.connection import ClioSignIn
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SignInNotices:
    """Tell each approver once for each number of days."""

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
