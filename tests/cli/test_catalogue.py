"""The catalogue of shapes is whole: what the bot can send is in it, in each of its states, and Slack's limits hold."""

import ast
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from slack_sdk import WebClient
from test_docs import buttons
from world import as_slackblocks

from brought_forward.bot.cli.doctor.catalogue.case import Case, Kind
from brought_forward.bot.cli.doctor.catalogue.whole import catalogue
from brought_forward.bot.cli.doctor.shapes import Validation, plainer
from brought_forward.sandbox.slack import SlackSandbox
from brought_forward.sandbox.slack.blocks.blocks import MOST_TEXT, count_text

ROOT = Path(__file__).parents[2]
MESSAGES = ROOT / "bot" / "messages"
MADE = {"Text", "Text | None", "list[Text]", "View"}  # what such a function says that it returns
MAKERS = {"Text", "modal"}  # what makes a message or a form
TOOLS = "blocks.py"  # what messages are made of


@pytest.fixture(scope="module")
def every() -> list[Case]:
    return list(catalogue())


def functions(file: Path) -> Iterator[ast.FunctionDef]:
    """Give the functions of a module that others may call."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
            yield node


def makes(node: ast.AST) -> bool:
    """Tell whether a message or a view is made somewhere in here."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id in MAKERS:
            return True
        if isinstance(part, ast.Dict) and {ast.unparse(one) for one in part.values} & {"'modal'", "'home'"}:
            return True
    return False


def test_every_public_function_that_makes_a_message_or_view_is_in_the_catalogue(every: list[Case]) -> None:
    made = {
        f"{file.stem}.{one.name}"
        for file in MESSAGES.glob("*.py")
        for one in functions(file)
        if file.name != TOOLS and one.returns and ast.unparse(one.returns) in MADE
    }
    assert len(made) > 60
    assert {f"{case.of.__module__.rpartition('.')[2]}.{case.of.__name__}" for case in every} == made


def test_what_makes_a_message_or_view_says_so_in_its_type() -> None:
    untold = [
        f"{file.name}: {one.name}"
        for file in MESSAGES.glob("*.py")
        for one in functions(file)
        if file.name != TOOLS and makes(one) and (not one.returns or ast.unparse(one.returns) not in MADE)
    ]
    assert untold == []


def test_nothing_but_the_messages_makes_one() -> None:
    elsewhere = [
        file.relative_to(ROOT)
        for folder in ("bot", "commands")
        for file in (ROOT / folder).rglob("*.py")
        if file.parent != MESSAGES and makes(ast.parse(file.read_text()))
    ]
    assert elsewhere == []


def test_every_button_of_the_bot_is_in_some_shape(every: list[Case]) -> None:
    shown = {label for case in every for label in labels(case.payload)}
    assert [one for one in set(buttons()) if not any(label.startswith(one) for label in shown)] == []


def labels(value: Any) -> Iterator[str]:
    """Give the label of each button, wherever it stands."""
    if isinstance(value, list):
        for one in value:
            yield from labels(one)
    elif isinstance(value, dict):
        if value.get("type") == "button":
            yield str(value["text"]["text"])
        for one in value.values():
            yield from labels(one)


def test_slack_takes_every_shape_and_each_of_its_plainer_forms(every: list[Case], slack: SlackSandbox) -> None:
    ask = Validation(WebClient(slack.bot_token, base_url=slack.api_url, retry_handlers=[]))
    for case in every:
        for payload in (case.payload, *(made for _, made in plainer(case))):
            assert ask.refusal(case.kind, payload) == "", case.name
        if case.kind is Kind.MESSAGE:
            assert count_text(case.payload["blocks"]) <= MOST_TEXT, case.name


def test_the_shapes_hold_slacks_limits_as_others_have_written_them_down(every: list[Case]) -> None:
    checked = 0
    for case in every:
        for block in case.payload["blocks"] if case.kind is Kind.MESSAGE else []:
            with suppress(NotImplementedError):  # a block that slackblocks cannot read yet
                as_slackblocks(block)
                checked += 1
    assert checked > 200


def test_no_two_shapes_of_one_function_have_the_same_name_unless_it_makes_several_messages(every: list[Case]) -> None:
    alone = [case.name for case in every if case.of.__name__ not in {"results", "pages", "differing"}]
    assert len(alone) == len(set(alone))
