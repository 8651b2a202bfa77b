"""The preview: what will be posted, what will not, and who may approve it. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from brought_forward.bot.messages.blocks import (
    Block,
    Cell,
    Text,
    actions,
    button,
    confirm,
    context,
    header,
    money_cell,
    number_cell,
    section,
    table,
    text_cell,
)
from brought_forward.bot.messages.warnings import warnings
from brought_forward.bot.messages.words import (
    about,
    count,
    esc,
    fingerprint,
    long_date,
    money,
    people,
    person,
    shortened,
    when,
)
from brought_forward.storage.records import Batch, BatchStatus, Finding, Line, Tally, UserTotal

PROBLEMS = 10  # shown one by one; the rest are counted
USERS = 98  # rows of the table before "others" and the total

DECIDED = {
    BatchStatus.REJECTED: "Rejected",
    BatchStatus.WITHDRAWN: "Withdrawn",
    BatchStatus.EXPIRED: "Expired",
}


@dataclass(frozen=True, slots=True)
class PreviewView:
    """All that a preview shows."""

    batch: Batch
    planned: Tally
    by_user: Sequence[UserTotal]
    lines: Sequence[Line]
    approvers: Sequence[str]  # who may approve this batch: the list less who uploaded
    listed_approvers: int  # how many the settings name
    seconds: float  # how long posting will take at Clio's limit
    zone: str | None  # the time zone's name; None where the setting is missing
    findings: Sequence[Finding] = ()  # what the rules say
    description_problem: str | None = None  # why posting would wait, where Clio's activity description is not right


def preview(view: PreviewView) -> Text:
    """Show a batch before anything is posted, and afterwards who decided."""
    batch, currency = view.batch, view.batch.currency or ""
    entries = count(view.planned.entries, "entry", "entries")
    state = _state(batch, view.planned)
    blocks = [
        header(f"{shortened(batch.file_name)}: {entries}, {money(view.planned.amount, currency)}{state}"),
        section(_facts(view)),
    ]
    if view.by_user:
        blocks.append(_users(view.by_user, view.planned, currency))
    blocks += [section(text) for text in (_sums(view, currency), *_problems(view.lines, currency)) if text]
    if batch.status is BatchStatus.PREVIEWED and any(line.left_out for line in view.lines):
        blocks.append(section(f"To mend them: correct {mend_name(batch)} below and drop it in this thread."))
    blocks += warnings(view.findings, view.lines, view.zone)
    if view.planned.entries:
        blocks.append(section(_consequences(view, currency)))
    blocks += _decision(view, currency)
    return Text(f"{esc(batch.file_name)} ({batch.name}): {entries}{state}", blocks)


def mend_name(batch: Batch) -> str:
    """Name the workbook of a batch's failing lines."""
    return esc(f"{batch.stem} to mend.xlsx")


def _state(batch: Batch, planned: Tally) -> str:
    if batch.status is BatchStatus.PREVIEWED:
        return ", ready for approval" if planned.entries else ", nothing to post"
    return f", {DECIDED[batch.status].lower()}" if batch.status in DECIDED else ", approved"


