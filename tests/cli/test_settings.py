"""What the person who installs gets wrong is told in a sentence, and nothing is started."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from world import World, environment

from brought_forward.bot.cli.main import main
from brought_forward.bot.settings import Settings, from_environment
from brought_forward.storage.store import Store

GIVEN = {
    "SLACK_BOT_TOKEN": "xoxb-1",
    "SLACK_SIGNING_SECRET": "secret",
    "CLIO_ACCESS_TOKEN": "token",
    "CLIO_REGION": "us",
}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """An environment in which nothing is missing, in an empty folder."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in GIVEN.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


def refusal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Run `serve`, which must refuse, and return what it says."""
    monkeypatch.setattr(sys, "argv", ["brought-forward", "serve"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 2
    assert not list(Path.cwd().iterdir())
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def run(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Start the bot from the command line and wait for its end."""
    command = [sys.executable, "-m", "brought_forward.bot", "serve"]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)


def test_a_bare_environment_is_told_what_is_missing(tmp_path: Path) -> None:
    ended = run({"BALANCES_DB": str(tmp_path / "balances.db")})
    assert ended.returncode == 2
    said = ended.stderr.strip().splitlines()
    assert "SLACK_BOT_TOKEN is not set. docs/settings.md says where to find it." in said
    assert len(said) == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", ["missing", "empty"])
