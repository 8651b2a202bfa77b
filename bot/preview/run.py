"""The run that reads: a batch's file, its bytes, what it says, what Clio makes of it."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

import requests

from brought_forward.bot.clio.pace import beside_runs
from brought_forward.bot.errors import (
    ClioError,
    ClioRejected,
    ClioSignedOut,
    FileGone,
    SheetError,
    SheetQuestion,
    SlackAway,
    Stopping,
)
from brought_forward.bot.messages.evidence import unaccounted
from brought_forward.bot.messages.reading import forbidden, unreadable, waiting_for_clio, waiting_for_sign_in
from brought_forward.bot.messages.words import money
from brought_forward.bot.preview.audience import Audience
from brought_forward.bot.preview.comments import COMMENTS, ON, read_notes_again
from brought_forward.bot.preview.make import Previews
from brought_forward.bot.preview.mend import Mends
from brought_forward.bot.settings import Firms
from brought_forward.bot.sheet.read import read_sheet
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.slack.files import Files
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.records.sheet import SheetReading
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

PARSES = 5  # a file begun so often and never finished is unreadable: no machine is started anew so often by chance
LONGEST, SIGNED_OUT = 30.0, 3.0  # seconds until Clio is asked again; a new sign-in is taken up within five
ALONE = "What these lines mend no longer waits for approval, so they are a batch of their own."


@dataclass(frozen=True, slots=True)
class ReadRun:
    """Turn batches into previews."""

    store: Store
    firms: Firms
    files: Files
    previews: Previews
    mends: Mends
    audience: Audience
    thread: BatchThread
    start_again: Callable[[RunKind, int], None]  # from inside a run
    stopping: threading.Event

    def move(self, number: int, token: str) -> bool:
        """Read a batch's file and offer its preview. Returns True where it must be tried again."""
        if self.store.batches.is_current(number, token) and self.store.batches.gives_way(number):
            return not self.stopping.wait(self.firms.deployment.timing.first_pause * 2)
        if not self.store.batches.begin_reading(number, token):
            return False
        with beside_runs():
            return self._move(number, token)

    def _move(self, number: int, token: str) -> bool:
        batch, begun = self.store.batches.get(number), None
        try:
            if batch.sha256 is None:
                self.thread.reading(batch, ahead=0)
                self.audience.tell(batch)
                return self._fetch(batch)
            if batch.currency is None:
                self.previews.learn_billing(number)
            if batch.sheet is None:
                begun = datetime.now(UTC)
                if self._parse(self.store.batches.get(number)):
                    return False
            if batch.renote:
                read_notes_again(self.store, self.firms.settings(batch.firm), batch)
            self.previews.preview(number, token, begun)
        except SheetQuestion as question:
            self._ask(batch, question)
        except SheetError as wrong:
            self._unreadable(batch, str(wrong))
        except Stopping:
            return False
        except ClioRejected as refusal:
            self._wait_for_person(batch, token, refusal)
        except ClioError as trouble:
            return self._wait_for_clio(batch, trouble)
        return False

    def _fetch(self, batch: Batch) -> bool:
        """Keep the file's bytes; the next chunk reads them."""
        try:
            data = self.files.fetch(self.files.info(batch.file_id, batch.firm), batch.file_name, batch.firm)
        except FileGone as gone:
            raise SheetError(f"{batch.file_name} is no longer in Slack. Drop it here again.") from gone
        except SlackAway as away:
            log.warning("batch=%d: Slack did not give the file: %s", batch.id, away)
            if self.store.firms.gone(batch.firm):
                return False  # it is begun anew once the app is installed again
        except (requests.RequestException, OSError) as cut:
            log.warning("batch=%d: the file did not come: %s", batch.id, type(cut).__name__)
        else:
            digest = hashlib.sha256(data).hexdigest()
            self.store.batches.keep_file(batch.id, firm=batch.firm, sha256=digest, data=data)
            return True
        return not self.stopping.wait(self.firms.deployment.timing.first_pause * 2)

    def _parse(self, batch: Batch) -> bool:
        """Keep what the file says. Returns True where its lines joined another batch."""
        if self.store.batches.begin_parsing(batch.id) > PARSES:
            raise SheetError(
                f"I began {batch.file_name} {PARSES} times and was cut off each time, so I leave it alone. Drop it here"
                " again; should that end so too, save it as CSV and drop that."
            )
        reading, answers = self._read(batch)
        differences = [
            f"{total.name} (row {total.row}) says {money(total.stated, batch.currency or '')}, its lines come to"
            f" {money(total.found, batch.currency or '')}."
            for total in reading.group_totals
        ] + unaccounted(reading, batch.currency or "")
        with self.store.transaction():
            self.store.lines.keep(batch.id, batch.firm, reading)
            mended = self.mends.target(batch, reading) if reading.mends else None
            joined = mended is not None and self.mends.join(batch, reading, mended)
            if reading.mends and not joined:
                day = self.mends.alone(batch, reading)
                reading = replace(reading, remarks=(*reading.remarks, ALONE), as_of=reading.as_of or day)
            self.store.batches.keep_reading(batch.id, reading, differences)
            self.store.choices.use_answers(mended.id if joined and mended else batch.id, batch.firm, answers)
        if joined and mended:
            self.start_again(RunKind.READ, mended.id)
        return joined

    def _read(self, batch: Batch) -> tuple[SheetReading, list[int]]:
        """Read the file with the answers that staff have given for its header, and give the ids of those it needed.

        A new question is raised.
        """
        data = self.store.batches.file_bytes(batch.firm, batch.sha256 or "")
        people, matters = self.previews.known(batch)
        answers: dict[str, str] = {}
        used: list[int] = []
        while True:
            rules = SheetRules(
                currency=batch.currency or "",
                day_first=self.firms.settings(batch.firm).day_first,
                answers=dict(answers),
                people=people,
                matters=matters,
            )
            try:
                reading = read_sheet(data, batch.file_name, rules)
                on = self._comments_on(batch, reading)
                if on is None or COMMENTS in answers:
                    return reading, used
                used.append(on)
                answers[COMMENTS] = ON
            except SheetQuestion as question:
                found = self.store.answers.find(batch.firm, batch.channel, question.signature, question.kind)
                if found is None or question.kind in answers:
                    raise
                used.append(found[0])
                answers[question.kind] = found[1]

    def _comments_on(self, batch: Batch, reading: SheetReading) -> int | None:
        """Give the id of the answer that puts this header's comments on the bills, where there is one."""
        if reading.comments is None:
            return None
        kept = self.store.answers.find(batch.firm, batch.channel, reading.signature, COMMENTS)
        return kept[0] if kept and kept[1] == ON else None

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
                self.thread.in_place(batch, unreadable(why))

    def _wait_for_person(self, batch: Batch, token: str, refusal: ClioRejected) -> None:
        """Say what Clio refuses: it would refuse it again, until somebody has put that right and says so."""
        log.warning("batch=%d waits for a person: Clio refused with %d", batch.id, refusal.status)
        with self.store.transaction():
            if self.store.batches.forbidden(batch.id, token, str(refusal)):
                self.thread.in_place(batch, forbidden(batch, str(refusal)))

    def _wait_for_clio(self, batch: Batch, trouble: ClioError) -> bool:
        """Tell staff and try again: nothing is lost while Clio is away."""
        log.warning("batch=%d waits for Clio: %s", batch.id, type(trouble).__name__)
        if self.store.batches.get(batch.id).status is BatchStatus.READING:
            words = waiting_for_sign_in if isinstance(trouble, ClioSignedOut) else waiting_for_clio
            self.thread.in_place(batch, words(batch.file_name, str(trouble)))
        longest = SIGNED_OUT if isinstance(trouble, ClioSignedOut) else LONGEST
        return not self.stopping.wait(min(self.firms.deployment.timing.sweep, longest))
