"""Bars: numbers turned into lengths, for a template to draw.

Lengths are percentages of the drawing's width, so that bars follow the page and text does not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nornir_bgp.report.loads import GatewayLoad, Moment

LONGEST = 56.0
"""Percent of the width that the longest bar takes; the rest is for the words behind it."""

NARROWEST, LETTER = 290, 7.2
"""Pixels: the width of a drawing on a small screen, and of a letter behind a bar."""

LABEL, BAR, SPACE, GAP = 24, 18, 4, 18
"""Heights in pixels: the line with a gateway's name, a bar, the space below it, and the space
below the last one."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: which load it is, where it lies, and the words behind it.

    Attributes:
        moment: when the load is or was so; ``measured``: by a counter.
        y: its upper edge in pixels.
        width: percent of the width.
        words_x: where the words begin, in percent: behind the bar and the capacity's mark.
        words: the load, with its share of the capacity where that is known.
        bad: it is more than the capacity, or not what was planned.
    """

    moment: Moment | Literal["measured"]
    y: int
    width: float
    words_x: float
    words: str
    bad: bool

    @property
    def height(self) -> int:
        """In pixels."""
        return BAR


@dataclass(frozen=True, slots=True)
class BarGroup:
    """The bars of one gateway.

    Attributes:
        name: the gateway and its upstreams.
        y: the base line of the name.
        bars: its loads.
        capacity: where the capacity's mark is in percent, if it is known.
        capacity_words: what the mark says.
    """

    name: str
    y: int
    bars: tuple[Bar, ...]
    capacity: float | None
    capacity_words: str

    @property
    def height(self) -> int:
        """From the upper edge of the first bar to the lower edge of the last, in pixels."""
        return self.bars[-1].y + BAR - self.bars[0].y


@dataclass(frozen=True, slots=True)
class BarChart:
    """All groups, the height in pixels, and the whole in words for those who do not see it."""

    groups: tuple[BarGroup, ...]
    height: int
    words: str


@dataclass(frozen=True, slots=True)
class Span:
    """One phase on the time line: where it begins and how long it takes, in percent and words."""

    name: str
    start: float
    width: float
    words: str


def amount(number: float) -> str:
    """Write a load: a share of a small one with a decimal, else whole."""
    return f"{number:,.1f}" if number != int(number) and number < 100 else f"{number:,.0f}"


def series_of(loads: Sequence[GatewayLoad]) -> tuple[Moment, ...]:
    """Say which loads tell something: what is unknown does not, nor a plan that came true."""
    known: list[Moment] = []
    if any(row.before is not None for row in loads):
        known.append("before")
    if any(row.after != row.planned for row in loads):
        known.append("planned")
    if any(row.after is not None for row in loads):
        known.append("after")
    return tuple(known)


def load_chart(loads: Sequence[GatewayLoad]) -> BarChart:
    """Draw the load of each gateway before and after, against its capacity."""
    moments = series_of(loads)
    largest = max(
        (n for row in loads for n in (row.capacity or 0, *(row.at(m) or 0 for m in moments))),
        default=0,
    )
    height = LABEL + (BAR + SPACE) * len(moments) + GAP
    told = max((len(_words(row, m, row.at(m) or 0.0)) for row in loads for m in moments), default=0)
    longest = min(LONGEST, 100 - 100 * (told + 1) * LETTER / NARROWEST)
    groups = tuple(
        _group(row, moments, height * i, longest / largest if largest else 0.0)
        for i, row in enumerate(loads)
    )
    words = "; ".join(f"{g.name}: {', '.join(b.words for b in g.bars)}" for g in groups)
    return BarChart(groups, height * len(groups), words)


def _group(row: GatewayLoad, moments: Sequence[Moment], top: int, scale: float) -> BarGroup:
    """Draw one gateway, ``top`` pixels down, at ``scale`` percent per unit of load."""
    capacity = None if row.capacity is None else round(row.capacity * scale, 3)
    bars = []
    for i, moment in enumerate(moments):
        load = row.at(moment) or 0.0
        width = round(load * scale, 3)
        bars.append(
            Bar(
                moment=moment,
                y=top + LABEL + (BAR + SPACE) * i,
                width=width,
                words_x=max(width, capacity or 0.0),
                words=_words(row, moment, load),
                bad=row.capacity is not None and load > row.capacity,
            )
        )
    return BarGroup(
        name=name_of(row.gateway, row.upstreams),
        y=top + LABEL - 8,
        bars=tuple(bars),
        capacity=capacity,
        capacity_words="" if row.capacity is None else f"capacity {amount(row.capacity)}",
    )


def time_line(seconds: Mapping[str, float]) -> tuple[Span, ...]:
    """Lay the phases one behind the other."""
    total = sum(seconds.values())
    spans = []
    start = 0.0
    for name, took in seconds.items():
        width = 100 * took / total if total else 0.0
        words = f"{took:.1f} s" if took >= 1 else f"{took * 1000:.0f} ms"
        spans.append(Span(name, round(start, 3), round(width, 3), words))
        start += width
    return tuple(spans)


def name_of(gateway: str | None, upstreams: Sequence[str]) -> str:
    """Name a gateway with its upstreams."""
    if gateway is None:
        return "no gateway, or not known"
    return " \N{RIGHTWARDS ARROW} ".join(filter(None, (gateway, ", ".join(upstreams))))


def _words(row: GatewayLoad, moment: Moment, value: float) -> str:
    share = row.of_capacity(value)
    part = "" if share is None else f" ({share:.0%})"
    return f"{amount(value)}{part} {moment}"
