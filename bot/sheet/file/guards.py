"""What stands between a zip and its parser: how much it unpacks to, where its cells stand, which have no value.

A workbook is inflated here once, piece by piece, with every byte counted, whatever sizes its directory claims. It runs
in the child, needs only the standard library and no more memory than a piece, and looks at no byte again and again: a
small file inflates to much, and what is made to do harm repeats what is looked for.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from io import BytesIO
from posixpath import join, normpath
from xml.parsers import expat

from brought_forward.bot.sheet.file.open_document import FORMULA, MOST, UNNAMED, Faults, Tables
from brought_forward.bot.sheet.rules import Limits

PIECE = 1 << 18
SMALL = 10_000_000  # bytes: below, no ratio does harm
KEPT = 1 << 16  # of a piece that ends within a cell
LONGEST_PART = 20_000_000  # of workbook.xml, its relations and a manifest
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
FAR = re.compile(rb'r="(?:[A-Z]*[0-9]{6}|[A-Z]{3}|[G-Z][S-Z][0-9]|[H-Z][A-Z][0-9])')
REPEATED = re.compile(rb'-(columns|rows)-repeated="([0-9]{1,19})"')
# Of a formula without a stored value the end is looked for: cells are many, and few end so.
VALUELESS = re.compile(rb"</f></c>|<f [^<>]*/></c>|<f/></c>")
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
ERROR = re.compile(rb'<c [^<>]*?\bt="e"')
VALUE = re.compile(rb"<v>([^<]{1,20})</v>")
ENDED = re.compile(rb"<c\b[^<>]*(?:/>|></c>)")  # a cell with a format and nothing in it
NAMED_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^<>]*>")
RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^<>]*>")


class Refused(Exception):  # noqa: N818
    """Give up on the file; the text is one of the reasons that `parse.REASONS` puts into words."""


MANIFEST = "META-INF/manifest.xml"


@dataclass(slots=True)
class Scan:
    """What the scan of a workbook found."""

    # By the sheet's place in the workbook.
    faults: dict[int, Faults] = field(default_factory=dict)


def scan(data: bytes, limits: Limits) -> Scan:
    """Inflate a zip within the limits and find the cells that calamine would give as empty.

    Raises Refused: "entries", "ratio", "unpacked", "far", "entities", "password", "damaged".
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as parts:
            members = parts.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise Refused("damaged") from error
    _check_directory(members, len(data), limits)
    members.sort(key=lambda member: member.filename != MANIFEST)  # what it says is encrypted cannot be scanned
    found = Scan()
    sheets: dict[str, Faults] = {}
    kept: dict[str, bytes] = {}
    room = limits.unpacked_bytes
    for member in members:
        faults: Faults = {}
        tables = Tables() if _reader_of(member.filename) == "cells" else None
        room -= _scan_member(data, member, room, faults, tables, kept, limits)
        if faults:
            sheets[member.filename] = faults
        if tables:
            found.faults = tables.faults
        if member.filename == MANIFEST and b"encryption-data" in kept.get(MANIFEST, b""):
            raise Refused("password")
    found.faults |= {number: sheets[name] for number, name in enumerate(_sheet_parts(kept)) if name in sheets}
    return found


def _scan_member(
    data: bytes,
    member: zipfile.ZipInfo,
    room: int,
    faults: Faults,
    tables: Tables | None,
    kept: dict[str, bytes],
    limits: Limits,
) -> int:
    """Inflate one member and look through it by its kind; give its size."""
    reader = _reader_of(member.filename)
    rest, size, tail = b"", 0, b""
    for piece in inflated(data, member):
        size += len(piece)
        if size > room:
            raise Refused("unpacked")
        if reader and ENTITIES.search(tail + piece):
            raise Refused("entities")
        tail = piece[-9:]
        if reader == "sheet":
            rest = _scan_sheet(rest + piece, faults, limits)
        elif tables:  # calamine does not end on one that breaks off, so it must be well-formed
            _parse(tables.parser, piece)
            rest = _scan_open_document(rest + piece, limits)
        elif reader == "kept" and size < LONGEST_PART:
            kept[member.filename] = kept.get(member.filename, b"") + piece
    if reader == "sheet":
        _scan_sheet(rest, faults, limits, last=True)
    if tables:
        _parse(tables.parser, b"", last=True)
    return size


def _parse(parser: expat.XMLParserType, piece: bytes, *, last: bool = False) -> None:
    if ENTITIES.search(piece):
        raise Refused("entities")
    try:
        parser.Parse(piece, last)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise Refused("damaged") from error


