"""The sign-off of a batch: one printable sheet of who did what, the sums and what stayed out, and a row a matter. Pure.

It is made of the rows as they are when it is asked for, with people's names of that moment: a paper for the file, which
no later change of a name or of Slack takes anything from.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from brought_forward.bot.messages.evidence import not_brought
from brought_forward.bot.messages.preview_sums import total_of
from brought_forward.bot.messages.results import outcome, together
from brought_forward.bot.messages.status import Tallies, open_ends
from brought_forward.bot.messages.words import count, fingerprint, long_date, money
from brought_forward.bot.slack.workbooks import Book
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import Entry, EntryState
from brought_forward.storage.records.inquiry import ReadBack
from brought_forward.storage.records.query import Query
from brought_forward.storage.records.sheet import Line, NotCounted

MATTERS = ("Matter", "User", "Amount", "Result", "Clio id", "Matter in Clio")
PUT_RIGHT = ("Row", "What", "In the file", "Put right", "By", "When")
LEFT_OUT = ("Row", "Matter", "User", "Amount", "Why")
DID = ("When", "Who", "What", "Standing in for", "In their words")
QUESTIONS = ("Asked", "By", "Question", "How it ended", "By", "When", "Answer")
# What people did, by the action of the decision; what is not named here moved no money and no line.
DONE = {
    "bring": "asked for it to be brought forward",
    "answer": "answered a question on the sheet",
    "mend": "dropped corrected lines",
    "fix": "put lines right in the form",
    "date": "chose the posting date",
    "total": "typed the report's total",
    "confirm_total": "said that the lines are right",
    "confirm_choices": "confirmed choices",
    "comments_on": "put comments on the bills",
    "comments_off": "left comments off the bills",
    "keep_file": "kept the file as read",
    "replace": "said that it replaces an earlier file",
    "keep_both": "said that both files are meant",
    "form": "chose another form of entry",
    "approve": "approved",
    "pause": "paused posting",
    "stop": "stopped posting",
    "go_on": "let posting go on",
    "retry_refused": "sent refused entries again",
    "remove_entry": "removed an entry from Clio",
    "look_again": "asked Clio again",
    "undo_named": "undid what was posted",
    "undo": "undid what was posted",
    "stop_undo": "stopped the undo",
}
SAID = {"upload": "dropped the file", "own": "brought the file to Slack"} | DONE
# What only approvers do, so that a stand-in does it in somebody's place.
APPROVERS = {"approve", "confirm_choices", "form", "pause", "stop", "go_on", "retry_refused", "remove_entry",
             "look_again", "undo_named", "undo", "stop_undo"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody did with a batch, and when."""

    at: datetime
    actor: str  # a Slack user's id
    action: str
    stands_for: str | None = None  # the approver in whose place, also where anybody might have
    reason: str = ""  # with an approval, the approver's comment

    @property
    def away(self) -> str | None:
        """The approver for whom somebody did what only approvers do."""
        return self.stands_for if self.action in APPROVERS else None

    @property
    def words(self) -> str:
        """What somebody said with it, in their own words."""
        return self.reason if self.action == "approve" else ""


@dataclass(frozen=True, slots=True)
class SignoffView:
    """All that the sign-off of a batch shows."""

    batch: Batch
    tallies: Tallies
    entries: Sequence[Entry]
    lines: Sequence[Line]
    not_counted: Sequence[NotCounted]
    corrections: Sequence[Mapping[str, Any]]  # what people put right in the lines, oldest first
    undone: Mapping[int, str]  # what an undo did to entries, by their ids
    steps: Sequence[Step]  # oldest first, those that were allowed
    queries: Sequence[Query]  # what approvers asked before, oldest first
    read_back: ReadBack | None
    name_of: Callable[[str], str]  # a person's name as Slack shows it
    clio_site: str
    zone: ZoneInfo
    made_at: datetime


def signoff(view: SignoffView) -> bytes:
    """Write the workbook: a page to print and sign, every matter, and every line that stayed out."""
    batch, book = view.batch, Book()
    book.page(f"{batch.name} sign-off", f"Balances brought forward: {batch.file_name} ({batch.name})", _page(view))
    rows = [
        [one.matter_number, one.user_name, one.amount, view.undone.get(one.id) or outcome(one, batch),
         str(one.clio_id) if one.clio_id else None, f"{view.clio_site}/nc/#/matters/{one.matter_id}"]
        for one in view.entries
    ]  # fmt: skip
    matters = book.sheet("Matters", MATTERS, rows, (24, 20, 14, 34, 14, 44))
    book.link(matters, len(MATTERS) - 1, [str(row[-1]) for row in rows])
    book.to_print(matters)
    left = [[one.row, one.matter, one.user, one.amount, one.left_out] for one in view.lines if one.left_out]
    if left:
        book.to_print(book.sheet("Left out", LEFT_OUT, left, (8, 24, 20, 14, 70)))
    if view.corrections:
        put = [[one["row"], one["field"], one["was"], one["now"], view.name_of(one["actor"]),
                _when(view, datetime.fromisoformat(one["at"]))] for one in view.corrections]  # fmt: skip
        book.to_print(book.sheet("Put right by hand", PUT_RIGHT, put, (8, 12, 34, 34, 24, 24)))
    did = [[_when(view, one.at), view.name_of(one.actor), SAID[one.action], one.away and view.name_of(one.away),
            one.words] for one in _told(view)]  # fmt: skip
    book.to_print(book.sheet("Who did what", DID, did, (24, 20, 34, 20, 70)))
    if view.queries:
        book.to_print(book.sheet("Questions", QUESTIONS, _questions(view), (24, 20, 60, 14, 20, 24, 60)))
    return book.close()


