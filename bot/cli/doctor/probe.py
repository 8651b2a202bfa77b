"""One entry of a cent in each form of entry, proven as sent and removed at once: claimed and looked up as an entry is.

So a firm knows before its first batch in which form its Clio account takes entries.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from brought_forward.bot.cli.doctor.trace import Trace, TraceFile
from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.shapes import TimeEntry
from brought_forward.bot.errors import (
    ClioBusy,
    ClioError,
    ClioRejected,
    ClioRetired,
    ClioSignedOut,
    ClioUnclear,
    ClioUnreached,
)
from brought_forward.bot.posting.proof import differs, same_note
from brought_forward.bot.settings import Timing
from brought_forward.storage.records.batch import EntryForm
from brought_forward.storage.records.entry import SENDS, Entry, EntryState

CENT = Decimal("0.01")
NOTE = "Test of one cent, removed at once"


class Untried(Exception):  # noqa: N818 - it reads as a sentence where it is raised
    """A form was not tried, or it is not known what came of it; the text is why."""


class Came(StrEnum):
    """What came of the cent in one form, in a word that says nothing of a firm."""

    TAKEN = "taken"
    REFUSED = "refused"
    RATE = "another rate"  # hourly instead of flat, or the other way round
    AMOUNT = "another amount"
    OTHERWISE = "otherwise"
    UNKNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What Clio made of the cent in one form."""

    form: EntryForm
    came: Came
    said: str
    left: str = ""  # what stands in Clio still, with its id, and what to do
    clio_id: int | None = None  # of the entry, where one was made

    @property
    def taken(self) -> bool | None:
        """Whether Clio took it as it was sent. None where nobody knows."""
        return None if self.came is Came.UNKNOWN else self.came is Came.TAKEN


