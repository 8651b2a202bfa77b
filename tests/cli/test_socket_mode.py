"""Socket Mode: the real `serve` over a real WebSocket, and all that befalls a connection."""

import select
import socket
import ssl
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme
from alone import QUICK, STARTING, Alone, serving
from fix_form import matter, opened, previewed
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.web import WebClient

from brought_forward.bot.cli.socket_mode import is_cut
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus

PATIENT = (0.2,) * 60  # Slack's retries, which go on for minutes


@pytest.fixture(scope="module")
def shared_bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    with serving(tmp_path_factory.mktemp("socket-mode")) as bot:
        yield bot
        assert bot.world.contract.violations == []


@pytest.fixture
def bot(shared_bot: Alone) -> Alone:
    """One process for many tests, and one connection that is sound."""
    bot = shared_bot
    bot.slack.rules.retry_pauses = PATIENT
    bot.slack.rules.answers_pings = True
    again(bot, bot.slack.sockets.close)
    return bot


def again(bot: Alone, *happens: Callable[[], object]) -> None:
    """Let something happen to the connection, and wait until the bot has opened another and left all before."""
    before = bot.slack.sockets.opened
    for one in happens:
        one()
    bot.slack.wait_for(lambda: bot.slack.sockets.opened > before, timeout=20)
    bot.slack.wait_for(lambda: bot.slack.sockets.count == 1, timeout=20)


def answers(bot: Alone) -> bool:
    return bot.slack.command(bot.slack.manager, "help").status == 200


def test_the_whole_journey_goes_over_a_websocket(bot: Alone) -> None:
    world, slack = bot.world, bot.slack
    first = len(slack.deliveries)
    rows = world.sheet(5)
    rows[0][0] = "00099-Nobody"
    batch = world.preview(rows)
    form = opened(world)
    slack.fill(slack.staff, form, "balances_matter-2", matter(world, 0))  # the select asks the bot for its options
    assert slack.submit(slack.staff, form).error is None
    previewed(world, 2, batch.id)
    world.approve()
    text = world.finish(batch.id)
    assert "5 of 5 posted" in text
    assert "equal to the cent" in text
    assert "5 of 5 posted" in world.asked(slack.manager, f"status B{batch.id}")
    assert "5 of 5 posted" in world.home(slack.manager, "5 of 5 posted")
    slack.wait_for(lambda: slack.deliveries[-1].kind == "app_home_opened")  # noted once it was acknowledged
    came = slack.deliveries[first:]
    assert {one.kind for one in came} == {
        "file_shared",
        "block_actions",
        "block_suggestion",
        "view_submission",
        "slash_command",
        "app_home_opened",
    }
    assert {(one.status, one.attempt) for one in came} == {(200, 0)}
    assert slack.events_url is None
    world.assert_ledger_equals(batch.id)


def test_what_the_bot_says_to_a_form_comes_back_with_the_acknowledgement(bot: Alone) -> None:
    bot.world.preview(bot.world.fresh(6)[5:])
    before = len(bot.slack.views(bot.slack.manager))
    bot.world.click(bot.slack.manager, "Reject")
    bot.slack.wait_for(lambda: len(bot.slack.views(bot.slack.manager)) > before)
    form = bot.slack.views(bot.slack.manager)[-1]
    assert bot.slack.submit(bot.slack.manager, form, {"Reason": " "}).body.count("response_action")
    assert bot.slack.submit(bot.slack.manager, form, {"Reason": "Not the right month."}).error is None
    bot.world.wait_for_status(BatchStatus.REJECTED, bot.world.newest().id)


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_slack_asks_for_another_connection_and_gets_it(bot: Alone, reason: str) -> None:
    again(bot, lambda: bot.slack.sockets.bid_farewell(reason))  # type: ignore[arg-type]
    assert answers(bot)


def test_a_connection_that_slack_closes_is_opened_again(bot: Alone) -> None:
    again(bot, bot.slack.sockets.close)
    assert answers(bot)


