"""What is said from the click on Approve on: how far posting is, halts, results, undo, and what is asked later."""

from collections.abc import Iterator
from decimal import Decimal

from brought_forward.bot.cli.doctor.catalogue import samples as of
from brought_forward.bot.cli.doctor.catalogue.case import Case, cases
from brought_forward.bot.clio.connection import NO_LONGER
from brought_forward.bot.messages import answers, bills, digest, results, status, undo
from brought_forward.bot.messages.answers import Candidate, Looked, LookedView
from brought_forward.bot.messages.bills import BillsView
from brought_forward.bot.messages.digest import DigestView
from brought_forward.bot.messages.results import ClosingView
from brought_forward.bot.messages.status import StatusView
from brought_forward.bot.messages.undo import UndoView
from brought_forward.storage.records.batch import BatchStatus, EntryForm
from brought_forward.storage.records.entry import EntryState, Outcome, Tally
from brought_forward.storage.records.inquiry import InquiryKind

S = EntryState
POSTED = Tally(57, Decimal("179220.50"))


def posting_cases() -> Iterator[Case]:
    """Show the living status, and each way in which a run halts."""
    for state in BatchStatus:
        view = StatusView(of.batch(state, halt="person", halt_text="Stopped."), of.tallies(S.PLANNED, S.POSTED), 60.0)
        yield from cases(status.status, view, about=state.value)
    waits = StatusView(of.batch(BatchStatus.APPROVED), of.tallies(S.PLANNED), 60.0, of.AHEAD, 90.0)
    yield from cases(status.status, waits, about="waiting for its turn")
    everything = of.tallies(*S)
    for halt in ("signed_out", "refusals", "wrong", "gone", "unanswered", "form", "person"):
        for state in (BatchStatus.PAUSED, BatchStatus.STOPPED):
            batch = of.batch(state, halt=halt, halt_text=f"Clio no longer accepts our sign-in, {of.LONG}.")
            wrong = of.entry(3, S.WRONG) if halt == "wrong" else None
            form = EntryForm.FLAT_HOUR if halt == "form" else None
            view = StatusView(batch, everything, 60.0, wrong=wrong, next_form=form)
            yield from cases(status.halted, view, about=f"{state.value}, {halt}")
    yield from cases(status.went_on, of.batch(), of.LONG, "Went on", of.MANAGER)
    changes = [f"{place:05d}-{of.LONG}: it would no longer be an entry." for place in range(20)]
    yield from cases(status.drifted, changes, of.batch(), Decimal("184220.50"))


def result_cases() -> Iterator[Case]:
    """Show what became of every matter, and the closing words."""
    done = of.batch(BatchStatus.POSTED)
    yield from cases(results.results, done, of.entries(), of.SITE, about="many")
    yield from cases(results.results, done, of.entries(8), of.SITE, about="few")
    for state, read_back, about in (
        (BatchStatus.POSTED, None, "before it is read back"),
        (BatchStatus.POSTED, of.read_back(), "equal"),
        (BatchStatus.STOPPED, of.read_back(30), "not equal, with every open end"),
    ):
        view = ClosingView(
            batch=of.batch(state),
            tallies=of.tallies(*S),
            refused=[of.entry(place, S.REFUSED) for place in range(15)],
            wrong=of.entry(3, S.WRONG),
            undo=undo.undo_button(done, POSTED),
            left_out=(3, Decimal("2854.00")),
            read_back=read_back,
            clio_site=of.SITE,
            next_form=EntryForm.FLAT_HOUR if read_back else None,
        )
        yield from cases(results.closing, view, about=about)


def undo_cases() -> Iterator[Case]:
    """Show an undo from its offer to its closing words."""
    done = of.batch(BatchStatus.POSTED)
    yield from cases(undo.ask, done, POSTED)
    closing = undo.ask(done, POSTED)
    yield from cases(undo.without_buttons, closing, of.MANAGER)
    outcomes: dict[Outcome | None, Tally] = dict.fromkeys((*Outcome, None), POSTED)
    over = outcomes | {None: Tally()}
    for batch, some, ahead, about in (
        (of.batch(BatchStatus.UNDOING), outcomes, (), "under way"),
        (of.batch(BatchStatus.UNDOING), outcomes, of.AHEAD, "waiting for its turn"),
        (of.batch(BatchStatus.UNDOING, halt="person", halt_text=undo.signed_out(NO_LONGER)), outcomes, (), "halted"),
        (of.batch(BatchStatus.UNDONE), over, (), "over"),
    ):
        view = UndoView(batch, of.tallies(*S), some, of.MANAGER, 60.0, ahead, 90.0)
        yield from cases(undo.living, view, about=about)
    yield from cases(undo.pages, of.batch(BatchStatus.UNDONE), of.reversals(), of.SITE)
    for read_back, about in ((None, "before it is read back"), (of.read_back(30), "not equal")):
        view = UndoView(of.batch(BatchStatus.UNDONE), of.tallies(*S), over, of.MANAGER, stays=of.reversals(40),
                        wrong=of.entry(3, S.WRONG), read_back=read_back)  # fmt: skip
        yield from cases(undo.closing, view, about=about)


def later_cases() -> Iterator[Case]:
    """Show the answers to what is asked later."""
    done = of.batch(BatchStatus.POSTED)
    for kind in InquiryKind:
        yield from cases(answers.failed, done, of.inquiry(kind), "Clio answered 503.", about=kind.value)
    yield from cases(answers.reported, done, of.inquiry(InquiryKind.REPORT), of.DAY, of.DAY)
    candidates = [Candidate(place, None, of.LONG, of.DAY, "it may be somebody else's") for place in range(7)]
    looked = [Looked(one, candidates) for one in of.entries(48)]
    yield from cases(answers.looked, LookedView(done, looked, of.MANAGER, of.SITE))
    yield from cases(answers.differing, done, of.read_back(30), of.SITE)
    yield from cases(answers.reconciled, done, of.read_back(), POSTED.amount, of.MANAGER, about="equal")
    yield from cases(answers.reconciled, done, of.read_back(30), Decimal(1), of.MANAGER, about="not equal")
    yield from cases(bills.bills, BillsView(done, of.BILLS, 1, of.MANAGER, of.AT, of.SITE))
    yield from cases(digest.digest, DigestView(of.DAY, [(done, of.BILLS), (of.batch(id=8), of.BILLS)], of.SITE))