@dataclass(slots=True)
class Probe:
    """Send a cent in each form and take it back. The caller has seen to it that no bot posts meanwhile."""

    clio: Clio
    trace: TraceFile
    timing: Timing
    description: str  # the activity description's name
    currency: str
    pause: Callable[[float], None] = time.sleep

    def run(self, trace: Trace) -> Iterator[Outcome]:
        """Try each form on the matter of a trace; the caller tidies up. Raises ClioSignedOut and ClioRetired."""
        self.trace.keep(trace)
        for form in EntryForm:
            try:
                yield self._one(form)
            except Untried as why:
                yield Outcome(form, Came.UNKNOWN, str(why))
            if self.trace.trace and self.trace.trace.sent_at is not None:
                return  # one stands, or may: nothing more is sent before people have looked

    def tidy(self) -> list[str]:
        """Remove the activity descriptions that the test has made. Returns in words which of them stay."""
        stay = [self._unmake(made) for made in self.trace.trace.made] if self.trace.trace else []
        self.trace.clear()
        return [one for one in stay if one]

    def clean(self) -> str:
        """Look up and remove what an earlier test has left. Returns what stays, in words. Raises a ClioError."""
        trace = self.trace.trace
        if trace is None or trace.sent_at is None:
            return "; ".join(self.tidy())
        clio_id = trace.clio_id
        if clio_id is None:
            self.pause(max(trace.sent_at + self.timing.settle - time.time(), 0))
            found = self._look(trace)
            clio_id = found.id if found else None
        left = self._remove(clio_id, trace) if clio_id is not None else ""
        return left or "; ".join(self.tidy())

    # One form

    def _one(self, form: EntryForm) -> Outcome:
        """Send the cent in one form, prove it, remove it. Raises Untried."""
        description = self._described(form)
        trace = self._claim(form, description)
        try:
            made = self._send(trace)
        except ClioRejected as refusal:
            self.trace.change(sent_at=None)
            return Outcome(form, Came.REFUSED, f"refused by Clio: {refusal}")
        try:
            if made.non_billable is None:  # told only when it is read
                made = self.clio.time_entry(made.id) or made
            why = differs(cent(trace), made, description, self.currency, form)
            left = self._remove(made.id, trace)
        except ClioError as trouble:
            return Outcome(form, Came.UNKNOWN, "not proven", _left(made.id, trace, str(trouble)), made.id)
        if not left:
            self.trace.change(sent_at=None, clio_id=None)
        said = f"not taken: {why}" if why else "taken as sent, to the cent"
        return Outcome(form, _came(made, form, why), said, left, made.id)

    def _described(self, form: EntryForm) -> int:
        """Find the form's activity description, or make it for the test. Raises Untried."""
        name = form.described(self.description)
        try:
            named = [one for one in self.clio.descriptions() if one.is_called(name)]
            if len(named) > 1:
                raise Untried(f'not tried: Clio has {len(named)} activity descriptions named "{name}"')
            if named and named[0].flat_rate is not form.flat:
                raise Untried(f'not tried: the activity description "{name}" has another kind of rate')
            if named:
                return named[0].id
            self.clio.pace.wait()
            made = self.clio.create_description(name, flat=form.flat)
        except ClioRejected as refusal:
            raise Untried(f'not tried: Clio does not make the activity description "{name}": {refusal}') from refusal
        except (ClioSignedOut, ClioRetired):
            raise
        except ClioError as trouble:
            text = f'not tried: {trouble} Look in Clio whether it has made the activity description "{name}" meanwhile'
            raise Untried(text) from trouble
        kept = self.trace.trace
        self.trace.change(made=(*(kept.made if kept else ()), made.id))
        return made.id

    def _claim(self, form: EntryForm, description: int) -> Trace:
        """Write down what is about to be sent. Raises Untried."""
        kept = self.trace.trace
        if kept is None:
            raise Untried("not tried: nothing says on which matter")
        try:
            older = self.clio.time_entries(description, kept.matter_id)
            like = [one for one in older if _is_like(one, kept)]
            # A list may show what was deleted a moment ago: by its id Clio knows it no more.
            like = [one for one in like if self.clio.time_entry(one.id)]
        except (ClioRejected, ClioUnclear, ClioBusy) as trouble:
            raise Untried(f"not tried: {trouble}") from trouble
        if like:
            there = f"one just like it stands on the matter already, Clio id {like[0].id}"
            raise Untried(f"not tried: {there}; remove it in Clio")
        self.clio.pace.wait()
        ids = tuple(one.id for one in older)
        return self.trace.keep(replace(kept, form=form, description_id=description, older=ids, sent_at=time.time()))

    def _send(self, trace: Trace) -> TimeEntry:
        """POST it once; where no answer comes, look for it. Raises ClioRejected, and Untried where nothing is there."""
        try:
            made = self.clio.create_time_entry(
                matter_id=trace.matter_id,
                user_id=trace.user_id,
                description_id=trace.description_id,
                date=trace.date,
                price=CENT,
                note=trace.note,
                seconds=trace.form.seconds,
                by=time.monotonic() + self.timing.claim,
            )
        except (ClioBusy, ClioUnreached, ClioSignedOut, ClioRetired) as away:  # surely not made
            self.trace.change(sent_at=None)
            if isinstance(away, ClioSignedOut | ClioRetired):
                raise
            raise Untried(f"not tried: {away}") from away
        except ClioUnclear as unclear:
            self.pause(self.timing.settle)
            found = self._look_or_stop(trace, unclear)
            if found is None:  # the trace stays: Clio may be later than any look
                again = "Run this again in some minutes: it looks once more"
                raise Untried(f"not known: {unclear} Clio has nothing of it by two looks. {again}") from unclear
            made = found
        self.trace.change(clio_id=made.id)
        return made

    def _look_or_stop(self, trace: Trace, unclear: ClioUnclear) -> TimeEntry | None:
        try:
            return self._look(trace)
        except ClioError as trouble:
            raise Untried(f"not known: {unclear} {trouble} Run this again: it looks for it and removes it") from trouble

    def _look(self, trace: Trace) -> TimeEntry | None:
        """Look twice for an entry that was not there before and is like ours. Raises a ClioError."""
        for _ in range(2):
            there = self.clio.time_entries(trace.description_id, trace.matter_id)
            if found := next((one for one in there if one.id not in trace.older and _is_like(one, trace)), None):
                return found
            self.pause(self.timing.second_look)
        return None

    # Away with it

    def _remove(self, clio_id: int, trace: Trace) -> str:
        """Delete our entry. Returns what stays and why, in words; nothing where it is gone. Raises a ClioError."""
        for _ in range(SENDS):
            self.clio.pace.wait()
            began = time.monotonic()
            found = self.clio.time_entry(clio_id)
            if found is None:
                return ""
            if found.billed or found.on_bill:
                return _left(clio_id, trace, "It is on a bill by now.")
            if not (found.matter_id == trace.matter_id and same_note(found.note, trace.note)):
                return _left(clio_id, trace, "Somebody has changed it meanwhile.")
            try:
                self.clio.delete_time_entry(clio_id, by=began + self.timing.fresh)
            except ClioRejected as refusal:
                return "" if refusal.status == 404 else _left(clio_id, trace, f"Clio does not delete it: {refusal}")
            except ClioBusy as busy:
                self.pause(busy.retry_after)
            except ClioUnclear:
                self.pause(self.timing.second_look)
            else:
                return ""
        gone = self.clio.time_entry(clio_id) is None
        return "" if gone else _left(clio_id, trace, "Clio gave no answer when it was to be deleted.")

    def _unmake(self, description: int) -> str:
        """Delete an activity description that the test has made. Returns in words where it stays."""
        try:
            self.clio.pace.wait()
            self.clio.delete_description(description)
        except ClioRejected as refusal:
            stays = refusal.status != 404
        except ClioError:
            stays = True
        else:
            stays = False
        return (
            f"The activity description that was made for it stays (Clio id {description}); it does no harm."
            if stays
            else ""
        )


def cent(trace: Trace) -> Entry:
    """Write the test as an entry, so that it is proven as one."""
    return Entry(
        id=0, batch=0, position=0, matter_id=trace.matter_id, matter_number=trace.matter, user_id=trace.user_id,
        user_name="", amount=CENT, date=date.fromisoformat(trace.date), note=trace.note, state=EntryState.SENDING,
        token=None, sent_at=None, look_at=None, clio_id=None, reason=None, found=False,
    )  # fmt: skip


def _came(made: TimeEntry, form: EntryForm, why: str | None) -> Came:
    if why is None:
        return Came.TAKEN
    if made.flat_rate is not form.flat:
        return Came.RATE
    return Came.OTHERWISE if made.total == made.price == CENT else Came.AMOUNT


def _is_like(found: TimeEntry, trace: Trace) -> bool:
    """Whether an entry is what the test sends: by what Clio cannot have made otherwise."""
    day = found.date.isoformat() if found.date else None
    return (found.matter_id, found.user_id, day) == (trace.matter_id, trace.user_id, trace.date) and same_note(
        found.note, trace.note
    )


def _left(clio_id: int, trace: Trace, why: str) -> str:
    return (
        f"The entry stands in Clio still, on matter {trace.matter}, Clio id {clio_id}. {why} Remove it in Clio by hand."
    )
