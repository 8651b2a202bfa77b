"""Writers of the formats that no installed library writes, as small as their readers allow: xls, xlsb, ods, HTML."""

# ruff: noqa: E501

import io
import struct
import zipfile
from dataclasses import dataclass
from html import escape


@dataclass(frozen=True)
class Broken:
    """A cell that holds an error, #DIV/0!, as the formats write it."""


Value = str | float | Broken | None
DIVISION = b"\x07"
Rows = list[list[Value]]
SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def xls(rows: Rows, sheet: str = "Report") -> bytes:
    """Write BIFF8 in a compound file."""
    bof = struct.pack("<HHHHII", 0x0600, 0x0010, 0, 1997, 0, 6)
    cells = [_record(0x0809, bof)]
    for down, row in enumerate(rows):
        for right, value in enumerate(row):
            place = struct.pack("<HHH", down, right, 15)
            if isinstance(value, str):
                cells.append(_record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")))
            elif isinstance(value, Broken):
                cells.append(_record(0x0205, place + DIVISION + b"\x01"))
            elif value is not None:
                cells.append(_record(0x0203, place + struct.pack("<d", value)))
    cells.append(_record(0x000A))
    name = bytes([len(sheet), 0]) + sheet.encode("latin-1")
    top = _record(0x0809, bof[:2] + b"\x05\x00" + bof[4:]) + _record(0x0042, struct.pack("<H", 1200))
    start = len(top) + 4 + 6 + len(name) + 4
    book = top + _record(0x0085, struct.pack("<IH", start, 0) + name) + _record(0x000A) + b"".join(cells)
    return _compound(book)


def _compound(stream: bytes) -> bytes:
    """Put one stream, "Workbook", into a compound file."""
    stream = stream.ljust(4096, b"\x00")  # below, it would stand in the mini stream
    pages = -(-len(stream) // SECTOR)
    tables = 1
    while tables * 128 < tables + 1 + pages:
        tables += 1
    assert tables <= 109, "a larger file needs tables of tables"
    fat = [FAT] * tables + [END] + [tables + 2 + page for page in range(pages - 1)] + [END]
    fat += [FREE] * (tables * 128 - len(fat))
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, tables, tables, 0, 4096, END, 0, END, 0)
    header += struct.pack("<109I", *range(tables), *[FREE] * (109 - tables))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (name + "\x00").encode("utf-16-le") if name else b""
        links = struct.pack("<III", FREE, FREE, child)
        return (
            text.ljust(64, b"\x00")
            + struct.pack("<HBB", len(text), kind, 1)
            + links
            + bytes(36)
            + struct.pack("<IQ", start, size)
        )

    folder = entry("Root Entry", 5, 1, END, 0) + entry("Workbook", 2, FREE, tables + 1, len(stream))
    folder += 2 * entry("", 0, FREE, 0, 0)
    return header + struct.pack(f"<{len(fat)}I", *fat) + folder + stream.ljust(pages * SECTOR, b"\x00")


def _binary(kind: int, body: bytes = b"") -> bytes:
    """Write a record of xlsb: its kind in one or two bytes, its length in seven bits a byte."""
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = len(body), b""
    while True:
        length += bytes([size & 0x7F | (0x80 if size > 0x7F else 0)])
        size >>= 7
        if not size:
            return head + length + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsb(rows: Rows, sheet: str = "Report") -> bytes:
    """Write a binary workbook of 2007."""
    width = max(map(len, rows), default=0)
    cells = [
        _binary(129),
        _binary(148, struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, max(width - 1, 0))),
        _binary(145),
    ]
    for down, row in enumerate(rows):
        cells.append(_binary(0, struct.pack("<IIHBBBI", down, 0, 300, 0, 0, 0, 0)))
        for right, value in enumerate(row):
            place = struct.pack("<II", right, 0)
            if isinstance(value, str):
                cells.append(_binary(6, place + _wide(value)))
            elif isinstance(value, Broken):
                cells.append(_binary(3, place + DIVISION))
            elif value is not None:
                cells.append(_binary(5, place + struct.pack("<d", value)))
    cells += [_binary(146), _binary(130)]
    book = _binary(131) + _binary(143) + _binary(156, struct.pack("<II", 0, 1) + _wide("rId1") + _wide(sheet))
    book += _binary(144) + _binary(132)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    rels = '<?xml version="1.0"?><Relationships xmlns="{}/relationships"><Relationship Id="rId1" Type="{}" Target="{}"/></Relationships>'
    return _zip(
        {
            "[Content_Types].xml": f'<?xml version="1.0"?><Types xmlns="{package}/content-types">'
            '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
            "_rels/.rels": rels.format(package, f"{relation}/officeDocument", "xl/workbook.bin"),
            "xl/workbook.bin": book,
            "xl/_rels/workbook.bin.rels": rels.format(package, f"{relation}/worksheet", "worksheets/sheet1.bin"),
            "xl/worksheets/sheet1.bin": b"".join(cells),
        }
    )


def ods(rows: Rows, sheet: str = "Report") -> bytes:
    """Write an OpenDocument spreadsheet."""
    lines = []
    for row in rows:
        cells = []
        for value in row:
            if isinstance(value, str) and value:
                cells.append(
                    f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'
                )
            elif isinstance(value, Broken):  # as LibreOffice writes it: a number too
                cells.append(
                    '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0" '
                    'calcext:value-type="error"><text:p>#DIV/0!</text:p></table:table-cell>'
                )
            elif isinstance(value, (int, float)):
                cells.append(
                    f'<table:table-cell office:value-type="float" office:value="{value!r}"><text:p>{value}</text:p></table:table-cell>'
                )
            else:
                cells.append("<table:table-cell/>")
        lines.append(f"<table:table-row>{''.join(cells)}</table:table-row>")
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "calcext")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{spaces} office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="{sheet}">{"".join(lines)}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return _zip({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def html(rows: Rows) -> bytes:
    """Write a page as report programs do, and call it .xls."""
    lines = ["".join(f"<td>{escape('' if value is None else str(value))}</td>" for value in row) for row in rows]
    table = "".join(f"<tr>{line}</tr>\r\n" for line in lines)
    return (
        '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset=utf-8><title>Report</title>'
        f"<style>td {{mso-number-format:General}}</style></head><body><table border=1>\r\n{table}</table></body></html>"
    ).encode()


def _zip(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            about = zipfile.ZipInfo(name, (2026, 11, 1, 0, 0, 0))
            about.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            package.writestr(about, part)
    return file.getvalue()
