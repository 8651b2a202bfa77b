"""What the rules need to know of a firm's other batches and of people's choices."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from brought_forward.bot.clio.ledger import standing
from brought_forward.bot.clio.shapes import TimeEntry
from brought_forward.bot.matching.match import Earlier, whole_file
from brought_forward.bot.matching.rules import RULES, Code
from brought_forward.bot.messages.status import stands
from brought_forward.bot.messages.words import count, long_date, shortened
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.firm import Alias
from brought_forward.storage.records.sheet import Finding
from brought_forward.storage.store import Store

ANYWAY = frozenset(rule.code for rule in RULES if rule.anyway)
ANOTHER = "another batch posted it"
NAMED = 3  # other batches named for one file


@dataclass(frozen=True, slots=True)
class Precedents:
    """Ask the store what is known already."""

    store: Store

    def earlier(self, batch: Batch, account: str) -> Earlier:
        """Give the choices that hold for this Clio account, and what the channel's batches had for each matter."""
        return Earlier(
            aliases=[_told(one, batch.channel) for one in self.store.aliases.here(batch.firm, account, batch.channel)],
            amounts=self.store.history.last_amounts(batch, account),
            anyway=dict.fromkeys(self.store.lines.anyway_rows(batch.id), ANYWAY),
        )

    def held(self, batch: Batch, account: str) -> dict[int, str]:
        """Say in words, by matter id of a Clio account, which other batch holds it; another channel's is unnamed."""
        named = self.store.entries.held_matters(account, but=batch.id)
        elsewhere = self.store.entries.held_elsewhere(account, batch.firm, batch.channel)
        return {matter: f"batch {name} posted it" for matter, name in named.items()} | dict.fromkeys(elsewhere, ANOTHER)

    def brought(self, batch: Batch, account: str, entries: Iterable[TimeEntry]) -> dict[int, str]:
        """Say in words, by matter id of a Clio account, what another batch posted there or what stands there.

        What a sheet of another channel came to is told to nobody here: not its sum, its day or its batch.
        """
        gone = self.store.undoing.gone(account)  # a list may lag behind what was deleted
        said = self.held(batch, account)
        there = standing((one for one in entries if one.id not in gone), batch.currency or "")
        return said | {matter: what for matter, what in there.items() if said.get(matter) != ANOTHER}

    def of_file(self, batch: Batch) -> list[Finding]:
        """Say which other batches of the channel hold the same file or some of its lines, the newest of each first."""
        found = []
        for number in self.store.history.same_file(batch.id)[:NAMED]:
            other = self.store.batches.get(number)
            found.append(whole_file(Code.SAME_FILE, batch=other.name, day=long_date(other.created_at.date()),
                                    state=stands(other)))  # fmt: skip
        same = [] if batch.mended else self.store.history.same_lines(batch.id)  # it was left out of one of them
        for number, lines in same[:NAMED]:
            other = self.store.batches.get(number)
            found.append(whole_file(Code.SAME_LINES, lines=count(lines, "line"), file=shortened(other.file_name),
                                    batch=other.name, state=stands(other)))  # fmt: skip
        return found


def _told(alias: Alias, channel: str) -> Alias:
    """Say of a choice that is the firm's no more than the channel may hear: neither who made it nor what it meant."""
    if not alias.confirmed_by:
        return alias
    label = alias.label if alias.channel in {None, channel} else f"another {alias.kind}"
    return replace(alias, chosen_by="", label=label)
