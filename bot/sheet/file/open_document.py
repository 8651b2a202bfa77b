"""What an OpenDocument spreadsheet shows, hides and could not work out, and its form as calamine takes it."""

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from xml.parsers import expat

from brought_forward.bot.sheet.file.data_styles import TEXTS, DataStyles
from brought_forward.bot.sheet.file.found import FORMULA, UNNAMED, Found
from brought_forward.bot.sheet.rules import Limits

TABLE, ROW, CELLS = "table:table", "table:table-row", {"table:table-cell", "table:covered-table-cell"}
COLUMN, GROUPS = "table:table-column", {"table:table-row-group", "table:table-column-group"}
ROWS, COLUMNS = "table:number-rows-repeated", "table:number-columns-repeated"
TALL, WIDE = "table:number-rows-spanned", "table:number-columns-spanned"
HIDDEN = {"collapse", "filter"}
ERROR = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:[0-9]{3}")  # Excel's, and LibreOffice's own
KIND = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{KIND}"/></manifest:manifest>'
)
# Some programs set each tag on a line of its own; within a paragraph white space counts, so there it stays.
BETWEEN = re.compile(
    rb"(?<=>)\s+(?=</?(?:table|office):)|(?<=</text:p>)\s+(?=<)|(<table:(?:covered-)?table-cell\b[^<>]*>)\s+(?=<)"
)
CONTENT = "content.xml"
# A cell as programs write it, with a value that tells nothing else; of a number, its format may.
_CELL = (
    rb'<table:table-cell(?: (?:office:value-type="(?:%b)"|calcext:value-type="(?:%b)"|table:style-name="[\w.-]*"'
    rb'|office:(?:value|date-value|time-value|boolean-value)="[\w.+:-]*"))*+'
    rb"(?:/>|>(?:<text:p>[ -%%'-;=-~]*</text:p>)?</table:table-cell>)"
)
_WORDS = b"string|date|time|boolean"
TEXT_CELLS = re.compile(rb"(?:%b)+" % (_CELL % (_WORDS, _WORDS)))
CELLS_OF_ALL_KINDS = re.compile(rb"(?:%b)+" % (_CELL % (_WORDS + b"|float", _WORDS + b"|float")))
Attributes = dict[str, str]


