"""The preview: what will be posted, what will not, what changed, and who may approve it. Pure."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from brought_forward.bot.messages import approval, evidence
from brought_forward.bot.messages.blocks import Block, Text, button, folded, header, section, sections
from brought_forward.bot.messages.entry_form import differs_by_form
from brought_forward.bot.messages.holds import NO_DOUBTS, Doubts, in_short
from brought_forward.bot.messages.preview_choices import choices, settled
from brought_forward.bot.messages.preview_decision import Hold, decision, holds
from brought_forward.bot.messages.preview_left_out import left_out
from brought_forward.bot.messages.preview_lines import credit_lines, put_right, warnings
from brought_forward.bot.messages.preview_sums import (
    Changes,
    changed,
    is_,
    is_unproved,
    sums,
    total_of,
    totals,
    unnamed,
    unproved,
)
from brought_forward.bot.messages.status import value
from brought_forward.bot.messages.words import about, count, esc, long_date, money, opening, shortened
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.entry import ClientTotal, MatterTotal, Notes, Tally, UserTotal
from brought_forward.storage.records.firm import OpenName, UsedChoice
from brought_forward.storage.records.sheet import Finding, Line, NotCounted

OLD = 7  # days back that a sheet may be before it is asked what was paid since
NAME = 60  # characters of a heading
LARGEST = 10  # matters in the fold of totals
TEXTS = 40  # of bills in their fold; the workbook has all


@dataclass(frozen=True, slots=True)
class PreviewView:
    """All that a preview shows."""

    batch: Batch
    planned: Tally
    by_user: Sequence[UserTotal]
    lines: Sequence[Line]
    approving: approval.Approving
    seconds: float  # how long posting will take at Clio's limit
    zone: str | None  # the time zone's name; None where the setting is missing
    findings: Sequence[Finding] = ()  # what the rules say
    credits: Set[int] = frozenset()  # the entries that are below zero
    notes: Notes | None = None  # what the bills will say
    largest: Sequence[MatterTotal] = ()  # the largest matters, the largest first
    clients: Sequence[ClientTotal] = ()  # the largest clients, as Clio names them
    texts: Sequence[tuple[str, str]] = ()  # matters whose bill will say more, and what
    last: Batch | None = None  # the last batch that was approved, and what changed since
    changes: Changes | None = None
    corrections: Sequence[Mapping[str, Any]] = ()  # what people put right in the lines, oldest first
    choices: Sequence[UsedChoice] = ()  # that nobody has confirmed
    settled: Sequence[UsedChoice] = ()  # answers by which it was read and that an approver has confirmed
    doubts: Doubts = NO_DOUBTS  # what others say of it: other files of its thread, questions
    names: Sequence[OpenName] = ()  # that Clio does not have, or has twice, and what is near
    not_counted: Sequence[NotCounted] = ()  # rows that hold money and are no lines
    today: date | None = None  # where the firm is
    probed: bool = False  # the test of one cent was taken in the form of this batch, and in none before it
    description_problem: str | None = None  # why posting would wait, where Clio's activity description is not right


def preview(view: PreviewView) -> Text:
    """Show a batch before anything is posted, and afterwards who decided.

    One screen, in the order in which people decide: each part is a line or two in sight, its details are in a fold.
    What is added goes into the part that it belongs to: a reason against approval into `holds`, with the button that
    takes it away; what moves money, or is worth a look, into `_look_at`; a button into `decision`'s one row.
    """
    batch, currency = view.batch, view.batch.currency or ""
    held = holds(batch, view.planned, view.lines, view.doubts, view.approving)
    entries = count(view.planned.entries, "entry", "entries")
    state = _state(view, held)
    every_line = f"Every line: {lines_name(batch)}."
    blocks = [
        header(f"{shortened(batch.file_name)}: {entries}, {money(view.planned.amount, currency)}{state}"),
        *(section(hold.text) for hold in held),
        *totals(view.by_user, view.planned, view.largest, currency, clients=view.clients,
                since=changed(view.last, view.changes, currency), unnamed=unnamed(batch, view.lines)),
        *left_out(view.lines, view.findings, currency, workbook=mend_name(batch),
                  waits=batch.status is BatchStatus.PREVIEWED, names=view.names, corrections=view.corrections),
        *choices(batch, view.choices, currency, view.zone),
        *_look_at(view),
        *_proof(view),
        *_bills(view),
        *_day(view),
        *decision(batch, view.planned, view.lines, view.doubts.replacements, held=held, approving=view.approving,
                  zone=view.zone, small=every_line),
    ]  # fmt: skip
    return Text(
        f"{esc(batch.file_name)} ({batch.name}): {entries}{state}", blocks, f"{lines_name(batch)} has the rest."
    )


def common_note(batch: Batch) -> str:
    """Write what most notes of a batch say, and all of them begin with."""
    return opening(batch.description or "", batch.as_of) if batch.as_of else ""


def mend_name(batch: Batch) -> str:
    """Name the workbook of a batch's failing lines."""
    return esc(batch.workbook("to fix"))


