"""A batch whose lines can be put right now: what its form asks, and what stands in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from brought_forward.bot.approval.checks import find
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.matching.rules import RULE, Code
from brought_forward.bot.messages.blocks import View
from brought_forward.bot.messages.fix_form import FixView, form
from brought_forward.bot.messages.fix_items import (
    MATTER,
    MATTERS,
    Item,
    SharedName,
    Suggestion,
    items,
    pages,
    shared_names,
    suggestions,
)
from brought_forward.bot.messages.status import stands
from brought_forward.bot.preview.fix_page import Fields
from brought_forward.storage.records.batch import Batch, BatchStatus
from brought_forward.storage.records.firm import Matter, OpenName
from brought_forward.storage.records.sheet import Line
from brought_forward.storage.store import Store


@dataclass(frozen=True)  # no slots: what is worked out is kept
class OpenLines:
    """The lines of a batch that waits for approval, and what one person has chosen for them."""

    store: Store
    batch: Batch
    actor: str
    lines: Sequence[Line]  # all of the batch
    names: Sequence[OpenName]
    codes: Mapping[int, str]
    anyway: frozenset[int]
    unnamed: bool
    drafts: Mapping[int, Fields]

    @cached_property
    def by_row(self) -> dict[int, Line]:
        """The lines by their row."""
        return {line.row: line for line in self.lines}

    @cached_property
    def shared(self) -> list[SharedName]:
        """The names that stand on several lines."""
        return shared_names([line for line in self.lines if line.left_out], self.names)

    @cached_property
    def pages(self) -> list[list[Item]]:
        """What is asked, page by page."""
        return pages(items(self.lines, self.shared, self.names, self.codes, self.drafts, self.anyway))

    @cached_property
    def suggestions(self) -> list[Suggestion]:
        """What is the only one near, and not chosen yet."""
        failing = [line for line in self.lines if line.left_out]
        return suggestions(failing, self.shared, self.names, self.drafts)

    def on_page(self, page: int) -> list[Item]:
        """Give what is asked on a page, from 1 on."""
        return self.pages[min(max(page, 1), len(self.pages)) - 1]

    def page_of(self, row: int) -> int:
        """Give the page on which a line stands by itself."""
        for number, page in enumerate(self.pages, start=1):
            if any(isinstance(one, Line) and one.row == row for one in page):
                return number
        return 1

    def names_of(self, key: str, row: int) -> OpenName | None:
        """Find the open name that a field asks about."""
        return next((one for one in self.names if one.row == row and key.startswith(one.kind)), None)

    def shown(self, page: int, wrong: Iterable[str] = ()) -> View:
        """Show a page of the form; 0 has the suggestions, where there are any."""
        least = 0 if self.suggestions else 1
        page = min(max(page, least), len(self.pages))
        here = self.on_page(page) if page else []
        listings, batch = self.store.listings, self.batch
        return form(
            FixView(
                batch=batch,
                pages=self.pages,
                page=page,
                suggestions=self.suggestions,
                names=self.names,
                codes=self.codes,
                anyway=self.anyway,
                drafts=self.drafts,
                matters={one.id: one for one in self._matters()},
                users={user.id: user for user in listings.users(batch.firm, batch.account or "")},
                goes={line.row: self._goes(line) for line in here if isinstance(line, Line) and line.entry},
                wrong=list(wrong),
                unnamed=self.unnamed,
            )
        )

    def _matters(self) -> list[Matter]:
        """Read the matters that drafts and suggestions name."""
        near = {one.only.clio_id for one in self.names if one.only}
        return self.store.listings.some_matters(self.batch.firm, self.batch.account or "", near | chosen(self.drafts))

    def _goes(self, line: Line) -> str:
        entry = self.store.entries.get(line.entry or 0)
        return f"{entry.matter_number} for {entry.user_name}"


def chosen(drafts: Mapping[int, Mapping[str, Any]]) -> set[int]:
    """Name the matters that were chosen, by Clio's ids."""
    return {int(draft[key]) for draft in drafts.values() for key in (MATTER, MATTERS) if key in draft}


def open_lines(store: Store, number: int, revision: int, firm: str, actor: str) -> OpenLines:
    """Read a batch that waits for approval in that revision. Raises NotAllowed."""
    batch = find(store, number, firm)
    if batch.status is BatchStatus.READING and batch.revision:
        raise NotAllowed("Its lines were corrected a moment ago. The new preview comes in its thread.")
    if batch.status is not BatchStatus.PREVIEWED:
        raise NotAllowed(f"{batch.name} is {stands(batch)}, so its lines stay as they are.")
    if batch.revision != revision:
        raise NotAllowed("Somebody corrected lines meanwhile. Click Fix in the newest preview.")
    lines = store.lines.of_batch(number)
    findings = store.findings.of_batch(number)
    unnamed = batch.user_id is not None or any(one.code == Code.USER_MISSING for one in findings)
    allowed = {code for code in Code if RULE[code].anyway}
    anyway = {one.row for one in findings if one.row and one.code in allowed}
    anyway |= {line.row for line in lines if line.anyway}
    drafts = store.corrections.drafts(batch.id, batch.revision, actor)
    rows = {line.row for line in lines} | {0}
    return OpenLines(
        store=store,
        batch=batch,
        actor=actor,
        lines=lines,
        names=store.names.of_batch(number),
        codes={one.row: one.code for one in findings if one.blocks and one.row},
        anyway=frozenset(anyway),
        unnamed=unnamed,
        drafts={row: draft for row, draft in drafts.items() if row in rows},
    )
