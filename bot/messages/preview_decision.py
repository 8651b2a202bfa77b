"""The end of a preview: who may approve it, the buttons, and afterwards who decided. Pure."""

from collections.abc import Sequence

from brought_forward.bot.messages import approval
from brought_forward.bot.messages.approval import Approving
from brought_forward.bot.messages.blocks import Block, actions, button, confirm, context, section
from brought_forward.bot.messages.holds import held_buttons, held_sections, holds, lifted
from brought_forward.bot.messages.status import value
from brought_forward.bot.messages.words import count, money
from brought_forward.storage.records.batch import Batch, BatchStatus, Replacement
from brought_forward.storage.records.entry import Tally
from brought_forward.storage.records.sheet import Line


def decision(
    batch: Batch,
    planned: Tally,
    lines: Sequence[Line],
    replacements: Sequence[Replacement],
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
    if held := holds(batch, lines, replacements):
        said, buttons = held_sections(held, batch, lines, replacements), held_buttons(held, batch, replacements)
        return [*said, context(small), actions(*buttons, reject, *fix)]
    small = ". ".join([small, *lifted(batch, lines, replacements)])
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
