"""What Slack told of files and what people asked for, written down by listeners, looked at by runs of their own."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass

from brought_forward.bot.errors import FileGone, SlackAway
from brought_forward.bot.intake.door import open_batch
from brought_forward.bot.intake.originals import Originals
from brought_forward.bot.intake.payloads import NEAR
from brought_forward.bot.intake.uploaders import Uploaders
from brought_forward.bot.intake.wishes import Wishes
from brought_forward.bot.messages.reading import unreadable
from brought_forward.bot.settings import Firms, Timing
from brought_forward.bot.slack.files import Files, SlackFile
from brought_forward.bot.slack.people import SHARED
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.records.slack import Notice, Share, Wish
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

ASKS = 6  # how often Slack is asked where a file was shared before the answer goes unthreaded


@dataclass(frozen=True, slots=True)
class Notices:
    """Look at a firm's notices, at its wishes and at its files that were changed."""

    store: Store
    firms: Firms
    files: Files
    thread: BatchThread
    uploaders: Uploaders
    wishes: Wishes
    originals: Originals
    own_user: Callable[[str], str]  # the bot's own user id: its result files start nothing
    start: Callable[[RunKind, int], None]
    wake: Callable[[], None]  # says that there is something to look at

    @property
    def timing(self) -> Timing:
        """What to wait for, and how long."""
        return self.firms.deployment.timing

    def due(self) -> Collection[str]:
        """Name the firms of which something is to be looked at."""
        return self.store.events.due()

    def move(self, firm: str) -> bool:
        """Look at all that is due of a firm. Returns False: what comes meanwhile is looked at when it is due."""
        for notice in self.store.events.open_notices(firm):
            self._look_at(notice)
        for wish in self.store.wishes.due(firm):
            self._look_into(wish)
        for batch in self.store.originals.due(firm):
            self._look_back(batch)
        return False

    def _look_at(self, notice: Notice) -> None:
        """Look at one notice; one that stumbles keeps no other file waiting."""
        try:
            self.look(notice)
        except Exception:
            log.exception("a notice stumbled; it is looked at again")
            self.store.events.ask_again(notice, self.timing.share_pause * 4, counts=False)

    def _look_into(self, wish: Wish) -> None:
        """Look at one wish; one that stumbles keeps no other waiting."""
        try:
            self.wishes.look(wish)
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

    def look(self, notice: Notice) -> None:
        """Find out what an event speaks of; begin a batch where it is a share of a file for us."""
        try:
            file = self.files.info(notice.file_id, notice.firm)
            own = self.own_user(notice.firm)
        except FileGone:
            self.store.events.done(notice, "the file is gone")
            return
        except SlackAway:
            self._ask_again(notice, trouble=True)
            return
        if file.owner == own:
            self.store.events.done(notice, "our own file")
        elif not notice.channel.startswith("D") and not self._is_for_us(notice, file):
            self.store.events.done(notice, "not for us")
        elif (admitted := self.uploaders.admit(notice, file)) is None:
            return  # it is over, or waits for Slack
        elif notice.channel.startswith("D"):
            self.wishes.ask_where(admitted, file)
        else:
            self._begin(admitted, file)

    def _begin(self, notice: Notice, file: SlackFile) -> None:
        share = self._share(notice, file)
        if share is None:
            self._ask_again(notice)
            return
        with self.store.transaction():
            batch = open_batch(
                self.store,
                self.firms.settings(notice.firm),
                share,
                uploader=notice.user,
                owner=file.owner,
                file_name=file.name,
                file_size=file.size,
            )
            self.store.events.done(notice, batch.name if batch else "said before")
            if batch and notice.shared:
                if self.store.batches.unreadable(batch.id, SHARED):
                    self.thread.in_place(self.store.batches.get(batch.id), unreadable(SHARED))
                batch = None
            if batch:
                self.thread.reading(batch, ahead=self.store.batches.ahead(batch.id))
            if notice.typed_total is not None:
                known = self.store.batches.typed(share, notice.typed_total)
                if known and known.status is BatchStatus.PREVIEWED:
                    self.thread.preview(known.id)
        if batch:
            self.start(RunKind.READ, batch.id)

    def _share(self, notice: Notice, file: SlackFile) -> Share | None:
        """Say which share the event speaks of. Returns None while Slack does not say yet."""
        if notice.share_ts:
            return Share(notice.firm, notice.channel, notice.file_id, notice.share_ts,
                         notice.thread_ts or notice.share_ts)  # fmt: skip
        shares = [one for one in file.shares.get(notice.channel, []) if one.get("ts")]
        if not shares:
            if notice.asks < ASKS:
                return None
            return Share(notice.firm, notice.channel, notice.file_id, notice.event_ts, None)
        said = float(notice.event_ts or 0)
        before = [one for one in shares if 0 <= said - float(one["ts"]) <= NEAR]
        share = (
            max(before, key=lambda one: float(one["ts"]))
            if before
            else min(shares, key=lambda one: abs(float(one["ts"]) - said))
        )
        ts = str(share["ts"])
        return Share(notice.firm, notice.channel, notice.file_id, ts, str(share.get("thread_ts") or ts))

    def _is_for_us(self, notice: Notice, file: SlackFile) -> bool:
        """Keep quiet about files that are not meant for the bot: it does not talk into every picture."""
        allowed = self.firms.settings(notice.firm).channels
        if allowed and notice.channel not in allowed:
            return False
        return file.sheet_like or notice.channel in allowed

    def _ask_again(self, notice: Notice, *, trouble: bool = False) -> None:
        """Look again later; trouble with Slack does not count as an answer without a share."""
        pause = self.timing.share_pause * (4 if trouble else 2**notice.asks)
        self.store.events.ask_again(notice, pause, counts=not trouble)