def test_a_connection_that_is_cut_without_a_word_is_opened_again(bot: Alone) -> None:
    again(bot, bot.slack.sockets.sever)
    assert answers(bot)


def test_a_cut_is_seen_before_four_pings_have_had_no_answer(tmp_path: Path) -> None:
    with serving(tmp_path, timing=QUICK.model_copy(update={"ping": 6.0})) as bot:
        again(bot, bot.slack.sockets.sever)  # by the pings alone it would take half a minute


@pytest.fixture
def encrypted() -> Iterator[tuple[ssl.SSLSocket, ssl.SSLSocket]]:
    """Two ends of a connection over TLS, as Slack's is: the bot's and the other."""
    authority = trustme.CA()
    theirs, ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.create_default_context()
    authority.issue_cert("localhost").configure_cert(theirs)
    authority.configure_trust(ours)
    with socket.create_server(("127.0.0.1", 0)) as door, ThreadPoolExecutor() as pool:
        coming = pool.submit(lambda: theirs.wrap_socket(door.accept()[0], server_side=True))
        line = ours.wrap_socket(socket.create_connection(door.getsockname()), server_hostname="localhost")
        with line, coming.result(10) as other:
            line.settimeout(0.1)
            with suppress(TimeoutError):
                line.recv(1)  # what TLS itself has to say first
            yield line, other


def test_an_end_is_seen_below_encryption_too_and_what_waits_to_be_read_is_none(
    encrypted: tuple[ssl.SSLSocket, ssl.SSLSocket],
) -> None:
    line, other = encrypted
    assert not is_cut(line)
    other.sendall(b"a frame")
    select.select([line], [], [], 10)
    assert not is_cut(line)
    assert line.recv(100) == b"a frame"
    socket.socket.shutdown(other, socket.SHUT_RDWR)
    select.select([line], [], [], 10)
    assert is_cut(line)
    line.close()
    assert is_cut(line)


def test_a_connection_that_lets_nothing_through_is_left_for_another(bot: Alone) -> None:
    again(bot, bot.slack.sockets.stall)
    assert answers(bot)


def test_a_connection_whose_first_ping_gets_no_pong_is_left_for_another(bot: Alone) -> None:
    bot.slack.rules.answers_pings = False
    again(bot, bot.slack.sockets.close)
    bot.slack.rules.answers_pings = True
    again(bot)  # nothing more happens to it: the bot gives it up by itself
    assert answers(bot)


def test_an_event_that_a_dead_connection_swallowed_comes_again_and_is_taken_once(bot: Alone) -> None:
    bot.slack.rules.answer_within = 0.5
    file = None

    def drop() -> None:
        nonlocal file
        bot.slack.sockets.stall()
        file = bot.world.drop(bot.world.fresh(3))

    try:
        again(bot, drop)
        bot.slack.wait_for(lambda: bot.world.events_of(file))
    finally:
        bot.slack.rules.answer_within = 3.0
    bot.world.until("ready for approval")
    (event,) = bot.world.events_of(file)
    tries = [one for one in bot.slack.deliveries if one.id == event]
    assert [one.reason for one in tries if one.status is None] == ["http_timeout"] * (len(tries) - 1)
    assert len(tries) > 1
    assert tries[-1].status == 200


def test_what_goes_to_another_connection_of_the_app_comes_again_until_the_bot_has_it(bot: Alone) -> None:
    bot.slack.rules.answer_within = 0.5
    token, base = bot.slack.app_token, bot.slack.api_url
    other = SocketModeClient(token, web_client=WebClient(token, base_url=base), auto_reconnect_enabled=False)
    other.connect()  # it listens and answers nothing, as somebody's forgotten trial does
    try:
        bot.slack.wait_for(lambda: bot.slack.sockets.count == 2)
        files = [bot.world.drop(bot.world.fresh(2)) for _ in range(4)]
        bot.slack.wait_for(lambda: all(bot.world.events_of(file) for file in files), timeout=30)
    finally:
        bot.slack.rules.answer_within = 3.0
        other.close()
    ids = {event for file in files for event in bot.world.events_of(file)}
    assert len(ids) == 4
    assert any(one.status is None for one in bot.slack.deliveries if one.id in ids)
    bot.slack.wait_for(lambda: bot.slack.sockets.count == 1)