def inflated(data: bytes, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Give a member's bytes piece by piece, as far as they go: its claimed size is not believed. Raises Refused."""
    start = member.header_offset
    header = data[start : start + 30]
    if len(header) < 30 or header[:4] != b"PK\x03\x04":
        raise Refused("damaged")
    start += 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
    packed = data[start : start + member.compress_size]
    if member.flag_bits & 1:
        raise Refused("password")
    if member.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if member.compress_type != zipfile.ZIP_DEFLATED:
        raise Refused("damaged")
    engine = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while packed and not engine.eof:
            yield engine.decompress(packed, PIECE)
            packed = engine.unconsumed_tail
        yield engine.flush()  # what the last bytes of input still hold
    except zlib.error as error:
        raise Refused("damaged") from error


def _check_directory(members: list[zipfile.ZipInfo], packed: int, limits: Limits) -> None:
    """Refuse what the directory alone shows; it may lie, so that all is counted again while inflating."""
    if len(members) > limits.entries:
        raise Refused("entries")
    claimed = sum(member.file_size for member in members)
    if claimed > SMALL and claimed > packed * limits.ratio:
        raise Refused("ratio")
    if claimed > limits.unpacked_bytes:
        raise Refused("unpacked")


def _reader_of(name: str) -> str:
    if SHEET.fullmatch(name):
        return "sheet"
    if name == "content.xml":
        return "cells"
    kept = name.endswith(("workbook.xml", "workbook.xml.rels")) or name == MANIFEST
    return "kept" if kept else "text" if name.endswith(".xml") else ""


def _scan_sheet(text: bytes, faults: Faults, limits: Limits, *, last: bool = False) -> bytes:
    """Look through a piece of a sheet; give back its end, from where its last cell begins."""
    end = text.rfind(b"<c ")
    end = len(text) if last or end < 0 or len(text) - end > KEPT else end
    whole = text[:end]
    _check_places(whole, limits)
    if b't="e"' in whole:
        errors = list(ERROR.finditer(whole))
        ends = [error.start() for error in errors[1:]] + [len(whole)]
        for error, ended in zip(errors, ends, strict=False):  # one end more where there is no error
            value = VALUE.search(whole, error.end(), min(error.end() + 4096, ended))
            _mark(whole, error.start(), faults, value[1].decode("ascii", "replace") if value else UNNAMED)
    if b"<f" in whole:
        for _, start in _openings(whole, b"<c ", VALUELESS.finditer(whole)):
            _mark(whole, start, faults, FORMULA)
    return text[end:]


def _openings(text: bytes, opening: bytes, found: Iterator[re.Match[bytes]]) -> Iterator[tuple[re.Match[bytes], int]]:
    """Give what was found with where the tag around it opens; -1 for what stands in the tag of the one before."""
    floor = 0
    for one in found:
        yield one, text.rfind(opening, floor, one.start())
        floor = one.start()


def _mark(text: bytes, start: int, faults: Faults, fault: str) -> None:
    place = REFERENCE.search(text, start, start + 200) if start >= 0 else None
    if place and len(faults) < MOST:
        faults[int(place[2]), column_number(place[1])] = fault


def _check_places(text: bytes, limits: Limits) -> None:
    """Refuse a cell past the limits, unless it only has a format."""
    for _, start in _openings(text, b"<", FAR.finditer(text)):
        if start < 0 or text[start : start + 3] != b"<c ":
            continue
        place = REFERENCE.search(text, start, start + 200)
        if not place or ENDED.match(text, start):
            continue
        if int(place[2]) > limits.rows or column_number(place[1]) > limits.columns:
            raise Refused("far")


def _scan_open_document(text: bytes, limits: Limits) -> bytes:
    """Refuse repetitions that fill a sheet, unless of cells and rows with nothing in them."""
    end = text.rfind(b"<")
    end = len(text) if end < 0 or len(text) - end > KEPT else end
    filled = False
    for repeated, start in _openings(text, b"<", REPEATED.finditer(text, 0, end)):
        if start >= 0:
            tag = text[start : text.find(b">", start) + 1]
            filled = tag.startswith(b"<table:table-cell") and (b"value" in tag or b"formula" in tag)
        limit = limits.columns if repeated[1] == b"columns" else limits.rows
        if filled and int(repeated[2]) > limit:
            raise Refused("far")
    return text[end:]


def _sheet_parts(kept: dict[str, bytes]) -> list[str]:
    """Name the parts that hold the workbook's sheets, in its order."""
    book = next((name for name in kept if name.endswith("workbook.xml")), None)
    if book is None:
        return []
    folder, _, file = book.rpartition("/")
    relations = {
        _attribute(tag, b"Id"): _attribute(tag, b"Target")
        for tag in RELATION.findall(kept.get(f"{folder}/_rels/{file}.rels", b""))
    }
    targets = [relations.get(_attribute(tag, rb"\w+:id"), "") for tag in NAMED_SHEET.findall(kept[book])]
    return [normpath(join("/", folder, target)).lstrip("/") for target in targets]


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\s" + name + rb'\s*=\s*["\']([^"\']*)', tag)
    return unescape(found[1].decode("utf-8", "replace")) if found else ""


def column_number(letters: bytes) -> int:
    """Give a column its number: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
