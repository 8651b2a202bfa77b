"""Match a sheet's lines to the firm's matters and users, and sum them to entries: one a matter and user. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from brought_forward.bot.messages.words import long_date, money
from brought_forward.storage.records import Line, Matter, PlannedEntry, User

NOTE_LENGTH = 255  # Clio prints the note on the client's bill; nothing says how long it may be


@dataclass(frozen=True, slots=True)
class MatchRules:
    """What the settings and the sheet say about entries."""

    description: str  # the activity description, and how each note begins
    currency: str
    as_of: date
    post_credits: bool


@dataclass(frozen=True, slots=True)
class Matching:
    """Entries with the rows they sum, and for every other row why it is not posted."""

    planned: list[tuple[PlannedEntry, list[int]]] = field(default_factory=list)
    left_out: dict[int, str] = field(default_factory=dict)
    unknown_matters: bool = False  # some number was not found: the index may be old


class FirmIndex:
    """Find a firm's matters and users by what people write."""

    def __init__(self, matters: Iterable[Matter], users: Iterable[User]) -> None:
        self._exact: dict[str, list[Matter]] = {}
        self._folded: dict[str, list[Matter]] = {}
        self._users: dict[int, User] = {}
        self._called: dict[str, dict[int, User]] = {}
        for matter in matters:
            self._exact.setdefault(matter.display_number, []).append(matter)
            self._folded.setdefault(folded(matter.display_number), []).append(matter)
        for user in users:
            self._users[user.id] = user
            for name in (user.name, user.email, user.initials):
                if name.strip():
                    self._called.setdefault(folded(name), {})[user.id] = user

    def matters(self, number: str) -> list[Matter]:
        """Find matters by display number: exactly, else trimmed and case-folded. More than one is for people."""
        return self._exact.get(number) or self._folded.get(folded(number), [])

    def users(self, name: str) -> list[User]:
        """Find users by name, e-mail or initials."""
        return list(self._called.get(folded(name), {}).values())

    def user(self, user_id: int | None) -> User | None:
        """Find a user by Clio's id."""
        return self._users.get(user_id) if user_id is not None else None


def folded(text: str) -> str:
    """Fold what people do not see as a difference: case and outer white space, NBSP too."""
    return text.strip().casefold()


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """Leave a line out; the text is the reason."""


def match(lines: Sequence[Line], firm: FirmIndex, standing: Mapping[int, str], rules: MatchRules) -> Matching:
    """Match lines and sum them.

    `standing` gives, by matter id, in words, what is already brought forward on it. Lines that the sheet could not
    read are passed over: their reason is theirs already.
    """
    result = Matching()
    groups: dict[tuple[int, int], tuple[Matter, User, list[Line]]] = {}
    unknown = False
    for line in lines:
        if line.unreadable is not None:
            continue
        try:
            matter = _matter(line, firm, standing, rules)
            user = _user(line, matter, firm)
        except _Refused as reason:
            result.left_out[line.row] = str(reason)
            unknown = unknown or not firm.matters(line.matter or "")
            continue
        groups.setdefault((matter.id, user.id), (matter, user, []))[2].append(line)
    for matter, user, group in groups.values():
        _sum(result, matter, user, group, rules)
    return Matching(result.planned, result.left_out, unknown)


def _matter(line: Line, firm: FirmIndex, standing: Mapping[int, str], rules: MatchRules) -> Matter:
    found = firm.matters(line.matter or "")
    if not found:
        raise _Refused("no matter of this number, or Clio does not show it to the connected user.")
    if len(found) > 1:
        both = " and ".join(f"{one.display_number} ({one.client or 'no client'})" for one in found[:3])
        raise _Refused(f"this number fits more than one matter: {both}. Write the number exactly as Clio shows it.")
    matter = found[0]
    checks: list[Callable[[], str | None]] = [
        lambda: f"already brought forward: {standing[matter.id]}." if matter.id in standing else None,
        lambda: None if matter.billable else "the matter is not billable in Clio, so no bill could carry it.",
        lambda: (
            f"the matter is kept in {matter.currency}, this batch in {rules.currency}."
            if matter.currency not in {None, rules.currency}
            else None
        ),
    ]
    for check in checks:
        if why := check():
            raise _Refused(why)
    return matter


def _user(line: Line, matter: Matter, firm: FirmIndex) -> User:
    if line.user:
        found = firm.users(line.user)
        if not found:
            raise _Refused(f'no user "{line.user}" in Clio. Write the name, e-mail or initials as Clio has them.')
        if len(found) > 1:
            both = " and ".join(user.name for user in found[:3])
            raise _Refused(f'"{line.user}" fits more than one user: {both}. Write the full name.')
        user = found[0]
    else:
        responsible = firm.user(matter.responsible_attorney_id)
        if responsible is None:
            raise _Refused("the line names no user, and the matter has no responsible attorney.")
        user = responsible
    if user.clio_connect:
        raise _Refused(f"{user.name} uses the client portal and keeps no time.")
    if not user.enabled:
        raise _Refused(f"{user.name} is disabled in Clio. Enable the user, or name another.")
    return user


def _sum(result: Matching, matter: Matter, user: User, group: list[Line], rules: MatchRules) -> None:
    """Make one entry of a matter's and user's lines, or say why not. Credits are judged on the sum."""
    total = sum((line.amount or Decimal(0) for line in group), Decimal(0))
    rows = [line.row for line in group]
    why = None
    if total == 0:
        why = "the lines of this matter and user come to zero." if len(rows) > 1 else "the balance is zero."
    elif total < 0 and not rules.post_credits:
        many = f" ({money(total, rules.currency)} in all)" if len(rows) > 1 else ""
        why = f"a credit{many}. This bot does not post credits; enter it in Clio by hand."
    if why:
        result.left_out.update(dict.fromkeys(rows, why))
        return
    entry = PlannedEntry(
        matter_id=matter.id,
        matter_number=matter.display_number,
        user_id=user.id,
        user_name=user.name,
        amount=total,
        note=note(group, rules),
    )
    result.planned.append((entry, rows))


def note(group: Sequence[Line], rules: MatchRules) -> str:
    """Write what the client's bill will say; only the sheet's own words, no marks of ours."""
    parts: list[str] = []
    silent = False  # some line says nothing: what the others say is then not all of the sum
    for line in group:
        part = " ".join((line.note or "").split())
        if line.date:
            part = f"{part} ({long_date(line.date)})" if part else f"dated {long_date(line.date)}"
        silent = silent or not part
        if part and part not in parts:
            parts.append(part)
    text = f"{rules.description} as of {long_date(rules.as_of)}"
    including = "including " if silent else ""
    whole = f"{text}: {including}{'; '.join(parts)}" if parts else text
    return whole if len(whole) <= NOTE_LENGTH else whole[: NOTE_LENGTH - 1].rstrip() + "…"
