"""``nornir-bgp distribute``."""

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from nornir_bgp.cli.context import CliContext, context_of
from nornir_bgp.cli.options import (
    Canary,
    DryRun,
    Json,
    Keep,
    MaxAge,
    Metrics,
    MinGain,
    Save,
    Solver,
    Strict,
)
from nornir_bgp.cli.planning import (
    PlanningOptions,
    PredictionFiles,
    Slot,
    predictions_of,
    with_options,
)
from nornir_bgp.exceptions import InputError

if TYPE_CHECKING:
    from nornir_bgp.models.report import DistributeReport

app = typer.Typer()


@app.command()
@with_options
def distribute(
    context: typer.Context,
    predictions: PredictionFiles,
    solver: Solver = "auto",
    *,
    planning: PlanningOptions,
    slot: Slot = None,
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
        asked = planning.over(cli.settings.planning)
        report = run(
            cli.nornir,
            predictions_of(predictions),
            solver=solver,
            planning=asked,
            slot=slot,
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
