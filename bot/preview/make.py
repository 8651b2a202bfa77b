"""Lines to entries to a preview: after reading, and again where what was approved no longer holds."""

import hashlib
import json
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.clio.client import Clio
from brought_forward.bot.clio.connection import Connections
from brought_forward.bot.clio.ledger import Ledger, read_ledger, refresh_index
from brought_forward.bot.clio.shapes import Billing
from brought_forward.bot.errors import ClioRejected, SheetError
from brought_forward.bot.matching.entries import MatchRules
from brought_forward.bot.matching.index import FirmIndex, names_of, numbers_of
from brought_forward.bot.matching.match import Matching, match
from brought_forward.bot.matching.near import open_names
from brought_forward.bot.matching.search import MatterSearch
from brought_forward.bot.preview.copies import Copies
from brought_forward.bot.preview.precedents import Precedents
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus, EntryForm
from brought_forward.storage.records.entry import PlannedEntry
from brought_forward.storage.records.firm import OpenName
from brought_forward.storage.records.sheet import Line
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)

Learn = Callable[[Sequence[Line]], None]


@dataclass(frozen=True, slots=True)
class Previews:
    """Match a batch's kept lines against Clio as it is now, and offer the result for approval."""

    store: Store
    firms: Firms
    connections: Connections
    approvers: Approvers
    thread: BatchThread
    learn: Learn | None = None  # practice: the pretend firm gets what the lines name

    def learn_billing(self, number: int) -> None:
        """Keep the currency of a batch and whether Clio taxes bills by default.

        Raises a ClioError while Clio cannot be asked, SheetError where the settings and Clio do not agree.
        """
        firm = self.store.batches.get(number).firm
        wanted = self.firms.settings(firm).currency
        billing = billing_of(self.connections.of(firm).clio, wanted)
        currency = agreed_currency(wanted, billing.currency)
        self.store.batches.keep_billing(number, currency=currency, taxed=billing.taxed)

    def preview(self, number: int, token: str, begun: datetime | None = None) -> bool:
        """Make the next revision. Returns False where this run is no longer the batch's, or the batch may have none.

        `begun` is when its file began to be read, if that was just now: Clio's lists need not be asked for again since.
        Raises a ClioError while Clio cannot be asked.
        """
        store = self.store
        batch = store.batches.get(number)
        rules = batch.rules
        today = self.firms.settings(batch.firm).today()
        day = batch.chosen_date or store.wishes.posting_date(number) or today
        as_of = batch.stated_as_of or day
        account = self.connections.of(batch.firm).account
        form = batch.form if batch.account == account else store.forms.first(batch.firm, account)
        ledger = read_ledger(self._clio(batch, account), rules.description, form=form)
        found = self.match_now(batch, ledger, as_of, begun)
        planned = found.planned
        names = self._names(batch, account, found.left_out)
        entries = [entry for entry, _ in planned]
        digest = fingerprint(account, batch.currency or "", rules.description, form, day, entries)
        self.approvers.learn(batch)
        at = datetime.now(UTC)
        with store.transaction():
            offered = store.batches.previewed(
                number,
                token,
                digest=digest,
                account=account,
                description=rules.description,
                description_id=ledger.description.id if ledger.description else None,
                posting_date=day,
                as_of=as_of,
                form=form,
                remind_at=at + timedelta(seconds=self.firms.deployment.timing.remind),
                expire_at=at + timedelta(hours=rules.expire_hours),
            )
            if offered:
                store.entries.plan(number, batch.firm, day, planned, found.left_out)
                store.names.keep(number, batch.firm, names)
                copies = Copies(store, self.thread).replace(number)
                of_file = [*copies, *Precedents(store).of_file(batch)]
                store.findings.keep(number, batch.firm, [*of_file, *found.findings])
                if store.batches.get(number).status is not BatchStatus.PREVIEWED:
                    return True  # a copy that was dropped later was previewed sooner
                others = store.replacements.look(number)
                self.thread.preview(number, description_problem=ledger.problem)
                for other in sorted(others):
                    if store.batches.get(other).status is BatchStatus.PREVIEWED:
                        self.thread.preview(other)
                if store.messages.find(number, "status"):  # of a run before: it waits for approval again
                    self.thread.status(number)
        log.info("previewed batch=%d entries=%d left_out=%d", number, len(planned), len(found.left_out))
        return offered

    def match_now(self, batch: Batch, ledger: Ledger, as_of: date, begun: datetime | None = None) -> Matching:
        """Match a batch's lines against Clio as it is now, by the batch's own rules. Raises a ClioError."""
        rules, account = batch.rules, self.connections.of(batch.firm).account
        wanted = MatchRules(
            description=rules.description,
            currency=batch.currency or "",
            as_of=as_of,
            post_credits=rules.post_credits,
            user_id=batch.user_id if batch.account == account else None,
        )
        known = Precedents(self.store).brought(batch, account, ledger.entries)
        return self._match(batch, account, known, wanted, begun)

    def _match(
        self, batch: Batch, account: str, known: dict[int, str], rules: MatchRules, begun: datetime | None
    ) -> Matching:
        """Match against the kept index, and once more against a whole new one where a number is not found."""
        store = self.store
        lines = store.lines.of_batch(batch.id)
        if self.learn:
            self.learn(lines)
            begun = None  # what it learned is newer than the lists
        refresh_index(store, self._clio(batch, account), batch.firm, account, unless_since=begun)
        earlier = Precedents(store).earlier(batch, account)
        matching = match(lines, self._index(batch.firm, account), known, rules, earlier)
        if matching.unknown_matters:
            refresh_index(store, self._clio(batch, account), batch.firm, account, newer_than=batch.created_at)
            matching = match(lines, self._index(batch.firm, account), known, rules, earlier)
        return matching

    def _names(self, batch: Batch, account: str, left_out: Collection[int]) -> list[OpenName]:
        """Find what the names that fit nothing in Clio may mean."""
        lines = self.store.lines.of_batch(batch.id)
        if not left_out and all(line.unreadable is None for line in lines):
            return []
        matters = self.store.listings.matters(batch.firm, account)
        users = self.store.listings.users(batch.firm, account)
        chosen = Precedents(self.store).earlier(batch, account).aliases
        return open_names(lines, left_out, FirmIndex(matters, users), chosen, users, lambda: MatterSearch(matters))

    def known(self, batch: Batch) -> tuple[frozenset[str], frozenset[str]]:
        """Give what the firm's users and matters are called, for a sheet that heads neither. Raises a ClioError.

        Listed once where that never happened; each preview brings the lists up to date.
        """
        firm, account, listings = batch.firm, self.connections.of(batch.firm).account, self.store.listings
        if not all(listings.since(firm, account, kind)[0] for kind in ("matter", "clio_user")):
            refresh_index(self.store, self._clio(batch, account), firm, account)
        return names_of(listings.users(firm, account)), numbers_of(listings.matters(firm, account))

    def _clio(self, batch: Batch, account: str) -> Clio:
        """Give the client of the account that a preview was begun with. Raises a ClioError."""
        return self.connections.of(batch.firm).at(account)

    def _index(self, firm: str, account: str) -> FirmIndex:
        return FirmIndex(self.store.listings.matters(firm, account), self.store.listings.users(firm, account))


