# ruff: noqa: T201
"""Measure matching beside the naive nested loop, and the search for a matter.

    python tests/bench/bench_matching.py [SIZE]

SIZE lines against SIZE matters (20,000), each line written one of the ways that matching knows. The naive loop is
measured on a sample of the lines against all matters, and its time for all of them is worked out from that; ours is
the fastest of three, its index included. Search is
what the modal asks at each key: every beginning of numbers, clients and descriptions, and mistyped ones.
"""

import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal

from brought_forward.bot.matching.entries import MatchRules
from brought_forward.bot.matching.index import FirmIndex
from brought_forward.bot.matching.match import match
from brought_forward.bot.matching.search import MatterSearch
from brought_forward.storage.records.firm import Matter, User, folded
from brought_forward.storage.records.sheet import Line

RULES = MatchRules("Balance brought forward", "USD", date(2026, 10, 31), post_credits=False)
SAMPLE = 20  # lines for the naive loop
SIZE, SHORT = 20_000, 300
WORDS = ("Acme", "Brandt", "Castellan", "Delaney", "Eastgate", "Ferro", "Halden", "Iverson", "Juniper", "Kessler",
         "Larkfield", "Moreau", "Nakagawa", "Oakhurst", "Pellegrino", "Quarry", "Rosewood", "Saltmarsh")  # fmt: skip
SUBJECTS = ("Lease review", "Supply dispute", "Estate plan", "Employment claim", "Purchase of land")


def firm(size: int) -> tuple[list[Matter], list[User]]:
    """Make a firm of invented matters and twenty users."""
    chance = random.Random(1)
    users = [
        User(n, f"First{n} Last{n}", f"First{n}", f"Last{n}", f"F{n}", f"u{n}@firm.example", enabled=True,
             clio_connect=False)
        for n in range(1, 21)
    ]  # fmt: skip
    matters = []
    for n in range(1, size + 1):
        client = f"{chance.choice(WORDS)} {chance.choice(WORDS)} {n // 3}"
        matters.append(
            Matter(n, f"{n:05}-{client}", f"{chance.choice(SUBJECTS)} {n}", "Open", billable=True,
                   billing_method="hourly", client=client, currency="USD", responsible_attorney_id=n % 20 + 1,
                   custom_number=f"C/{n}", client_reference=f"OLD-{n}")
        )  # fmt: skip
    return matters, users


def sheet(matters: list[Matter]) -> list[Line]:
    """Write a line for each matter, in turn exactly, folded, with a colon, and by its other names."""
    ways: tuple[Callable[[Matter], str], ...] = (
        lambda one: one.display_number,
        lambda one: f" {one.display_number.upper()}  ",
        lambda one: f"{one.display_number}: {one.description}",
        lambda one: one.custom_number.lower(),
        lambda one: one.client_reference,
        lambda one: f"{one.client}: {one.description}",
    )
    return [
        Line(row, str(row), ways[row % len(ways)](one), f"Last{row % 20 + 1}, First{row % 20 + 1}", one.client,
             Decimal("12.34"), None, None, None, None, None)
        for row, one in enumerate(matters, start=2)
    ]  # fmt: skip


def naive(line: Line, matters: list[Matter]) -> Matter | None:
    """Do what matching does, by going through all matters for each way in turn."""
    text = line.matter or ""
    key, before = folded(text), folded(text.partition(":")[0])
    fits: tuple[Callable[[Matter], bool], ...] = (
        lambda one: one.display_number == text,
        lambda one: folded(one.display_number) == key,
        lambda one: folded(one.display_number) == before,
        lambda one: folded(one.custom_number) == key,
        lambda one: folded(one.client_reference) == key,
        lambda one: f"{folded(one.client)}: {folded(one.description)}" == key,
    )
    for fit in fits:
        if found := [one for one in matters if fit(one)]:
            return found[0]
    return None


def bench_match(size: int) -> float:
    """Print the time of matching beside the naive loop's, and return it in seconds, index and all."""
    matters, users = firm(size)
    lines = sheet(matters)
    ours = 60.0
    for _ in range(3):
        began = time.perf_counter()
        result = match(lines, FirmIndex(matters, users), {}, RULES)
        ours = min(ours, time.perf_counter() - began)
    assert len(result.planned) == size, (len(result.planned), list(result.left_out.values())[:3])
    sampled = random.Random(2).sample(lines, min(SAMPLE, size))
    began = time.perf_counter()
    assert all(naive(line, matters) for line in sampled)
    loop = (time.perf_counter() - began) / len(sampled) * size
    print(f"matching {size:,} lines against {size:,} matters: {ours:.2f} s; nested loop, estimated from"
          f" {len(sampled)} lines: {loop:,.0f} s; {loop / ours:,.0f} times as long")  # fmt: skip
    return ours


def typed(matters: list[Matter]) -> list[str]:
    """Give what the modal asks for: every beginning of what people type, and mistyped whole texts."""
    chance = random.Random(3)
    texts = []
    for one in chance.sample(matters, 12):
        whole = chance.choice((one.display_number, one.client, f"{one.client} {one.description}", one.description))
        texts += [whole[:length] for length in range(1, len(whole) + 1)]
        cut = chance.randrange(len(whole) - 1)
        texts.append(whole[:cut] + whole[cut + 1] + whole[cut] + whole[cut + 2 :])
    return texts


def percentiles(what: str, times: list[float]) -> float:
    """Print and return p95 in milliseconds."""
    cuts = statistics.quantiles(times, n=100)
    print(f"{what}: p50 {cuts[49] * 1000:.1f} ms, p95 {cuts[94] * 1000:.1f} ms, of {len(times)}")
    return cuts[94] * 1000


def bench_search(size: int) -> float:
    """Print p50 and p95 of the search and of suggestions; return the greater p95 in milliseconds."""
    matters, _ = firm(size)
    began = time.perf_counter()
    search = MatterSearch(matters)
    print(f"search over {size:,} matters: built in {time.perf_counter() - began:.2f} s")
    found, suggested = [], []
    for text in typed(matters):
        began = time.perf_counter()
        search.find(text)
        found.append(time.perf_counter() - began)
    for line in sheet(matters)[:: max(size // 100, 1)]:
        began = time.perf_counter()
        assert search.suggest(line)
        suggested.append(time.perf_counter() - began)
    return max(percentiles("  find, at each key", found), percentiles("  suggest, for a line", suggested))


if __name__ == "__main__":
    is_short = sys.argv[1:] == ["--short"]
    asked = SHORT if is_short else int((sys.argv[1:] or [SIZE])[0])
    slow = [bench_match(asked) > 2.0, bench_search(asked) > 50.0]
    sys.exit(any(slow) and not is_short)
