"""What a firm sets itself, changed in a form: checked, kept, written into the audit log, told to all approvers.

A batch keeps the rules that its file was dropped under (`approval/rules.py`), so a change of approvers, of the sum
for two or of credits counts for files dropped after it. Who is taken off the list of approvers is the exception: to
approve, a person has to be on the batch's list and on that of now.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_hex
from typing import Any

from brought_forward.bot.administration.administrators import Administrators
from brought_forward.bot.approval.approvers import GROUP, Approvers
from brought_forward.bot.errors import NotAllowed, SlackSilent
from brought_forward.bot.messages import firm_settings as words
from brought_forward.bot.messages.blocks import View
from brought_forward.bot.messages.firm_settings import CHANNELS, GROUPS, MORE_CHANNELS, SHOWN
from brought_forward.bot.messages.words import listed
from brought_forward.bot.settings import Firms, FirmSettings
from brought_forward.bot.settings.firm import wrong_in
from brought_forward.bot.slack.people import Standing
from brought_forward.bot.slack.thread import BatchThread
from brought_forward.storage.store import Store

WAITING = 50  # batches that are shown anew at once
LEAST = 2  # approvers, where a sum needs two
LOOKED_AT = 10  # of a list: so many clicks of Slack's fit into the three seconds of a form

PEOPLE = ("approvers", "admins")
OVER = (
    "The settings were changed since this form was opened, so nothing of it is saved. Close it, look at them in the"
    " Home tab, and change them again."
)
NOBODY = "Then nobody could approve anything. Name at least one person; two or more is better."
ONE_FOR_TWO = "Above this sum two people approve, and the approvers are one. Name another, or leave the sum empty."
NO_GROUP = "{} is no user group's id: they begin with S."

Values = Mapping[str, Mapping[str, Mapping[str, Any]]]


class Wrong(Exception):  # noqa: N818 - it reads as a sentence where it is raised
    """Say what is wrong with a form, by field."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class SettingsForm:
    """Show the form and keep what was sent."""

    store: Store
    firms: Firms
    administrators: Administrators
    approvers: Approvers
    thread: BatchThread
    owed: Callable[[], None]  # tells the outbox that something is owed

    def form(self, actor: str, firm: str) -> View:
        """Make the form. Raises NotAllowed for who is no administrator."""
        self.administrators.check(actor, firm)
        now = self.firms.settings(firm)
        return words.form(now, self.firms.said(firm), _digest(now))

    def save(self, actor: str, firm: str, values: Values, metadata: str) -> None:
        """Keep a form. Raises NotAllowed with the rule, or Wrong with what is wrong in which field."""
        self.administrators.check(actor, firm)
        before = self.firms.settings(firm)
        given = _read(values, self.firms.said(firm), before)
        if wrong := wrong_in(given):
            raise Wrong(wrong)
        after = FirmSettings(**{**before.model_dump(), **given})
        names = [name for name in SHOWN if getattr(before, name) != getattr(after, name)]
        if not names:
            return
        self._check(firm, after, names)
        told = self._told(firm, before, after, names)
        plain = after.model_dump(mode="json")
        text = words.changed(actor, before, after, names)
        with self.store.transaction():
            if _digest(self.firms.settings(firm)) != metadata:
                raise NotAllowed(OVER)
            self.store.firms.set(firm, {name: plain[name] for name in names}, by=actor)
            slot = f"told-settings-{token_hex(4)}"
            self.store.messages.tell_each(told, firm=firm, slot=slot, text=text.text, blocks=text.json())
            self.store.homes.changed(firm, 0.0)
            if "approvers" in names:  # previews name who may approve them
                for batch in self.store.homes.previewed(firm, WAITING):
                    if self.approvers.first_is_void(batch):
                        self.store.decisions.void_first(batch)
                    self.thread.preview(batch.id)
        self.owed()

    def _told(self, firm: str, before: FirmSettings, after: FirmSettings, names: Iterable[str]) -> set[str]:
        """Name whom a change is told: the approvers of before and after, and administrators where they change.

        Raises NotAllowed where Slack does not say who is in a group: nothing is changed behind somebody's back.
        """
        lists = [before.approvers, after.approvers]
        if "admins" in names:
            lists += [before.admins, after.admins]
        return self.approvers.people_of(firm, dict.fromkeys(one for some in lists for one in some))

    # What is wrong beyond a value itself

    def _check(self, firm: str, after: FirmSettings, names: list[str]) -> None:
        """See that people are left who can approve and administer. Raises Wrong, or NotAllowed for a silent Slack."""
        fixed = self.firms.said(firm)
        for name in PEOPLE:
            if name in names:
                self._check_people(firm, name, getattr(after, name))
        if "approvers" not in names and "two_approvers_above" not in names:
            return
        could = self._members(firm, after.approvers)
        if not could:
            raise Wrong({"approvers" if "approvers" not in fixed else "two_approvers_above": NOBODY})
        if after.two_approvers_above is not None and could < LEAST:
            field = "two_approvers_above" if "two_approvers_above" not in fixed else "approvers"
            raise Wrong({field: ONE_FOR_TWO})

    def _check_people(self, firm: str, name: str, value: tuple[str, ...]) -> None:
        """See that each who is named is a full member, and each group one with people. Raises Wrong."""
        named = [one for one in value if not one.startswith(GROUP)]
        others = [one for one, standing in zip(named, self._standings(firm, named), strict=True)
                  if standing is not Standing.MEMBER]  # fmt: skip
        if others:
            who = listed([self.approvers.people.name(one, firm) for one in others])
            raise Wrong({name: f"No full member of this workspace: {who}. Name members, no guests and no bots."})
        for group in (one for one in value if one.startswith(GROUP)):
            try:
                members = self.approvers.people_of(firm, [group])
            except SlackSilent:
                raise
            except NotAllowed as gone:
                raise Wrong({name + GROUPS: str(gone)}) from gone
            if not members:
                raise Wrong({name + GROUPS: f"{group} is a user group without members."})

    def _members(self, firm: str, names: tuple[str, ...]) -> int:
        """Count the full members of a list, as far as its first ones tell."""
        people = sorted(self.approvers.people_of(firm, names))[:LOOKED_AT]
        return sum(one is Standing.MEMBER for one in self._standings(firm, people))

    def _standings(self, firm: str, people: list[str]) -> list[Standing]:
        if not people:
            return []
        with ThreadPoolExecutor(LOOKED_AT, thread_name_prefix="brought-forward settings") as pool:
            return list(pool.map(lambda one: self.approvers.people.standing(one, firm), people))


