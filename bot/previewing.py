"""Lines to entries to a preview: after reading, and again where what was approved no longer holds."""

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime

from brought_forward.bot.clio.connection import Connection
from brought_forward.bot.clio.ledger import read_ledger, refresh_index, standing
from brought_forward.bot.errors import SheetError
from brought_forward.bot.matching import FirmIndex, Matching, MatchRules, match
from brought_forward.bot.settings import Settings
from brought_forward.bot.thread import Thread
from brought_forward.storage.records import Batch, PlannedEntry
from brought_forward.storage.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Previewing:
    """Match a batch's kept lines against Clio as it is now, and offer the result for approval."""

    store: Store
    settings: Settings
    connection: Connection
    thread: Thread

    def learn_billing(self, number: int) -> None:
        """Keep the currency of a batch and whether Clio taxes bills by default.

        Raises a ClioError while Clio cannot be asked, SheetError where the settings and Clio do not agree.
        """
        billing = self.connection.clio.billing()
        wanted, firms = self.settings.balances_currency, billing.currency
        if wanted and firms and wanted != firms:
            raise SheetError(
                f"This bot is set to {wanted} (BALANCES_CURRENCY), but the firm's Clio account bills in {firms}."
                " Whoever runs the bot puts one of them right; then drop the file again."
            )
        currency = wanted or firms
        if not currency:
            raise SheetError(
                "Clio does not say in which currency the firm bills. Whoever runs the bot sets BALANCES_CURRENCY;"
                " then drop the file again."
            )
        self.store.batches.keep_billing(number, currency=currency, taxed=billing.taxed)

    def preview(self, number: int, token: str) -> bool:
        """Make the next revision; false where this run is no longer the batch's, or the batch may have none.

        Raises a ClioError while Clio cannot be asked.
        """
        store, clio = self.store, self.connection.clio
        batch = store.batches.get(number)
        account = self.connection.account
        currency = batch.currency or ""
        chosen = store.wishes.posting_date(number)
        today = chosen or datetime.now(self.settings.balances_timezone or UTC).date()
        as_of = batch.as_of or today
        ledger = read_ledger(clio, self.settings.balances_description)
        held = {matter: f"batch {name} posted it" for matter, name in
                store.entries.held_matters(batch.firm, but=number).items()}  # fmt: skip
        known = held | standing(ledger.entries, currency)
        rules = MatchRules(
            description=self.settings.balances_description,
            currency=currency,
            as_of=as_of,
            post_credits=self.settings.balances_credits == "post",
        )
        matching = self._match(batch, account, known, rules)
        digest = fingerprint(account, currency, rules.description, today, [entry for entry, _ in matching.planned])
        with store.transaction():
            offered = store.batches.previewed(
                number,
                token,
                digest=digest,
                account=account,
                description=rules.description,
                description_id=ledger.description.id if ledger.description else None,
                posting_date=today,
                as_of=as_of,
            )
            if offered:
                store.entries.plan(number, batch.firm, today, matching.planned, matching.left_out)
                self.thread.preview(number, description_problem=ledger.problem)
        log.info("previewed batch=%d entries=%d left_out=%d", number, len(matching.planned), len(matching.left_out))
        return offered

    def _match(self, batch: Batch, account: str, known: dict[int, str], rules: MatchRules) -> Matching:
        """Match against the kept index, and once more against a whole new one where a number is not found."""
        store = self.store
        lines = store.lines.of_batch(batch.id)
        refresh_index(store, self.connection.clio, batch.firm, account)
        matching = match(lines, self._index(account), known, rules)
        if matching.unknown_matters:
            refresh_index(store, self.connection.clio, batch.firm, account, newer_than=batch.created_at)
            matching = match(lines, self._index(account), known, rules)
        return matching

    def _index(self, account: str) -> FirmIndex:
        return FirmIndex(self.store.listings.matters(account), self.store.listings.users(account))


def fingerprint(account: str, currency: str, description: str, day: date, planned: list[PlannedEntry]) -> str:
    """Hash all that is posted: what was previewed is what an approval names and what a claim demands."""
    content = [account, currency, description, day.isoformat()] + [
        [entry.matter_id, entry.user_id, str(entry.amount), entry.note] for entry in planned
    ]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()
