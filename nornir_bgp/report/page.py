"""What the HTML page says, worked out before the template lays it out."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import Check, DistributeReport, GatewayChange
from nornir_bgp.models.simulation import Prediction
from nornir_bgp.models.status import Status
from nornir_bgp.report.chart import (
    BarChart,
    Span,
    amount,
    load_chart,
    name_of,
    series_of,
    time_line,
)
from nornir_bgp.report.drawing import Drawing, draw_network
from nornir_bgp.report.exits_table import PLAIN, amount_columns, quality_words, reasons
from nornir_bgp.report.foretold import (
    doubts_of,
    failure_cases,
    failure_header,
    failure_row,
    gateways_of,
    harmless_words,
    mismatch_words,
)
from nornir_bgp.report.loads import GatewayLoad, Moment, Paths, gateway_loads, moved, paths_after
from nornir_bgp.report.markdown import counted, verdict
from nornir_bgp.report.measured import share_chart

Outcome = Literal["good", "bad", "put back", "rehearsed"]

PHASES = {
    "collect": "every router of ours is read",
    "plan": "each prefix is given an exit",
    "predict": "the tables that it will bring about are computed",
    "preview": "the change is worked out, nothing is sent",
    "canary": "the smallest prefix moves first, alone, and is proven",
    "push": "the change is sent to all gateways, added first, removed last",
    "prove": "our routers' tables are compared with the plan, and with what they were",
    "put back": "the gateways are put back to what they had, in the same order",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that is worth knowing first: what it is, the number, and a remark."""

    name: str
    value: str
    remark: str


@dataclass(frozen=True, slots=True)
class Route:
    """One planned prefix: its load, its way before, as planned and after, and its proof.

    Attributes:
        backup: where it is to go when its gateway fails, if that is planned.
    """

    prefix: str
    load: str
    before: str
    planned: str
    backup: str
    after: str
    move: str
    proof: str
    proven: bool


