"""What became of every matter, and the closing words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from brought_forward.bot.messages.answers import compared
from brought_forward.bot.messages.blocks import (
    Block,
    Text,
    actions,
    button,
    context,
    link_cell,
    money_cell,
    section,
    sections,
    tables,
    text_cell,
)
from brought_forward.bot.messages.entry_form import none_taken
from brought_forward.bot.messages.evidence import not_brought
from brought_forward.bot.messages.status import Tallies, form_button, look_button, remove_button, total, value
from brought_forward.bot.messages.words import count, esc, money
from brought_forward.storage.records.batch import Batch, BatchStatus, EntryForm
from brought_forward.storage.records.entry import Entry, EntryState, Tally
from brought_forward.storage.records.inquiry import ReadBack

# What needs a person comes first.
ORDER = (
    EntryState.WRONG,
    EntryState.REFUSED,
    EntryState.UNCLEAR,
    EntryState.UNDONE,
    EntryState.NOT_SENT,
    EntryState.SENDING,
    EntryState.PLANNED,
    EntryState.POSTED,
)
NAMES = 10  # matters named one by one in the closing words


@dataclass(frozen=True, slots=True)
class ClosingView:
    """All that the closing words show."""

    batch: Batch
    tallies: Tallies
    refused: Sequence[Entry]
    wrong: Entry | None
    undo: Block  # the button, shown where something is posted
    left_out: tuple[int, Decimal] | None  # lines the preview left out, and their sum
    read_back: ReadBack | None
    clio_site: str
    seal: str | None = None  # the short hash of the audit's last link on the batch
    next_form: EntryForm | None = None  # the form to try where Clio has not taken this one


UNPOSTED = {BatchStatus.REJECTED, BatchStatus.WITHDRAWN, BatchStatus.EXPIRED}
WORDS = {
    EntryState.REFUSED: "Refused",
    EntryState.WRONG: "In Clio, but not as sent",
    EntryState.UNCLEAR: "Unclear, look in Clio",
    EntryState.NOT_SENT: "Not sent",
    EntryState.UNDONE: "Removed from Clio again",
    EntryState.POSTED: "Posted",
}


def outcome(entry: Entry, batch: Batch) -> str:
    """Say in words what became of an entry, with Clio's reason; of one that was never sent, where its batch stands."""
    if entry.state is EntryState.PLANNED:
        if batch.status in UNPOSTED:
            return f"Not posted, the batch is {batch.status.value}"
        return "Waits for approval" if batch.status is BatchStatus.PREVIEWED else "Not sent yet"
    word = WORDS.get(entry.state, "Under way")
    return f"{word}: {entry.reason}" if entry.reason else word


def results(batch: Batch, entries: Sequence[Entry], clio_site: str) -> list[Text]:
    """Show every matter with its outcome, refused ones first, at most a hundred a message."""
    rank = {state: place for place, state in enumerate(ORDER)}
    ordered = sorted(entries, key=lambda entry: (rank[entry.state], entry.position))
    currency = batch.currency or ""
    rows = [
        [
            link_cell(entry.matter_number[:200], f"{clio_site}/nc/#/matters/{entry.matter_id}"),
            text_cell(entry.user_name[:200]),
            money_cell(entry.amount, currency),
            text_cell(outcome(entry, batch)[:300]),
        ]
        for entry in ordered
    ]
    return tables(f"{batch.file_name} ({batch.name})", "results", ("Matter", "User", "Amount", "Result"), rows)


