"""``nornir-bgp simulate`` and ``explain``: what would be, and why it is so."""

from pathlib import Path
from typing import Annotated

import typer

from nornir_bgp.cli.context import context_of
from nornir_bgp.cli.options import Json
from nornir_bgp.exceptions import InputError

app = typer.Typer()

Ribs = Annotated[
    list[str] | None,
    typer.Option(
        "--rib",
        metavar="ROUTER=FILE",
        help="Routes that the router's upstreams send it: bgpdump's text, MRT, or a table of FRR; "
        "repeatable.",
    ),
]
Routes = Annotated[
    Path | None,
    typer.Option("--routes", metavar="FILE.yaml", help="Routes written by hand."),
]
Failures = Annotated[
    list[str] | None,
    typer.Option(
        "--fail",
        metavar="NODE|A:B",
        help="What fails, one after another: a router, an upstream, or the link of two; "
        "repeatable.",
    ),
]


@app.command()
def simulate(
    context: typer.Context,
    routers: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ROUTER]...", help="Whose tables to print  \\[default: all]."),
    ] = None,
    collect: Annotated[
        bool,
        typer.Option(
            "--collect", help="Ask our routers for configurations and routes; else the inventory."
        ),
    ] = False,
    domain: Annotated[
        Path | None,
        typer.Option(metavar="FILE.xml", help="A TOTEM domain, in place of the inventory."),
    ] = None,
    rib: Ribs = None,
    routes: Routes = None,
    fail: Failures = None,
    predictions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="A prediction matrix: then also what exits and links carry."
        ),
    ] = None,
    all_single_failures: Annotated[
        bool,
        typer.Option(
            "--all-single-failures",
            help="What each failure of a link, session or router does, in place of the tables.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """Compute every router's table, after failures too; touch nothing.

    IPv4 unicast. Where the network does not come to rest, that is said, and the exit code is 3.
    """
    from nornir_bgp.cli.show_simulation import show_simulation
    from nornir_bgp.runbooks.simulate import simulate as compute

    cli = context_of(context)
    report = compute(
        cli.nornir,
        routers=routers or (),
        collect=collect,
        totem_domain=domain,
        ribs=[_assigned(text) for text in rib or ()],
        routes=routes,
        fail=fail or (),
        predictions=predictions,
        all_single_failures=all_single_failures,
    )
    if json:
        cli.answer(report.model_dump_json())
    else:
        if all_single_failures and not routers:
            report = report.model_copy(update={"tables": ()})
        show_simulation(cli.console, report)
    raise typer.Exit(report.exit_code)


@app.command()
def explain(
    context: typer.Context,
    router: Annotated[str, typer.Argument(metavar="ROUTER", help="The router.")],
    prefix: Annotated[
        str, typer.Argument(metavar="PREFIX", help="A prefix of its table, or an address.")
    ],
    predicted: Annotated[
        bool,
        typer.Option("--predicted", help="From the computed network, not from the router."),
    ] = False,
    collect: Annotated[
        bool,
        typer.Option("--collect", help="With --predicted: compute from what our routers say."),
    ] = False,
    rib: Ribs = None,
    routes: Routes = None,
    fail: Failures = None,
    json: Json = False,
) -> None:
    """Say why a router sends a prefix where it does."""
    from nornir_bgp.cli.show_simulation import show_explanation
    from nornir_bgp.runbooks.explain import explain as say_why

    cli = context_of(context)
    if not predicted and (collect or rib or routes or fail):
        raise InputError(
            "--collect, --rib, --routes and --fail are about a computed network; add --predicted"
        )
    explanation = say_why(
        cli.nornir,
        router,
        prefix,
        predicted=predicted,
        collect=collect,
        ribs=[_assigned(text) for text in rib or ()],
        routes=routes,
        fail=fail or (),
    )
    if json:
        cli.answer(explanation.model_dump_json())
    else:
        show_explanation(cli.console, explanation)


def _assigned(text: str) -> tuple[str, Path]:
    router, equals, file = text.partition("=")
    if not (router and equals and file):
        raise InputError(f"--rib {text}: write ROUTER=FILE, as GW1=rib.gz")
    return router, Path(file)