def lines_name(batch: Batch) -> str:
    """Name the workbook of all lines."""
    return esc(batch.workbook("lines"))


def _state(view: PreviewView, held: Sequence[Hold]) -> str:
    batch = view.batch
    if batch.status is BatchStatus.PREVIEWED and held:
        why = in_short(batch, total_of(view.lines), view.doubts, marks=False)
        return f", on hold: {why}" if why else ", on hold"
    if batch.status is BatchStatus.PREVIEWED:
        return ", ready for approval" if view.planned.entries else ", nothing to post"
    return f", {approval.DECIDED[batch.status].lower()}" if batch.status in approval.DECIDED else ", approved"


def _look_at(view: PreviewView) -> list[Block]:
    """Say in sight what moves money or is worth a look, and which lines those are in the fold."""
    currency = view.batch.currency or ""
    said: list[str] = [*_old(view), *differs_by_form(view.batch, view.planned.entries, probed=view.probed)]
    which: list[str | Block] = []
    for lines, details in (
        put_right(view.corrections, currency),
        credit_lines(view.lines, view.findings, view.credits, currency),
        warnings(view.findings, view.lines, view.zone, {one.id for one in view.choices if not one.is_answer}),
    ):
        said += lines
        which += details
    if not said:
        return []
    text = f" {said[0]}" if len(said) == 1 else "".join(f"\n• {one}" for one in said)
    return [section(f"*Look at:*{text}"), *([folded("Which", which)] if which else [])]


def _old(view: PreviewView) -> list[str]:
    """Ask whether something was paid since, where the sheet is of a day more than a week back."""
    day, today = view.batch.stated_as_of, view.today
    if view.batch.status is not BatchStatus.PREVIEWED or day is None or today is None or (today - day).days <= OLD:
        return []
    alike = day.year == today.year
    as_of, now = (f"{one.day} {one:%B}" if alike else long_date(one) for one in (day, today))
    return [f"As of {as_of}, today {now}: were payments taken since?"]


def _proof(view: PreviewView) -> list[Block]:
    """Say which column is owed and why, how the sums come together, and in a fold what of the file is no line."""
    batch = view.batch
    said = [section(_sums(view))]
    if is_unproved(batch, view.lines):
        text = section(unproved(view.lines, batch.currency or ""))
        if batch.status is BatchStatus.PREVIEWED and view.planned.entries:
            text |= {"accessory": button("Type the report's total", "total", value(batch))}
        said.append(text)
    return [*said, *_rest(view)]


def _rest(view: PreviewView) -> list[Block]:
    """Name in a fold the rows that are not counted and the columns that are not used, with all money of the column."""
    batch, currency = view.batch, view.batch.currency or ""
    # The file's own total alone is told in sight already.
    own = len(view.not_counted) == 1 and view.not_counted[0].amount == batch.control_total
    counted = "" if own else evidence.not_counted(view.not_counted, currency)
    unused = evidence.number_unused(batch)
    titles = [counted] if counted else []
    titles += [f"{count(unused, 'column')} not used"] if unused else []
    titles += [f"read by {count(len(view.settled), 'answer')}"] if view.settled else []
    if not titles:
        return []
    inside = [f"• {esc(one)}" for one in evidence.reasons(view.not_counted, currency)] if counted else []
    sums = evidence.where_it_went(batch, view.lines, view.not_counted, view.corrections)
    if counted and sums:
        (column, total), *parts = sums
        listed = ", ".join(f"{esc(what[0].lower() + what[1:])} {money(amount, currency)}" for what, amount in parts)
        inside.append(f"{esc(column)} holds {money(total, currency)}: {listed}.")
    inside += [esc(evidence.unused(batch))] if unused else []
    inside += settled(view.settled, currency, view.zone)
    title = " · ".join(titles)
    return [folded(f"{title[0].upper()}{title[1:]}", sections(inside))]


