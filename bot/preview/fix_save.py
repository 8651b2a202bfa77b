"""What is chosen in the form becomes the lines' own: each field kept with what it was, each name remembered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.fix_items import AMOUNT, FATE, KEY, MATTER, NOTE, SHARED, USER, WHY
from brought_forward.bot.messages.fix_line import ANYWAY, BY_HAND, RIGHT, SKIP, why
from brought_forward.bot.preview.fix_open import OpenLines, chosen
from brought_forward.bot.preview.fix_page import Fields, typed_amount
from brought_forward.storage.records.firm import AliasKind, Matter, OpenName, User
from brought_forward.storage.records.sheet import Line
from brought_forward.storage.store import Store

CHANGES = (MATTER, USER, AMOUNT, NOTE, FATE)  # what in a draft is a change


@dataclass(frozen=True, slots=True)
class Correcting:
    """Carry a person's drafts over into the lines."""

    store: Store
    found: OpenLines
    matters: Mapping[int, Matter]
    users: Mapping[int, User]

    @classmethod
    def of(cls, store: Store, found: OpenLines) -> "Correcting":
        """Read what the drafts name."""
        firm, account = found.batch.firm, found.batch.account or ""
        named = store.listings.some_matters(firm, account, chosen(found.drafts))
        return cls(
            store=store,
            found=found,
            matters={one.id: one for one in named},
            users={one.id: one for one in store.listings.users(firm, account)},
        )

    def carry_out(self) -> list[int]:
        """Change the lines, within the caller's transaction. Returns the rows that are others now."""
        batch, actor = self.found.batch, self.found.actor
        changed = []
        for row, draft in self.by_line().items():
            line = self.found.by_row[row]
            now = self._changes(line, draft)
            if self.store.corrections.correct(batch.id, batch.revision, batch.firm, actor, line, now):
                changed.append(row)
            for name in self.found.names:
                if name.row == row and KEY[name.kind] in draft:
                    self._remember(name, int(draft[KEY[name.kind]]))
        return sorted(changed)

    def by_line(self) -> dict[int, Fields]:
        """Give what was chosen for each line; one choice for a name counts for all that write it."""
        lines: dict[int, Fields] = {}
        for row, draft in self.found.drafts.items():
            own = {name: draft[name] for name in (*CHANGES, WHY) if name in draft}
            if row in self.found.by_row and any(name in own for name in CHANGES):
                lines[row] = own
        for shared in self.found.shared:
            kind = shared.name.kind
            choice = self.found.drafts.get(shared.row, {}).get(SHARED[kind])
            for line in shared.lines if choice is not None else ():
                lines.setdefault(line.row, {}).setdefault(KEY[kind], choice)
        return lines

    def _changes(self, line: Line, draft: Fields) -> Fields:
        """Say what a line's fields become."""
        now: Fields = {}
        if MATTER in draft:
            now["matter"] = _listed(self.matters, draft[MATTER]).display_number
        if USER in draft:
            user = _listed(self.users, draft[USER])
            alike = sum(1 for one in self.users.values() if one.name == user.name)
            now["user"] = user.name if alike == 1 else user.email or user.name
        if AMOUNT in draft:
            now["amount"] = typed_amount(draft[AMOUNT], self.found.batch.currency or "")
        if NOTE in draft:
            now["note"] = draft[NOTE] or None
        if FATE in draft:
            reason = draft.get(WHY, why(line))
            now["skipped"] = (f"{BY_HAND}: {reason}" if reason else f"{BY_HAND}.") if SKIP in draft[FATE] else None
            now["anyway"] = reason if ANYWAY in draft[FATE] else None
        whole = now.get("matter", line.matter) and now.get("amount", line.amount) is not None
        if line.unreadable and whole and (AMOUNT in draft or RIGHT in draft.get(FATE, ())):
            now["unreadable"] = None  # a person has said what the sheet could not
        return now

    def _remember(self, name: OpenName, clio_id: int) -> None:
        """Remember what a number or a name of the sheets means; a client's name means none of its matters."""
        if name.client is not None:
            return
        of_matter = name.kind is AliasKind.MATTER
        label = _listed(self.matters, clio_id).display_number if of_matter else _listed(self.users, clio_id).name
        batch = self.found.batch
        self.store.aliases.remember_alias(
            firm=batch.firm,
            account=batch.account or "",
            kind=name.kind,
            text=name.text,
            clio_id=clio_id,
            label=label,
            by=self.found.actor,
            channel=batch.channel,
        )


def _listed(known: Mapping[int, Any], chosen_id: Any) -> Any:
    """Give the matter or user that was chosen. Raises NotAllowed where Clio does not list it any more."""
    found = known.get(int(chosen_id))
    if found is None:
        raise NotAllowed("A matter or user chosen here is no longer listed in Clio. Click Fix again and choose.")
    return found
