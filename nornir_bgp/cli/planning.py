"""The options that say what is asked of a plan; each goes over the settings'."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nornir_bgp.exceptions import InputError

if TYPE_CHECKING:  # the verbs load what they need: `--help` need not wait for it
    from nornir_bgp.models.planning import Planning

PredictionFiles = Annotated[
    list[Path],
    typer.Argument(
        metavar="PREDICTIONS",
        help="A JSON file, customer → prefix → load; a folder, whose newest one is taken; or "
        "several files, one for each slot of time.",
        show_default=False,
    ),
]
Objectives = Annotated[
    str | None,
    typer.Option(
        metavar="LIST",
        help="What the plan is to be good at, the most important first, of balance, survive, "
        "cost, moves and lines, as balance,survive,moves  \\[default: the settings'].",
        show_default=False,
    ),
]
Ceiling = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="The share of a capacity that may be used, as 0.95  \\[default: the settings'].",
        show_default=False,
    ),
]
Coverage = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Plan the fewest prefixes that carry this share of the traffic, as 0.95, and leave "
        "the others to BGP  \\[default: the settings'].",
        show_default=False,
    ),
]
Overrides = Annotated[
    Literal["explicit", "minimal"] | None,
    typer.Option(
        help="explicit: raise every planned prefix; minimal: only those that BGP would send "
        "elsewhere  \\[default: the settings'].",
        show_default=False,
    ),
]
Aggregate = Annotated[
    bool | None,
    typer.Option(
        "--aggregate/--no-aggregate",
        help="Join entries of the lists where the same routes stay selected  \\[default: the "
        "settings'].",
        show_default=False,
    ),
]
Backups = Annotated[
    bool | None,
    typer.Option(
        "--backups/--no-backups",
        help="Plan where each prefix goes when its gateway fails  \\[default: the settings'].",
        show_default=False,
    ),
]
Pins = Annotated[
    list[str] | None,
    typer.Option(
        "--pin",
        metavar="PREFIX=GATEWAY",
        help="Let a prefix, the prefixes in a block, or the routes with a community use this "
        "gateway; again for more. Goes beside the settings' pins.",
        show_default=False,
    ),
]
Bans = Annotated[
    list[str] | None,
    typer.Option(
        "--ban",
        metavar="PREFIX=GATEWAY",
        help="Let them not use this gateway; again for more. Goes beside the settings' bans.",
        show_default=False,
    ),
]
Slot = Annotated[
    str | None,
    typer.Option(
        metavar="SLOT",
        help="Plan for one slot of time alone: its number, from 0, or a time in it  "
        "\\[default: one plan, the best in the worst slot].",
        show_default=False,
    ),
]


def planning_of(
    settings: "Planning",
    *,
    objectives: str | None,
    ceiling: float | None,
    coverage: float | None,
    overrides: str | None,
    aggregate: bool | None,
    backups: bool | None,
    pins: list[str] | None,
    bans: list[str] | None,
) -> "Planning":
    """Put the options over the settings.

    Raises:
        InputError: an option is wrong; the message names it.
    """
    from pydantic import ValidationError

    from nornir_bgp.models.planning import Planning
    from nornir_bgp.models.validation import faults_of

    given: dict[str, object] = {
        "objectives": None if objectives is None else _words(objectives),
        "ceiling": ceiling,
        "coverage": coverage,
        "overrides": overrides,
        "aggregate": aggregate,
        "backups": backups,
        "pins": settings.pins | dict(_pairs("--pin", pins)) if pins else None,
        "bans": _with_bans(settings.bans, _pairs("--ban", bans)) if bans else None,
    }
    value = settings.model_dump() | {name: v for name, v in given.items() if v is not None}
    try:
        return Planning.model_validate(value)
    except ValidationError as error:
        told = [
            f"{': '.join(filter(None, (_option(fault.path), fault.message)))}"
            for fault in faults_of(error, value)
        ]
        raise InputError("\n".join(told)) from None


def predictions_of(files: list[Path]) -> Path | tuple[Path, ...]:
    """Return one file or folder as such, and several files in their order."""
    return files[0] if len(files) == 1 else tuple(files)


def _words(listed: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in listed.split(","))


def _pairs(option: str, words: list[str] | None) -> list[tuple[str, str]]:
    pairs: dict[tuple[str, str], None] = {}
    for word in words or ():
        selector, sign, gateway = word.partition("=")
        if not sign:
            raise InputError(f"{option} {word}: write PREFIX=GATEWAY, as 198.51.100.0/24=GW1")
        if option == "--pin" and any(s == selector and g != gateway for s, g in pairs):
            raise InputError(f"{option}: {selector} is pinned to two gateways; keep one")
        pairs[selector, gateway] = None
    return list(pairs)


def _with_bans(
    known: "dict[str, tuple[str, ...]]", more: list[tuple[str, str]]
) -> dict[str, tuple[str, ...]]:
    bans = dict(known)
    for selector, gateway in more:
        bans[selector] = tuple(dict.fromkeys((*bans.get(selector, ()), gateway)))
    return bans


def _option(path: tuple[str | int, ...]) -> str:
    """Name the option that a part of the planning comes from."""
    names = {"pins": "--pin", "bans": "--ban"}
    return names.get(str(path[0]), f"--{path[0]}") if path else ""
