"""The preview's warnings: what the rules say of lines that are posted all the same, folded away and briefly. Pure."""

from collections.abc import Iterable, Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

from brought_forward.bot.messages.blocks import Block, folded, sections
from brought_forward.bot.messages.budget import cut
from brought_forward.bot.messages.words import count, esc, long_date, person, shortened
from brought_forward.storage.records.sheet import Finding, Line

SHOWN = 20  # warnings one by one; the rest are counted
LONGEST = 750  # characters of a warning
ROWS = 5  # rows named for one warning


def warnings(findings: Sequence[Finding], lines: Iterable[Line], zone: str | None) -> list[Block]:
    """Fold the warnings into one block; lines of which the same is said share a sentence."""
    said: dict[str, list[int]] = {}
    for finding in findings:
        if not finding.blocks:
            rows = said.setdefault(_sentence(finding, zone), [])
            rows += [finding.row] if finding.row is not None else []
    if not said:
        return []
    matters = {line.row: line.matter or "" for line in lines}
    texts = [cut(f"{_rows(rows, matters)}{text}", LONGEST) for text, rows in said.items()]
    if len(texts) > SHOWN:
        texts = [*texts[:SHOWN], f"and {len(texts) - SHOWN:,} more."]
    return [folded(f"{count(len(said), 'warning')}: none of them keeps a line out", sections(texts))]


def _sentence(finding: Finding, zone: str | None) -> str:
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
