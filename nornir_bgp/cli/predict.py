"""``nornir-bgp predict``: from measured traffic to predictions."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nornir_bgp.cli.context import CliContext, context_of
from nornir_bgp.cli.options import Json

if TYPE_CHECKING:
    from nornir.core import Nornir

app = typer.Typer(
    help="Make predictions of measured traffic, and say how good they are.",
    no_args_is_help=True,
)

_Unit = Literal["bit/s", "kbit/s", "Mbit/s", "Gbit/s"]
_Method = Literal["last", "yesterday", "ewma", "holt-winters"]

History = Annotated[
    list[Path],
    typer.Argument(metavar="HISTORY...", help="Documents that predict flows has written."),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        metavar="FILE.json",
        help="Where the document goes  \\[default: standard output].",
        show_default=False,
    ),
]
Gateways = Annotated[
    Path | None,
    typer.Option(
        "--gateways",
        metavar="FILE.json",
        help="The gateways, as for plan --offline, in place of the inventory.",
    ),
]
Collect = Annotated[
    bool, typer.Option("--collect", help="Ask the gateways what they have a route to.")
]
Trim = Annotated[
    bool,
    typer.Option("--trim", help="Leave out the first and the last slot of all, seldom whole ones."),
]
Slots = Annotated[
    int, typer.Option(min=1, help="How many slots to forecast; errors are those of the last one.")
]
Origins = Annotated[
    int,
    typer.Option(min=1, metavar="N", help="How many forecasts of each method to compare, at most."),
]


@app.command()
def flows(
    context: typer.Context,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="EXPORT...",
            help="Flows of pmacct (JSON, CSV), nfdump (CSV), or timestamp,customer,prefix,bytes; "
            "packed or not.",
        ),
    ],
    output: Output = None,
    window: Annotated[
        int | None,
        typer.Option(metavar="SECONDS", help="The length of a slot  \\[default: 300]."),
    ] = None,
    unit: Annotated[
        _Unit | None, typer.Option(help="The unit of the loads  \\[default: bit/s].")
    ] = None,
    rib: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Routes to match destinations with: bgpdump's text, MRT, or a table of FRR; "
            "repeatable.",
        ),
    ] = None,
    collect: Collect = False,
    gateways: Gateways = None,
    customers: Annotated[
        Path | None,
        typer.Option(metavar="FILE.json", help="Who sends from where: customer → prefixes."),
    ] = None,
    customer: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="The column or key that names the customer, as label."),
    ] = None,
    sampling: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="One packet of N was counted  \\[default: what the export says, or 1].",
        ),
    ] = None,
    timezone: Annotated[
        str, typer.Option(metavar="ZONE", help="Of times that do not say theirs, as Europe/Rome.")
    ] = "UTC",
    trim: Trim = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Pass over lines that cannot be read; count them.")
    ] = False,
) -> None:
    """Add up measured traffic by slot, customer and prefix.

    The document that is written may be planned for as it is, or be forecast from.
    """
    from nornir_bgp.runbooks.flow_options import FlowOptions
    from nornir_bgp.runbooks.forecast import measure

    cli = context_of(context)
    measured = measure(
        files,
        FlowOptions(
            window=window,
            unit=unit,
            ribs=tuple(rib or ()),
            collect=collect,
            customers=customers,
            customer=customer,
            sampling=sampling,
            zone=timezone,
            skip_bad=skip_bad,
            trim=trim,
        ),
        nr=cli.nornir if collect else None,
        gateways=gateways,
    )
    for remark in measured.remarks:
        cli.say(remark)
    for warning in measured.warnings:
        cli.warn(warning)
    _write(cli, measured.series().model_dump_json(), output)


@app.command("next")
def next_slots(
    context: typer.Context,
    history: History,
    output: Output = None,
    method: Annotated[
        _Method | None,
        typer.Option(
            help="How  \\[default: by the one that loses least in a back-test].",
            show_default=False,
        ),
    ] = None,
    slots: Slots = 1,
    origins: Origins = 24,
    trim: Trim = False,
    gateways: Gateways = None,
    collect: Collect = False,
) -> None:
    """Forecast the slots after a history, with the error that is to be expected."""
    from nornir_bgp.runbooks.flow_options import FlowOptions
    from nornir_bgp.runbooks.forecast import predict

    cli = context_of(context)
    forecast = predict(
        history,
        FlowOptions(collect=collect, trim=trim),
        nr=_inventory(cli, gateways),
        gateways=gateways,
        method=method,
        horizon=slots,
        origins=origins,
    )
    for warning in forecast.tested.remarks:
        cli.warn(warning)
    if forecast.end < datetime.now(UTC):
        cli.warn(
            f"the slots that are forecast were over at {forecast.end:%Y-%m-%d %H:%M} UTC; is the "
            "last history missing?"
        )
    cli.say(f"{forecast.method}: {forecast.reason}")
    if forecast.series.error is None:
        cli.warn("its error is not known: distribute cannot tell whether a change is worth it")
    else:
        cli.say(f"its error is expected to cost {forecast.series.error:.2%} of the largest load")
    _write(cli, forecast.series.model_dump_json(), output)


@app.command()
def backtest(
    context: typer.Context,
    history: History,
    method: Annotated[
        _Method | None,
        typer.Option(help="Only this one  \\[default: all].", show_default=False),
    ] = None,
    slots: Slots = 1,
    origins: Origins = 24,
    trim: Trim = False,
    gateways: Gateways = None,
    collect: Collect = False,
    json: Json = False,
) -> None:
    """Compare the methods on a history: their errors, and what these cost."""
    from nornir_bgp.cli.show_forecast import show_backtest
    from nornir_bgp.runbooks.flow_options import FlowOptions
    from nornir_bgp.runbooks.forecast import backtest as compare

    cli = context_of(context)
    report = compare(
        history,
        FlowOptions(collect=collect, trim=trim),
        nr=_inventory(cli, gateways),
        gateways=gateways,
        methods=None if method is None else (method,),
        horizon=slots,
        origins=origins,
    )
    if json:
        cli.answer(report.model_dump_json())
    else:
        show_backtest(cli.console, report)


def _inventory(cli: CliContext, gateways: Path | None) -> "Nornir | None":
    """The inventory whose exits count: the one that was named, or that is there."""
    if gateways is not None or (cli.given_config is None and not cli.config.exists()):
        return None
    return cli.nornir


def _write(cli: CliContext, document: str, output: Path | None) -> None:
    from nornir_bgp.runbooks.files import write_text

    if output is None:
        cli.answer(document)
    else:
        write_text(output, document + "\n")
        cli.say(f"written to {output}")
