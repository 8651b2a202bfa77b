"""Columns of yes and no beside an amount: what they leave out is asked about once, never passed over."""

import pytest
from sheet_text import question_of, read


def sheet(heading: str, *words: str) -> str:
    rows = zip(("500.25", "240.00", "70.50"), words, strict=True)
    return f"Matter,Balance,{heading}\n" + "".join(f"A-{at},{one},{word}\n" for at, (one, word) in enumerate(rows, 1))


@pytest.mark.parametrize(
    ("heading", "words", "told"),
    [
        ("Import", ("Y", "N", "Y"), '"n"'),
        ("Bring forward?", ("yes", "no", "yes"), '"no"'),
        ("Billable", ("TRUE", "FALSE", "TRUE"), '"false"'),
        ("Collectible", ("yes", "no", "yes"), '"no"'),
        ("Include", ("x", "", "x"), "nothing"),
        ("Exclude", ("", "x", ""), '"x"'),
        ("Hold", ("no", "yes", "no"), '"yes"'),
        ("Waive", ("", "1", ""), '"1"'),
    ],
)
def test_rows_that_yes_or_no_leaves_out_are_asked_about(heading, words, told):
    question = question_of(sheet(heading, *words))
    assert question.kind == "flag-C"
    assert f"says {told} on 1 row, 240.00. Is it owed?" in str(question)
    assert [line.matter for line in read(sheet(heading, *words), **{"flag-C": "owed"}).lines] == ["A-1", "A-2", "A-3"]
    reading = read(sheet(heading, *words), **{"flag-C": "out"})
    assert [line.matter for line in reading.lines] == ["A-1", "A-3"]
    assert [(bad.matter, bad.anyway) for bad in reading.problems] == [("A-2", True)]


@pytest.mark.parametrize(
    ("heading", "words"),
    [("Import", ("Y", "Y", "Y")), ("Portal", ("yes", "no", "yes")), ("Matter Status", ("Open", "Closed", "Open"))],
)
def test_what_leaves_nothing_out_asks_nothing(heading, words):
    assert len(read(sheet(heading, *words)).lines) == 3
