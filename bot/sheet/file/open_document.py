"""The cells of an OpenDocument spreadsheet that calamine gives as empty, or an error as 0."""

import re
from xml.parsers import expat

TABLE, ROW, CELLS = "table:table", "table:table-row", {"table:table-cell", "table:covered-table-cell"}
ROWS, COLUMNS = "table:number-rows-repeated", "table:number-columns-repeated"
ERROR = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:[0-9]{3}")  # Excel's, and LibreOffice's own
FORMULA, UNNAMED = "formula", "#?"
MOST = 100_000  # faults kept of a workbook: a file made to do harm repeats one without end

Faults = dict[tuple[int, int], str]  # by row and column from 1: "#DIV/0!" or FORMULA


class Tables:
    """Follow the rows and cells of content.xml as they are parsed, and keep the faults of each table."""

    def __init__(self) -> None:
        """Make the parser that is to be fed."""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.faults: dict[int, Faults] = {}  # by the table's place in the workbook
        self._table, self._room = -1, MOST
        self._row = self._tall = self._column = self._wide = 0

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name in CELLS:
            self._column += self._wide
            self._wide = int(attributes.get(COLUMNS, 1))
            error = attributes.get("calcext:value-type") == "error"
            formula = "table:formula" in attributes
            self.parser.CharacterDataHandler = self._text if error or formula else None
            if error:
                self._mark(UNNAMED)
            elif formula and "office:value-type" not in attributes:
                self._mark(FORMULA)
        elif name == ROW:
            self._row += self._tall
            self._tall, self._column, self._wide = int(attributes.get(ROWS, 1)), 1, 0
            self.parser.CharacterDataHandler = None
        elif name == TABLE:
            self._table += 1
            self._row, self._tall = 1, 0

    def _text(self, text: str) -> None:
        if ERROR.fullmatch(text.strip()):
            self._mark(text.strip())

    def _mark(self, fault: str) -> None:
        found = self.faults.setdefault(self._table, {})
        for row in range(self._row, self._row + self._tall):
            for column in range(self._column, self._column + self._wide):
                if not self._room:
                    return
                self._room -= 1
                found[row, column] = fault
