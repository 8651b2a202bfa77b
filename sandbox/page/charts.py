"""Charts of bars as shapes to draw: `data_visualization` in the units of an SVG's view box."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from brought_forward.sandbox.slack.records import Block

WIDTH, HEIGHT = 460.0, 140.0  # as wide as a thread, so that words are drawn in their own size
LEFT, RIGHT, TOP = 44.0, 8.0, 12.0
FLAT, SLANTED = 44.0, 104.0  # room below the axis for names side by side, and for names that slant
LETTER = 6.4  # the width of one; names that do not fit side by side slant
COLOURS = 12

Series = tuple[str, Sequence[float]]  # its name, and a value for each category
Scale = Callable[[float], float]  # from a value to its place from the top


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar and its words; `colour` counts from 0."""

    x: float
    y: float
    width: float
    height: float
    colour: int
    words: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A line across the chart, or a name below it."""

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that is drawn of a chart, and the same in words."""

    title: str
    words: str
    height: float
    names: tuple[str, ...]  # of the series, in the order of their colours; none where one needs no name
    bars: tuple[Bar, ...] = ()
    ticks: tuple[Tick, ...] = ()
    labels: tuple[Tick, ...] = ()
    zero: float = 0.0
    is_slanted: bool = False
    x_label: str = ""
    y_label: str = ""


def draw_chart(block: Block) -> Chart:
    """Lay a chart of bars out."""
    chart = block["chart"]
    axis = chart["axis_config"]
    categories = axis["categories"]
    series = [
        (one["name"], [{point["label"]: float(point["value"]) for point in one["data"]}[name] for name in categories])
        for one in chart["series"]
    ]
    step = (WIDTH - LEFT - RIGHT) / len(categories)
    slanted = max(map(len, categories)) * LETTER > step
    bottom = HEIGHT + (SLANTED - FLAT if slanted else 0)
    ticks = _ticks([value for _, values in series for value in values])
    low, high = ticks[0], ticks[-1]

    def y(value: float) -> float:
        return round(TOP + (high - value) / (high - low) * (HEIGHT - TOP - FLAT), 2)

    middles = [round(LEFT + step * (place + 0.5), 2) for place in range(len(categories))]
    words = "; ".join(
        f"{name}: " + ", ".join(f"{label} {value:,.2f}" for label, value in zip(categories, values, strict=True))
        for name, values in series
    )
    return Chart(
        block["title"],
        f"{block['title']}. {words}",
        bottom,
        tuple(name for name, _ in series) if len(series) > 1 else (),
        bars=tuple(_bars(series, categories, step, y)),
        ticks=tuple(Tick(y(value), _short(value)) for value in ticks),
        labels=tuple(Tick(at, name) for at, name in zip(middles, categories, strict=True)),
        zero=y(0),
        is_slanted=slanted,
        x_label=axis.get("x_label", ""),
        y_label=axis.get("y_label", ""),
    )


def _bars(series: Sequence[Series], categories: Sequence[str], step: float, y: Scale) -> Iterator[Bar]:
    wide = step * 0.7 / len(series)
    for place, (name, values) in enumerate(series):
        for column, (label, value) in enumerate(zip(categories, values, strict=True)):
            x = LEFT + step * column + step * 0.15 + wide * place
            top, bottom = min(y(value), y(0)), max(y(value), y(0))
            said = f"{label}: {value:,.2f}" if len(series) == 1 else f"{label}, {name}: {value:,.2f}"
            yield Bar(round(x, 2), top, round(wide, 2), max(round(bottom - top, 2), 1.0), place % COLOURS, said)


def _ticks(values: Sequence[float]) -> list[float]:
    """Choose round numbers from at most the least to at least the greatest value, zero among them."""
    low, high = min(0.0, *values), max(0.0, *values)
    span = (high - low) or 1.0
    size = 10 ** math.floor(math.log10(span / 4))
    step = next(size * times for times in (1, 2, 2.5, 5, 10, 20) if span / (size * times) <= 5)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [place * step for place in range(first, max(last, first + 1) + 1)]


def _short(value: float) -> str:
    """Write a tick's value in few characters."""
    for size, sign in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if abs(value) >= size:
            return f"{value / size:g}{sign}"
    return f"{value:g}"
