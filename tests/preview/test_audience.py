"""Where names and amounts are read by more people than need to, whoever drops a file there is told, once a channel."""

from pathlib import Path

import pytest
from world import World

from brought_forward.sandbox.clio import firm_of_size


@pytest.fixture
def world(tmp_path: Path):
    world = World(tmp_path, firm_of_size(12, 3))
    yield world.start()
    world.close()


def told(world: World) -> list[str]:
    """What the bot has said to staff directly."""
    said = [one for one in world.slack.messages(world.slack.staff.id) if one.user == world.slack.bot.id]
    return [world.slack.plain(one) for one in said]


def drop(world: World, channel: str, place: int) -> None:
    """Drop a sheet of its own into a channel and wait for its preview."""
    number, user, amount, _ = world.sheet(place + 1)[place]
    data = f"Matter,User,Balance\n{number},{user},{amount}\n".encode()
    world.slack.upload(world.slack.staff, channel, f"AR {place}.csv", data)
    world.slack.wait_for(lambda: any("ready for approval" in world.slack.plain(one) and f"AR {place}" in
                                     world.slack.plain(one) for one in world.slack.messages(channel)))  # fmt: skip
    world.slack.wait_for(lambda: not world.store.messages.owed())


def test_in_a_public_channel_the_uploader_is_told_once_who_reads_along(world: World) -> None:
    drop(world, "balances", 0)
    (said,) = told(world)
    assert "#balances: anyone in this workspace can read the names and amounts" in said
    assert "drop balances into a private channel that I am in" in said
    assert "AR 0" not in said  # no file, name or amount beside the channel
    drop(world, "balances", 1)
    assert len(told(world)) == 1


@pytest.mark.parametrize("guests", [0, 1])
def test_in_a_private_channel_the_uploader_is_told_of_guests_alone(world: World, guests: int) -> None:
    slack = world.slack
    slack.add_channel("partners", [slack.staff, slack.manager, *[slack.guest][:guests]], is_private=True)
    drop(world, "partners", 0)
    assert len(told(world)) == guests
    if guests:
        assert "#partners: 1 guest can read the names and amounts of the previews there." in told(world)[0]
        assert "private channel without guests" in told(world)[0]


def test_what_slack_does_not_tell_is_asked_with_the_next_file_and_holds_nothing_up(world: World) -> None:
    slack = world.slack
    slack.add_channel("partners", [slack.staff, slack.manager, slack.guest], is_private=True)
    slack.faults.add("conversations.members", "internal_error")
    drop(world, "partners", 0)
    assert told(world) == []
    drop(world, "partners", 1)
    assert len(told(world)) == 1
