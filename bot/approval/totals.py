"""The total of the firm's own report, typed below a preview: a check that bars nobody and holds what differs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from brought_forward.bot.approval.checks import Deciding, check_current, late
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.report_total import total_form
from brought_forward.bot.messages.words import money
from brought_forward.bot.sheet.cells import Unreadable
from brought_forward.bot.sheet.money.figures import DecimalMark, money_of_text
from brought_forward.bot.slack.clicks import Decision
from brought_forward.storage.records.batch import Batch


@dataclass(frozen=True, slots=True)
class ReportTotals(Deciding):
    """Take a member's word for what the report comes to, and compare."""

    actions: ClassVar[Mapping[str, str]] = {"total": "_total"}
    forms: ClassVar[Mapping[str, str]] = {"total": "_form"}

    def _form(self, decision: Decision, batch: Batch) -> dict[str, Any]:
        """Make the form that asks for the total."""
        check_current(self.store, decision, batch)
        lines = self.store.lines.of_batch(batch.id)
        total = sum((line.amount for line in lines if line.amount is not None), Decimal(0))
        return total_form(batch, money(total, batch.currency or ""), decision.metadata())

    def _check(self, decision: Decision, batch: Batch) -> None:
        self.approvers.check(decision.actor, batch, listed=False, place=True)

    def _total(self, decision: Decision, batch: Batch) -> None:
        """Keep the typed total; the preview then says that it agrees, or is on hold. Raises Unreadable."""
        total = typed_total(decision.reason, batch.currency or "")
        with self.store.transaction():
            if not self.store.batches.type_total(
                batch.id, revision=decision.revision, digest=decision.digest, total=total, by=decision.actor
            ):
                raise NotAllowed(late(self.store.batches.get(batch.id), decision))
            self._keep(decision, batch, allowed=True, reason=str(total))
            self.thread.preview(batch.id)


def typed_total(text: str, currency: str) -> Decimal:
    """Read a total as people type it: 1,234.56, with a sign of the currency or without. Raises Unreadable."""
    if not text:
        raise Unreadable("Type the total that your report has.")
    return money_of_text(text, DecimalMark.DOT, currency)
