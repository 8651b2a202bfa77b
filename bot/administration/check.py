"""A look at everything, asked for in the Home tab and made in the background: it takes longer than Slack waits."""

import logging
import threading
from collections.abc import Callable, Iterable

from brought_forward.bot.administration.administrators import Administrators
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages import check as words
from brought_forward.bot.messages.blocks import View
from brought_forward.bot.messages.check import Line
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

EVERY = 60.0  # seconds between two looks for who asked, where nobody woke it


class Checks:
    """Look for who asked, one at a time.

    `look` is the command line's doctor, where that runs the bot; None within a host application, which has none.
    """

    def __init__(
        self, store: Store, administrators: Administrators, owed: Callable[[], None], stopping: threading.Event
    ) -> None:
        self._store = store
        self._administrators = administrators
        self._owed = owed
        self._stopping = stopping
        self._wake = threading.Event()
        self.look: Callable[[threading.Event], Iterable[Line]] | None = None

    def ask(self, actor: str, firm: str) -> View:
        """Take note of who asks. Raises NotAllowed with the rule."""
        self._administrators.check(actor, firm)
        if self.look is None:
            raise NotAllowed(words.ELSEWHERE)
        self._store.doctor_requests.ask(firm, actor)
        self.wake()
        return words.looking()

    def wake(self) -> None:
        """Look for who asked at once."""
        self._wake.set()

    def run(self) -> None:
        """Answer until the bot stops."""
        while not self._stopping.is_set():
            try:
                if self.answer_next():
                    continue
            except Exception:
                log.exception("a look at everything stumbled")
                self._stopping.wait(1.0)
            self._wake.wait(EVERY)
            self._wake.clear()

    def answer_next(self) -> bool:
        """Answer who has waited longest. Returns False where nobody waits; what a stop cuts off is made anew."""
        request = self._store.doctor_requests.due()
        if request is None or self.look is None:
            return False
        try:
            text = words.found(list(self.look(self._stopping)))
        except Exception:
            log.exception("a look at everything failed")
            text = words.failed()
        if self._stopping.is_set():
            return False
        with self._store.transaction():
            self._store.doctor_requests.end(request)
            self._store.messages.tell(firm=request.firm, slot=f"told-doctor-{request.id}", channel=request.person,
                                      text=text.text, blocks=text.json())  # fmt: skip
        self._owed()
        return True
