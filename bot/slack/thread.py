"""Say in a batch's thread what the database says: each message is made from the rows alone, whenever they change."""

from collections.abc import Sequence
from decimal import Decimal

from brought_forward.bot.messages import approval, preview, queries, questions, reading, results
from brought_forward.bot.messages import status as statuses
from brought_forward.bot.messages import undo as undos
from brought_forward.bot.messages.answers import differing
from brought_forward.bot.messages.blocks import Text
from brought_forward.bot.messages.holds import Doubts, reasons
from brought_forward.bot.messages.preview_sums import Changes, compare, total_of
from brought_forward.bot.slack.library import FAILING, LINES
from brought_forward.bot.slack.slots import Slots
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import EntryState, Notes, Outcome
from brought_forward.storage.records.inquiry import load_read_back
from brought_forward.storage.records.query import Query


class BatchThread(Slots):
    """Put messages into the outbox. Called inside the transaction that changes what they say."""

    def reading(self, batch: Batch, *, ahead: int) -> None:
        """Say that the file is being read, or what is read before it; the same message then becomes the preview."""
        crowded = self._store.batches.crowded(batch.id)
        text = reading.crowded(batch) if crowded else reading.reading(batch.file_name, batch.file_size, ahead)
        self.in_place(batch, text)

    def asking(self, number: int) -> None:
        """Put the question that reading came upon."""
        batch = self._store.batches.get(number)
        self.in_place(batch, questions.asking(batch))

    def in_place(self, batch: Batch, text: Text) -> None:
        """Say in the preview's place why there is none yet, or that there will be none."""
        self.say(batch, "preview", text)

    def preview_over(self, batch: Batch, text: Text) -> None:
        """Say in a preview's place, without its buttons, why another one follows or none does."""
        self.in_place(batch, text)
        self._mentions.no_longer_waits(self._store.batches.get(batch.id))

    def preview(self, number: int, *, description_problem: str | None = None) -> None:
        """Show the preview, before or after the decision."""
        batch = self._store.batches.get(number)
        tallies = self._store.entries.tallies(number)
        entries = statuses.total(tallies)
        last, settings = self._last(batch), self._firms.settings(batch.firm)
        view = preview.PreviewView(
            batch=batch,
            planned=results.together(tallies),
            by_user=self._store.entries.by_user(number),
            lines=self._store.lines.of_batch(number),
            approving=self._approving(batch),
            seconds=self._connections.of(batch.firm).clio.pace.seconds_left(entries),
            zone=settings.timezone.key if settings.timezone else None,
            description_problem=description_problem,
            findings=self._store.findings.of_batch(number),
            credits=self._store.entries.negative(number),
            notes=self._notes(batch),
            largest=self._store.entries.largest(number, preview.LARGEST),
            clients=self._store.entries.by_client(number, preview.LARGEST),
            texts=self._store.entries.own_notes(number, preview.common_note(batch), preview.TEXTS),
            last=last,
            changes=self._changes(batch, last),
            corrections=self._store.corrections.of_batch(number),
            choices=self._store.choices.unconfirmed(number),
            settled=self._store.choices.settled_answers(number),
            doubts=Doubts(self._store.replacements.of_batch(number), self._store.queries.of_batch(number)),
            names=self._store.names.of_batch(number),
            not_counted=self._store.lines.not_counted(number),
            today=settings.today(),
            probed=self._store.forms.probed(batch.firm, batch.account or "") is batch.form,
        )
        self.say(batch, "preview", preview.preview(view))
        self.queries(batch)
        held = reasons(batch, total_of(view.lines), view.doubts)
        self._mentions.preview(batch, view.planned, view.approving, held=bool(held))
        if batch.status is BatchStatus.PREVIEWED:
            self._store.attachments.drop_unsent(number, but=batch.revision)
            self.attach(batch, LINES, f"lines-{batch.revision}", batch.workbook("lines"))
            if any(line.is_failing for line in view.lines):
                self.attach(batch, FAILING, f"failing-{batch.revision}", batch.workbook("to fix"))
            return
        for one in view.doubts.replacements:  # what it was asked about is over
            other = self._store.batches.get(one.older if one.newer == number else one.newer)
            if other.status is BatchStatus.PREVIEWED:
                self.preview(other.id)

    def queries(self, batch: Batch) -> None:
        """Show what approvers asked, and how it ended; a decision ends it too."""
        for one in self._store.queries.of_batch(batch.id):
            self.say(batch, f"query-{one.id}", queries.query(batch, one))

    def answered(self, batch: Batch, query: Query, *, held_by: str) -> None:
        """Tell who asked what the answer is; a new message, since an edit notifies nobody."""
        self.say(batch, f"answered-{query.id}", queries.answered(batch, query, held_by=held_by))

    def told_uploader(self, number: int) -> None:
        """Tell the uploader that somebody else ended the batch; a new message, since an edit notifies nobody."""
        batch = self._store.batches.get(number)
        self.say(batch, "decided", approval.told_uploader(batch))

    def expired(self, number: int, hours: float) -> None:
        """Tell the uploader that nobody decided in time."""
        batch = self._store.batches.get(number)
        self.say(batch, "decided", approval.expired(batch, hours))

    def remind(self, batch: Batch, entries: int, seconds: float | None) -> None:
        """Remind those who may approve."""
        self.say(batch, "reminder", approval.reminder(batch, self._approving(batch), entries, seconds))

    def _site(self, batch: Batch) -> str:
        return self._firms.settings(batch.firm).clio_site

    def _notes(self, batch: Batch) -> Notes | None:
        if batch.as_of is None:
            return None
        return self._store.entries.notes(batch.id, preview.common_note(batch))

    def _last(self, batch: Batch) -> Batch | None:
        last = self._store.history.last_approved(batch.id)
        return self._store.batches.get(last) if last else None

    def _changes(self, batch: Batch, last: Batch | None) -> Changes | None:
        """Compare the sheet with that of the last approved batch: what is owed, posted or not."""
        history = self._store.history
        return compare(history.owed(last.id), history.owed(batch.id)) if last else None

    def status(self, number: int, *, living: bool = False) -> None:
        """Show how far posting is; `living` edits wait for their time, changes of state do not."""
        self._status(number, living=living)
        self._those_waiting(number, living=living)

    def _status(self, number: int, *, living: bool) -> None:
        view = self._status_view(number)
        gap = self._firms.deployment.timing.edit_gap if living else 0.0
        self.say(view.batch, "status", statuses.status(view), edit_gap=gap)

    def _those_waiting(self, number: int, *, living: bool) -> None:
        """Tell those that wait behind a batch how far it is by now, or that it is no longer before them."""
        for other, status in self._store.turns.waiting(but=number):
            if status is BatchStatus.UNDOING:
                self._undoing(other, living=living)
            else:
                self._status(other, living=living)

    def halted(self, number: int) -> None:
        """Say why a run cannot go on; a new message, since an edit notifies nobody."""
        view = self._status_view(number)
        self.say(view.batch, self._halt_slot(view.batch), statuses.halted(view))
        self._mentions.paused(view.batch)

    def went_on(self, batch: Batch, what: str, by: str | None, *, far: str = "") -> None:
        """Take the buttons off the message about a halt, and off closing words, which keep how far it had come.

        `batch` as it was while halted.
        """
        halt, closing = self._halt_slot(batch), f"closing-{batch.episode}"
        for slot, text in ((halt, statuses.why(batch)), (closing, f"{far}." if far else "")):
            if self._store.messages.find(batch.id, slot):
                self.say(batch, slot, statuses.went_on(batch, text, what, by))
        self._mentions.over(batch, what, by)

    def drifted(self, number: int, changes: Sequence[str], before: Decimal) -> None:
        """Say that nothing was posted because what was approved no longer holds."""
        batch = self._store.batches.get(number)
        self.say(batch, f"drift-{batch.revision}", statuses.drifted(changes, batch, before))

    def results(self, number: int) -> None:
        """Show every matter with its outcome, below the closing words, which reading back completes."""
        batch = self._store.batches.get(number)
        self._begin_closing(batch)
        entries = self._store.entries.of_batch(number)
        for page, text in enumerate(results.results(batch, entries, self._site(batch)), start=1):
            self.say(batch, f"results-{page}", text)
        self.attach(batch, LINES, f"outcome-{batch.episode}", f"{batch.stem} results.xlsx")

    def _begin_closing(self, batch: Batch) -> None:
        """Say how it ended before the tables say it matter by matter."""
        slot = f"closing-{batch.episode}"
        if not self._store.messages.find(batch.id, slot):
            self.say(batch, slot, self.closing_words(batch.id))

    def closing(self, number: int) -> None:
        """Say how it ended and whether Clio holds the same."""
        batch = self._store.batches.get(number)
        self.say(batch, f"closing-{batch.episode}", self.closing_words(number))
        self.status(number)
        found = load_read_back(batch.read_back)
        if batch.status is BatchStatus.UNDONE or found is None:
            return
        self._mentions.ended(batch)
        for page, text in enumerate(differing(batch, found, self._site(batch)), start=1):
            self.say(batch, f"differences-{batch.episode}-{page}", text)

    def closing_words(self, number: int) -> Text:
        """Make the closing words of a batch that is posted, stopped or undone."""
        batch = self._store.batches.get(number)
        if batch.status is BatchStatus.UNDONE:
            return undos.closing(self._undo_view(batch))
        tallies = self._store.entries.tallies(number)
        view = results.ClosingView(
            batch=batch,
            tallies=tallies,
            refused=[entry for entry in self._store.entries.of_batch(number) if entry.state is EntryState.REFUSED],
            wrong=self._store.entries.first(number, EntryState.WRONG),
            undo=undos.undo_button(batch, tallies[EntryState.POSTED]),
            left_out=left if (left := self._store.lines.left_out_total(number))[0] else None,
            read_back=load_read_back(batch.read_back),
            clio_site=self._site(batch),
            seal=self._store.audit.seal(number),
            next_form=self._next_form(batch, tallies),
        )
        return results.closing(view)

    def undo_begun(self, before: Batch, closing: Text, by: str) -> None:
        """Take the buttons off the messages of a batch that is now undone, and say in a new one how far it is."""
        for slot, text in (
            (self._halt_slot(before), statuses.went_on(before, statuses.why(before), "Undo begun", by)),
            (f"closing-{before.episode}", undos.without_buttons(closing, by)),
        ):
            if self._store.messages.find(before.id, slot):
                self.say(before, slot, text)
        self._mentions.over(before, "Undo begun", by)
        self.undoing(before.id)
        self.status(before.id)

    def undoing(self, number: int, *, living: bool = False) -> None:
        """Show how far an undo is; `living` edits wait for their time, changes of state do not."""
        self._undoing(number, living=living)
        self._those_waiting(number, living=living)

    def _undoing(self, number: int, *, living: bool) -> None:
        batch = self._store.batches.get(number)
        gap = self._firms.deployment.timing.edit_gap if living else 0.0
        self.say(batch, f"undo-{batch.episode}", undos.living(self._undo_view(batch)), edit_gap=gap)

    def undone(self, number: int) -> None:
        """Show every entry with what the undo did to it."""
        batch = self._store.batches.get(number)
        self.undoing(number)
        self.status(number)
        self._begin_closing(batch)
        reversals = self._store.undoing.of_batch(batch)
        for page, text in enumerate(undos.pages(batch, reversals, self._site(batch)), start=1):
            self.say(batch, f"undone-{batch.episode}-{page}", text)
        self.attach(batch, LINES, f"outcome-{batch.episode}", f"{batch.stem} undone.xlsx")

    def _undo_view(self, batch: Batch) -> undos.UndoView:
        outcomes = self._store.undoing.tallies(batch)
        over = batch.status is BatchStatus.UNDONE
        ahead = self._store.turns.ahead(batch.id)
        seconds, seconds_ahead = self._seconds(batch, 2 * outcomes[None].entries, ahead)  # each is read, then deleted
        return undos.UndoView(
            batch=batch,
            tallies=self._store.entries.tallies(batch.id),
            outcomes=outcomes,
            by=self._store.undoing.by(batch.id),
            seconds=seconds,
            ahead=ahead,
            seconds_ahead=seconds_ahead,
            stays=[one for one in self._store.undoing.of_batch(batch) if one.outcome is not Outcome.REVERSED]
            if over
            else (),
            wrong=self._store.entries.first(batch.id, EntryState.WRONG),
            read_back=load_read_back(batch.read_back),
            seal=self._store.audit.seal(batch.id),
        )

    def _status_view(self, number: int) -> statuses.StatusView:
        batch = self._store.batches.get(number)
        tallies = self._store.entries.tallies(number)
        ahead = self._store.turns.ahead(number)
        seconds, seconds_ahead = self._seconds(batch, tallies[EntryState.PLANNED].entries, ahead)
        return statuses.StatusView(
            batch=batch,
            tallies=tallies,
            seconds=seconds,
            ahead=ahead,
            seconds_ahead=seconds_ahead,
            wrong=self._store.entries.first(number, EntryState.WRONG),
            next_form=self._next_form(batch, tallies),
        )
