"""The gate before the network, over real sockets and real TLS: in time all of a request leaves, too late never all."""

import math
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from world import FAST, World

from brought_forward.bot.clio.gate import Sessions, TooLate, sent_by
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.entry import EntryState

HELD = 0.3  # seconds that the other side does nothing
LARGE = b"x" * 40_000_000  # more than any buffer between the two takes
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Peer:
    """A server for one connection that says how much of a request came to it."""

    def __init__(self, tls: ssl.SSLContext | None) -> None:
        self._tls = tls
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.settimeout(5)
        self.url = f"{'https' if tls else 'http'}://localhost:{self._listening.getsockname()[1]}/"
        self.hold_handshake = self.hold_reading = 0.0
        self.got = bytearray()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with self._listening, self._listening.accept()[0] as plain:
            never = threading.Event()
            never.wait(self.hold_handshake)
            with self._tls.wrap_socket(plain, server_side=True) if self._tls else plain as heard:
                heard.settimeout(5)
                never.wait(self.hold_reading)
                try:
                    while not self.is_whole and (part := heard.recv(1_000_000)):
                        self.got.extend(part)
                    if self.is_whole:
                        heard.sendall(ANSWER)
                except OSError:  # cut off
                    return

    @property
    def is_whole(self) -> bool:
        """Whether a server could act on what came."""
        end = self.got.find(b"\r\n\r\n", 0, 10_000) + 4
        return end > 4 and f"Content-Length: {len(self.got) - end}\r\n".encode() in self.got[:end]

    def ended(self) -> bytearray:
        """Wait until the connection is over, and give all that came."""
        self._thread.join(10)
        assert not self._thread.is_alive()
        return self.got


@pytest.fixture(params=["http", "https"])
def peer(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    tls = None
    if request.param == "https":
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "authority.pem"))
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(tls)
    made = Peer(tls)
    yield made
    made.ended()


def post(peer: Peer, body: bytes, seconds: float) -> int:
    with Sessions(FAST.read).lend() as session, sent_by(time.monotonic() + seconds):
        return session.post(peer.url, data=body, timeout=(5, 5)).status_code


@pytest.mark.parametrize("body", [b"{}", LARGE], ids=["small", "large"])
def test_what_is_in_time_leaves_whole(peer: Peer, body: bytes) -> None:
    assert post(peer, body, 30.0) == 200
    assert peer.ended().endswith(b"\r\n\r\n" + body)


def test_without_a_deadline_there_is_none(peer: Peer) -> None:
    assert post(peer, b"{}", math.inf) == 200


def test_what_is_too_late_from_the_first_does_not_leave_at_all(peer: Peer) -> None:
    with pytest.raises(TooLate):
        post(peer, b"{}", -1.0)
    assert peer.ended() == b""


def test_a_connection_that_took_too_long_sends_nothing(peer: Peer) -> None:
    peer.hold_handshake = HELD
    if peer.url.startswith("https"):
        with pytest.raises(TooLate):
            post(peer, b"{}", HELD / 2)
        assert peer.ended() == b""
    else:  # the system accepts a connection before the server does
        assert post(peer, b"{}", HELD / 2) == 200


def test_a_send_that_is_held_up_midway_is_not_completed(peer: Peer) -> None:
    peer.hold_reading = HELD
    with pytest.raises(TooLate):
        post(peer, LARGE, HELD / 2)
    assert 0 < len(peer.ended()) < len(LARGE)
    assert not peer.is_whole


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such limit")
def test_the_system_gives_up_what_the_other_side_does_not_receive(peer: Peer) -> None:
    with Sessions(FAST.read).lend() as session:
        answer = session.get(peer.url, headers={"Content-Length": "0"}, stream=True, timeout=5)
        given = answer.raw.connection.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
        assert given == FAST.read * 1000


def test_an_undo_deletes_nothing_that_it_read_too_long_ago(world: World) -> None:
    world.begin(world.sheet(2))
    world.finish()
    world.restart(balances_timing=FAST.model_copy(update={"fresh": 0.0}))
    world.click(world.slack.manager, "Undo")

    def reads() -> int:
        return sum(call.method == "GET" and call.path.startswith("/activities/") for call in world.clio.calls)

    world.slack.wait_for(lambda: reads() > 4)
    assert not [call for call in world.clio.calls if call.method == "DELETE"]
    world.restart()
    world.wait_for_status(BatchStatus.UNDONE)
    assert world.states() == [EntryState.UNDONE] * 2
    assert world.clio.time_entries == []
