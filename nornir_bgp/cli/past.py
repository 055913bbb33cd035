"""``nornir-bgp rollback``, ``recover`` and ``history``: what was, and how to get back to it."""

from pathlib import Path
from typing import Annotated

import typer

from nornir_bgp.cli.context import context_of
from nornir_bgp.cli.distribute import show_report
from nornir_bgp.cli.options import DryRun, Json, Keep, Save

app = typer.Typer()


@app.command()
def rollback(
    context: typer.Context,
    run: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="The run whose plan to go back to  \\[default: the one before]."
        ),
    ] = None,
    dry_run: DryRun = False,
    keep: Keep = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also to a plan that is older than plan_max_age.")
    ] = False,
    save: Save = None,
    json: Json = False,
) -> None:
    """Put the plan of an earlier run on the gateways again, and prove it."""
    from nornir_bgp.runbooks.rollback import rollback as go_back

    cli = context_of(context)
    report = go_back(cli.nornir, run, dry_run=dry_run or None, keep=keep, force=force, save=save)
    show_report(cli, report, json=json)


@app.command()
def recover(context: typer.Context) -> None:
    """Put back what a killed run may have changed; distribute does so by itself."""
    from nornir_bgp.runbooks.recover import recover as put_back

    cli = context_of(context)
    recovered = put_back(cli.nornir)
    for run in recovered:
        cli.console.print(f"run {run} was interrupted and is put back")
    if not recovered:
        cli.console.print("no run was interrupted")


@app.command()
def history(context: typer.Context, json: Json = False) -> None:
    """List the runs, the latest first."""
    import orjson

    from nornir_bgp.cli.show import show_history
    from nornir_bgp.runbooks.evidence import load_reports

    cli = context_of(context)
    reports = tuple(load_reports(Path(cli.settings.runs)))
    if json:
        cli.answer(orjson.dumps([report.model_dump(mode="json") for report in reports]).decode())
    else:
        show_history(cli.console, reports)
