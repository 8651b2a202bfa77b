"""What a file of balances says, as plain values."""

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import SheetCells
from brought_forward.bot.sheet.columns import header_row, missing_columns, read_header
from brought_forward.bot.sheet.dates import as_of
from brought_forward.bot.sheet.frame import rows_of, to_frame
from brought_forward.bot.sheet.parse import parse
from brought_forward.bot.sheet.rows import read_rows
from brought_forward.bot.sheet.rules import SheetRules
from brought_forward.storage.records import SheetReading

__all__ = ["SheetRules", "read_sheet"]


def read_sheet(data: bytes, filename: str, rules: SheetRules) -> SheetReading:
    """Read the first visible sheet that has a column of matters and one of balances.

    `data` is the whole file, xlsx or a delimited text, told apart by content; `filename` is only for sentences.
    Every row with a matter or a balance is a line, a problem, or counted in `zero_rows`; total rows are none of
    these. Parsing runs in a child process within `rules.limits`. Raises SheetError, its text for staff, where the
    file cannot be read at all or where two columns could equally be meant.
    """
    sheets = parse(data, filename, rules.limits)
    frames = [to_frame(sheet) for sheet in sheets]
    headed = [number for number, frame in enumerate(frames) if header_row(frame, rules.currency)]
    if not headed:
        raise SheetError(missing_columns(frames[0], sheets[0].sheet, rules.currency))
    sheet, frame = sheets[headed[0]], frames[headed[0]]
    row = header_row(frame, rules.currency)
    assert row is not None  # noqa: S101 - it was found above
    header = read_header(frame, row, sheet.sheet, rules.currency)
    day, day_remarks = as_of(rows_of(frame.loc[: row - 1]), day_first=rules.day_first)
    reading = read_rows(frame, header, rules)
    return SheetReading(
        sheet=sheet.sheet,
        header_row=header.row,
        lines=tuple(reading.lines),
        problems=tuple(reading.problems),
        zero_rows=reading.zero_rows,
        as_of=day,
        control_total=reading.control_total,
        remarks=(*_sheets_remark(sheets, headed), *header.remarks, *day_remarks, *reading.remarks),
    )


def _sheets_remark(sheets: list[SheetCells], headed: list[int]) -> list[str]:
    """Say which sheet was read where there are several."""
    read = sheets[headed[0]].sheet
    if len(headed) > 1:
        named = ", ".join(f'"{sheets[number].sheet}"' for number in headed[1:])
        return [f'Only "{read}" is read. {named} also has matters and balances: drop it as a file of its own.']
    if len(sheets) > 1:
        return [f'The file has {len(sheets)} sheets; "{read}" is read.']
    return []
