"""The end of a preview: who may approve it, the buttons, and afterwards who decided. Pure."""

from collections.abc import Sequence

from brought_forward.bot.messages.blocks import Block, actions, button, confirm, context, section
from brought_forward.bot.messages.preview_sums import differences
from brought_forward.bot.messages.words import count, esc, fingerprint, money, people, person, when
from brought_forward.storage.records import Batch, BatchStatus, Line, Tally

DIFFERENCES = 10  # shown one by one; the rest are counted

DECIDED = {
    BatchStatus.REJECTED: "Rejected",
    BatchStatus.WITHDRAWN: "Withdrawn",
    BatchStatus.EXPIRED: "Expired",
}


def value_of(batch: Batch) -> str:
    """Name what a button decides: batch, revision and the beginning of its hash."""
    return f"{batch.id}:{batch.revision}:{(batch.hash or '')[:12]}"


def decision(
    batch: Batch,
    planned: Tally,
    lines: Sequence[Line],
    *,
    approvers: Sequence[str],
    listed_approvers: int,
    zone: str | None,
    currency: str,
) -> list[Block]:
    """Offer the decision, or say why nobody can take it, or who took it."""
    small = f"{batch.name}, revision {batch.revision}, fingerprint {fingerprint(batch.hash or '')}"
    if batch.status is not BatchStatus.PREVIEWED:
        word = DECIDED.get(batch.status, "Approved")
        by = f" by {person(batch.decided_by)}" if batch.decided_by else ""
        at = f", {when(batch.decided_at, zone)}" if batch.decided_at else ""
        return [context(f"{word}{by}{at}. {small}.")]
    value = value_of(batch)
    reject = button(
        "Reject",
        "reject",
        value,
        confirm=confirm("Reject this batch?", "Nothing will be posted. The file can be dropped again.", "Reject"),
    )
    if not planned.entries:
        return [
            section("Nothing here can be posted yet."),
            context(small),
            actions(reject),
        ]
    if held := differences(batch, lines):
        if batch.confirmed_by is None:
            confirm_total = button("The lines are right", "confirm_total", value)
            return [section(_held(held)), context(small), actions(confirm_total, reject)]
        small = f"{small}. {person(batch.confirmed_by)} says that the lines are right although a total differs"
    if not approvers:
        return [section(_nobody(batch, listed_approvers)), context(small), actions(reject)]
    entries = count(planned.entries, "entry", "entries")
    approve = button(
        f"Approve {entries}",
        "approve",
        value,
        style="primary",
        confirm=confirm(
            f"Post {entries}?",
            f"Post {entries}, {money(planned.amount, currency)}, to Clio? Afterwards an entry can only be changed"
            " or removed in Clio.",
            f"Post {entries}",
        ),
    )
    ask = (
        f"Waiting for an approver other than {person(batch.uploader)}: {people(approvers, last='or')}."
        f" {person(batch.uploader)} may withdraw it with Reject."
    )
    return [section(ask), context(small), actions(approve, reject)]


def _held(held: Sequence[str]) -> str:
    said = "\n".join(f"• {esc(one)}" for one in held[:DIFFERENCES])
    more = f"\nand {len(held) - DIFFERENCES:,} more." if len(held) > DIFFERENCES else ""
    return (
        f":warning: *Held: a total does not agree with its lines.*\n{said}{more}\nCorrect the file and drop it again."
        " If the lines are right and the total is not, someone who will not approve it says so here."
    )


def _nobody(batch: Batch, listed_approvers: int) -> str:
    if not listed_approvers:
        return (
            ":warning: Nobody can approve this: no approvers are set. Whoever runs this bot names them in"
            " BALANCES_APPROVERS, starts it again, and the file is dropped once more."
        )
    return (
        f":warning: Nobody can approve this: {person(batch.uploader)} uploaded it and is the only approver."
        " Someone else drops the file, or a second approver is named in BALANCES_APPROVERS."
    )
