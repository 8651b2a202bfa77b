"""What Excel shows and hides beside the values: each fact of a sheet, however its file is written."""

import io
import re
import zipfile

import pytest
import xlsxwriter
from test_sheet_guards import SHEET, book, package

from brought_forward.bot.errors import SheetError
from brought_forward.bot.sheet.cells import Facts, Places, SheetCells
from brought_forward.bot.sheet.file.guards import PIECE
from brought_forward.bot.sheet.file.number_formats import telling
from brought_forward.bot.sheet.file.parse import parse
from brought_forward.bot.sheet.rules import Limits

LIMITS = Limits()
STYLES = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><numFmts count="2">'
    '<numFmt numFmtId="164" formatCode="[$€-2] #,##0.00"/><numFmt numFmtId="165" formatCode=";;;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="165"/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="164"/>'
    '<xf numFmtId="165"/><xf numFmtId="4"/></cellXfs></styleSheet>'
)


def sheets(data: bytes) -> list[SheetCells]:
    return parse(data, "AR.xlsx", LIMITS)


def facts(data: bytes) -> Facts:
    (sheet,) = sheets(data)
    return sheet.facts


def formats(found: Facts) -> dict[str, set[tuple[int, int]]]:
    return {code: set(places) for code, places in found.formats.items()}


def written(fill: object) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as made:
        fill(made)
    return file.getvalue()


def by_hand(rows: str, before: str = "", after: str = "") -> bytes:
    text = (
        SHEET.format(rows)
        .replace("<sheetData>", f"{before}<sheetData>")
        .replace("</sheetData>", f"</sheetData>{after}")
    )
    return book(text, **{"xl/styles.xml": STYLES})


