"""``nornir-bgp lab``: the built-in lab."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from nornir_bgp.cli.context import CliContext, context_of
from nornir_bgp.exceptions import InputError
from nornir_bgp.lab.sizes import LARGEST, MOST_CUSTOMERS, MOST_PREFIXES

if TYPE_CHECKING:  # the verbs load what they need: `--help` need not wait for it
    from nornir_bgp.lab.lab import Lab
    from nornir_bgp.lab.launch import Progress as LabProgress
    from nornir_bgp.lab.status import LabStatus

app = typer.Typer(
    help="The network of the topology file, on this machine, in Linux namespaces.",
    no_args_is_help=True,
)

NodeName = Annotated[str, typer.Argument(metavar="NODE", help="A node of the topology.")]


@app.command()
def up(
    context: typer.Context,
    seconds: Annotated[
        float, typer.Option(min=1, help="How long the start, and then the sessions, may take.")
    ] = 60.0,
) -> None:
    """Start the lab; return when every BGP session is established."""
    from nornir_bgp.lab.lifecycle import Start
    from nornir_bgp.runbooks.lab import lab_up

    cli = context_of(context)
    with progress_of(cli) as progress:
        lab = lab_up(cli.nornir, progress=progress, seconds=seconds)
    match lab.started.how:
        case Start.STARTED:
            cli.say(f"lab {lab.name} is up: {len(lab.routers)} routers, every session established")
        case Start.UNCHANGED:
            cli.say(f"lab {lab.name} is already up; nothing was changed")
        case Start.REPLACED:
            cli.say(f"lab {lab.name} was damaged and is up anew")
            cli.say(f"it had lost: {', '.join(lab.started.missing)}")
    if lab.started.outdated:
        cli.warn(
            "it was started from another topology or inventory; `nornir-bgp lab down` and "
            "`nornir-bgp lab up` bring it to the present one"
        )


@app.command()
def down(context: typer.Context) -> None:
    """End the lab, all of it."""
    from nornir_bgp.runbooks.lab import lab_down

    cli = context_of(context)
    cli.say("the lab is down" if lab_down(cli.settings) else "the lab was not up")


@app.command()
def status(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Show every node: its daemons, its BGP sessions, whether SSH answers.

    The exit code is 0 if everything is there, 3 if something is not, 4 if the lab is not up.
    """
    from nornir_bgp.runbooks.lab import lab_status

    cli = context_of(context)
    found = lab_status(cli.settings)
    if as_json:
        cli.answer(found.model_dump_json())
    elif not found.up:
        cli.say(f"lab {found.name} is not up; start it with `nornir-bgp lab up`")
    else:
        Console().print(_table(found))
    if not found.complete:
        raise typer.Exit(3 if found.up else 4)


@app.command(name="exec", context_settings={"ignore_unknown_options": True})
def execute(
    context: typer.Context,
    node: NodeName,
    command: Annotated[list[str], typer.Argument(metavar="-- CMD...", help="What to run.")],
) -> None:
    """Run a command inside a node, with its terminal and its exit status."""
    from nornir_bgp.runbooks.lab import running_lab

    _become(running_lab(context_of(context).settings), node, command)


@app.command()
def shell(context: typer.Context, node: NodeName) -> None:
    """Open vtysh on a router, or a shell on another node."""
    from nornir_bgp.runbooks.lab import running_lab

    lab = running_lab(context_of(context).settings)
    is_router = node in lab.routers
    _become(lab, node, ["vtysh"] if is_router else [os.environ.get("SHELL", "/bin/sh")])


@app.command()
def traffic(
    context: typer.Context,
    predictions: Annotated[
        Path, typer.Argument(metavar="PREDICTIONS", help="The matrix, or a folder of matrices.")
    ],
    seconds: Annotated[float, typer.Option(help="How long to send, 1 to 600.")] = 20.0,
    rate: Annotated[float, typer.Option(help="Mbit/s of all hosts together, 0.1 to 100.")] = 8.0,
) -> None:
    """Send UDP from the hosts to every predicted prefix, in proportion to the predictions.

    The n-th customer of the matrix sends from the n-th host of the topology. Meanwhile
    `nornir-bgp verify --traffic` shows whether each upstream link carries its planned share.
    """
    from nornir_bgp.lab.traffic import hosts_of, make_flows, send_flows
    from nornir_bgp.runbooks.lab import running_lab
    from nornir_bgp.runbooks.predictions import locate, read_predictions

    cli = context_of(context)
    matrix = read_predictions(locate(predictions, cli.settings))
    lab = running_lab(cli.settings)
    flows = make_flows(matrix, hosts_of(lab), seconds=seconds, rate=rate)
    cli.say(
        f"sending {flows.datagrams:,} datagrams in {seconds:g} s from {', '.join(flows.counts)}"
    )
    send_flows(lab, flows)


