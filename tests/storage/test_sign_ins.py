"""Sign-ins to Clio in the file: sealed, one in force for each firm, and never two refreshes across each other."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from raw import raw
from world import KEY

from brought_forward.storage.keys import KeyLost, Keys, key_id
from brought_forward.storage.place import Place
from brought_forward.storage.records.connection import Ended, Source, Tokens
from brought_forward.storage.store import Store

FIRM, OTHER = "T0FIRM", "T0OTHER"
TOKENS = Tokens("access-very-secret", "refresh-very-secret", 2_592_000.0)


@pytest.fixture
def store(place: Place) -> Iterator[Store]:
    store = Store(place, () if isinstance(place, Path) else [KEY])
    for firm in (FIRM, OTHER):
        store.firms.know(firm)
    yield store
    store.close()


def sign_in(store: Store, firm: str = FIRM, tokens: Tokens = TOKENS) -> int:
    return store.connections.sign_in(
        firm, region="us", account="us:1", user_id=7, user_name="Joan Harris", tokens=tokens
    )


def everything_in(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.iterdir() if file.is_file() and file.suffix != ".key")


def test_no_token_stands_in_the_file_in_clear(store: Store, path: Path) -> None:
    number = sign_in(store)
    assert store.connections.tokens(number) == TOKENS
    assert b"very-secret" not in everything_in(path.parent)
    assert "very-secret" not in repr(TOKENS)


def test_the_key_lies_beside_the_database_for_this_account_alone(store: Store, path: Path) -> None:
    sign_in(store)
    key = path.parent / "balances.db.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    found = store.connections.of(FIRM, Source.CONNECT)
    assert found is not None
    assert found.key_id == key_id(key.read_text().strip())


def test_a_key_of_the_environment_is_written_to_no_file(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    store = Store(tmp_path / "balances.db", [key])
    store.firms.know(FIRM)
    number = sign_in(store)
    assert store.connections.tokens(number) == TOKENS
    store.close()
    assert not (tmp_path / "balances.db.key").exists()
    assert key.encode() not in everything_in(tmp_path)


def test_a_lost_key_is_named_and_the_sign_in_stays(store: Store, path: Path) -> None:
    number = sign_in(store)
    (path.parent / "balances.db.key").unlink()
    with pytest.raises(KeyLost, match="sign in again with `brought-forward connect`"):
        store.connections.tokens(number)
    assert store.connections.of(FIRM, Source.CONNECT) is not None


def test_a_new_key_takes_over_row_by_row_and_the_old_one_opens_nothing(store: Store, path: Path) -> None:
    number, other = sign_in(store), sign_in(store, OTHER)
    old = (path.parent / "balances.db.key").read_text().strip()
    new = store.keys.add()
    assert store.connections.tokens(number) == TOKENS  # by the old key, which still stands in the file
    assert store.connections.seal_anew() == 2
    store.keys.keep_only(new)
    assert {store.connections.tokens(number), store.connections.tokens(other)} == {TOKENS}
    with pytest.raises(KeyLost), closing(sqlite3.connect(path)) as file:
        sealed = file.execute("SELECT access_token FROM clio_connection WHERE id = ?", (number,)).fetchone()[0]
        Keys(path.parent / "nowhere", [old]).open(sealed, None)


def test_of_two_that_refresh_at_once_one_is_kept(store: Store) -> None:
    number = sign_in(store)
    assert store.connections.refreshed(number, 1, Tokens("second", None, 60.0))
    assert not store.connections.refreshed(number, 1, Tokens("late", None, 60.0))
    assert store.connections.tokens(number) == Tokens("second", "refresh-very-secret", 60.0)


def test_a_new_refresh_token_takes_the_old_ones_place(store: Store) -> None:
    number = sign_in(store)
    store.connections.refreshed(number, 1, Tokens("second", "rotated", 60.0))
    assert store.connections.tokens(number) == Tokens("second", "rotated", 60.0)


def test_one_that_was_refreshed_meanwhile_is_not_ended_for_its_older_tokens(store: Store) -> None:
    number = sign_in(store)
    store.connections.refreshed(number, 1, replace(TOKENS, access="second"))
    assert not store.connections.end(number, Ended.REFUSED, version=1)
    assert store.connections.end(number, Ended.REFUSED, version=2)


def test_a_sign_in_replaces_the_firms_own_and_no_other_firms(store: Store, place: Place) -> None:
    first, others = sign_in(store), sign_in(store, OTHER)
    second = sign_in(store)
    assert store.connections.tokens(first) is None
    assert store.connections.tokens(others) == TOKENS
    found = store.connections.of(FIRM, Source.CONNECT)
    assert found is not None
    assert found.id == second
    with raw(place) as file:
        kept = file.execute(f"SELECT access_token, refresh_token, ended_by FROM clio_connection WHERE id = {first}")
        assert kept.fetchone() == (None, None, "connect")


def test_approvers_are_told_once_of_each_number_of_days(store: Store) -> None:
    number = sign_in(store)
    assert [store.connections.warn(number, days) for days in (14, 14, 3, 14, 1, 1)] == [
        True, False, True, False, True, False,
    ]  # fmt: skip
