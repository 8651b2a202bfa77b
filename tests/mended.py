"""The workbook of failing lines, and what people drop of it once it is mended."""

import csv
import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook
from world import World

ROW, MATTER, BALANCE = 1, 2, 4  # columns of the workbook of lines to fix


def to_mend(world: World, name: str = "AR to fix.xlsx", *, revision: int = 1) -> list[list[Any]]:
    """Wait for the workbook of failing lines of a revision, and read it."""
    if revision > 1:
        name = name.replace(".xlsx", f", revision {revision}.xlsx")

    def there() -> list[Any]:
        return [file for one in world.thread() for file in one.files if file.name == name]

    world.slack.wait_for(lambda: there() and not world.store.messages.owed())
    book = CalamineWorkbook.from_filelike(io.BytesIO(there()[-1].data))
    return book.get_sheet_by_index(0).to_python()


def drop_mended(
    world: World,
    rows: Sequence[Sequence[Any]],
    *,
    sheet: str = "B1 to fix",
    user: Any = None,
    name: str = "AR mended.xlsx",
) -> None:
    """Drop a mended workbook in the newest thread; as CSV where the name says so."""
    thread_ts = world.thread()[0].ts
    if name.endswith("csv"):
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        data = text.getvalue().encode()
    else:
        file = io.BytesIO()
        with xlsxwriter.Workbook(file) as book:
            page = book.add_worksheet(sheet)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
        data = file.getvalue()
    world.slack.upload(user or world.slack.staff, "balances", name, data, thread_ts=thread_ts)
