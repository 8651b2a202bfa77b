"""Where the bot's token may go: a file's address is whatever somebody registered with Slack."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from world import World

from brought_forward.bot.errors import SheetError
from brought_forward.bot.settings import Settings
from brought_forward.bot.slack.files import Files, SlackFile
from brought_forward.bot.slack.slacks import Slacks
from brought_forward.storage.records.batch import BatchStatus

CSV = b"Matter,User,Balance\n00001-Acme,Dana Hallam,12.50\n"
LINKED = "AR.csv is only linked here. Save it as Excel or CSV and drop the file itself."


class Elsewhere(ThreadingHTTPServer):
    """Another host over https, which this machine trusts; it keeps what was sent to it."""

    def __init__(self, folder: Path) -> None:
        self.heard: list[str | None] = []
        self.connections = 0
        super().__init__(("127.0.0.1", 0), Ear)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "elsewhere")])
        now = datetime.now(UTC)
        made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(),
                                       now - timedelta(days=1), now + timedelta(days=1))  # fmt: skip
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        made = made.add_extension(names, critical=False)
        self.certificate = folder / "elsewhere.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.certificate.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM) + secret)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificate)
        self.socket = tls.wrap_socket(self.socket, server_side=True)

    def get_request(self) -> Any:
        self.connections += 1
        return super().get_request()


class Ear(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_GET(self) -> None:
        self.server.heard.append(self.headers.get("Authorization"))
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "/x")
        else:
            self.send_response(200)
        self.end_headers()
        self.wfile.write(CSV)

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    server = Elsewhere(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.certificate))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(url: str, *, is_external: bool = False, mode: str = "hosted", size: int = len(CSV), **more: Any) -> bytes:
    """Fetch a file as the bot does where SLACK_API_URL is not set."""
    settings = Settings(slack_bot_token="xoxb-secret", clio_access_token="t", clio_region="us", **more)
    file = SlackFile("F1", "AR.csv", "csv", size, "U1", url, mode, is_external, {})
    slacks = Slacks(None, settings)  # type: ignore[arg-type]  # the environment's token needs no rows
    return Files(slacks, settings).fetch(file, "AR.csv", "T1")


@pytest.mark.parametrize(
    "address",
    [
        "https://{}\\@files.slack.com/x",
        "https://{}\\\\@files.slack.com/x",
        "https://{}/\\@files.slack.com/x",
        "https://files.slack.com@{}/x",
        "https://files.slack.com:443@{}/x",
        "https://files.slack.com\t@{}/x",
        " https://{}\\@files.slack.com/x",
        "https://{}#@files.slack.com/x",
        "https://{}?@files.slack.com/x",
        "https://{}/files.slack.com",
    ],
)
def test_the_token_goes_to_no_host_but_slacks(elsewhere: Elsewhere, address: str) -> None:
    with pytest.raises(SheetError, match="is only linked here"):
        fetch(address.format(f"127.0.0.1:{elsewhere.server_port}"))
    assert (elsewhere.heard, elsewhere.connections) == ([], 0)


@pytest.mark.parametrize(
    "address",
    [
        "https://files.slack.com:8443/x",
        "https://somebody@files.slack.com/x",
        "https://a:b@files.slack.com/x",
        "http://files.slack.com/x",
        "https://files.slack.com./x",
        "https://files.slack.com\\.elsewhere.test/x",
        "https://files.slack.com%2eelsewhere.test/x",
        "https://files.slack.com\\x",
        "https:files.slack.com/x",
        "//files.slack.com/x",
        "https://[files.slack.com/x",
        "https://files.slack.com:https/x",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_that_is_not_plainly_slacks_is_none(address: str) -> None:
    with pytest.raises(SheetError, match="is only linked here"):
        fetch(address)


def test_a_file_that_lies_elsewhere_is_not_fetched_even_from_slacks_own_host(elsewhere: Elsewhere) -> None:
    with pytest.raises(SheetError, match="is only linked here"):
        fetch("https://files.slack.com/x", is_external=True)


def test_what_stands_in_for_slack_gets_the_token_and_no_other_host_or_port(elsewhere: Elsewhere) -> None:
    place = f"https://127.0.0.1:{elsewhere.server_port}"
    assert fetch(f"{place}/x", slack_api_url=f"{place}/api/") == CSV
    assert elsewhere.heard == ["Bearer xoxb-secret"]
    with pytest.raises(SheetError):
        fetch(f"{place}/x", slack_api_url="https://127.0.0.1/api/")
    with pytest.raises(SheetError):
        fetch("https://files.slack.com/x", slack_api_url=f"{place}/api/")
    assert len(elsewhere.heard) == 1


def test_a_redirect_is_not_followed(elsewhere: Elsewhere) -> None:
    place = f"https://127.0.0.1:{elsewhere.server_port}"
    with pytest.raises(requests.ConnectionError):
        fetch(f"{place}/away", slack_api_url=f"{place}/api/")
    assert len(elsewhere.heard) == 1


@pytest.mark.parametrize("mode", ["tombstone", "hidden_by_limit"])
def test_a_file_that_slack_has_no_longer_is_asked_for_nowhere(elsewhere: Elsewhere, mode: str) -> None:
    place = f"https://127.0.0.1:{elsewhere.server_port}"
    with pytest.raises(SheetError, match="is no longer in Slack"):
        fetch(f"{place}/x", mode=mode, slack_api_url=f"{place}/api/")
    assert elsewhere.connections == 0


def test_a_file_that_is_too_large_is_asked_for_nowhere(elsewhere: Elsewhere) -> None:
    place = f"https://127.0.0.1:{elsewhere.server_port}"
    with pytest.raises(SheetError, match="has 21 MB; 20 MB is the most I read"):
        fetch(f"{place}/x", size=21 * 1024 * 1024, slack_api_url=f"{place}/api/")
    assert elsewhere.connections == 0


def test_a_netrc_of_the_machine_does_not_sign_in_the_tokens_place(
    elsewhere: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    place = f"https://127.0.0.1:{elsewhere.server_port}"
    fetch(f"{place}/x", slack_api_url=f"{place}/api/")
    assert elsewhere.heard == ["Bearer xoxb-secret"]


@pytest.mark.parametrize(("mode", "is_external"), [("external", False), ("hosted", True)])
def test_a_file_that_lies_elsewhere_by_its_mode_or_its_flag_alone_is_told_to_be_a_link(
    world: World, mode: str, is_external: bool
) -> None:
    address = f"http://{world.slack.api_url.split('/')[2]}/files-pri/x/AR.csv" if mode == "external" else ""
    file = world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV, mode=mode, address=address,
                              is_external=is_external)  # fmt: skip
    assert LINKED in world.until("is only linked here")
    assert (world.newest().file_id, world.newest().status) == (file.id, BatchStatus.UNREADABLE)
    assert not [call for call in world.slack.calls if call.method == "download"]


@pytest.mark.parametrize(
    ("mode", "address"),
    [
        ("hosted", "http://127.0.0.1:{}/files-pri/x/AR.csv"),
        ("hosted", "http://127.0.0.1:{}\\@{}/files-pri/x/AR.csv"),
        ("external", "http://{}/files-pri/x/AR.csv"),
    ],
)
def test_a_file_at_an_address_that_somebody_chose_is_told_to_be_a_link(
    world: World, elsewhere: Elsewhere, mode: str, address: str
) -> None:
    here = world.slack.api_url.split("/")[2]
    places = (here,) if mode == "external" else (elsewhere.server_port, here)
    world.slack.upload(world.slack.staff, "balances", "AR.csv", CSV, mode=mode, address=address.format(*places))
    assert LINKED in world.until("is only linked here")
    assert world.newest().status is BatchStatus.UNREADABLE
    assert elsewhere.connections == 0
    assert not [call for call in world.slack.calls if call.method == "download"]
