"""The command line: global options, the verbs, and what an error becomes."""

import sys
import traceback
from pathlib import Path
from typing import Annotated

import typer

from nornir_bgp import __version__
from nornir_bgp.cli import demo, deploy, distribute, lab, past, prove, render
from nornir_bgp.cli.context import CliContext
from nornir_bgp.exceptions import NornirBgpError
from nornir_bgp.report.printable import printable

VERBS = (render.app, deploy.app, distribute.app, prove.app, past.app, demo.app)
"""The typer apps whose commands are verbs of ours, in the order of the help."""

GROUPS: dict[str, typer.Typer] = {"lab": lab.app}
"""The typer apps that are groups of verbs: name -> app."""

app = typer.Typer(
    help="Decide which gateway carries which prefix, put it on the routers, and prove it.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for verb in VERBS:
    app.add_typer(verb)
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"nornir-bgp {__version__}")
        raise typer.Exit


@app.callback()
def _global_options(
    context: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(help="Nornir's configuration  \\[default: config.yaml].", show_default=False),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Only answers and errors.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Tell every task on every router.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    context.obj = CliContext(given_config=config, quiet=quiet, verbose=verbose)


def main() -> None:
    """Run the command line and exit with the code that the outcome has."""
    try:
        app(prog_name="nornir-bgp")
    except NornirBgpError as error:
        print(printable(f"error: {error}"), file=sys.stderr)
        sys.exit(error.exit_code)
    except Exception as error:  # whatever else happens is a fault of ours
        if {"--verbose", "-v"} & set(sys.argv[1:]):
            traceback.print_exc()
        print(
            f"error: a fault of nornir-bgp: {type(error).__name__}: {error} "
            "(--verbose shows where)",
            file=sys.stderr,
        )
        sys.exit(1)
