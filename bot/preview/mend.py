"""Failing lines that come back mended: they join the batch they were left out of, as its next revision."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from brought_forward.bot.errors import SheetError
from brought_forward.bot.messages.reading import joined, matching_again
from brought_forward.bot.messages.words import count
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.sheet import Line, SheetReading
from brought_forward.storage.store import Store

NAMED = re.compile(r"B([0-9]{1,15}) to fix")  # the sheet's name, see bot.workbooks.failing
OPEN = {BatchStatus.PREVIEWED, BatchStatus.READING}


@dataclass(frozen=True, slots=True)
class Mends:
    """Find the batch that mended lines belong to, and put them there."""

    store: Store
    firms: Firms
    thread: BatchThread

    def target(self, batch: Batch, reading: SheetReading) -> Batch | None:
        """Find the batch whose lines this file mends. Returns None where none waits for them any more.

        Raises SheetError where it is not clear which, or a line of the file is not one that was left out.
        """
        # A sheet that names its batch never mends another: its row numbers are those of another file.
        named = NAMED.fullmatch(reading.sheet)
        found = self._named(batch, int(named[1])) if named else self._only_one(batch)
        if found is None:
            return None
        left_out = self.store.lines.left_out_rows(found.id)
        for row, origin in reading.mends:
            if origin not in left_out:
                raise SheetError(
                    f"Row {row} mends line {origin} of {found.file_name} ({found.name}), which is not left out there."
                    " Keep only rows of the newest workbook to fix, and drop it here again."
                )
        return found

    def alone(self, batch: Batch, reading: SheetReading) -> date | None:
        """Keep which lines of a batch that was decided already this file mends, and give the day of its bills."""
        of = self._decided(batch, reading)
        if of is None:
            return None
        self.store.lines.mends_of(batch, of, [origin for _, origin in reading.mends])
        return of.as_of

    def _decided(self, batch: Batch, reading: SheetReading) -> Batch | None:
        """Find the batch whose lines this file mends, where it waits for them no more."""
        named = NAMED.fullmatch(reading.sheet)
        before = self.store.batches.before_in(batch)
        mended = {origin for _, origin in reading.mends}
        return next(
            (
                one
                for one in before
                if (named is None or one.id == int(named[1])) and mended <= self.store.lines.left_out_rows(one.id)
            ),
            None,
        )

    def _named(self, batch: Batch, number: int) -> Batch | None:
        found = self.store.batches.find(number)
        if found is None or (found.firm, found.channel) != (batch.firm, batch.channel):
            return None
        if found.status not in OPEN or not found.revision:
            return None
        if found.thread_ts != batch.thread_ts:
            raise SheetError(f"These lines belong to {found.file_name} ({found.name}). Drop this file in its thread.")
        return found

    def _only_one(self, batch: Batch) -> Batch | None:
        waiting = self.store.batches.waiting_in(batch)
        if len(waiting) > 1:
            raise SheetError(
                f"{count(len(waiting), 'file')} wait for approval in this thread, and this one does not say which it"
                ' mends. Keep the sheet\'s name as I wrote it, such as "B12 to fix", and save it as a workbook.'
            )
        return waiting[0] if waiting else None

    def _note(self, batch: Batch, to: Batch, reading: SheetReading, before: Mapping[int, Line]) -> None:
        """Keep what each mended line said before, by row, for whoever approves."""
        mended = {line.row: line for line in self.store.lines.of_batch(batch.id)}
        for row, origin in reading.mends:
            line = mended.get(row)  # a balance of zero has none
            now: dict[str, Any] = {"matter": line.matter, "user": line.user} if line else {}
            now["amount"] = line.amount if line else Decimal(0)
            self.store.corrections.correct(to.id, to.revision, to.firm, batch.uploader, before[origin], now)

    def join(self, batch: Batch, reading: SheetReading, to: Batch) -> bool:
        """Put the lines that were kept of `batch` in place of those they mend in `to`.

        Returns False where that was decided meanwhile.

        Who shared or brought the file is a corrector from then on, and may not approve.
        """
        kept = {line.row for line in reading.lines} | {bad.row for bad in reading.problems}
        zeros = sum(1 for row, _ in reading.mends if row not in kept)
        store = self.store
        if not store.batches.correct(to.id, revision=to.revision, zero_rows=zeros):
            return False
        before = {line.row: line for line in store.lines.of_batch(to.id)}
        store.lines.mend(to.id, batch.id, reading.mends)
        self._note(batch, to, reading, before)
        store.batches.join(batch.id, to.id)
        for actor in sorted({batch.uploader, batch.owner}):
            store.decisions.add(
                to,
                actor=actor,
                action="mend",
                allowed=True,
                approvers=self.firms.settings(to.firm).approvers,
                reason=f"{count(len(reading.mends), 'line')} from {batch.name}",
            )
        ended = self.store.batches.get(batch.id)
        self.thread.in_place(ended, joined(ended.id, to, len(reading.mends)))
        self.thread.preview_over(to, matching_again(to, batch.uploader, len(reading.mends)))
        return True
