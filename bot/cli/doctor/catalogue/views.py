"""Forms and Home tabs."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from brought_forward.bot.cli.doctor.catalogue import samples as of
from brought_forward.bot.cli.doctor.catalogue.before import PLANNED
from brought_forward.bot.cli.doctor.catalogue.case import Case, cases
from brought_forward.bot.messages import approval, fix_form, home, intake, queries, report_total
from brought_forward.bot.messages.fix_form import FixView
from brought_forward.bot.messages.fix_items import ADDED, items, pages, shared_names, suggestions
from brought_forward.bot.messages.home import HomeLine, HomeView
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState
from brought_forward.storage.records.slack import Month

METADATA = "7:2:cdcdcdcdcdcd|1700000000.000100|C0000SAMPLE"


def form_cases() -> Iterator[Case]:
    """Show every form."""
    batch = of.batch(typed_total=Decimal("184220.50"))
    yield from cases(intake.form, "any channel")([])
    yield from cases(intake.form, "of a list")(["C0000SAMPLE"])
    for is_first in (False, True):
        about = "first of two" if is_first else ""
        yield from cases(approval.comment_form, about)(batch, PLANNED, METADATA, is_first=is_first)
    yield from cases(approval.date_form)(batch, METADATA)
    yield from cases(approval.reject_form)(batch, METADATA, mine=False)
    yield from cases(approval.reject_form, "withdraw")(batch, METADATA, mine=True)
    refused = approval.reject_form(batch, METADATA, mine=False)
    yield from cases(approval.refused_form)(refused, "Only approvers can do this.")
    yield from cases(queries.ask_form)(batch, METADATA)
    yield from cases(queries.reply_form)(batch, of.ASKED, METADATA)
    yield from cases(report_total.total_form)(batch, "$184,220.50", METADATA)
    yield from fix_cases()


def fix_cases() -> Iterator[Case]:
    """Show the form of Fix lines: its suggestions, a page of names and lines, the last page, and a notice."""
    lines = of.lines()
    names = of.names(lines)
    shared = shared_names(lines, names)
    codes = {line.row: "matter_unknown" for line in lines if line.left_out}
    drafts: dict[int, dict[str, Any]] = {lines[1].row: {ADDED: True}, lines[0].row: {"matter": 13, "more": True}}
    shown = pages(items(lines, shared, names, codes, drafts, frozenset()))
    offered = suggestions(lines, shared, names, {})
    for page, about in ((0, "suggestions"), (1, "first page"), (len(shown), "last page")):
        view = FixView(
            batch=of.batch(),
            pages=shown,
            page=page,
            suggestions=offered,
            names=names,
            codes=codes,
            anyway=frozenset(line.row for line in lines[:9]),
            drafts=drafts if page else {},
            matters=of.MATTERS,
            users=of.USERS,
            goes={line.row: of.LONG for line in lines},
            wrong=("Say why.",) if page else (),
            unnamed=True,
        )
        yield from cases(fix_form.form, about)(view)
    yield from cases(fix_form.notice)("Fix lines of B7", f"*B7* was approved meanwhile, {of.LONG}.")


def home_cases() -> Iterator[Case]:
    """Show the Home tab of an approver, of somebody new, and of who may see nothing."""
    every = [HomeLine(of.batch(status), of.tallies(*EntryState), sums=True, ahead=of.AHEAD) for status in BatchStatus]
    held = HomeLine(of.batch(), of.tallies(EntryState.PLANNED), sums=True, held="totals differ by $90.00")
    hidden = HomeLine(of.batch(), of.tallies(EntryState.PLANNED), sums=False)
    months = [Month(f"2026-{month:02d}", "USD", 58, Decimal("184220.50")) for month in range(12, 0, -1)]
    yield from cases(home.home, "an approver's")(HomeView([held], every, [hidden], months, approves=True))
    yield from cases(home.home, "empty")(HomeView([], [], [], [], approves=False))
    yield from cases(home.closed)("Only members of the firm see this.")
