"""``nornir-bgp init``."""

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from nornir_bgp.cli.context import CliContext, context_of
from nornir_bgp.exceptions import InputError

if TYPE_CHECKING:  # the verb loads what it needs: `--help` need not wait for it
    from nornir_bgp.models.adoption import Adoption

app = typer.Typer()


@app.command()
def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or an empty folder.")],
    hosts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[HOST]...", help="With --from-running: the routers to read."),
    ] = None,
    from_running: Annotated[
        bool,
        typer.Option(
            "--from-running",
            help="Adopt an existing network: read the running configuration of every HOST, an "
            "address or a name, and write the inventory. Nothing on a router is changed.",
        ),
    ] = False,
    username: Annotated[
        str | None, typer.Option(help="The SSH user  \\[default: your login name].")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The SSH port  \\[default: 22].")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Write a working project into DIR: the reference network, or with --from-running your own.

    The exit code of --from-running is 0 if a deploy of the inventory would change nothing, and 3
    if the routers have lines that it would change; DIR/ADOPTED.md says which.
    """
    cli = context_of(context)
    if not from_running:
        if hosts:
            raise InputError(f"{hosts[0]}: routers are read with --from-running; add it")
        for option, value in (("--username", username), ("--port", port)):
            if value is not None:
                raise InputError(f"{option} is how routers are read with --from-running; add that")
        _write_skeleton(cli, folder, json=json)
        return
    if not hosts:
        raise InputError(
            "--from-running: name the routers, as in init DIR --from-running 192.0.2.1"
        )
    from nornir_bgp.runbooks.adopt import adopt_network

    adoption = adopt_network(
        folder,
        hosts,
        username=username or getpass.getuser(),
        port=22 if port is None else port,
        settings=cli.settings,
    )
    if json:
        cli.answer(adoption.model_dump_json())
    else:
        _show(cli, adoption)
    raise typer.Exit(adoption.exit_code)


def _write_skeleton(cli: CliContext, folder: Path, *, json: bool) -> None:
    from orjson import dumps

    from nornir_bgp.runbooks.init import init as write

    files = write(folder)
    if json:
        cli.answer(dumps({"folder": str(folder), "files": list(map(str, files))}).decode())
        return
    for file in files:
        print(file)
    cli.say(
        f"the reference network is in {folder}/; there, `nornir-bgp lab up` and "
        "`nornir-bgp distribute predictions/test.json` work at once"
    )


def _show(cli: CliContext, adoption: "Adoption") -> None:
    from nornir_bgp.report.adoption import listings, summary
    from nornir_bgp.report.printable import printable

    console = cli.console
    for adopted in adoption.devices:
        console.print(Text(adopted.device.hostname, style="bold"), summary(adopted))
        for sentence in adopted.assumed:
            console.print(f"- {sentence}")
        for title, lines in listings(adopted):
            alarming = adopted.would_change and lines == tuple(adopted.would_change.splitlines())
            console.print(f"{title}:", style="bold red" if alarming else "yellow")
            for line in lines:
                console.print(Text(f"  {printable(line)}"))
    cli.say(f"written to {adoption.folder}/; ADOPTED.md there says the same")
