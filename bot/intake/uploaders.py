"""Who drops a file, and where: asked of Slack before anything is said and before a line of it is read."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from brought_forward.bot.errors import NotAllowed, SlackSilent
from brought_forward.bot.intake.payloads import NEAR
from brought_forward.bot.messages import intake as words
from brought_forward.bot.messages.blocks import Text
from brought_forward.bot.settings import Timing
from brought_forward.bot.slack.files import SlackFile
from brought_forward.bot.slack.people import People, Standing
from brought_forward.storage.records.slack import Notice
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

LONGEST = 60.0  # seconds between two questions while Slack is silent


@dataclass(frozen=True, slots=True)
class Uploaders:
    """Let a file begin something only where a human member brings it; who may not is told alone, or nothing is said."""

    store: Store
    people: People
    timing: Timing
    owed: Callable[[], None]  # tells the outbox that something is owed

    def admit(self, notice: Notice, file: SlackFile) -> Notice | None:
        """Give the notice with what Slack says of its channel. Returns None where it is over, or waits for Slack."""
        try:
            if not self._is_members(notice, file):
                return None
            place = self.people.place(notice.channel, notice.firm)
        except SlackSilent:
            self._wait(notice, file)
            return None
        except NotAllowed as lacking:  # a scope
            self._end(notice, "a scope is lacking", words.alone(file.name, str(lacking)))
            return None
        if not place.has_bot:
            self._end(notice, "the bot is not in that channel")
            return None
        return replace(notice, shared=notice.shared or place.is_shared)

    def _is_members(self, notice: Notice, file: SlackFile) -> bool:
        """Say whether who shared the file and who brought it to Slack are human members; where not, end the notice.

        A guest is told what the rule is. A bot, a stranger or nobody at all is told nothing: whose word it would be to
        drop the file again is not known.
        """
        standing = self.people.standing(notice.user, notice.firm)
        if standing is Standing.GUEST:
            self._end(notice, "dropped by a guest", words.alone(file.name, words.NO_GUESTS))
        elif standing is Standing.NOBODY:
            self._end(notice, "dropped by nobody of the workspace")
        elif file.owner not in {"", notice.user} and not self._is_a_member(file.owner, notice.firm):
            self._end(notice, "the file is nobody's of the workspace", words.alone(file.name, words.NOT_OURS))
        else:
            return True
        return False

    def _is_a_member(self, user: str, firm: str) -> bool:
        return self.people.standing(user, firm) is Standing.MEMBER

    def _wait(self, notice: Notice, file: SlackFile) -> None:
        """Ask again later, ever more seldom; after an hour tell who dropped the file."""
        silent = self.store.events.silent(notice)
        if silent < self.timing.silence:
            self.store.events.ask_again(notice, max(self.timing.share_pause, min(silent / 4, LONGEST)), counts=False)
            return
        self._end(notice, "Slack did not say who dropped it", words.alone(file.name, words.SILENT))

    def _end(self, notice: Notice, outcome: str, text: Text | None = None) -> None:
        log.info("file=%s begins nothing: %s", notice.file_id, outcome)
        with self.store.transaction():
            told = self.store.events.has_come_to(notice, outcome, within=NEAR)  # by the share's other event
            self.store.events.done(notice, outcome)
            if text and not told:
                slot = f"told-alone-{notice.event_id}-{notice.file_id}"
                self.store.messages.tell(
                    firm=notice.firm, slot=slot, channel=notice.user, text=text.text, blocks=text.json()
                )
        self.owed()