def test_a_day_of_reconnects_loses_no_file(bot: Alone) -> None:
    """Slack asks for another connection every few hours; here every two, and some end worse."""
    world, slack, sockets = bot.world, bot.slack, bot.slack.sockets
    slack.rules.answer_within = 1.0
    ends: list[Callable[[], object]] = [
        partial(sockets.bid_farewell, "warning"),
        partial(sockets.bid_farewell, "refresh_requested"),
        sockets.sever,
        partial(sockets.bid_farewell, "warning"),
        sockets.close,
        sockets.stall,
    ]
    files: list[Any] = []
    try:
        for hour in range(0, 24, 2):
            rows = world.fresh(1)
            person = (slack.staff, slack.partner)[hour % 4 // 2]
            again(bot, lambda: files.append(world.drop(rows, user=person)), ends[hour // 2 % len(ends)])  # noqa: B023
            slack.wait_for(lambda: answers(bot))
        slack.wait_for(lambda: all(world.events_of(file) for file in files), timeout=30)
    finally:
        slack.rules.answer_within = 3.0
    assert [len(world.events_of(file)) for file in files] == [1] * 12

    def batched() -> set[str]:
        return {batch.file_id for batch in world.store.batches.newest(TEAM, 100)}

    slack.wait_for(lambda: {file.id for file in files} <= batched(), timeout=30)


def test_a_bot_that_is_killed_while_it_posts_goes_on_and_gets_what_slack_could_not_hand_over(tmp_path: Path) -> None:
    with serving(tmp_path) as bot:
        world, slack = bot.world, bot.slack
        slack.rules.retry_pauses = PATIENT
        batch = world.preview(world.sheet(8))
        held = world.hold(nth=4)
        world.approve()
        with held:
            bot.kill()
            second = world.drop(world.sheet(9)[8:])  # nobody is there to hear of it
            slack.wait_for(lambda: any(one.reason == "connection_failed" for one in slack.deliveries))
        bot.start()
        world.finish(batch.id, timeout=40)
        assert "8 of 8 posted" in world.asked(slack.manager, f"status B{batch.id}")
        world.assert_ledger_equals(batch.id)
        (event,) = slack.wait_for(lambda: world.events_of(second))
        assert [one.status for one in slack.deliveries if one.id == event][-1] == 200
        world.until("ready for approval")


def test_it_starts_while_slack_is_down_and_connects_once_it_is_up(tmp_path: Path) -> None:
    with Alone(tmp_path) as bot:
        bot.slack.down()
        bot.begin()
        bot.slack.wait_for(lambda: "Slack is out of reach" in bot.log(), timeout=STARTING)
        bot.slack.up()
        bot.slack.wait_for(lambda: bot.slack.sockets.count == 1, timeout=STARTING)
        assert answers(bot)
        assert bot.end() == 0


def test_it_says_by_slacks_own_word_why_it_may_not_connect(tmp_path: Path) -> None:
    with Alone(tmp_path, SLACK_APP_TOKEN="xapp-of-another-app") as bot:
        bot.begin()
        bot.slack.wait_for(lambda: "SLACK_APP_TOKEN: invalid_auth" in bot.log(), timeout=STARTING)
        assert "xapp-of-another-app" not in bot.log()


def test_what_was_taken_on_is_answered_before_the_bot_ends(tmp_path: Path) -> None:
    with serving(tmp_path, timing=QUICK.model_copy(update={"person": 5.0})) as bot:
        bot.slack.faults.add("users.info", "slow", seconds=1.0, times=None)
        with ThreadPoolExecutor() as hands:
            asked = hands.submit(bot.slack.command, bot.slack.staff, "list")
            bot.slack.wait_for(lambda: bot.slack.faults.served["slow"])  # the bot asks who that is
            assert bot.end() == 0
            assert asked.result(10).status == 200
