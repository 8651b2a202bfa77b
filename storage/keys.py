"""The keys that seal tokens in the database: from the environment, else from a file beside it that only we may read.

A key's id is a digest of it and stands beside each token, so that what a lost key has sealed can be told, and a new key
can take over row by row. New tokens are sealed by the first key.
"""

import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from brought_forward.storage.database import PRIVATE, keep_private, private_lock


class KeyLost(Exception):  # noqa: N818
    """Say that no key at hand opens what is sealed, or that the keys cannot be read; the text says what to do."""


class Keys:
    """Seal and open. `given` are the environment's keys, the newest first; without any, those of a file do."""

    def __init__(self, file: Path | None, given: Sequence[str] = ()) -> None:
        self._place = file
        self._given = tuple(given)

    @property
    def _file(self) -> Path:
        if self._place is None:
            raise KeyLost(
                "BALANCES_KEYS is not set, and beside PostgreSQL there is no file for a key: each process has to know"
                " it. Make one with `brought-forward rotate-key --print` and give it to every process."
            )
        return self._place

    @property
    def current(self) -> str:
        """The id of the key that seals, made where there is none yet. Raises KeyLost where a key is none."""
        return key_id(self._texts()[0])

    @property
    def are_given(self) -> bool:
        """Whether they come from the environment, so that nothing is written to a file."""
        return bool(self._given)

    def ready(self) -> None:
        """Make the file where there is none yet. Raises KeyLost where its keys cannot be used."""
        _ring(self._texts())
        if not self._given:
            keep_private(Path(f"{self._file}.lock"))

    def seal(self, secret: str) -> tuple[bytes, str]:
        """Seal a secret. Returns it sealed, and the key's id."""
        keys = self._texts()
        return _ring(keys).encrypt(secret.encode()), key_id(keys[0])

    def open(self, sealed: bytes, sealed_by: str | None) -> str:
        """Open what was sealed. Raises KeyLost."""
        try:
            return _ring(self._texts()).decrypt(sealed).decode()
        except InvalidToken:
            raise KeyLost(
                f"The key {sealed_by} that sealed the sign-in to Clio is not at hand. Put it back"
                f" ({self._place.name + ', or ' if self._place else ''}the environment's), or sign in again with"
                " `brought-forward connect`."
            ) from None

    def add(self) -> str:
        """Put a new key before the file's others. Returns its id; what the others sealed is still opened."""
        with private_lock(f"{self._file}.lock", timeout=30):
            self._write([Fernet.generate_key().decode(), *self._texts()])
        return self.current

    def keep_only(self, wanted: str) -> None:
        """Drop all keys of the file but one, once nothing is sealed by them."""
        with private_lock(f"{self._file}.lock", timeout=30):
            self._write([one for one in self._texts() if key_id(one) == wanted])

    def _texts(self) -> Sequence[str]:
        return self._given or self._read()

    def _read(self) -> list[str]:
        """Read the file's keys anew each time: another process may have put a new one before them."""
        if not self._file.exists():
            with private_lock(f"{self._file}.lock", timeout=30):
                if not self._file.exists():
                    self._write([Fernet.generate_key().decode()])
        keys = self._file.read_text().split()
        if not keys or not all(map(is_key, keys)):
            raise KeyLost(f"{self._file} holds no key that can be used. Put the right file back from a back-up.")
        if self._file.stat().st_mode & 0o077:
            self._file.chmod(PRIVATE)
        return keys

    def _write(self, keys: Sequence[str]) -> None:
        """Put keys in the file's place, whole or not at all."""
        new = Path(f"{self._file}.new")
        number = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, PRIVATE)
        with os.fdopen(number, "w") as text:
            text.write("\n".join(keys) + "\n")
            text.flush()
            os.fsync(number)
        new.replace(self._file)


def key_id(key: str) -> str:
    """Name a key without telling it."""
    return sha256(key.encode()).hexdigest()[:8]


def is_key(text: str) -> bool:
    """Tell whether a text is a key: 32 bytes in base64, as `Fernet.generate_key()` makes them."""
    try:
        Fernet(text)
    except ValueError:
        return False
    return True


def _ring(keys: Sequence[str]) -> MultiFernet:
    return MultiFernet([Fernet(one) for one in keys])
