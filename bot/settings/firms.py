"""The firms' settings, asked for each time: what a firm's rows say, and over them what the environment says."""

import logging

from brought_forward.bot.settings.deployment import Deployment, Settings
from brought_forward.bot.settings.firm import FirmSettings
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


class Firms:
    """Give each firm's settings. The environment speaks for one firm: the one that its Slack token is of."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.deployment: Deployment = settings
        self._store = store
        self._said = settings.said_of_firm()
        self._whole = {"api_url": settings.clio_api_url, "practice": settings.balances_practice}
        self._own: str | None = None  # None: Slack has not said it to this process yet

    def settings(self, firm: str) -> FirmSettings:
        """Give a firm's settings as they are now."""
        said = self._said if self.is_own(firm) else {}
        return FirmSettings(**{**self._store.firms.settings(firm), **said, **self._whole})

    def said(self, firm: str) -> frozenset[str]:
        """Name what the environment says of a firm, which nothing else changes."""
        return frozenset(self._said) if self.is_own(firm) else frozenset()

    def is_own(self, firm: str) -> bool:
        """Whether the environment speaks for a firm; for any as long as Slack has not said whose its token is."""
        return self._own in {None, firm}

    @property
    def own(self) -> str | None:
        """The firm that the environment speaks for, once Slack has said it."""
        return self._own

    def owns(self, firm: str) -> None:
        """Take Slack's word for which firm the environment speaks for, and say where it wins over the firm's rows."""
        if self._own == firm:
            return
        self._own = firm
        rows = FirmSettings(**self._store.firms.settings(firm))
        for name, value in self._said.items():
            if name in rows.model_fields_set and getattr(rows, name) != value:
                log.warning("%s of the environment wins over what firm=%s has set itself", Settings.name_of(name), firm)
