"""What keeps a batch from approval, who may approve it, the one row of buttons, and who decided. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from brought_forward.bot.messages import approval
from brought_forward.bot.messages.approval import Approving
from brought_forward.bot.messages.blocks import Block, actions, button, confirm, context, menu, section
from brought_forward.bot.messages.holds import Doubts, lifted, offered, reasons, said
from brought_forward.bot.messages.preview_left_out import to_fix
from brought_forward.bot.messages.preview_sums import total_of
from brought_forward.bot.messages.status import form_button, value
from brought_forward.bot.messages.words import count
from brought_forward.storage.records.batch import Batch, BatchStatus, EntryForm, Replacement
from brought_forward.storage.records.entry import Tally
from brought_forward.storage.records.sheet import Line


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason why a batch cannot be approved as it stands: it is the first thing that its preview says."""

    text: str
    buttons: Sequence[Block] = ()  # what takes the hold away, in the row of buttons


def holds(
    batch: Batch,
    planned: Tally,
    lines: Sequence[Line],
    doubts: Doubts,
    approving: Approving,
) -> list[Hold]:
    """List all that keeps a batch from being approved; with any of them, no Approve button is offered."""
    if batch.status is not BatchStatus.PREVIEWED or not planned.entries:
        return []
    found = [
        Hold(said(reason, batch, lines, doubts), offered(reason, batch, doubts.replacements))
        for reason in reasons(batch, total_of(lines), doubts)
    ]
    if not approval.can_be_approved(approving):
        found.append(Hold(approval.nobody(batch, approving)))
    return found


def decision(
    batch: Batch,
    planned: Tally,
    lines: Sequence[Line],
    replacements: Sequence[Replacement],
    *,
    held: Sequence[Hold],
    approving: Approving,
    zone: str | None,
    small: str = "",
) -> list[Block]:
    """Offer the decision in one row of buttons, or say who took it; `small` stands in small print beside."""
    if batch.status is not BatchStatus.PREVIEWED:
        return [approval.decided(batch, zone)]
    buttons = [one for hold in held for one in hold.buttons]
    blocks = []
    if not planned.entries:
        blocks.append(section("Nothing here can be posted yet."))
    elif not held:
        blocks.append(section(approval.waiting(batch, approving)))
        is_first = approving.two_above is not None and batch.first_by is None
        buttons.append(_approve(batch, planned, is_first=is_first))
    buttons.append(button("Reject", "reject", value(batch)))  # its form asks for the reason
    if lines:  # one that goes to an entry can be changed or left out as well
        buttons.append(button(f"Fix {to_fix(lines)}", "fix_lines", value(batch)))
    if planned.entries and not held and batch.form is not EntryForm.FLAT:
        buttons.append(form_button(batch, EntryForm.FLAT))
    buttons.append(_more(batch, planned, held=bool(held)))
    print_ = [small, f"{approval.small(batch)}."] if small else [approval.small(batch)]
    print_ += [f"{one}." for one in lifted(batch, lines, replacements)]
    return [*blocks, context(" ".join(print_)), actions(*buttons)]


def _approve(batch: Batch, planned: Tally, *, is_first: bool) -> Block:
    """Make the button; `is_first`: of two approvals, so that nothing is posted by it yet."""
    entries = count(planned.entries, "entry", "entries")
    title = "Record your approval?" if is_first else f"Post {entries}?"
    ask = confirm(title, approval.facts(batch, planned, is_first=is_first), approval.yes(planned, is_first=is_first))
    return button(f"Approve {entries}", "approve", value(batch), style="primary", confirm=ask)


def _more(batch: Batch, planned: Tally, *, held: bool) -> Block:
    """Make the menu of what is chosen less often; each opens a form."""
    offered: list[tuple[str, str]] = []
    if planned.entries and not held:
        offered.append(("Approve with a comment", "approve"))
    offered.append(("Ask", "ask"))
    if planned.entries and batch.posting_date is not None:
        offered.append(("Change the date", "date"))
    return menu(*((label, f"{action}:{value(batch)}") for label, action in offered))
