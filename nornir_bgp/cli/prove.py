"""``nornir-bgp verify``, ``trace`` and ``report``: what is true, and what was done."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from nornir_bgp.cli.context import context_of
from nornir_bgp.cli.distribute import Json, Solver
from nornir_bgp.exceptions import InputError

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
    json: Json = False,
) -> None:
    """Compare show ip bgp of every edge router with the plan."""
    from nornir_bgp.cli.show import show_checks
    from nornir_bgp.runbooks.verify import verify as check

    cli = context_of(context)
    _refuse_both(predictions, run)
    report = check(cli.nornir, predictions, run=run, solver=solver, seconds=deadline)
    if json:
        print(report.model_dump_json())
    else:
        show_checks(cli.console, report.checks)
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
        print(report.model_dump_json())
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
    from nornir_bgp.report.prometheus import to_prometheus
    from nornir_bgp.runbooks.evidence import load_report
    from nornir_bgp.runbooks.files import write_text

    cli = context_of(context)
    found = load_report(Path(cli.settings.runs), run)
    faces = {
        "md": to_markdown,
        "html": to_html,
        "junit": to_junit,
        "json": lambda report: report.model_dump_json(indent=2) + "\n",
        "prometheus": to_prometheus,
    }
    text = faces[format_](found)
    if output is None:
        print(text, end="")
    else:
        write_text(output, text)


def _refuse_both(predictions: Path | None, run: str | None) -> None:
    if predictions is not None and run is not None:
        raise InputError("PREDICTIONS and --run both say what to compare with; give one")
