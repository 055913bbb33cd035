"""``nornir-bgp deploy``."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.syntax import Syntax
from rich.text import Text

from nornir_bgp.cli.context import context_of
from nornir_bgp.report.markdown import counted

if TYPE_CHECKING:  # the verb loads what it needs: `--help` need not wait for it
    from rich.console import Console

    from nornir_bgp.models.deploy import DeployReport, DeviceDeploy

app = typer.Typer()


@app.command()
def deploy(
    context: typer.Context,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the differences; touch nothing.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Also remove the lines that are nobody's.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Bring every router of the inventory to its rendered configuration."""
    from nornir_bgp.runbooks.deploy import deploy as run

    cli = context_of(context)
    report = run(cli.nornir, dry_run=dry_run or None, replace=replace)
    if json:
        cli.answer(report.model_dump_json())
    else:
        for device in report.devices:
            _show(cli.console, device, report)
    raise typer.Exit(report.exit_code)


def _show(console: "Console", device: "DeviceDeploy", report: "DeployReport") -> None:
    change = device.change
    if change is not None:
        done = "would be sent" if report.dry_run else "sent"
        verdict = (
            "as rendered" if change.is_empty else f"{counted(len(change.commands), 'line')} {done}"
        )
        console.print(Text(device.device, style="bold"), verdict)
        if change.diff:
            diff = Syntax(change.diff, "diff", theme="ansi_dark", background_color="default")
            console.print(diff)
        if change.unmanaged:
            removed = "removed" if report.replace else "not touched; --replace removes them"
            console.print(f"unmanaged lines, {removed}:", style="yellow", highlight=False)
            for line in change.unmanaged:
                console.print(Text(f"  {line}"))
    else:
        console.print(Text(device.device, style="bold"), "nothing sent")
    if device.error:
        console.print(Text(device.error, style="bold red"))
    if device.restored:
        console.print("put back to what it was", style="yellow")
