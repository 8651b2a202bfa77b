import sqlite3
from contextlib import closing

import pytest

from brought_forward.storage.placeholders import numbered


@pytest.mark.parametrize(
    ("ours", "postgres", "names"),
    [
        ("SELECT 1", "SELECT 1", ()),
        ("SELECT ? WHERE id = ?", "SELECT $1 WHERE id = $2", ()),
        ("SELECT ?2, ?1, ?2, ?", "SELECT $2, $1, $2, $3", ()),
        ("UPDATE a SET b = :b WHERE :b > :c", "UPDATE a SET b = $1 WHERE $1 > $2", ("b", "c")),
        ("SELECT 'who?', '', 'it''s :me?', ?", "SELECT 'who?', '', 'it''s :me?', $1", ()),
        ('SELECT "odd?""name:x", ?', 'SELECT "odd?""name:x", $1', ()),
        ("SELECT ? -- why? :so\n, ? /* not ?\n :that */, ?", "SELECT $1 -- why? :so\n, $2 /* not ?\n :that */, $3", ()),
        ("SELECT a::text, ?::bigint", "SELECT a::text, $1::bigint", ()),
        ("SELECT a LIKE 'x:%' OR b = :b", "SELECT a LIKE 'x:%' OR b = $1", ("b",)),
    ],
)
def test_placeholders_are_numbered_but_not_what_stands_in_quotes(
    ours: str, postgres: str, names: tuple[str, ...]
) -> None:
    assert numbered(ours) == (postgres, names)


@pytest.mark.parametrize("sql", ["SELECT ?, ?", "SELECT ?2, ?1", "SELECT ?1, ?, ?1, ?3, ?", "SELECT '?', ?2, ?"])
def test_numbers_are_those_that_sqlite_gives(sql: str) -> None:
    """SQLite reads `?1` as we write `$1`, so the numbered text gives the same row there."""
    values = tuple("abcde")
    text, _ = numbered(sql)
    with closing(sqlite3.connect(":memory:")) as db:
        asked = values[: max(int(one) for one in "12345" if f"${one}" in text)]
        assert db.execute(sql, asked).fetchone() == db.execute(text.replace("$", "?"), asked).fetchone()


def test_a_statement_names_its_values_or_numbers_them() -> None:
    with pytest.raises(ValueError, match="names some"):
        numbered("SELECT :a, ?")