def _page(view: SignoffView) -> list[tuple[str, list[list[Any]]]]:
    """Give the parts of the page: each a heading and its rows of cells."""
    batch = view.batch
    left = [one for one in view.lines if one.left_out]
    posted = view.tallies[EntryState.POSTED]
    all_entries = together(view.tallies)
    sums: list[list[Any]] = [
        [count(len(view.lines), "line") + " of the sheet", total_of(view.lines)],
        [count(len(left), "line") + " left out", total_of(left)],
        [count(all_entries.entries, "entry", "entries") + " approved", all_entries.amount],
        [count(posted.entries, "entry", "entries") + " posted", posted.amount],
    ]  # fmt: skip
    sums += [[text, None] for text in open_ends(view.tallies)]
    parts = [
        ("The file", _file(view)),
        ("Who did what", [[_when(view, one.at), _step(view, one)] for one in _told(view)]),
        ("Questions before the approval", [row for one in view.queries for row in _asked(view, one)]),
        ("Sums", sums),
        ("Posted, by user", _by_user(view)),
        ("Read back from Clio", [[text] for text in _read_back(view)]),
    ]
    if beside := not_brought(batch, batch.currency or ""):
        parts.append(("Seen in the sheet and not brought forward", [[one] for one in beside]))
    if view.not_counted:
        total = sum((one.amount for one in view.not_counted), Decimal(0))
        rows = count(len(view.not_counted), "row")
        parts.append(("Not counted", [[f"{rows}: totals, and what repeats other rows", total]]))
    signed: list[list[Any]] = [["Prepared by", "", "Date"], ["", "", ""], ["Reviewed by", "", "Date"]]
    return [*((heading, rows) for heading, rows in parts if rows), ("Signatures", signed)]


def _by_user(view: SignoffView) -> list[list[Any]]:
    """Sum what stands posted by user, by name."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in view.entries:
        if one.state is EntryState.POSTED:
            sums[one.user_name] += one.amount
    return [[name, amount] for name, amount in sorted(sums.items())]


def _file(view: SignoffView) -> list[list[Any]]:
    batch = view.batch
    rows: list[list[Any]] = [
        ["File", batch.file_name],
        ["SHA-256", batch.sha256],
        ["Sheet", batch.sheet],
        ["Fingerprint of what was approved", fingerprint(batch.hash) if batch.hash else None],
        ["Clio account", batch.account],
        ["Activity description", batch.description],
        ["Currency", batch.currency],
        ["Entries dated", long_date(batch.posting_date) if batch.posting_date else None],
        ["Balances as of", long_date(batch.as_of) if batch.as_of else None],
        ["This page made", _when(view, view.made_at)],
    ]
    return [row for row in rows if row[1]]


def _told(view: SignoffView) -> list[Step]:
    """Give the upload and every decision that moved a line or money."""
    batch = view.batch
    owner = [Step(batch.created_at, batch.owner, "own")] if batch.owner != batch.uploader else []
    shared = Step(batch.created_at, batch.uploader, "upload")
    return [shared, *owner, *(one for one in view.steps if one.action in DONE)]


def _step(view: SignoffView, step: Step) -> str:
    away = f", standing in for {view.name_of(step.away)}" if step.away else ""
    return f"{view.name_of(step.actor)} {SAID[step.action]}{away}{_quoted(step.words)}"


def _asked(view: SignoffView, one: Query) -> list[list[Any]]:
    """Give a question and how it ended, a row each."""
    asked = [_when(view, one.asked_at), f"{view.name_of(one.asked_by)} asked{_quoted(one.text)}"]
    if one.ended_by is None or one.ended_at is None:
        return [asked, ["", "Not answered."]]
    who = view.name_of(one.ended_by)
    end = f"{who} answered{_quoted(one.answer)}" if one.answer else f"{who} withdrew the question."
    return [asked, [_when(view, one.ended_at), end]]


def _questions(view: SignoffView) -> list[list[Any]]:
    return [
        [_when(view, one.asked_at), view.name_of(one.asked_by), one.text, one.ended or "not answered",
         one.ended_by and view.name_of(one.ended_by), one.ended_at and _when(view, one.ended_at), one.answer]
        for one in view.queries
    ]  # fmt: skip


def _quoted(said: str) -> str:
    """Quote what somebody said, in one line."""
    return f': "{" ".join(said.split())}"' if said else ""


def _read_back(view: SignoffView) -> list[str]:
    found, currency = view.read_back, view.batch.currency or ""
    if found is None:
        return ["Not read back."]
    if found.failed:
        return [f"Clio could not be read back: {found.failed}"]
    at = f"{_when(view, found.read_at)}: " if found.read_at else ""
    said = f"{at}{count(found.entries, 'entry', 'entries')}, {money(found.amount, currency)}"
    if found.equal:
        return [f"{said}, equal to the cent with what stands posted here."]
    return [f"{said}. This is not what was posted:", *(one.sentence for one in found.differences)]


def _when(view: SignoffView, at: datetime) -> str:
    return f"{at.astimezone(view.zone):%d %b %Y %H:%M %Z}"
