"""The living status message, what is said when a run cannot go on, and what is told to one person. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from brought_forward.bot.messages.blocks import Block, Text, actions, button, confirm, section
from brought_forward.bot.messages.entry_form import NAMES, none_taken
from brought_forward.bot.messages.words import about, count, esc, few, first, long_date, money, person, shortened
from brought_forward.storage.records.batch import Ahead, Batch, BatchStatus, EntryForm, RunKind
from brought_forward.storage.records.entry import Entry, EntryState, Tally

Tallies = Mapping[EntryState, Tally]

NAMED = 3  # batches named one by one where several have their turn first
STANDS = {  # after "it is"; the other states are words already
    BatchStatus.RECEIVED: "waiting to be read",
    BatchStatus.READING: "being read",
    BatchStatus.ASKING: "waiting for an answer in its thread",
    BatchStatus.UNREADABLE: "a file that could not be read",
    BatchStatus.PREVIEWED: "waiting for approval",
    BatchStatus.POSTING: "being posted",
    BatchStatus.UNDOING: "being undone",
}
# What a message that was edited says once the words below it say all: each fact stands once in a thread.
BELOW = "The words below say how far it came."
UNDO = {BatchStatus.UNDOING: "Being undone.", BatchStatus.UNDONE: "Undone."}
DOING = {RunKind.POST: "posted", RunKind.READ_BACK: "read back from Clio", RunKind.UNDO: "undone"}


@dataclass(frozen=True, slots=True)
class StatusView:
    """All that the status message shows."""

    batch: Batch
    tallies: Tallies
    seconds: float  # how long the rest takes at Clio's limit
    ahead: Sequence[Ahead] = ()  # the batches that have their turn first
    seconds_ahead: float = 0.0  # how long these take
    wrong: Entry | None = None  # an entry that Clio made otherwise than asked
    next_form: EntryForm | None = None  # the form to try where Clio has not taken this one


def stands(batch: Batch) -> str:
    """Say in a word or two where a batch stands."""
    if batch.status is BatchStatus.READING and batch.halt:
        return "waiting until Clio lets the bot read"
    return STANDS.get(batch.status, batch.status.value)


def total(tallies: Tallies) -> int:
    """Count all entries."""
    return sum(tally.entries for tally in tallies.values())


def value(batch: Batch, entry: int | None = None) -> str:
    """Write a button's value: ids, the revision and the hash it speaks for."""
    small = f"{batch.id}:{batch.revision}:{(batch.hash or '')[:12]}"
    return small if entry is None else f"{small}:{entry}"


def why(batch: Batch) -> str:
    """Write why a batch is halted: what a person did names them, all else may hold words from outside."""
    text = batch.halt_text or ""
    return text if batch.halt == "person" else esc(text)


def progress(batch: Batch, tallies: Tallies) -> str:
    """Say how far a batch is: 24 of 58 posted, $71,300.00."""
    posted = tallies[EntryState.POSTED]
    done = f"{posted.entries:,} of {total(tallies):,} posted, {money(posted.amount, batch.currency or '')}"
    return ", ".join([done, *open_ends(tallies)])


def open_ends(tallies: Tallies) -> list[str]:
    """Count what is not posted, by what became of it: 1 refused by Clio."""
    states = (
        (EntryState.REFUSED, "refused by Clio"),
        (EntryState.WRONG, "not as it should be"),
        (EntryState.UNCLEAR, "unclear"),
        (EntryState.NOT_SENT, "not sent"),
        (EntryState.UNDONE, "removed again"),
    )
    return [f"{tallies[state].entries:,} {words}" for state, words in states if tallies[state].entries]


def waits(ahead: Sequence[Ahead]) -> str:
    """Say what a batch waits for: runs of one Clio sign-in go one after another."""
    next_, *then = ahead
    after = f", and then for {few([f'B{one.batch}' for one in then], NAMED)}" if then else ""
    return f"waits for B{next_.batch}, which is being {DOING[next_.kind]}{after}"


