"""The departure: the app leaves a workspace. Nothing more is sent, words wait, and what is kept stays kept."""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from brought_forward.bot.errors import SlackAway
from brought_forward.bot.posting.halt import BY_ITSELF, PERSON
from brought_forward.bot.slack.slacks import OVER, Slacks
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.connection import Left
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

WHY = {
    Left.UNINSTALLED: "The app was uninstalled from this workspace.",
    Left.REVOKED: "The app's access to this workspace was taken back.",
}
POSTING = "Nothing new is sent until it is installed again and somebody says Go on."
UNDOING = "The rest stays posted."


@dataclass(frozen=True, slots=True)
class Departures:
    """Take note that the app is gone, and that it is back."""

    store: Store
    slacks: Slacks
    thread: BatchThread
    woken: Callable[[], None]  # tells the workers that there may be something to do

    def told(self, firm: str, how: Left) -> bool:
        """Hear that the app is gone, and ask Slack whether it is: what was said may be of an install before this one.

        Returns False where it is not, or was known to be. Raises SlackAway where Slack does not say: it tells again.
        """
        if not self.slacks.is_over(firm):
            log.info("firm=%s: the app was said to be gone, and it is not, or that is known", firm)
            return False
        self._leave(firm, how)
        return True

    def look(self) -> None:
        """Ask of each workspace that refuses our words for its token's sake, since what Slack tells may be lost."""
        for firm in self.store.firms.doubtful(OVER) if self.slacks.are_installed else ():
            with suppress(SlackAway):
                self.told(firm, Left.REVOKED)

    def returned(self, firm: str) -> None:
        """Take up what a workspace is owed once it has the app again; what was paused waits for a person."""
        self.store.homes.changed(firm, 0.0)
        self.woken()

    def _leave(self, firm: str, how: Left) -> None:
        """Keep that it is gone, pause what posts and end what undoes, all at once."""
        with self.store.transaction():
            if not self.store.firms.uninstalled(firm, how):
                return
            for number, status in self.store.batches.under_way(firm):
                if status is BatchStatus.UNDOING:
                    self._stop_undo(number, f"{WHY[how]} {UNDOING}")
                elif self.store.batches.hold(number, halt=PERSON, text=f"{WHY[how]} {POSTING}", instead_of=BY_ITSELF):
                    self.thread.status(number)
                    self.thread.halted(number)
        log.warning("firm=%s: the app is gone from its workspace (%s)", firm, how)

    def _stop_undo(self, number: int, text: str) -> None:
        if self.store.undoing.halt(number, halt=PERSON, text=text, over=BY_ITSELF):
            self.thread.undoing(number)
