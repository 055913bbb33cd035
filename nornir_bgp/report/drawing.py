"""The network as a drawing in three layers: upstreams, gateways, edge routers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.status import Status
from nornir_bgp.report.chart import amount
from nornir_bgp.report.loads import GatewayLoad, Paths, paths_after
from nornir_bgp.report.markdown import counted

Tone = Literal["good", "bad", "plain"]

COLUMN, BOX_WIDTH, BOX_HEIGHT, MARGIN = 190, 148, 46, 20
UPSTREAM_Y, GATEWAY_Y, EDGE_Y = 8, 138, 280
THINNEST, THICKEST = 2.0, 14.0
MOST_COUNTED = 5
"""Links between more routers than this in a layer are drawn without their number."""


@dataclass(frozen=True, slots=True)
class Box:
    """A router or provider: the middle of its upper edge, its name and a second line."""

    x: float
    y: int
    name: str
    note: str
    tone: Tone

    @property
    def left(self) -> float:
        """Its left edge in pixels."""
        return self.x - BOX_WIDTH / 2

    @property
    def width(self) -> int:
        """In pixels."""
        return BOX_WIDTH

    @property
    def height(self) -> int:
        """In pixels."""
        return BOX_HEIGHT


@dataclass(frozen=True, slots=True)
class Link:
    """A line between two boxes, in pixels.

    Attributes:
        x1: its upper end, with ``y1``; ``x2`` and ``y2`` are its lower end.
        width: its thickness.
        label: what is written on it at ``label_x`` and ``label_y``; empty: nothing.
        note: a second line of it.
        words: what it means, for those who do not see it.
        tone: ``bad`` where something is not as it should be.
    """

    x1: float
    y1: int
    x2: float
    y2: int
    width: float
    label: str
    label_x: float
    label_y: float
    note: str
    words: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Drawing:
    """The whole, in pixels.

    Attributes:
        moment: which loads it shows, in words.
        words: all of it, for those who do not see it.
    """

    width: int
    height: int
    boxes: tuple[Box, ...]
    uplinks: tuple[Link, ...]
    inner_links: tuple[Link, ...]
    moment: str
    words: str

    @property
    def wide(self) -> bool:
        """It has too many columns to be shrunk to a small screen."""
        return self.width > 2 * COLUMN + 2 * MARGIN


@dataclass(frozen=True, slots=True)
class _End:
    """How a run left the network, as far as it is known.

    Attributes:
        moment: which loads these are, in words.
        loads: the load of each gateway.
        paths: where each edge router sends the planned prefixes; empty where it is not known.
    """

    moment: str
    loads: Mapping[str, float]
    paths: Paths


def draw_network(report: DistributeReport, loads: Sequence[GatewayLoad]) -> Drawing:
    """Lay out upstreams, gateways and edge routers, with the loads at the end of the run."""
    rows = [row for row in loads if row.gateway is not None]
    end = _end(report, rows)
    edges = tuple(report.observed.before or paths_after(report))
    width = max(len(rows), len(edges), 1) * COLUMN + 2 * MARGIN
    gateways = tuple(str(row.gateway) for row in rows)
    gateway_x = dict(zip(gateways, _spread(len(gateways), width), strict=True))
    edge_x = dict(zip(edges, _spread(len(edges), width), strict=True))
    uplinks = _uplinks(report, rows, end, gateway_x)
    inner = _inner_links(report, end, gateway_x, edge_x)
    boxes = (
        *(_upstream_box(row, gateway_x) for row in rows),
        *(_gateway_box(report, name, x) for name, x in gateway_x.items()),
        *(_edge_box(report, name, x) for name, x in edge_x.items()),
    )
    words = "; ".join(link.words for link in (*uplinks, *inner) if link.words)
    return Drawing(width, EDGE_Y + BOX_HEIGHT + MARGIN, boxes, uplinks, inner, end.moment, words)


def _spread(count: int, width: int) -> tuple[float, ...]:
    """The middles of so many columns of equal width."""
    return tuple(round(width * (i + 0.5) / count, 1) for i in range(count))


def _end(report: DistributeReport, rows: Sequence[GatewayLoad]) -> _End:
    if report.stands and all(row.after is not None for row in rows):
        loads = {str(row.gateway): row.after or 0.0 for row in rows}
        return _End("after the run", loads, paths_after(report))
    put_back = any(c.restored for c in report.changes) and not any(c.stuck for c in report.changes)
    if put_back and all(row.before is not None for row in rows):
        loads = {str(row.gateway): row.before or 0.0 for row in rows}
        return _End("as before the run, which was put back", loads, report.observed.before)
    return _End("as planned", {str(row.gateway): float(row.planned) for row in rows}, {})


def _uplinks(
    report: DistributeReport, rows: Sequence[GatewayLoad], end: _End, gateway_x: Mapping[str, float]
) -> tuple[Link, ...]:
    largest = max(end.loads.values(), default=0.0)
    links = []
    for row in rows:
        name = str(row.gateway)
        load, x = end.loads[name], gateway_x[name]
        used = row.of_capacity(load)
        if used is not None:
            note = f"{used:.0%} full"
        else:
            note = f"{load / report.plan.total_load:.0%} of all" if load else ""
        thickness = THINNEST + (THICKEST - THINNEST) * load / largest if largest else THINNEST
        links.append(
            Link(
                x1=x,
                y1=UPSTREAM_Y + BOX_HEIGHT,
                x2=x,
                y2=GATEWAY_Y,
                width=round(thickness, 1),
                label=amount(load),
                label_x=x + 15,
                label_y=(UPSTREAM_Y + BOX_HEIGHT + GATEWAY_Y) / 2 - 3,
                note=note,
                words=f"{name} to {', '.join(row.upstreams)}: load {amount(load)} {note}".strip(),
                tone="bad" if used is not None and used > 1 else "plain",
            )
        )
    return tuple(links)


def _inner_links(
    report: DistributeReport, end: _End, gateway_x: Mapping[str, float], edge_x: Mapping[str, float]
) -> tuple[Link, ...]:
    """Which edge router sends how many planned prefixes to which gateway."""
    planned = report.plan.gateway_of
    found = Counter(
        (edge, gateway, report.stands and gateway != planned[prefix])
        for edge, by_prefix in end.paths.items()
        for prefix, gateways in by_prefix.items()
        for gateway in gateways
    )
    few = max(len(gateway_x), len(edge_x)) <= MOST_COUNTED
    links = []
    for edge, x2 in edge_x.items():
        for gateway, x1 in gateway_x.items():
            astray = found[edge, gateway, True]
            number = found[edge, gateway, False] + astray
            wrong = f", {astray} of them not as planned" if astray else ""
            links.append(
                Link(
                    x1=x1,
                    y1=GATEWAY_Y + BOX_HEIGHT,
                    x2=x2,
                    y2=EDGE_Y,
                    width=2.0 if number else 1.0,
                    label=str(number) if number and few else "",
                    label_x=round(x2 + 0.3 * (x1 - x2), 1),
                    label_y=round(EDGE_Y - 0.3 * (EDGE_Y - GATEWAY_Y - BOX_HEIGHT), 1),
                    note="",
                    words=f"{edge} to {gateway}: {_prefixes(number)}{wrong}" if number else "",
                    tone="bad" if astray else "plain",
                )
            )
    return tuple(links)


def _prefixes(number: int) -> str:
    return counted(number, "prefix") if number == 1 else f"{number:,} prefixes"


def _upstream_box(row: GatewayLoad, gateway_x: Mapping[str, float]) -> Box:
    note = "upstream" if row.capacity is None else f"capacity {amount(row.capacity)}"
    return Box(gateway_x[str(row.gateway)], UPSTREAM_Y, ", ".join(row.upstreams), note, "plain")


def _gateway_box(report: DistributeReport, name: str, x: float) -> Box:
    change = next((c for c in report.changes if c.gateway == name), None)
    planned = report.plan.gateways.get(name)
    note = f"{_prefixes(len(planned.prefixes))} planned" if planned else "not in the plan"
    if name in report.plan.drained:
        note = "drained"
    return Box(x, GATEWAY_Y, name, note, "bad" if change is not None and change.error else "plain")


def _edge_box(report: DistributeReport, name: str, x: float) -> Box:
    statuses = [check.status for check in report.checks if check.router == name]
    if not statuses or not report.stands:
        return Box(x, EDGE_Y, name, "edge router", "plain")
    passed = statuses.count(Status.PASS)
    tone: Tone = "good" if passed == len(statuses) else "bad"
    return Box(x, EDGE_Y, name, f"{passed} of {len(statuses)} as planned", tone)
