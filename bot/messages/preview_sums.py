"""The preview's sums: who gets what, as a table and as bars, and how all of it comes to the file's total. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from brought_forward.bot.messages.blocks import (
    Block,
    Cell,
    bars,
    folded,
    money_cell,
    number_cell,
    section,
    small_table,
    text_cell,
)
from brought_forward.bot.messages.words import count, esc, long_date, money, person, shortened
from brought_forward.storage.records.batch import Batch
from brought_forward.storage.records.entry import ClientTotal, MatterTotal, Tally, UserTotal
from brought_forward.storage.records.sheet import Line, Owed

IN_SIGHT = 6  # users in sight; of more there are bars, and a table in the fold
USERS = 97  # rows of the table before "others" and the total
USER_NAMES = ("User", "Entries", "Amount")
TYPED_WITH_FILE = "The total typed with the file"
NAME = 60  # characters of a user's name, or of a matter's number


def totals(
    by_user: Sequence[UserTotal],
    planned: Tally,
    largest: Sequence[MatterTotal],
    currency: str,
    *,
    clients: Sequence[ClientTotal] = (),
    since: str = "",
    unnamed: str = "",
) -> list[Block]:
    """Show who gets what: in sight for a few users, else as bars and in the fold, with the largest matters.

    `largest` are matters, as `clients` the largest first; `since` says what changed since last time, `unnamed` where
    lines without a user go.
    """
    if not by_user:
        return []
    blocks: list[Block] = []
    inside: list[str | Block] = []
    title = "Totals"
    if len(by_user) <= IN_SIGHT:
        names, rows = USER_NAMES, _users(by_user, planned, currency)
        blocks.append(small_table(names, rows))
    else:
        points = [(one.user_name, one.amount) for one in by_user]
        inside.append(small_table(USER_NAMES, _users(by_user, planned, currency)))
        named = f"Amount by user, {currency}" if currency else "Amount by user"
        blocks.append(bars(named, each="User", unit=currency or "Amount", points=points))
    if len(largest) > 1:
        first = largest[0]
        title += f": the largest matter is {shortened(first.matter_number, NAME)}, {money(first.amount, currency)}"
    if len(clients) > 1:
        rows = [[text_cell(shortened(one.client, NAME)), number_cell(one.matters), money_cell(one.amount, currency)]
                for one in clients]  # fmt: skip
        inside.append(small_table((f"The largest {len(clients)} clients", "Matters", "Amount"), rows))
    if len(largest) > 1:
        rows = [[text_cell(shortened(one.matter_number, NAME)), money_cell(one.amount, currency)] for one in largest]
        inside.append(small_table((f"The largest {len(largest)} matters", "Amount"), rows))
    blocks += [section(unnamed)] if unnamed else []
    inside += [since] if since else []
    return [*blocks, folded(title, inside)] if inside else blocks


def _users(totals: Sequence[UserTotal], planned: Tally, currency: str) -> list[list[Cell]]:
    """Make a row for each user: by name while they are few, else the largest first under their total."""
    shown, long = list(totals), len(totals) > IN_SIGHT
    if long:
        shown.sort(key=lambda total: -abs(total.amount))
    if len(shown) > USERS:
        rest = shown[USERS:]
        shown = [*shown[:USERS], UserTotal(f"{len(rest):,} others", sum(one.matters for one in rest),
                                           sum((one.amount for one in rest), Decimal(0)))]  # fmt: skip
    total = UserTotal(f"Total of {count(len(totals), 'user')}" if long else "Total", planned.entries, planned.amount)
    return [
        [text_cell(shortened(one.user_name, NAME)), number_cell(one.matters), money_cell(one.amount, currency)]
        for one in ([total, *shown] if long else [*shown, total])
    ]


def unnamed(batch: Batch, lines: Sequence[Line]) -> str:
    """Say to whom the lines go that name no user; nothing where each that is posted names one."""
    number = sum(1 for line in lines if line.entry is not None and not line.user)
    if not number:
        return ""
    name, go = ("names", "goes") if number == 1 else ("name", "go")
    whose = "the user chosen for the whole file"
    if batch.user_id is None:
        whose = "its matter's responsible attorney" if number == 1 else "each matter's responsible attorney"
    return f"{count(number, 'line')} {name} no user: {'it' if number == 1 else 'they'} {go} to {whose}."


def is_unproved(batch: Batch, lines: Sequence[Line]) -> bool:
    """Whether nothing in the file, and nothing typed, agrees with what the lines come to."""
    return batch.control_total is None and not batch.proofs and batch.typed_total != total_of(lines)


def unproved(lines: Sequence[Line], currency: str) -> str:
    """Say that nothing proves the total, and what to do."""
    return f"Nothing in the file proves this total. Compare {money(total_of(lines), currency)} with your report."


def total_of(lines: Sequence[Line]) -> Decimal:
    """Sum what can be read of a sheet's lines, those that stay out too."""
    return sum((line.amount for line in lines if line.amount is not None), Decimal(0))


