"""Options that several verbs have."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer


def _age(text: str) -> timedelta:
    from nornir_bgp.models.fields import parse_age

    try:
        return parse_age(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


Solver = Annotated[
    Literal["auto", "dp", "cpsat", "scale"],
    typer.Option(
        help="dp: two exits, exact; cpsat: any number, exact; scale: any number, for large "
        "tables; auto picks and says why."
    ),
]
Strict = Annotated[
    bool, typer.Option("--strict", help="Refuse where no gateway has a route to a prefix.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Show the plan and the lines; touch nothing.")
]
Keep = Annotated[
    bool, typer.Option("--keep", help="Leave the change in place although its proof failed.")
]
Save = Annotated[
    bool | None,
    typer.Option(
        "--save/--no-save",
        help="Write the gateways' configuration once it is proven  \\[default: the settings'].",
        show_default=False,
    ),
]
Canary = Annotated[
    bool | None,
    typer.Option(
        "--canary/--no-canary",
        help="Move the smallest prefix first and prove it  \\[default: the settings'].",
        show_default=False,
    ),
]
MaxAge = Annotated[
    timedelta | None,
    typer.Option(
        parser=_age,
        metavar="AGE",
        help="Refuse predictions that were written longer ago, as 90s, 15m, 36h or 7d  "
        "\\[default: the settings', for a folder].",
    ),
]
MinGain = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Leave the network alone where the largest load would fall by less than this share "
        "of it, as 0.05, or by less than the predictions' own error  \\[default: the settings'].",
    ),
]
Metrics = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write how it ended as metrics for node_exporter's textfile collector.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on stdout.")]
