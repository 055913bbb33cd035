"""The route-maps of a router, as a person writes them down."""

from collections.abc import Sequence
from ipaddress import IPv4Address
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from nornir_bgp.models.base import Model
from nornir_bgp.models.documents import KeyPath
from nornir_bgp.models.fields import AsNumber, PolicyName
from nornir_bgp.models.policy_text import Communities, SetCommunities
from nornir_bgp.models.validation import misplaced

_UINT32 = 2**32 - 1
ClauseNumber = Annotated[int, Field(strict=True, ge=1, le=65535)]
Metric = Annotated[int, Field(strict=True, ge=0, le=_UINT32)]
MatchedMetric = Annotated[int, Field(strict=True, ge=1, le=_UINT32)]
"""FRR 8.4 refuses ``match metric 0``."""
Change = Annotated[int, Field(strict=True, ge=-_UINT32, le=_UINT32)]


def _refuse_both(model: Model, one: str, other: str) -> None:
    if getattr(model, one) is not None and getattr(model, other) is not None:
        raise misplaced((other,), f"{one} is given, too; keep one of the two")


def _goto(value: object) -> int | str:
    """Refuse with one message what neither kind of value is."""
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 65535:
        return value
    if value == "next":
        return "next"
    raise ValueError(f"{value!r} is no clause; write the number of a later one, or next")


Goto = Annotated[
    int | Literal["next"],
    PlainValidator(_goto),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"const": "next"}]}),
]
"""The clause with which a route map goes on."""


class Matches(Model):
    """What a route must be for a clause to apply: all of it.

    Attributes:
        prefix_list: the name of an IPv4 prefix-list.
        ipv6_prefix_list: the name of an IPv6 prefix-list.
        as_path: the name of an AS path list.
        community: the name of a community list.
        community_exact: likewise, of which the route may carry nothing else.
        metric: the MED, which FRR cannot match where it is 0.
        local_preference: the LOCAL_PREF.
        origin: the origin.
    """

    prefix_list: PolicyName | None = None
    ipv6_prefix_list: PolicyName | None = None
    as_path: PolicyName | None = None
    community: PolicyName | None = None
    community_exact: PolicyName | None = None
    metric: MatchedMetric | None = None
    local_preference: Metric | None = None
    origin: Literal["igp", "egp", "incomplete"] | None = None

    @model_validator(mode="after")
    def _one_community_list(self) -> Self:
        _refuse_both(self, "community", "community_exact")
        return self


def _next_hop(value: object) -> str:
    text = str(value)
    if text == "peer-address":
        return text
    try:
        address = IPv4Address(text)
    except ValueError:
        address = IPv4Address(0)
    if address.is_unspecified or address.is_multicast:
        raise ValueError(f"{text!r} is no next hop; write an IPv4 address, or peer-address")
    return text


NextHop = Annotated[
    str,
    BeforeValidator(_next_hop),
    WithJsonSchema({"type": "string", "pattern": "^([0-9.]+|peer-address)$"}),
]


class Changes(Model):
    """What a clause makes of a route that it lets pass.

    Attributes:
        local_preference: the LOCAL_PREF.
        local_preference_change: what is added to it; below 0: taken away.
        metric: the MED.
        metric_change: what is added to it; below 0: taken away.
        weight: the weight.
        origin: the origin.
        prepend: AS numbers that are put before the AS path.
        prepend_last_as: how often the path's first AS is repeated.
        community: communities in the place of the route's own, or ``none``.
        community_additive: communities that the route gets as well.
        community_delete: the name of a community list; what it permits goes.
        next_hop: an IPv4 address, or ``peer-address``.
    """

    local_preference: Metric | None = None
    local_preference_change: Change | None = None
    metric: Metric | None = None
    metric_change: Change | None = None
    weight: Metric | None = None
    origin: Literal["igp", "egp", "incomplete"] | None = None
    prepend: Annotated[tuple[AsNumber, ...], Field(min_length=1, max_length=16)] | None = None
    prepend_last_as: Annotated[int, Field(strict=True, ge=1, le=10)] | None = None
    community: SetCommunities | None = None
    community_additive: Communities | None = None
    community_delete: PolicyName | None = None
    next_hop: NextHop | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        for one, other in (
            ("local_preference", "local_preference_change"),
            ("metric", "metric_change"),
            ("prepend", "prepend_last_as"),
            ("community", "community_additive"),
        ):
            _refuse_both(self, one, other)
        for name in ("local_preference_change", "metric_change"):
            if getattr(self, name) == 0:
                raise misplaced((name,), "a change by 0 changes nothing; remove it")
        return self


class RouteMapClause(Model):
    """A clause of a route-map; the first that matches decides, and where none does the route goes.

    Attributes:
        permit: the number of a clause that lets a route pass.
        deny: the number of a clause that drops it.
        match: what a route must be; nothing: every route matches.
        set: what a permit clause changes.
        goto: after a permit clause that matched, go on with this clause: a later number, or
            ``next``.
    """

    permit: ClauseNumber | None = None
    deny: ClauseNumber | None = None
    match: Matches = Matches()
    set: Changes = Changes()
    goto: Goto | None = None

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        if (self.permit is None) == (self.deny is None):
            raise ValueError(
                "a clause either permits or denies; write its number after one of the two"
            )
        if self.deny is not None and self.set != Changes():
            raise misplaced(("set",), "a clause that denies changes nothing; remove set")
        if self.deny is not None and self.goto is not None:
            raise misplaced(("goto",), "a clause that denies is the last; remove goto")
        if isinstance(self.goto, int) and self.goto <= self.number:
            raise misplaced(("goto",), f"clause {self.goto} is no later one; correct it")
        return self

    @property
    def number(self) -> int:
        """Its number."""
        return self.permit or self.deny or 0

    @property
    def action(self) -> str:
        """``permit`` or ``deny``."""
        return "deny" if self.permit is None else "permit"


Clauses = Annotated[tuple[RouteMapClause, ...], Field(min_length=1)]


def check_clauses(path: KeyPath, clauses: Sequence[RouteMapClause]) -> None:
    """Refuse numbers that do not go up.

    Args:
        path: where in the device the route-map is.
        clauses: its clauses.

    Raises:
        PydanticCustomError: one of them is wrong.
    """
    last = 0
    for n, clause in enumerate(clauses):
        if clause.number <= last:
            raise misplaced(
                (*path, n, clause.action), f"clause {clause.number} is not above {last}; correct it"
            )
        last = clause.number
