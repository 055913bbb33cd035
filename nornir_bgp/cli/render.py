"""``nornir-bgp render``."""

from pathlib import Path
from typing import Annotated

import typer

from nornir_bgp.cli.context import context_of

app = typer.Typer()

_DEFAULT_INPUT = Path("input")


@app.command()
def render(
    context: typer.Context,
    source: Annotated[
        Path | None,
        typer.Argument(
            metavar="[INPUT]",
            help="A YAML file with a `devices:` list, or a folder of them  "
            "\\[default: `input/` where it exists, else the inventory].",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Argument(metavar="[OUTPUT]", help="The folder of the configurations.")
    ] = Path("output"),
    template: Annotated[
        Path | None,
        typer.Argument(
            metavar="[TEMPLATE]", help="The template  \\[default: the one of the settings]."
        ),
    ] = None,
) -> None:
    """Render every device's FRR configuration into OUTPUT/<hostname>.conf."""
    from nornir_bgp.runbooks.files import write_configurations
    from nornir_bgp.runbooks.plain import load_plain
    from nornir_bgp.runbooks.render import render as render_all

    cli = context_of(context)
    if source is None and _DEFAULT_INPUT.is_dir():
        source = _DEFAULT_INPUT
    if source is None:
        nr = cli.nornir
    else:
        nr = load_plain(source, cli.settings)
        cli.warn_about(nr)
    paths = write_configurations(render_all(nr, template=template), output)
    cli.say(f"{len(paths)} configurations in {output}/")
