"""Each statement is one text for SQLite and for PostgreSQL, and each database takes all of them."""

import ast
import inspect
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest
from statements import DATABASES, EMPTY, LIST, RUNS, Place, Statements, modules

from brought_forward.storage.placeholders import numbered
from brought_forward.storage.postgres_schema import statements
from brought_forward.storage.tables import STATEMENTS

# What speaks one database's own language, beside `Database`.
OWN = {"sqlite_file", "schema", "tables", "views", "backup", "health", "postgres", "postgres_session", "postgres_steps",
       "postgres_schema", "serve_lock", "move"}  # fmt: skip
# What PostgreSQL takes for a function of its own where a column of that name is meant, without a word.
FUNCTIONS = re.compile(r"\b(?:user|(?:current|session|system)_\w+|localtime\w*)\b", re.IGNORECASE)
# What is read and written without a change of its value: whole numbers, texts, fractions, bytes.
PLAIN = {"bigint", "integer", "text", "double precision", "bytea"}
QUOTED = re.compile(r"'(?:[^']|'')*'")


@pytest.fixture(scope="module")
def texts() -> dict[str, Place]:
    """Every text, with a place that runs it; one with lists stands there with empty ones too."""
    found = {text: place for place, some in Statements().collect().items() for text in some}
    return found | {text.replace(LIST, EMPTY): place for text, place in found.items()}


@pytest.fixture(scope="module")
def sqlite() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as made:
        for statement in STATEMENTS:
            made.execute(statement)
        yield made


@pytest.fixture
def made(postgres_url: str) -> Iterator[psycopg.Connection]:
    """A PostgreSQL database with our tables."""
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        for statement in statements():
            connection.execute(statement.encode())
        yield connection


def types(connection: psycopg.Connection, text: str, given: str = "") -> tuple[list[str], list[str]]:
    """Let PostgreSQL prepare a text. Returns the types of what it is given, and of what it gives."""
    connection.execute(f"PREPARE one{given} AS {numbered(text)[0]}".encode())
    ((takes, gives),) = connection.execute(
        "SELECT parameter_types::text[], result_types::text[] FROM pg_prepared_statements WHERE name = 'one'"
    ).fetchall()
    connection.execute("DEALLOCATE one")
    return takes, gives or []


def test_every_place_that_runs_a_statement_is_read() -> None:
    read = Statements()
    found = read.collect()
    assert len(found) > 300
    assert read.places() == found.keys()
    assert {one.__qualname__ for one in read.within if not one.__name__.startswith("_")} == set()


def test_nothing_goes_round_the_few_ways_to_run_a_statement() -> None:
    round_them = set()
    for module in modules():
        name = module.__name__.rpartition(".")[2]
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if name not in OWN and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                at = ast.unparse(node.func.value)
                runs = node.func.attr.startswith("execute") or (node.func.attr in RUNS and at not in DATABASES)
                if runs and at != "self._file":
                    round_them.add((name, ast.unparse(node.func)))
    assert round_them == {("database", "self.rows")}


def test_postgresql_refuses_none(texts: dict[str, Place], made: psycopg.Connection) -> None:
    refused, odd = {}, {}
    for text, place in texts.items():
        try:
            takes, gives = types(made, text)
            if takes:  # as the driver does it: whole numbers are sent as long ones
                whole = ["bigint" if one == "integer" and "CAST(? AS INTEGER)" not in text else one for one in takes]
                types(made, text, f" ({', '.join(whole)})")
        except psycopg.Error as broken:
            refused[place] = f"{str(broken).splitlines()[0]}: {text}"
        else:
            if {*takes, *gives} - PLAIN:
                odd[place] = (takes, gives)
    assert refused == {}
    assert odd == {}
    assert len(texts) > 400


def test_sqlite_refuses_none(texts: dict[str, Place], sqlite: sqlite3.Connection) -> None:
    refused = {}
    for text, place in texts.items():
        as_numbers = re.sub(r"\$(\d+)", r"?\1", numbered(text)[0])
        count = max(map(int, re.findall(r"\?(\d+)", as_numbers)), default=0)
        try:
            sqlite.execute(f"EXPLAIN {as_numbers}", [None] * count)
        except sqlite3.Error as broken:
            refused[place] = f"{broken}: {text}"
    assert refused == {}


def test_no_column_is_called_as_a_function_of_postgresql(texts: dict[str, Place]) -> None:
    labels = re.compile(r"\bAS (?:user)\b")  # as of a view's column, which is none of a statement's
    machinery = ("CREATE FUNCTION", "CREATE POLICY")  # PostgreSQL's own, whose functions are meant
    for text in [*texts, *(labels.sub("", one) for one in statements() if not one.startswith(machinery))]:
        assert not FUNCTIONS.search(QUOTED.sub("''", text)), text


def test_what_may_be_null_says_where_it_comes(texts: dict[str, Place], sqlite: sqlite3.Connection) -> None:
    """SQLite puts NULL first, PostgreSQL last."""
    tables = [name for (name,) in sqlite.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    filled = {
        table: {row[1]: bool(row[3] or row[5]) for row in sqlite.execute(f"PRAGMA table_info({table})")}
        for table in tables
    }
    silent = {}
    for text, place in texts.items():
        named = [filled[table] for table in tables if re.search(rf"\b(?:FROM|JOIN|UPDATE) {table}\b", text)]
        for term in ordered_by(text):
            columns = {one for one in re.findall(r"[a-z_]+", term) if any(not some.get(one, True) for some in named)}
            if columns and not re.search(r"NULLS (?:FIRST|LAST)|IS (?:NOT )?NULL|coalesce", term):
                silent[place] = term
    assert silent == {}


def ordered_by(text: str) -> list[str]:
    """Give what a text is ordered by, one by one."""
    terms: list[str] = []
    for found in re.finditer(r"ORDER BY ", text):
        depth, start = 0, found.end()
        for at in range(start, len(text) + 1):
            letter = text[at : at + 1]
            depth += (letter == "(") - (letter == ")")
            ends = not letter or depth < 0 or (depth == 0 and re.match(r" (?:LIMIT|RETURNING)\b", text[at:]))
            if ends or (letter == "," and depth == 0):
                terms.append(text[start:at].strip())
                start = at + 1
            if ends:
                break
    return terms


def test_only_codes_are_compared_by_their_likeness(texts: dict[str, Place]) -> None:
    """LIKE minds no case in SQLite, and does in PostgreSQL: no two of these differ by their case alone."""
    columns = {one for text in texts for one in re.findall(r"(\w+) (?:NOT )?LIKE\b", text)}
    assert columns == {"slot", "ts", "share_ts", "connection"}


def test_no_fraction_is_cut_or_rounded_by_a_cast(texts: dict[str, Place]) -> None:
    """To a whole number PostgreSQL rounds where SQLite cuts, and its REAL has four bytes."""
    whole = re.compile(r"CAST\((?:\?\d*|:\w+|sum\(|substr\()")
    for text in texts:
        for found in re.finditer(r"CAST\(", text):
            depth, end = 0, found.end()
            while depth >= 0:
                depth += (text[end] == "(") - (text[end] == ")")
                end += 1
            cast = text[found.start() : end]
            to = cast.rpartition(" AS ")[2].removesuffix(")")
            assert to in {"BIGINT", "INTEGER", "TEXT", "DOUBLE PRECISION"}, cast
            assert to not in {"BIGINT", "INTEGER"} or whole.match(cast), cast
