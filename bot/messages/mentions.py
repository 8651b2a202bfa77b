"""Short messages that call people when it is their turn: an edit notifies nobody, so each is a new one. Pure.

The fallback names neither people, files nor amounts: notifications show it on locked screens.
"""

from collections.abc import Sequence

from brought_forward.bot.messages.approval import DECIDED, Approving, deciders, first_approver
from brought_forward.bot.messages.blocks import Text, section
from brought_forward.bot.messages.status import Tallies, open_ends
from brought_forward.bot.messages.words import count, esc, money, people, person, shortened
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import Tally
from brought_forward.storage.records.inquiry import ReadBack

NAME = 60  # characters of a file's name


def waits(batch: Batch, approving: Approving, planned: Tally) -> Text:
    """Call those who may approve."""
    text = f"{_size(batch, approving.named, planned)}. {_file(batch)}: look at the preview, then Approve or Reject."
    return Text(f"{batch.name} waits for approval.", [section(text)])


def waits_for_second(batch: Batch, approving: Approving, planned: Tally) -> Text:
    """Call those who may give the second of two approvals."""
    first = first_approver(batch)
    above = f" above {money(approving.two_above, batch.currency or '')}" if approving.two_above is not None else ""
    text = (
        f"{_size(batch, approving.named, planned)}, the second of two{above}. {first} has approved {_file(batch)}:"
        " look at the preview, then Approve or Reject."
    )
    return Text(f"{batch.name} waits for a second approval.", [section(text)])


def no_longer_waits(batch: Batch, *, revision: int, second: bool = False) -> Text:
    """Say in place of a call for approval what came of that revision; buttons are in the preview alone.

    `second`: a later message called for the second approval, and says what came of that.
    """
    came_of = _came_of(batch, revision, second=second)
    return Text(f"{batch.name} no longer waits for approval.", [section(f"{_file(batch)}: {came_of}.")])


def paused(batch: Batch) -> Text:
    """Tell the uploader that posting is paused."""
    text = f"{person(batch.uploader)}: {_file(batch)} is paused. The words above say why, and who lets it go on."
    return Text(f"{batch.name} has paused.", [section(text)])


def ended(batch: Batch, tallies: Tallies, found: ReadBack | None) -> Text:
    """Tell the uploader that posting is over, what of it is open, and whether Clio holds what it should."""
    word = "done" if batch.status is BatchStatus.POSTED else "stopped"
    differs = " Clio does not hold the same." if found is not None and not found.equal else ""
    text = (
        f"{person(batch.uploader)}: {_file(batch)} is {', '.join([word, *open_ends(tallies)])}.{differs} The closing"
        " words above say what is next."
    )
    return Text(f"{batch.name} has ended.", [section(text)])


def over(batch: Batch, what: str, by: str | None) -> Text:
    """Say in place of such a message what has ended that state: `what` is like "Went on"."""
    who = f" by {person(by)}" if by else ""
    return Text(f"{batch.name} has gone on.", [section(f"{_file(batch)}: {what[:1].lower()}{what[1:]}{who}.")])


def _size(batch: Batch, named: Sequence[str], planned: Tally) -> str:
    verb = "waits" if planned.entries == 1 else "wait"
    entries, amount = count(planned.entries, "entry", "entries"), money(planned.amount, batch.currency or "")
    return f"{people(named, last='or')}: {entries}, {amount}, {verb} for your approval"


def _file(batch: Batch) -> str:
    return f"{esc(shortened(batch.file_name, NAME))} ({batch.name})"


def _came_of(batch: Batch, revision: int, *, second: bool) -> str:
    if revision < batch.revision:
        return "a newer preview has taken the place of this one"
    if batch.status in {BatchStatus.READING, BatchStatus.ASKING}:
        return "it was corrected and is being matched again"
    if batch.first_by and (second or batch.status is BatchStatus.PREVIEWED):
        return f"{first_approver(batch)} has given the first of two approvals"
    if batch.status is BatchStatus.PREVIEWED:
        return "it cannot be approved as it stands, and the preview says why"
    word = DECIDED.get(batch.status, "Approved").lower()
    return f"{word} by {deciders(batch)}" if batch.decided_by else word
