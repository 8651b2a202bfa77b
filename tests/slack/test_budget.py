"""Slack refuses a message that holds too much: what is said stays below, and its buttons are always among it."""

from collections.abc import Iterator
from typing import Any

import pytest
from world import World, shared, tables_of

from brought_forward.bot.messages.budget import BUDGET, size
from brought_forward.sandbox.clio.samples import firm_of_size
from brought_forward.sandbox.slack.blocks.blocks import count_text


@pytest.fixture(scope="module")
def open_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with shared(tmp_path_factory.mktemp("budget"), firm_of_size(700, 4)) as world:
        yield world


@pytest.fixture
def world(open_world: World) -> World:
    return open_world.ready()


def refused(world: World) -> set[str]:
    return {call.error for call in world.slack.calls if call.error and call.method.startswith("chat.")}


def kinds(message: Any) -> set[str]:
    return {block["type"] for block in message.blocks}


def problems(world: World, many: int) -> list[list[object]]:
    """Lines that cannot be posted, each for a reason of its own."""
    return [[row[0], f"Nobody {place} <of> R&D, whom nobody in this firm has ever met", "1.00", ""]
            for place, row in enumerate(world.fresh(many))]  # fmt: skip


def test_a_preview_of_sixty_problem_lines_keeps_its_form_and_every_button(world: World) -> None:
    world.preview([*world.fresh(3), *problems(world, 60)])
    assert "msg_blocks_too_long" not in refused(world)
    shown = world.said()
    assert "container" in kinds(shown)
    assert world.labels() == ["Approve 3 entries", "Reject", "Fix 60 lines"]


def test_so_does_its_plain_form(world: World) -> None:
    world.slack.faults.add("chat.update", "invalid_blocks")
    world.preview([*world.fresh(3), *problems(world, 60)])
    world.slack.wait_for(lambda: not world.store.messages.owed())
    assert "msg_blocks_too_long" not in refused(world)
    assert kinds(world.said()) == {"section", "actions"}
    assert world.labels() == ["Approve 3 entries", "Reject", "Fix 60 lines"]


def test_results_of_long_names_are_shared_out_to_messages_that_slack_takes(world: World) -> None:
    attorney = world.firm.token_user
    matters = [world.firm.add_matter(f"8{place:04d}-{'R&D ' * 20}", attorney=attorney) for place in range(100)]
    number = world.begin([[one.display_number, "", "10.00", ""] for one in matters])
    world.finish(number, timeout=60)
    assert "msg_blocks_too_long" not in refused(world)
    rows = [row for message in world.thread() for table in tables_of(message.blocks)
            for row in table["rows"] if row[-1]["text"] == "Posted"]  # fmt: skip
    assert len(rows) == 100


@pytest.mark.parametrize("kind", ["table", "data_table"])
def test_cells_and_captions_of_tables_count(kind: str) -> None:
    cells = [[{"type": "raw_text", "text": "Matter"}], [{"type": "raw_text", "text": "R&D" * 100}]]
    bare = {"type": kind, "rows": cells}
    assert size([bare]) == count_text([bare]) == len("Matter") + len("R&amp;D") * 100
    captioned = bare | {"caption": "Smith & Co" * 50}
    assert size([captioned]) == count_text([captioned]) == size([bare]) + len("Smith &amp; Co") * 50


def test_whatever_was_said_is_within_the_budget_as_slack_counts_it(world: World) -> None:
    for message in world.sent():
        blocks = message.get("blocks") or []
        assert size(blocks) <= BUDGET
        assert count_text(blocks) <= size(blocks)
