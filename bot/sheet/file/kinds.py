"""What a file is by its bytes: names and labels lie."""

import codecs
import io
import re
import zipfile

PARSED = ("workbook", "text", "web_page")  # what is read; any other kind is a reason of `parse.REASONS`
ZIP, COMPOUND = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# What is inside a zip says what it is: the first that fits a member's name.
ZIPPED = {
    "workbook": re.compile(r"xl/workbook[^/]*\.(?:xml|bin)", re.IGNORECASE),
    "document": re.compile(r"(?:word|ppt|visio)/.+", re.IGNORECASE),
    "numbers": re.compile(r"Index(?:\.zip|/.+\.iwa)|index\.apxl|index\.xml"),
}
OPEN_DOCUMENT = re.compile(rb"application/vnd\.oasis\.opendocument\.([a-z]+)")
# Streams of a compound file, as UTF-16: Excel before 2007, its encrypted successor, and what else Office made.
STREAMS = {
    "password": ("EncryptedPackage",),
    "document": ("WordDocument", "PowerPoint Document", "__substg1.0_", "VisioDocument"),
    "workbook": ("Workbook", "Book", "WORKBOOK", "BOOK"),
}
SIGNATURES = {
    "pdf": re.compile(rb"\s*%PDF-"),
    "picture": re.compile(
        rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|II\*\x00|MM\x00\*|BM.{4}\x00{4}|RIFF.{4}WEBP|.{4}ftyp", re.DOTALL
    ),
    "old_excel": re.compile(rb"\x09[\x00\x02\x04\x08][\x04\x06\x08]\x00"),  # before Excel 5 there was no compound file
}
# A link to a host: alone, in a shortcut of Windows (.url) or in one of macOS (.webloc).
_LINK = (
    r"(?:https?://{0}(?:/\S*)?\s*$|\[.{{0,500}}?InternetShortcut\].{{0,500}}?URL=https?://{0}[/\s]"
    r"|<\?xml.{{0,300}}?<plist.{{0,300}}?<string>https?://{0}[/<])"
)
TEXTS = {
    "document": re.compile(r"\{\\rtf"),
    "google": re.compile(
        r'\{[^{}]*"(?:url|doc_id|resource_id)"\s*:|' + _LINK.format(r"(?:docs|drive|sheets)\.google\.com"),
        re.IGNORECASE | re.DOTALL,
    ),
    "microsoft": re.compile(
        _LINK.format(r"(?:1drv\.ms|[\w.-]*(?:onedrive\.live|sharepoint|office|live)\.com)"), re.IGNORECASE | re.DOTALL
    ),
    "link": re.compile(_LINK.format(r"[\w.-]+"), re.IGNORECASE | re.DOTALL),
    "json": re.compile(r"\{\s*[\"}]|\[\s*(?:\{\s*[\"}]|\[|\"[^\"]*\"\s*[,\]])"),
    "web_archive": re.compile(r"(?:From:[^\n]*\n(?:[^\n]+\n)*?)?MIME-Version:", re.IGNORECASE),
    "xml_sheet": re.compile(r"<\?xml[^>]*>(?:\s|<\?[^>]*\?>|<!--.*?-->)*<(?:\w+:)?Workbook\b", re.DOTALL),
    "flat_document": re.compile(r"<\?xml[^>]*>(?:\s|<!--.*?-->)*<office:document\b", re.DOTALL),
    "web_page": re.compile(r"<(?:!doctype\s+html|html|head|body|table|meta|style|div|!--|\?xml)", re.IGNORECASE),
}
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
SNIFFED = 4096  # bytes


def kind_of(data: bytes) -> str:
    """Name the kind: one of PARSED, or a reason of `parse.REASONS`."""
    if not data.strip():
        return "empty"
    if data.startswith(ZIP):
        return _zipped(data)
    if data.startswith(COMPOUND):
        streams = STREAMS.items()
        return next(
            (kind for kind, names in streams if any(name.encode("utf-16-le") in data for name in names)), "document"
        )
    for kind, signature in SIGNATURES.items():
        if signature.match(data):
            return kind
    encoding = encoding_of(data)
    if encoding is None:
        return "binary"
    head = data[:SNIFFED].decode(encoding, "ignore").lstrip("\ufeff \t\r\n")
    return next((kind for kind, start in TEXTS.items() if start.match(head)), "text")


def encoding_of(data: bytes) -> str | None:
    """Name a text's encoding: its mark, UTF-16 by where its NULs stand, "utf-8" for all else; None if it is no text."""
    for mark, name in MARKS:
        if data.startswith(mark):
            return name
    head = data[:SNIFFED]
    if b"\x00" not in head:
        return None if b"\x00" in data else "utf-8"
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 * half and odd < 0.05 * half else None


def _zipped(data: bytes) -> str:
    """Tell a zip by its members; one that cannot be listed is a damaged workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            names = parts.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        return "damaged"
    written = OPEN_DOCUMENT.search(data[:200])
    if written:
        return "workbook" if written[1] == b"spreadsheet" else "document"
    for kind, name in ZIPPED.items():
        if any(map(name.fullmatch, names)):
            return kind
    return "workbook" if "[Content_Types].xml" in names or "content.xml" in names else "archive"
