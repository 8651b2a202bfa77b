"""`/balances matter NUMBER` and `/balances user NAME`: every entry of one, over all batches."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from brought_forward.bot.approval.approvers import Approvers
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.matching.index import FirmIndex
from brought_forward.bot.messages.results import outcome
from brought_forward.bot.messages.words import count, esc, first, long_date, money, shortened, thread_link
from brought_forward.bot.settings import Firms
from brought_forward.storage.history import Known
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import Entry
from brought_forward.storage.records.firm import folded
from brought_forward.storage.store import Store

SHOWN = 20  # entries one by one, each with its links
CHOICES = 5  # matters or users named where a text fits more than one


@dataclass(frozen=True, slots=True)
class Across:
    """Answer about one matter or user, over all batches of a firm that the asker may see."""

    store: Store
    firms: Firms
    approvers: Approvers

    def matter(self, words: list[str], user: str, firm: str) -> str:
        """List a matter's entries. Raises NotAllowed where no number is given, or more than one matter fits."""
        text = " ".join(words)
        if not text:
            raise NotAllowed("Name the matter: `/balances matter 00012-Acme`.")
        known = self.store.history.matters(firm, of=self._of(user, firm))
        ids = {id_ for id_, number in known if number == text} or _of(text, known)
        if not ids:
            ids = {id_ for id_, number in known if folded(text) in folded(number)}
        if _several(ids):
            _ambiguous(text, [number for id_, number in known if id_ in ids], "matter")
        return self._answer(text, self.store.history.of_matters(firm, ids, of=self._of(user, firm)))

    def user(self, words: list[str], user: str, firm: str) -> str:
        """List a user's entries. Raises NotAllowed where no name is given, or more than one user fits."""
        text = " ".join(words)
        if not text:
            raise NotAllowed("Name the user: `/balances user Don Draper`.")
        known = self.store.history.users(firm, of=self._of(user, firm))
        ids = _of(text, known) or self._listed(text, firm) & {id_ for id_, _ in known}
        if not ids:
            ids = {id_ for id_, name in known if folded(text) in folded(name)}
        if _several(ids):
            _ambiguous(text, [name for id_, name in known if id_ in ids], "user")
        return self._answer(text, self.store.history.of_users(firm, ids, of=self._of(user, firm)))

    def _listed(self, text: str, firm: str) -> set[Known]:
        """Find users as Clio lists them, in each account that the firm has used."""
        listings = self.store.listings
        return {
            (account, one.id)
            for account in listings.accounts(firm)
            for one in FirmIndex([], listings.users(firm, account)).users(text)
        }

    def _of(self, user: str, firm: str) -> str | None:
        """Name whose batches are looked through: all for an approver, else those that the asker brought.

        What is in no other batch and what is in one that the asker may not see is then the same, and read the same.
        """
        return None if self.approvers.listed(user, firm) else user

    def _answer(self, text: str, entries: Sequence[Entry]) -> str:
        if not entries:
            return f'No batch that you may see has an entry for "{esc(text)}".'
        batches = self._batches(entry.batch for entry in entries)
        head = f'"{esc(text)}": {count(len(entries), "entry", "entries")} in {count(len(batches), "batch", "batches")}.'
        lines = [self._line(entry, batches[entry.batch]) for entry in entries]
        where = ": `/balances export B12` has every line of a batch"
        return "\n".join([head, *first(lines, SHOWN, where=where)])

    def _line(self, entry: Entry, batch: Batch) -> str:
        parts = [f"{esc(entry.matter_number)}, {esc(entry.user_name)}, {money(entry.amount, batch.currency or '')}:"
                 f" {esc(outcome(entry, batch))}", f"dated {long_date(entry.date)}"]  # fmt: skip
        if entry.clio_id:
            parts.append(f"Clio id {entry.clio_id}")
        link = f"<{self.firms.settings(batch.firm).clio_site}/nc/#/matters/{entry.matter_id}|open in Clio>"
        name = f"*{batch.name}* {esc(shortened(batch.file_name, 40))}"
        return f"{name}: {', '.join(parts)}, {link} ({thread_link(batch, 'thread')})"

    def _batches(self, numbers: Iterable[int]) -> dict[int, Batch]:
        return {number: self.store.batches.get(number) for number in sorted(set(numbers))}


def _ambiguous(text: str, fitting: Iterable[str], what: str) -> None:
    """Ask for the whole name, and name some that fit: all of them stand in batches that the asker may see."""
    names = list(dict.fromkeys(fitting))[:CHOICES]
    raise NotAllowed(
        f'"{esc(text)}" fits more than one {what}: {", ".join(esc(name) for name in names)}. Write it whole.'
    )


def _several(ids: Collection[Known]) -> bool:
    """Whether a text fits more than one in an account; a firm that has moved has the same name in each."""
    return len(ids) > len({account for account, _ in ids})


def _of(text: str, known: Sequence[tuple[Known, str]]) -> set[Known]:
    """Find ids by a name as people write it: folded, or up to the first colon."""
    for key in (folded(text), folded(text.partition(":")[0])):
        if ids := {id_ for id_, name in known if folded(name) == key}:
            return ids
    return set()
