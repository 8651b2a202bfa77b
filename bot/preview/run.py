"""From an event to a preview: where a file was shared, its bytes, what it says, what Clio makes of it."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import requests
from slack_sdk.errors import SlackApiError, SlackClientError

from brought_forward.bot.approval.rules import rules_now
from brought_forward.bot.errors import ClioError, ClioSignedOut, SheetError, SheetQuestion, Stopping
from brought_forward.bot.messages.words import money
from brought_forward.bot.preview.make import Previews
from brought_forward.bot.preview.mend import Mends
from brought_forward.bot.settings import Settings
from brought_forward.bot.sheet.read import read_sheet
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.slack.files import GONE, Files, SlackFile
from brought_forward.bot.slack.people import SHARED
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.records.sheet import SheetReading
from brought_forward.storage.records.slack import Notice, Share
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

ASKS = 6  # how often Slack is asked where a file was shared before the answer goes unthreaded
PARSES = 5  # a file begun so often and never finished is unreadable: no machine is started anew so often by chance
NEAR = 30.0  # seconds before its event in which a share is the event's own
ALONE = "What these lines mend no longer waits for approval, so they are a batch of their own."


@dataclass(frozen=True, slots=True)
class ReadRun:
    """Turn notices into batches, and batches into previews."""

    store: Store
    settings: Settings
    files: Files
    previewing: Previews
    mending: Mends
    thread: BatchThread
    own_user: Callable[[], str]  # the bot's own user id: its result files start nothing
    ask_where: Callable[[Notice, SlackFile], None]  # a direct message is no place for a preview
    start: Callable[[RunKind, int], None]
    start_again: Callable[[RunKind, int], None]  # from inside a run
    stopping: threading.Event

    # Notices

    def look(self, notice: Notice) -> None:
        """Find out what an event speaks of; begin a batch where it is a share of a file for us."""
        try:
            file = self.files.info(notice.file_id)
            own = self.own_user()
        except SlackApiError as refusal:
            if refusal.response.get("error") in GONE:
                self.store.events.done(notice, "the file is gone")
                return
            self._ask_again(notice, trouble=True)
            return
        except (SlackClientError, OSError):
            self._ask_again(notice, trouble=True)
            return
        if file.owner == own:
            self.store.events.done(notice, "our own file")
        elif notice.channel.startswith("D"):
            self.ask_where(notice, file)
        elif not self._is_for_us(notice, file):
            self.store.events.done(notice, "not for us")
        else:
            self._begin(notice, file)

    def _begin(self, notice: Notice, file: SlackFile) -> None:
        share = self._share(notice, file)
        if share is None:
            self._ask_again(notice)
            return
        with self.store.transaction():
            batch = self.store.batches.open(
                share,
                uploader=notice.user or file.owner,
                owner=file.owner or notice.user,
                file_name=file.name,
                file_size=file.size,
                rules=rules_now(self.settings),
            )
            self.store.events.done(notice, f"B{batch}" if batch else "said before")
            if batch and notice.shared:
                self._unreadable(self.store.batches.get(batch), SHARED)
                batch = None
            if batch:
                self.thread.reading(self.store.batches.get(batch), ahead=self.store.batches.ahead(batch))
            if notice.typed_total is not None:
                known = self.store.batches.typed(share, notice.typed_total)
                if known and known.status is BatchStatus.PREVIEWED:
                    self.thread.preview(known.id)
        if batch:
            self.start(RunKind.READ, batch)

    def _share(self, notice: Notice, file: SlackFile) -> Share | None:
        """Say which share the event speaks of; None while Slack does not say yet."""
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
        allowed = self.settings.balances_channels
        if allowed and notice.channel not in allowed:
            return False
        return file.sheet_like or notice.channel in allowed

    def _ask_again(self, notice: Notice, *, trouble: bool = False) -> None:
        """Look again later; trouble with Slack does not count as an answer without a share."""
        pause = self.settings.balances_timing.share_pause * (4 if trouble else 2**notice.asks)
        self.store.events.ask_again(notice, pause, counts=not trouble)

    # Runs

    def move(self, number: int, token: str) -> bool:
        """Read a batch's file and offer its preview; true where it must be tried again."""
        if not self.store.batches.begin_reading(number, token):
            return False
        batch = self.store.batches.get(number)
        try:
            if batch.sha256 is None:
                self.thread.reading(batch, ahead=0)
                return self._fetch(batch)
            if batch.currency is None:
                self.previewing.learn_billing(number)
            if batch.sheet is None and self._parse(self.store.batches.get(number)):
                return False
            self.previewing.preview(number, token)
        except SheetQuestion as question:
            self._ask(batch, question)
        except SheetError as wrong:
            self._unreadable(batch, str(wrong))
        except Stopping:
            return False
        except ClioError as trouble:
            return self._wait_for_clio(batch, trouble)
        return False

    def _fetch(self, batch: Batch) -> bool:
        """Keep the file's bytes; the next chunk reads them."""
        try:
            data = self.files.fetch(self.files.info(batch.file_id), batch.file_name)
        except SlackApiError as refusal:
            if refusal.response.get("error") in GONE:
                raise SheetError(f"{batch.file_name} is no longer in Slack. Drop it here again.") from refusal
            log.warning("batch=%d: Slack refused the file: %s", batch.id, refusal.response.get("error"))
        except (SlackClientError, requests.RequestException, OSError) as cut:
            log.warning("batch=%d: the file did not come: %s", batch.id, type(cut).__name__)
        else:
            digest = hashlib.sha256(data).hexdigest()
            self.store.batches.keep_file(batch.id, firm=batch.firm, sha256=digest, data=data)
            return True
        return not self.stopping.wait(self.settings.balances_timing.first_pause * 2)

    def _parse(self, batch: Batch) -> bool:
        """Keep what the file says; true where its lines joined another batch."""
        if self.store.batches.begin_parsing(batch.id) > PARSES:
            raise SheetError(
                f"I began {batch.file_name} {PARSES} times and was cut off each time, so I leave it alone. Drop it here"
                " again; should that end so too, save it as CSV and drop that."
            )
        reading = self._read(batch)
        differences = [
            f"{total.name} (row {total.row}) says {money(total.stated, batch.currency or '')}, its lines come to"
            f" {money(total.found, batch.currency or '')}."
            for total in reading.group_totals
        ]
        with self.store.transaction():
            self.store.lines.keep(batch.id, batch.firm, reading)
            mended = self.mending.target(batch, reading) if reading.mends else None
            joined = mended is not None and self.mending.join(batch, reading, mended)
            if reading.mends and not joined:
                reading = replace(reading, remarks=(*reading.remarks, ALONE))
            self.store.batches.keep_reading(batch.id, reading, differences)
        if joined and mended:
            self.start_again(RunKind.READ, mended.id)
        return joined

    def _read(self, batch: Batch) -> SheetReading:
        """Read the file with the answers that staff have given for its header; a new question is raised."""
        data = self.store.batches.file_bytes(batch.firm, batch.sha256 or "")
        answers: dict[str, str] = {}
        while True:
            rules = SheetRules(currency=batch.currency or "", day_first=self.settings.day_first, answers=dict(answers))
            try:
                return read_sheet(data, batch.file_name, rules)
            except SheetQuestion as question:
                choice = self.store.answers.find(batch.firm, batch.channel, question.signature, question.kind)
                if choice is None or question.kind in answers:
                    raise
                answers[question.kind] = choice

    def _ask(self, batch: Batch, question: SheetQuestion) -> None:
        """Put a question to staff in the thread; reading goes on with the answer, without a new upload."""
        asked = {
            "text": str(question),
            "kind": question.kind,
            "signature": question.signature,
            "candidates": [asdict(candidate) for candidate in question.candidates],
        }
        with self.store.transaction():
            if self.store.batches.ask(batch.id, json.dumps(asked)):
                self.thread.asking(batch.id)

    def _unreadable(self, batch: Batch, why: str) -> None:
        with self.store.transaction():
            if self.store.batches.unreadable(batch.id, why):
                self.thread.unreadable(batch, why)

    def _wait_for_clio(self, batch: Batch, trouble: ClioError) -> bool:
        """Tell staff and try again: nothing is lost while Clio is away."""
        log.warning("batch=%d waits for Clio: %s", batch.id, type(trouble).__name__)
        if self.store.batches.get(batch.id).status is BatchStatus.READING:
            why = str(trouble)
            if isinstance(trouble, ClioSignedOut):
                why += " Whoever runs the bot gives it a new CLIO_ACCESS_TOKEN."
            self.thread.waiting_for_clio(batch, why)
        return not self.stopping.wait(min(self.settings.balances_timing.sweep, 30.0))
