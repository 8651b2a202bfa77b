"""What stands between a zip and its parser: how much it unpacks to, and where its cells stand.

A workbook is inflated here once, piece by piece, with every byte counted, whatever sizes its directory claims. It runs
in the child, needs only the standard library and no more memory than a piece, and looks at no byte again and again: a
small file inflates to much, and what is made to do harm repeats what is looked for.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from xml.parsers import expat

from brought_forward.bot.sheet.cells import column_number
from brought_forward.bot.sheet.file.found import Found
from brought_forward.bot.sheet.file.open_document import Tables
from brought_forward.bot.sheet.file.refused import Refused
from brought_forward.bot.sheet.rules import Limits

PIECE = 1 << 18
SMALL = 10_000_000  # bytes: below, no ratio does harm
KEPT = 1 << 16  # of a piece that ends within a cell
ENCRYPTED = b"encryption-data"  # what a manifest says of a part
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
ENTITIES = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
FAR = re.compile(rb'r="(?:[A-Z]*[0-9]{6}|[A-Z]{3}|[G-Z][S-Z][0-9]|[H-Z][A-Z][0-9])')
REPEATED = re.compile(rb'-(columns|rows)-repeated="([0-9]{1,19})"')
REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
ENDED = re.compile(rb"<c\b[^<>]*(?:/>|></c>)")  # a cell with a format and nothing in it
MANIFEST = "META-INF/manifest.xml"


def scan(data: bytes, limits: Limits) -> dict[int, Found]:
    """Inflate a zip within the limits; give the facts of each table, by its place, where it is an OpenDocument one.

    Raises Refused: "entries", "ratio", "unpacked", "far", "entities", "password", "damaged".
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as parts:
            members = parts.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise Refused("damaged") from error
    _check_directory(members, len(data), limits)
    members.sort(key=lambda member: member.filename != MANIFEST)  # what it says is encrypted cannot be scanned
    tables = Tables(limits)
    room = limits.unpacked_bytes
    for member in members:
        room -= _scan_member(data, member, room, tables, limits)
    return tables.found


def _scan_member(data: bytes, member: zipfile.ZipInfo, room: int, tables: Tables, limits: Limits) -> int:
    """Inflate one member and look through it by its kind; give its size."""
    reader = _reader_of(member.filename)
    rest, size, tail = b"", 0, b""
    for piece in inflated(data, member):
        size += len(piece)
        if size > room:
            raise Refused("unpacked")
        if reader and ENTITIES.search(tail + piece):
            raise Refused("entities")
        if reader == "manifest" and ENCRYPTED in tail + piece:
            raise Refused("password")
        tail = piece[-len(ENCRYPTED) :]
        if reader == "sheet":
            rest = _check_sheet(rest + piece, limits)
        elif reader == "cells":  # calamine does not end on one that breaks off, so it must be well-formed
            fed(tables.parser, tables.brief(piece))
            rest = _scan_open_document(rest + piece, limits)
    if reader == "sheet":
        _check_sheet(rest, limits, last=True)
    if reader == "cells":
        fed(tables.parser, b"", last=True)
    return size


def fed(parser: expat.XMLParserType, piece: bytes, *, last: bool = False) -> None:
    """Parse a piece that holds no entities. Raises Refused("damaged")."""
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
    if name == MANIFEST:
        return "manifest"
    return "text" if name.endswith((".xml", ".rels")) else ""


def _check_sheet(text: bytes, limits: Limits, *, last: bool = False) -> bytes:
    """Look through a piece of a sheet; give back its end, from where its last cell begins."""
    end = text.rfind(b"<c ")
    end = len(text) if last or end < 0 or len(text) - end > KEPT else end
    _check_places(text[:end], limits)
    return text[end:]


def _openings(text: bytes, opening: bytes, found: Iterator[re.Match[bytes]]) -> Iterator[tuple[re.Match[bytes], int]]:
    """Give what was found with where the tag around it opens; -1 for what stands in the tag of the one before."""
    floor = 0
    for one in found:
        yield one, text.rfind(opening, floor, one.start())
        floor = one.start()


def _check_places(text: bytes, limits: Limits) -> None:
    """Refuse a cell past the limits, unless it only has a format."""
    for _, start in _openings(text, b"<", FAR.finditer(text)):
        if start < 0 or text[start : start + 3] != b"<c ":
            continue
        place = REFERENCE.search(text, start, start + 200)
        if not place or ENDED.match(text, start):
            continue
        if int(place[2]) > limits.rows or column_number(place[1].decode()) > limits.columns:
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
