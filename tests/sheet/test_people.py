"""Whose revenue it is: columns of people beside each other, and one matter on the rows of two users."""

import pytest
from sheet_text import question_of, read

PEOPLE = frozenset({"don dane", "dd", "peggy pane", "pp"})
NOBODY: frozenset[str] = frozenset()


def sheet(own: str, other: str) -> str:
    return (
        f"Matter,{own},{other},Balance\n"
        "A-1,Don Dane,Peggy Pane,10.00\nA-2,Don Dane,Don Dane,20.00\nA-3,Peggy Pane,Don Dane,7.00\n"
    )


@pytest.mark.parametrize("people", [PEOPLE, NOBODY], ids=["users known", "users not known"])
def test_a_second_column_of_people_beside_the_users_is_asked_about(people):
    text = sheet("Billing Attorney", "Originating")
    question = question_of(text, people)
    assert (question.kind, [one.value for one in question.candidates]) == ("user", ["B", "C", "none"])
    users = {answer: [line.user for line in read(text, people, user=answer).lines] for answer in ("B", "C", "none")}
    assert users == {
        "B": ["Don Dane", "Don Dane", "Peggy Pane"],
        "C": ["Peggy Pane", "Don Dane", "Don Dane"],
        "none": [None, None, None],
    }


def test_a_column_headed_as_responsible_is_the_users_and_the_other_is_told():
    reading = read(sheet("Responsible Attorney", "Originating"), PEOPLE)
    assert [line.user for line in reading.lines] == ["Don Dane", "Don Dane", "Peggy Pane"]
    assert reading.remarks == ('The user is read from column B "Responsible Attorney", not from C "Originating".',)


def test_a_second_column_that_says_the_same_asks_and_tells_nothing():
    reading = read("Matter,Attorney,Lead,Balance\nA-1,Don Dane,Don Dane,10.00\nA-2,DD,DD,20.00\n", PEOPLE)
    assert ([line.user for line in reading.lines], reading.remarks) == (["Don Dane", "DD"], ())


def test_a_matter_that_two_users_share_has_each_ones_part():
    reading = read("Matter,Attorney,Balance\nA-1,Don Dane,12.00\nA-1,Peggy Pane,8.00\nA-2,Peggy Pane,7.00\n", PEOPLE)
    assert [(line.matter, line.user, str(line.amount)) for line in reading.lines] == [
        ("A-1", "Don Dane", "12.00"), ("A-1", "Peggy Pane", "8.00"), ("A-2", "Peggy Pane", "7.00")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "shares"),
    [("", ("", "")), (",Split %", (",60", ",40")), (",Share", (",0.6", ",0.4")), (",%", (",60", ",40"))],
)
def test_a_balance_that_stands_once_for_each_of_its_users_is_asked_about(heading, shares):
    text = f"Matter,Attorney,Balance{heading}\nA-1,Don Dane,20.00{shares[0]}\nA-1,Peggy Pane,20.00{shares[1]}\n"
    question = question_of(text, PEOPLE)
    assert question.kind == "twice"
    assert "They name Don Dane and Peggy Pane; once is Don Dane's." in str(question)
    assert [(line.user, str(line.amount)) for line in read(text, PEOPLE, twice="once").lines] == [("Don Dane", "20.00")]
