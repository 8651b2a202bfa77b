"""Files that are not what they say, or that are made to do harm: a sentence each, and the reader lives on."""

import gc
import io
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
import xlsxwriter

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.file.child import CHUNK
from brought_forward.bot.sheet.file.parse import CHILDREN, _hear, parse, sheets_told
from brought_forward.bot.sheet.file.refused import Refused
from brought_forward.bot.sheet.read import SheetRules, read_sheet
from brought_forward.bot.sheet.rules import Limits

LIMITS = Limits()
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Target="xl/workbook.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/>'
    "</Relationships>",
    "xl/workbook.xml": '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
    'Target="worksheets/sheet1.xml"/></Relationships>',
}


def two_cells(first: str, second: str) -> bytes:
    """Write a workbook of two number cells, by hand: no writer makes the cells of a bomb so small."""
    rows = "".join(
        f'<row r="{cell.strip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")}"><c r="{cell}"><v>1</v></c></row>'
        for cell in (first, second)
    )
    sheet = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, text in {**PARTS, "xl/worksheets/sheet1.xml": sheet}.items():
            parts.writestr(name, text)
    return file.getvalue()


def workbook(rows: list[list[object]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return file.getvalue()


def refusal(data: bytes, limits: Limits = LIMITS) -> str:
    with pytest.raises(SheetError) as raised:
        parse(data, "AR.xlsx", limits)
    assert str(raised.value).startswith("I can't read AR.xlsx: ")
    return str(raised.value)


def rows_of(data: bytes) -> list[list[object]]:
    (sheet,) = parse(data, "AR.csv", Limits())
    return sheet.rows


def test_an_abort_of_the_child_leaves_the_reader_unharmed():
    bomb = two_cells("A1", "XFD1048576")
    assert len(bomb) < 1500
    past_the_guards = Limits(rows=2_000_000, columns=20_000)
    assert "takes more memory than a sheet of balances may" in refusal(bomb, past_the_guards)
    assert rows_of(two_cells("A1", "B2")) == [[1.0, ""], ["", 1.0]]


def test_an_answer_that_breaks_off_is_not_taken_for_a_short_sheet():
    told = b'{"name": "AR", "index": 0, "start": [0, 0]}\n[["Matter", "Balance"]]\n[["00012", 1.0'
    with pytest.raises(Refused, match="failed"):
        sheets_told(_hear(io.BytesIO(told)))


def test_a_sheet_of_several_lines_of_json_comes_whole():
    rows = [[float(number)] for number in range(2 * CHUNK + 1)]
    assert rows_of(workbook(rows)) == rows


@pytest.mark.parametrize("on", [True, False])
def test_a_reading_leaves_the_garbage_collector_as_it_was(on):
    try:
        (gc.enable if on else gc.disable)()
        read_sheet(workbook([["Matter", "Balance"], ["00012", 1]]), "AR.xlsx", SheetRules("USD", day_first=False))
        assert gc.isenabled() is on
    finally:
        gc.enable()


def test_a_sheet_that_takes_too_long_is_refused():
    assert "takes too long" in refusal(workbook([["Matter"]]), Limits(wall_seconds=0.001))


@pytest.mark.skipif(sys.platform != "linux", reason="the limit on time at work is the system's")
def test_a_sheet_that_takes_too_much_work_is_refused():
    data = (b",".join([b"1234.56"] * 200) + b"\n") * 50_000  # two seconds of work and more
    assert "takes too long" in refusal(data, Limits(cpu_seconds=1, memory_bytes=2 << 30))


def test_a_file_that_inflates_past_the_limit_is_refused():
    assert "more memory" in refusal(b"00," * 1_500_000, Limits(memory_bytes=100 << 20))
    assert "far more in it" in refusal(workbook([["Matter"] * 100]), Limits(output_bytes=100))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "there is nothing in it"),
        (b" \r\n\t", "there is nothing in it"),
        (b"\xef\xbb\xbf,,\r\n,,\r\n", "there is nothing in it"),
        (workbook([]), "there is nothing in it"),
        (b"PK\x03\x04" + bytes(range(256)) * 8, "not an Excel workbook, or it is damaged"),
        (workbook([["Matter", "Balance"]])[:-200], "not an Excel workbook, or it is damaged"),
        (bytes(range(256)) * 8, "neither an Excel workbook nor a CSV file"),
        (b"\x81\x8d\x8f" * 20, "neither an Excel workbook nor a CSV file"),
        (COMPOUND_FILE + "EncryptedPackage".encode("utf-16-le") + bytes(96), "it is password-protected"),
        (COMPOUND_FILE + "Workbook".encode("utf-16-le") + bytes(96), "not an Excel workbook, or it is damaged"),
        (b"\r\n <html><body>Balances</body></html>", "it is a web page without a table"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "it is an XML spreadsheet"),
        (b"%PDF-1.7\n1 0 obj", "it is a PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "it is a picture"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "it is a picture"),
        (bytes(3) + b"\x18ftypheic" + bytes(40), "it is a picture"),
        (b'Matter,Balance\r\n1,"2\r\n3,4\r\n', "around line 3 do not close"),
    ],
)
def test_a_file_that_is_no_sheet_gets_a_sentence_on_what_to_do(data, words):
    assert words in refusal(data)


