"""A look at everything, asked for in the Home tab and made in the background: it takes longer than Slack waits."""

import logging
import threading
from collections.abc import Callable, Collection, Iterable

from brought_forward.bot.administration.administrators import Administrators
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages import check as words
from brought_forward.bot.messages.blocks import View
from brought_forward.bot.messages.check import Line
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


class Checks:
    """Look for who asked, one at a time.

    `look` is the command line's doctor, where that runs the bot; None within a host application, which has none.
    """

    def __init__(
        self,
        store: Store,
        administrators: Administrators,
        owed: Callable[[], None],
        wake: Callable[[], None],
        stopping: threading.Event,
    ) -> None:
        self._store = store
        self._administrators = administrators
        self._owed = owed
        self._stopping = stopping
        self._wake = wake  # says that somebody has asked
        self.look: Callable[[threading.Event], Iterable[Line]] | None = None

    def ask(self, actor: str, firm: str) -> View:
        """Take note of who asks. Raises NotAllowed with the rule."""
        self._administrators.check(actor, firm)
        if self.look is None:
            raise NotAllowed(words.ELSEWHERE)
        self._store.doctor_requests.ask(firm, actor)
        self._wake()
        return words.looking()

    def due(self) -> Collection[str]:
        """Name the firms where somebody has asked, where this process can answer."""
        return self._store.doctor_requests.due() if self.look else []

    def move(self, firm: str) -> bool:
        """Answer who has waited longest. Returns False where nobody waits; what a stop cuts off is made anew."""
        request = self._store.doctor_requests.oldest(firm)
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
