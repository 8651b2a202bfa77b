"""How the preview words what was answered: each kind of question reads as a sentence."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from brought_forward.bot.messages.preview_choices import settled
from brought_forward.storage.records.firm import UsedChoice


@pytest.mark.parametrize(
    ("kind", "value", "heading", "said"),
    [
        ("balance", "D", "Amount Due", 'the column of balances is column D, "Amount Due"'),
        ("user", "none", "No: each matter's attorney", 'users are read from "No: each matter\'s attorney"'),
        ("sheet", "JAN", "Sheet January", 'of the file\'s sheets is read: "Sheet January"'),
        ("hidden", "take", "They are owed", 'rows that Excel hides are taken so: "They are owed"'),
        ("mark-F-paid-in-full", "out", "They are not owed",
         'rows marked "paid in full" in column F are taken so: "They are not owed"'),
        ("mark:PAID", "out", "They are not owed", 'rows marked "PAID" are taken so: "They are not owed"'),
        ("credits-F", "less", "They lower what is owed",
         'credits in column F are taken so: "They lower what is owed"'),
        ("comments", "on", 'column J "Remarks"', 'printed on the bills is column J "Remarks"'),
        ("new-kind", "x", "An {answer}", 'new "kind": "An {answer}"'),
    ],
)  # fmt: skip
def test_an_answer_reads_as_a_sentence(kind: str, value: str, heading: str, said: str) -> None:
    at = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    one = UsedChoice(1, True, kind, value, heading, "U1", at, None, 3, Decimal(0), confirmed_by="U2")
    assert settled([one], "USD", None) == [f"• {said}, chosen by <@U1> on 23 November 2026, confirmed by <@U2>."]
