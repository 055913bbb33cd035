"""Plans, changes and proofs on a terminal."""

from rich import box
from rich.console import Console
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import Check, DistributeReport, GatewayChange, TraceReport
from nornir_bgp.models.status import Status
from nornir_bgp.models.traffic import TrafficReport
from nornir_bgp.report.exits_table import (
    PLAIN,
    amount_columns,
    change_words,
    quality_words,
    reasons,
)
from nornir_bgp.report.markdown import counted, verdict
from nornir_bgp.report.measured import rate_words, share_words
from nornir_bgp.wording import shortened

_COLOURS = {
    Status.PASS: "green",
    Status.FAIL: "bold red",
    Status.MISSING: "bold red",
    Status.INCONCLUSIVE: "yellow",
    Status.ERROR: "yellow",
}


def show_plan(console: Console, plan: Plan) -> None:
    """Print which exit is to carry what, and how good that is."""
    columns = amount_columns(plan)
    table = table_with("exit", "upstream", *columns, "prefixes")
    for column in table.columns[2 : 2 + len(columns)]:
        column.justify = "right"
    for exit_ in plan.exits:
        to = "" if exit_.neighbor.is_unspecified else f" → {exit_.neighbor}"
        is_drained = exit_.gateway in plan.drained
        table.add_row(
            f"{exit_.gateway}{to}" + ", drained" * is_drained,
            exit_.upstream,
            *(cell(exit_) for cell in columns.values()),
            _listed(exit_.prefixes),
        )
    slot = "" if plan.slot is None else f"slot {plan.slot}, "
    told = f"{slot}total load {plan.total_load:,}, {quality_words(plan)}"
    console.print(Text("Plan", style="bold"), told)
    console.print(table)
    console.print(f"solver: {plan.reason}", style="dim")
    if plan.moved is not None:
        console.print(change_words(plan), style="dim")
    if len(columns) > len(PLAIN):
        for sentence in reasons(plan):
            console.print(sentence, style="dim")
    for warning in plan.warnings:
        console.print(warning, style="yellow")
    if plan.unrouted:
        console.print(f"unrouted, not counted: {shortened(plan.unrouted, 12)}", style="yellow")


def show_changes(console: Console, changes: tuple[GatewayChange, ...], *, dry_run: bool) -> None:
    """Print the change of each gateway as a diff."""
    for change in changes:
        done = "would be sent" if dry_run else "sent"
        console.print(
            Text(change.gateway, style="bold"), f"{counted(len(change.lines), 'line')} {done}"
        )
        if change.diff:
            console.print(
                Syntax(change.diff, "diff", theme="ansi_dark", background_color="default")
            )
        if change.error:
            console.print(change.error, style="bold red")
            if change.remaining:
                console.print(f"by hand, in configuration mode on {change.gateway}:")
                console.print("\n".join(change.remaining), style="bold")
        elif change.restored:
            console.print("put back to what it had", style="yellow")


def show_checks(console: Console, checks: tuple[Check, ...]) -> None:
    """Print the proof, one line per router and prefix."""
    table = table_with("router", "prefix", "planned", "actual", "LOCAL_PREF", "status", "")
    for check in checks:
        table.add_row(
            check.router,
            check.prefix,
            check.expected_gateway or "-",
            check.actual_gateway or "-",
            "-" if check.local_pref is None else str(check.local_pref),
            Text(check.status.value, style=_COLOURS[check.status]),
            check.detail,
        )
    console.print(Text("Proof", style="bold"), "show ip bgp of every edge router against the plan")
    console.print(table)


def show_traffic(console: Console, report: TrafficReport) -> None:
    """Print planned and measured share of every exit."""
    table = table_with("exit", "upstream", "interface", "planned", "measured", "rate", "status", "")
    for column in table.columns[3:6]:
        column.justify = "right"
    for exit_ in report.exits:
        table.add_row(
            f"{exit_.gateway} → {exit_.neighbor}",
            exit_.upstream,
            exit_.interface,
            share_words(exit_.planned),
            share_words(exit_.measured),
            rate_words(exit_.rate),
            Text(exit_.status.value, style=_COLOURS[exit_.status]),
            exit_.detail,
        )
    console.print(
        Text("Traffic", style="bold"),
        f"counters of the upstream links over {report.seconds:.1f} s against the plan",
    )
    console.print(table)


def show_traces(console: Console, report: TraceReport) -> None:
    """Print the way of every traceroute."""
    table = table_with("from", "to", "planned", "status", "hops")
    for trace in report.traces:
        table.add_row(
            trace.source,
            trace.destination,
            trace.expected_gateway,
            Text(trace.status.value, style=_COLOURS[trace.status]),
            " → ".join(trace.hops),
        )
    console.print(Text("Data path", style="bold"), "traceroute from the lab's hosts")
    console.print(table)


def show_history(console: Console, reports: tuple[DistributeReport, ...]) -> None:
    """Print one line per run."""
    table = table_with("run", "started (UTC)", "by", "input", "verdict")
    for report in reports:
        table.add_row(
            report.run,
            f"{report.started:%Y-%m-%d %H:%M:%S}",
            report.user,
            report.predictions or "given by the caller",
            Text(verdict(report), style="green" if report.ok else "bold red"),
        )
    console.print(table)


def _listed(prefixes: tuple[str, ...], most: int = 12) -> str:
    shown = "\n".join(prefixes[:most])
    return shown if len(prefixes) <= most else f"{shown}\n… and {len(prefixes) - most:,} more"


def table_with(*headers: str) -> Table:
    """Make an empty table in the manner of all of them."""
    return Table(*headers, box=box.SIMPLE_HEAD, pad_edge=False)
