"""The firm's one sign-in to Clio: whose it is, and which account it opens."""

import logging
import threading

from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.pace import Pace
from brought_forward.bot.clio.shapes import WhoAmI
from brought_forward.bot.errors import ClioError
from brought_forward.bot.settings import Settings
from brought_forward.storage.pace import Paces

log = logging.getLogger(__name__)

ELSEWHERE = "The bot is connected to another Clio account than the one this was posted to."


class Connection:
    """Hold the client; learn once a process whose sign-in it is."""

    def __init__(self, settings: Settings, paces: Paces, stopping: threading.Event) -> None:
        self._place = settings.clio_place
        self._who: WhoAmI | None = None
        self._lock = threading.Lock()
        token = settings.clio_access_token.get_secret_value()
        timing = settings.balances_timing
        pace = Pace(paces, f"{self._place}:unknown", timing, stopping)
        self.clio = Clio(settings.clio_base, lambda: token, pace, timing, stopping)

    @property
    def account(self) -> str:
        """The Clio account, "us:1234". Raises a ClioError while Clio does not say."""
        return f"{self._place}:{self.who.account_id}"

    @property
    def who(self) -> WhoAmI:
        """Whose sign-in this is. Raises a ClioError while Clio does not say."""
        with self._lock:
            if self._who is None:
                self._who = self.clio.who_am_i()
                # Clio counts calls for each sign-in, so every process that shares it shares this row.
                self.clio.pace.connection = f"{self._place}:{self._who.user_id}"
            return self._who

    def check(self, account: str | None) -> None:
        """Refuse another Clio account than the one that ids are of. Raises a ClioError."""
        if self.account != account:
            raise ClioError(ELSEWHERE)

    def answers(self) -> str | None:
        """Ask Clio whether it lets us in by now: the account, or None where it does not."""
        try:
            self.clio.who_am_i()
            account = self.account
        except ClioError as trouble:
            log.info("still waiting for Clio: %s", type(trouble).__name__)
            return None
        return account