def _facts(view: PreviewView) -> str:
    batch = view.batch
    zone = view.zone or "UTC, since BALANCES_TIMEZONE is not set"
    lines, left_out = len(view.lines), sum(1 for line in view.lines if line.left_out)
    parts = [f'Sheet "{esc(batch.sheet or "")}", header in row {batch.header_row}, {count(lines, "line")}.']
    if lines - left_out != view.planned.entries:
        entries = count(view.planned.entries, "entry", "entries")
        parts.append(f"{lines - left_out:,} of them are summed to {entries}, one for each matter and user.")
    if batch.zero_rows:
        parts.append(f"{count(batch.zero_rows, 'line')} with a balance of zero {_is(batch.zero_rows)} passed over.")
    if batch.as_of and batch.posting_date:
        parts.append(f"As of {long_date(batch.as_of)}. Will be dated {long_date(batch.posting_date)} ({esc(zone)}).")
    parts += [esc(remark) for remark in batch.remarks]
    return " ".join(parts)


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _users(totals: Sequence[UserTotal], planned: Tally, currency: str) -> Block:
    """Show what each user gets; the largest first where there are too many for one table."""
    shown = list(totals)
    rows: list[list[Cell]] = []
    if len(shown) > USERS:
        shown.sort(key=lambda total: -abs(total.amount))
        rest = shown[USERS:]
        shown = [*shown[:USERS], UserTotal(f"{len(rest)} others", sum(one.matters for one in rest),
                                           sum((one.amount for one in rest), Decimal(0)))]  # fmt: skip
    rows = [
        [text_cell(total.user_name), number_cell(total.matters), money_cell(total.amount, currency)] for total in shown
    ]
    rows.append([text_cell("Total"), number_cell(planned.entries), money_cell(planned.amount, currency)])
    return table("What will be posted, by user", ("User", "Entries", "Amount"), rows)


def _sums(view: PreviewView, currency: str) -> str:
    """Say how the sheet's sum, what will be posted and what is left out come together."""
    out = [line for line in view.lines if line.left_out]
    left = sum((line.amount for line in out if line.amount is not None), Decimal(0))
    unread = sum(1 for line in out if line.amount is None)
    total = view.planned.amount + left
    split = f"{money(view.planned.amount, currency)} to post and {money(left, currency)} not to post" if out else ""
    unreadable = f" {count(unread, 'amount')} cannot be read and {_is(unread)} in no sum." if unread else ""
    control = view.batch.control_total
    if control is None and view.batch.typed_total == total:
        parts = f": {split}." if split else "; the lines agree with it."
        return f"The total typed with the file is {money(total, currency)}{parts}{unreadable}"
    if control is None:
        parts = f": {split}" if split else ""
        return (
            f"All lines together come to {money(total, currency)}{parts}. The file has no total of its own.{unreadable}"
        )
    if control == total:
        agrees = f": {split}." if split else "; the lines agree with it."
        return f"The file's own total is {money(control, currency)}{agrees}{unreadable}"
    return (
        f":warning: The file's own total is {money(control, currency)}, but its lines come to"
        f" {money(total, currency)}: a difference of {money(control - total, currency)}."
        f"{unreadable}"
    )


def differences(batch: Batch, lines: Sequence[Line]) -> list[str]:
    """Say where the lines do not come to a total that somebody wrote: the file's own, a group's, or a typed one."""
    currency = batch.currency or ""
    total = sum((line.amount for line in lines if line.amount is not None), Decimal(0))
    said = []
    stated_totals = ((batch.control_total, "The file's own total"), (batch.typed_total, "The total typed with it"))
    for stated, whose in stated_totals:
        if stated is not None and stated != total:
            said.append(
                f"{whose} is {money(stated, currency)}, the lines come to {money(total, currency)}:"
                f" a difference of {money(stated - total, currency)}."
            )
    return said + list(batch.differences)


def _problems(lines: Sequence[Line], currency: str) -> list[str]:
    """Show the first lines that will not be posted, in sections that Slack's limit holds."""
    out = [line for line in lines if line.left_out]
    if not out:
        return []
    left = sum((line.amount for line in out if line.amount is not None), Decimal(0))
    said = [f"*{count(len(out), 'line')}, {money(left, currency)}, will not be posted*"]
    for line in out[:PROBLEMS]:
        row = f"Row {line.row}" if line.cell == str(line.row) else f"Cell {line.cell}"
        parts = [row]
        if line.matter:
            parts.append(f'"{esc(line.matter)}"')
        if line.amount is not None:
            parts.append(money(line.amount, currency))
        said.append(f"{', '.join(parts)}: {esc(line.left_out or '')}"[:700])
    if len(out) > PROBLEMS:
        said.append(f"and {len(out) - PROBLEMS:,} more.")
    half = len(said) // 2 + 1
    return ["\n".join(said[:half]), "\n".join(said[half:])] if len("\n".join(said)) > 2_900 else ["\n".join(said)]


