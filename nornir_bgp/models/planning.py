"""What a site asks of a plan: objectives, limits, pins and bans."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import Flag, Hostname, canonical_prefix

Objective = Literal["balance", "survive", "cost", "moves", "lines"]
"""What a plan is to be good at.

``balance``: the smallest largest utilisation (or load, where a capacity is not known).
``survive``: the same after any single exit has failed.
``cost``: the smallest sum of what the upstreams ask.
``moves``: the fewest prefixes that leave the gateway of today.
``lines``: the fewest prefixes that need an override.
"""

SolverChoice = Literal["auto", "dp", "cpsat", "scale"]
"""The methods, and ``auto``, which chooses one and says why."""

Unit = Literal["bit/s", "kbit/s", "Mbit/s", "Gbit/s"]
"""The unit of loads and capacities."""

BITS: Mapping[Unit, int] = {"bit/s": 1, "kbit/s": 10**3, "Mbit/s": 10**6, "Gbit/s": 10**9}
"""How many bit/s one of each unit is."""

_COMMUNITY = re.compile(r"[0-9]{1,10}:[0-9]{1,10}(:[0-9]{1,10})?", re.ASCII)
_LARGEST_PART = {2: 2**16 - 1, 3: 2**32 - 1}


def is_community(selector: str) -> bool:
    """Tell whether a selector names a community, and not a block of addresses."""
    return "/" not in selector


def _selector(text: str) -> str:
    """Check what a pin or a ban selects; a block gets its canonical spelling."""
    if not is_community(text):
        return canonical_prefix(text)
    parts = text.split(":")
    if not _COMMUNITY.fullmatch(text) or any(int(p) > _LARGEST_PART[len(parts)] for p in parts):
        raise ValueError(
            f"{text!r} selects nothing; write a prefix, as 198.51.100.0/24, a block that covers "
            "prefixes, as 10.0.0.0/8, or a community, as 65004:100 or 65004:1:100"
        )
    return text


Selector = Annotated[
    str,
    Field(strict=True),
    AfterValidator(_selector),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9A-Fa-f.:]+(/[0-9]+)?$"}),
]
"""A prefix, a block that covers prefixes, or a standard or large community."""


def _one_or_several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


Gateways = Annotated[
    tuple[Hostname, ...],
    BeforeValidator(_one_or_several),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "minItems": 1}]}),
]
"""One gateway, or several."""

_PositiveShare = Annotated[float, Field(strict=True, gt=0, le=1)]


class Planning(Model):
    """What is asked of a plan; ``planning`` in the settings, and the options of a command.

    Attributes:
        objectives: what the plan is to be good at, the most important first: ``balance``,
            ``survive``, ``cost``, ``moves`` and ``lines``, each at most once.
        tolerance: the share by which a later objective may worsen an earlier one.
        ceiling: the share of a capacity that may be used.
        coverage: the share of the traffic that is planned: the fewest prefixes that carry it; the
            others are left to BGP.
        pins: what must use a gateway: a prefix, a block that covers prefixes, or a community ->
            gateway. The longest block that holds a prefix counts.
        bans: what must not use a gateway, or several; likewise.
        overrides: ``explicit``: every planned prefix is raised at its gateway; ``minimal``: only
            those that BGP would not send there by itself.
        aggregate: join entries of the lists where exactly the same routes stay selected.
        backups: plan where each prefix goes when its gateway fails, too.
        unit: the unit of loads and capacities, which the speed of a link is compared in; ``None``:
            as the predictions say, or not known.
    """

    objectives: Annotated[tuple[Objective, ...], Field(min_length=1)] = ("balance", "moves")
    tolerance: Annotated[float, Field(strict=True, ge=0, lt=1)] = 0.0001
    ceiling: _PositiveShare = 1.0
    coverage: _PositiveShare = 1.0
    pins: dict[Selector, Hostname] = Field(default_factory=dict)
    bans: dict[Selector, Gateways] = Field(default_factory=dict)
    overrides: Literal["explicit", "minimal"] = "explicit"
    aggregate: Flag = False
    backups: Flag = False
    unit: Unit | None = None

    @field_validator("pins", "bans", mode="wrap")
    @classmethod
    def _no_selector_twice(cls, value: object, handler: ValidatorFunctionWrapHandler) -> object:
        selectors = handler(value)
        if isinstance(value, Mapping) and len(selectors) != len(value):
            raise ValueError("a block is given twice in different spellings; keep one")
        return selectors

    @model_validator(mode="after")
    def _no_objective_twice(self) -> Self:
        twice = [o for n, o in enumerate(self.objectives) if o in self.objectives[:n]]
        if twice:
            raise ValueError(f"{twice[0]} is given twice among the objectives; keep one")
        return self

    @model_validator(mode="after")
    def _pins_and_bans_agree(self) -> Self:
        for selector, gateway in self.pins.items():
            if gateway in self.bans.get(selector, ()):
                raise ValueError(f"{selector} is pinned to {gateway}, and banned from it; keep one")
        return self

    @property
    def communities(self) -> Mapping[str, tuple[str, ...]]:
        """The communities among the selectors -> the gateways whose routes they select."""
        found: dict[str, tuple[str, ...]] = {}
        for selector, gateways in (*((s, (g,)) for s, g in self.pins.items()), *self.bans.items()):
            if is_community(selector):
                found[selector] = tuple(dict.fromkeys((*found.get(selector, ()), *gateways)))
        return found

    def needs_natural(self) -> bool:
        """Tell whether a plan stands on what BGP does by itself."""
        return (
            self.coverage < 1
            or self.overrides == "minimal"
            or self.backups
            or bool({"survive", "lines"} & set(self.objectives))
        )


def exact(share: float) -> Fraction:
    """Return a share as it was written: 0.95 is 19/20, and not the nearest binary number."""
    return Fraction(str(share))
