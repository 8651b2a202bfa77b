"""What the form that puts lines right asks, and on which page: suggestions, shared names, then line by line. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from brought_forward.storage.records.firm import AliasKind, Near, OpenName, folded
from brought_forward.storage.records.sheet import Line

LINES = 15  # on a page: with all fields open their blocks are as many as a form holds
BLOCKS = 90  # of Slack's 100; the rest frames them
OF_LINE, OF_NAME = 6, 2  # blocks at most
OFFERED = 300  # suggestions in one form
# Rules that a choice of what a name means takes away; by `bot.matching.rules.Code`.
OF_NAMES = {"matter_unknown", "matter_ambiguous", "user_unknown", "user_ambiguous"}

MATTER, USER, MATTERS, USERS = "matter", "user", "matters", "users"  # of one line; of all lines that write the same
FATE, AMOUNT, NOTE, WHY = "fate", "amount", "note", "why"
ADDED, MORE, DECLINED = "added", "more", "declined"  # in drafts alone
KEY = {AliasKind.MATTER: MATTER, AliasKind.USER: USER}
SHARED = {AliasKind.MATTER: MATTERS, AliasKind.USER: USERS}
Drafts = Mapping[int, Mapping[str, Any]]  # by row, what was chosen and is not saved


@dataclass(frozen=True, slots=True)
class SharedName:
    """A name that stands on several lines: one choice for all of them."""

    name: OpenName  # of the first line
    lines: tuple[Line, ...]

    @property
    def row(self) -> int:
        """The row that stands for all of them in the form."""
        return self.lines[0].row


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The only one that is near a name, for all lines that write it."""

    kind: AliasKind
    key: str  # the field of the draft that takes it
    text: str
    lines: tuple[Line, ...]
    near: Near

    @property
    def row(self) -> int:
        """The row whose draft takes it."""
        return self.lines[0].row

    @property
    def value(self) -> str:
        """Name it in the form."""
        return f"{self.key}-{self.row}"

    @property
    def amount(self) -> Decimal:
        """What its lines come to, as far as it can be read."""
        return sum((line.amount for line in self.lines if line.amount is not None), Decimal(0))


Item = SharedName | Line


def shared_names(lines: Sequence[Line], names: Sequence[OpenName]) -> list[SharedName]:
    """Find the names that more than one line writes; a client's is none, since each line may be another matter's."""
    by_row = {line.row: line for line in lines}
    alike: dict[tuple[AliasKind, str], list[OpenName]] = {}
    for one in names:
        if one.client is None and one.row in by_row:
            alike.setdefault((one.kind, folded(one.text)), []).append(one)
    return [SharedName(some[0], tuple(by_row[one.row] for one in some)) for some in alike.values() if len(some) > 1]


def items(
    lines: Sequence[Line], shared: Sequence[SharedName], names: Sequence[OpenName], codes: Mapping[int, str],
    drafts: Drafts, anyway: Collection[int],
) -> list[Item]:  # fmt: skip
    """List what is asked: lines that a person asked for, names on several lines, then each line that needs more."""
    added = [line for line in lines if drafts.get(line.row, {}).get(ADDED)]
    covered = _covered(shared)
    open_: dict[int, set[tuple[int, AliasKind]]] = {}
    for one in names:
        open_.setdefault(one.row, set()).add((one.row, one.kind))
    rest = []
    for line in lines:
        mine = open_.get(line.row, set())
        enough = codes.get(line.row) in OF_NAMES and line.unreadable is None and line.row not in anyway
        is_failing = line.left_out or line.anyway
        if is_failing and line not in added and not (enough and mine and mine <= covered):
            rest.append(line)
    return [*added, *shared, *rest]


def pages(all_: Sequence[Item]) -> list[list[Item]]:
    """Share out what is asked to pages that Slack's limit holds, whichever fields are open."""
    shared: list[list[Item]] = [[]]
    blocks = 0
    for one in all_:
        wanted = OF_NAME if isinstance(one, SharedName) else OF_LINE
        if blocks + wanted > BLOCKS:
            shared.append([])
            blocks = 0
        shared[-1].append(one)
        blocks += wanted
    return shared


def suggestions(
    lines: Sequence[Line], shared: Sequence[SharedName], names: Sequence[OpenName], drafts: Drafts
) -> list[Suggestion]:
    """List what is the only one near a name and not chosen otherwise yet: matters first, then users."""
    by_row = {line.row: line for line in lines}
    covered = _covered(shared)
    found = [_suggestion(SHARED, one.name, one.lines) for one in shared]
    found += [
        _suggestion(KEY, one, (by_row[one.row],))
        for one in names
        if (one.row, one.kind) not in covered and one.row in by_row
    ]
    offered = [one for one in found if one and one.key not in drafts.get(one.row, {})]
    return sorted(offered, key=lambda one: (one.kind, one.row))[:OFFERED]


def _covered(shared: Sequence[SharedName]) -> set[tuple[int, AliasKind]]:
    return {(line.row, one.name.kind) for one in shared for line in one.lines}


def _suggestion(keys: Mapping[AliasKind, str], name: OpenName, lines: tuple[Line, ...]) -> Suggestion | None:
    return Suggestion(name.kind, keys[name.kind], name.text, lines, name.only) if name.only else None
