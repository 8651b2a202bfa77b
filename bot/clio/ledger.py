"""What Clio holds of our activity description, and the firm's index of matters and users."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.shapes import ActivityDescription, TimeEntry
from brought_forward.bot.messages.words import long_date, money
from brought_forward.storage.records.batch import EntryForm
from brought_forward.storage.store import Store

OVERLAP = timedelta(minutes=5)  # clocks differ, and a change may be listed late
WHOLE_EVERY = timedelta(days=1)  # a matter that was deleted or hidden is missed only by a whole listing


@dataclass(frozen=True, slots=True)
class Ledger:
    """The activity description and every time entry booked with it, by whomever."""

    description: ActivityDescription | None
    problem: str | None  # why nothing can be posted with it
    entries: list[TimeEntry]


def read_ledger(clio: Clio, name: str, known: int | None = None, form: EntryForm = EntryForm.FLAT) -> Ledger:
    """List descriptions and entries, without filters that Clio may not know. Raises a ClioError.

    `known` is the description's id as we have it: lists lag, so where none is of the name it is read by that. What was
    sent in another form stands too, so its description's entries are listed with them.
    """
    listed = clio.descriptions()
    if known is not None and all(one.id != known for one in listed) and (found := clio.description(known)):
        listed.append(found)
    others = {one.described(name) for one in EntryForm} - {form.described(name)}
    aside = [entry for other in others for one in _named(listed, other) for entry in clio.time_entries(one.id)]
    name = form.described(name)
    named = _named(listed, name)
    if not named:
        clio.try_entry_fields()  # where nothing is listed, the first entry's POST would be the first to ask for them
        return Ledger(None, None, aside)
    if len(named) > 1:
        problem = (
            f'Clio has {len(named)} activity descriptions named "{name}". Rename all but the'
            f" {'flat-rate' if form.flat else 'hourly'} one; posting waits until then."
        )
        return Ledger(None, problem, [*aside, *(entry for one in named for entry in clio.time_entries(one.id))])
    found = named[0]
    problem = ""
    if found.flat_rate and not form.flat:
        problem = (
            f'Clio\'s activity description "{name}" is a flat rate, so entries would not be one hour at their rate.'
            " Rename it and let the bot create its own, or give it a custom rate; posting waits until then."
        )
    if form.flat and not found.flat_rate:
        problem = (
            f'Clio\'s activity description "{name}" is not a flat rate, so entries would come to $0.00.'
            " Rename it and let the bot create its own, or make it a flat rate; posting waits until then."
        )
    return Ledger(found, problem or None, [*aside, *clio.time_entries(found.id)])


def _named(listed: Iterable[ActivityDescription], name: str) -> list[ActivityDescription]:
    return [one for one in listed if one.is_called(name)]


def standing(entries: Iterable[TimeEntry], currency: str) -> dict[int, str]:
    """Say in words, by matter id, what is already brought forward on it."""
    said: dict[int, str] = {}
    for entry in entries:
        if entry.matter_id is not None:
            amount = money(entry.price, currency) if entry.price is not None else "an amount Clio does not show"
            day = f" of {long_date(entry.date)}" if entry.date else ""
            said[entry.matter_id] = f"Clio has {amount}{day}"
    return said


def refresh_index(
    store: Store,
    clio: Clio,
    firm: str,
    account: str,
    *,
    newer_than: datetime | None = None,
    unless_since: datetime | None = None,
) -> None:
    """Bring the kept matters and users up to date: what changed, or all once a day.

    `newer_than` asks for a whole listing of matters unless one has begun since; `unless_since` asks for nothing where
    the lists have been brought up to date since. Raises a ClioError.
    """
    now = datetime.now(UTC)
    for kind in ("matter", "clio_user"):
        whole_at, since_at = store.listings.since(firm, account, kind)
        # An instant of the future: the clock was set back, and since when to ask for changes is not known.
        if unless_since and max(whole_at or unless_since, since_at or unless_since) > unless_since:
            continue
        whole = whole_at is None or now - whole_at > WHOLE_EVERY or max(whole_at, since_at or whole_at) > now
        if newer_than is not None:
            if kind == "clio_user" or (whole_at and whole_at > newer_than):
                continue
            whole = True
        since = None if whole or since_at is None else (since_at - OVERLAP).isoformat(timespec="seconds")
        if kind == "matter":
            matters = list(clio.matters(since))  # all of it first: a list that breaks off must replace nothing
            store.listings.keep_matters(firm, account, matters, whole=whole, begun_at=now)
        else:
            users = list(clio.users(since))
            store.listings.keep_users(firm, account, users, whole=whole, begun_at=now)
