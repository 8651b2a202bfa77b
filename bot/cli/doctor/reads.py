"""Reads for the record alone: the calls that only a batch makes, and what Clio answers to what it does not know."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

from brought_forward.bot.clio import shapes
from brought_forward.bot.clio.client import Clio
from brought_forward.bot.errors import ClioError

Found = TypeVar("Found")
NOBODY = 1  # an id of no record of ours
UNKNOWN = "no_such_name"  # a field and a filter that Clio does not have


def read_more(clio: Clio) -> None:
    """Ask Clio for what the look does not: each answer is recorded, a refusal too, and nothing is changed."""
    for ask in _asks(clio):
        with suppress(ClioError):
            ask()


def _asks(clio: Clio) -> Iterator[Callable[[], object]]:
    http = clio.http
    yield clio.account_owner
    matter = _first(lambda: next(iter(clio.matters()), None))
    if matter:
        yield lambda: clio.matters_of([matter.id])
        yield lambda: clio.matters_called(matter.display_number)
    yield lambda: next(clio.users("2020-01-01T00:00:00+00:00"), None)
    description = _first(lambda: next(iter(clio.descriptions()), None))
    if description:
        yield lambda: clio.description(description.id)
        yield lambda: clio.time_entries(description.id)
    entry = _first(lambda: next(http.listed("/activities.json", shapes.TIME_ENTRY, shapes.time_entry), None))
    if entry:
        yield lambda: clio.time_entry(entry.id)
        yield lambda: clio.named_entry(entry.id)
        yield lambda: clio.entry_with_bill(entry.id)
        yield lambda: clio.time_entries_of([entry.id])
    yield clio.reports.listed
    # What the bot rests on: a record that is not there, a field that Clio does not know, a filter that it does not.
    yield lambda: clio.time_entry(NOBODY)
    yield lambda: http.first("/activities.json", f"id,{UNKNOWN}")
    yield lambda: next(http.listed("/activities.json", "id", lambda row: row["id"], **{UNKNOWN: "1"}), None)


def _first(ask: Callable[[], Found | None]) -> Found | None:
    try:
        return ask()
    except ClioError:
        return None
