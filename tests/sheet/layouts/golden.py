"""The expected reading beside each sheet: compare, or write anew for a person to check by eye.

    python tests/sheet/layouts/golden.py [NAME ...]

writes `<name>.json` for the sheets named, with the rules that stand in the file already or in RULES; see `git diff`.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from brought_forward.bot.errors import SheetError, SheetQuestion
from brought_forward.bot.sheet.read import SheetRules, read_sheet

FOLDER = Path(__file__).parent
SUFFIXES = {".xlsx", ".csv", ".txt", ".tsv", ".xls", ".xlsb", ".ods", ".xlsm"}
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.suffix in SUFFIXES)
RULES = {"currency": "USD", "day_first": False}


def beside(name: str) -> Path:
    """Name the file with a sheet's expected reading; of one of several formats, the format is in it."""
    return FOLDER / f"{Path(name).stem}.json"


def as_json(reading: Any) -> Any:
    """Write a reading as its golden file does: money and days as text, absent fields left out of a row."""
    values = asdict(reading)
    for absent in ("group_totals", "mends"):
        if not values[absent]:
            del values[absent]
    for told in (
        "balance",
        "proofs",
        "census",
        "not_counted",
        "column_total",
        "comments",
        "signature",
    ):  # how it is sure: test_census
        del values[told]
    for rows in ("lines", "problems"):
        values[rows] = [
            {key: value for key, value in row.items() if value is not None and value is not False}
            for row in values[rows]
        ]
    return json.loads(json.dumps(values, default=str))


def outcome(name: str, rules: dict[str, Any], data: bytes | None = None) -> dict[str, Any]:
    """Read a sheet; a question or a refusal is an outcome too."""
    try:
        reading = read_sheet((FOLDER / name).read_bytes() if data is None else data, name, SheetRules(**rules))
    except SheetQuestion as question:
        candidates = [asdict(one) for one in question.candidates]
        return {"question": {"kind": question.kind, "text": str(question), "candidates": candidates}}
    except SheetError as refusal:
        return {"refusal": str(refusal)}
    return {"reading": as_json(reading)}


def expected(name: str) -> dict[str, Any]:
    """Read what a sheet should say, with the rules to read it by."""
    golden: dict[str, Any] = json.loads(beside(name).read_text("utf-8"))
    return golden


def write(name: str) -> None:
    """Write a sheet's reading beside it."""
    rules = expected(name)["rules"] if beside(name).exists() else RULES
    golden = {"rules": rules}
    if answers := rules.get("answers"):
        golden["before"] = outcome(name, {**rules, "answers": {}})
        assert answers
    golden |= outcome(name, rules)
    beside(name).write_text(_laid_out(golden) + "\n", "utf-8")


def _laid_out(value: Any, depth: int = 0) -> str:
    """Lay JSON out with a line for each row, so that a difference is one line."""
    pad = " " * (depth + 1)
    if isinstance(value, dict) and value and (depth < 2 or any(isinstance(one, list) for one in value.values())):
        items = [f"{pad}{json.dumps(key)}: {_laid_out(one, depth + 1)}" for key, one in value.items()]
        return "{\n" + ",\n".join(items) + "\n" + " " * depth + "}"
    if isinstance(value, list) and value:
        items = [f"{pad}{json.dumps(one, ensure_ascii=False)}" for one in value]
        return "[\n" + ",\n".join(items) + "\n" + " " * depth + "]"
    return json.dumps(value, ensure_ascii=False)


if __name__ == "__main__":
    for sheet in sys.argv[1:] or NAMES:
        write(sheet)
