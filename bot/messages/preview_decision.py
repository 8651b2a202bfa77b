"""What keeps a batch from approval, who may approve it, the one row of buttons, and who decided. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from brought_forward.bot.messages import approval
from brought_forward.bot.messages.approval import Approving
from brought_forward.bot.messages.blocks import Block, actions, button, confirm, context, section
from brought_forward.bot.messages.preview_sums import differences
from brought_forward.bot.messages.status import value
from brought_forward.bot.messages.words import count, esc, money, person
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import Tally
from brought_forward.storage.records.sheet import Line

DIFFERENCES = 10  # shown one by one; the rest are counted


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason why a batch cannot be approved as it stands: it is the first thing that its preview says."""

    text: str
    button: Block | None = None  # what takes the hold away, in the row of buttons


def holds(batch: Batch, planned: Tally, lines: Sequence[Line], approving: Approving) -> list[Hold]:
    """List all that keeps a batch from being approved; with any of them, no Approve button is offered."""
    if batch.status is not BatchStatus.PREVIEWED or not planned.entries:
        return []
    found = []
    if batch.confirmed_by is None and (held := differences(batch, lines)):
        found.append(Hold(_held(held), button("The lines are right", "confirm_total", value(batch))))
    if not approval.can_be_approved(approving):
        found.append(Hold(approval.nobody(batch, approving)))
    return found


def decision(
    batch: Batch,
    planned: Tally,
    lines: Sequence[Line],
    *,
    held: Sequence[Hold],
    approving: Approving,
    zone: str | None,
    small: str = "",
) -> list[Block]:
    """Offer the decision in one row of buttons, or say who took it; `small` stands in small print beside."""
    if batch.status is not BatchStatus.PREVIEWED:
        return [approval.decided(batch, zone)]
    buttons = [hold.button for hold in held if hold.button]
    said = []
    if not planned.entries:
        said.append(section("Nothing here can be posted yet."))
    elif not held:
        said.append(section(approval.waiting(batch, approving)))
        buttons.append(_approve(batch, planned))
    buttons.append(button("Reject", "reject", value(batch)))  # its form asks for the reason
    if any(line.left_out for line in lines):
        buttons.append(button("Fix lines", "fix_lines", value(batch)))
    print_ = [small, f"{approval.small(batch)}."] if small else [approval.small(batch)]
    if batch.confirmed_by and differences(batch, lines):
        print_.append(f"{person(batch.confirmed_by)} says that the lines are right although a total differs.")
    return [*said, context(" ".join(print_)), actions(*buttons)]


def _approve(batch: Batch, planned: Tally) -> Block:
    entries = count(planned.entries, "entry", "entries")
    return button(
        f"Approve {entries}",
        "approve",
        value(batch),
        style="primary",
        confirm=confirm(
            f"Post {entries}?",
            f"Post {entries}, {money(planned.amount, batch.currency or '')}, to Clio? Entries can be undone here until"
            " they are billed.",
            f"Post {entries}",
        ),
    )


def _held(held: Sequence[str]) -> str:
    said = "\n".join(f"• {esc(one)}" for one in held[:DIFFERENCES])
    more = f"\nand {len(held) - DIFFERENCES:,} more." if len(held) > DIFFERENCES else ""
    return (
        f":warning: *Held: a total does not agree with its lines.*\n{said}{more}\nCorrect the file and drop it again."
        " If the lines are right and the total is not, someone who will not approve it says so here."
    )
