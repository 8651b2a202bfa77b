"""`doctor --probe MATTER`: what is offered, what has to be so before, and how the outcome is told."""

import getpass
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import requests

from brought_forward.bot.cli.database import opened
from brought_forward.bot.cli.doctor.finding import Finding, amiss, note, ok
from brought_forward.bot.cli.doctor.look import SLACK_PATIENCE, known_of
from brought_forward.bot.cli.doctor.probe import CENT, NOTE, Outcome, Probe
from brought_forward.bot.cli.doctor.trace import Trace, TraceFile
from brought_forward.bot.cli.visit import visit
from brought_forward.bot.clio.connection import Connection
from brought_forward.bot.errors import ClioError, ClioRejected, SettingsError, SlackAway
from brought_forward.bot.messages.entry_form import NAMES
from brought_forward.bot.messages.words import money
from brought_forward.bot.settings import Settings
from brought_forward.bot.settings.purpose import refuse_moved
from brought_forward.bot.slack.client import web_client
from brought_forward.bot.slack.installations import who_am_i
from brought_forward.storage.health import Health, is_there, look_at
from brought_forward.storage.place import beside
from brought_forward.storage.records.batch import EntryForm
from brought_forward.storage.serve_lock import Served, lock_of_one
from brought_forward.storage.store import Store

FORM = "Form: "  # before the form's name
Confirm = Callable[[str, str], bool]  # what is offered, and the number that is to be typed again


@dataclass(frozen=True, slots=True)
class Books:
    """Where the test is written down, in codes and ids: the firm's audit log, and in which form Clio took it."""

    store: Store
    firm: str
    by: str

    def log(self, **facts: Any) -> None:
        """Append a link to the firm's audit log."""
        self.store.audit.add(self.firm, "probe", facts=facts, words={"by": self.by})

    def keep(self, account: str, outcomes: Sequence[Outcome]) -> Iterator[Finding]:
        """Keep in which form the account's first batch begins, and say so."""
        taken = next((one for one in outcomes if one.taken is not False), None)
        if taken is None and len(outcomes) == len(EntryForm):
            self.store.forms.keep_probed(self.firm, account, None)
        elif taken is not None and taken.taken:
            self.store.forms.keep_probed(self.firm, account, taken.form)
        yield _begins(taken, outcomes, self.store.forms.booked(account))


@dataclass(slots=True)
class Cent:
    """One test of a cent, from the offer to what is told of it."""

    settings: Settings
    number: str  # the matter's, as it was typed
    confirm: Confirm
    witness: Callable[[requests.Response], None] | None = None
    outcomes: list[Outcome] = field(default_factory=list)  # of each form that was tried

    def lines(self) -> Iterator[Finding]:
        """Look that nobody posts, offer, try each form and tell. Raises SettingsError where it may not be."""
        with self._alone(), self._books() as books, visit(self.settings) as (connection, *_):
            connection.clio.http.on_answer = self.witness
            try:
                yield from self._carry_out(connection, books)
            except ClioError as trouble:
                yield amiss("Probe", f"could not go on: {trouble}", "Run it again: what it has left is removed first.")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the database's lock, so that no bot starts meanwhile. Raises SettingsError where one posts, or may."""
        if self.settings.balances_practice:
            raise SettingsError("A rehearsal has a pretend Clio, of which a test of one cent would tell nothing.")
        file = self.settings.balances_db
        lock = lock_of_one(file)
        try:
            lock.acquire()
        except Served as runs:
            text = f"A bot runs on {file}, and may begin to post. Stop it first; nothing of it is lost."
            raise SettingsError(text) from runs
        try:
            found = look_at(file) if is_there(file) else Health()
            refuse_moved(file, found.moved_to)
            if found.moving:
                raise SettingsError(
                    f"A batch in {file} is on its way to Clio. Start the bot, let it finish, or stop the batch; then"
                    " run this again."
                )
            yield
        finally:
            lock.release()

    @contextmanager
    def _books(self) -> Iterator[Books]:
        """Open the firm's books. Raises SettingsError where Slack does not say whose they are."""
        try:
            firm = who_am_i(web_client(self.settings, timeout=SLACK_PATIENCE)).firm
        except SlackAway as away:
            text = f"Slack does not say whose workspace this is ({away}), and the test has to stand in its audit log."
            raise SettingsError(text) from away
        with opened(self.settings.balances_db) as store:
            yield Books(store, firm, getpass.getuser())

    def _carry_out(self, connection: Connection, books: Books) -> Iterator[Finding]:
        clio, settings, firm = connection.clio, self.settings, known_of(self.settings).firm
        currency = firm.currency or _currency(connection)
        file = TraceFile(beside(settings.balances_db))
        probe = Probe(clio, file, settings.balances_timing, firm.description, currency)
        if file.trace is not None:
            earlier = _cleaned(probe, connection.account)
            books.log(does="clean", done=not earlier.todo)
            yield earlier
            if earlier.todo:
                return
        trace = self._trace(connection, firm.today())
        if not self.confirm(_offer(trace, firm.description, currency), trace.matter):
            yield note("Probe", "nothing was sent")
            return
        books.log(does="begin", account=trace.account, matter_id=trace.matter_id, cents=1)
        for one in probe.run(trace):
            self.outcomes.append(one)
            does = "left" if one.left else "removed" if one.clio_id else "nothing"
            books.log(does=does, form=one.form, taken=one.taken, clio_id=one.clio_id)
            yield _told(one)
        yield from books.keep(trace.account, self.outcomes)
        if file.trace is None or file.trace.sent_at is None:
            for stays in probe.tidy():
                yield note("Left in Clio", stays)
        else:
            yield amiss(
                "Left in Clio",
                "an entry of the test, or nobody knows",
                "Run this again: it looks for it and removes it.",
            )

    def _trace(self, connection: Connection, today: date) -> Trace:
        """Find the matter and whose sign-in this is. Raises SettingsError where one of them is not to be found."""
        found = connection.clio.matters_called(self.number)
        if len(found) != 1:
            how = f"{len(found)} matters" if found else "no matter"
            raise SettingsError(
                f"Clio has {how} of the number {self.number}, or does not show it to the connected user. Name one by"
                " its whole number, as Clio writes it."
            )
        try:
            who = connection.clio.who_am_i()
        except ClioRejected as refusal:
            raise SettingsError(f"Nobody knows for whom the cent would be booked. {refusal}") from refusal
        return Trace(connection.account, found[0].display_number, found[0].id, who.user_id, today.isoformat(), NOTE)


