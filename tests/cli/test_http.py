"""The bot's own request URL, as anyone on the network finds it: only Slack is heard, and nobody stops it."""

import hashlib
import hmac
import logging
import socket
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from world import World, environment, spawn

from brought_forward.bot.cli.http import CONNECTIONS

FORGED = '{"a": "x\\n2026-11-30 00:00:00 INFO posted batch=1 entry=1\\u0000", '


@pytest.fixture
def address(world: World) -> tuple[str, int]:
    """The host and port at which the bot hears Slack."""
    url = urlsplit(world.slack.events_url or "")
    return url.hostname or "", url.port or 0


def headers_for(world: World, body: bytes, at: str) -> dict[str, str]:
    """Sign a body as Slack does, at whatever is said to be the time."""
    base = b"v0:" + at.encode() + b":" + body
    digest = hmac.new(world.slack.signing_secret.encode(), base, hashlib.sha256).hexdigest()
    return {"X-Slack-Signature": f"v0={digest}", "X-Slack-Request-Timestamp": at, "Content-Type": "application/json"}


def post(world: World, body: bytes, headers: dict[str, str]) -> int:
    with requests.Session() as session:
        session.trust_env = False
        return session.post(world.slack.events_url or "", data=body, headers=headers, timeout=10).status_code


def healthy(address: tuple[str, int]) -> bool:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(f"http://{address[0]}:{address[1]}/healthz", timeout=5).status_code == 200


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_a_body_that_slack_did_not_sign_is_neither_parsed_nor_logged(
    world: World, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    body = FORGED.encode() + b"\xff" * 1000
    for headers in ({}, headers_for(world, b"another body", str(int(time.time()))), {"X-Slack-Signature": "v0=\xe9"}):
        assert post(world, body, headers | {"Content-Type": kind}) == 401
    assert "INFO posted batch=1" not in caplog.text
    assert "\\xff" not in caplog.text


def test_refused_bodies_do_not_fill_the_disk(world: World, caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(20):
        assert post(world, FORGED.encode(), {"Content-Type": "application/json"}) == 401
    told = [one.getMessage() for one in caplog.records if "Slack did not sign" in one.getMessage()]
    assert told == ["refused requests that Slack did not sign, or long ago: 1"]  # the others are counted a minute later


@pytest.mark.parametrize("at", ["nan", "inf", "1e9", "", "-1", "١٧٩٦٠٠٠٠٠٠", "99999999999999999999"])
def test_a_signature_of_no_time_is_refused(world: World, at: str) -> None:
    body = b'{"type": "url_verification", "challenge": "x"}'
    headers = headers_for(world, body, at)
    assert post(world, body, headers | {"X-Slack-Request-Timestamp": at.encode()}) == 401  # type: ignore[dict-item]
    assert post(world, body, headers_for(world, body, str(int(time.time()) - 400))) == 401
    assert post(world, body, headers_for(world, body, str(int(time.time())))) == 200


@pytest.mark.parametrize("told", [b"Content-Length: 300000000", b"Transfer-Encoding: chunked"])
def test_a_body_past_two_megabytes_is_refused_and_not_taken_in(address: tuple[str, int], told: bytes) -> None:
    with socket.create_connection(address, timeout=5) as line:
        line.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\n" + told + b"\r\n\r\n")
        piece = b"F4240\r\n" + b"x" * 1_000_000 + b"\r\n" if b"chunked" in told else b"x" * 1_000_000
        sent = 0
        try:
            while sent < 100:
                line.sendall(piece)
                sent += 1
        except OSError:
            pass
        assert sent < 20  # megabytes, most of it in the system's own buffers
    assert healthy(address)


def test_idle_connections_do_not_stop_it(world: World, address: tuple[str, int]) -> None:
    with ExitStack() as stack:
        for number in range(300):
            line = stack.enter_context(socket.create_connection(address, timeout=5))
            if number % 2:
                line.sendall(b"POST /slack/events HTTP/1.1\r\nHost: ")
        assert healthy(address)
        world.drop(world.sheet(1))
        world.until("ready for approval")


def test_past_the_limit_the_connections_that_rested_longest_are_closed(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brought_forward.bot.cli.http.ARRIVES", 600.0)
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(address, timeout=5)) for _ in range(CONNECTIONS + 50)]
        assert healthy(address)
        cut = [place for place, line in enumerate(lines) if is_cut(line)]
        assert 50 <= len(cut) < 60  # the limit is kept, and no more than that is closed
        assert cut == list(range(len(cut)))


def is_cut(line: socket.socket) -> bool:
    """Whether the other end has closed a connection on which it never said anything."""
    line.setblocking(False)
    try:
        return line.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_a_connection_on_which_nothing_is_asked_is_cut(
    address: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("brought_forward.bot.cli.http.ARRIVES", 0.5)
    with socket.create_connection(address, timeout=20) as line:
        assert line.recv(1) == b""


def test_a_request_that_never_comes_whole_is_cut(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brought_forward.bot.cli.http.ARRIVES", 0.5)
    with socket.create_connection(address, timeout=0.1) as line:
        line.sendall(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n")
        for _ in range(200):  # a byte each tenth of a second, so that it never rests
            try:
                line.sendall(b"x")
                if line.recv(100) == b"":
                    return
            except TimeoutError:
                continue
            except OSError:
                return
    pytest.fail("it waited for 20 seconds")


@pytest.fixture
def port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        number: int = free.getsockname()[1]
    return number


@pytest.mark.skipif(sys.platform != "linux", reason="read from Linux's own table")
@pytest.mark.parametrize(("bind", "address"), [(None, "0100007F"), ("0.0.0.0", "00000000")])
def test_it_listens_for_a_proxy_on_the_same_machine_unless_told_otherwise(
    world: World, tmp_path: Path, port: int, bind: str | None, address: str
) -> None:
    world.stop()
    named = {"BALANCES_BIND": bind} if bind else {}
    bot = spawn(environment(world, port) | named, tmp_path / "log")
    try:
        world.slack.wait_for(lambda: reached("127.0.0.1", port), timeout=40)
        assert listening(port) == {address}
    finally:
        bot.terminate()
        bot.wait(20)
    assert bot.returncode == 0


def listening(port: int) -> set[str]:
    """Read at which addresses something listens, as the system writes them."""
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ends = [row[1].split(":") for row in rows if row[3] == "0A"]
    return {host for host, number in ends if int(number, 16) == port}


def reached(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=2).close()
    except OSError:
        return False
    return True
