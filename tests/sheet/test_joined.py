"""Numbers of client and matter in two columns: joined as Clio has them, else asked; never "1" of everybody."""

from decimal import Decimal

import pytest

from brought_forward.bot.errors import SheetQuestion
from brought_forward.bot.sheet.read import SheetRules, read_sheet
from brought_forward.storage.records.sheet import SheetReading

TEXT = "Client No,Matter No,Balance\n100,001,500.00\n100,002,20.50\n200,001,75.25\n"


def read(text: str = TEXT, matters: tuple[str, ...] = (), **answers: str) -> SheetReading:
    rules = SheetRules("USD", day_first=False, answers=answers, matters=frozenset(matters))
    return read_sheet(text.encode(), "AR.csv", rules)


def named(reading: SheetReading) -> list[str]:
    return [line.matter for line in reading.lines]


def test_numbers_that_begin_anew_within_each_client_are_asked_about():
    with pytest.raises(SheetQuestion) as caught:
        read()
    question = caught.value
    assert question.kind == "join"
    assert str(question) == (
        'Column B "Matter No" has the same number for several clients of column A "Client No".'
        " How does Clio write the matter's number?"
    )
    assert [one.value for one in question.candidates][:4] == ["dash", "dot", "slash", "none"]
    assert question.candidates[-1].value == "alone"
    assert all(one.value == "alone" or one.heading for one in question.candidates)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("dash", ["100-001", "100-002", "200-001"]),
        ("dot", ["100.001", "100.002", "200.001"]),
        ("slash", ["100/001", "100/002", "200/001"]),
        ("none", ["100001", "100002", "200001"]),
        ("dash-1", ["100-1", "100-2", "200-1"]),
        ("dot-4", ["100.0001", "100.0002", "200.0001"]),
        ("alone", ["001", "002", "001"]),
    ],
)
def test_each_answer_joins_them_and_is_not_asked_again(answer, expected):
    reading = read(join=answer)
    assert named(reading) == expected
    assert [str(line.amount) for line in reading.lines] == ["500.00", "20.50", "75.25"]


@pytest.mark.parametrize(
    "matters",
    [("100-1", "100-2", "200-1", "999-9"), ("100.001", "100.002", "200.001"), ("1000001", "1000002", "2000001")],
)
def test_the_one_way_that_gives_clios_numbers_is_taken(matters):
    assert set(named(read(matters=matters))) <= set(matters)


def test_two_ways_that_both_give_clios_numbers_are_asked_about():
    with pytest.raises(SheetQuestion) as caught:
        read(matters=("100-001", "100-002", "200-001", "100.001", "100.002", "200.001"))
    assert caught.value.kind == "join"


def test_numbers_that_clio_has_not_are_asked_about():
    with pytest.raises(SheetQuestion) as caught:
        read(matters=("100-001", "7", "8"))
    assert caught.value.kind == "join"


@pytest.mark.parametrize(
    "text",
    [
        "Client No,Matter No,Balance\n100,100-1,500.00\n100,100-2,20.50\n200,200-1,75.25\n",
        "Client,Matter No,Balance\nAnn Reed,001,500.00\nBo Lund,002,20.50\nCy Bell,001,75.25\n",
    ],
    ids=["numbers of their own", "clients by name"],
)
def test_matters_with_numbers_of_their_own_are_left_as_they_stand(text):
    assert named(read(text)) == [row.split(",")[1] for row in text.splitlines()[1:]]


def test_short_numbers_beside_the_clients_are_asked_about_though_none_stands_twice():
    text = "Client No,Matter No,Balance\nC100,001,500.00\nC200,002,20.50\nTotal,,520.50\n"
    with pytest.raises(SheetQuestion, match="short numbers beside those of column A"):
        read(text)
    assert named(read(text, join="dash")) == ["C100-001", "C200-002"]
    assert named(read(text, matters=("c100-001", "c200-002"))) == ["C100-001", "C200-002"]
    assert named(read(text, matters=("001", "002"))) == ["001", "002"]


@pytest.mark.parametrize("label", ["Balance due, all matters", "Mean", "Total", "3 matters"])
def test_a_row_below_that_names_no_matter_is_not_joined_with_the_last_client(label):
    reading = read(f"{TEXT},{label},595.75\n", join="dash")
    assert not any(label in line.matter for line in reading.lines)
    assert sum(line.amount for line in reading.lines) == Decimal("595.75")


def test_matters_that_stand_beside_no_client_are_not_joined():
    assert named(read("Client No,Matter No,Balance\n,001,500.00\n100,,\n,,\n", join="alone")) == ["001"]
    assert read("Client No,Matter No,Balance\n100,Lease,500.00\n200,Will,20.50\n").problems == ()


def test_headings_that_come_again_are_no_client():
    reading = read(f"{TEXT}Client No,Matter No,Balance\n,002,9.00\n", join="dash")
    assert named(reading)[-1] == "200-002"


SUFFIXES = "Matter,{},Balance\n10234,001,100.00\n10234,002,250.00\n10235,001,75.00\n"


@pytest.mark.parametrize(
    "heading", ["Suffix", "Matter Suffix", "Sub-matter", "Sub matter No", "File Ext.", "Submatter"]
)
def test_one_number_with_several_suffixes_is_no_one_matter_of_them_all(heading):
    text = SUFFIXES.format(heading)
    with pytest.raises(SheetQuestion) as caught:
        read(text)
    assert caught.value.kind == "join"
    assert str(caught.value) == (
        f'Column A "Matter" has the same number with several of column B "{heading}".'
        " How does Clio write the matter's number?"
    )
    assert named(read(text, join="dash")) == ["10234-001", "10234-002", "10235-001"]
    assert named(read(text, join="alone")) == ["10234", "10234", "10235"]
    assert named(read(text, ("10234.1", "10234.2", "10235.1"))) == ["10234.1", "10234.2", "10235.1"]


def test_a_suffix_of_numbers_that_stand_once_is_joined_only_where_clio_has_it_so():
    text = SUFFIXES.format("Suffix").replace("10234,002,250.00\n", "")
    assert named(read(text)) == ["10234", "10235"]
    assert named(read(text, ("10234", "10235"))) == ["10234", "10235"]
    assert named(read(text, ("10234-001", "10235-001"))) == ["10234-001", "10235-001"]
