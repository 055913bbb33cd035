"""``nornir-bgp plan`` and ``nornir-bgp distribute``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from nornir_bgp.cli.context import CliContext, context_of

if TYPE_CHECKING:
    from nornir_bgp.models.report import DistributeReport

app = typer.Typer()

PredictionsFile = Annotated[
    Path, typer.Argument(metavar="PREDICTIONS", help="A JSON file: customer → prefix → load.")
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
    from nornir_bgp.runbooks.plan import plan as make

    cli = context_of(context)
    made = make(cli.nornir, predictions, solver=solver, offline=offline, strict=strict)
    if json:
        print(made.model_dump_json())
    else:
        show_plan(cli.console, made)


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
    json: Json = False,
) -> None:
    """Plan, put the plan on the gateways, and prove it on the edge routers."""
    from nornir_bgp.runbooks.distribute import distribute as run

    cli = context_of(context)
    report = run(
        cli.nornir,
        predictions,
        solver=solver,
        dry_run=dry_run or None,
        strict=strict,
        keep=keep,
        force=force,
        save=save,
    )
    show_report(cli, report, json=json)


def show_report(cli: CliContext, report: "DistributeReport", *, json: bool) -> NoReturn:
    """Print the report of a run, and end with its exit code."""
    from nornir_bgp.cli.show import show_changes, show_checks, show_plan
    from nornir_bgp.report.markdown import verdict

    if json:
        print(report.model_dump_json())
    else:
        show_plan(cli.console, report.plan)
        show_changes(cli.console, report.changes, dry_run=report.dry_run)
        if report.checks:
            show_checks(cli.console, report.checks)
        for finding in report.findings:
            cli.console.print(finding, style="bold red")
        cli.console.print(verdict(report), style="bold")
        if report.run:
            cli.say(f"run {report.run}; nornir-bgp report shows it again")
    raise typer.Exit(report.exit_code)
