"""The Home tab: what waits for the reader, what they brought, what is recent, and sums by month. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from brought_forward.bot.messages.administration import Administration, part
from brought_forward.bot.messages.blocks import (
    Block,
    View,
    actions,
    button,
    context,
    header,
    money_cell,
    number_cell,
    section,
    table,
    text_cell,
)
from brought_forward.bot.messages.results import together
from brought_forward.bot.messages.status import progress, stands, total, waits
from brought_forward.bot.messages.words import count, esc, money, person, shortened, thread_link
from brought_forward.storage.records.batch import Ahead, Batch, BatchStatus
from brought_forward.storage.records.entry import EntryState, Tally
from brought_forward.storage.records.slack import Month

S = BatchStatus
NAME = 60  # characters of a file's name in a line

AT_HOME = {  # where one line has to say more, or less, than that word
    S.ASKING: "a question in its thread waits for an answer",
    S.UNREADABLE: "could not be read; the thread says why",
    S.APPROVED: "being posted",
    S.PAUSED: "paused; the thread says how it goes on",
    S.POSTED: "done",
    S.STOPPED: "stopped; the thread says how it goes on",
    S.UNDONE: "undone; the thread says what stays",
}
BEFORE = {S.RECEIVED, S.READING, S.ASKING, S.UNREADABLE}  # nothing is matched yet
UNDECIDED = {S.PREVIEWED, S.REJECTED, S.WITHDRAWN, S.EXPIRED}  # nothing was posted


@dataclass(frozen=True, slots=True)
class HomeLine:
    """A batch as a line; `sums` where the reader may see its name and amounts."""

    batch: Batch
    tallies: Mapping[EntryState, Tally]
    sums: bool
    held: str = ""  # in a few words, why nobody can approve it until somebody has answered in its thread
    ahead: Sequence[Ahead] = ()  # the batches that have their turn first


@dataclass(frozen=True, slots=True)
class HomeView:
    """All that a member's Home tab shows."""

    waiting: Sequence[HomeLine]  # the reader may approve these
    mine: Sequence[HomeLine]
    recent: Sequence[HomeLine]
    months: Sequence[Month]
    approves: bool  # the reader is an approver: months are the firm's, not only their own
    administration: Administration | None = None  # for administrators


def home(view: HomeView) -> View:
    """Show a member their Home tab."""
    blocks: list[Block] = [
        actions(button("Bring a file forward", "bring", "home", style="primary")),
        section(
            "Or drop a spreadsheet of balances into a channel I am in, choose _Bring balances forward_ in the menu of a"
            " message that has a spreadsheet or a pasted table, or send me the file. I show what I would post, and"
            " somebody other than you approves it."
        ),
    ]
    if view.approves:
        blocks += _part("Waiting for me", view.waiting, "Nothing waits for your approval.")
    blocks += _part("Brought by me", view.mine, "You have brought nothing forward yet.")
    blocks += _part("Recent, by others", view.recent, "Nobody else has brought anything forward yet.")
    if view.months:
        blocks.append(header("Posted by month"))
        blocks.append(_months(view.months))
        whose = "All batches" if view.approves else "What you brought"
        blocks.append(context(f"{whose}, by the date of the entries; twelve months at most."))
    if view.administration:
        blocks += part(view.administration)
    blocks.append(
        context("`/balances help` says what else I can do; `/balances template` sends you a sheet to fill in.")
    )
    return {"type": "home", "blocks": blocks}


def closed(why: str) -> View:
    """Show one sentence to who may see nothing."""
    return {"type": "home", "blocks": [section(why)]}


def _part(title: str, lines: Sequence[HomeLine], empty: str) -> list[Block]:
    return [header(title), *([section(_line(line)) for line in lines] or [section(empty)])]


def _line(line: HomeLine) -> str:
    batch, currency = line.batch, line.batch.currency or ""
    name = f"*{esc(shortened(batch.file_name, NAME))}* ({batch.name})" if line.sums else f"*{batch.name}*"
    everything = together(line.tallies)
    if batch.joined:
        said = f"its lines joined B{batch.joined}"
    elif batch.status in BEFORE:
        said = _state(batch)
    elif batch.status in UNDECIDED:
        amount = f", {money(everything.amount, currency)}" if line.sums else ""
        state = f"on hold: {line.held if line.sums else 'its thread says why'}" if line.held else _state(batch)
        said = f"{count(everything.entries, 'entry', 'entries')}{amount}, {state}"
    else:
        posted = line.tallies[EntryState.POSTED].entries
        done = progress(batch, line.tallies) if line.sums else f"{posted:,} of {total(line.tallies):,} posted"
        said = f"{done}, {waits(line.ahead) if line.ahead else _state(batch)}"
    by = f" Brought by {person(batch.uploader)}." if batch.status is S.PREVIEWED else ""
    return f"{name}: {said}.{by} {thread_link(batch)}"


def _state(batch: Batch) -> str:
    return AT_HOME.get(batch.status, stands(batch))


def _months(months: Sequence[Month]) -> Block:
    """Show sums by month as a table: Slack takes charts in messages only, not in a Home tab."""
    rows = [
        [
            text_cell(f"{date.fromisoformat(f'{one.month}-01'):%B %Y}"),
            number_cell(one.entries),
            money_cell(one.amount, one.currency),
        ]
        for one in months
    ]
    return table("What was posted, by month, newest first", ("Month", "Entries", "Amount"), rows)