class Tables:
    """Follow the columns, rows and cells of content.xml as they are parsed, and keep what is found of each table.

    What a folded group holds is hidden, as what is hidden itself is. Styles come before tables.
    """

    def __init__(self, limits: Limits) -> None:
        """Make the parser that is to be fed."""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end
        self.found: dict[int, Found] = {}  # by the table's place in the workbook
        self._styles = DataStyles()
        self._limits = limits
        self._found = Found(0, 0)
        self._row = self._tall = self._column = self._wide = 0
        self._folded: list[bool] = []
        self._defaults: list[tuple[int, int, str]] = []  # of columns: first, last, style of their cells
        self._row_style = ""
        self._starts: dict[str, Callable[[Attributes], None]] = {
            TABLE: self._start_table,
            ROW: self._start_row,
            COLUMN: self._start_column,
            **dict.fromkeys(CELLS, self._start_cell),
            **dict.fromkeys(GROUPS, self._start_group),
        }

    def brief(self, piece: bytes) -> bytes:
        """Put one empty cell in the place of those that tell nothing, so that few of a table reach the parser."""
        if not self.found:  # no table has begun, so not all styles may be known
            return piece
        return (TEXT_CELLS if self._styles.formats else CELLS_OF_ALL_KINDS).sub(_as_one, piece)

    def _start(self, name: str, attributes: Attributes) -> None:
        if name in self._starts:
            self._starts[name](attributes)
        else:
            self._styles.start(name, attributes)
            if name in TEXTS:
                self.parser.CharacterDataHandler = self._styles.text

    def _end(self, name: str) -> None:
        if name in GROUPS and self._folded:
            self._folded.pop()
        else:
            self._styles.end(name)
            if name in TEXTS:
                self.parser.CharacterDataHandler = None

    def _start_group(self, attributes: Attributes) -> None:
        self._folded.append(attributes.get("table:display") == "false")

    def _start_table(self, _attributes: Attributes) -> None:
        self._found = self.found[len(self.found)] = Found(self._limits.rows, self._limits.columns)
        self._row, self._tall, self._column, self._wide = 1, 0, 1, 0
        self._folded, self._defaults = [], []

    def _start_column(self, attributes: Attributes) -> None:
        self._column += self._wide
        self._wide = _count(attributes, COLUMNS)
        last = min(self._column + self._wide - 1, self._limits.columns)
        if self._hidden(attributes):
            self._found.hidden_columns.update(range(self._column, last + 1))
        self._defaults.append((self._column, last, attributes.get("table:default-cell-style-name", "")))

    def _start_row(self, attributes: Attributes) -> None:
        self._row += self._tall
        self._tall, self._column, self._wide = _count(attributes, ROWS), 1, 0
        self._row_style = attributes.get("table:default-cell-style-name", "")
        self.parser.CharacterDataHandler = None
        if self._hidden(attributes):
            self._found.hidden_rows.update(range(self._row, min(self._row + self._tall - 1, self._limits.rows) + 1))
        if attributes.get("table:visibility") == "filter":
            self._found.filtered = True

    def _hidden(self, attributes: Attributes) -> bool:
        style = attributes.get("table:style-name", "")
        return any(self._folded) or attributes.get("table:visibility") in HIDDEN or style in self._styles.of_no_size

    def _start_cell(self, attributes: Attributes) -> None:
        self._column += self._wide
        self._wide = _count(attributes, COLUMNS)
        kind = attributes.get("office:value-type")
        error = attributes.get("calcext:value-type") == "error"
        formula = "table:formula" in attributes
        self.parser.CharacterDataHandler = self._text if error or formula else None
        if error:
            self._mark(UNNAMED)
        elif formula and kind is None:
            self._mark(FORMULA)
        elif formula and _is_zero(attributes.get("office:value", "")):
            self._each(self._found.zero_formulas.add)
        if kind in {"float", "currency", "percentage"} and not error:
            self._format(attributes)
        tall, wide = _count(attributes, TALL), _count(attributes, WIDE)
        if tall > 1 or wide > 1:
            self._found.merge((self._row, self._column, self._row + tall - 1, self._column + wide - 1))

    def _format(self, attributes: Attributes) -> None:
        style = attributes.get("table:style-name") or self._row_style or self._default()
        code = self._styles.formats.get(style, "")
        currency = attributes.get("office:currency", "")
        if currency and not code.startswith("[$"):
            code = f"[${currency}] {code or '0.00'}"
        if code:
            self._each(lambda row, column, last: self._found.format(code, row, column, last))

    def _default(self) -> str:
        return next((style for first, last, style in self._defaults if first <= self._column <= last), "")

    def _text(self, text: str) -> None:
        if ERROR.fullmatch(text.strip()):
            self._mark(text.strip())

    def _mark(self, fault: str) -> None:
        last = min(self._row + self._tall - 1, self._limits.rows)
        for row in range(self._row, last + 1):
            for column in range(self._column, min(self._column + self._wide - 1, self._limits.columns) + 1):
                self._found.fault(row, column, fault)

    def _each(self, add: Callable[[int, int, int], None]) -> None:
        """Add the cell, with all that it stands for, column by column."""
        last = min(self._row + self._tall - 1, self._limits.rows)
        for column in range(self._column, min(self._column + self._wide - 1, self._limits.columns) + 1):
            if self._row <= last:
                add(self._row, column, last)


def _as_one(cells: re.Match[bytes]) -> bytes:
    return b'<table:table-cell table:number-columns-repeated="%d"/>' % cells[0].count(b"<table:table-cell")


def _count(attributes: Attributes, name: str) -> int:
    value = attributes.get(name, "1")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 1


def _is_zero(value: str) -> bool:
    try:
        return float(value) == 0
    except ValueError:
        return False


def as_written(data: bytes) -> bytes | None:
    """Give an OpenDocument workbook as calamine takes it: with its kind, no white space between tags; None if none."""
    with zipfile.ZipFile(BytesIO(data)) as parts:
        if CONTENT not in parts.namelist():
            return None
        return packed(parts.read(CONTENT))


def packed(content: bytes) -> bytes:
    """Make a workbook of content.xml, or of a flat document, which has its parts in one."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("mimetype", KIND)
        made.writestr("META-INF/manifest.xml", MANIFEST)
        made.writestr(CONTENT, BETWEEN.sub(rb"\1", content))
    return file.getvalue()
