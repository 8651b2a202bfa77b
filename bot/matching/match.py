"""Match a sheet's lines to the firm's matters and users, and say by the table of rules what blocks or warns. Pure."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal

from brought_forward.bot.matching.entries import MatchRules, entry_of, sum_of
from brought_forward.bot.matching.index import FirmIndex, Found, Way
from brought_forward.bot.matching.rules import RULE, Code, Effect
from brought_forward.bot.messages.words import count, money
from brought_forward.storage.records.entry import PlannedEntry
from brought_forward.storage.records.firm import Alias, AliasKind, Matter, User, folded
from brought_forward.storage.records.sheet import Finding, Line

TEN_TIMES = 10


@dataclass(frozen=True, slots=True)
class Earlier:
    """What people chose and what earlier batches held."""

    aliases: Sequence[Alias] = ()
    amounts: Mapping[int, tuple[str, Decimal]] = field(default_factory=dict)  # by matter: which batch, its sum there
    anyway: Mapping[int, Collection[str]] = field(default_factory=dict)  # by row: rules set aside with a reason


@dataclass(frozen=True, slots=True)
class Matching:
    """Entries with the rows they sum, for every other row why it is not posted, and all that the rules say."""

    planned: list[tuple[PlannedEntry, list[int]]] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)
    unknown_matters: bool = False  # some number was not found: the index may be old
    findings: list[Finding] = field(default_factory=list)

    @property
    def warnings(self) -> list[Finding]:
        """What is said of lines that are posted all the same."""
        return [finding for finding in self.findings if not finding.blocks]


def match(
    lines: Sequence[Line],
    firm: FirmIndex,
    standing: Mapping[int, str],
    rules: MatchRules,
    earlier: Earlier | None = None,
) -> Matching:
    """Match lines and sum them.

    `standing` gives, by matter id, in words, what is already brought forward on it. Lines that the sheet could not
    read, or a person left out, are passed over: their reason is theirs already.
    """
    work = _Work(firm, standing, rules, earlier or Earlier())
    for line in lines:
        if line.unreadable is None and line.skipped is None:
            work.line(line)
    return work.sums()


class _Blocked(Exception):  # noqa: N818 - never leaves this module
    """Leave the line out: a finding says why."""


class _Work:
    """One matching under way."""

    def __init__(self, firm: FirmIndex, standing: Mapping[int, str], rules: MatchRules, earlier: Earlier) -> None:
        self.firm = firm
        self.standing = standing
        self.rules = rules
        self.earlier = earlier
        self.aliases = {(alias.kind, alias.folded): alias for alias in earlier.aliases}
        self.groups: dict[tuple[int, int], tuple[Matter, User, list[Line]]] = {}
        self.planned: list[tuple[PlannedEntry, list[int]]] = []
        self.left_out: dict[int, str] = {}
        self.findings: list[Finding] = []
        self.unknown = False

    def line(self, line: Line) -> None:
        """Put one line to its matter and user, or leave it out."""
        try:
            if line.stated:
                self._rule(line, Code.SHEET_SAYS, what=line.stated)
            matter = self._matter(line)
            self._fit(line, matter)
            user = self._user(line, matter)
        except _Blocked:
            return
        self.groups.setdefault((matter.id, user.id), (matter, user, []))[2].append(line)

    def sums(self) -> Matching:
        """Sum each group to its entry; then what a matter comes to can be judged."""
        for matter, user, group in self.groups.values():
            if self._judged(matter, group):
                self.planned.append((entry_of(matter, user, group, self.rules), [line.row for line in group]))
        self._compare()
        findings = sorted(self.findings, key=lambda finding: finding.row or 0)
        return Matching(self.planned, self.left_out, self.unknown, findings)

    # Matters

    def _matter(self, line: Line) -> Matter:
        text = line.matter or ""
        exact = self.firm.exact(text)
        if len(exact) == 1:
            return exact[0]
        if alias := self._alias(AliasKind.MATTER, text):
            if matter := self.firm.matter(alias.clio_id):
                self._chosen(line, Code.MATTER_CHOSEN, alias, number=matter.display_number)
                return matter
            self._rule(line, Code.CHOICE_GONE, text=text, label=alias.label)
        found = self.firm.find(text, line.client)
        if found is None:
            open_ = self.firm.of_client(text)
            if len(open_) > 1:  # which of them owes it is never guessed
                many = count(len(open_), "open matter")
                raise self._block(line, Code.MATTER_OF_CLIENT, client=open_[0].client, many=many)
            self.unknown = True
            raise self._block(line, Code.MATTER_UNKNOWN)
        if len(found.matters) > 1:
            raise self._block(line, Code.MATTER_AMBIGUOUS, what=found.way, both=_both(found))
        (matter,) = found.matters
        if found.way is not Way.NUMBER:
            self._rule(line, Code.MATTER_GUESSED, number=matter.display_number, what=found.way)
        return matter

    def _fit(self, line: Line, matter: Matter) -> None:
        """Judge whether the matter can carry a balance. Raises _Blocked."""
        if matter.id in self.standing:
            self._rule(line, Code.ALREADY, what=self.standing[matter.id])
        if not matter.billable:
            self._rule(line, Code.NOT_BILLABLE)
        if matter.currency not in {None, self.rules.currency}:
            self._rule(line, Code.OTHER_CURRENCY, theirs=matter.currency or "", ours=self.rules.currency)

    # Users

    def _user(self, line: Line, matter: Matter) -> User:
        user = self._named(line) if line.user else self._unnamed(line, matter)
        if user.clio_connect:
            self._rule(line, Code.USER_PORTAL, user=user.name)
        if not user.enabled:
            self._rule(line, Code.USER_DISABLED, user=user.name)
        return user

    def _named(self, line: Line) -> User:
        name = line.user or ""
        exact = self.firm.named(name)
        if len(exact) == 1:
            return exact[0]
        if alias := self._alias(AliasKind.USER, name):
            if user := self.firm.user(alias.clio_id):
                self._chosen(line, Code.USER_CHOSEN, alias, name=name, user=user.name)
                return user
            self._rule(line, Code.CHOICE_GONE, text=name, label=alias.label)
        found = self.firm.users(name)
        if not found:
            raise self._block(line, Code.USER_UNKNOWN, name=name)
        if len(found) > 1:
            both = " and ".join(user.name for user in found[:3])
            raise self._block(line, Code.USER_AMBIGUOUS, name=name, both=both)
        return found[0]

    def _unnamed(self, line: Line, matter: Matter) -> User:
        """Take the user chosen for the whole file, else the matter's responsible attorney."""
        user = self.firm.user(self.rules.user_id) or self.firm.user(matter.responsible_attorney_id)
        if user is None:
            raise self._block(line, Code.USER_MISSING)
        return user

    def _alias(self, kind: AliasKind, text: str) -> Alias | None:
        return self.aliases.get((kind, folded(text))) if self.aliases else None

    # Sums

    def _judged(self, matter: Matter, group: list[Line]) -> bool:
        """Tell whether a group makes an entry. Credits are judged on the sum."""
        total, many = sum_of(group), len(group) > 1
        said: list[tuple[Code, dict[str, str]]] = []
        if total == 0:
            what = "the lines of this matter and user come to zero." if many else "the balance is zero."
            said.append((Code.ZERO, {"what": what}))
        elif total < 0 and not self.rules.post_credits:
            said.append((Code.CREDIT, {"many": f" ({money(total, self.rules.currency)} in all)" if many else ""}))
        else:
            said += [(Code.CLOSED, {})] if matter.status.lower() == "closed" else []
            said += [(Code.FLAT_FEE, {})] if matter.billing_method.lower() == "flat" else []
        blocked = False
        for line in group:
            for code, details in said:
                try:
                    self._rule(line, code, **details)
                except _Blocked:
                    blocked = True
        return not blocked

    def _compare(self) -> None:
        """Warn of a matter that comes to ten times what the last batch had for it."""
        if not self.earlier.amounts:
            return
        sums: dict[int, Decimal] = {}
        rows: dict[int, list[int]] = {}
        for entry, summed in self.planned:
            sums[entry.matter_id] = sums.get(entry.matter_id, Decimal(0)) + entry.amount
            rows.setdefault(entry.matter_id, []).extend(summed)
        for matter, total in sums.items():
            batch, before = self.earlier.amounts.get(matter, ("", Decimal(0)))
            if before and abs(total) >= TEN_TIMES * abs(before):
                text = RULE[Code.TEN_TIMES].say(amount=money(total, self.rules.currency), batch=batch,
                                                before=money(before, self.rules.currency))  # fmt: skip
                self.findings += [Finding(row, Code.TEN_TIMES, text, blocks=False) for row in rows[matter]]

    # Findings

    def _rule(self, line: Line, code: Code, **details: str) -> None:
        """Say what a rule says of a line. Raises _Blocked where the table has it block.

        It warns where a person said, with a reason, to post the line anyway, and the table lets them.
        """
        rule = RULE[code]
        text = rule.say(**details)
        blocks = rule.effect is Effect.BLOCKS
        if blocks and rule.anyway and code in self.earlier.anyway.get(line.row, ()):
            text, blocks = f"{text} It is posted anyway: {line.anyway}", False
        self.findings.append(Finding(line.row, code, text, blocks=blocks))
        if blocks:
            self.left_out[line.row] = text
            raise _Blocked

    def _chosen(self, line: Line, code: Code, alias: Alias, **details: str) -> None:
        """Say as what a line is taken because a person chose it."""
        text = RULE[code].say(**details)
        at = alias.chosen_at if alias.chosen_by else None
        self.findings.append(
            Finding(
                line.row, code, text, blocks=False, chosen_by=alias.chosen_by or None, chosen_at=at, choice=alias.id
            )
        )

    def _block(self, line: Line, code: Code, **details: str) -> _Blocked:
        """Say why a line that nothing can be made of is left out; the caller raises what this gives."""
        with suppress(_Blocked):
            self._rule(line, code, **details)
        return _Blocked()


def whole_file(code: Code, **details: str) -> Finding:
    """Make a finding of the whole file."""
    return Finding(None, code, RULE[code].say(**details), blocks=RULE[code].effect is Effect.BLOCKS)


def _both(found: Found) -> str:
    return " and ".join(_called(matter) for matter in found.matters[:3])


def _called(matter: Matter) -> str:
    return f"{matter.display_number} ({matter.client or 'no client'})"
