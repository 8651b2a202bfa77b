"""Where a database is: an SQLite file by its path, or a PostgreSQL database by its URL."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

SCHEMES = ("postgresql://", "postgres://")


@dataclass(frozen=True)
class PostgresUrl:
    """The URL of a PostgreSQL database; as a text it is without its password. Raises ValueError where it is none."""

    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.secret)
        if not self.secret.startswith(SCHEMES) or not parts.path.strip("/"):
            raise ValueError("a URL of PostgreSQL names a database: postgresql://user:password@host:5432/database")

    def __str__(self) -> str:
        return re.sub(r"(://[^:/@]*):.*@", r"\1@", self.secret.partition("?")[0])

    @property
    def database(self) -> str:
        """The name of the database."""
        return unquote(urlsplit(self.secret).path.strip("/"))

    @property
    def password(self) -> str:
        """The password in it, empty where there is none."""
        return unquote(urlsplit(self.secret).password or "")


Place = Path | PostgresUrl


def place_of(text: str | Place) -> Place:
    """Read where a database is. Raises ValueError for a URL that names no database."""
    if isinstance(text, PostgresUrl):
        return text
    if str(text).startswith(("postgresql:", "postgres:")):
        return PostgresUrl(str(text))
    return Path(text)


def beside(place: Place) -> Path:
    """Say how the names of files begin that lie beside a database; PostgreSQL's lie where the command is run."""
    return Path(f"brought-forward-{place.database}") if isinstance(place, PostgresUrl) else place
