"""What is near a name: enough to be asked about, never enough to be taken."""

import pytest

from brought_forward.bot.matching.index import FirmIndex
from brought_forward.bot.matching.near import near_users, open_names
from brought_forward.bot.matching.search import MatterSearch
from brought_forward.storage.records.firm import AliasKind, Matter, User
from brought_forward.storage.records.sheet import Line


def matter(number: str, client: str = "", **more: str) -> Matter:
    made = {"status": "Open", "billing_method": "hourly", "description": "General advice"} | more
    return Matter(
        id=hash(number) % 10**6, display_number=number, client=client, billable=True, currency="USD",
        responsible_attorney_id=None, **made,
    )  # fmt: skip


def user(name: str, *, enabled: bool = True, portal: bool = False) -> User:
    first, _, last = name.partition(" ")
    return User(hash(name) % 10**6, name, first, last, "", f"{first}.{last}@firm.example".lower(), enabled, portal)


FIRM = [
    matter("00213-Nguyen", "Nguyen"),
    matter("00231-Tran", "Tran"),
    matter("00012-Acme", "Acme"),
    matter("00014-Acme", "Acme"),
    matter("00400-Quillon", "Quillon", status="Closed"),
    matter("2024-0017", "Harker"),
    matter("2024-0018", "Seward"),
]


@pytest.mark.parametrize(
    ("text", "near", "sure"),
    [
        ("00231-Nguyen", ["00213-Nguyen"], True),  # the name says more than a number that another matter has
        ("213", ["00213-Nguyen"], True),
        ("#00213", ["00213-Nguyen"], True),
        ("00213 Nguyen", ["00213-Nguyen"], True),
        ("00012-Acne", ["00012-Acme", "00014-Acme"], True),
        ("00231-Zanzibar", ["00231-Tran"], False),
        ("214", [], True),
        ("2024-17", ["2024-0017"], True),
        ("2024-0071", [], True),  # one digit more or less is another matter's
        ("Nobody", [], True),
        ("", [], True),
    ],
)
def test_what_is_near_a_number(text: str, near: list[str], sure: bool) -> None:
    found = MatterSearch(FIRM).near(text)
    assert sorted(one.display_number for one, _ in found) == near
    assert all(is_sure is sure for _, is_sure in found)


STAFF = [user("Luis Reyes"), user("Dana Hallam"), user("Don Draper"), user("Ana Reyes-Mora")]


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("Luis", ["Luis Reyes"]),
        ("reyes", ["Luis Reyes", "Ana Reyes-Mora"]),
        ("Reyes, L.", ["Luis Reyes"]),
        ("D. Draper", ["Don Draper"]),
        ("Dona Halam", ["Dana Hallam"]),
        ("Dana Halam", ["Dana Hallam"]),
        ("don.draper@firm.exmaple", ["Don Draper"]),
        ("D", []),
        ("?", []),
    ],
)
def test_which_users_are_near_a_name(text: str, near: list[str]) -> None:
    found = [one.name for one in near_users(text, STAFF)]
    assert set(found) <= {one.name for one in STAFF}
    assert sorted(found) == sorted(near)


def line(row: int, matter: str | None, user: str | None = None, **more: str | None) -> Line:
    given = {"client": None, "unreadable": None, "left_out": "why", "skipped": None} | more
    return Line(row, str(row), matter, user, given["client"], None, None, None, given["unreadable"],
                given["left_out"], None, given["skipped"])  # fmt: skip


def names_of(*lines: Line) -> dict[tuple[int, AliasKind], list[str]]:
    staff = [*STAFF, user("Mara Acme", portal=True), user("Gordon Sloane", enabled=False)]
    found = open_names(lines, {one.row for one in lines}, FirmIndex(FIRM, staff), [], staff, lambda: MatterSearch(FIRM))
    return {(one.row, one.kind): [near.label for near in one.near] for one in found}


def test_a_line_may_have_two_open_names_and_one_that_fits_has_none() -> None:
    assert names_of(line(2, "00231-Nguyen", "Luis"), line(3, "00213-Nguyen", "Luis Reyes")) == {
        (2, AliasKind.MATTER): ["00213-Nguyen"],
        (2, AliasKind.USER): ["Luis Reyes"],
    }


def test_what_a_person_left_out_is_no_question_and_what_cannot_be_read_is_one() -> None:
    assert names_of(line(2, "00231-Nguyen", skipped="by hand")) == {}
    assert (2, AliasKind.MATTER) in names_of(line(2, "00231-Nguyen", unreadable="no amount"))


def test_a_row_that_cannot_be_read_and_names_a_client_alone_is_that_clients() -> None:
    assert names_of(line(2, None, client="Acme", unreadable="no matter")) == {(2, AliasKind.MATTER): []}
    assert names_of(line(2, None, client="Tran", unreadable="no matter")) == {(2, AliasKind.MATTER): ["00231-Tran"]}
    assert names_of(line(2, "Quillon")) == {(2, AliasKind.MATTER): ["00400-Quillon"]}


def test_who_uses_the_portal_is_near_nothing() -> None:
    assert names_of(line(2, "00213-Nguyen", "Mara")) == {(2, AliasKind.USER): []}
    assert names_of(line(2, "00213-Nguyen", "Gordon")) == {(2, AliasKind.USER): ["Gordon Sloane"]}
