"""``nornir-bgp demo``: the whole loop on a lab of its own, from nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.rule import Rule
from rich.text import Text

from nornir_bgp.cli.context import CliContext, context_of
from nornir_bgp.cli.lab import progress_of
from nornir_bgp.cli.show import show_changes, show_checks, show_plan, show_traces
from nornir_bgp.exceptions import InputError

if TYPE_CHECKING:
    from nornir.core import Nornir

app = typer.Typer()


@app.command()
def demo(
    context: typer.Context,
    predictions: Annotated[
        Path, typer.Argument(metavar="[PREDICTIONS]", help="The matrix to distribute.")
    ] = Path("predictions/test.json"),
) -> None:
    """Bring up a lab, predict, plan, preview, push, prove and report; then end the lab."""
    from nornir_bgp import runbooks
    from nornir_bgp.report.markdown import verdict
    from nornir_bgp.runbooks.files import read_text
    from nornir_bgp.runbooks.lab import lab_down

    cli = context_of(context)
    nr = _on_a_lab_of_its_own(cli)
    text = read_text(predictions)
    _title(cli, "lab: real FRR and SSH in Linux namespaces, nothing leaves this machine")
    try:
        with progress_of(cli) as progress:
            lab = runbooks.lab_up(nr, progress=progress)
        routers = ", ".join(lab.routers)
        cli.console.print(f"{len(lab.routers)} routers, every BGP session established: {routers}")
        _title(cli, f"predict: {predictions}")
        cli.console.print(text.rstrip())
        _title(cli, "plan: which gateway carries which prefix")
        preview = runbooks.distribute(nr, predictions, dry_run=True)
        show_plan(cli.console, preview.plan)
        _title(cli, "preview: the lines, before anything is touched")
        show_changes(cli.console, preview.changes, dry_run=True)
        _title(cli, "push and prove")
        report = runbooks.distribute(nr, predictions)
        show_changes(cli.console, report.changes, dry_run=False)
        show_checks(cli.console, report.checks)
        for check in report.checks[:1]:
            _title(cli, f"show ip bgp on {check.router}")
            cli.console.print(lab.vtysh(check.router, "show ip bgp").rstrip())
        _title(cli, "the data path")
        traces = runbooks.trace(nr)
        show_traces(cli.console, traces)
    finally:
        lab_down(runbooks.settings_of(nr))
    file = Path(runbooks.settings_of(nr).runs) / str(report.run) / "report.html"
    _title(cli, "report")
    cli.console.print(Text(verdict(report), style="bold"))
    cli.console.print(f"{file} and the evidence beside it")
    raise typer.Exit(report.exit_code or traces.exit_code)


def _on_a_lab_of_its_own(cli: CliContext) -> "Nornir":
    """The configured network, on a lab beside the one that the user may have running."""
    nr, settings = cli.nornir, cli.settings
    if settings.lab is None:
        raise InputError(f"{cli.config}: names no lab (user_defined.lab), which the demo runs on")
    state = str(Path(settings.lab.state) / "demo")
    nr.config.user_defined["lab"] = settings.lab.model_copy(update={"state": state}).model_dump()
    return nr


def _title(cli: CliContext, text: str) -> None:
    cli.console.print(Rule(Text(text, style="bold cyan"), align="left", characters="─"))
