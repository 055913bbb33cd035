"""The command line: global options, the verbs, and what an error becomes."""

import logging
import sys
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import typer
from typer.exceptions import TyperException

from nornir_bgp import __version__
from nornir_bgp.cli import (
    demo,
    deploy,
    distribute,
    drain,
    init,
    lab,
    past,
    plan,
    predict,
    prove,
    render,
    schema,
    simulate,
)
from nornir_bgp.cli.context import CliContext
from nornir_bgp.cli.logs import LogFormat, configure_logs
from nornir_bgp.exceptions import NornirBgpError, ProgramFaultError, UnsafeChangeError

_log = logging.getLogger(__name__)

VERBS = (
    init.app,
    render.app,
    deploy.app,
    plan.app,
    distribute.app,
    drain.app,
    prove.app,
    simulate.app,
    past.app,
    schema.app,
    demo.app,
)
"""The typer apps whose commands are verbs of ours, in the order of the help."""

GROUPS: dict[str, typer.Typer] = {"predict": predict.app, "lab": lab.app}
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
    log_format: Annotated[
        LogFormat,
        typer.Option(help="json: one object per line on stderr, the phases of a run among them."),
    ] = "text",
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version and exit."
        ),
    ] = False,
) -> None:
    configure_logs(log_format, quiet=quiet, verbose=verbose)
    context.obj = CliContext(
        given_config=config, quiet=quiet, verbose=verbose, log_format=log_format
    )


def main() -> None:
    """Run the command line and exit with the code that the outcome has."""
    words = sys.argv[1:]
    # The command line may be wrong before its options are read; that is to be JSON already.
    as_json = "--log-format=json" in words or ("--log-format", "json") in pairwise(words)
    configure_logs("json" if as_json else "text", quiet=False, verbose=False)
    try:
        code = app(prog_name="nornir-bgp", standalone_mode=not as_json)
    except (ProgramFaultError, UnsafeChangeError) as error:
        code = _told_fault(str(error), words)
    except NornirBgpError as error:
        code = _told(str(error), error.exit_code)
    except TyperException as error:  # comes through as JSON only; else typer tells it
        code = _told(error.format_message(), 2)
    except Exception as error:  # whatever else happens is a fault of ours
        code = _told_fault(f"{type(error).__name__}: {error}", words)
    sys.exit(code)


def _told_fault(text: str, words: Collection[str]) -> int:
    """Log a fault of ours, with its traceback where that is asked for."""
    is_verbose = bool({"--verbose", "-v"} & set(words))
    return _told(f"a fault of nornir-bgp: {text} (--verbose shows where)", 1, traceback=is_verbose)


def _told(text: str, exit_code: int, *, traceback: bool = False) -> int:
    """Log an error, and return its exit code."""
    _log.error("%s", text, exc_info=traceback, extra={"event": "error", "exit_code": exit_code})
    return exit_code
