"""Sample records, none of a real firm: of each kind one as large and as hard as sheets and firms make them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from brought_forward.bot.messages.approval import Approving
from brought_forward.storage.records.batch import Ahead, Batch, BatchStatus, EntryForm, Replacement, Rules, RunKind
from brought_forward.storage.records.connection import ClioSignIn, Source
from brought_forward.storage.records.entry import Entry, EntryState, Outcome, Reversal, Tally
from brought_forward.storage.records.firm import AliasKind, Matter, Near, OpenName, UsedChoice, User
from brought_forward.storage.records.inquiry import (
    Billed,
    BillState,
    Difference,
    Inquiry,
    InquiryKind,
    InquiryState,
    Kind,
    ReadBack,
    Sums,
)
from brought_forward.storage.records.query import Query, QueryEnd
from brought_forward.storage.records.sheet import CensusColumn, Comments, Finding, Line, NotCounted, Owed
from brought_forward.storage.records.slack import Wish, WishKind

AT = datetime(2026, 11, 23, 14, 2, tzinfo=UTC)
DAY = AT.date()
SITE = "https://app.clio.com"
STAFF, MANAGER, PARTNER = "U0000SAMPL1", "U0000SAMPL2", "U0000SAMPL3"
FIRM, CHANNEL = "T0000SAMPLE", "C0000SAMPLE"
LONG = "Featherstonehaugh & Whittingham <Fortescue> *Holdings* of Northern Pennsylvania"
MANY = 120  # lines and entries of a large batch: tables end at 99 rows, and more are folded

FIRST = 6  # the first line's row
TOTAL = sum((Decimal(row) * 10 for row in range(FIRST, FIRST + MANY)), Decimal(0))  # what its lines come to
RULES = Rules((MANAGER, PARTNER), None, 72.0, post_credits=False, description="Balance brought forward")


def batch(status: BatchStatus = BatchStatus.PREVIEWED, **more: Any) -> Batch:
    """Make a batch of a large sheet."""
    given: dict[str, Any] = dict.fromkeys(Batch.__dataclass_fields__)
    given |= {
        "id": 7, "firm": FIRM, "channel": CHANNEL, "file_id": "F0000SAMPLE", "share_ts": "1700000000.000100",
        "thread_ts": "1700000000.000100", "uploader": STAFF, "owner": STAFF, "file_name": f"AR of {LONG}.xlsx",
        "file_size": 41_000, "sha256": "ab" * 32, "status": status, "revision": 2, "hash": "cd" * 32,
        "account": "us:1", "currency": "USD", "description": "Balance brought forward", "description_id": 1,
        "description_sends": 0, "posting_date": DAY, "as_of": DAY, "stated_as_of": date(2026, 10, 31),
        "sheet": "Receivables", "header_row": 5, "zero_rows": 3, "control_total": TOTAL, "remarks":
        ('Row 12 says "paid".',), "taxed": True, "parses": 1, "run_token": "t", "episode": 1, "differences": (),
        "results_due": False, "read_back_due": False, "rules": RULES, "expire_at": AT + timedelta(hours=72),
        "created_at": AT, "updated_at": AT, "form": EntryForm.FLAT, "balance": 'F "Closing Balance"',
        "proofs": ("C + D - E = F on all rows",), "column_total": Decimal("190000.00"), "signature": "s",
        "census": (CensusColumn("F", "Closing Balance", "balance"), CensusColumn("G", "Phone", "harmless"),
                   CensusColumn("H", "Trust", "trust", beside=Decimal("900.00"))),
        "comments": Comments("I", "Remarks", 4, on=False), "typed_by": None, "namesake": False, "mended": False,
        "renote": False,
    }  # fmt: skip
    return Batch(**given | more)


def entry(place: int = 1, state: EntryState = EntryState.POSTED, **more: Any) -> Entry:
    """Make an entry of it."""
    reason = f"Matter is closed to new time & <more>, {LONG}" if state is not EntryState.POSTED else None
    given: dict[str, Any] = dict.fromkeys(Entry.__dataclass_fields__)
    given |= {
        "id": place, "batch": 7, "position": place, "matter_id": place, "matter_number": f"{place:05d}-{LONG}",
        "user_id": 1, "user_name": f"Bartholomew Quartermaine {place % 9}", "amount": Decimal(place * 137) / 100 + 1,
        "date": DAY, "note": "Balance brought forward as of 31 October 2026", "state": state, "clio_id": 5_000 + place,
        "reason": reason, "found": False, "unanswered": 0,
    }  # fmt: skip
    return Entry(**given | more)


def entries(number: int = MANY) -> list[Entry]:
    """Make entries of every state."""
    states = list(EntryState)
    return [entry(place, states[place % len(states)]) for place in range(1, number + 1)]


def tallies(*states: EntryState, entries: int = 12) -> Mapping[EntryState, Tally]:
    """Count some entries in each of these states, and none in all others."""
    some = {state: Tally(entries, Decimal("1234.50")) for state in states}
    return {state: some.get(state, Tally()) for state in EntryState}


def lines(number: int = MANY) -> list[Line]:
    """Make lines, of which every third stays out."""
    out = 'no matter of this number in Clio (or the bot may not see it). Did you mean "00213-Nguyen"?'
    return [
        Line(row, f"F{row}", f"{row:05d}-{LONG}", f"Bartholomew Quartermaine {row % 9}", LONG, Decimal(row) * 10, DAY,
             "Invoice 12", None, out if row % 3 == 0 else None, None if row % 3 == 0 else row)
        for row in range(FIRST, FIRST + number)
    ]  # fmt: skip


def owed(number: int) -> list[Owed]:
    """Make what a sheet says of so many matters; of another number, most of them differ."""
    return [Owed(f"{place:05d}-{LONG}", Decimal(place + place % 3 * number)) for place in range(number)]


def findings(of: Sequence[Line]) -> list[Finding]:
    """Say what the rules say of these lines."""
    said = [Finding(line.row, "matter_unknown", line.left_out, blocks=True) for line in of if line.left_out]
    said += [Finding(line.row, "ten_times", "$100.00 is ten times what B3 had.", blocks=False) for line in of[:12]]
    return [*said, Finding(None, "as_last_time", "It is as large as the last one.", blocks=False)]


def names(of: Sequence[Line]) -> list[OpenName]:
    """Say what is near the names that Clio does not have: the first of them stand on two lines each."""
    near = (Near(13, f"00213-{LONG}"),)
    failing = [line for line in of if line.left_out]
    return [
        OpenName(line.row, AliasKind.MATTER if place % 2 else AliasKind.USER, f"name {min(place, 8) // 4}{LONG}", near)
        for place, line in enumerate(failing)
    ]


MATTERS = {13: Matter(13, f"00213-{LONG}", LONG, "Closed", True, "hourly", LONG, "USD", 1)}
USERS = {13: User(13, "Bartholomew Quartermaine", "Bartholomew", "Quartermaine", "BQ", "b@example.com", True, False)}
APPROVING = Approving((MANAGER, PARTNER, "S0000SAMPLE"), 2, ("S0000SAMPLE",), listed=True, two_above=Decimal(10_000))
AHEAD = (Ahead(5, RunKind.POST, 50, 0), Ahead(6, RunKind.UNDO, 0, 9))
NOT_COUNTED = [
    NotCounted(130, Decimal("184220.50"), "a total"),
    NotCounted(9, Decimal(20), "repeats the rows below it"),
]
REPLACEMENTS = [Replacement(7, 6, "AR 2.xlsx", f"AR {LONG}.xlsx", 50, 40, None, None, is_open=True)]
CHOICES = [
    UsedChoice(place, is_answer=place % 2 == 0, kind="matter", text=f"{LONG} {place}", means="00213-Nguyen", by=STAFF,
               at=AT, row=place, posted=place % 5, amount=Decimal(place))
    for place in range(1, 16)
]  # fmt: skip


ASKED = Query(
    id=1, batch=7, asked_by=MANAGER, asked_at=AT, text=f"Is {LONG}\npaid?" * 9, ended=None, ended_by=None, answer=None,
    ended_at=None, is_open=True,
)  # fmt: skip
ANSWERED = replace(ASKED, ended=QueryEnd.ANSWERED, ended_by=STAFF, answer=f"No, {LONG}.", is_open=False)


def inquiry(kind: InquiryKind) -> Inquiry:
    """Make something that was asked later."""
    return Inquiry(1, FIRM, 7, kind, MANAGER, AT, InquiryState.OPEN, "bills", 0, None, None, None, None, None, AT)


def read_back(differences: int = 0) -> ReadBack:
    """Make what Clio was found to hold."""
    kinds = list(Kind)
    found = tuple(
        Difference(kinds[place % len(kinds)], f"{place:05d}-{LONG}", "is missing, $12.00 of 23 November 2026", place)
        for place in range(differences)
    )
    sums = tuple(Sums(f"{LONG} {place}", Decimal(place), Decimal(place + bool(differences))) for place in range(40))
    return ReadBack(57, Decimal("179220.50"), found, sums, sums if differences else (), 57, "", AT)


def reversals(number: int = MANY) -> list[Reversal]:
    """Make the entries of an undo with every outcome."""
    outcomes = [*Outcome, None]
    return [
        Reversal(entry(place), 5_000 + place, outcomes[place % 4], f"it is on a draft bill, {LONG}", False, 0, None)
        for place in range(1, number + 1)
    ]


BILLS = [
    Billed(place, f"{place:05d}-{LONG}", 1, Decimal(place), list(BillState)[place % len(BillState)], 9, "Bill 12",
           differs=place % 2)
    for place in range(1, MANY)
]  # fmt: skip


WISH = Wish(
    firm=FIRM, said="1", kind=WishKind.DIRECT, person=STAFF, channel=CHANNEL, file_id="F0000SAMPLE", id=1,
    file_name=f"AR {LONG}.xlsx",
)  # fmt: skip


SIGN_IN = ClioSignIn(
    id=1, firm=FIRM, region="us", source=Source.CONNECT, account="us:1", user_id=1, user_name=LONG, can_refresh=False,
    key_id="0123abcd", expires_at=AT, life=2_592_000.0, version=1, connected_at=AT, refreshed_at=None, refresh_at=None,
    warned=None, ended_at=None, ended_by=None,
)  # fmt: skip