def sums(batch: Batch, planned: Tally, lines: Sequence[Line], currency: str) -> str:
    """Say how the sheet's sum, what will be posted and what is left out come together."""
    out = [line for line in lines if line.left_out]
    left = sum((line.amount for line in out if line.amount is not None), Decimal(0))
    unread = sum(1 for line in out if line.amount is None)
    total = planned.amount + left
    split = f"{money(planned.amount, currency)} to post + {money(left, currency)} left out" if out else ""
    unreadable = f" {count(unread, 'amount')} cannot be read and {is_(unread)} in no sum." if unread else ""
    control = batch.control_total
    if control is None and batch.typed_total == total:
        parts = f": {split}." if split else "; the lines agree with it."
        typed = f"The report's total, typed by {person(batch.typed_by)}," if batch.typed_by else TYPED_WITH_FILE
        return f"{typed} is {money(total, currency)}{parts}{unreadable}"
    if control is None:
        parts = f": {split}" if split else ""
        proof = " The file has no total of its own." if batch.proofs else ""
        what = f"All {len(lines):,} lines come" if len(lines) > 1 else "The one line comes"
        return f"{what} to {money(total, currency)}{parts}.{proof}{unreadable}"
    if control == total:
        agrees = f": {split}." if split else "; the lines agree with it."
        return f"The file's own total is {money(control, currency)}{agrees}{unreadable}"
    return (
        f":warning: The file's own total is {money(control, currency)}, but its lines come to"
        f" {money(total, currency)}: a difference of {money(control - total, currency)}."
        f"{unreadable}"
    )


def is_(number: int) -> str:
    """Choose the verb for a number."""
    return "is" if number == 1 else "are"


def differences(batch: Batch, total: Decimal) -> list[str]:
    """Say where the lines do not come to a total that somebody wrote: the file's own, a group's, or a typed one.

    `total` is what the lines come to.
    """
    currency = batch.currency or ""
    said = []
    typed = "The report's total, as typed," if batch.typed_by else "The total typed with it"
    stated_totals = ((batch.control_total, "The file's own total"), (batch.typed_total, typed))
    for stated, whose in stated_totals:
        if stated is not None and stated != total:
            said.append(
                f"{whose} is {money(stated, currency)}, the lines come to {money(total, currency)}:"
                f" a difference of {money(stated - total, currency)}."
            )
    return said + list(batch.differences)


BIGGEST = 3  # matters named for each kind of change
MATTER = 40  # characters of their numbers


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
    """One sheet against another, in one currency; groups without changes are None.

    Where most matters of the earlier sheet are not in this one it is another list, and nothing is gone from it.
    """

    new: Group | None
    gone: Group | None
    up: Group | None
    down: Group | None
    same: int
    others: Group | None = None  # matters of the earlier sheet that are not in this one, where that is another list


def compare(before: Iterable[Owed], now: Iterable[Owed]) -> Changes:
    """Compare what two sheets say of each matter, both of one currency.

    Numbers are compared as people read them, without case or outer spaces: where a line was matched it is Clio's
    number, and else what the sheet wrote.
    """
    was, new_names = _by_matter(before), _by_matter(now)
    changes = [Change(name, was[key][1] if key in was else None, amount) for key, (name, amount) in new_names.items()]
    gone = [Change(name, amount, None) for key, (name, amount) in was.items() if key not in new_names]
    kept = [change for change in changes if change.was is not None]
    is_same_list = 2 * len(kept) > len(was)
    return Changes(
        new=_group([change for change in changes if change.was is None]),
        gone=_group(gone) if is_same_list else None,
        up=_group([change for change in kept if change.by > 0]),
        down=_group([change for change in kept if change.by < 0]),
        same=sum(1 for change in kept if change.by == 0),
        others=None if is_same_list else _group(gone),
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


def changed(last: Batch | None, changes: Changes | None, currency: str) -> str:
    """Say in a few lines how this sheet differs from the last one; nothing where there was none."""
    if last is None or changes is None:
        return ""
    groups = (("New", changes.new), ("Gone", changes.gone), ("Up", changes.up), ("Down", changes.down))
    said = [_line(name, group, currency) for name, group in groups if group]
    day = f", {long_date(last.posting_date)}" if last.posting_date else ""
    whose = f"{esc(shortened(last.file_name))} ({last.name}{day})"
    if changes.others:
        verb = "is" if changes.others.count == 1 else "are"
        what = f"{count(changes.others.count, 'matter')} of it, {money(-changes.others.by, currency)}"
        said.append(f"• {what}, {verb} not in this file, which seems to be another list.")
    if not said:
        return f"*Since {whose}*: nothing changed, {count(changes.same, 'matter')} with the same balance."
    same = f"\n• Unchanged: {count(changes.same, 'matter')}." if changes.same else ""
    return f"*Since {whose}, by what the sheets say*\n" + "\n".join(said) + same


def _line(name: str, group: Group, currency: str) -> str:
    sign = "+" if group.by > 0 else ""
    named = ", ".join(_one(change, currency) for change in group.biggest)
    more = f" and {group.count - len(group.biggest):,} more" if group.count > len(group.biggest) else ""
    return f"• {name}: {count(group.count, 'matter')}, {sign}{money(group.by, currency)}: {named}{more}."


def _one(change: Change, currency: str) -> str:
    matter = esc(shortened(change.matter, MATTER))
    if change.was is None and change.now is not None:
        return f"{matter} {money(change.now, currency)}"
    if change.now is None and change.was is not None:
        return f"{matter}, was {money(change.was, currency)}"
    now, was = change.now or change.by * 0, change.was or change.by * 0
    return f"{matter} {money(now, currency)}, was {money(was, currency)}"
