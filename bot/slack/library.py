"""Make the workbooks that people get, from what the database says at that moment; Clio is not asked."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache

from brought_forward.bot.messages.undo import fate
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack import workbooks
from brought_forward.bot.slack.signoff import SignoffView, Step, signoff
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.inquiry import load_bills, load_read_back
from brought_forward.storage.records.sheet import Line
from brought_forward.storage.store import Store

LINES, FAILING, TEMPLATE = "lines", "failing", "template"
SIGNOFF = "signoff"
BILLS, REPORT = "bills", "report"  # with the number of the inquiry that they answer: "report:12"


class Workbooks:
    """Give a workbook's bytes by its name."""

    def __init__(self, store: Store, firms: Firms, name_of: Callable[[str, str], str]) -> None:
        self._store = store
        self._firms = firms
        self._name_of = name_of  # a person of a firm as Slack shows the name; raises SlackSilent

    def workbook(self, name: str, firm: str, batch: int | None) -> bytes:
        """Make one workbook. Raises KeyError for a batch that is none, ValueError for a name that is none."""
        if name == TEMPLATE:
            return workbooks.template(self._store.listings.users_last_listed(firm))
        found = self._store.batches.get(batch or 0)
        if found.firm != firm:
            raise KeyError(batch)
        name, _, inquiry = name.partition(":")
        if inquiry:
            return self._answer(name, found, int(inquiry))
        lines = self._store.lines.of_batch(found.id)
        if name == FAILING:
            return workbooks.failing(found, lines, self._store.names.of_batch(found.id))
        if name == LINES:
            entries = {one.id: one for one in self._store.entries.of_batch(found.id)}
            undone = {one.entry.id: fate(one.outcome, one.reason) for one in self._store.undoing.latest(found)}
            return workbooks.every_line(
                found,
                lines,
                entries,
                undone,
                not_counted=self._store.lines.not_counted(found.id),
                corrections=self._store.corrections.of_batch(found.id),
            )
        if name == SIGNOFF:
            return signoff(self._signoff(found, lines))
        raise ValueError(name)

    def _signoff(self, batch: Batch, lines: Sequence[Line]) -> SignoffView:
        """Gather what the sign-off of a batch shows; asks Slack for people's names, and raises SlackSilent."""
        store, settings = self._store, self._firms.settings(batch.firm)
        steps = [
            Step(datetime.fromisoformat(row["at"]), row["actor"], row["action"], row["stands_for"], row["reason"])
            for row in store.decisions.of_batch(batch.id)
            if row["allowed"]
        ]
        return SignoffView(
            batch=batch,
            tallies=store.entries.tallies(batch.id),
            entries=store.entries.of_batch(batch.id),
            lines=lines,
            not_counted=store.lines.not_counted(batch.id),
            corrections=store.corrections.of_batch(batch.id),
            undone={one.entry.id: fate(one.outcome, one.reason) for one in store.undoing.latest(batch)},
            steps=steps,
            queries=store.queries.of_batch(batch.id),
            read_back=load_read_back(batch.read_back),
            name_of=cache(lambda person: self._name_of(person, batch.firm)),
            clio_site=settings.clio_site,
            zone=settings.zone,
            made_at=datetime.now(UTC),
        )

    def _answer(self, name: str, batch: Batch, number: int) -> bytes:
        """Make the file that answers an inquiry, or give the one that Clio made."""
        inquiry = self._store.inquiries.find(number)
        if inquiry is None or inquiry.batch != batch.id:
            raise KeyError(number)
        if name == BILLS:
            return workbooks.bills(batch, load_bills(inquiry.found))
        data = self._store.inquiries.data(number)
        if data is None:
            raise KeyError(number)
        return data
