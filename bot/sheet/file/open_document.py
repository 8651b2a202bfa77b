"""The cells of an OpenDocument spreadsheet that calamine gives as empty, or an error as 0."""

import re
from xml.parsers import expat

from brought_forward.bot.sheet.file.found import FORMULA, UNNAMED, Found
from brought_forward.bot.sheet.rules import Limits

TABLE, ROW, CELLS = "table:table", "table:table-row", {"table:table-cell", "table:covered-table-cell"}
ROWS, COLUMNS = "table:number-rows-repeated", "table:number-columns-repeated"
ERROR = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:[0-9]{3}")  # Excel's, and LibreOffice's own


class Tables:
    """Follow the rows and cells of content.xml as they are parsed, and keep the faults of each table."""

    def __init__(self, limits: Limits) -> None:
        """Make the parser that is to be fed."""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.found: dict[int, Found] = {}  # by the table's place in the workbook
        self._limits = limits
        self._found = Found(0, 0)
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
            self._found = self.found[len(self.found)] = Found(self._limits.rows, self._limits.columns)
            self._row, self._tall = 1, 0

    def _text(self, text: str) -> None:
        if ERROR.fullmatch(text.strip()):
            self._mark(text.strip())

    def _mark(self, fault: str) -> None:
        last, right = self._row + self._tall - 1, self._column + self._wide - 1
        for row in range(self._row, min(last, self._limits.rows) + 1):
            for column in range(self._column, min(right, self._limits.columns) + 1):
                self._found.fault(row, column, fault)
