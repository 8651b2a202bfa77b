"""Files made to do harm are refused before they are parsed, and cells that read as empty are found."""

import io
import struct
import subprocess
import sys
import time
import zipfile
from contextlib import suppress

import formats
import pytest
import xlsxwriter
from test_sheet_child import PARTS, two_cells

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.file.guards import PIECE, scan
from brought_forward.bot.sheet.file.kinds import kind_of
from brought_forward.bot.sheet.file.office_xml import facts_of
from brought_forward.bot.sheet.file.parse import REASONS, limits_for, parse
from brought_forward.bot.sheet.file.refused import Refused
from brought_forward.bot.sheet.rules import Limits

LIMITS = Limits()
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
MEBIBYTE = 1 << 20


def package(parts: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, part in parts.items():
            made.writestr(name, part)
    return file.getvalue()


def book(sheet: str | bytes, **more: bytes | str) -> bytes:
    return package({**PARTS, "xl/worksheets/sheet1.xml": sheet, **more})


def rows_bomb(size: int) -> bytes:
    """Write rows without end, piece by piece."""
    file = io.BytesIO()
    row = b'<row><c t="inlineStr"><is><t>' + b"x" * 1000 + b"</t></is></c></row>"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made:
        for name, text in PARTS.items():
            made.writestr(name, text)
        with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            part.write(SHEET.split("{}", maxsplit=1)[0].encode())
            for _ in range(size // MEBIBYTE):
                part.write(row * (MEBIBYTE // len(row)))
    return file.getvalue()


def lying(bomb: bytes) -> bytes:
    """Make a zip's directory claim that its largest part is a small one."""
    with zipfile.ZipFile(io.BytesIO(bomb)) as parts:
        about = max(parts.infolist(), key=lambda one: one.file_size)
    claimed, honest = (1000).to_bytes(4, "little"), about.file_size.to_bytes(4, "little")
    at = bomb.rindex(honest)
    return bomb[:at] + claimed + bomb[at + 4 :]


ENTITIES = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
ODS = (
    '<office:document-content xmlns:office="o" xmlns:table="t"><office:body><office:spreadsheet><table:table>'
    '<table:table-row table:number-rows-repeated="1000000"><table:table-cell office:value-type="float" '
    'office:value="1" table:number-columns-repeated="1000"/></table:table-row></table:table></office:spreadsheet>'
    "</office:body></office:document-content>"
)
BOMBS = {
    "one string": (lambda: book(SHEET.format("<row><c><is><t>" + "x" * 120 * MEBIBYTE + "</t></is></c></row>")), 0.1),
    "rows": (lambda: rows_bomb(120 * MEBIBYTE), 0.1),
    "rows, with a directory that lies": (lambda: lying(rows_bomb(120 * MEBIBYTE)), 2.0),
    "two cells": (lambda: two_cells("A1", "XFD1048576"), 0.1),
    "entities": (lambda: book(ENTITIES + SHEET.format("")), 0.1),
    "ods": (lambda: package({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": ODS}), 0.1),
    "parts": (lambda: book("", **{f"xl/{number}": "" for number in range(1001)}), 0.1),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_before_it_is_parsed(name):
    make, seconds = BOMBS[name]
    bomb = make()
    best = 60.0
    for _ in range(2):
        start = time.process_time()
        with pytest.raises(Refused):
            scan(bomb, LIMITS)
        best = min(best, time.process_time() - start)
    assert best < seconds
    with pytest.raises(SheetError, match="I can't read AR"):
        parse(bomb, "AR.xlsx", LIMITS)


def test_a_cell_far_outside_that_only_has_a_format_is_no_bomb():
    sheet = SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576" s="1"/></row>')
    assert parse(book(sheet), "AR.xlsx", LIMITS)[0].rows == [[1.0]]


def test_an_honest_workbook_is_scanned_quickly():
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as made:
        sheet = made.add_worksheet()
        for row in range(50_000):
            sheet.write_row(row, 0, [f"{row:05}-Smith", "Smith", "Don Draper", row / 100, row / 10, row, "x", "y"])
    data = file.getvalue()
    start = time.process_time()
    scan(data, LIMITS)
    assert time.process_time() - start < 2  # about 0.2 s on a quiet machine


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (package({"Index/Document.iwa": "x"}), "numbers"),
        (package({"Index.zip": "x"}), "numbers"),
        (package({"[Content_Types].xml": "x", "word/document.xml": "x"}), "document"),
        (package({"[Content_Types].xml": "x", "ppt/presentation.xml": "x"}), "document"),
        (package({"mimetype": "application/vnd.oasis.opendocument.text"}, zipfile.ZIP_STORED), "document"),
        (package({"AR.xlsx": "x"}), "archive"),
        (b'{"url": "https://docs.google.com/open?id=abc", "doc_id": "abc"}', "google"),
        (b'{"doc_id":"abc","email":"a@example.com"}', "google"),
        (b"https://docs.google.com/spreadsheets/d/abc/edit#gid=0\n", "google"),
        (b"[InternetShortcut]\r\nURL=https://docs.google.com/spreadsheets/d/abc\r\n", "google"),
        (rb"{\rtf1\ansi Balances}", "document"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "web_archive"),
        (b"\x09\x04\x06\x00\x00\x00\x10\x00", "old_excel"),
        ("<html><table></table></html>".encode("utf-16"), "web_page"),
        ("Matter,Balance\n1,2\n".encode("utf-16-be"), "text"),
        (b'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="x">', "xml_sheet"),
    ],
)
def test_a_file_is_known_by_its_content_and_gets_a_sentence(data, kind):
    assert kind_of(data) == kind
    if kind in REASONS:
        with pytest.raises(SheetError) as refused:
            parse(data, "AR.xlsx", LIMITS)
        assert str(refused.value) == f"I can't read AR.xlsx: {REASONS[kind]}"


def test_a_password_on_an_open_document_is_told():
    manifest = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    with pytest.raises(SheetError, match="password-protected"):
        parse(package({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": "x"}), "AR.ods", LIMITS)


@pytest.mark.parametrize(
    ("text", "words"),
    [("1\n" * 51_001, "more than 50,000 rows"), (",".join(["x"] * 201) + "\n", "more than 200 columns")],
)
def test_more_rows_or_columns_than_balances_have_are_refused(text, words):
    with pytest.raises(SheetError, match=words):
        parse(text.encode(), "AR.csv", LIMITS)
    page = "<table>" + "".join(f"<tr><td>{line.replace(',', '<td>')}" for line in text.splitlines()) + "</table>"
    with pytest.raises(SheetError, match=words):
        parse(page.encode(), "AR.xls", LIMITS)


@pytest.mark.parametrize(
    "page",
    [
        "<table><tr><td colspan=999999999 rowspan=999999999>x" * 100,
        "<table>" * 100_000,
        "<table><tr><td>" + "<b>" * 200_000,
        "<table><tr><td>x<!--" + "-" * 500_000,
        "<table><tr><td " + "a=" * 200_000,
        "<table><tr><td>&#0;&#x110000;&#xD800;<script><td>1</script>",
    ],
)
def test_a_hostile_page_is_read_or_refused_in_good_time(page):
    start = time.perf_counter()
    try:
        parse(page.encode(), "AR.xls", Limits(wall_seconds=20))
    except SheetError as refusal:
        assert str(refusal).startswith("I can't read AR.xls: ")
    assert time.perf_counter() - start < 25


def test_a_page_gives_its_tables_one_below_the_other_as_excel_does():
    page = (
        "<html><body><table><tr><td colspan=2>As of 2026-10-31</td></tr></table><table><tr><th>Matter<th>Balance"
        "<tr><td rowspan=2>00012</td><td x:num='1234.5'>1,235</td></tr><tr><td>5<br>6</td></tr>"
        "<tr><td>=&quot;00013&quot;</td><td x:num='7'>007</td></tr></table>"
    )
    (sheet,) = parse(page.encode(), "AR.xls", LIMITS)
    assert sheet.rows == [
        ["As of 2026-10-31", ""],
        [],
        ["Matter", "Balance"],
        ["00012", 1234.5],
        ["", "5 6"],
        ["00013", "007"],
    ]


def test_an_open_document_that_breaks_off_is_refused_at_once():
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    start = time.process_time()
    with pytest.raises(SheetError, match="it is damaged"):
        parse(package({"mimetype": kind, "content.xml": ODS[:-60]}), "AR.ods", Limits(columns=2_000, rows=2_000_000))
    with pytest.raises(SheetError, match="it is damaged"):
        parse(package({"mimetype": kind, "content.xml": "<a><b></a>"}), "AR.ods", LIMITS)
    assert time.process_time() - start < 2


def test_two_cells_far_apart_in_a_binary_workbook_take_little_memory():
    near = formats.xls([["Matter", 2.0]])
    far = near.replace(struct.pack("<HHHHH", 0x0203, 14, 0, 1, 15), struct.pack("<HHHHH", 0x0203, 14, 65535, 255, 15))
    assert far != near
    assert limits_for(far, LIMITS).memory_bytes == LIMITS.binary_memory_bytes
    assert limits_for(two_cells("A1", "B2"), LIMITS) == LIMITS
    with pytest.raises(SheetError, match=r"memory|rows"):
        parse(far, "AR.xls", LIMITS)


def test_the_guards_need_only_the_standard_library():
    code = "import sys, brought_forward.bot.sheet.file.guards; sys.exit('pandas' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Of a sheet's bytes, what the scan looks for, again and again: each once cost 5 s and more for a megabyte.
NASTY = {
    "errors outside of cells": 't="e"',
    "errors in tags of their own": '<x t="e"/>',
    "errors in one cell": '<c r="A1" {}/>'.format('t="e" ' * 1000),
    "cells far outside in no tag": 'r="AAA',
    "cells far outside in one tag": "<c {}/>".format('r="AAA1" ' * 1000),
    "formulas outside of cells": "<f></f></c>",
    "formulas that do not end": "<f ",
    "cells that do not end": '<c r="A1" s="1"><v>',
    "formulas in cells that do not end": '<c r="A1" s="1"><f x>1</f><v>0',
    "rows": "<row/>",
}


def look_through(bomb: bytes) -> None:
    scan(bomb, LIMITS)
    with suppress(Refused):
        facts_of(bomb, LIMITS)


@pytest.mark.parametrize("what", NASTY)
def test_the_scan_takes_time_in_proportion_to_what_is_unpacked(what):
    repeated = NASTY[what]
    bomb = book(SHEET.format(repeated * (4 * MEBIBYTE // len(repeated))))
    assert len(bomb) < 50_000
    start = time.process_time()
    look_through(bomb)
    assert time.process_time() - start < 2.5  # the old scan took over 20 s for most of these


def test_sheets_that_a_workbook_names_without_end_are_looked_through_once():
    bomb = package({**PARTS, "xl/workbook.xml": "<sheet " * (4 * MEBIBYTE // 7)})
    start = time.process_time()
    look_through(bomb)
    assert time.process_time() - start < 2.5


def test_a_doctype_at_the_edge_of_a_piece_is_seen():
    for before in range(PIECE - 12, PIECE + 1):
        with pytest.raises(Refused, match="entities"):
            scan(book("x" * before + ENTITIES), LIMITS)


def test_a_file_made_to_do_harm_costs_the_bots_own_process_nothing():
    bombs = [book(SHEET.format('t="e"' * 800_000)), package({f"{number:05}": "" for number in range(60_000)})]
    for bomb in bombs:
        start = time.process_time()
        with pytest.raises(SheetError):
            parse(bomb, "AR.xlsx", LIMITS)
        assert time.process_time() - start < 0.3
