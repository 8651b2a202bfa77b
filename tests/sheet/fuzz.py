"""Read mutated files: python tests/sheet/fuzz.py [HOW MANY | --short] [SEED]

Each is one of the golden sheets with bytes, cells or zip members changed. Most are read by the child's function in a
forked worker under the child's limits, in batches, because starting 50,000 children takes an hour; one in a hundred
goes the whole way through a real child. A file passes if it is refused with a sentence, or asked about, or read so
that:

- each line's amount is what a second, slow reading of its cell gives (`slow_amount`: no code of ours in it);
- no row is two of line and problem;
- lines, problems and what is not counted are all money of the balance's column;
- below the header, every row of that column with a digit is a line, a problem, a zero, or not counted, or holds no
  amount and is of another table, which a remark names.
"""

import io
import json
import math
import multiprocessing
import os
import random
import re
import resource
import sys
import time
import zipfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent / "layouts"))

from golden import FOLDER, NAMES, expected

from brought_forward.bot.errors import SheetError, SheetQuestion
from brought_forward.bot.sheet.cells import SheetCells, column_letters
from brought_forward.bot.sheet.columns.header import read_header
from brought_forward.bot.sheet.columns.headings import Role, like_headings
from brought_forward.bot.sheet.columns.heads import header_at
from brought_forward.bot.sheet.file import child
from brought_forward.bot.sheet.file.kinds import ZIP
from brought_forward.bot.sheet.file.parse import REASONS, cells_of, limits_for, parse, sheets_told
from brought_forward.bot.sheet.file.refused import Refused
from brought_forward.bot.sheet.read import SheetRules, read_cells
from brought_forward.bot.sheet.rows.amounts import counted
from brought_forward.bot.sheet.rules import Limits
from brought_forward.storage.records.sheet import SheetReading

LIMITS = Limits()
SECONDS, MEBIBYTES = 5.0, 300
BATCH = 100
MANY, SHORT = 50_000, 60
NOT_OWED = re.compile("progress|draft|trust|unbilled|wip", re.IGNORECASE)
ELSEWHERE = re.compile(r"Another table begins in row ([0-9]+)")
INTERESTING = [
    "-1",
    "1.234",
    "1,234.56",
    "(5",
    "#DIV/0!",
    "1e9",
    "NaN",
    "=1+1",
    "0.30000000000000004",
    "12.00 CR",
    "€5",
    "–7.50",
    "29900.629999999383",
    "Total",
    "Balance",
    "",
    " 7",
    "99999999999",
    '"',
    "\x00",
    "\u202e9",
]


def mutated(data: bytes, chance: random.Random) -> bytes:
    """Change a file: its bytes, or the texts within a zip's member, which a blind change would only break."""
    if data.startswith(ZIP) and chance.random() < 0.8:
        out = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(data)) as parts, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            names = [name for name in parts.namelist() if "sheet" in name or "content" in name or "Strings" in name]
            changed = chance.choice(names)
            for name in parts.namelist():
                part = parts.read(name)
                made.writestr(name, _changed(part, chance) if name == changed else part)
        return out.getvalue()
    return _changed(data, chance)


def _changed(data: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data)) if data else 0
        match chance.randrange(6):
            case 0:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[:at] + data[at + chance.randint(1, 40) :]
            case 2:
                piece = data[at : at + chance.randint(1, 200)]
                data = data[:at] + piece * chance.randint(1, 20) + data[at:]
            case 3:
                data = data[:at] + chance.choice(INTERESTING).encode() + data[at:]
            case 4:  # a number becomes another text
                numbers = list(re.finditer(rb"[0-9]+(?:\.[0-9]+)?", data[:200_000]))
                if numbers:
                    found = chance.choice(numbers)
                    data = data[: found.start()] + chance.choice(INTERESTING).encode() + data[found.end() :]
            case _:
                data = data[:at]
    return data


