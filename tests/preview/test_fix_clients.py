"""A sheet that names clients only: which of a client's matters owes what is chosen line by line, and never guessed."""

from decimal import Decimal

import pytest
from fix_form import changed, opened, previewed
from world import World

ACME = ("00301-Globex", "00302-Globex", "00303-Globex")


@pytest.fixture
def clients(world: World) -> World:
    """Globex has three open matters and a closed one, Initech has one."""
    lawyer = next(iter(world.firm.users))
    globex = world.firm.add_client("Globex")
    for number in ACME:
        world.firm.add_matter(number, client=globex, attorney=lawyer)
    world.firm.add_matter("00304-Globex", client=globex, attorney=lawyer, status="Closed")
    world.firm.add_matter("00311-Initech", client=world.firm.add_client("Initech"), attorney=lawyer)
    return world


def test_a_cell_that_is_a_clients_name_says_how_many_matters_the_client_has(clients: World) -> None:
    clients.preview([["Globex", "", "10.00", ""], ["GLOBEX", "", "20.00", ""], *clients.sheet(1)])
    text = clients.text()
    assert clients.left_out(1)[2] == "Globex is a client with 3 open matters: choose the matter."
    assert "2 lines, $30.00: Globex is a client with 3 open matters: choose the matter." in text
    assert "Did you mean" not in text


def test_the_form_offers_exactly_the_clients_open_matters_and_each_line_is_a_choice_of_its_own(clients: World) -> None:
    clients.preview([["Globex", "", "10.00", ""], ["Globex", "", "20.00", ""], *clients.sheet(1)])
    view = opened(clients)
    for row in (2, 3):
        offered = clients.slack.suggest(clients.slack.staff, f"balances_matter-{row}", "", view)
        assert [one["text"]["text"].partition(",")[0] for one in offered.options] == list(ACME)
    typed = clients.slack.suggest(clients.slack.staff, "balances_matter-2", "00304", view)
    assert [one["text"]["text"].partition(",")[0] for one in typed.options] == ["00304-Globex"]
    clients.slack.submit(clients.slack.staff, view, {"balances_matter-2": ACME[0], "balances_matter-3": ACME[2]})
    previewed(clients, 2)
    amounts = {entry.matter_number: entry.amount for entry in clients.entries()}
    assert (amounts[ACME[0]], amounts[ACME[2]]) == (Decimal("10.00"), Decimal("20.00"))


def test_what_was_chosen_for_one_line_of_a_client_is_taken_for_no_other(clients: World) -> None:
    clients.preview([["Globex", "", "10.00", ""], ["Globex", "", "20.00", ""]])
    clients.slack.submit(clients.slack.staff, opened(clients), {"balances_matter-2": ACME[1]})
    previewed(clients, 2)
    assert list(clients.left_out(1)) == [3]
    assert clients.store.aliases.aliases(clients.batch().firm) == []
    number = clients.preview([["Globex", "", "30.00", ""]], name="next.csv").id
    assert clients.left_out(number) == {2: "Globex is a client with 3 open matters: choose the matter."}


def test_a_client_with_one_open_matter_is_suggested_and_never_taken_by_itself(clients: World) -> None:
    clients.preview([["Initech", "", "10.00", ""], *clients.sheet(1)])
    assert clients.left_out(1)[2] == "Clio has no matter of this number (or the bot may not see it)."
    assert "Did you mean 00311-Initech?" in clients.text()
    clients.slack.submit(clients.slack.staff, opened(clients))
    previewed(clients, 2)
    assert "00311-Initech" in {entry.matter_number for entry in clients.entries()}
    assert clients.store.aliases.aliases(clients.batch().firm) == []


def test_a_sheet_without_a_column_of_matters_asks_and_its_clients_are_then_chosen_line_by_line(clients: World) -> None:
    text = "Client,Balance\nGlobex,10.00\nInitech,20.00\n"
    clients.slack.upload(clients.slack.staff, "balances", "Clients.csv", text.encode())
    clients.until("is headed as the matter. Where is it?")
    asked = clients.message("preview")
    options = [one for block in asked.blocks if block["type"] == "actions" for one in block["elements"][0]["options"]]
    clients.slack.choose(clients.slack.staff, "balances_answer", options[0]["value"], asked)
    previewed(clients, 1)
    assert clients.left_out(1)[2] == "Globex is a client with 3 open matters: choose the matter."
    view = changed(clients, opened(clients), "Line by line")
    clients.slack.submit(clients.slack.staff, view, {"balances_matter-2": ACME[1]})
    previewed(clients, 2)
    assert {entry.matter_number: entry.amount for entry in clients.entries()} == {
        ACME[1]: Decimal("10.00"),
        "00311-Initech": Decimal("20.00"),
    }
