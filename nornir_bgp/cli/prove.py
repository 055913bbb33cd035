"""``nornir-bgp verify``, ``trace`` and ``report``: what is true, and what was done."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nornir_bgp.cli.context import context_of
from nornir_bgp.cli.options import Json, Metrics, Solver
from nornir_bgp.exceptions import InputError

if TYPE_CHECKING:  # the verbs load what they need: `--help` need not wait for it
    from nornir_bgp.models.report import DistributeReport
    from nornir_bgp.models.traffic import Measurement

app = typer.Typer()

Predictions = Annotated[
    Path | None,
    typer.Argument(metavar="[PREDICTIONS]", help="Compare with the plan of these predictions."),
]
RunId = Annotated[
    str | None,
    typer.Option("--run", metavar="ID", help="Compare with this run  \\[default: the latest]."),
]


@app.command()
def verify(
    context: typer.Context,
    predictions: Predictions = None,
    run: RunId = None,
    solver: Solver = "auto",
    deadline: Annotated[
        float | None,
        typer.Option(help="Seconds to wait for the tables  \\[default: verify_deadline]."),
    ] = None,
    traffic: Annotated[
        bool,
        typer.Option(
            "--traffic", help="Compare the counters of the upstream links with the plan, too."
        ),
    ] = False,
    interval: Annotated[
        float | None,
        typer.Option(help="Seconds between two readings of the counters  \\[default: 10]."),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            help="How far a link's measured and planned share may be apart  \\[default: 0.02]."
        ),
    ] = None,
    metrics: Metrics = None,
    json: Json = False,
) -> None:
    """Compare show ip bgp of every edge router with the plan.

    With --traffic also what the upstream links carry; a run's report has its last measurement.
    """
    from nornir_bgp.cli.show import show_checks, show_traffic
    from nornir_bgp.runbooks.metrics import recorded_verify
    from nornir_bgp.runbooks.verify import verify as check

    cli = context_of(context)
    _refuse_both(predictions, run)
    measurement = _measurement(traffic, interval, tolerance)
    with recorded_verify(metrics) as record:
        report = check(
            cli.nornir,
            predictions,
            run=run,
            solver=solver,
            seconds=deadline,
            traffic=measurement,
        )
        record(report)
    if report.expired:
        cli.warn(f"the plan is of {report.planned:%Y-%m-%d %H:%M} UTC and older than plan_max_age")
    if json:
        cli.answer(report.model_dump_json())
    else:
        show_checks(cli.console, report.checks)
        for mismatch in report.mispredicted:
            cli.console.print(f"{mismatch}: or routes have changed since the run", style="yellow")
        if report.traffic is not None:
            show_traffic(cli.console, report.traffic)
    raise typer.Exit(report.exit_code)


@app.command()
def trace(
    context: typer.Context,
    predictions: Predictions = None,
    run: RunId = None,
    solver: Solver = "auto",
    json: Json = False,
) -> None:
    """Trace from the lab's hosts to every planned prefix, and compare with the plan."""
    from nornir_bgp.cli.show import show_traces
    from nornir_bgp.runbooks.trace import trace as follow

    cli = context_of(context)
    _refuse_both(predictions, run)
    report = follow(cli.nornir, predictions, run=run, solver=solver)
    if json:
        cli.answer(report.model_dump_json())
    else:
        show_traces(cli.console, report)
    raise typer.Exit(report.exit_code)


@app.command()
def report(
    context: typer.Context,
    run: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="The run  \\[default: the latest].")
    ] = None,
    format_: Annotated[
        Literal["md", "html", "junit", "json", "prometheus"],
        typer.Option(
            "--format",
            help="md: Markdown; html: one page to send to somebody; junit: a test case per check; "
            "json: everything; prometheus: metrics for a textfile collector.",
        ),
    ] = "md",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file instead of stdout.")
    ] = None,
) -> None:
    """Show what a run was asked, what it changed, and what it proved."""
    from nornir_bgp.report.html import to_html
    from nornir_bgp.report.junit import to_junit
    from nornir_bgp.report.markdown import to_markdown
    from nornir_bgp.report.printable import json_printable
    from nornir_bgp.report.prometheus import to_prometheus
    from nornir_bgp.runbooks.evidence import load_report
    from nornir_bgp.runbooks.files import write_text
    from nornir_bgp.runbooks.measurements import with_traffic

    cli = context_of(context)
    runs = Path(cli.settings.runs)
    found = with_traffic(runs, load_report(runs, run))
    faces: dict[str, Callable[[DistributeReport], str]] = {
        "md": to_markdown,
        "html": to_html,
        "junit": to_junit,
        "json": lambda report: json_printable(report.model_dump_json(indent=2)) + "\n",
        "prometheus": to_prometheus,
    }
    text = faces[format_](found)
    if output is None:
        print(text, end="")
    else:
        write_text(output, text)


def _measurement(
    wanted: bool, interval: float | None, tolerance: float | None
) -> "Measurement | None":
    from nornir_bgp.models.traffic import Measurement

    values = {"interval": interval, "tolerance": tolerance}
    given = {name: value for name, value in values.items() if value is not None}
    if given and not wanted:
        raise InputError(f"--{next(iter(given))} is how to measure the traffic; add --traffic")
    return Measurement(**given) if wanted else None


def _refuse_both(predictions: Path | None, run: str | None) -> None:
    if predictions is not None and run is not None:
        raise InputError("PREDICTIONS and --run both say what to compare with; give one")