def slow_amount(cell: object) -> set[Decimal]:
    """Read a cell's amount without any code of ours: the digits as they stand, in each way that a mark can mean.

    What is no number, such as NaN, has none.
    """
    if isinstance(cell, float | int):
        return {Decimal(format(cell, ".15g"))} if math.isfinite(cell) else set()
    text = re.sub(r"[^0-9.,()+−–—-]|(?<=[0-9])[\s'’](?=[0-9])", "", str(cell))
    negative = bool(re.search(r"^\s*\W*\(|[-−–—]", text)) or bool(re.search(r"CR\s*\)?\W*$", str(cell), re.IGNORECASE))
    found = set()
    for mark, other in ((".", ","), (",", ".")):
        digits = re.sub(r"[^0-9.,]", "", text).replace(other, "")
        if digits.count(mark) <= 1 and re.search("[0-9]", digits):
            found.add(Decimal(digits.replace(mark, ".")) * (-1 if negative else 1))
    return found


def is_amount_of(amount: Decimal, cell: object) -> bool:
    """Tell whether an amount is its cell's, but for what adding floats leaves."""
    return any(abs(amount - one) < Decimal("0.000001") for one in slow_amount(cell))


def check(cells: list[SheetCells], reading: SheetReading, rules: SheetRules) -> None:
    """Fail where an amount is not its cell's, or a row with one is nowhere."""
    sheet = next(one for one in cells if header_at(one, rules.currency) is not None)
    at = header_at(sheet, rules.currency)
    assert at is not None
    header = read_header(sheet, at, rules)
    letter = header.columns[Role.AMOUNT].letter
    place = next(number for number in range(200) if column_letters(sheet.first_column + number) == letter)
    count = counted(sheet, header, rules)  # a sum that arithmetic gives, signs told by marks
    sheet = count.cells
    held = {number: row[place] for number, row in enumerate(sheet.rows, sheet.first_row) if place < len(row)}
    rows = Counter([line.row for line in reading.lines] + [bad.row for bad in reading.problems])
    assert not rows or max(rows.values()) == 1, "a row is two things"
    for line in reading.lines:
        assert is_amount_of(line.amount, held[line.row]), "an amount is not its cell's"
        assert line.amount != 0
    apart = {one.row: one.amount for one in reading.not_counted}
    assert not apart.keys() & rows.keys(), "a row is counted and not counted"
    parts = [line.amount for line in reading.lines] + [bad.amount for bad in reading.problems if bad.amount is not None]
    assert sum([*parts, *apart.values()], Decimal(0)) == reading.column_total, "the parts are not the column"
    begun = [int(found[1]) for remark in reading.remarks if (found := ELSEWHERE.match(remark))]
    elsewhere = min(begun, default=10**9)
    under: object = ""  # what heads the column in the table of a row
    for number, cell in held.items():
        if number <= header.row or number in rows or number in apart or cell in {None, ""}:
            continue
        if like_headings(sheet.rows[number - sheet.first_row], rules.currency):
            under = cell
            continue
        if number > elsewhere and (not _is_plain(cell) or NOT_OWED.search(str(under))):
            continue  # no amount, or none that clients owe, of a table that a remark says is not read
        text = " ".join(str(one) for one in sheet.rows[number - sheet.first_row]).casefold()
        amounts = slow_amount(cell)
        residue = any(0 < abs(amount) < Decimal("1e-9") for amount in amounts)  # what adding floats leaves of nothing
        endless = isinstance(cell, float) and not math.isfinite(cell)
        if endless or (any(amounts) and not residue and not isinstance(cell, bool)):
            assert "total" in text or _is_margin(cell), f"row {number} is nowhere"


def _is_plain(cell: object) -> bool:
    """Tell whether a cell is an amount at first sight, of ten digits at most."""
    text = str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)
    return bool(re.fullmatch(r"-?[$€]?[0-9]{1,10}(?:\.[0-9]{1,2})?", text.strip()))


