"""What changed since the last batch: which matters are new or gone, and which owe more or less. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from brought_forward.storage.records.sheet import Owed

BIGGEST = 3  # matters named for each kind of change


@dataclass(frozen=True, slots=True)
class Change:
    """One matter that is not as it was."""

    matter: str
    was: Decimal | None  # None: new
    now: Decimal | None  # None: gone

    @property
    def by(self) -> Decimal:
        """The amount by which it changed."""
        return (self.now or Decimal(0)) - (self.was or Decimal(0))


@dataclass(frozen=True, slots=True)
class Group:
    """All changes of one kind: how many, what they come to, and the biggest few."""

    count: int
    by: Decimal
    biggest: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """One sheet against another, in one currency; groups without changes are None."""

    new: Group | None
    gone: Group | None
    up: Group | None
    down: Group | None
    same: int


def compare(before: Iterable[Owed], now: Iterable[Owed]) -> Changes:
    """Compare what two sheets say of each matter, both of one currency.

    Numbers are compared as people read them, without case or outer spaces: where a line was matched it is Clio's
    number, and else what the sheet wrote.
    """
    was, new_names = _by_matter(before), _by_matter(now)
    changes = [Change(name, was[key][1] if key in was else None, amount) for key, (name, amount) in new_names.items()]
    gone = [Change(name, amount, None) for key, (name, amount) in was.items() if key not in new_names]
    kept = [change for change in changes if change.was is not None]
    return Changes(
        new=_group([change for change in changes if change.was is None]),
        gone=_group(gone),
        up=_group([change for change in kept if change.by > 0]),
        down=_group([change for change in kept if change.by < 0]),
        same=sum(1 for change in kept if change.by == 0),
    )


def _by_matter(sheet: Iterable[Owed]) -> dict[str, tuple[str, Decimal]]:
    found: dict[str, tuple[str, Decimal]] = {}
    for one in sheet:
        key = one.matter.strip().casefold()
        name, amount = found.get(key, (one.matter, Decimal(0)))
        found[key] = (name, amount + one.amount)
    return found


def _group(changes: Sequence[Change]) -> Group | None:
    if not changes:
        return None
    biggest = sorted(changes, key=lambda change: (-abs(change.by), change.matter))[:BIGGEST]
    return Group(len(changes), sum((change.by for change in changes), Decimal(0)), tuple(biggest))
