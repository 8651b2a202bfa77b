"""The preview's warnings: what the rules say of lines that are posted all the same, most of it in a fold. Pure."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

from brought_forward.bot.messages.blocks import Block, sections
from brought_forward.bot.messages.budget import cut
from brought_forward.bot.messages.words import count, esc, long_date, person, shortened
from brought_forward.storage.records.sheet import Finding, Line

TEN_TIMES, SHEET_SAYS = "ten_times", "sheet_says"  # by `bot.matching.rules.Code`
WHOLE = 3  # warnings of the whole file in sight
SHOWN = 20  # warnings one by one; the rest are counted
LONGEST = 750  # characters of a warning
ROWS = 5  # rows named for one warning


def warnings(
    findings: Sequence[Finding], lines: Iterable[Line], zone: str | None, named: Collection[int] = ()
) -> tuple[list[str], list[str | Block]]:
    """Say what warnings there are, in words where money moves by them, and list all for the fold.

    Lines of which the same is said share a sentence. `named` are the ids of the choices that the preview names
    elsewhere.
    """
    warned = [one for one in findings if not one.blocks and one.choice not in named]
    if not warned:
        return [], []
    said: dict[str, list[int]] = {}
    for finding in warned:
        rows = said.setdefault(_sentence(finding, zone), [])
        rows += [finding.row] if finding.row is not None else []
    matters = {line.row: line.matter or "" for line in lines}
    texts = [cut(f"{_rows(rows, matters)}{text}", LONGEST) for text, rows in said.items()]
    if len(texts) > SHOWN:
        texts = [*texts[:SHOWN], f"and {len(texts) - SHOWN:,} more."]
    return _in_sight(warned, len(said)), list(sections(texts))


def _in_sight(warned: Sequence[Finding], sentences: int) -> list[str]:
    """Name what is said of the whole file, and balances that grew tenfold; count the rest."""
    whole = list(dict.fromkeys(esc(one.text) for one in warned if one.row is None))[:WHOLE]
    grown = len({one.row for one in warned if one.code == TEN_TIMES})
    against = len({one.row for one in warned if one.code == SHEET_SAYS})
    paid = f"{count(against, 'line')} {'is' if against == 1 else 'are'} posted although the sheet says it is not owed."
    tenfold = f"{count(grown, 'balance')} {'is' if grown == 1 else 'are'} ten times last time's, or more."
    rest = sentences - len(whole) - len({one.text for one in warned if one.code == TEN_TIMES})
    rest -= len({one.text for one in warned if one.code == SHEET_SAYS})
    more = f"{count(rest, 'warning')}: none of them keeps a line out."
    return [*whole, *([paid] if against else []), *([tenfold] if grown else []), *([more] if rest > 0 else [])]


def _sentence(finding: Finding, zone: str | None) -> str:
    if finding.choice and finding.chosen_by is None:
        return f"{esc(finding.text)} for the firm."
    if finding.chosen_by is None or finding.chosen_at is None:
        return esc(finding.text)
    day = finding.chosen_at.astimezone(ZoneInfo(zone) if zone else UTC).date()
    return f"{esc(finding.text)} by {person(finding.chosen_by)} on {long_date(day)}."


def _rows(rows: Sequence[int], matters: dict[int, str]) -> str:
    """Name the rows with the number that each has in the sheet."""
    if not rows:
        return ""
    named = [f'{row:,} "{esc(shortened(matters.get(row, ""), 40))}"' for row in rows[:ROWS]]
    more = f" and {len(rows) - ROWS:,} more" if len(rows) > ROWS else ""
    return f"Row{'s' if len(rows) > 1 else ''} {', '.join(named)}{more}: "
