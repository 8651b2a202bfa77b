"""What whoever watches the bot from outside is told: health, readiness, metrics, and systemd."""

import resource
import socket
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests
from alone import QUICK, Alone, serving
from prometheus_client.parser import text_string_to_metric_families
from world import World

from brought_forward.bot.cli.systemd import notify
from brought_forward.bot.cli.watch import Watch
from brought_forward.sandbox.serving import hold_port
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="a limit of another process is set by Linux alone")


def asked(port: int, path: str) -> tuple[int, str]:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"http://127.0.0.1:{port}{path}", timeout=5)
    return answer.status_code, answer.text


@pytest.fixture(scope="module")
def port() -> int:
    return hold_port(test_health_and_metrics_have_ports_of_their_own)


@pytest.fixture(scope="module")
def bot(port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    """One that serves health and metrics on one port, beside a connection to Slack."""
    ports = {"BALANCES_HEALTH_PORT": str(port), "BALANCES_METRICS_PORT": str(port)}
    with serving(tmp_path_factory.mktemp("watched"), **ports) as bot:
        bot.slack.wait_for(lambda: asked(port, "/readyz")[0] == 200)
        yield bot


def numbers(port: int) -> dict[str, float]:
    """Read the metrics: by name, and by name and state."""
    status, text = asked(port, "/metrics")
    assert status == 200
    found = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            assert set(one.labels) <= {"state", "version", "le"}, one  # none names a firm
            found[one.name.removeprefix("brought_forward_") + "".join(f" {v}" for v in one.labels.values())] = one.value
    return found


def test_health_and_metrics_have_ports_of_their_own(bot: Alone, port: int) -> None:
    assert asked(port, "/healthz") == (200, '{"ok": true}')
    assert asked(port, "/readyz") == (200, '{"ok": true}')
    assert asked(port, "/slack/events")[0] == 404
    assert asked(port, "/")[0] == 404


def test_it_is_not_ready_while_slack_is_away_though_it_is_well(bot: Alone, port: int) -> None:
    bot.slack.down()
    bot.slack.wait_for(lambda: asked(port, "/readyz") == (503, '{"ok": false, "why": "Slack is not connected."}'))
    assert asked(port, "/healthz")[0] == 200
    assert numbers(port)["slack_connected"] == 0
    bot.slack.up()
    bot.slack.wait_for(lambda: asked(port, "/readyz")[0] == 200)


def test_the_metrics_count_what_became_of_a_batch(bot: Alone, port: int) -> None:
    world = bot.world
    before = numbers(port)
    number = world.preview(world.sheet(4)).id
    world.approve()
    world.wait_for_status(BatchStatus.POSTED, number)
    bot.slack.wait_for(lambda: numbers(port)["entries posted"] == before["entries posted"] + 4)
    found = numbers(port)
    assert found["batches posted"] == before["batches posted"] + 1
    assert {f"batches {status}" for status in BatchStatus} <= set(found)
    assert {f"entries {state}" for state in EntryState} <= set(found)
    assert found["clio_calls_total"] > before["clio_calls_total"]
    assert found["clio_limit"] >= found["clio_limit_left"] > 0
    heard = [one for one in bot.slack.deliveries if one.status == 200]
    assert found["acknowledgement_seconds_count"] == len(heard)
    assert 0 < found["acknowledgement_seconds_sum"] < 3 * len(heard)
    assert found["database_writable"] == 1


def test_the_outbox_grows_old_while_slack_takes_nothing(bot: Alone, port: int) -> None:
    bot.slack.wait_for(lambda: numbers(port)["outbox_messages"] == 0)
    assert numbers(port)["outbox_age_seconds"] == 0
    fault = bot.slack.faults.add("chat.*", "http_503", times=None)
    bot.world.drop(bot.world.sheet(5)[4:])
    bot.slack.wait_for(lambda: numbers(port)["outbox_age_seconds"] > 1)
    assert numbers(port)["outbox_messages"] >= 1
    bot.slack.faults.remove(fault)
    bot.slack.wait_for(lambda: numbers(port)["outbox_age_seconds"] == 0, timeout=20)


@LINUX
def test_a_disk_that_takes_nothing_is_told_and_so_is_one_that_is_well_again(bot: Alone, port: int) -> None:
    assert bot.process is not None
    before = resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        bot.slack.wait_for(lambda: asked(port, "/healthz")[0] == 503)
        assert "The database cannot be written: " in asked(port, "/healthz")[1]
        assert asked(port, "/readyz")[0] == 503
        assert numbers(port)["database_writable"] == 0
    finally:
        resource.prlimit(bot.process.pid, resource.RLIMIT_FSIZE, before)
    bot.slack.wait_for(lambda: asked(port, "/healthz")[0] == 200)


@pytest.mark.file
def test_a_database_that_does_not_answer_is_told_without_waiting_for_it(bot: Alone, port: int) -> None:
    with closing(sqlite3.connect(bot.world.db, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        bot.slack.wait_for(lambda: asked(port, "/healthz")[0] == 503)
        assert "The database has not answered for" in asked(port, "/healthz")[1]
        holder.execute("ROLLBACK")
    bot.slack.wait_for(lambda: asked(port, "/healthz")[0] == 200)


def test_a_worker_that_ended_is_told(world: World) -> None:
    assert world.bot is not None
    ended = threading.Thread(target=lambda: None, name="brought-forward pulse")
    ended.start()
    ended.join()
    world.bot.threads.append(ended)
    watch = Watch(world.bot)
    watch.start()
    try:
        world.slack.wait_for(watch.sick)
        assert watch.sick() == "No longer at work: brought-forward pulse."
    finally:
        watch.stop()
        world.bot.threads.remove(ended)


def test_over_http_the_port_of_slacks_requests_tells_it_too(tmp_path: Path) -> None:
    with serving(tmp_path, socket_mode=False) as bot:
        assert asked(bot.port, "/readyz") == (200, '{"ok": true}')
        assert asked(bot.port, "/healthz") == (200, '{"ok": true}')
        assert asked(bot.port, "/metrics")[0] == 404


def test_a_port_that_is_taken_is_told_in_a_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with Alone(tmp_path, BALANCES_METRICS_PORT=port) as bot:
            bot.begin()
            assert bot.process is not None
            assert bot.process.wait(40) == 2
            assert bot.log().splitlines()[-1] == (
                f"The bot cannot listen on 127.0.0.1, port {port}: Address already in use. BALANCES_BIND names an"
                " address of this machine, BALANCES_HEALTH_PORT or BALANCES_METRICS_PORT a free port."
            )


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_that_it_serves_that_it_lives_and_that_it_ends(tmp_path: Path, abstract: bool) -> None:
    if abstract and sys.platform != "linux":
        pytest.skip("only Linux has names that are no files")
    name = f"\0brought-forward-{tmp_path.name}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(name)
        heard: list[bytes] = []

        def listen() -> None:
            while not heard or heard[-1] != b"over":
                heard.append(systemd.recv(1000))

        listener = threading.Thread(target=listen)
        listener.start()
        with serving(tmp_path, timing=QUICK, NOTIFY_SOCKET=name.replace("\0", "@")) as bot:
            bot.slack.wait_for(lambda: b"STATUS=Serving.\nWATCHDOG=1" in heard)
            assert heard[0] == b"READY=1"
            bot.slack.down()
            bot.slack.wait_for(lambda: b"STATUS=Slack is not connected.\nWATCHDOG=1" in heard)
            assert bot.end() == 0
            bot.slack.wait_for(lambda: b"STOPPING=1" in heard)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"over", name)
        listener.join(10)


def test_a_systemd_that_takes_nothing_keeps_nobody_waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        told = threading.Thread(target=lambda: [notify(WATCHDOG="1") for _ in range(5000)], daemon=True)
        told.start()
        told.join(20)
        assert not told.is_alive()
