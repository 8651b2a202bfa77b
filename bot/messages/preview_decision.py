"""The end of a preview: who may approve it, the buttons, and afterwards who decided. Pure."""

from collections.abc import Sequence

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


def decision(
    batch: Batch,
    planned: Tally,
    lines: Sequence[Line],
    *,
    approving: Approving,
    zone: str | None,
    currency: str,
) -> list[Block]:
    """Offer the decision, or say why nobody can take it, or who took it."""
    small = approval.small(batch)
    if batch.status is not BatchStatus.PREVIEWED:
        return [approval.decided(batch, zone)]
    named = value(batch)
    reject = button("Reject", "reject", named)  # its form asks for the reason
    fix = [button("Fix lines", "fix_lines", named)] if any(line.left_out for line in lines) else []
    if not planned.entries:
        return [section("Nothing here can be posted yet."), context(small), actions(reject, *fix)]
    if held := differences(batch, lines):
        if batch.confirmed_by is None:
            confirm_total = button("The lines are right", "confirm_total", named)
            return [section(_held(held)), context(small), actions(confirm_total, reject, *fix)]
        small = f"{small}. {person(batch.confirmed_by)} says that the lines are right although a total differs"
    if not approval.can_be_approved(approving):
        return [section(approval.nobody(batch, approving)), context(small), actions(reject, *fix)]
    entries = count(planned.entries, "entry", "entries")
    approve = button(
        f"Approve {entries}",
        "approve",
        named,
        style="primary",
        confirm=confirm(
            f"Post {entries}?",
            f"Post {entries}, {money(planned.amount, currency)}, to Clio? Entries can be undone here until they are"
            " billed.",
            f"Post {entries}",
        ),
    )
    return [section(approval.waiting(batch, approving)), context(small), actions(approve, reject, *fix)]


def _held(held: Sequence[str]) -> str:
    said = "\n".join(f"• {esc(one)}" for one in held[:DIFFERENCES])
    more = f"\nand {len(held) - DIFFERENCES:,} more." if len(held) > DIFFERENCES else ""
    return (
        f":warning: *Held: a total does not agree with its lines.*\n{said}{more}\nCorrect the file and drop it again."
        " If the lines are right and the total is not, someone who will not approve it says so here."
    )