@pytest.mark.parametrize("name", sorted(GIVEN.keys() - {"CLIO_ACCESS_TOKEN"}))
def test_each_setting_that_is_needed_is_asked_for_by_name(
    name: str, how: str, given: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if how == "empty":
        given.setenv(name, "")
    else:
        given.delenv(name)
    said = refusal(capsys, given)
    assert name in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("BALANCES_APPROVERS", "@joan", "@joan is neither a Slack user id"),
        ("BALANCES_DB", "postgresql://db.firm.test", "BALANCES_DB: a URL of PostgreSQL names a database"),
        ("BALANCES_DB", "postgres://bot:secret@127.0.0.1:9/balances", "postgres://bot@127.0.0.1:9/balances cannot be"),
        ("BALANCES_DB", "no/such/folder/balances.db", "no/such/folder"),
        ("BALANCES_TIMEZONE", "Newyork", "Newyork is no time zone. Write it like America/New_York."),
        ("BALANCES_CREDITS", "keep", "'hold' or 'post'"),
        ("BALANCES_CURRENCY", "dollars", "BALANCES_CURRENCY"),
        ("BALANCES_DESCRIPTION", "", "BALANCES_DESCRIPTION"),
        ("BALANCES_TIMING", "fast", "BALANCES_TIMING"),
        ("CLIO_REGION", "mars", "'us', 'ca', 'eu' or 'au'"),
        ("CLIO_API_URL", "http://app.clio.com/api/v4", "does not begin with https://, and tokens would go there"),
        ("BALANCES_KEYS", "secret-but-no-key", "BALANCES_KEYS: This is no key"),
        ("BALANCES_PUBLIC_URL", "http://balances.firm.test", "does not begin with https://"),
        ("BALANCES_PUBLIC_URL", "balances.firm.test", "balances.firm.test is no address. Write it like https://"),
        ("BALANCES_ADMINS", "@joan", "@joan is neither a Slack user id"),
        ("PORT", "http", "PORT"),
        ("BALANCES_BIND", "localhost", "localhost is no address. Write 127.0.0.1"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_with_a_sentence(
    name: str, value: str, words: str, given: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given.setenv(name, value)
    assert words in refusal(capsys, given)


MANY = {
    "SLACK_CLIENT_ID": "111.222",
    "SLACK_CLIENT_SECRET": "app-secret",
    "SLACK_SIGNING_SECRET": "secret",
    "BALANCES_PUBLIC_URL": "https://balances.host.test",
    "CLIO_CLIENT_ID": "us:KEY1, eu:KEY2",
    "CLIO_CLIENT_SECRET": "us:SECRET1,eu:SECRET2",
}


@pytest.fixture
def many(given: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment for many workspaces, in which nothing is missing."""
    for name in GIVEN:
        given.delenv(name)
    for name, value in MANY.items():
        given.setenv(name, value)
    return given


def test_with_the_apps_id_and_secret_many_workspaces_are_served(many: pytest.MonkeyPatch) -> None:
    settings = from_environment()
    assert settings.is_shared
    assert settings.clio_app("us") == ("KEY1", "SECRET1")
    assert settings.clio_app("eu") == ("KEY2", "SECRET2")
    assert settings.clio_app("ca") == ("", "")
    many.setenv("CLIO_CLIENT_ID", "KEY")
    many.setenv("CLIO_CLIENT_SECRET", "SECRET")
    assert from_environment().clio_app("ca") == ("KEY", "SECRET")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SLACK_CLIENT_ID", "", "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET go together"),
        ("SLACK_CLIENT_SECRET", "", "SLACK_CLIENT_ID and SLACK_CLIENT_SECRET go together"),
        ("SLACK_APP_TOKEN", "xapp-1", "is heard over HTTP: leave SLACK_APP_TOKEN out"),
        ("SLACK_SIGNING_SECRET", "", "SLACK_SIGNING_SECRET is not"),
        ("BALANCES_PUBLIC_URL", "", "BALANCES_PUBLIC_URL is not. Slack leads people back there"),
        ("BALANCES_PRACTICE", "1", "BALANCES_PRACTICE rehearses in one workspace"),
        ("SLACK_BOT_TOKEN", "xoxb-1", "leave out SLACK_BOT_TOKEN. Each firm's administrators set theirs"),
        ("CLIO_ACCESS_TOKEN", "token", "leave out CLIO_ACCESS_TOKEN."),
        ("CLIO_REGION", "us", "leave out CLIO_REGION."),
        ("BALANCES_APPROVERS", "U1,U2", "leave out BALANCES_APPROVERS."),
        ("SLACK_WORKSPACES", "One Law", "SLACK_WORKSPACES: One is no workspace's id"),
        ("CLIO_CLIENT_ID", "us:KEY1", "CLIO_CLIENT_ID and CLIO_CLIENT_SECRET name different regions"),
        ("CLIO_CLIENT_ID", "us:KEY1, nz:KEY2", "name no region with nz"),
    ],
)
def test_what_does_not_go_with_many_workspaces_is_named(
    name: str, value: str, words: str, many: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    many.setenv(name, value)
    said = refusal(capsys, many)
    assert words in said
    assert len(said.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["doctor"], "The doctor looks at one firm by the environment's tokens"),
        (["doctor", "--probe", "1"], "The doctor looks at one firm by the environment's tokens"),
        (["connect", "--no-browser"], "each connects and disconnects its own Clio account in the app's Home tab"),
    ],
)
def test_a_command_for_one_firm_says_so_where_many_share_the_bot(
    command: list[str], words: str, many: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    many.setattr(sys, "argv", ["brought-forward", *command])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code
    said = capsys.readouterr()
    assert words in " ".join((said.out + said.err).split())
    assert "Traceback" not in said.err


def test_lists_are_parted_by_commas_or_spaces(given: pytest.MonkeyPatch) -> None:
    given.setenv("BALANCES_APPROVERS", "U1, U2  W3,")
    given.setenv("BALANCES_CHANNELS", "C1 C2")
    settings = from_environment()
    assert settings.balances_approvers == ("U1", "U2", "W3")
    assert settings.balances_channels == ("C1", "C2")


def test_without_approvers_nobody_may_approve(given: pytest.MonkeyPatch) -> None:
    given.setenv("BALANCES_APPROVERS", " ")
    assert from_environment().balances_approvers == ()


def test_no_secret_stands_in_the_settings_words(given: pytest.MonkeyPatch) -> None:
    given.setenv("SLACK_BOT_TOKEN", "xoxb-very-secret")
    given.setenv("CLIO_ACCESS_TOKEN", "clio-very-secret")
    assert "very-secret" not in repr(from_environment())


@pytest.mark.file
def test_a_second_bot_on_the_same_database_is_refused(world: World) -> None:
    ended = run(environment(world, 3999))
    assert ended.returncode == 2
    assert f"Another process already serves {world.db}. Stop it first" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.file
def test_a_database_of_another_version_is_told_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "balances.db"
    Store(file).close()
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("UPDATE _sqlite_migrations SET name = 'first_tables'")
        raw.commit()
    ended = run(GIVEN | {"BALANCES_DB": str(file)})
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == (
        f"{file}: The database is of another version of the bot, before 1.0.0, and this one does not read it. Nothing"
        " in it was changed. Go on with the version that made it until its batches are done, or let BALANCES_DB name a"
        " new file."
    )


@pytest.mark.parametrize("name", ["CLIO_API_URL", "SLACK_API_URL"])
def test_tokens_are_sent_nowhere_in_clear(
    given: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    given.setenv(name, "http://clio.example.com/api/v4")
    said = refusal(capsys, given)
    assert f"{name}: http://clio.example.com/api/v4 does not begin with https://" in said


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8080/api/", "http://localhost/api/", "https://eu.app.clio.com/api/"]
)
def test_an_address_on_this_machine_or_encrypted_is_taken(given: pytest.MonkeyPatch, address: str) -> None:
    given.setenv("SLACK_API_URL", address)
    given.setenv("CLIO_API_URL", address)
    assert from_environment().slack_api_url == address
