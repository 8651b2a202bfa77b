"""`brought-forward connect` and what follows it, through the command line and over real HTTP."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alone import serving
from sign_in import Terminal
from world import World

from brought_forward.sandbox.clio import ClioSandbox
from brought_forward.sandbox.slack.workspace import TEAM
from brought_forward.storage.records.batch import BatchStatus
from brought_forward.storage.records.connection import Ended, Source
from brought_forward.storage.store import Store


@pytest.fixture
def world(quiet: World) -> World:
    return quiet


@pytest.fixture
def terminal(world: World, tmp_path: Path) -> Terminal:
    return Terminal(world, tmp_path)


@pytest.fixture
def store(world: World) -> Iterator[Store]:
    """The database beside whoever else has it open."""
    store = Store(world.place)
    yield store
    store.close()


def tokens_of(clio: ClioSandbox) -> list[str]:
    return [token for grant in clio.oauth.grants for token in (grant.access, grant.refresh)]


def test_who_connects_is_shown_with_what_it_may_read_and_is_kept_sealed(
    world: World, terminal: Terminal, store: Store
) -> None:
    done = terminal.connect("--region", "us", CLIO_REGION="")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    user = world.firm.token_user
    assert f"Connected to Clio (us) as {user.name}, account us:{world.firm.account_id}." in said
    for what in ("users", "matters", "time entries", "activity descriptions", "billing settings", "bills", "reports"):
        assert f"reads {what}: yes" in said
    assert "writes entries, sees all billing rates: not known until the first entry" in said
    assert "It renews itself before it ends." in said
    assert "Clio has answered." in terminal.browser.with_name("browser.py.page").read_text()
    kept = store.connections.of(TEAM, Source.CONNECT)
    assert kept is not None
    assert (kept.region, kept.account, kept.user_name) == ("us", f"us:{world.firm.account_id}", user.name)
    assert store.firms.settings(TEAM) == {"region": "us"}
    files = b"".join(file.read_bytes() for file in world.db.parent.iterdir() if file.is_file())
    everything = files + done.stdout.encode() + done.stderr.encode()
    assert not [token for token in tokens_of(world.clio) if token.encode() in everything]
    assert b"clio-sandbox-secret" not in everything
    assert not [call for call in world.clio.calls if call.method != "GET" and "/oauth/" not in call.path]


def test_what_clio_does_not_show_is_told_with_the_permission_it_takes(world: World, terminal: Terminal) -> None:
    world.clio.faults.add("forbidden", method="GET", path="/matters.json", times=None)
    said = " ".join(terminal.connect().stdout.split())
    assert "reads matters: no" in said
    assert "The app needs the permission Matters (read)" in said


def test_a_bot_that_nobody_has_connected_says_so_and_goes_on_once_somebody_has(tmp_path: Path) -> None:
    with serving(tmp_path, CLIO_ACCESS_TOKEN="", CLIO_REGION="", BALANCES_TIMING='{"sweep": 600}') as alone:
        world = alone.world
        assert "Nobody has connected Clio yet. Whoever runs the bot signs in" in alone.log()
        world.drop(world.sheet(2))
        world.until("AR.csv waits, and nothing of it is posted. Nobody has connected Clio yet.", timeout=40)
        assert "brought-forward connect" in world.text()
        terminal = Terminal(world, tmp_path)
        done = terminal.connect("--region", "us", CLIO_REGION="")
        assert "A running bot takes it up within five seconds." in done.stdout
        world.until("ready for approval", timeout=8)
        world.click(world.slack.manager, "Approve")
        world.until("Read back from Clio: 2 entries", timeout=40)
        assert len(world.posts()) == 2
        assert not [token for token in tokens_of(world.clio) if token in alone.log()]


def test_without_a_browser_the_address_that_did_not_open_is_pasted(
    world: World, terminal: Terminal, store: Store
) -> None:
    status, said = terminal.paste()
    assert status == 0
    assert "Connected to Clio (us)" in said
    assert store.connections.of(TEAM, Source.CONNECT) is not None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda place: place.replace("state=", "state=x"), "This is not the answer to the sign-in that was begun here"),
        (lambda place: place.partition("?")[0], "This is not the answer to the sign-in that was begun here"),
        (lambda place: place.replace("code=", "error=server_error&c="), "Clio did not allow it: server_error."),
        (lambda place: place.replace("code=", "code=x"), "A code serves once, for about ten minutes"),
    ],
)
def test_an_address_that_is_not_clios_answer_connects_nothing(
    terminal: Terminal, store: Store, change: object, words: str
) -> None:
    status, said = terminal.paste(change)
    assert status == 2
    assert words in " ".join(said.split())
    assert "Traceback" not in said
    assert store.connections.of(TEAM, Source.CONNECT) is None


def test_a_code_that_comes_too_late_connects_nothing(world: World, terminal: Terminal, store: Store) -> None:
    def late(place: str) -> str:
        world.clio.oauth.expire_codes()
        return place

    status, said = terminal.paste(late)
    assert (status, "Begin again." in said) == (2, True)
    assert store.connections.of(TEAM, Source.CONNECT) is None


def test_who_declines_in_clio_is_told_that_nothing_was_connected(terminal: Terminal, store: Store) -> None:
    done = terminal.connect(BROWSER=terminal.browse("decline"))
    assert done.returncode == 2
    assert "It was declined in Clio, so nothing was connected." in done.stderr
    assert store.connections.of(TEAM, Source.CONNECT) is None


def test_the_answer_to_somebody_elses_sign_in_is_refused_and_waited_past(terminal: Terminal, store: Store) -> None:
    terminal.browser.with_name("browser.py.first").write_text(f"{terminal.redirect}?code=abc&state=of-another")
    done = terminal.connect()
    assert done.returncode == 0, done.stderr
    refused = terminal.browser.with_name("browser.py.refused").read_text()
    assert refused.startswith("400 ")
    assert "not the answer to the sign-in that was begun here" in refused
    assert store.connections.of(TEAM, Source.CONNECT) is not None


@pytest.mark.parametrize(
    ("words", "given", "told"),
    [
        ((), {"CLIO_CLIENT_SECRET": ""}, "CLIO_CLIENT_ID and CLIO_CLIENT_SECRET are not set"),
        ((), {"CLIO_CLIENT_SECRET": "guess"}, "Look at CLIO_CLIENT_ID and CLIO_CLIENT_SECRET, and at the region"),
        (("--region", "eu"), {}, "CLIO_REGION says us, --region eu."),
        (("--region", "mars"), {}, "mars is no region of Clio's."),
        ((), {"SLACK_BOT_TOKEN": "xoxb-wrong"}, "Slack does not say whose workspace SLACK_BOT_TOKEN is of"),
    ],
)
def test_what_stands_in_the_way_is_one_sentence(
    terminal: Terminal, words: tuple[str, ...], given: dict[str, str], told: str
) -> None:
    done = terminal.connect(*words, **given)
    assert done.returncode == 2
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told_with_what_to_do(terminal: Terminal) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = terminal.run("connect", "--port", str(other.getsockname()[1]))
    assert done.returncode == 2
    assert "is taken" in done.stderr
    assert "--no-browser" in done.stderr


def test_status_says_by_whom_until_when_and_whether_clio_accepts_it(world: World, terminal: Terminal) -> None:
    assert terminal.run("connect", "--status").returncode == 1
    terminal.connect()
    shown = terminal.run("connect", "--status")
    said = " ".join(shown.stdout.split())
    assert shown.returncode == 0
    assert f"Clio (us) as {world.firm.token_user.name}" in said
    assert "its token ends in 29 days, and it renews itself before that. Clio accepts it." in said
    world.clio.oauth.revoke_all()
    shown = terminal.run("connect", "--status")
    assert shown.returncode == 1
    assert "Clio does not accept it just now" in shown.stdout


@pytest.mark.file
def test_signing_out_takes_it_back_at_clio_and_forgets_its_tokens(
    world: World, terminal: Terminal, store: Store
) -> None:
    terminal.connect()
    assert len(world.clio.oauth.grants) == 1
    done = terminal.run("disconnect")
    assert done.returncode == 0
    assert world.clio.oauth.grants == []
    last = store.connections.last(TEAM)
    assert last is not None
    assert (last.ended_by, store.connections.tokens(last.id)) == (Ended.DISCONNECTED, None)
    with closing(sqlite3.connect(world.db)) as file:
        assert file.execute("SELECT access_token, refresh_token FROM clio_connection").fetchall() == [(None, None)]
    again = terminal.run("disconnect")
    assert (again.returncode, "nothing to take back" in again.stderr) == (2, True)
    assert "signed out on" in terminal.run("connect", "--status").stdout


def test_a_sign_in_that_clio_does_not_hear_of_stays(world: World, terminal: Terminal, store: Store) -> None:
    terminal.connect()
    world.clio.faults.add("error_before", method="POST", path="/oauth/deauthorize")
    done = terminal.run("disconnect")
    assert done.returncode == 2
    assert store.connections.of(TEAM, Source.CONNECT) is not None
    assert len(world.clio.oauth.grants) == 1


@pytest.mark.file
def test_a_new_key_seals_beside_a_running_bot_and_the_old_one_is_gone(tmp_path: Path) -> None:
    with serving(tmp_path, CLIO_ACCESS_TOKEN="") as alone:
        world, key = alone.world, Path(f"{alone.world.db}.key")
        old = key.read_text().strip()  # made at the first start
        terminal = Terminal(world, tmp_path)
        terminal.connect()
        done = terminal.run("rotate-key")
        assert "1 sign-in sealed by the new key" in done.stdout
        assert old not in key.read_text()
        assert len(key.read_text().split()) == 1
        world.drop(world.sheet(1))
        world.until("ready for approval", timeout=40)


@pytest.mark.file
def test_a_key_of_the_environment_is_printed_and_seals_anew(world: World, terminal: Terminal, store: Store) -> None:
    first, second = (terminal.run("rotate-key", "--print").stdout.strip() for _ in range(2))
    terminal.connect(BALANCES_KEYS=first)
    assert not Path(f"{world.db}.key").exists()
    done = terminal.run("rotate-key", BALANCES_KEYS=f"{second},{first}")
    assert "1 sign-in sealed by the new key" in done.stdout
    assert terminal.run("connect", "--status", BALANCES_KEYS=second).returncode == 0
    lost = terminal.run("connect", "--status", BALANCES_KEYS=first)
    assert lost.returncode == 2
    assert "sign in again with `brought-forward connect`" in lost.stderr


def test_check_matches_by_the_sign_in_too(world: World, terminal: Terminal, tmp_path: Path) -> None:
    sheet = tmp_path / "AR.csv"
    sheet.write_text("Matter,User,Balance\n" + "\n".join(f"{line[0]},{line[1]},{line[2]}" for line in world.sheet(2)))
    nobody = terminal.run("check", "--clio", str(sheet))
    assert "Nobody has connected Clio yet" in nobody.stderr
    terminal.connect()
    assert "2 entries, $246.91, would be posted." in terminal.run("check", "--clio", str(sheet)).stdout


def test_the_environments_token_wins_and_says_so(terminal: Terminal) -> None:
    done = terminal.connect(CLIO_ACCESS_TOKEN="clio-sandbox-token")
    assert "CLIO_ACCESS_TOKEN is set, and wins." in done.stdout
    assert "by CLIO_ACCESS_TOKEN of the environment" in terminal.run(
        "connect", "--status", CLIO_ACCESS_TOKEN="clio-sandbox-token"
    ).stdout  # fmt: skip


@pytest.mark.file
def test_a_first_start_in_an_empty_folder_needs_no_clio_at_all(tmp_path: Path) -> None:
    with serving(tmp_path, CLIO_ACCESS_TOKEN="", CLIO_REGION="", CLIO_API_URL="https://app.clio.com/api/v4") as alone:
        assert alone.end() == 0
        with closing(sqlite3.connect(alone.world.db)) as file:
            assert file.execute("SELECT count(*) FROM batch WHERE status = ?", (BatchStatus.POSTED,)).fetchone() == (0,)
