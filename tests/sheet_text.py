"""A sheet given as the text of a .csv: read, or the question that it raises."""

import pytest

from brought_forward.bot.errors import SheetQuestion
from brought_forward.bot.sheet.read import SheetRules, read_sheet
from brought_forward.storage.records.sheet import SheetReading


def read(text: str, people: frozenset[str] = frozenset(), **answers: str) -> SheetReading:
    """Read it as AR.csv of a firm in US dollars; `answers` are what staff said, by the question's kind."""
    return read_sheet(text.encode(), "AR.csv", SheetRules("USD", day_first=False, answers=answers, people=people))


def question_of(text: str, people: frozenset[str] = frozenset(), **answers: str) -> SheetQuestion:
    """Give the question; fail where there is none."""
    with pytest.raises(SheetQuestion) as caught:
        read(text, people, **answers)
    return caught.value