def billing_of(clio: Clio, currency: str | None) -> Billing:
    """Read the firm's billing settings; where Clio forbids that, the currency of the bot's settings serves.

    Raises a ClioError.
    """
    try:
        return clio.billing()
    except ClioRejected as refusal:
        if currency is None:
            why = f"{refusal} Or whoever runs the bot names the firm's currency in its settings."
            raise ClioRejected(why, status=refusal.status, kind=refusal.kind) from refusal
        log.warning(
            "Clio does not show its billing settings (%d): whether bills are taxed is not known", refusal.status
        )
        return Billing(None, None)


def agreed_currency(wanted: str | None, firms: str | None) -> str:
    """Give the one currency that the setting and Clio's billing settings name, or the only one of them that speaks.

    Raises SheetError where they name two, or none.
    """
    if wanted and firms and wanted != firms:
        raise SheetError(
            f"This bot is set to {wanted}, but the firm's Clio account bills in {firms}."
            " Whoever runs the bot puts one of them right; then drop the file again."
        )
    currency = wanted or firms
    if not currency:
        raise SheetError(
            "Clio does not say in which currency the firm bills. Whoever runs the bot sets it;"
            " then drop the file again."
        )
    return currency


def fingerprint(
    account: str, currency: str, description: str, form: EntryForm, day: date, planned: list[PlannedEntry]
) -> str:
    """Hash all that is posted: what was previewed is what an approval names and what a claim demands."""
    content = [account, currency, description, form, day.isoformat()] + [
        [entry.matter_id, entry.user_id, str(entry.amount), entry.note] for entry in planned
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