def _sums(view: PreviewView) -> str:
    """Say what is owed and why, and what was read; the file's own words on that."""
    batch = view.batch
    lines, out = len(view.lines), sum(1 for line in view.lines if line.left_out)
    parts = [text] if (text := _where(batch, lines)) else []
    if lines - out != view.planned.entries:
        entries = count(view.planned.entries, "entry", "entries")
        parts.append(f"{lines - out:,} of them are summed to {entries}, one for each matter and user.")
    if batch.zero_rows:
        parts.append(f"{count(batch.zero_rows, 'line')} with a balance of zero {is_(batch.zero_rows)} passed over.")
    if batch.as_of and not (view.notes and view.planned.entries):  # the bills' words have it
        parts.append(f"As of {long_date(batch.as_of)}.")
    parts += [esc(remark) for remark in batch.remarks]
    owed = evidence.owed(batch)
    before = [esc(owed)] if owed else []
    return " ".join([*before, sums(batch, view.planned, view.lines, batch.currency or ""), *parts])


def _where(batch: Batch, lines: int) -> str:
    """Say in which sheet the lines stand and below which row; of a plain file that begins with its header, nothing."""
    of_file = batch.sheet == batch.file_name
    sheet = "" if of_file else f'Sheet "{esc(batch.sheet or "")}"'
    header = "" if of_file and batch.header_row == 1 else f"{'H' if of_file else 'h'}eader in row {batch.header_row}"
    number = count(lines, "line") if batch.control_total is not None or batch.typed_total is not None else ""
    text = ", ".join(part for part in (sheet, header, number) if part)
    return f"{text}." if text else ""


def _day(view: PreviewView) -> list[Block]:
    """Say how the entries will be dated and how long that takes; the menu below changes the day."""
    batch = view.batch
    if not view.planned.entries or batch.posting_date is None:
        return []
    by_hand = ", a day chosen by hand" if batch.chosen_date else ""
    zone = "" if view.zone or by_hand else " (in UTC: no time zone is set)"
    text = f"Dated {long_date(batch.posting_date)}{by_hand}{zone}"
    if batch.status is not BatchStatus.PREVIEWED:
        return [section(f"{text}.")]
    return [section(f"{text} · posting takes {about(view.seconds)} · can be undone until billed")]


def _bills(view: PreviewView) -> list[Block]:
    """Say what the clients' bills will read and what Clio does of its own; texts that say more are in the fold."""
    batch, notes = view.batch, view.notes
    if not view.planned.entries:
        return []
    on_bills = _on_bills(batch, notes) if notes and batch.as_of else ""
    parts = [f"{esc(on_bills)}."] if on_bills and not view.texts else []
    if view.description_problem:
        parts.append(f":warning: {esc(view.description_problem)}")
    if batch.taxed is None:
        parts.append("Clio does not show the bot whether it adds tax to this firm's bills by default: make the bills"
                     " for these balances without tax.")  # fmt: skip
    if batch.taxed:
        parts.append("Clio adds tax to this firm's bills by default: make the bills for these balances without tax.")
    blocks = [section(" ".join(parts))] if parts else []
    blocks += _comments(batch)
    if view.texts:
        texts = [f'• {esc(matter)}: "{esc(note)}"' for matter, note in view.texts]
        others = notes.others if notes else len(texts)
        more = [f"and {others - len(texts):,} more, all in {lines_name(batch)}."] if others > len(texts) else []
        says = f"{others:,} of {view.planned.entries:,} say{'s' * (others == 1)} more"
        blocks.insert(0, folded(f"{on_bills}; {says}" if on_bills else says, sections([*texts, *more])))
    return blocks


def _comments(batch: Batch) -> list[Block]:
    """Say whether a column of comments is printed on the bills; while it waits, that can be changed."""
    comments = batch.comments
    if comments is None or not comments.notes:
        return []
    heading = f' "{esc(shortened(comments.heading, NAME))}"' if comments.heading else ""
    is_ = "is on the bills" if comments.on else "is left off the bills"
    text = section(f"Column {comments.letter}{heading} ({count(comments.notes, 'note')}) {is_}.")
    if batch.status is not BatchStatus.PREVIEWED:
        return [text]
    change = (
        button("Leave them off", "comments_off", value(batch))
        if comments.on
        else button("Put them on", "comments_on", value(batch))
    )
    return [text | {"accessory": change}]


def _on_bills(batch: Batch, notes: Notes) -> str:
    common = f'On the bills: "{common_note(batch)}"'
    return f"{common}, and after it each line's own note" if notes.others and not notes.alike else common
