"""What the rules need to know of a firm's other batches and of people's choices."""

from collections.abc import Iterable
from dataclasses import dataclass

from brought_forward.bot.clio.ledger import standing
from brought_forward.bot.clio.shapes import TimeEntry
from brought_forward.bot.matching.match import Earlier, whole_file
from brought_forward.bot.matching.rules import RULES, Code
from brought_forward.bot.messages.status import stands
from brought_forward.bot.messages.words import count, long_date, shortened
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.sheet import Finding
from brought_forward.storage.store import Store

ANYWAY = frozenset(rule.code for rule in RULES if rule.anyway)
NAMED = 3  # other batches named for one file


@dataclass(frozen=True, slots=True)
class Precedents:
    """Ask the store what is known already."""

    store: Store

    def earlier(self, batch: Batch, account: str) -> Earlier:
        """Give the choices that hold for this Clio account, and what earlier batches had for each matter."""
        return Earlier(
            aliases=self.store.aliases.aliases(batch.firm, account),
            amounts=self.store.history.last_amounts(batch.firm, account, before=batch.id),
            anyway=dict.fromkeys(self.store.lines.anyway_rows(batch.id), ANYWAY),
        )

    def brought(self, batch: Batch, entries: Iterable[TimeEntry]) -> dict[int, str]:
        """Say in words, by matter id, what another batch posted or what stands in Clio."""
        held = self.store.entries.held_matters(batch.firm, but=batch.id)
        said = {matter: f"batch {name} posted it" for matter, name in held.items()}
        gone = self.store.undoing.gone(batch.firm)  # a list may lag behind what was deleted
        return said | standing((one for one in entries if one.id not in gone), batch.currency or "")

    def of_file(self, batch: Batch) -> list[Finding]:
        """Say which other batches hold the same file or some of its lines, the newest of each first."""
        found = []
        for number in self.store.history.same_file(batch.id)[:NAMED]:
            other = self.store.batches.get(number)
            found.append(whole_file(Code.SAME_FILE, batch=other.name, day=long_date(other.created_at.date()),
                                    state=stands(other)))  # fmt: skip
        for number, lines in self.store.history.same_lines(batch.id)[:NAMED]:
            other = self.store.batches.get(number)
            found.append(whole_file(Code.SAME_LINES, lines=count(lines, "line"), file=shortened(other.file_name),
                                    batch=other.name, state=stands(other)))  # fmt: skip
        return found
