"""From a dropped file to Clio, and every message on the way."""

from world import World


def test_a_dropped_file_becomes_entries_after_a_managers_click(world: World) -> None:
    world.drop(world.sheet(5))
    world.approve()
    text = world.until("equal to the cent", timeout=30)
    assert "5 of 5 posted" in text
    world.assert_ledger_equals()