def turn(seconds_ahead: float, seconds: float, doing: str) -> str:
    """Say when a batch that waits has its turn, and how long it then takes."""
    return f"Its turn comes in {about(seconds_ahead)}; {doing} then takes {about(seconds)}."


def status(view: StatusView) -> Text:
    """Show where a batch stands; edited, never posted twice."""
    batch, tallies = view.batch, view.tallies
    done = progress(batch, tallies)
    fallback = f"{batch.name}: {tallies[EntryState.POSTED].entries:,} of {total(tallies):,} posted"
    if batch.status in {BatchStatus.APPROVED, BatchStatus.POSTING} and view.ahead:
        sent = total(tallies) != tallies[EntryState.PLANNED].entries
        far = f"{done} so far; nothing more is sent before that" if sent else "Nothing of this batch is sent yet"
        when = turn(view.seconds_ahead, view.seconds, "posting")
        text = f"{_capital(waits(view.ahead))}. {far}. {when}"
        return Text(f"{batch.name} {waits(view.ahead)}", [section(text), actions(_pause(batch), _stop(batch))])
    if batch.status in {BatchStatus.APPROVED, BatchStatus.POSTING}:
        checking = tallies[EntryState.SENDING].entries
        looking = ""
        if checking and not tallies[EntryState.PLANNED].entries:
            looking = (
                f" Clio did not answer for {count(checking, 'entry', 'entries')};"
                " I look there before anything is sent again."
            )
        left = f" {about(view.seconds).capitalize()} left." if view.seconds else ""
        text = f"Posting {count(total(tallies), 'entry', 'entries')}.{left}{looking}"
        if total(tallies) != tallies[EntryState.PLANNED].entries:
            text = f"Posting: {done} so far.{left}{looking}"
        return Text(fallback, [section(text), actions(_pause(batch), _stop(batch))])
    if batch.status is BatchStatus.PREVIEWED:
        return Text(f"{batch.name}: back to preview", [section("Not posted. The preview waits for approval again.")])
    if batch.status is BatchStatus.PAUSED:
        return Text(f"{fallback}, paused", [section(f"Paused. {BELOW}")])
    if batch.status is BatchStatus.STOPPED:
        by = f" {why(batch)}" if batch.halt == "person" else ""
        return Text(f"{fallback}, stopped", [section(f"Stopped.{by} {BELOW}")])
    if batch.status in {BatchStatus.UNDOING, BatchStatus.UNDONE}:
        return Text(fallback, [section(f"{UNDO[batch.status]} {BELOW}")])
    return Text(fallback, [section(_over(tallies))])


def _over(tallies: Tallies) -> str:
    """Say in place of how far posting is that it is over; sums, reasons and what to do stand in the words below."""
    number = total(tallies)
    if tallies[EntryState.POSTED].entries != number:
        return "Posting is over, and not all went as it should. Which entries, why and what to do stands below."
    posted = {1: "The entry is", 2: "Both entries are"}.get(number, f"All {number:,} entries are")
    return f"{posted} posted. What Clio holds and what comes next there stands below."


def halted(view: StatusView) -> Text:
    """Say why a run cannot go on, what is safe, and who must do what."""
    batch, tallies = view.batch, view.tallies
    word = "Paused" if batch.status is BatchStatus.PAUSED else "Stopped"
    # Where Clio holds what nobody asked for, or lacks what it had, people look before anybody says so.
    doubt = batch.halt in {"wrong", "gone"} or view.wrong or tallies[EntryState.UNCLEAR].entries
    safe = f"{progress(batch, tallies)}; nothing is {'sent twice' if doubt else 'lost or doubled'}."
    if batch.halt == "unanswered":  # sent twice, and Clio may be late with both
        safe = f"{progress(batch, tallies)}; nothing more is sent until somebody has looked."
    form = f"\n{none_taken(view.next_form)}" if view.next_form and batch.halt != "form" else ""
    blocks: list[Block] = [section(f"*{word}:* {why(batch)}\n{safe}{_open_end(batch, tallies)}{form}")]
    buttons = []
    if view.wrong is not None:
        buttons.append(remove_button(batch, view.wrong))
    if view.next_form is not None:
        buttons.append(form_button(batch, view.next_form))
    open_ends = tallies[EntryState.PLANNED].entries + tallies[EntryState.SENDING].entries
    open_ends += tallies[EntryState.NOT_SENT].entries + tallies[EntryState.UNDONE].entries
    if open_ends or batch.status is BatchStatus.PAUSED:
        buttons.append(button("Go on", "go_on", value(batch)))
    if tallies[EntryState.UNCLEAR].entries:
        buttons.append(look_button(batch))
    if batch.halt == "refusals":
        buttons.append(button("Retry refused", "retry_refused", value(batch)))
    if batch.status is BatchStatus.PAUSED:
        buttons.append(_stop(batch))
    if buttons:
        blocks.append(actions(*buttons))
    return Text(f"{batch.name} is {word.lower()}.", blocks)