@dataclass(frozen=True, slots=True)
class DiffLine:
    """A line of a diff and what it is: ``add``, ``remove``, ``place`` or ``same``."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class DeviceChange:
    """What was done on one gateway."""

    change: GatewayChange
    title: str
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """Everything that the template shows.

    Attributes:
        outcome: decides the colour of the verdict.
        headline: the verdict in a few words.
        summary: the rest of it.
        series: which loads are known, see :func:`~nornir_bgp.report.chart.series_of`.
        split: a prefix left by several gateways before, so that loads are shares.
        routes: the planned prefixes, the heaviest first.
        checks: what is not as planned first.
        failures: the table of single failures: its header, and its rows.
        harmless: how many single failures do nothing, in words.
        doubts: what stands against the prediction.
        mispredicted: where the model foretold otherwise.
        traffic_chart: planned and measured shares, if the traffic was measured.
        exits: the table of exits: its header, and its rows; empty where the loads say it all.
        reasons: the plan's explanation, without its warnings.
        quality: what is proven of it.
    """

    report: DistributeReport
    outcome: Outcome
    headline: str
    summary: str
    figures: tuple[Figure, ...]
    loads: tuple[GatewayLoad, ...]
    series: tuple[Moment, ...]
    split: bool
    chart: BarChart
    drawing: Drawing
    routes: tuple[Route, ...]
    checks: tuple[Check, ...]
    changes: tuple[DeviceChange, ...]
    time_line: tuple[Span, ...]
    failures: tuple[tuple[str, ...], ...]
    harmless: str
    doubts: tuple[str, ...]
    mispredicted: tuple[str, ...]
    traffic_chart: BarChart | None
    exits: tuple[tuple[str, ...], ...]
    reasons: tuple[str, ...]
    quality: str


def page_of(report: DistributeReport) -> Page:
    """Work out what the page says."""
    headline, _, summary = verdict(report).partition(": ")
    loads = gateway_loads(report)
    return Page(
        report=report,
        outcome=_outcome(report),
        headline=headline,
        summary=summary,
        figures=tuple(_figures(report, loads)),
        loads=loads,
        series=series_of(loads),
        split=_split(report),
        chart=load_chart(loads),
        drawing=draw_network(report, loads),
        routes=_routes(report),
        checks=tuple(sorted(report.checks, key=lambda check: check.status is Status.PASS)),
        changes=tuple(_device_change(report, change) for change in report.changes),
        time_line=time_line(report.seconds),
        failures=_failures(report.plan.prediction),
        harmless=harmless_words(report.plan.prediction.harmless if report.plan.prediction else 0),
        doubts=tuple(doubts_of(report.plan.prediction or Prediction())),
        mispredicted=tuple(map(mismatch_words, report.mispredicted)),
        traffic_chart=None if report.traffic is None else share_chart(report.traffic),
        exits=_exits(report.plan),
        reasons=reasons(report.plan),
        quality=quality_words(report.plan),
    )


def _exits(plan: Plan) -> tuple[tuple[str, ...], ...]:
    """The table of exits: a header, and a row for each; empty where the loads alone say it all."""
    columns = amount_columns(plan)
    if len(columns) == len(PLAIN) and not plan.drained:
        return ()
    return (
        ("exit", *columns, "prefixes"),
        *(
            (
                name_of(exit_.gateway, (exit_.upstream,)),
                *(cell(exit_) for cell in columns.values()),
                f"{len(exit_.prefixes):,}",
            )
            for exit_ in plan.exits
        ),
    )


def _failures(prediction: Prediction | None) -> tuple[tuple[str, ...], ...]:
    if prediction is None:
        return ()
    cases = failure_cases(prediction.loads, prediction.failures)
    gateways = gateways_of(cases)
    return (failure_header(gateways), *(failure_row(case, gateways) for case in cases))


def _outcome(report: DistributeReport) -> Outcome:
    if report.dry_run:
        return "rehearsed"
    if report.ok:
        return "good"
    return "bad" if report.stands or any(c.stuck for c in report.changes) else "put back"


def _came_true(report: DistributeReport) -> bool:
    return report.ok and not report.dry_run


def _split(report: DistributeReport) -> bool:
    """Some planned prefix left by several gateways before the run."""
    before = report.observed.before.values()
    return any(
        len({gateway for paths in before for gateway in paths.get(prefix, ())}) > 1
        for prefix in report.plan.gateway_of
    )


def _figures(report: DistributeReport, loads: tuple[GatewayLoad, ...]) -> Iterator[Figure]:
    plan, planned = report.plan, len(report.plan.gateway_of)
    moments = series_of(loads)
    last: Moment = "after" if "after" in moments else "planned"
    told: tuple[Moment, ...] = ("before", last) if "before" in moments else (last,)
    if all(row.capacity for row in loads if row.gateway is not None):
        fullest = [_largest(loads, moment, utilisation=True) for moment in told]
        title, values = "Fullest gateway", [f"{used:.1%}" for _, used in fullest]
    else:
        fullest = [_largest(loads, moment, utilisation=False) for moment in told]
        title, values = "Heaviest gateway", [amount(load) for _, load in fullest]
    yield Figure(
        title,
        " \N{RIGHTWARDS ARROW} ".join(values),
        f"{fullest[-1][0]}, {last}; total {plan.total_load:,}",
    )
    if report.observed.before:
        name = "Prefixes moved" if _came_true(report) else "Prefixes to move"
        yield Figure(name, f"{len(moved(report)):,} of {planned:,}", "to another gateway")
    else:
        yield Figure("Prefixes", f"{planned:,}", "planned")
    lines = sum(len(change.lines) for change in report.changes)
    touched = sum(bool(change.lines) for change in report.changes)
    sent = "would be sent to" if report.dry_run else "sent to"
    yield Figure("Configuration lines", f"{lines:,}", f"{sent} {counted(touched, 'gateway')}")
    if report.checks:
        passed = sum(check.status is Status.PASS for check in report.checks)
        yield Figure("Checks passed", f"{passed:,} of {len(report.checks):,}", "by show ip bgp")


def _largest(
    loads: tuple[GatewayLoad, ...], moment: Moment, *, utilisation: bool
) -> tuple[str, float]:
    """The gateway that carries most, or is fullest, and how much that is."""
    known = []
    for row in loads:
        if row.gateway is not None:
            load = row.at(moment) or 0.0
            used = row.of_capacity(load) if utilisation else load
            known.append((row.gateway, used or 0.0))
    return max(known, key=lambda pair: pair[1], default=("none", 0.0))


def _routes(report: DistributeReport) -> tuple[Route, ...]:
    after = paths_after(report)
    by_prefix: dict[str, list[Check]] = {}
    for check in report.checks:
        by_prefix.setdefault(check.prefix, []).append(check)
    has_moved, move = set(moved(report)), "moved" if _came_true(report) else "to move"
    loads = report.plan.loads
    planned = report.plan.gateway_of
    backup = {p: gateway for gateway, of in report.plan.backups.items() for p in of}
    rows = []
    for prefix in sorted(planned, key=lambda prefix: -loads.get(prefix, 0)):
        checks = by_prefix.get(prefix, [])
        passed = sum(check.status is Status.PASS for check in checks)
        rows.append(
            Route(
                prefix=prefix,
                load=f"{loads[prefix]:,}" if prefix in loads else "",
                before=_ways(report.observed.before, prefix),
                planned=planned[prefix],
                backup=backup.get(prefix, ""),
                after=_ways(after, prefix),
                move=move if prefix in has_moved else "stays" if report.observed.before else "",
                proof=f"{passed} of {len(checks)}" if checks else "",
                proven=passed == len(checks),
            )
        )
    return tuple(rows)


def _ways(paths: Paths, prefix: str) -> str:
    """Say by which gateways a prefix leaves; by router where they differ."""
    ways = {edge: " + ".join(of[prefix]) or "none" for edge, of in paths.items() if prefix in of}
    if len(set(ways.values())) <= 1:
        return next(iter(ways.values()), "")
    return ", ".join(f"{way} ({edge})" for edge, way in ways.items())


def _device_change(report: DistributeReport, change: GatewayChange) -> DeviceChange:
    done = "would be sent" if report.dry_run else "sent"
    kinds = {"+": "add", "-": "remove", "@": "place"}
    lines = [
        DiffLine("place" if line.startswith(("+++", "---")) else kinds.get(line[:1], "same"), line)
        for line in change.diff.splitlines()
    ]
    return DeviceChange(change, f"{counted(len(change.lines), 'line')} {done}", tuple(lines))
