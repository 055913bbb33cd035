"""``nornir-bgp drain`` and ``nornir-bgp undrain``: a gateway out of use, and back."""

from pathlib import Path
from typing import Annotated

import typer

from nornir_bgp.cli.context import context_of
from nornir_bgp.cli.distribute import show_report
from nornir_bgp.cli.options import DryRun, Json, Keep, Save
from nornir_bgp.cli.planning import PlanningOptions, with_options

app = typer.Typer()

Gateway = Annotated[str, typer.Argument(metavar="GATEWAY", help="A gateway of the inventory.")]
Predictions = Annotated[
    Path | None,
    typer.Argument(
        metavar="[PREDICTIONS]",
        help="What to plan with  \\[default: what the plan that stands was made with].",
    ),
]


@app.command()
@with_options
def drain(
    context: typer.Context,
    gateway: Gateway,
    predictions: Predictions = None,
    *,
    planning: PlanningOptions,
    dry_run: DryRun = False,
    keep: Keep = False,
    save: Save = None,
    json: Json = False,
) -> None:
    """Move all traffic of ours away from a gateway, and prove it.

    Refused where the other links cannot carry it. Traffic from the Internet is not moved. What the
    options do not ask of the plan was asked of the plan that stands, and else by the settings.
    """
    from nornir_bgp.runbooks.drain import drain as run
    from nornir_bgp.runbooks.drain import standing_planning

    cli = context_of(context)
    report = run(
        cli.nornir,
        gateway,
        predictions,
        planning=planning.over(standing_planning(cli.settings)),
        dry_run=dry_run or None,
        keep=keep,
        save=save,
    )
    show_report(cli, report, json=json)


@app.command()
@with_options
def undrain(
    context: typer.Context,
    gateway: Gateway,
    predictions: Predictions = None,
    *,
    planning: PlanningOptions,
    dry_run: DryRun = False,
    keep: Keep = False,
    save: Save = None,
    json: Json = False,
) -> None:
    """Take a drained gateway into use again, with a plan that counts on it, and prove it.

    What the options do not ask of the plan was asked of the plan that stands, and else by the
    settings.
    """
    from nornir_bgp.runbooks.drain import standing_planning
    from nornir_bgp.runbooks.drain import undrain as run

    cli = context_of(context)
    report = run(
        cli.nornir,
        gateway,
        predictions,
        planning=planning.over(standing_planning(cli.settings)),
        dry_run=dry_run or None,
        keep=keep,
        save=save,
    )
    show_report(cli, report, json=json)