def test_a_hidden_sheet_is_not_read():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        shown, hidden = book.add_worksheet("Shown"), book.add_worksheet("Hidden")
        hidden.hide()
        shown.write("B2", "x")
        hidden.write("A1", "y")
    sheets = parse(file.getvalue(), "AR.xlsx", Limits())
    assert [(sheet.sheet, sheet.first_row, sheet.first_column, sheet.rows) for sheet in sheets] == [
        ("Shown", 2, 2, [["x"]])
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_a_text_is_read_in_each_usual_encoding(encoding):
    assert rows_of("Matter,Client\r\n1,Müller €\r\n".encode(encoding)) == [["Matter", "Client"], ["1", "Müller €"]]


@pytest.mark.parametrize(
    "text",
    [
        "Matter;Client;Balance\n1;Smith, John;1.234,50\n2;Lee, A;5,00\n",
        "Acme; Smith\nReport of October 31, 2026\n\nMatter;Client;Balance\n1;Smith, John;1.234,50\n",
        'Acme, Smith & Co\nAs of October 31, 2026\n\nMatter,Client,Balance\n1,"Smith; John","1,234.50"\n',
        "Matter\tClient\tBalance\n1\tSmith, John\t1,234.50\n2\tLee, A\t5.00\n",
        "Matter|Client|Balance\n1|Smith, John|1,234.50\n2|Lee, A|5.00\n",
        "sep=;\r\nMatter;Client;Balance\r\n1;a,b;1,5\r\n",
        "SEP=\t\nMatter\tClient\tBalance\n1\ta,b\t1,5\n",
    ],
)
def test_the_delimiter_is_found_or_told(text):
    assert ["Matter", "Client", "Balance"] in rows_of(text.encode())
    assert {len(row) for row in rows_of(text.encode())[-2:]} == {3}


def test_ragged_and_blank_rows_are_kept_so_that_row_numbers_are_true():
    assert rows_of(b"Matter,Balance\n\n1,2,3\n4\n") == [["Matter", "Balance"], [], ["1", "2", "3"], ["4"]]


def test_the_child_starts_without_pandas():
    code = "import sys, brought_forward.bot.sheet.file.child; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(sys.platform != "linux", reason="children are counted in /proc")
def test_two_files_are_parsed_at_once_and_no_third():
    data = workbook([[str(row), "x", row] for row in range(5_000)])
    most = 0
    with ThreadPoolExecutor(6) as pool:
        readings = [pool.submit(parse, data, "AR.xlsx", LIMITS) for _ in range(6)]
        while not all(one.done() for one in readings):
            most = max(most, len(children()))
    assert all(len(one.result()[0].rows) == 5_000 for one in readings)
    assert most == 2
    assert CHILDREN * LIMITS.memory_bytes <= 1536 << 20


def children() -> list[str]:
    """Name the processes of this one that parse."""
    mine = []
    for about in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parent = about.joinpath("stat").read_text().rpartition(")")[2].split()[1]
            if parent == str(os.getpid()) and b"sheet.file.child" in about.joinpath("cmdline").read_bytes():
                mine.append(about.name)
    return mine
