"""In which form entries are sent, where Clio does not take a flat amount alone: what it is called, what it changes.

Pure. The forms and their order: `storage.records.batch.EntryForm`.
"""

from collections.abc import Mapping

from brought_forward.bot.messages.blocks import Text, section
from brought_forward.bot.messages.words import count, esc, person
from brought_forward.storage.records.batch import Batch, BatchStatus, EntryForm
from brought_forward.storage.records.entry import EntryState, Tally

# While one of these is there, an entry stands in Clio, or may.
STANDING = (EntryState.SENDING, EntryState.POSTED, EntryState.UNCLEAR, EntryState.WRONG)
NAMES = {
    EntryForm.FLAT: "flat",
    EntryForm.FLAT_HOUR: "flat with one hour",
    EntryForm.HOUR: "one hour at this rate",
}


def none_taken(form: EntryForm) -> str:
    """Say what to do where Clio refused all and has never taken an entry in this form."""
    return f"If Clio's words speak of the form of the entry, have it previewed as {NAMES[form]}; it is approved anew."


def to_try(batch: Batch, tallies: Mapping[EntryState, Tally], *, proved: bool) -> EntryForm | None:
    """Give the form to try next, where Clio has not taken this one and nothing of the batch stands there.

    `proved` says that its account has taken an entry in this form before: then a refusal is of something else.
    """
    resting = batch.status in {BatchStatus.PAUSED, BatchStatus.STOPPED, BatchStatus.POSTED}
    if not resting or any(tallies[state].entries for state in STANDING):
        return None
    refused = tallies[EntryState.REFUSED].entries and not proved
    return batch.form.following if batch.halt == "form" or refused else None


def form_chosen(batch: Batch, by: str, form: EntryForm) -> Text:
    """Say in the preview's place that it is made anew."""
    text = f"{person(by)} has {esc(batch.file_name)} previewed anew as *{NAMES[form]}*. Nothing is sent before that is"
    return Text(f"{batch.name} is previewed anew.", [section(f"{text} approved too.")])


def differs_by_form(batch: Batch, entries: int, *, probed: bool = False) -> list[str]:
    """Say what a form other than flat changes on bills and in hours; nothing where the amount goes alone.

    `probed`: it is the form in which Clio took the test of one cent.
    """
    if batch.form is EntryForm.FLAT or not entries:
        return []
    hours = (
        f"In hours: {count(entries, 'hour')} more in Clio's reports of time, one for each entry, under its user. The"
        " amounts are the same."
    )
    why = "In the test of one cent Clio did not take the amount alone, and took it in this form. " if probed else ""
    if batch.form is EntryForm.FLAT_HOUR:
        bills = "On the bills: the same amount and text; a bill that shows time shows 1.00 hour beside it."
        return [f"*Sent as flat with one hour*, not as a flat amount alone. {why}{bills} {hours}"]
    description = esc(batch.form.described(batch.description or ""))
    bills = (
        "On the bills: each balance as 1.00 hour at a rate of its amount, not as a flat amount, of the activity"
        f' "{description}".'
    )
    rates = "A user's average rate per hour changes with them."
    return [f"*Sent as one hour at this rate*, Clio's own second way. {why}{bills} {hours} {rates}"]
