"""What xls and xlsb show and hide beside the values, from records written by hand."""

import io
import struct
import zipfile

import pytest
from formats import _binary, _compound, _record, _wide, xlsb

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import SheetCells
from brought_forward.bot.sheet.file.parse import parse
from brought_forward.bot.sheet.rules import Limits

EURO = "[$€-2] #,##0.00"


def sheets(data: bytes) -> list[SheetCells]:
    return parse(data, "AR.xls", Limits())


def number(row: int, column: int, style: int, value: float) -> bytes:
    return _record(0x0203, struct.pack("<HHHd", row, column, style, value))


def formula(row: int, column: int, value: bytes) -> bytes:
    return _record(0x0006, struct.pack("<HHH8sHIH", row, column, 0, value, 0, 0, 3) + b"\x1e\x01\x00")


def old_workbook(*more: bytes, version: int = 0x0600, before: bytes = b"") -> bytes:
    """Write two sheets, the second in front; the first has the records given."""
    bof = struct.pack("<HHHHII", version, 0x0010, 0, 1997, 0, 6)[: 16 if version == 0x0600 else 8]
    plain = version == 0x0600
    names = [bytes([len(name)]) + (b"\x00" if plain else b"") + name for name in (b"AR", b"Other")]
    text = b"\x00" + EURO.encode("utf-16-le") if plain else b""
    form = struct.pack("<HH", 164, len(EURO)) + b"\x01" + EURO.encode("utf-16-le")
    form = form if plain else struct.pack("<HB", 164, 9) + b'"EUR"0.00'
    styles = b"".join(_record(0x00E0, struct.pack("<HH", 0, one) + bytes(16)) for one in (0, 164, 4))
    top = _record(0x0809, bof[:2] + b"\x05\x00" + bof[4:]) + before
    top += _record(0x003D, struct.pack("<9H", 0, 0, 0, 0, 0, 1, 0, 1, 600)) + _record(0x041E, form) + styles
    first = _record(0x0809, bof) + b"".join(more) + _record(0x000A)
    second = _record(0x0809, bof) + number(0, 0, 0, 1.0) + _record(0x000A)
    start = len(top) + sum(4 + 6 + len(name) for name in names) + 4
    starts = (start, start + len(first))
    book = b"".join(_record(0x0085, struct.pack("<IH", at, 0) + name) for at, name in zip(starts, names, strict=True))
    assert text or not plain
    return _compound(top + book + _record(0x000A) + first + second)


RECORDS = (
    _record(0x007D, struct.pack("<HHHHHH", 1, 1, 2000, 0, 1, 0)),
    _record(0x007D, struct.pack("<HHHHHH", 2, 3, 0, 0, 0, 0)),
    _record(0x0208, struct.pack("<HHHHHHI", 1, 0, 9, 255, 0, 0, 0x120)),
    _record(0x0208, struct.pack("<HHHHHHI", 2, 0, 9, 0, 0, 0, 0x100)),
    _record(0x0208, struct.pack("<HHHHHHI", 3, 0, 9, 255, 0, 0, 0x100)),
    _record(0x009D, b"\x04\x00"),
    number(0, 0, 1, 5.0),
    number(1, 0, 2, 5.0),
    _record(0x00BD, struct.pack("<HHHIHIH", 2, 0, 1, 5 << 2 | 2, 1, 6 << 2 | 2, 1)),
    formula(3, 0, struct.pack("<d", 0.0)),
    formula(3, 1, struct.pack("<d", 7.0)),
    formula(3, 2, b"\x02\x00\x07\x00\x00\x00\xff\xff"),
    _record(0x0205, struct.pack("<HHHBB", 3, 3, 0, 42, 1)),
    _record(0x00E5, struct.pack("<HHHHH", 1, 4, 6, 0, 1)),
)


@pytest.mark.parametrize(("version", "code"), [(0x0600, EURO), (0x0500, '"EUR"0.00')])
def test_each_fact_of_an_old_workbook_is_told(version, code):
    one, other = sheets(old_workbook(*RECORDS, version=version))
    found = one.facts
    assert (found.hidden_rows, found.hidden_columns) == ({2, 3}, {2, 3, 4})
    assert {code: set(places) for code, places in found.formats.items()} == {code: {(1, 1), (3, 1), (3, 2)}}
    assert set(found.zero_formulas) == {(4, 1)}
    assert one.faults == {(4, 3): "#DIV/0!", (4, 4): "#N/A"}
    assert found.merges == ((5, 1, 7, 2),)
    assert (found.filtered, found.active, other.facts.active) == (True, False, True)


def test_a_stream_named_in_capitals_is_the_workbook():
    data = old_workbook(number(0, 0, 0, 5.0))
    capitals = data.replace("Workbook".encode("utf-16-le"), "WORKBOOK".encode("utf-16-le"))
    assert capitals != data
    assert sheets(capitals)[0].rows == [[5.0]]


def test_a_password_on_an_old_workbook_is_told():
    with pytest.raises(SheetError, match="password-protected"):
        sheets(old_workbook(*RECORDS, before=_record(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48))))


def test_each_fact_of_a_binary_workbook_is_told():
    def row(place: int, height: int, flags: int) -> bytes:
        return _binary(0, struct.pack("<IIHBBBI", place, 0, height, 0, flags, 0, 0))

    cells = (
        _binary(60, struct.pack("<IIIIH", 1, 1, 2000, 0, 1)),
        _binary(145),
        row(0, 300, 0x10) + _binary(5, struct.pack("<IId", 0, 1, 5.0)),
        row(1, 0, 0) + _binary(5, struct.pack("<IId", 0, 0, 5.0)),
        row(2, 300, 0) + _binary(9, struct.pack("<IIdHI", 0, 0, 0.0, 0, 0) + bytes(4)),
        _binary(3, struct.pack("<IIB", 1, 0, 7)) + _binary(146),
        _binary(161, bytes(16)) + _binary(162),
        _binary(176, struct.pack("<IIII", 4, 6, 0, 1)),
    )
    styles = _binary(44, struct.pack("<H", 164) + _wide(EURO)) + _binary(617, bytes(4))
    styles += _binary(47, struct.pack("<HH", 0, 0) + bytes(12)) + _binary(47, struct.pack("<HH", 0, 164) + bytes(12))
    with zipfile.ZipFile(io.BytesIO(xlsb([["x"]]))) as parts:
        texts = {name: parts.read(name) for name in parts.namelist()}
    size = _binary(129) + _binary(148, struct.pack("<IIII", 0, 2, 0, 1))
    texts |= {"xl/worksheets/sheet1.bin": size + b"".join(cells) + _binary(130), "xl/styles.bin": styles + _binary(618)}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, text in texts.items():
            made.writestr(name, text)
    (sheet,) = sheets(file.getvalue())
    found = sheet.facts
    assert (found.hidden_rows, found.hidden_columns, found.merges) == ({1, 2}, {2}, ((5, 1, 7, 2),))
    assert {code: set(places) for code, places in found.formats.items()} == {EURO: {(1, 1)}}
    assert (set(found.zero_formulas), sheet.faults) == ({(3, 1)}, {(3, 2): "#DIV/0!"})
    assert found.filtered
    assert found.active
