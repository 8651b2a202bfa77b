"""What people read of an undo: the button, how far it is, every entry with its outcome, the closing words. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from brought_forward.bot.messages.blocks import (
    Block,
    Text,
    actions,
    button,
    confirm,
    link_cell,
    money_cell,
    section,
    sections,
    tables,
    text_cell,
)
from brought_forward.bot.messages.results import NAMES, sealed
from brought_forward.bot.messages.status import Tallies, look_button, remove_button, turn, value, waits
from brought_forward.bot.messages.words import about, count, esc, few, first, money, people, shortened
from brought_forward.storage.records.batch import Ahead, Batch
from brought_forward.storage.records.entry import Entry, EntryState, Outcome, Reversal, Tally
from brought_forward.storage.records.inquiry import ReadBack

Outcomes = Mapping[Outcome | None, Tally]

# Why an entry has the outcome that it has; what was changed in Clio is told by bot.keeping.
GONE = "it was no longer in Clio"
LOST = "Clio's answer was lost; it is gone from Clio"
HIDDEN = "Clio shows neither it nor its matter to the connected user, so nobody can tell whether it is still there"
NOT_OURS = "the entry that Clio has under this id is not the one that was posted here"
NOT_ITS_TURN = "the undo was stopped before its turn"
STOPPED = "the undo was stopped, and it is still there"
UNANSWERED = (
    "Clio does not answer deletes, so no other is sent: the rest stays posted. Once Clio answers again, Undo goes on"
    " with it."
)
LOOK_THERE = "it was to be deleted, and Clio's answer is missing: look at this matter in Clio"

# Why an undo waits.
OTHER_ACCOUNT = (
    "The bot is connected to another Clio account than the one this was posted to. Whoever runs the bot connects it to"
    " that one again; the undo then goes on by itself."
)
AGAIN = "To bring them forward again, drop the file again: it is previewed and approved anew."
NOTHING_SENT = "Nothing is sent again from a batch that was undone. Drop the file again: it is previewed and approved."
UNDONE_WORDS = {Outcome.REVERSED: "Reversed", Outcome.KEPT: "Kept", Outcome.FAILED: "Failed"}
ORDER = (Outcome.FAILED, Outcome.KEPT, Outcome.REVERSED)  # what needs a person comes first


@dataclass(frozen=True, slots=True)
class UndoView:
    """All that is said of an undo while it moves and at its end."""

    batch: Batch
    tallies: Tallies
    outcomes: Outcomes
    by: str | None
    seconds: float = 0.0  # how long the rest takes at Clio's limit
    ahead: Sequence[Ahead] = ()  # the batches that have their turn first
    seconds_ahead: float = 0.0  # how long these take
    stays: Sequence[Reversal] = ()  # kept or failed, in the order of posting
    wrong: Entry | None = None
    read_back: ReadBack | None = None
    seal: str | None = None  # the short hash of the audit's last link on the batch


def signed_out(why: str) -> str:
    """Say that nobody is signed in to Clio; `why` says who does what about it."""
    return f"{why} The undo then goes on by itself."


def away(why: str) -> str:
    """Say that Clio does not answer."""
    return f"Clio has not answered for a while. {why} The undo goes on by itself when it does."


def not_shown(why: str) -> str:
    """Say that Clio refuses to show an entry."""
    return f"Clio refuses to show it: {why}"


def no_answer(tries: int) -> str:
    """Say that Clio never told what came of the deletes."""
    return f"Clio gave no clear answer to {count(tries, 'delete')}, and it is still there"


def fate(outcome: Outcome | None, reason: str | None) -> str:
    """Say in words what became of an entry."""
    word = UNDONE_WORDS[outcome] if outcome else "Under way"
    return f"{word}: {reason}" if reason else word


def undo_button(batch: Batch, posted: Tally, *, named: bool = False) -> Block:
    """Offer to undo what stands posted, with its size; `named`: not in the thread, but where a command answers."""
    sums = money(posted.amount, batch.currency or "")
    entries = count(posted.entries, "entry", "entries")
    words = confirm(
        f"Undo {batch.name}?",
        f"This deletes {entries} of {sums} in Clio, one by one, each only if it is unbilled, on no bill and"
        f" unchanged ({shortened(batch.file_name, 60)}). What stays is named with the reason.",
        f"Delete {entries}",
    )
    names = value(batch, batch.episode)
    if named:
        return button("Undo", "undo_named", names, style="danger", confirm=words)
    return button("Undo", "undo", names, style="danger", confirm=words)


def ask(batch: Batch, posted: Tally) -> Text:
    """Answer the command: what an undo would do, and its button."""
    said = (
        f"*{esc(batch.file_name)}* ({batch.name}): {count(posted.entries, 'entry', 'entries')},"
        f" {money(posted.amount, batch.currency or '')}, posted. Undo deletes in Clio those that are unbilled, on no"
        " bill and unchanged; its thread then says what became of each."
    )
    return Text(f"Undo {batch.name}?", [section(said), actions(undo_button(batch, posted, named=True))])


def without_buttons(closing: Text, by: str) -> Text:
    """Leave the closing words of a batch that is now undone, without their buttons."""
    blocks = [block for block in closing.blocks if block["type"] != "actions"]
    return Text(closing.text, [*blocks, section(f"*Undo was begun by {people([by])}.*")])


def living(view: UndoView) -> Text:
    """Show how far an undo is; edited, never posted twice."""
    batch, outcomes = view.batch, view.outcomes
    every = _sum(outcomes.values())
    done = f"{outcomes[Outcome.REVERSED].entries:,} of {every.entries:,} reversed"
    more = "".join(
        f", {outcomes[one].entries:,} {word}"
        for one, word in ((Outcome.KEPT, "kept"), (Outcome.FAILED, "failed"))
        if outcomes[one].entries
    )
    currency = batch.currency or ""
    asked = f" Asked for by {people([view.by])}." if view.by else ""
    fallback = f"{batch.name}: {done}"
    if outcomes[None].entries == 0:
        return Text(fallback, [section(f"*The undo is over: {done}{more}.*{asked}")])
    sums = f"{money(outcomes[Outcome.REVERSED].amount, currency)} of {money(every.amount, currency)}"
    if batch.halt_text:
        text = f"*Undoing: {done}{more}, {sums}.* {esc(batch.halt_text)} Nothing more is deleted until then."
    elif view.ahead:
        when = turn(view.seconds_ahead, view.seconds, "the undo")
        text = f"The undo {waits(view.ahead)}. {done}{more}, {sums}. {when}{asked}"
    else:
        left = f" {about(view.seconds).capitalize()} left." if view.seconds else ""
        text = f"Undoing: {done}{more}, {sums}.{left}{asked}"
    stopping = batch.halt in {"person", "retired", "unanswered"}
    return Text(fallback, [section(text)] if stopping else [section(text), actions(_stop(batch))])


def pages(batch: Batch, reversals: Sequence[Reversal], clio_site: str) -> list[Text]:
    """Show every entry with its outcome, failed and kept ones first, at most a hundred a message."""
    rank = {outcome: place for place, outcome in enumerate((*ORDER, None))}
    ordered = sorted(reversals, key=lambda one: (rank[one.outcome], one.entry.position))
    rows = [
        [
            link_cell(one.entry.matter_number[:200], f"{clio_site}/nc/#/matters/{one.entry.matter_id}"),
            text_cell(one.entry.user_name[:200]),
            money_cell(one.amount, batch.currency or ""),
            text_cell(fate(one.outcome, one.reason)[:300]),
        ]
        for one in ordered
    ]
    return tables(f"{batch.file_name} ({batch.name})", "undo", ("Matter", "User", "Amount", "Undo"), rows)


def closing(view: UndoView) -> Text:
    """Say how an undo ended: sums that add up, what stays and why, what Clio holds, and what to do next."""
    batch, outcomes, currency = view.batch, view.outcomes, view.batch.currency or ""
    every = _sum(outcomes.values())
    gone, posted = outcomes[Outcome.REVERSED], view.tallies[EntryState.POSTED]
    head = f"Undone: {gone.entries:,} of {every.entries:,} reversed, {money(gone.amount, currency)}"
    by = f" By {people([view.by])}." if view.by else ""
    parts = [f"*{head}. {_compared(view)}*{by}"]
    parts.append(
        f"Posted before: {every.entries:,}, {money(every.amount, currency)} = "
        + " + ".join(
            f"{outcomes[one].entries:,} {one.value}, {money(outcomes[one].amount, currency)}"
            for one in (Outcome.REVERSED, Outcome.KEPT, Outcome.FAILED)
        )
        + "."
    )
    for outcome in (Outcome.FAILED, Outcome.KEPT):
        if some := [one for one in view.stays if one.outcome is outcome]:
            lines = [f"• {esc(one.entry.matter_number)}: {esc(one.reason or '')}" for one in some]
            named = "\n".join(first(lines, NAMES, where=", in the table below"))
            parts.append(f"{UNDONE_WORDS[outcome]}, still posted in Clio:\n{named}")
    if batch.halt_text:
        parts.append(esc(batch.halt_text))
    if view.wrong:
        parts.append(f"{esc(view.wrong.matter_number)} is in Clio, but not as sent: it can be removed here.")
    if view.tallies[EntryState.UNCLEAR].entries:
        unclear = count(view.tallies[EntryState.UNCLEAR].entries, "entry", "entries")
        parts.append(
            f"{unclear} unclear since posting: look at these matters in Clio; I delete nothing there. Look again"
            " settles what is clear in Clio."
        )
    if gone.entries:
        parts.append(AGAIN)
    blocks: list[Block] = [section(text) for text in sections(parts)]
    buttons = [undo_button(batch, posted)] if posted.entries else []
    buttons += [remove_button(batch, view.wrong)] if view.wrong else []
    buttons += [look_button(batch)] if view.tallies[EntryState.UNCLEAR].entries else []
    if buttons and view.read_back:
        blocks.append(actions(*buttons))
    if view.read_back and view.seal:
        blocks.append(sealed(view.seal))
    return Text(f"{batch.name}: {gone.entries:,} of {every.entries:,} reversed", blocks)


def _compared(view: UndoView) -> str:
    found, currency = view.read_back, view.batch.currency or ""
    if found is None:
        return "Reading back from Clio…"
    if found.failed:
        return f"Clio could not be read back: {esc(found.failed)}"
    what = f"Read back from Clio: {count(found.entries, 'entry', 'entries')} left, {money(found.amount, currency)}"
    if found.equal:
        return f"{what}, equal to the cent; those reversed are gone."
    differences = few([esc(one.sentence) for one in found.differences], NAMES, between="; ", rest="; and {:,} more")
    return f"{what}. :warning: This is not what was posted and stays: {differences}."


def _sum(tallies: Iterable[Tally]) -> Tally:
    found = list(tallies)
    return Tally(sum(one.entries for one in found), sum((one.amount for one in found), Decimal(0)))


def _stop(batch: Batch) -> Block:
    return button(
        "Stop the undo",
        "stop_undo",
        value(batch, batch.episode),
        style="danger",
        confirm=confirm(
            "Stop the undo?",
            "The entry under way is finished, the rest stays posted in Clio. What is reversed stays reversed.",
            "Stop",
        ),
    )
