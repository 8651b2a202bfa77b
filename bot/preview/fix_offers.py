"""What the selects of the form offer while people type: matters, users, and lines of the file."""

import threading
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any

from brought_forward.bot.matching.search import MatterSearch
from brought_forward.bot.messages.fix_form import line_option
from brought_forward.bot.messages.fix_items import MATTER, USER, SharedName
from brought_forward.bot.messages.fix_line import matter_option, user_option
from brought_forward.bot.messages.words import money
from brought_forward.bot.preview.fix_open import OpenLines
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.firm import Matter, folded
from brought_forward.storage.records.sheet import Line
from brought_forward.storage.store import Store

OFFERED = 100  # Slack's most in a select
SEARCHES = 8  # firms whose index is held ready, those that asked last
Option = dict[str, Any]


class Offers:
    """Answer each select from what is kept; Clio is never asked, since Slack waits three seconds."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._building = threading.Lock()
        self._searches: OrderedDict[tuple[str, str], tuple[object, MatterSearch]] = OrderedDict()

    def matters(self, found: OpenLines, row: int, typed: str) -> list[Option]:
        """Offer matters: what the line may mean first, then what was typed; of a client's name its own alone."""
        search = self._searching(found.batch)
        name = found.names_of(MATTER, row)
        if name and name.client:
            return _options(_of_client(search, name.client, typed))
        line = found.by_row.get(row)
        likely: list[Matter] = []
        if line and not typed:
            near = [one.clio_id for one in name.near] if name else []
            likely = [*self._listed(found.batch, near), *search.suggest(line)]
        return _options([*likely, *search.find(typed, OFFERED)])

    def users(self, found: OpenLines, row: int, typed: str) -> list[Option]:
        """Offer users who keep time: those that are near first, then those whose name holds what was typed."""
        wanted = folded(typed)
        name = found.names_of(USER, row)
        near = {one.clio_id for one in name.near} if name and not typed else set()
        batch = found.batch
        users = [one for one in self.store.listings.users(batch.firm, batch.account or "") if not one.clio_connect]
        fitting = [user for user in users if wanted in folded(f"{user.name} {user.email} {user.initials}")]
        fitting.sort(key=lambda user: (user.id not in near, not user.enabled, user.name))
        return [user_option(user) for user in fitting[:OFFERED]]

    def lines(self, found: OpenLines, typed: str) -> list[Option]:
        """Offer lines that the form does not show yet: the row that was typed first, then what holds the words."""
        shown = {one.row for page in found.pages for one in page if not isinstance(one, SharedName)}
        currency = found.batch.currency or ""
        wanted = folded(typed).removeprefix("row").strip().replace(",", "")
        others = [line for line in found.lines if line.row not in shown]
        fitting = [line for line in others if _fits(line, wanted)]
        fitting.sort(key=lambda line: (f"{line.row}" != wanted, line.row))
        return [line_option(line.row, _described(line, currency)) for line in fitting[:OFFERED]]

    def _listed(self, batch: Batch, ids: list[int]) -> list[Matter]:
        known = {one.id: one for one in self.store.listings.some_matters(batch.firm, batch.account or "", ids)}
        return [known[one] for one in ids if one in known]

    def _searching(self, batch: Batch) -> MatterSearch:
        """Give the index of the firm's matters, built anew after each listing."""
        firm, account = batch.firm, batch.account or ""
        version = self.store.listings.since(firm, account, "matter")
        with self._building:
            known = self._searches.pop((firm, account), None)
            if known is None or known[0] != version:
                known = (version, MatterSearch(self.store.listings.matters(firm, account)))
            self._searches[firm, account] = known
            while len(self._searches) > SEARCHES:
                self._searches.popitem(last=False)  # that of the firm that asked longest ago
            return known[1]


def _of_client(search: MatterSearch, client: str, typed: str) -> list[Matter]:
    """Offer the client's open matters; to who types, its closed ones too, and all others where none of them fits."""
    own = search.of_client(client)
    if not typed:
        return [one for one in own if one.status.lower() != "closed"]
    found = search.find(typed, OFFERED)
    ids = {one.id for one in own}
    return [one for one in found if one.id in ids] or found


def _options(matters: Iterable[Matter]) -> list[Option]:
    offered = {matter.id: matter for matter in matters}
    return [matter_option(matter) for matter in list(offered.values())[:OFFERED]]


def _fits(line: Line, wanted: str) -> bool:
    texts = (f"{line.row}", line.matter or "", line.client or "", line.user or "")
    return f"{line.row}".startswith(wanted) or any(wanted in folded(text) for text in texts[1:])


def _described(line: Line, currency: str) -> str:
    parts = [text for text in (line.matter, line.user) if text]
    return ", ".join([*([money(line.amount, currency)] if line.amount is not None else []), *parts])
