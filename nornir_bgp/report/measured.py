"""Planned and measured shares of the exits, in words and bars."""

from nornir_bgp.models.status import Status
from nornir_bgp.models.traffic import ExitTraffic, TrafficReport
from nornir_bgp.report.chart import BAR, GAP, LABEL, LONGEST, SPACE, Bar, BarChart, BarGroup

_UNITS = ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s"))

_HEIGHT = LABEL + 2 * (BAR + SPACE) + GAP


def share_words(share: float | None) -> str:
    """Write a share of the total: ``49.2%``."""
    return "not known" if share is None else f"{share:.1%}"


def rate_words(rate: float | None) -> str:
    """Write a rate in bit/s with three digits: ``3.94 Mbit/s``."""
    if rate is None:
        return "not known"
    # What would be rounded up to 1,000 of a unit is one of the next.
    scale, unit = next(((s, u) for s, u in _UNITS if rate >= 0.9995 * s), (1.0, "bit/s"))
    return f"{rate / scale:,.3g} {unit}"


def share_chart(traffic: TrafficReport) -> BarChart:
    """Draw the planned and the measured share of each exit, one below the other."""
    shares = [s for e in traffic.exits for s in (e.planned, e.measured) if s is not None]
    largest = max(shares, default=0.0)
    scale = LONGEST / largest if largest else 0.0
    groups = tuple(_group(exit_, _HEIGHT * n, scale) for n, exit_ in enumerate(traffic.exits))
    words = "; ".join(f"{g.name}: {', '.join(bar.words for bar in g.bars)}" for g in groups)
    return BarChart(groups, _HEIGHT * len(groups), words)


def _group(exit_: ExitTraffic, top: int, scale: float) -> BarGroup:
    planned, measured = round(exit_.planned * scale, 3), round((exit_.measured or 0) * scale, 3)
    upper = top + LABEL
    lower = upper + BAR + SPACE
    said = "not known" if exit_.measured is None else f"{share_words(exit_.measured)} measured"
    bars = (
        Bar("planned", upper, planned, planned, f"{share_words(exit_.planned)} planned", False),
        Bar("measured", lower, measured, measured, said, exit_.status is Status.FAIL),
    )
    return BarGroup(exit_name(exit_), upper - 8, bars, capacity=None, capacity_words="")


def exit_name(exit_: ExitTraffic) -> str:
    """Name an exit by its gateway and upstream."""
    return f"{exit_.gateway} \N{RIGHTWARDS ARROW} {exit_.upstream}"
