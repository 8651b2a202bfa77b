"""The verdict on a reading: what `brought-forward check --json` says of a file, held against its truth."""

import contextlib
import io
import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any
from unittest import mock

from brought_forward.bot.cli.main import main
from readings.book import Book, Truth

TRIES, DEPTH = 40, 4  # runs for one file at most, and answers one after another


class Verdict(StrEnum):
    """What a reading came to."""

    RIGHT = "right"  # every matter's sum, and its user where the sheet names users
    ASKED = "asked"  # a question, and some way of answering it leads to the truth
    FLAGGED = "flagged"  # something is named that needs a look
    REFUSED = "refused"
    LOST = "lost"  # a question, and no way of answering it leads to the truth
    SILENT = "silent"  # another reading than the truth, and not a word
    BROKEN = "broken"  # neither a reading nor a sentence


@dataclass(frozen=True, slots=True)
class Run:
    """How the command ended, and what it printed."""

    code: int
    said: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and what to tell a person of it."""

    verdict: Verdict
    why: str = ""
    partial: bool = False  # flagged, yet lines that nothing was said of are wrong too


Reader = Callable[[Path, list[str]], Run]


def here(file: Path, answers: list[str]) -> Run:
    """Run the command in this process: its own code, from its arguments to the status it ends with."""
    printed, code = io.StringIO(), 0
    words = ["brought-forward", *_words(file, answers)]
    with (
        mock.patch.object(sys, "argv", words),
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(bool(end.code))
        except Exception as fault:  # noqa: BLE001 - a crash is a verdict
            return Run(-1, f"{type(fault).__name__}: {fault}")
    return Run(code, printed.getvalue())


def process(file: Path, answers: list[str]) -> Run:
    """Run the command as a process, as a person does."""
    command = [str(Path(sys.executable).parent / "brought-forward"), *_words(file, answers)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    except subprocess.TimeoutExpired:
        return Run(-1, "no answer within 90 s")
    return Run(ended.returncode, ended.stdout or ended.stderr)


def _words(file: Path, answers: list[str]) -> list[str]:
    return ["check", "--json", *[word for one in answers for word in ("--answer", one)], str(file)]


def judge(file: Path, book: Book, reader: Reader = here) -> Judgement:
    """Read a file, answer what is asked in every way that is offered, and give the verdict.

    Each answer is followed to its end before the next one is tried: three questions with three answers each have 27
    ends, and the true one is found early.
    """
    first, offers = _once(file, book, reader, [])
    if first.verdict is not Verdict.ASKED:
        return first
    paths, tries, ends = [[offer] for offer in offers], 1, set()
    while paths and tries < TRIES:
        path = paths.pop(0)
        tries += 1
        then, more = _once(file, book, reader, path)
        if then.verdict is Verdict.RIGHT:
            return first
        ends.add(then.verdict)
        if then.verdict is Verdict.ASKED and len(path) < DEPTH:
            paths = [[*path, offer] for offer in more if offer not in path] + paths
    if book.doubts and Verdict.FLAGGED in ends:  # the file is to be mended, which a question cannot do
        return Judgement(Verdict.FLAGGED, first.why)
    return Judgement(Verdict.LOST, first.why)


def _once(file: Path, book: Book, reader: Reader, answers: list[str]) -> tuple[Judgement, list[str]]:
    run = reader(file, answers)
    if run.code == 3:
        return Judgement(Verdict.ASKED, run.said.strip()), re.findall(r"--answer (\S+=\S+)", run.said)
    if run.code == 2:
        return Judgement(Verdict.REFUSED, run.said.strip()), []
    try:
        read = json.loads(run.said)
    except ValueError:
        return Judgement(Verdict.BROKEN, run.said[-300:]), []
    return verdict_of(read, run.code, book, answered=bool(answers)), []


def verdict_of(read: dict[str, Any], code: int, book: Book, *, answered: bool = False) -> Judgement:
    """Hold a reading and the status it ended with against the truth."""
    money = read.get("money")
    if money and sum(Decimal(money[name]) for name in ("counted", "left_out", "not_counted")) != Decimal(
        money["column"]
    ):
        return Judgement(Verdict.SILENT, f"not all money of the column is accounted for: {money}")
    wrong = differences(read, book.truth)
    told = bool(read["problems"] or read.get("doubts") or _total_differs(read) or read.get("group_totals"))
    if not wrong and (not book.tell or answered or (code == 1 and told)):
        return Judgement(Verdict.RIGHT)
    why = "; ".join(wrong.values()) if wrong else f"nothing is said, though {' and '.join(book.doubts)}"
    if code == 1 and told:
        named = {book.truth.key(one.get("matter")) for one in read["problems"]}
        return Judgement(Verdict.FLAGGED, why, partial=bool(set(wrong) - named))
    return Judgement(Verdict.SILENT, why)


def _total_differs(read: dict[str, Any]) -> bool:
    stated = read.get("control_total")
    return stated is not None and Decimal(stated) != Decimal(read["total"])


def differences(read: dict[str, Any], truth: Truth) -> dict[str, str]:
    """Say for each matter that is read otherwise what was read."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    users: dict[str, set[str | None]] = defaultdict(set)
    for line in read["lines"]:
        key = truth.key(line["matter"])
        sums[key] += Decimal(line["amount"])
        users[key].add(line["user"])
    due, wrong = truth.due(), {}
    for key in sorted({*due, *sums}):
        if sums.get(key, 0) != due.get(key, 0):
            wrong[key] = f"{key} {sums.get(key, 'not read')} for {due.get(key, 'nothing')}"
    unnamed = all(one is None for each in users.values() for one in each)
    for key in sorted(set(due) - set(wrong)):
        if truth.naming == "none" or (truth.naming == "optional" and unnamed):
            odd = [one for one in users[key] if one is not None]
        else:
            odd = [one for one in users[key] if (one or "").strip().lower() not in truth.users[key].forms()]
        if odd:
            wrong[key] = f"{key} goes to {odd[0]}"
    return wrong
