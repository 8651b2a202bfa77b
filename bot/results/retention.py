"""What is kept no longer: the names and notes of batches that are long over, then whole batches. It goes by itself."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from brought_forward.bot.settings import Firms
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

NOTHING = timedelta(days=7)  # of what was withdrawn or could not be read


@dataclass(frozen=True, slots=True)
class Retention:
    """Purge what is due; called again and again, it does each once."""

    store: Store
    firms: Firms

    def look(self) -> None:
        """Take the names and notes of batches that are long over, and the rows of those purged years ago."""
        now = datetime.now(UTC)
        for firm in self.store.retention.firms():
            settings = self.firms.settings(firm)
            ended_before = now - timedelta(days=settings.keep_days)
            for batch in self.store.retention.due(firm, ended_before=ended_before, nothing_before=now - NOTHING):
                if self.store.retention.purge(batch, by=None, why="retention"):
                    log.info("purged the words of batch=%d", batch.id)
            years_ago = now - timedelta(days=365.25 * settings.keep_years)
            if count := self.store.retention.forget(firm, before=years_ago):
                log.info("forgot batches=%d of firm=%s", count, firm)
