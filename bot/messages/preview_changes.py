"""The preview's lines on what changed since the last batch that was approved. Pure."""

from brought_forward.bot.messages.changes import Change, Changes, Group
from brought_forward.bot.messages.words import count, esc, long_date, money, shortened
from brought_forward.storage.records.batch import Batch

NAME = 40  # characters of a matter's number


def changed(last: Batch | None, changes: Changes | None, currency: str) -> str:
    """Say in a few lines how this sheet differs from the last one; nothing where there was none."""
    if last is None or changes is None:
        return ""
    groups = (("New", changes.new), ("Gone", changes.gone), ("Up", changes.up), ("Down", changes.down))
    said = [_line(name, group, currency) for name, group in groups if group]
    day = f", {long_date(last.posting_date)}" if last.posting_date else ""
    whose = f"{esc(shortened(last.file_name))} ({last.name}{day})"
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
    matter = esc(shortened(change.matter, NAME))
    if change.was is None and change.now is not None:
        return f"{matter} {money(change.now, currency)}"
    if change.now is None and change.was is not None:
        return f"{matter}, was {money(change.was, currency)}"
    now, was = change.now or change.by * 0, change.was or change.by * 0
    return f"{matter} {money(now, currency)}, was {money(was, currency)}"
