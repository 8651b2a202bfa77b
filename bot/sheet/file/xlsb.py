"""What a binary workbook of 2007 shows, hides and could not work out, from its records (MS-XLSB)."""

import struct
from collections.abc import Iterator

from brought_forward.bot.sheet.file.biff import ERRORS
from brought_forward.bot.sheet.file.found import UNNAMED, Found
from brought_forward.bot.sheet.file.number_formats import built_in, telling
from brought_forward.bot.sheet.file.office_xml import Parts, relations
from brought_forward.bot.sheet.file.refused import Refused
from brought_forward.bot.sheet.rules import Limits

SHEET, VIEW, FORMAT, STYLES, STYLES_END, STYLE = 156, 158, 44, 617, 618, 47
ROW, COLUMNS, MERGE, FILTER = 0, 60, 176, 161
CELLS = range(2, 12)  # with something in them; from RESULT on those of formulas
ERROR, RESULT, RESULT_ERROR = 3, 9, 11
TELLING = {ERROR, RESULT, RESULT_ERROR}  # whatever format they have


def facts_of(data: bytes, limits: Limits) -> dict[int, Found]:
    """Give the facts of each visible sheet by its place in the workbook. Raises Refused."""
    parts = Parts(data)
    book = parts.ending("workbook.bin")
    if book is None:
        return {}
    folder, _, file = book.rpartition("/")
    targets = relations(parts.whole(f"{folder}/_rels/{file}.rels"), folder)
    try:
        codes = _styles(parts.whole(targets.get("styles", f"{folder}/styles.bin")))
        found: dict[int, Found] = {}
        sheets = 0
        active = 0
        for kind, body in records(parts.whole(book)):
            if kind == VIEW:
                (active,) = struct.unpack_from("<I", body, 24)
            elif kind == SHEET:
                hidden, _, length = struct.unpack_from("<III", body)
                name = body[12 : 12 + 2 * length].decode("utf-16-le", "replace")
                if not hidden and (text := parts.whole(targets.get(name, ""), limits.unpacked_bytes)):
                    found[sheets] = _sheet(text, codes, limits)
                sheets += 1
    except struct.error as error:
        raise Refused("damaged") from error
    if active in found:
        found[active].active = True
    return found


def records(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the records: a kind of one or two bytes, a length of seven bits a byte, a body."""
    at, end = 0, len(text)
    while at + 1 < end:
        kind = text[at]
        at += 1
        if kind & 0x80:
            kind = kind & 0x7F | (text[at] & 0x7F) << 7
            at += 1
        if at < end and text[at] < 0x80:  # most are short
            size, at = text[at], at + 1
        else:
            size, at = _size(text, at)
        yield kind, text[at : at + size]
        at += size


def _size(text: bytes, at: int) -> tuple[int, int]:
    """Read a length of several bytes, and give where it ends."""
    size = shift = 0
    while at < len(text) and shift < 28:
        byte = text[at]
        at += 1
        size |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            break
    return size, at


def _styles(text: bytes) -> dict[int, str]:
    own: dict[int, str] = {}
    numbers: list[int] = []
    inside = False
    for kind, body in records(text):
        if kind == FORMAT:
            number, length = struct.unpack_from("<HI", body)
            own[number] = body[6 : 6 + 2 * length].decode("utf-16-le", "replace")
        elif kind in {STYLES, STYLES_END}:
            inside = kind == STYLES
        elif kind == STYLE and inside:
            numbers.append(int.from_bytes(body[2:4], "little"))
    codes = {place: own.get(number) or built_in(number) for place, number in enumerate(numbers)}
    return {place: code for place, code in codes.items() if telling(code)}


def _sheet(text: bytes, codes: dict[int, str], limits: Limits) -> Found:
    found = Found(limits.rows, limits.columns)
    row = 0
    for kind, body in records(text):
        if kind in TELLING or (codes and kind in CELLS):
            column, style = struct.unpack_from("<II", body)
            _cell(found, kind, body, (row, column + 1), codes.get(style & 0xFFFFFF))
        elif kind == ROW:
            (row,) = struct.unpack_from("<I", body)
            row += 1
            if body[11] & 0x10 or body[8:10] == b"\x00\x00":
                found.hide_row(row)
        elif kind == COLUMNS:
            first, last, width, _, flags = struct.unpack_from("<IIIIH", body)
            if flags & 1 or not width:
                found.hidden_columns.update(range(first + 1, min(last + 1, limits.columns) + 1))
        elif kind == MERGE:
            top, bottom, left, right = struct.unpack_from("<IIII", body)
            found.merge((top + 1, left + 1, bottom + 1, right + 1))
        elif kind == FILTER:
            found.filtered = True
    return found


def _cell(found: Found, kind: int, body: bytes, place: tuple[int, int], code: str | None) -> None:
    if code:
        found.format(code, *place)
    if kind in {ERROR, RESULT_ERROR}:
        found.fault(*place, ERRORS.get(body[8], UNNAMED))
    elif kind == RESULT and not struct.unpack_from("<d", body, 8)[0]:
        found.zero_formulas.add(*place)
