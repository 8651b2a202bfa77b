"""Previews of sheets of any size, as hard as sheets are: long names, lines that stay out, notes, many users."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from brought_forward.bot.messages.approval import Approving
from brought_forward.bot.messages.preview import PreviewView
from brought_forward.storage.records.batch import Batch, BatchStatus, EntryForm
from brought_forward.storage.records.entry import ClientTotal, MatterTotal, Notes, Tally, UserTotal
from brought_forward.storage.records.sheet import Finding, Line

USERS, LARGEST, TEXTS = 150, 10, 40
NAME = "-Featherstonehaugh & Whittingham-Fortescue Holdings of Northern Pennsylvania"


def a_batch(**more: Any) -> Batch:
    """Make a batch that waits for approval."""
    at = datetime(2026, 11, 23, 12, tzinfo=UTC)
    given: dict[str, Any] = dict.fromkeys(Batch.__dataclass_fields__)
    given |= {
        "id": 7, "firm": "T1", "channel": "C1", "uploader": "U1", "owner": "U1", "file_name": "AR.csv",
        "status": BatchStatus.PREVIEWED, "revision": 1, "hash": "ab" * 32, "currency": "USD", "header_row": 1,
        "zero_rows": 0, "posting_date": at.date(), "as_of": at.date(), "description": "Balance brought forward",
        "remarks": (), "differences": (), "taxed": False, "created_at": at, "updated_at": at,
        "form": EntryForm.FLAT, "balance": "", "proofs": (), "census": (),
    }  # fmt: skip
    return Batch(**given | more)


def view(lines: int) -> PreviewView:
    """Show a sheet of so many lines: every tenth stays out, every twentieth is looked at, every fourth has a note."""
    made, findings = [], []
    for row in range(2, lines + 2):
        out = (
            f'no user "Nemo {row}" in Clio. Write the name, e-mail or initials as Clio has them.'
            if row % 10 == 3
            else None
        )
        amount = Decimal(row * 137 % 99_991) / 100 + 1
        made.append(Line(row, f"C{row}", f"{row:05d}{NAME}", f"User {row % USERS}", None, amount, None, None, None, out,
                         None if out else row))  # fmt: skip
        if out:
            findings.append(Finding(row, "user_unknown", out, blocks=True))
        elif row % 20 == 5:
            findings.append(Finding(row, "ten_times", f"${amount} is ten times what B{row} had.", blocks=False))
    posted = [one for one in made if one.entry]
    total = sum((one.amount or Decimal(0) for one in posted), Decimal(0))
    users = min(USERS, len(posted))
    return PreviewView(
        batch=a_batch(),
        planned=Tally(len(posted), total),
        by_user=[UserTotal(f"Bartholomew Quartermaine {place}", 1, total / users) for place in range(users)],
        lines=made,
        approving=Approving(["U2", "U3"], 2, [], listed=True),
        seconds=float(len(posted)),
        zone="America/New_York",
        findings=findings,
        notes=Notes(len(posted) - lines // 4, lines // 4),
        largest=[MatterTotal(one.matter or "", one.amount or Decimal(0)) for one in posted[:LARGEST]],
        clients=[ClientTotal(one.matter or "", 1, one.amount or Decimal(0)) for one in posted[:LARGEST]],
        texts=[(one.matter or "", f"Balance brought forward as of 23 November 2026: Invoice {one.row}{NAME}")
               for one in posted[: min(TEXTS, lines // 4)]],
    )  # fmt: skip