def prefixed(data: bytes) -> bytes:
    """Write the same workbook as .NET's library does: each tag with a prefix."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        texts = {name: parts.read(name).decode() for name in parts.namelist()}
    for name, text in texts.items():
        if name.startswith("xl/") and not name.endswith(".rels"):
            texts[name] = re.sub(r"<(/?)(\w)", r"<\1x:\2", text).replace("xmlns=", "xmlns:x=")
    return package(texts)


def other_quotes(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return package({name: parts.read(name).decode().replace('"', "'") for name in parts.namelist()})


def fill(made: xlsxwriter.Workbook) -> None:
    sheet = made.add_worksheet("AR")
    euro = made.add_format({"num_format": "[$€-2] #,##0.00"})
    unseen = made.add_format({"num_format": ";;;"})
    plain = made.add_format({"num_format": "#,##0.00", "bold": True})
    sheet.write_row(0, 0, ["Matter", "Balance", "Paid", "Total"])
    for row in range(1, 8):
        sheet.write_string(row, 0, f"{row:05}")
        sheet.write_number(row, 1, row, euro if row in {2, 3, 5} else plain)
        sheet.write_number(row, 2, row, unseen if row == 4 else None)
        sheet.write_formula(row, 3, f"=B{row}", None, 0 if row in {3, 4} else row)
    sheet.write_blank(7, 4, None, euro)  # nothing in it: no amount of another currency
    sheet.set_row(4, None, None, {"hidden": True})
    sheet.set_row(5, 0)
    sheet.set_row(6, None, None, {"level": 1, "hidden": True})
    sheet.set_column("B:B", None, None, {"hidden": True})
    sheet.set_column("C:C", 0)
    sheet.merge_range("F2:G4", "x")
    sheet.autofilter("A1:D8")
    made.add_worksheet("Other").write("A1", "x")
    made.worksheets()[1].activate()


@pytest.mark.parametrize("alike", [bytes, prefixed, other_quotes])
def test_each_fact_of_a_workbook_is_told_however_its_xml_is_written(alike):
    one, other = sheets(alike(written(fill)))
    found = one.facts
    assert found.hidden_rows == {5, 6, 7}
    assert found.hidden_columns == {2, 3}
    assert found.merges == ((2, 6, 4, 7),)
    assert formats(found) == {"[$€-2] #,##0.00": {(3, 2), (4, 2), (6, 2)}, ";;;": {(5, 3)}}
    assert set(found.zero_formulas) == {(4, 4), (5, 4)}
    assert (found.filtered, found.active, other.facts.filtered, other.facts.active) == (True, False, False, True)


def test_rows_and_cells_without_a_place_of_their_own_are_counted():
    rows = "<row><c><v>1</v></c></row><row hidden='true'><c><v>2</v></c><c s='1'><v>3</v></c></row>"
    found = facts(by_hand(rows))
    assert (found.hidden_rows, formats(found)) == ({2}, {"[$€-2] #,##0.00": {(2, 2)}})


def test_heights_and_widths_of_nothing_hide():
    rows = (
        '<row r="1" ht="15"><c r="A1"><v>1</v></c><c r="D1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row>'
    )
    found = facts(
        by_hand(
            rows,
            '<sheetFormatPr defaultColWidth="0" defaultRowHeight="0"/><cols><col min="1" max="1" width="9"/></cols>',
        )
    )
    assert found.hidden_rows == {2}
    assert found.hidden_columns == set(range(2, LIMITS.columns + 1))


def test_rows_that_are_written_are_seen_where_excel_hides_those_that_are_not():
    rows = '<row r="2"><c r="A2"><v>2</v></c></row><row r="3" hidden="1"><c r="A3"><v>2</v></c></row>'
    assert facts(by_hand(rows, '<sheetFormatPr defaultRowHeight="0" zeroHeight="1"/>')).hidden_rows == {3}


@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize(("height", "hides"), [("15", 0), ("0", 1)])
def test_rows_that_tell_nothing_are_passed_over_and_no_others(quote: str, height: str, hides: int):
    def row(number: int) -> str:
        place = f' r="{number}"' if number % 10 else ""
        hidden = ' hidden="1"' if number % 7 == 0 else ' hidden="false" customFormat="0"' if number % 3 else ""
        tall = "" if number % 2 else f' ht="{0 if number % 11 == 0 else 12.8}"'
        cell = f'<c r="A{number}"' if number % 10 else "<c"
        return f"<row{place}{hidden}{tall}>{cell}><v>{number}</v></c></row>"

    rows = "".join(map(row, range(1, 12_001)))
    assert len(rows) > 2 * PIECE
    found = facts(by_hand(rows.replace('"', quote), f'<sheetFormatPr defaultRowHeight="{height}"/>'))
    assert found.hidden_rows == {
        number
        for number in range(1, 12_001)
        if number % 7 == 0 or (number % 2 == 0 and number % 11 == 0) or (hides and number % 2)
    }


def test_formulas_of_nothing_and_without_a_value_are_told_apart():
    rows = (
        '<row r="2"><c r="A2"><f>B2</f><v>0</v></c><c r="B2"><f>A2</f><v>-0.00</v></c><c r="C2"><f>A2</f><v/></c>'
        '<c r="D2"><f t="shared" si="0"/><v>0</v></c><c r="E2" t="str"><f>A2</f><v></v></c><c r="F2" t="b"><f>A2</f>'
        '<v>0</v></c><c r="G2"><f>A2</f><v>0.01</v></c><c r="H2"><v>0</v></c><c r="I2" t="str"><f>A2</f></c></row>'
    )
    (sheet,) = sheets(by_hand(rows))
    assert set(sheet.facts.zero_formulas) == {(2, 1), (2, 2), (2, 4)}
    assert sheet.faults == {(2, 3): "formula", (2, 9): "formula"}


def test_facts_are_found_wherever_a_piece_ends():
    rows = "".join(
        f'<row r="{row}" hidden="{row % 2}">'
        f'<c r="A{row}" s="1"><v>1</v></c><c r="B{row}" t="str"><f>IF(A{row}&gt;0,"{"x" * 100}","")</f><v>x</v></c>'
        f'<c r="C{row}" s="3"><v>2</v></c></row>'
        for row in range(1, 6001)
    )
    assert len(rows) > 4 * PIECE
    found = facts(by_hand(rows))
    assert found.hidden_rows == set(range(1, 6001, 2))
    assert formats(found) == {"[$€-2] #,##0.00": {(row, 1) for row in range(1, 6001)}}


def test_errors_and_formulas_without_a_value_are_found_wherever_a_piece_ends():
    cells = "".join(
        f'<row r="{row}"><c r="A{row}" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B{row}"><f>A1</f></c>'
        f'<c r="C{row}"><f t="shared" si="0"/></c>'
        f'<c r="D{row}" t="str"><f>A1</f><v></v></c><c r="E{row}"><f>1</f><v>1</v></c></row>'
        for row in range(1, 5001)
    )
    (sheet,) = sheets(book(SHEET.format(cells)))
    faults = sheet.faults
    assert len(faults) == 15_000
    assert (faults[1, 1], faults[5000, 2], faults[77, 3]) == ("#DIV/0!", "formula", "formula")


def test_a_sheet_whose_facts_have_no_end_is_refused_within_the_limits():
    far = "".join(f'<mergeCell ref="A{n}:B{n}"/>' for n in range(1, 300_000))
    data = by_hand('<row r="1"><c r="A1"><v>1</v></c></row>', after=f"<mergeCells>{far}</mergeCells>")
    with pytest.raises(SheetError, match="far more in it"):
        sheets(data)


def test_a_sheet_that_breaks_off_is_refused():
    with pytest.raises(SheetError, match="damaged"):
        sheets(book(SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row>').replace("</worksheet>", "")))


@pytest.mark.parametrize(
    "code",
    ["General", "0", "0.00", "#,##0.00", "#,##0.00_);(#,##0.00)", "#,##0.00_);[Red]\\(#,##0.00\\)", "@", "yyyy-mm-dd",
     "[$-409]mmmm\\ d\\,\\ yyyy;@", '_(* #,##0.00_);_(* \\(#,##0.00\\);_(* "-"??_);_(@_)', "#,##0.00;-#,##0.00",
     "m/d/yy h:mm AM/PM", "00000", "[h]:mm:ss", "#,##0.00;[Red]-#,##0.00"],
)  # fmt: skip
def test_a_format_that_shows_the_plain_value_tells_nothing(code):
    assert not telling(code)


@pytest.mark.parametrize(
    "code",
    ["$#,##0.00", '"$"#,##0.00', "[$€-2] #,##0.00", "#,##0,", "#,##0.0,,", ";;;", "0%",
     '0.00" CR"', "#,##0.00;#,##0.00",
     "#,##0.00;[Red]#,##0.00", "-#,##0.00", '0.00;"Credit" 0.00', "[<0]0.00;0", '"paid"', "0.00E+00",
     "#,##0.00;;", "x" * 300],
)  # fmt: skip
def test_a_format_that_names_hides_or_scales_tells_something(code):
    assert telling(code)


def test_places_are_found_and_counted_by_their_runs():
    places = Places({2: [[3, 5], [8, 8]], 4: [[1, 1]]})
    assert list(places) == [(3, 2), (4, 2), (5, 2), (8, 2), (1, 4)]
    assert len(places) == 5
    assert [(row, 2) in places for row in range(2, 10)] == [False, True, True, True, False, False, True, False]
    assert "x" not in places


NAMES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text", "style", "number", "calcext")
)
STYLED = """
<office:automatic-styles>
<number:currency-style style:name="N1"><number:currency-symbol>€</number:currency-symbol><number:number/>
</number:currency-style><number:number-style style:name="N2"><number:number number:decimal-places="2"/>
</number:number-style><number:number-style style:name="N3"/>
<number:number-style style:name="N4"><number:number number:display-factor="1000"/></number:number-style>
<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N1"/>
<style:style style:name="ce2" style:family="table-cell" style:data-style-name="N2"/>
<style:style style:name="ce3" style:family="table-cell" style:data-style-name="N3"/>
<style:style style:name="ce4" style:family="table-cell" style:data-style-name="N4"/>
<style:style style:name="co0" style:family="table-column"><style:table-column-properties style:column-width="0in"/>
</style:style>
<style:style style:name="ro0" style:family="table-row"><style:table-row-properties style:row-height="0.000cm"/>
</style:style>
<style:style style:name="ro1" style:family="table-row"><style:table-row-properties style:row-height="0.45cm"/>
</style:style>
</office:automatic-styles>"""
TABLE = """
<table:table table:name="AR">
<table:table-column table:default-cell-style-name="ce1"/>
<table:table-column table:style-name="co0" table:number-columns-repeated="2"/>
<table:table-column table:visibility="collapse"/>
<table:table-row table:style-name="ro1">
<table:table-cell office:value-type="float" office:value="1"><text:p>1</text:p></table:table-cell>
<table:table-cell table:style-name="ce2" office:value-type="float" office:value="2"><text:p>2</text:p>
</table:table-cell>
<table:table-cell table:style-name="ce3" office:value-type="float" office:value="3"><text:p/></table:table-cell>
<table:table-cell table:style-name="ce4" office:value-type="float" office:value="4"><text:p>4</text:p>
</table:table-cell>
</table:table-row>
<table:table-row table:visibility="filter" table:number-rows-repeated="2">
<table:table-cell table:style-name="ce2" table:formula="of:=1-1" office:value-type="float" office:value="0">
<text:p>0</text:p></table:table-cell>
<table:table-cell office:value-type="currency" office:currency="CAD" office:value="5"><text:p>5</text:p>
</table:table-cell></table:table-row>
<table:table-row-group table:display="false"><table:table-row>
<table:table-cell office:value-type="string" table:number-rows-spanned="2" table:number-columns-spanned="3">
<text:p>a <text:span>b</text:span> <text:span>c</text:span></text:p></table:table-cell></table:table-row>
</table:table-row-group>
<table:table-row table:style-name="ro0"><table:table-cell office:value-type="string"><text:p>x</text:p>
</table:table-cell></table:table-row></table:table>
"""
KIND = "application/vnd.oasis.opendocument.spreadsheet"


def open_document(*, flat: bool = False, kind: bool = True) -> bytes:
    root = "office:document" if flat else "office:document-content"
    told = f' office:mimetype="{KIND}"' if flat else ""
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root}{NAMES}{told}>{STYLED}<office:body>'
        f"<office:spreadsheet>{TABLE}</office:spreadsheet></office:body></{root}>"
    )
    return text.encode() if flat else package(({"mimetype": KIND} if kind else {}) | {"content.xml": text})


@pytest.mark.parametrize("told", [{}, {"flat": True}, {"kind": False}])
def test_each_fact_of_an_open_document_is_told_with_white_space_between_its_tags_flat_or_without_its_kind(told):
    (sheet,) = parse(open_document(**told), "AR.ods", LIMITS)
    found = sheet.facts
    assert (found.hidden_rows, found.hidden_columns) == ({2, 3, 4, 5}, {2, 3, 4})
    assert found.merges == ((4, 1, 5, 3),)
    assert formats(found) == {
        "[$€]#,##0.00": {(1, 1)}, ";;;": {(1, 3)}, "#,##0.00,": {(1, 4)}, "[$CAD] 0.00": {(2, 2), (3, 2)}
    }  # fmt: skip
    assert set(found.zero_formulas) == {(2, 1), (3, 1)}
    assert found.filtered
    assert sheet.rows[3][0] == "a b c"


TEXT_CELL = (
    '<table:table-cell office:value-type="string" calcext:value-type="string"><text:p>Smith</text:p></table:table-cell>'
)
ZERO_CELL = '<table:table-cell table:formula="of:=1-1" office:value-type="float" office:value="0"/>'
WIDE_CELL = TEXT_CELL.replace(" ", ' table:number-columns-repeated="2" ', 1)
ERROR_CELL = (
    '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value=""'
    ' calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
)


@pytest.mark.parametrize("style", ["", ' table:style-name="ce1"', ' table:style-name="ce2"'])
def test_cells_that_tell_nothing_are_passed_over_and_no_others(style: str):
    number = (
        f'<table:table-cell{style} office:value-type="float" office:value="1.5"><text:p>1.5</text:p></table:table-cell>'
    )
    telling = [ZERO_CELL, ERROR_CELL, TEXT_CELL]
    rows = "".join(
        f"<table:table-row>{TEXT_CELL}{number}<table:table-cell/>{WIDE_CELL}{number}{telling[row % 3]}{TEXT_CELL}"
        "</table:table-row>"
        for row in range(1, 2001)
    )
    assert len(rows) > 4 * PIECE
    styles = STYLED if style else ""
    text = f"<office:document-content{NAMES}>{styles}<office:body><office:spreadsheet>"
    text += f'<table:table table:name="AR">{rows}</table:table></office:spreadsheet></office:body>'
    (sheet,) = parse(package({"content.xml": f"{text}</office:document-content>"}), "AR.ods", LIMITS)
    numbers = {(row, column) for row in range(1, 2001) for column in (2, 6)}
    assert formats(sheet.facts) == ({"[$€]#,##0.00": numbers} if "ce1" in style else {})
    assert set(sheet.facts.zero_formulas) == {(row, 7) for row in range(3, 2001, 3)}
    assert sheet.faults == {(row, 7): "#DIV/0!" for row in range(1, 2001, 3)}
