"""Tables, loads and failures that were computed, on a terminal."""

from collections.abc import Collection

from rich.console import Console
from rich.text import Text

from nornir_bgp.cli.show import table_with
from nornir_bgp.models.simulation import (
    Explanation,
    FailureCase,
    LoadReport,
    Oscillation,
    PredictedTable,
    Prediction,
    SimulationReport,
)
from nornir_bgp.report.foretold import (
    amount_words,
    doubts_of,
    failure_cases,
    failure_header,
    failure_row,
    gateways_of,
    harmless_words,
    mismatch_words,
)


def show_prediction(console: Console, prediction: Prediction) -> None:
    """Print what a plan brings about."""
    for table in prediction.tables:
        console.print(Text(table.router, style="bold"), "after the change, as computed")
        console.print(table.text)
    if prediction.failures or prediction.harmless:
        cases = failure_cases(prediction.loads, prediction.failures)
        show_failures(console, cases, prediction.harmless)
    for doubt in doubts_of(prediction):
        console.print(doubt, style="yellow")


def show_simulation(console: Console, report: SimulationReport) -> None:
    """Print a network that was computed."""
    failed = f"after {', then '.join(report.failed)}" if report.failed else "nothing failed"
    told = (
        "as our routers are configured" if report.source == "network" else f"of the {report.source}"
    )
    console.print(Text("Computed", style="bold"), f"the network {told}; {failed}")
    for table in report.tables:
        _show_table(console, table)
    if report.loads is not None:
        _show_loads(console, report.loads)
    if report.failures is not None:
        harmless = sum(case.harmless for case in report.failures)
        show_failures(console, failure_cases(report.loads, report.failures), harmless)
    for mismatch in report.mismatches:
        console.print(mismatch_words(mismatch), style="bold yellow")
    for warning in report.warnings:
        console.print(warning, style="yellow")
    for oscillation in report.oscillations:
        _show_oscillation(console, oscillation)


def show_failures(console: Console, cases: Collection[FailureCase], harmless: int) -> None:
    """Print what single failures do, and how many do nothing."""
    gateways = gateways_of(cases)
    if cases:
        table = table_with(*failure_header(gateways))
        for column in table.columns[1 : len(gateways) + 2]:
            column.justify = "right"
        for case in cases:
            table.add_row(*failure_row(case, gateways))
        console.print(Text("Single failures", style="bold"), "load per gateway, prefixes")
        console.print(table)
    if harmless:
        console.print(harmless_words(harmless), style="dim")


def show_explanation(console: Console, explanation: Explanation) -> None:
    """Print why a route is chosen: the paragraph, then the paths."""
    console.print(explanation.text, soft_wrap=not console.is_terminal)
    if not explanation.paths:
        return
    table = table_with("from", "next hop", "LOCAL_PREF", "AS path", "")
    for path in explanation.paths:
        table.add_row(
            path.source, path.next_hop, str(path.local_pref), path.as_path or "-", path.verdict
        )
    console.print(table)


def _show_table(console: Console, table: PredictedTable) -> None:
    console.print(Text(table.router, style="bold"))
    console.print(table.text)


def _show_loads(console: Console, loads: LoadReport) -> None:
    exits = table_with("exit", "upstream", "load", "capacity")
    for exit_ in loads.exits:
        exits.add_row(
            f"{exit_.gateway} → {exit_.neighbor}",
            exit_.upstream,
            amount_words(exit_.load),
            "-" if exit_.capacity is None else f"{exit_.capacity:,}",
            style="bold red" if exit_.exceeded else None,
        )
    links = table_with("link", "load")
    for link in loads.links:
        links.add_row(f"{link.sender} → {link.receiver}", amount_words(link.load))
    exits.columns[2].justify = exits.columns[3].justify = links.columns[1].justify = "right"
    console.print(Text("Loads", style="bold"), "of the predictions")
    console.print(exits)
    console.print(links)
    for lost in loads.undelivered:
        where = f"goes round {', '.join(lost.loop)}" if lost.loop else f"{lost.reason}"
        console.print(
            f"{lost.prefix}: {amount_words(lost.load)} ends at {lost.router}: {where}",
            style="bold red",
        )


def _show_oscillation(console: Console, oscillation: Oscillation) -> None:
    prefixes = ", ".join(oscillation.prefixes)
    console.print(f"does not come to rest: {prefixes}", style="bold red")
    for state in oscillation.states:
        console.print(f"  {state}")