def _cleaned(probe: Probe, account: str) -> Finding:
    """Remove what an earlier test has left, and say so."""
    what, kept = "Earlier probe", probe.trace
    if kept.trace and kept.trace.account != account:
        said = f"it was on the Clio account {kept.trace.account}, not on this one"
        return amiss(what, said, f"Connect the bot to that one and run this, or remove it there and {kept.path} here.")
    if left := probe.clean():
        return amiss(what, "not all of it is removed", left)
    return ok(what, "what it had left is removed from Clio")


def _currency(connection: Connection) -> str:
    try:
        return connection.clio.billing().currency or ""
    except ClioRejected:
        return ""


def _offer(trace: Trace, description: str, currency: str) -> str:
    """Say what is about to be done."""
    return (
        f"On matter {trace.matter} one entry of {money(CENT, currency)} is sent to Clio in each of"
        f' {len(EntryForm)} forms, "{NOTE}", for the connected user and of today: proven, and deleted at once. An'
        f' activity description ("{description}", "{EntryForm.HOUR.described(description)}") that Clio does not have is'
        " made for it and deleted too. Let nobody bill this matter until it is over."
    )


def _told(one: Outcome) -> Finding:
    what = f"{FORM}{NAMES[one.form]}"
    if one.left:
        return amiss(what, one.said, one.left)
    return (ok if one.taken else note)(what, one.said)


def _begins(taken: Outcome | None, outcomes: Sequence[Outcome], booked: EntryForm | None) -> Finding:
    """Say what the firm's first batch comes to by this: the first form that was taken, or of which nobody knows."""
    what = "The first batch"
    if booked:
        return note("The next batch", f"begins as {NAMES[booked]}, the form in which this account last took a batch")
    if taken is None and len(outcomes) == len(EntryForm):
        return amiss(what, "would stop at its first entry: Clio took none of the forms",
                     "Report it, with what stands above; nothing is to be brought forward before.")  # fmt: skip
    if taken is None or not taken.taken:
        return amiss(what, "in which form it should begin is not known by this",
                     "Put right what stands above, and run this again.")  # fmt: skip
    if taken.form is EntryForm.FLAT:
        return ok(what, "goes as flat, as the bot begins by itself")
    return note(
        what,
        f"begins as {NAMES[taken.form]}, since Clio takes nothing plainer; its preview says what that changes. A"
        " preview that waits already keeps its form",
    )
