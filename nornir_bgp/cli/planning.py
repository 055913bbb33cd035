"""The options that say what is asked of a plan; each goes over the settings'."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, get_type_hints

import typer

from nornir_bgp.exceptions import InputError

if TYPE_CHECKING:  # the verbs load what they need: `--help` need not wait for it
    from nornir_bgp.models.planning import Planning

Answer = TypeVar("Answer")

PredictionFiles = Annotated[
    list[Path],
    typer.Argument(
        metavar="PREDICTIONS",
        help="A JSON file, customer → prefix → load; a folder, whose newest one is taken; or "
        "several files, one for each slot of time.",
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


@dataclass(frozen=True, kw_only=True)
class PlanningOptions:
    """What the options ask of a plan; ``None``: what the settings say."""

    objectives: Annotated[
        str | None,
        typer.Option(
            metavar="LIST",
            help="What the plan is to be good at, the most important first, of balance, survive, "
            "cost, moves and lines, as balance,survive,moves  \\[default: the settings'].",
            show_default=False,
        ),
    ] = None
    ceiling: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="The share of a capacity that may be used, as 0.95  \\[default: the settings'].",
            show_default=False,
        ),
    ] = None
    coverage: Annotated[
        float | None,
        typer.Option(
            metavar="SHARE",
            help="Plan the fewest prefixes that carry this share of the traffic, as 0.95, and "
            "leave the others to BGP  \\[default: the settings'].",
            show_default=False,
        ),
    ] = None
    pins: Annotated[
        list[str] | None,
        typer.Option(
            "--pin",
            metavar="PREFIX=GATEWAY",
            help="Let a prefix, the prefixes in a block, or the routes with a community use this "
            "gateway; again for more. Goes beside the settings' pins.",
            show_default=False,
        ),
    ] = None
    bans: Annotated[
        list[str] | None,
        typer.Option(
            "--ban",
            metavar="PREFIX=GATEWAY",
            help="Let them not use this gateway; again for more. Goes beside the settings' bans.",
            show_default=False,
        ),
    ] = None
    overrides: Annotated[
        Literal["explicit", "minimal"] | None,
        typer.Option(
            help="explicit: raise every planned prefix; minimal: only those that BGP would send "
            "elsewhere  \\[default: the settings'].",
            show_default=False,
        ),
    ] = None
    aggregate: Annotated[
        bool | None,
        typer.Option(
            "--aggregate/--no-aggregate",
            help="Join entries of the lists where the same routes stay selected  \\[default: the "
            "settings'].",
            show_default=False,
        ),
    ] = None
    backups: Annotated[
        bool | None,
        typer.Option(
            "--backups/--no-backups",
            help="Plan where each prefix goes when its gateway fails  \\[default: the settings'].",
            show_default=False,
        ),
    ] = None

    def over(self, settings: "Planning") -> "Planning":
        """Put the options over the settings.

        Raises:
            InputError: an option is wrong; the message names it.
        """
        from pydantic import ValidationError

        from nornir_bgp.models.planning import Planning
        from nornir_bgp.models.validation import faults_of

        given: dict[str, object] = {
            "objectives": None if self.objectives is None else _words(self.objectives),
            "ceiling": self.ceiling,
            "coverage": self.coverage,
            "overrides": self.overrides,
            "aggregate": self.aggregate,
            "backups": self.backups,
            "pins": settings.pins | dict(_pairs("--pin", self.pins)) if self.pins else None,
            "bans": _with_bans(settings.bans, _pairs("--ban", self.bans)) if self.bans else None,
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


def with_options(command: Callable[..., Answer]) -> Callable[..., Answer]:
    """Let a command have the options of :class:`PlanningOptions` for its parameter ``planning``.

    Typer makes options of a command's parameters alone, so it is shown a parameter for each.
    """
    fields = get_type_hints(PlanningOptions, include_extras=True)

    @wraps(command)
    def given(**values: object) -> Answer:
        options: dict[str, Any] = {name: values.pop(name) for name in fields}
        return command(**values, planning=PlanningOptions(**options))

    parameters: list[Parameter] = []
    for parameter in signature(command).parameters.values():
        if parameter.name == "planning":
            parameters += [
                Parameter(name, parameter.kind, default=None, annotation=annotation)
                for name, annotation in fields.items()
            ]
        else:
            parameters.append(parameter)
    vars(given)["__signature__"] = Signature(parameters)
    return given


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