@app.command()
def generate(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or an empty folder.")],
    gateways: Annotated[
        int, typer.Option(min=1, max=LARGEST, help="Gateways, each with an upstream of its own.")
    ] = 8,
    edges: Annotated[int, typer.Option(min=1, max=LARGEST, help="Edge routers.")] = 4,
    customers: Annotated[
        int, typer.Option(min=1, max=MOST_CUSTOMERS, help="Customers, each behind every edge.")
    ] = 2,
    prefixes: Annotated[
        int, typer.Option(min=1, max=MOST_PREFIXES, help="Prefixes that the upstreams announce.")
    ] = 5000,
    ipv6: Annotated[
        bool, typer.Option("--ipv6", help="Dual-stack; every fourth prefix is one of IPv6.")
    ] = False,
    capacities: Annotated[
        str | None,
        typer.Option(
            metavar="N[,N]...",
            help="Capacities of the upstream links, in the unit of the predictions, one after "
            "another and again from the start  \\[default: none, equal links].",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Another one draws another network.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")] = False,
) -> None:
    """Write a project with a network of any size into DIR: topology, inventory, predictions.

    Each upstream announces a part of the prefixes, so that gateways reach different ones.
    """
    from orjson import dumps

    from nornir_bgp.lab.generated import Size
    from nornir_bgp.runbooks.generate import PREDICTIONS
    from nornir_bgp.runbooks.generate import generate as write

    cli = context_of(context)
    size = Size(
        gateways=gateways,
        edges=edges,
        customers=customers,
        prefixes=prefixes,
        ipv6=ipv6,
        capacities=_capacities(capacities),
        seed=seed,
    )
    files = write(folder, size)
    if json:
        cli.answer(dumps({"folder": str(folder), "files": list(map(str, files))}).decode())
        return
    for file in files:
        print(file)
    routers = customers + edges + 2 * gateways
    cli.say(
        f"a network of {routers} routers is in {folder}/; there, `nornir-bgp lab up` and "
        f"`nornir-bgp distribute {PREDICTIONS}` work at once"
    )


def _capacities(text: str | None) -> tuple[int, ...]:
    """Read a list of capacities.

    Raises:
        InputError: one of them is no positive whole number.
    """
    if text is None:
        return ()
    words = text.split(",")
    for word in words:
        if not (word.isascii() and word.isdecimal() and 0 < int(word) < 2**63):
            raise InputError(
                f"--capacities: {word!r} is not a capacity; write whole numbers above 0 with "
                "commas between them, as in 100000,40000"
            )
    return tuple(map(int, words))


def _become(lab: "Lab", node: str, argv: list[str]) -> None:
    """Replace this process by a command inside a node.

    A router has folders of its own in place of some of the machine's, so a command starts in its
    root; elsewhere it starts in the present folder.
    """
    command = lab.command(node, argv, folder=None if node in lab.routers else Path.cwd())
    sys.stdout.flush()
    os.execvp(command[0], command)  # noqa: S606 - no shell is meant


@contextmanager
def progress_of(cli: CliContext) -> "Iterator[LabProgress | None]":
    """Show progress on standard error, where that is a terminal."""
    console = Console(stderr=True)
    if not cli.animated or not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("lab"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as display:
        task = display.add_task("", total=None)

        def show(done: int, total: int, step: str) -> None:
            description = "waiting for BGP" if done == total else step
            display.update(task, completed=done, total=total, description=description)

        yield show


def _table(found: "LabStatus") -> Table:
    table = Table(title=f"lab {found.name}")
    for heading in ("node", "role", "daemons", "sessions", "SSH"):
        table.add_column(heading)
    for node in found.nodes:
        daemons = " ".join(
            name if alive else f"[red]{name} (down)[/red]" for name, alive in node.daemons.items()
        )
        sessions = "" if node.established is None else f"{node.established}/{node.configured}"
        if node.established != node.configured:
            sessions = f"[red]{sessions}[/red]"
        ssh = {True: "yes", False: "[red]no[/red]", None: ""}[node.ssh]
        name = node.name if node.namespace else f"[red]{node.name} (lost)[/red]"
        table.add_row(name, str(node.role), daemons, sessions, ssh)
    return table
