"""The server under the pretend Slack and Clio: its port is its own, also while nobody listens there."""

import socket

import pytest

from brought_forward.sandbox.serving import HOST, Server


def test_a_server_that_is_stopped_keeps_its_port_and_refuses_who_comes() -> None:
    server = Server(lambda environ, start: [])
    server.start()
    server.stop()
    with socket.socket() as other, pytest.raises(OSError, match="in use"):
        other.bind((HOST, server.port))
    with socket.socket() as visitor, pytest.raises(ConnectionRefusedError):
        visitor.connect((HOST, server.port))
    server.start()
    server.stop()
