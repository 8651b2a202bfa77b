"""Who may decide a batch: named both at its upload and now, groups as Slack tells their members at the click.

A stand-in may what the approver may who named them and is away: looked up at each click, never kept in a batch's rules.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial

from brought_forward.bot.approval.rules import needs_two
from brought_forward.bot.errors import NotAllowed
from brought_forward.bot.messages.approval import Approving
from brought_forward.bot.messages.words import people
from brought_forward.bot.settings import Firms
from brought_forward.bot.slack.people import People
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.stand_in import StandIn
from brought_forward.storage.store import Store

GROUP = "S"  # how ids of user groups begin


@dataclass(frozen=True, slots=True)
class Approvers:
    """Read the lists, the groups in them, and who is barred."""

    store: Store
    firms: Firms
    people: People

    def now(self, firm: str) -> tuple[str, ...]:
        """List the people and groups that a firm's settings of now name."""
        return self.firms.settings(firm).approvers

    def today(self, firm: str) -> date:
        """Give the day that it is where a firm is."""
        return self.firms.settings(firm).today()

    def named(self, batch: Batch) -> tuple[str, ...]:
        """List the people and groups that both the batch's rules and the settings of now name."""
        now = set(self.now(batch.firm))
        return tuple(one for one in batch.rules.approvers if one in now)

    def barred(self, batch: Batch) -> set[str]:
        """Name who does not approve a batch: who uploaded, brought or corrected it, or made a choice it uses.

        A choice bars who made it until an approver who did not has confirmed it.
        """
        return self.has_part(batch) | self.store.choices.teachers(batch.id)

    def has_part(self, batch: Batch) -> set[str]:
        """Name who never approves a batch, whatever is confirmed: who uploaded, brought or corrected it."""
        return {batch.uploader, batch.owner} | self.store.decisions.correctors(batch.id)

    # Stand-ins: of each by what is in force today

    def stand_ins(self, firm: str) -> list[StandIn]:
        """List who stands in for whom today."""
        return self.store.stand_ins.in_force(firm, self.today(firm))

    def away(self, person: str, firm: str) -> list[str]:
        """Name the approvers for whom somebody stands in today."""
        return [one.named_by for one in self.stand_ins(firm) if one.person == person]

    def speaks_for(self, actor: str, batch: Batch) -> tuple[str, ...]:
        """Name for whom somebody decides, as far as is known without asking Slack.

        An approver decides in their own name; a stand-in for each approver who named them and is one for this batch.
        """
        could = self._both(batch, self._known(batch))
        if actor in could:
            return (actor,)
        return tuple(one for one in self.away(actor, batch.firm) if one in could)

    def stands_for(self, actor: str, batch: Batch) -> str | None:
        """Name the approver for whom somebody decides who is none; None where they decide in their own name."""
        return next((one for one in self.speaks_for(actor, batch) if one != actor), None)

    def free_to_approve(self, actor: str, batch: Batch) -> list[str]:
        """Name those for whom somebody may approve a batch: neither has part in it, nor gave the first of two."""
        whom, barred = self.speaks_for(actor, batch), self.barred(batch)
        gave = {one for one in (batch.first_by, batch.first_for) if one}
        if actor in barred or gave & {actor, *whom}:
            return []
        return [one for one in whom if one not in barred]

    def first_is_void(self, batch: Batch) -> bool:
        """Say whether the first of two approvals was given by, or for, one who is no longer an approver."""
        gave = batch.first_for or batch.first_by
        return gave is not None and gave not in self._both(batch, self._known(batch))

    # As kept: Slack is not asked, so it may stand inside a transaction

    def approving(self, batch: Batch) -> Approving:
        """Say who could approve a batch, as far as is known without asking Slack."""
        rules = batch.rules
        never = self.has_part(batch) | {one for one in (batch.first_by, batch.first_for) if one}
        taught = self.store.choices.teachers(batch.id) - never
        barred = never | taught
        known = self._known(batch)
        could = self._both(batch, known)
        both = self.named(batch)
        named = [one for one in both if (known.get(one, {one}) - barred)]
        named += sorted(could - _within(both, known) - barred)  # by id in one list, by a group in the other
        stand_ins = dict.fromkeys(one.person for one in self.stand_ins(batch.firm))
        named += [one for one in stand_ins if one not in could and self.free_to_approve(one, batch)]
        return Approving(
            named=tuple(named),
            people=len(could - barred),
            unread=tuple(group for group in self._groups(batch) if group not in known),
            corrected=bool(could & never - {batch.uploader, batch.owner}),
            taught=tuple(sorted(could & taught)),
            alone=could == {batch.uploader},
            listed=bool(rules.approvers and self.now(batch.firm)),
            two_above=rules.two_above if needs_two(rules, self.store.entries.turnover(batch.id)) else None,
        )

    def could(self, user: str, batch: Batch) -> bool:
        """Say whether a person could still approve a batch, as far as is known without asking Slack."""
        return bool(self.free_to_approve(user, batch))

    def _known(self, batch: Batch) -> dict[str, frozenset[str]]:
        """Give the members of each group as they were last told."""
        found = {group: self.store.groups.find(batch.firm, group) for group in self._groups(batch)}
        return {group: kept[0] for group, kept in found.items() if kept}

    def _both(self, batch: Batch, known: Mapping[str, frozenset[str]]) -> set[str]:
        """Name the people that both the batch's rules and the settings of now name."""
        return _within(batch.rules.approvers, known) & _within(self.now(batch.firm), known)

    # As of now

    def sees(self, user: str, batch: Batch) -> bool:
        """Say whether a person may see a batch's names and sums: an approver of now, or who brought it."""
        return user in {batch.uploader, batch.owner} or self.listed(user, batch.firm)

    def listed(self, user: str, firm: str) -> bool:
        """Say whether a person is an approver by the settings of now, or stands in for one."""
        whom = {user, *self.away(user, firm)}
        if whom & set(self.now(firm)):
            return True
        try:
            return bool(whom & self.everyone(firm))
        except NotAllowed:  # what cannot be known is not shown
            return False

    def everyone(self, firm: str) -> set[str]:
        """Name all approvers by the settings of now. Raises NotAllowed where Slack does not tell a group's members."""
        return self.people_of(firm, self.now(firm))

    def people_of(self, firm: str, names: Iterable[str]) -> set[str]:
        """Name the people of a list of people and groups. Raises NotAllowed where Slack does not tell a group's."""
        named = tuple(names)
        return _within(named, self._members(firm, [one for one in named if one.startswith(GROUP)]))

    def learn(self, batch: Batch) -> None:
        """Read the groups' members anew for the preview; one that Slack does not tell is kept as unknown."""
        for group in self._groups(batch):
            try:
                self.store.groups.keep(batch.firm, group, self.people.members(group, batch.firm))
            except NotAllowed:
                self.store.groups.keep(batch.firm, group, None)

    def check(self, actor: str, batch: Batch, *, listed: bool, place: bool, verb: str = "do this") -> None:
        """Let through a full member of the workspace. Raises NotAllowed for anyone else, or where Slack is silent.

        `listed`: only an approver, by the batch's rules and by the settings of now. `place`: only in a channel of the
        firm's own. Slack is asked everything at once, so that the answer to a form stays within its three seconds.
        """
        lists = (batch.rules.approvers, self.now(batch.firm))
        if listed and not lists[1]:
            raise NotAllowed(
                "Nobody can approve yet: no approvers are set. Whoever runs this bot names them in its settings"
                " and starts it again; then drop the file again."
            )
        if listed and not lists[0]:
            raise NotAllowed("No approvers were set when this file was dropped, and its rules stay. Drop it again.")
        whom = [actor, *self.away(actor, batch.firm)]
        away = len(whom) > 1  # of whom nobody knows beforehand by which list's groups they are in
        looked = [one for names in lists if away or actor not in names for one in names if one.startswith(GROUP)]
        questions: list[Callable[[], object]] = [lambda: self.people.check(actor, batch.firm)]
        if place:
            questions.append(lambda: self.people.check_place(batch.channel, batch.firm))
        with ThreadPoolExecutor(len(questions), thread_name_prefix="brought-forward check") as pool:
            asked = [pool.submit(question) for question in questions]
            if listed:
                known = self._members(batch.firm, dict.fromkeys(looked))
                both = _within(lists[0], known) & _within(lists[1], known)  # by id in one, by a group in the other
                if not both & set(whom):
                    named = self.named(batch) or sorted(both) or lists[1]
                    raise NotAllowed(f"Only approvers can {verb}: {people(named, last='or')}.")
        for answer in asked:
            answer.result()

    def _members(self, firm: str, groups: Iterable[str]) -> dict[str, frozenset[str]]:
        """Read groups' members, asking Slack where they were kept too long. Raises NotAllowed where it is silent."""
        fresh = self.firms.deployment.timing.group
        known: dict[str, frozenset[str]] = {}
        for group in groups:
            kept = self.store.groups.find(firm, group)
            # Not from the future either: the clock was set back between two lives, and who knows how old that is.
            if kept and 0 <= -self.store.clock.until(kept[1]) < fresh:
                known[group] = kept[0]
        stale = [group for group in groups if group not in known]
        if stale:
            tell = partial(self.people.members, firm=firm)
            with ThreadPoolExecutor(len(stale), thread_name_prefix="brought-forward groups") as pool:
                for group, members in zip(stale, pool.map(tell, stale), strict=True):
                    self.store.groups.keep(firm, group, members)
                    known[group] = members
        return known

    def _groups(self, batch: Batch) -> list[str]:
        """List the groups that either list names."""
        both = (*batch.rules.approvers, *self.now(batch.firm))
        return [one for one in dict.fromkeys(both) if one.startswith(GROUP)]


def _within(names: Iterable[str], groups: Mapping[str, frozenset[str]]) -> set[str]:
    """Name the people of a list: by their ids, and as members of its groups."""
    return {one for name in names for one in (groups.get(name, ()) if name.startswith(GROUP) else (name,))}
