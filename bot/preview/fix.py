"""Lines put right by hand: what staff choose in the form becomes the batch's next revision, and is remembered."""

from collections.abc import Callable, Mapping
from typing import Any

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.blocks import View
from brought_forward.bot.messages.fix_items import ADDED, FATE, MORE, USER
from brought_forward.bot.messages.fix_line import SKIP, WHOLE
from brought_forward.bot.messages.reading import matching_again
from brought_forward.bot.messages.words import count, few
from brought_forward.bot.preview.fix_offers import Offers
from brought_forward.bot.preview.fix_open import OpenLines, open_lines
from brought_forward.bot.preview.fix_page import Page, drafts_of, drafts_of_suggestions
from brought_forward.bot.preview.fix_save import Correcting
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack.clicks import Decision
from brought_forward.bot.slack.people import People
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import RunKind
from brought_forward.storage.store import Store

ROWS = 20  # named in the log of decisions


class FixLines:
    """Show the form, keep what is chosen, and save it as a new revision."""

    def __init__(
        self,
        store: Store,
        firms: Firms,
        people: People,
        thread: BatchThread,
        start: Callable[[RunKind, int], None],
    ) -> None:
        self.store = store
        self.firms = firms
        self.people = people
        self.thread = thread
        self.start = start
        self.offers = Offers(store)

    # The form

    def form(self, decision: Decision) -> View:
        """Open the form: on its suggestions, where there are any. Raises NotAllowed with the rule."""
        found = open_lines(self.store, decision.batch, decision.revision, decision.firm, decision.actor)
        self.people.check(decision.actor, found.batch.firm)
        return found.shown(0)

    def turn(self, page: Page, to: int) -> View:
        """Keep what was chosen on a page and show another; the same again where an amount is none."""
        wrong = self._keep(self._open(page), page)
        found = self._open(page)
        return found.shown(page.page, wrong.values()) if wrong else found.shown(to)

    def more(self, page: Page, row: int) -> View:
        """Show all fields of a line; what was entered on the page stays."""
        wrong = self._keep(self._open(page), page)
        self._mark(self._open(page), row, MORE)
        return self._open(page).shown(page.page, wrong.values())

    def add(self, page: Page, row: int) -> View:
        """Show a line that the form did not ask about, with all its fields."""
        found = self._open(page)
        wrong = self._keep(found, page)
        if wrong or row not in found.by_row:
            return self._open(page).shown(page.page, wrong.values())
        self._mark(self._open(page), row, ADDED, MORE)
        found = self._open(page)
        return found.shown(found.page_of(row))

    def _open(self, page: Page) -> OpenLines:
        """Read what the form stands for, as it is now. Raises NotAllowed."""
        found = open_lines(self.store, page.batch, page.revision, page.firm, page.actor)
        self.people.check(page.actor, found.batch.firm)
        return found

    def _mark(self, found: OpenLines, row: int, *names: str) -> None:
        draft = {**found.drafts.get(row, {}), **dict.fromkeys(names, True)}
        if row in found.by_row:
            self._keep_draft(found, row, draft)

    # What a select offers while people type

    def matters(self, page: Page, row: int, typed: str) -> list[dict[str, Any]]:
        """Offer matters for a line, or for a name that stands on several."""
        return self.offers.matters(self._offering(page), row, typed)

    def users(self, page: Page, row: int, typed: str) -> list[dict[str, Any]]:
        """Offer users for a line, or for a name that stands on several."""
        return self.offers.users(self._offering(page), row, typed)

    def lines(self, page: Page, typed: str) -> list[dict[str, Any]]:
        """Offer the lines that the form does not show."""
        return self.offers.lines(self._offering(page), typed)

    def _offering(self, page: Page) -> OpenLines:
        return open_lines(self.store, page.batch, page.revision, page.firm, page.actor)

    # Saving

    def save(self, page: Page) -> dict[str, str]:
        """Save all pages as a new revision; what is wrong, by block, if it cannot be.

        Raises NotAllowed with the rule, where the batch has gone on meanwhile too.
        """
        if wrong := self._keep(self._open(page), page, accept=True):
            return wrong
        found = self._open(page)
        batch, store = found.batch, self.store
        correcting = Correcting.of(store, found)
        with store.transaction():
            rows = correcting.carry_out()
            whole = found.drafts.get(WHOLE, {})
            if whole:
                store.batches.choose_user(batch.id, int(whole[USER]))
            changed = len(rows) + bool(whole)
            if not changed:
                return {}
            store.corrections.drop_drafts(batch.id)
            if not store.batches.correct(batch.id, revision=batch.revision):
                raise NotAllowed("Somebody decided on this batch meanwhile. Nothing was saved; look in the thread.")
            store.decisions.add(
                batch,
                actor=page.actor,
                action="fix",
                allowed=True,
                approvers=self.firms.settings(batch.firm).approvers,
                reason=_reason(found, rows, changed),
            )
            anew = store.batches.get(batch.id)
            self.thread.preview_over(anew, matching_again(anew, page.actor, changed))
        self.start(RunKind.READ, batch.id)
        return {}

    def _keep(self, found: OpenLines, page: Page, *, accept: bool = False) -> dict[str, str]:
        """Keep a page's fields as drafts, only where they differ from the line; what is wrong, by block."""
        wrong: dict[str, str] = {}
        batch = found.batch
        if page.page == 0:
            drafts = drafts_of_suggestions(page, found.suggestions, found.drafts, accept=accept)
        else:
            drafts = drafts_of(page, found.on_page(page.page), found.drafts, batch.currency or "", wrong)
        whole = page.value(USER, WHOLE).get("selected_option")
        if page.shows(USER, WHOLE):
            drafts[WHOLE] = {USER: int(whole["value"])} if whole and int(whole["value"]) != batch.user_id else {}
        with self.store.transaction():
            for row, draft in drafts.items():
                self._keep_draft(found, row, draft)
        return wrong

    def _keep_draft(self, found: OpenLines, row: int, draft: Mapping[str, Any]) -> None:
        batch = found.batch
        self.store.corrections.keep_draft(batch.firm, batch.id, batch.revision, found.actor, row, dict(draft))


def _reason(found: OpenLines, rows: list[int], changed: int) -> str:
    """Say for the log which lines were put right, and which of them were left out."""
    if not rows:
        return count(changed, "line")
    out = [row for row in rows if SKIP in found.drafts.get(row, {}).get(FATE, ())]
    said = f"{count(changed, 'line')}: rows {few([f'{row}' for row in rows], ROWS)}"
    return f"{said}; left out: {few([f'{row}' for row in out], ROWS)}" if out else said