def _digest(settings: FirmSettings) -> str:
    """Name what a form shows: it is saved only as long as that stands."""
    return sha256(settings.model_dump_json().encode()).hexdigest()[:16]


def _read(values: Values, fixed: frozenset[str], before: FirmSettings) -> dict[str, Any]:
    """Read what was typed and chosen, by setting; of what nobody may change here, nothing. Raises Wrong."""
    given: dict[str, Any] = {}
    for name in (one for one in SHOWN if one not in fixed):
        if name in PEOPLE and name in values:
            chosen = (*(_value(values, name) or ()), *_groups(values, name + GROUPS))
            given[name] = _in_order(getattr(before, name), chosen)
        elif name == CHANNELS and MORE_CHANNELS in values:
            ticks = [one for field in values if field.startswith(f"{CHANNELS}-") for one in _ticked(values, field)]
            given[name] = _in_order(before.channels, (*ticks, *(_value(values, MORE_CHANNELS) or ())))
        elif name in values:
            given[name] = (_value(values, name) or "").strip() or None
    return given


def _in_order(before: tuple[str, ...], given: Iterable[str]) -> tuple[str, ...]:
    """Put what stays where it was: another order is no change."""
    chosen = dict.fromkeys(given)
    return (*(one for one in before if one in chosen), *(one for one in chosen if one not in before))


def _ticked(values: Values, field: str) -> list[str]:
    return [str(one["value"]) for one in values[field].get(field, {}).get("selected_options") or []]


def _groups(values: Values, name: str) -> tuple[str, ...]:
    groups = tuple(str(_value(values, name) or "").replace(",", " ").split())
    for one in groups:
        if not one.startswith(GROUP):
            raise Wrong({name: NO_GROUP.format(one)})
    return groups


def _value(values: Values, name: str) -> Any:
    """Read a field, whatever it is."""
    given = values.get(name, {}).get(name, {})
    option = given.get("selected_option") or {}
    return given.get("value") or given.get("selected_users") or given.get("selected_conversations") or option.get(
        "value"
    )  # fmt: skip
