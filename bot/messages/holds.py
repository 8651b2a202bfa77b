"""What keeps a preview from approval until somebody says so: in words, and the buttons by which it is said. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from brought_forward.bot.messages import queries as asking
from brought_forward.bot.messages.blocks import Block, button, confirm
from brought_forward.bot.messages.preview_sums import differences, total_of
from brought_forward.bot.messages.status import value
from brought_forward.bot.messages.words import count, esc, first, money, person, shortened
from brought_forward.storage.records.batch import GONE, Batch, Replacement
from brought_forward.storage.records.query import Query
from brought_forward.storage.records.sheet import Line

DIFFERENCES = 10  # shown one by one; the rest are counted
NAME = 60  # characters of a file's name
BARS = "Whoever says so cannot approve: someone else does."


class Reason(StrEnum):
    """Why nobody may approve a preview as it stands."""

    TOTAL = "total"  # one does not agree with its lines
    FILE = "file"  # it was deleted or changed after it was read
    REPLACEMENT = "replacement"  # a later file of its thread may replace it, or it an earlier one
    QUERY = "query"  # an approver asks something of who brought it


@dataclass(frozen=True, slots=True)
class Doubts:
    """What others say of a batch that may keep it from approval."""

    replacements: Sequence[Replacement] = ()  # other files of its thread
    queries: Sequence[Query] = ()  # what approvers ask


NO_DOUBTS = Doubts()


def reasons(batch: Batch, total: Decimal, doubts: Doubts) -> list[Reason]:
    """Name what keeps a batch from approval; `total` is what its lines come to, those that stay out too."""
    found = []
    if differences(batch, total) and batch.confirmed_by is None:
        found.append(Reason.TOTAL)
    if batch.file_now is not None and batch.file_kept_by is None:
        found.append(Reason.FILE)
    if any(one.is_open for one in doubts.replacements):
        found.append(Reason.REPLACEMENT)
    if any(one.is_open for one in doubts.queries):
        found.append(Reason.QUERY)
    return found


def in_short(batch: Batch, total: Decimal, doubts: Doubts, *, marks: bool = True) -> str:
    """Say in a few words why a preview is on hold, by the first of the reasons; nothing where it is not.

    `marks`: it stands where Slack shows a person's name in place of the id, which no heading does.
    """
    held = reasons(batch, total, doubts)
    words = {
        Reason.TOTAL: _differ(batch, total),
        Reason.FILE: f"the file was {_what(batch)} in Slack",
        Reason.REPLACEMENT: "another file of this thread has the same matters",
        Reason.QUERY: asking.in_short(doubts.queries, batch) if marks else "a question waits for an answer",
    }
    return words[held[0]] if held else ""


def _differ(batch: Batch, total: Decimal) -> str:
    stated = [one for one in (batch.control_total, batch.typed_total) if one not in {None, total}]
    if len(stated) != 1 or batch.differences:
        return "totals differ"
    return f"totals differ by {money(abs((stated[0] or Decimal(0)) - total), batch.currency or '')}"


def refusal(held: Sequence[Reason], batch: Batch, doubts: Doubts) -> str:
    """Say to who clicked Approve why that is not taken."""
    if held[0] is Reason.QUERY:
        return asking.refusal(doubts.queries, batch)
    words = {
        Reason.TOTAL: "It is held: a total does not agree with its lines. The thread says which.",
        Reason.FILE: f"It is held: its file was {_what(batch)} in Slack. The preview says how it goes on.",
        Reason.REPLACEMENT: "It is held: another file of this thread has the same matters. First somebody says in the"
        " newer preview whether it replaces the older.",
    }
    return words[held[0]]


def said(reason: Reason, batch: Batch, lines: Sequence[Line], doubts: Doubts) -> str:
    """Say why a preview is on hold and how it goes on."""
    if reason is Reason.TOTAL:
        return _total(differences(batch, total_of(lines)))
    if reason is Reason.FILE:
        return _file(batch)
    if reason is Reason.QUERY:
        return asking.held(doubts.queries, batch)
    return _replacement(batch, next(one for one in doubts.replacements if one.is_open))


def offered(reason: Reason, batch: Batch, replacements: Sequence[Replacement]) -> list[Block]:
    """Offer what lets a held preview go on; which of two files stands is asked in the newer one's.

    A question has its buttons below itself.
    """
    if reason is Reason.QUERY:
        return []
    if reason is Reason.TOTAL:
        ask = confirm(
            "Are the lines right?",
            f"They are posted as they stand, though a total differs. {BARS}",
            "The lines are right",
        )
        return [button("The lines are right", "confirm_total", value(batch), confirm=ask)]
    if reason is Reason.FILE:
        ask = confirm("Go on as read?", f"What is posted is what I read then. {BARS}", "Go on as read")
        return [button("Go on as read", "keep_file", value(batch), confirm=ask)]
    asked = next((one for one in replacements if one.is_open and one.newer == batch.id), None)
    if asked is None:
        return []
    older = f"B{asked.older}"
    both = confirm("Keep both files?", f"Each can be approved then; what both have is posted once. {BARS}", "Keep both")
    return [
        button(f"Replace {older}", "replace", value(batch, asked.older)),
        button("Keep both", "keep_both", value(batch, asked.older), confirm=both),
    ]


def lifted(batch: Batch, lines: Sequence[Line], replacements: Sequence[Replacement]) -> list[str]:
    """Say who let a held preview go on."""
    found = []
    if batch.confirmed_by and differences(batch, total_of(lines)):
        found.append(f"{person(batch.confirmed_by)} says that the lines are right although a total differs")
    if batch.file_kept_by:
        found.append(
            f"{person(batch.file_kept_by)} says to go on as read although the file was {_what(batch)} in Slack"
        )
    found += [
        f"{person(one.answered_by)} says that B{one.older} and B{one.newer} both stand"
        for one in replacements
        if one.replaces is False and one.answered_by
    ]
    return found


def _what(batch: Batch) -> str:
    return "deleted" if batch.file_now == GONE else "changed"


def _total(held: Sequence[str]) -> str:
    said = "\n".join(first([f"• {esc(one)}" for one in held], DIFFERENCES))
    return (
        f":warning: *Held: a total does not agree with its lines.*\n{said}\nCorrect the file and drop it again."
        " If the lines are right and the total is not, someone who will not approve it says so here."
    )


def _file(batch: Batch) -> str:
    name = esc(shortened(batch.file_name, NAME))
    if batch.file_now == GONE:
        return (
            f":warning: *Held: {name} was deleted in Slack.* What I read of it is kept and stands here. If it is to be"
            " posted all the same, someone who will not approve it says so; else Reject."
        )
    return (
        f":warning: *Held: {name} was changed in Slack after I read it.* This is what I read, and nothing of the change"
        " is in it. To have the change, Reject this and drop the file again; to go on without it, someone who will not"
        " approve it says so."
    )


def _replacement(batch: Batch, one: Replacement) -> str:
    if batch.id == one.older:
        name = esc(shortened(one.newer_name, NAME))
        return (
            f":warning: *Held: {name} (B{one.newer}) may replace it.* It was dropped later in this thread and has"
            f" {count(one.shared, 'matter')} of this one. Its preview asks; until somebody says, neither can be"
            " approved."
        )
    name, has = esc(shortened(one.older_name, NAME)), "stands" if one.shared == 1 else "stand"
    return (
        f":warning: *Held: {one.shared:,} of its {count(one.matters, 'matter')} {has} in {name} (B{one.older}) too,"
        f" which waits in this thread. Does it replace B{one.older}?* Until somebody who will not approve it says,"
        " neither can be approved, since what both have would be brought forward twice."
    )
