"""A column of comments, put on the bills or left off: an answer for its header, and the notes are read again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from brought_forward.bot.approval.checks import Deciding, late
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.reading import comments_chosen
from brought_forward.bot.settings import FirmSettings
from brought_forward.bot.sheet.read import read_sheet
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.bot.slack.clicks import Decision
from brought_forward.storage.records.batch import Batch, RunKind
from brought_forward.storage.store import Store

COMMENTS = "comments"  # the kind of the answer
ON, OFF = "on", "off"


@dataclass(frozen=True, slots=True)
class BillComments(Deciding):
    """Take a member's word on whether the comments are printed; whoever gives it does not approve unconfirmed."""

    actions: ClassVar[Mapping[str, str]] = {"comments_on": "_put_on", "comments_off": "_leave_off"}

    def _check(self, decision: Decision, batch: Batch) -> None:
        self.approvers.check(decision.actor, batch, listed=False, place=True)

    def _put_on(self, decision: Decision, batch: Batch) -> None:
        self._answer(decision, batch, on=True)

    def _leave_off(self, decision: Decision, batch: Batch) -> None:
        self._answer(decision, batch, on=False)

    def _answer(self, decision: Decision, batch: Batch, *, on: bool) -> None:
        """Keep the answer for the header, and send the batch round again."""
        comments = batch.comments
        if comments is None or comments.on is on:
            raise NotAllowed(late(batch, decision))
        with self.store.transaction():
            if not self.store.batches.read_notes_again(batch.id, revision=decision.revision, digest=decision.digest):
                raise NotAllowed(late(self.store.batches.get(batch.id), decision))
            self.store.answers.keep(
                batch.firm,
                batch.channel,
                batch.signature,
                COMMENTS,
                choice=ON if on else OFF,
                by=decision.actor,
                heading=f'column {comments.letter} "{comments.heading}"',
            )
            self._keep(decision, batch, allowed=True)
            self.thread.preview_over(batch, comments_chosen(batch, decision.actor, on=on))
        self.start(RunKind.READ, batch.id)


def read_notes_again(store: Store, settings: FirmSettings, batch: Batch) -> None:
    """Give a batch's lines the notes that its answer on comments makes; nothing else of them changes.

    The file is read by the answers that the batch was read by, so that it asks nothing new. Raises SheetError.
    """
    data = store.batches.file_bytes(batch.firm, batch.sha256 or "")
    answers = store.answers.used(batch.id)
    found = store.answers.find(batch.firm, batch.channel, batch.signature, COMMENTS)
    on = found is not None and found[1] == ON
    then = {kind: choice for kind, choice in answers.items() if kind != COMMENTS} | ({COMMENTS: ON} if on else {})
    before, after = (
        read_sheet(data, batch.file_name, SheetRules(batch.currency or "", settings.day_first, answers=given))
        for given in (answers, then)
    )
    with store.transaction():
        store.lines.renote(batch.id, before, after)
        store.batches.keep_comments(batch.id, after.comments)
        store.choices.drop_answers(batch.id, COMMENTS)
        if on and found:
            store.choices.use_answers(batch.id, batch.firm, [found[0]])