def went_on(batch: Batch, before: str, what: str, by: str | None) -> Text:
    """Close a message about a halt, or closing words, once it is over; its buttons go. `before` is what stays of it."""
    who = f" by {person(by)}" if by else ""
    text = "\n".join([*([before] if before else []), f"*{what}{who}.*"])
    return Text(f"{batch.name}: {what.lower()}.", [section(text)])


def drifted(changes: Sequence[str], batch: Batch, before: Decimal) -> Text:
    """Say that what was approved no longer holds, so that nothing was posted."""
    said = "\n".join(first([f"• {esc(change)}" for change in changes], 10))
    text = (
        f"*Not posted: what was approved ({money(before, batch.currency or '')}) is no longer true in Clio.*\n"
        f"{said}\n"
        "The preview above is made anew and waits for approval again. Nothing was sent."
    )
    return Text(f"{batch.name}: nothing was posted; the preview is made anew.", [section(text)])


def look_button(batch: Batch) -> Block:
    """Offer to look in Clio again for what is unclear; `bot.looking` does it."""
    return button("Look again", "look_again", value(batch))


def form_button(batch: Batch, form: EntryForm) -> Block:
    """Offer to have a batch previewed in another form; nothing is sent before that is approved too."""
    return button(f"Preview as {NAMES[form]}", "form", value(batch, list(EntryForm).index(form)))


def remove_button(batch: Batch, wrong: Entry) -> Block:
    """Offer to delete the one entry that Clio made otherwise than asked."""
    return button(
        "Remove this entry",
        "remove_entry",
        value(batch, wrong.id),
        style="danger",
        confirm=confirm(
            "Remove this entry?",
            _what_is_removed(batch, wrong),
            "Remove it",
        ),
    )


def _open_end(batch: Batch, tallies: Tallies) -> str:
    """Say what becomes of an entry that Clio has not answered for while nothing moves."""
    number = tallies[EntryState.SENDING].entries
    if batch.status is not BatchStatus.PAUSED or not number:
        return ""
    return (
        f"\nClio has not answered for {count(number, 'entry', 'entries')} yet. After Go on or Stop I look there, before"
        " anything is sent again."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _pause(batch: Batch) -> Block:
    return button("Pause", "pause", value(batch))


def _what_is_removed(batch: Batch, wrong: Entry) -> str:
    """Name the entry that a click deletes, what is wrong with it, and whether it may be somebody else's."""
    what = f"{wrong.matter_number[:60]}, {wrong.user_name[:40]}, {money(wrong.amount, batch.currency or '')}"
    mine = (
        "Clio's answer was lost and this was found by looking: it may be one that somebody entered by hand. Look first."
        if wrong.found
        else "Go on sends it again once the cause is put right."
    )
    reason = f" {wrong.reason}" if wrong.reason else ""
    return f"{shortened(f'Delete in Clio what was sent as {what} of {long_date(wrong.date)}?{reason}', 180)} {mine}"


def _stop(batch: Batch) -> Block:
    return button(
        "Stop",
        "stop",
        value(batch),
        style="danger",
        confirm=confirm(
            "Stop posting?",
            "The entry under way is finished, the rest is not sent. What is posted stays. Go on sends the rest.",
            "Stop",
        ),
    )
