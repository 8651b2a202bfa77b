"""The preview: what will be posted, what will not, what changed, and who may approve it. Pure."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from brought_forward.bot.messages import approval
from brought_forward.bot.messages.blocks import Block, Text, confirm, dated, header, section
from brought_forward.bot.messages.changes import Changes
from brought_forward.bot.messages.holds import holds, in_short
from brought_forward.bot.messages.preview_changes import changed
from brought_forward.bot.messages.preview_corrections import put_right
from brought_forward.bot.messages.preview_credits import credit_lines, held
from brought_forward.bot.messages.preview_decision import decision
from brought_forward.bot.messages.preview_lines import problems
from brought_forward.bot.messages.preview_sums import by_user, is_, sums
from brought_forward.bot.messages.status import value
from brought_forward.bot.messages.warnings import warnings
from brought_forward.bot.messages.words import about, count, esc, long_date, money, opening, shortened
from brought_forward.storage.records.batch import Batch, BatchStatus, Replacement
from brought_forward.storage.records.entry import Notes, Tally, UserTotal
from brought_forward.storage.records.sheet import Finding, Line


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
    last: Batch | None = None  # the last batch that was approved, and what changed since
    changes: Changes | None = None
    corrections: Sequence[Mapping[str, Any]] = ()  # what people put right in the lines, oldest first
    replacements: Sequence[Replacement] = ()  # other files of the thread that share its matters
    description_problem: str | None = None  # why posting would wait, where Clio's activity description is not right


def preview(view: PreviewView) -> Text:
    """Show a batch before anything is posted, and afterwards who decided."""
    batch, currency = view.batch, view.batch.currency or ""
    entries = count(view.planned.entries, "entry", "entries")
    state = _state(view)
    blocks = [
        header(f"{shortened(batch.file_name)}: {entries}, {money(view.planned.amount, currency)}{state}"),
        section(_facts(view)),
        *_day(view),
        *by_user(view.by_user, view.planned, currency),
        section(sums(batch, view.planned, view.lines, currency)),
        *problems(view.lines, view.findings, currency, workbook=mend_name(batch),
                  credits_apart=len(held(view.lines, view.findings))),
    ]  # fmt: skip
    if batch.status is BatchStatus.PREVIEWED and any(line.left_out for line in view.lines):
        blocks.append(
            section(f"To put them right: *Fix lines*, or correct {mend_name(batch)} and drop it in this thread.")
        )
    blocks += put_right(view.corrections, currency)
    blocks += credit_lines(view.lines, view.findings, view.credits, currency)
    blocks += warnings(view.findings, view.lines, view.zone)
    if said := changed(view.last, view.changes, currency):
        blocks.append(section(said))
    every_line = f"Every line, and where it goes: {lines_name(batch)} below."
    blocks.append(section(" ".join([*_consequences(view), every_line])))
    blocks += decision(
        batch,
        view.planned,
        view.lines,
        view.replacements,
        approving=view.approving,
        zone=view.zone,
        currency=currency,
    )
    return Text(f"{esc(batch.file_name)} ({batch.name}): {entries}{state}", blocks)


def mend_name(batch: Batch) -> str:
    """Name the workbook of a batch's failing lines."""
    return esc(f"{batch.stem} to mend.xlsx")


def lines_name(batch: Batch) -> str:
    """Name the workbook of all lines."""
    return esc(f"{batch.stem} lines.xlsx")


def _state(view: PreviewView) -> str:
    batch = view.batch
    if batch.status is BatchStatus.PREVIEWED and view.planned.entries:
        held = holds(batch, view.lines, view.replacements)
        return f", on hold: {in_short(held, batch)}" if held else ", ready for approval"
    if batch.status is BatchStatus.PREVIEWED:
        return ", nothing to post"
    return f", {approval.DECIDED[batch.status].lower()}" if batch.status in approval.DECIDED else ", approved"


def _facts(view: PreviewView) -> str:
    batch = view.batch
    lines, left_out = len(view.lines), sum(1 for line in view.lines if line.left_out)
    parts = [f'Sheet "{esc(batch.sheet or "")}", header in row {batch.header_row}, {count(lines, "line")}.']
    if lines - left_out != view.planned.entries:
        entries = count(view.planned.entries, "entry", "entries")
        parts.append(f"{lines - left_out:,} of them are summed to {entries}, one for each matter and user.")
    if batch.zero_rows:
        parts.append(f"{count(batch.zero_rows, 'line')} with a balance of zero {is_(batch.zero_rows)} passed over.")
    if batch.as_of:
        parts.append(f"As of {long_date(batch.as_of)}.")
    parts += [esc(remark) for remark in batch.remarks]
    return " ".join(parts)


def _day(view: PreviewView) -> list[Block]:
    """Say how the entries will be dated; while it waits, the day can be changed."""
    batch = view.batch
    if not view.planned.entries or batch.posting_date is None:
        return []
    how = f" ({esc(view.zone or 'UTC, since BALANCES_TIMEZONE is not set')})"
    text = f"Will be dated {long_date(batch.posting_date)}{', a day chosen by hand' if batch.chosen_date else how}."
    if batch.status is not BatchStatus.PREVIEWED:
        return [section(text)]
    ask = confirm(
        "Date the entries otherwise?",
        "The preview is made anew for that day, and whoever changes it cannot approve this batch.",
        "Change the day",
    )
    return [dated(text, batch.posting_date, action="date", value=value(batch), confirm=ask)]


def _consequences(view: PreviewView) -> list[str]:
    """Say what posting does: what the bills will read, how long it takes, what Clio will do of its own."""
    batch = view.batch
    if not view.planned.entries:
        return []
    parts = [_bills(batch, view.notes)] if view.notes and batch.as_of else []
    if batch.status is BatchStatus.PREVIEWED:
        parts.append(f"Posting takes {about(view.seconds)} at Clio's pace.")
    if view.description_problem:
        parts.append(f":warning: {esc(view.description_problem)}")
    if batch.taxed is None:
        parts.append("Clio does not show the bot whether it adds tax to this firm's bills by default: make the bills"
                     " for these balances without tax.")  # fmt: skip
    if batch.taxed:
        parts.append("Clio adds tax to this firm's bills by default: make the bills for these balances without tax.")
    return parts


def _bills(batch: Batch, notes: Notes) -> str:
    description = esc(batch.description or "")
    common = esc(opening(batch.description or "", batch.as_of)) if batch.as_of else description
    if notes.note is None:
        return f'Each entry, of the activity "{description}", will read "{common}" on the client\'s bill.'
    example = f'{esc(notes.matter or "")}: "{esc(notes.note)}"'
    if not notes.alike:
        return (
            f"On the clients' bills each entry, of the activity \"{description}\", carries its own line's note, as on"
            f" {example}."
        )
    total = notes.alike + notes.others
    return (
        f'Each entry, of the activity "{description}", will read "{common}" on the client\'s bill;'
        f" {notes.others:,} of {total:,} say more, as on {example}."
    )