def closing(view: ClosingView) -> Text:
    """Say how it ended, whether Clio holds the same, and what to do next."""
    batch, tallies, currency = view.batch, view.tallies, view.batch.currency or ""
    posted = tallies[EntryState.POSTED]
    word = "Done" if batch.status is BatchStatus.POSTED else "Stopped"
    sum_posted = money(posted.amount, currency)
    parts = [f"*{word}: {posted.entries:,} of {total(tallies):,} posted, {sum_posted}. {_compared(view)}*"]
    if view.refused:
        sums = tallies[EntryState.REFUSED]
        named = "; ".join(f"{entry.matter_number}: {entry.reason or ''}" for entry in view.refused[:NAMES])
        more = f" and {len(view.refused) - NAMES} more" if len(view.refused) > NAMES else ""
        parts.append(
            f"{sums.entries:,} refused ({money(sums.amount, currency)}): {esc(named)}{more}."
            " Put it right in Clio, then Retry refused."
        )
    if view.next_form and batch.halt != "form":
        parts.append(none_taken(view.next_form))
    for state, text in (
        (EntryState.WRONG, "in Clio, but not as sent: remove it, then Go on sends it anew"),
        (
            EntryState.UNCLEAR,
            "unclear: look at these matters in Clio; Look again then settles what is clear there."
            " I do not send them again by myself",
        ),
        (EntryState.NOT_SENT, "not sent: Go on sends them"),
        (EntryState.UNDONE, "removed from Clio again: Go on sends them anew"),
    ):
        if tallies[state].entries:
            entries = count(tallies[state].entries, "entry", "entries")
            parts.append(f"{entries}, {money(tallies[state].amount, currency)}, {text}.")
    if view.left_out:
        lines, sum_left = view.left_out
        parts.append(
            f"Not posted from this file: {count(lines, 'line')}, {money(sum_left, currency)}; the preview above says"
            f" why. What can be put right: correct {esc(batch.workbook('to fix'))} and drop it here, as a batch of its"
            " own."
        )
    if posted.entries and batch.status is BatchStatus.POSTED:
        tax = ", *without tax*: Clio adds it by default" if batch.taxed else ", without tax"
        tax += ": Clio does not show whether it adds it by default" if batch.taxed is None else ""
        parts.append(
            f"Next in Clio: generate and approve the bills{tax} (<{view.clio_site}/nc/#/bills|open billing>). Ageing"
            " and interest begin anew there, with the day of the new bill."
        )
    if beside := not_brought(batch, currency):
        parts.append(f"Seen in the sheet and not brought forward: {esc('; '.join(beside))}. Enter it in Clio by hand.")
    blocks: list[Block] = [section(text) for text in sections(parts)]
    if view.read_back:
        if buttons := _buttons(view):
            blocks.append(actions(*buttons))
        if view.seal:
            blocks.append(sealed(view.seal))
    fallback = f"{batch.name}: {posted.entries:,} of {total(tallies):,} posted"
    return Text(fallback, blocks)


def sealed(seal: str) -> Block:
    """Name the audit's last link on a batch: who keeps this message can show later that nothing was cut off."""
    return context(f"Sealed in the audit log: {seal}")


def _buttons(view: ClosingView) -> list[Block]:
    batch, tallies = view.batch, view.tallies
    buttons: list[Block] = []
    if view.wrong and batch.status is BatchStatus.POSTED:  # while stopped, the message above has the button
        buttons.append(remove_button(batch, view.wrong))
    if tallies[EntryState.UNCLEAR].entries:
        buttons.append(look_button(batch))
    if view.next_form is not None:
        buttons.append(form_button(batch, view.next_form))
    if view.refused:
        buttons.append(button("Retry refused", "retry_refused", value(batch)))
    if (
        batch.halt not in {"retired", "wrong", "form"}
        and tallies[EntryState.NOT_SENT].entries + tallies[EntryState.UNDONE].entries
    ):
        buttons.append(button("Go on", "go_on", value(batch)))
    if tallies[EntryState.POSTED].entries:
        buttons.append(view.undo)
    return buttons


def _compared(view: ClosingView) -> str:
    found, currency = view.read_back, view.batch.currency or ""
    if found is None:
        return "Reading back from Clio…"
    return compared(found, currency)


def together(tallies: Tallies) -> Tally:
    """Count and sum all entries, whatever became of them."""
    return Tally(total(tallies), sum((tally.amount for tally in tallies.values()), Decimal(0)))