def _consequences(view: PreviewView, currency: str) -> str:
    batch = view.batch
    as_of = f" as of {long_date(batch.as_of)}" if batch.as_of else ""
    parts = [
        f"Each entry will read \"{esc(batch.description or '')}{as_of}\", with the line's own note, on the client's"
        " bill."
    ]
    if batch.status is BatchStatus.PREVIEWED:
        parts.append(f"Posting takes {about(view.seconds)} at Clio's pace.")
    if view.description_problem:
        parts.append(f":warning: {esc(view.description_problem)}")
    credit = sum((line.amount for line in view.lines if line.entry and line.amount and line.amount < 0), Decimal(0))
    if credit:
        parts.append(
            f"Credits among the lines come to {money(credit, currency)}. Where an entry itself is negative, Clio's"
            " reports show it as positive, and a negative bill counts as paid at once."
        )
    if batch.taxed:
        parts.append(
            "Clio adds tax to this firm's bills by default: the bills for these balances must be made without."
        )
    return " ".join(parts)


def _decision(view: PreviewView, currency: str) -> list[Block]:
    batch = view.batch
    small = f"{batch.name}, revision {batch.revision}, fingerprint {fingerprint(batch.hash or '')}"
    if batch.status is not BatchStatus.PREVIEWED:
        word = DECIDED.get(batch.status, "Approved")
        by = f" by {person(batch.decided_by)}" if batch.decided_by else ""
        at = f", {when(batch.decided_at, view.zone)}" if batch.decided_at else ""
        return [context(f"{word}{by}{at}. {small}.")]
    value = f"{batch.id}:{batch.revision}:{(batch.hash or '')[:12]}"
    reject = button(
        "Reject",
        "reject",
        value,
        confirm=confirm("Reject this batch?", "Nothing will be posted. The file can be dropped again.", "Reject"),
    )
    if not view.planned.entries:
        return [
            section("Nothing here can be posted yet."),
            context(small),
            actions(reject),
        ]
    if held := differences(batch, view.lines):
        if batch.confirmed_by is None:
            confirm_total = button("The lines are right", "confirm_total", value)
            return [section(_held(held)), context(small), actions(confirm_total, reject)]
        small = f"{small}. {person(batch.confirmed_by)} says that the lines are right although a total differs"
    if not view.approvers:
        return [section(_nobody(view)), context(small), actions(reject)]
    entries = count(view.planned.entries, "entry", "entries")
    approve = button(
        f"Approve {entries}",
        "approve",
        value,
        style="primary",
        confirm=confirm(
            f"Post {entries}?",
            f"Post {entries}, {money(view.planned.amount, currency)}, to Clio? Afterwards an entry can only be changed"
            " or removed in Clio.",
            f"Post {entries}",
        ),
    )
    ask = (
        f"Waiting for an approver other than {person(batch.uploader)}: {people(view.approvers, last='or')}."
        f" {person(batch.uploader)} may withdraw it with Reject."
    )
    return [section(ask), context(small), actions(approve, reject)]


def _held(held: Sequence[str]) -> str:
    said = "\n".join(f"• {esc(one)}" for one in held[:PROBLEMS])
    more = f"\nand {len(held) - PROBLEMS:,} more." if len(held) > PROBLEMS else ""
    return (
        f":warning: *Held: a total does not agree with its lines.*\n{said}{more}\nCorrect the file and drop it again."
        " If the lines are right and the total is not, someone who will not approve it says so here."
    )


def _nobody(view: PreviewView) -> str:
    if not view.listed_approvers:
        return (
            ":warning: Nobody can approve this: no approvers are set. Whoever runs this bot names them in"
            " BALANCES_APPROVERS, starts it again, and the file is dropped once more."
        )
    return (
        f":warning: Nobody can approve this: {person(view.batch.uploader)} uploaded it and is the only approver."
        " Someone else drops the file, or a second approver is named in BALANCES_APPROVERS."
    )
