"""``nornir-bgp plan`` and ``nornir-bgp distribute``."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from nornir_bgp.cli.context import CliContext, context_of
from nornir_bgp.exceptions import InputError

if TYPE_CHECKING:
    from nornir_bgp.models.report import DistributeReport

app = typer.Typer()


def _age(text: str) -> timedelta:
    from nornir_bgp.models.fields import parse_age

    try:
        return parse_age(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


PredictionsFile = Annotated[
    Path,
    typer.Argument(
        metavar="PREDICTIONS",
        help="A JSON file, customer → prefix → load; or a folder, whose newest one is taken.",
    ),
]
Solver = Annotated[
    Literal["auto", "dp", "cpsat"],
    typer.Option(help="dp: two exits, exact; cpsat: any number; auto picks and says why."),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse where no gateway has a route to a prefix.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show the plan and the lines; touch nothing.")
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Leave the change in place although its proof failed.")
]
Save = Annotated[
    bool | None,
    typer.Option(
        "--save/--no-save",
        help="Write the gateways' configuration once it is proven  \\[default: the settings'].",
        show_default=False,
    ),
]
Canary = Annotated[
    bool | None,
    typer.Option(
        "--canary/--no-canary",
        help="Move the smallest prefix first and prove it  \\[default: the settings'].",
        show_default=False,
    ),
]
MaxAge = Annotated[
    timedelta | None,
    typer.Option(
        parser=_age,
        metavar="AGE",
        help="Refuse predictions that were written longer ago, as 90s, 15m, 36h or 7d  "
        "\\[default: the settings', for a folder].",
    ),
]
MinGain = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Leave the network alone where the largest load would fall by less than this share "
        "of it, as 0.05  \\[default: the settings'].",
    ),
]
Metrics = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write how it ended as metrics for node_exporter's textfile collector.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]


@app.command()
def plan(
    context: typer.Context,
    predictions: PredictionsFile,
    solver: Solver = "auto",
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not ask the gateways what they have a route to.")
    ] = False,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Decide which exit carries which prefix; touch nothing."""
    from nornir_bgp.cli.show import show_plan
    from nornir_bgp.cli.show_simulation import show_prediction
    from nornir_bgp.runbooks.plan import plan as make

    cli = context_of(context)
    made = make(cli.nornir, predictions, solver=solver, offline=offline, strict=strict)
    if json:
        cli.answer(made.model_dump_json())
    else:
        show_plan(cli.console, made)
        if made.prediction is not None:
            show_prediction(cli.console, made.prediction)


@app.command()
def distribute(
    context: typer.Context,
    predictions: PredictionsFile,
    solver: Solver = "auto",
    dry_run: DryRun = False,
    strict: Strict = False,
    keep: Keep = False,
    force: Annotated[
        bool, typer.Option("--force", help="Accept a matrix that has shrunk since the last run.")
    ] = False,
    save: Save = None,
    canary: Canary = None,
    max_age: MaxAge = None,
    min_gain: MinGain = None,
    metrics: Metrics = None,
    json: Json = False,
) -> None:
    """Plan, put the plan on the gateways, and prove it on the edge routers.

    With a folder, which is what cron gives, nothing is said where nothing is to be changed.
    """
    from nornir_bgp.runbooks.distribute import distribute as run
    from nornir_bgp.runbooks.metrics import recorded_run

    cli = context_of(context)
    if dry_run and metrics is not None:
        raise InputError("--metrics is about runs, and --dry-run makes none; leave one out")
    with recorded_run(metrics) as record:
        report = run(
            cli.nornir,
            predictions,
            solver=solver,
            dry_run=dry_run or None,
            strict=strict,
            keep=keep,
            force=force,
            save=save,
            canary=canary,
            max_age=max_age,
            min_gain=min_gain,
        )
        record(report)
    show_report(cli, report, json=json)


def show_report(cli: CliContext, report: "DistributeReport", *, json: bool) -> NoReturn:
    """Print the report of a run, and end with its exit code."""
    from nornir_bgp.cli.show import show_changes, show_checks, show_plan
    from nornir_bgp.cli.show_simulation import show_prediction
    from nornir_bgp.report.foretold import mismatch_words
    from nornir_bgp.report.markdown import verdict

    if json:
        cli.answer(report.model_dump_json())
    elif report.left_alone is not None and not report.dry_run:
        cli.say(verdict(report))
    elif report.run is not None or report.dry_run:
        show_plan(cli.console, report.plan)
        if report.dry_run and report.plan.prediction is not None:
            show_prediction(cli.console, report.plan.prediction)
        show_changes(cli.console, report.changes, dry_run=report.dry_run)
        if report.checks:
            show_checks(cli.console, report.checks)
        for finding in report.findings:
            cli.console.print(finding, style="bold red")
        for change in report.churn:
            cli.console.print(change, style="yellow")
        for mismatch in report.mispredicted:
            cli.console.print(mismatch_words(mismatch), style="yellow")
        cli.console.print(verdict(report), style="bold")
        if report.run:
            cli.say(f"run {report.run}; nornir-bgp report shows it again")
    raise typer.Exit(report.exit_code)
