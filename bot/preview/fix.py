"""Lines put right by hand: what staff choose in the form becomes the batch's next revision, and is remembered."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from brought_forward.bot.approval.checks import find
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.matching.rules import RULE, Code
from brought_forward.bot.matching.search import MatterSearch
from brought_forward.bot.messages.fix_form import (
    AMOUNT,
    ANYWAY,
    FATE,
    MATTER,
    NOTE,
    RIGHT,
    SKIP,
    USER,
    WHOLE,
    WHY,
    FixView,
    View,
    form,
    matter_option,
    pages,
    user_option,
)
from brought_forward.bot.messages.reading import matching_again
from brought_forward.bot.messages.status import stands
from brought_forward.bot.messages.words import count
from brought_forward.bot.preview.fix_page import Fields, Page, draft_of, typed_amount
from brought_forward.bot.settings import Settings
from brought_forward.bot.slack.clicks import Decision
from brought_forward.bot.slack.people import People
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.records.batch import Batch, BatchStatus, RunKind
from brought_forward.storage.records.firm import AliasKind, User, folded
from brought_forward.storage.records.sheet import Line
from brought_forward.storage.store import Store

OFFERED = 100  # Slack's most in a select


@dataclass(frozen=True, slots=True)
class _Open:
    """A batch whose lines can be put right now."""

    batch: Batch
    lines: list[Line]
    anyway: frozenset[int]
    unnamed: bool


class FixLines:
    """Show the form, keep what is chosen, and save it as a new revision."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        people: People,
        thread: BatchThread,
        start: Callable[[RunKind, int], None],
    ) -> None:
        self.store = store
        self.settings = settings
        self.people = people
        self.thread = thread
        self.start = start
        self._building = threading.Lock()
        self._search: tuple[object, MatterSearch] | None = None

    # The form

    def form(self, decision: Decision) -> View:
        """Open the form's first page. Raises NotAllowed with the rule."""
        found = self._open(decision.batch, decision.revision, decision.firm)
        self.people.check(decision.actor, found.batch.firm)
        if not found.lines:
            raise NotAllowed("There is no line to put right any more.")
        return self._shown(found, decision.actor, 0)

    def turn(self, page: Page, to: int) -> View:
        """Keep what was chosen on a page and show another; the same again where an amount is none."""
        found = self._open(page.batch, page.revision, page.firm)
        self.people.check(page.actor, found.batch.firm)
        wrong = self._keep(found, page)
        if wrong:
            return self._shown(found, page.actor, page.page, list(wrong.values()))
        return self._shown(found, page.actor, min(to, len(pages(found.lines, found.anyway)) - 1))

    def _shown(self, found: _Open, actor: str, page: int, wrong: list[str] | None = None) -> View:
        drafts = self.store.corrections.drafts(found.batch.id, found.batch.revision, actor)
        batch = found.batch
        return form(
            FixView(
                batch=batch,
                lines=found.lines,
                page=page,
                anyway=found.anyway,
                drafts=drafts,
                matters={one.id: one for one in self._matters_of(batch, drafts)},
                users={user.id: user for user in self.store.listings.users(batch.firm, batch.account or "")},
                wrong=wrong or [],
                unnamed=found.unnamed,
            )
        )

    def _matters_of(self, batch: Batch, drafts: Mapping[int, Fields]) -> list[Any]:
        wanted = {int(draft[MATTER]) for draft in drafts.values() if MATTER in draft}
        if not wanted:
            return []
        return [one for one in self.store.listings.matters(batch.firm, batch.account or "") if one.id in wanted]

    def _open(self, number: int, revision: int, firm: str) -> _Open:
        """Find a batch that waits for approval in that revision. Raises NotAllowed."""
        batch = find(self.store, number, firm)
        if batch.status is BatchStatus.READING and batch.revision:
            raise NotAllowed("Its lines were corrected a moment ago. The new preview comes in its thread.")
        if batch.status is not BatchStatus.PREVIEWED:
            raise NotAllowed(f"{batch.name} is {stands(batch)}, so its lines stay as they are.")
        if batch.revision != revision:
            raise NotAllowed("Somebody corrected lines meanwhile. Open Fix lines again from the newest preview.")
        lines = [line for line in self.store.lines.of_batch(number) if line.left_out or line.anyway]
        findings = self.store.findings.of_batch(number)
        unnamed = batch.user_id is not None or any(one.code == Code.USER_MISSING for one in findings)
        allowed = {code for code in Code if RULE[code].anyway}
        anyway = {one.row for one in findings if one.row and one.code in allowed}
        anyway |= {line.row for line in lines if line.anyway}
        return _Open(batch, lines, frozenset(anyway), unnamed)

    # What a select offers while people type

    def matters(self, page: Page, row: int, typed: str) -> list[dict[str, Any]]:
        """Offer matters: what the line may mean first, then what was typed."""
        found = self._open(page.batch, page.revision, page.firm)
        search = self._searching(found.batch)
        line = next((line for line in found.lines if line.row == row), None)
        likely = search.suggest(line) if line and not typed else []
        rest = search.find(typed, OFFERED)
        offered = {matter.id: matter for matter in [*likely, *rest]}
        return [matter_option(matter) for matter in list(offered.values())[:OFFERED]]

    def users(self, page: Page, row: int, typed: str) -> list[dict[str, Any]]:
        """Offer users who keep time, those whose name holds what was typed."""
        found = self._open(page.batch, page.revision, page.firm)
        wanted = folded(typed)
        users = [
            user
            for user in self.store.listings.users(found.batch.firm, found.batch.account or "")
            if not user.clio_connect
        ]
        fitting = [user for user in users if wanted in folded(f"{user.name} {user.email} {user.initials}")]
        return [user_option(user) for user in sorted(fitting, key=lambda user: (not user.enabled, user.name))[:OFFERED]]

    def _searching(self, batch: Batch) -> MatterSearch:
        """Give the index of the firm's matters, built anew after each listing."""
        firm, account = batch.firm, batch.account or ""
        version = (firm, account, *self.store.listings.since(firm, account, "matter"))
        with self._building:
            if self._search is None or self._search[0] != version:
                self._search = (version, MatterSearch(self.store.listings.matters(firm, account)))
            return self._search[1]

    # Saving

    def save(self, page: Page) -> dict[str, str]:
        """Save all pages as a new revision; what is wrong, by block, if it cannot be.

        Raises NotAllowed with the rule, where the batch has gone on meanwhile too.
        """
        found = self._open(page.batch, page.revision, page.firm)
        self.people.check(page.actor, found.batch.firm)
        if wrong := self._keep(found, page):
            return wrong
        batch, store = found.batch, self.store
        drafts = store.corrections.drafts(batch.id, batch.revision, page.actor)
        lines = {line.row: line for line in found.lines}
        matters = {matter.id: matter for matter in self._matters_of(batch, drafts)}
        users = {user.id: user for user in store.listings.users(batch.firm, batch.account or "")}
        changed = 0
        whole = drafts.pop(WHOLE, None)
        with store.transaction():
            if whole:
                store.batches.choose_user(batch.id, int(whole[USER]))
                changed += 1
            for row, draft in drafts.items():
                line = lines[row]
                now = self._changes(line, draft, batch, matters, users)
                changed += bool(store.corrections.correct(batch.id, batch.revision, batch.firm, page.actor, line, now))
                self._remember(line, draft, batch, page.actor, matters, users)
            store.corrections.drop_drafts(batch.id)
            if not changed:
                return {}
            if not store.batches.correct(batch.id, revision=batch.revision):
                raise NotAllowed("Somebody decided on this batch meanwhile. Nothing was saved; look in the thread.")
            store.decisions.add(
                batch,
                actor=page.actor,
                action="fix",
                allowed=True,
                approvers=self.settings.balances_approvers,
                reason=count(changed, "line"),
            )
            anew = store.batches.get(batch.id)
            self.thread.preview_over(anew, matching_again(anew, page.actor, changed))
        self.start(RunKind.READ, batch.id)
        return {}

    def _keep(self, found: _Open, page: Page) -> dict[str, str]:
        """Keep a page's fields as drafts, only where they differ from the line; what is wrong, by block."""
        wrong: dict[str, str] = {}
        shared = pages(found.lines, found.anyway)
        batch = found.batch
        whole = page.value(USER, WHOLE).get("selected_option")
        chosen = {USER: int(whole["value"])} if whole and int(whole["value"]) != batch.user_id else {}
        with self.store.transaction():
            if found.unnamed and page.page == 0:
                self._keep_draft(batch, page.actor, WHOLE, chosen)
            for line in shared[min(page.page, len(shared) - 1)]:
                draft = draft_of(page, line, batch.currency or "", wrong)
                self._keep_draft(batch, page.actor, line.row, draft)
        return wrong

    def _keep_draft(self, batch: Batch, actor: str, row: int, draft: Fields) -> None:
        self.store.corrections.keep_draft(batch.firm, batch.id, batch.revision, actor, row, draft)

    def _changes(
        self, line: Line, draft: Fields, batch: Batch, matters: Mapping[int, Any], users: Mapping[int, User]
    ) -> Fields:
        """Say what a line's fields become."""
        now: Fields = {}
        if MATTER in draft:
            now["matter"] = _listed(matters, draft[MATTER]).display_number
        if USER in draft:
            user = _listed(users, draft[USER])
            alike = sum(1 for one in users.values() if one.name == user.name)
            now["user"] = user.name if alike == 1 else user.email or user.name
        if AMOUNT in draft:
            now["amount"] = typed_amount(draft[AMOUNT], batch.currency or "")
        if NOTE in draft:
            now["note"] = draft[NOTE] or None
        if FATE in draft:
            now["skipped"] = "left out by hand." if SKIP in draft[FATE] else None
            now["anyway"] = (draft.get(WHY) or line.anyway) if ANYWAY in draft[FATE] else None
        whole = now.get("matter", line.matter) and now.get("amount", line.amount) is not None
        if line.unreadable and whole and (AMOUNT in draft or RIGHT in draft.get(FATE, ())):
            now["unreadable"] = None  # a person has said what the sheet could not
        return now

    def _remember(
        self,
        line: Line,
        draft: Fields,
        batch: Batch,
        actor: str,
        matters: Mapping[int, Any],
        users: Mapping[int, User],
    ) -> None:
        """Remember what a number or a name of the sheets means."""
        for kind, key, text, labels in (
            (AliasKind.MATTER, MATTER, line.matter, {one.id: one.display_number for one in matters.values()}),
            (AliasKind.USER, USER, line.user, {one.id: one.name for one in users.values()}),
        ):
            if key in draft and text:
                clio_id = int(draft[key])
                self.store.aliases.remember_alias(
                    firm=batch.firm,
                    account=batch.account or "",
                    kind=kind,
                    text=text,
                    clio_id=clio_id,
                    label=labels[clio_id],
                    by=actor,
                    channel=batch.channel,
                )


def _listed(known: Mapping[int, Any], chosen: Any) -> Any:
    """Give the matter or user that was chosen. Raises NotAllowed where Clio does not list it any more."""
    found = known.get(int(chosen))
    if found is None:
        raise NotAllowed("A matter or user chosen here is no longer listed in Clio. Open Fix lines again and choose.")
    return found
