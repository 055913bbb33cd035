"""``nornir-bgp plan`` and ``nornir-bgp distribute``."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from nornir_bgp.cli.context import CliContext, context_of
from nornir_bgp.cli.planning import (
    Aggregate,
    Backups,
    Bans,
    Ceiling,
    Coverage,
    Objectives,
    Overrides,
    Pins,
    PredictionFiles,
    Slot,
    planning_of,
    predictions_of,
)
from nornir_bgp.exceptions import InputError

if TYPE_CHECKING:
    from nornir_bgp.models.plan import Plan
    from nornir_bgp.models.report import DistributeReport

app = typer.Typer()


def _age(text: str) -> timedelta:
    from nornir_bgp.models.fields import parse_age

    try:
        return parse_age(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Solver = Annotated[
    Literal["auto", "dp", "cpsat", "scale"],
    typer.Option(
        help="dp: two exits, exact; cpsat: any number, exact; scale: any number, for large "
        "tables; auto picks and says why."
    ),
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
        "of it, as 0.05, or by less than the predictions' own error  \\[default: the settings'].",
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
    predictions: PredictionFiles,
    solver: Solver = "auto",
    objectives: Objectives = None,
    ceiling: Ceiling = None,
    coverage: Coverage = None,
    pins: Pins = None,
    bans: Bans = None,
    overrides: Overrides = None,
    aggregate: Aggregate = None,
    backups: Backups = None,
    slot: Slot = None,
    per_slot: Annotated[
        bool, typer.Option("--per-slot", help="One plan for each slot of time.")
    ] = False,
    slot_moves: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            help="With --per-slot: at most so many prefixes move from one slot to the next.",
        ),
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not ask the gateways what they have a route to.")
    ] = False,
    gateways: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="With --offline: the gateways, and what they reach, from this JSON file instead "
            "of the inventory.",
        ),
    ] = None,
    strict: Strict = False,
    json: Json = False,
) -> None:
    """Decide which exit carries which prefix; touch nothing."""
    from nornir_bgp.cli.show import show_plan
    from nornir_bgp.cli.show_simulation import show_prediction
    from nornir_bgp.runbooks.plan import plan as make
    from nornir_bgp.runbooks.plan import plan_by_file, plan_slots

    cli = context_of(context)
    if gateways is not None and not offline:
        raise InputError("--gateways is for plans that ask no router; add --offline")
    if slot_moves is not None and not per_slot:
        raise InputError("--slot-moves is about the plans of --per-slot; add that")
    if slot is not None and per_slot:
        raise InputError("--slot asks for one slot and --per-slot for all; give one")
    files = predictions_of(predictions)
    planning = planning_of(
        cli.settings.planning,
        objectives=objectives,
        ceiling=ceiling,
        coverage=coverage,
        overrides=overrides,
        aggregate=aggregate,
        backups=backups,
        pins=pins,
        bans=bans,
    )
    plans: tuple[Plan, ...]
    if gateways is not None:
        plans = plan_by_file(
            files,
            gateways,
            solver=solver,
            planning=planning,
            slot=slot,
            per_slot=per_slot,
            slot_moves=slot_moves,
            strict=strict,
        )
    elif per_slot:
        plans = plan_slots(
            cli.nornir,
            files,
            slot_moves=slot_moves,
            solver=solver,
            planning=planning,
            offline=offline,
            strict=strict,
        )
    else:
        made = make(
            cli.nornir,
            files,
            solver=solver,
            planning=planning,
            slot=slot,
            offline=offline,
            strict=strict,
        )
        plans = (made,)
    if json:
        written = [made.model_dump_json() for made in plans]
        cli.answer(f"[{','.join(written)}]" if per_slot else written[0])
        return
    for made in plans:
        show_plan(cli.console, made)
        if made.prediction is not None:
            show_prediction(cli.console, made.prediction)


@app.command()
def distribute(
    context: typer.Context,
    predictions: PredictionFiles,
    solver: Solver = "auto",
    objectives: Objectives = None,
    ceiling: Ceiling = None,
    coverage: Coverage = None,
    pins: Pins = None,
    bans: Bans = None,
    overrides: Overrides = None,
    aggregate: Aggregate = None,
    backups: Backups = None,
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
        planning = planning_of(
            cli.settings.planning,
            objectives=objectives,
            ceiling=ceiling,
            coverage=coverage,
            overrides=overrides,
            aggregate=aggregate,
            backups=backups,
            pins=pins,
            bans=bans,
        )
        report = run(
            cli.nornir,
            predictions_of(predictions),
            solver=solver,
            planning=planning,
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
