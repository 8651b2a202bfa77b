"""The compound file that Excel before 2007 writes its workbook into: sectors, chained by a table (MS-CFB)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from brought_forward.bot.sheet.file.refused import Refused

STREAMS = ("Workbook", "Book")  # Excel 97 to 2003, and 5 and 95; the only spellings that calamine knows
NONE = 0xFFFFFFFA  # from here on a sector's number is a mark: free, the end of a chain, a table
ENTRY = 128  # bytes of a directory's entry
FOLDER, TREE = 5, 2  # kinds of entry: the root, which holds the small streams, and a stream


@dataclass(frozen=True, slots=True)
class Entry:
    """A stream in the directory."""

    name: str
    kind: int
    start: int
    size: int
    at: int  # where its entry stands in the file


class Compound:
    """Read the streams of a compound file. Raises Refused("damaged")."""

    def __init__(self, data: bytes) -> None:
        try:
            self._read(data)
        except (struct.error, IndexError, OverflowError) as error:
            raise Refused("damaged") from error

    def _read(self, data: bytes) -> None:
        self._data = data
        shift, small_shift = struct.unpack_from("<HH", data, 30)
        if shift not in {9, 12} or small_shift != 6:
            raise Refused("damaged")
        self._size: int = 1 << shift
        self._small_size: int = 1 << small_shift
        tables, folder, _, self._least, small_table, _, more, _ = struct.unpack_from("<I I I I I I I I", data, 44)
        numbers = [number for number in struct.unpack_from("<109I", data, 76) if number < NONE]
        seen = 0
        while more < NONE and seen * self._size < len(data):
            *further, more = struct.unpack_from(f"<{self._size // 4}I", data, self._at(more))
            numbers += [number for number in further if number < NONE]
            seen += 1
        self._next: list[int] = []
        for number in numbers[:tables]:
            self._next += struct.unpack_from(f"<{self._size // 4}I", data, self._at(number))
        self.entries = list(self._listed(folder))
        root = next((entry for entry in self.entries if entry.kind == FOLDER), None)
        self._small = self._joined(root.start) if root and root.start < NONE else b""
        table = self._joined(small_table) if small_table < NONE else b""
        self._small_next = list(struct.unpack(f"<{len(table) // 4}I", table))

    def _at(self, number: int) -> int:
        return (number + 1) * self._size

    def _chain(self, start: int, following: list[int]) -> Iterator[int]:
        """Give the sectors of a chain; one that goes round ends where it has been through the whole table."""
        for _ in following:
            if start >= NONE:
                return
            yield start
            start = following[start]

    def _joined(self, start: int) -> bytes:
        return b"".join(
            self._data[self._at(one) : self._at(one) + self._size] for one in self._chain(start, self._next)
        )

    def _listed(self, folder: int) -> Iterator[Entry]:
        for sector in self._chain(folder, self._next):
            for at in range(self._at(sector), min(self._at(sector) + self._size, len(self._data) - ENTRY + 1), ENTRY):
                length, kind = struct.unpack_from("<HB", self._data, at + 64)
                name = self._data[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
                start, size = struct.unpack_from("<II", self._data, at + 116)
                yield Entry(name, kind, start, size, at)

    def workbook(self) -> Entry | None:
        """Find the stream of the workbook, however its name is written."""
        for name in STREAMS:
            for entry in self.entries:
                if entry.kind == TREE and entry.name.casefold() == name.casefold():
                    return entry
        return None

    def stream(self, entry: Entry) -> bytes:
        """Give the bytes of a stream. Raises Refused("damaged")."""
        try:
            if entry.size >= self._least:
                return self._joined(entry.start)[: entry.size]
            size = self._small_size
            return b"".join(
                self._small[one * size : (one + 1) * size] for one in self._chain(entry.start, self._small_next)
            )[: entry.size]
        except IndexError as error:
            raise Refused("damaged") from error


def with_known_name(data: bytes) -> bytes:
    """Write the name of the workbook's stream as calamine looks for it: some programs write it in capitals."""
    entry = Compound(data).workbook()
    if entry is None or entry.name in STREAMS:
        return data
    name = next(one for one in STREAMS if one.casefold() == entry.name.casefold()).encode("utf-16-le")
    return data[: entry.at] + name + data[entry.at + len(name) :]
