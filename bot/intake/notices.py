"""What Slack told of files and what people asked for, written down by listeners, looked at by a thread of its own."""

import logging
import threading
from dataclasses import dataclass, field

from brought_forward.bot.intake.originals import Originals
from brought_forward.bot.intake.wishes import Wishes
from brought_forward.bot.preview.run import ReadRun
from brought_forward.bot.settings import Timing
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.slack import Notice, Wish
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Notices:
    """Look at notices and wishes until the bot stops."""

    store: Store
    reading: ReadRun
    starting: Wishes
    originals: Originals
    timing: Timing
    stopping: threading.Event
    _noticed: threading.Event = field(default_factory=threading.Event)

    def wake(self) -> None:
        """Say that there is something to look at."""
        self._noticed.set()

    def run(self) -> None:
        """Look at noticed files, and at what people asked for, until the bot stops."""
        while not self.stopping.is_set():
            try:
                for notice in self.store.events.open_notices():
                    self._look_at(notice)
                for wish in self.store.wishes.due():
                    self._look_into(wish)
                for batch in self.store.originals.due():
                    self._look_back(batch)
            except Exception:  # the database itself
                log.exception("notices cannot be read just now; they are looked at again")
                self.stopping.wait(1.0)
            self._noticed.wait(self.timing.poll)
            self._noticed.clear()

    def _look_at(self, notice: Notice) -> None:
        """Look at one notice; one that stumbles keeps no other file waiting."""
        try:
            self.reading.look(notice)
        except Exception:
            log.exception("a notice stumbled; it is looked at again")
            self.store.events.ask_again(notice, self.timing.share_pause * 4, counts=False)

    def _look_into(self, wish: Wish) -> None:
        """Look at one wish; one that stumbles keeps no other waiting."""
        try:
            self.starting.look(wish)
        except Exception:
            log.exception("a wish stumbled; it is looked at again")
            self.store.wishes.later(wish, self.timing.share_pause * 4)

    def _look_back(self, batch: Batch) -> None:
        """Look at a file that was changed or deleted; until Slack says what it is now, its batch waits."""
        try:
            self.originals.look(batch)
        except Exception as trouble:  # noqa: BLE001 - Slack's, or ours: it is looked at again
            log.warning("the file of batch=%d is looked at again: %s", batch.id, type(trouble).__name__)
            self.store.originals.later(batch, self.timing.share_pause * 4)