def _is_margin(cell: object) -> bool:
    """Tell whether a cell with digits is of a page's foot, or no amount at all: another table's text."""
    return isinstance(cell, str) and bool(re.search("[a-z]{2}|[0-9][/:-][0-9]", cell))


def look(name: str, seed: int, *, whole: bool) -> str:
    """Mutate one sheet and read it; give what became of it. Raises AssertionError where a rule is broken."""
    chance = random.Random(seed)
    data = mutated((FOLDER / name).read_bytes(), chance)
    rules = SheetRules(**expected(name)["rules"])
    start = _spent()
    try:
        cells = parse(data, name, LIMITS) if whole else _parsed(data, name)
        reading = read_cells(cells, rules)
    except SheetQuestion:
        return "asked"
    except SheetError:
        return "refused"
    finally:
        assert _spent() - start < SECONDS, "too slow"
    check(cells, reading, rules)
    return "read"


def _spent() -> float:
    """Give the processor's seconds of this process and its children: a busy machine makes no file slow."""
    return sum(os.times()[:4])


def _parsed(data: bytes, name: str) -> list[SheetCells]:
    """Do what `parse` does, in this process."""
    try:
        sheets = _forked(data)
    except Refused as refusal:
        assert str(refusal).partition(":")[0] in REASONS
        raise SheetError(str(refusal)) from refusal
    except MemoryError as error:
        raise SheetError("memory") from error
    return cells_of(sheets, name)


def _forked(data: bytes) -> list[dict[str, Any]]:
    """Run the child's function in a fork under the child's limits: an abort must not end this worker."""
    out, into = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(out)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # a panic quotes cells
        child.set_limits(limits_for(data, LIMITS).memory_bytes, LIMITS.cpu_seconds)
        try:
            answer = "".join(child.told(data, LIMITS))
        except BaseException:  # noqa: BLE001 - a panic of the parser is none of Exception's
            os._exit(1)
        with os.fdopen(into, "w") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(into)
    with os.fdopen(out) as pipe:
        text = pipe.read()
    if os.waitpid(pid, 0)[1]:
        raise SheetError("failed")  # as `parse` says of a child that ended so
    return sheets_told(map(json.loads, text.splitlines()))


def batch(seeds: list[int]) -> Counter[str]:
    """Read a batch in this worker; a broken rule is counted with the sheet and seed that show it again."""
    became: Counter[str] = Counter()
    for seed in seeds:
        name = NAMES[seed % len(NAMES)]
        try:
            became[look(name, seed, whole=seed % 100 == 0)] += 1
        except BaseException as broken:  # noqa: BLE001 - a panic of the parser is none of Exception's
            became[f"BROKEN {name} seed {seed}: {type(broken).__name__} {broken}"] += 1
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) // 1024
    if peak > MEBIBYTES:
        became[f"BROKEN {peak} MiB in seeds {seeds[0]} to {seeds[-1]}"] += 1
    return became


def main(many: int, first: int) -> int:
    """Read that many; print what became of them."""
    start = time.perf_counter()
    batches = [list(range(at, min(at + BATCH, first + many))) for at in range(first, first + many, BATCH)]
    became: Counter[str] = Counter()
    with multiprocessing.get_context("spawn").Pool(2, maxtasksperchild=20) as workers:
        for one in workers.imap_unordered(batch, batches):
            became += one
    for what, count in sorted(became.items(), key=lambda item: -item[1])[:40]:
        print(f"{count:7} {what}")  # noqa: T201
    print(f"{many} files from seed {first} in {time.perf_counter() - start:.0f} s")  # noqa: T201
    return any(what.startswith("BROKEN") for what in became)


if __name__ == "__main__":
    given = dict(enumerate(sys.argv[1:]))
    many = given.get(0, MANY)
    sys.exit(main(SHORT if many == "--short" else int(many), int(given.get(1, 1))))
