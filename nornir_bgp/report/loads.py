"""The load of each gateway before a run, as planned, and after it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from nornir_bgp.models.plan import ExitPlan
from nornir_bgp.models.report import DistributeReport

Paths = Mapping[str, Mapping[str, tuple[str, ...]]]
"""Edge router -> prefix -> the gateways that it leaves by.

An IPv6 prefix is missing at a router that does not speak IPv6: nothing for it enters there."""

Moment = Literal["before", "planned", "after"]

_Sums = Mapping[str | None, Fraction]


@dataclass(frozen=True, slots=True)
class GatewayLoad:
    """What one gateway carries, in the unit of the predictions.

    Attributes:
        gateway: the border router; ``None``: the load that leaves by no gateway of ours, or whose
            way is not known.
        upstreams: the providers behind it.
        capacity: what its links carry together, if known.
        before: where the edge routers' tables sent it before the run, if known.
        planned: as planned.
        after: where their tables sent it when they were proven, if they were and it stands.
    """

    gateway: str | None
    upstreams: tuple[str, ...]
    capacity: int | None
    before: float | None
    planned: int
    after: float | None

    def at(self, moment: Moment) -> float | None:
        """The load at a moment, if it is known."""
        return {"before": self.before, "planned": float(self.planned), "after": self.after}[moment]

    def of_capacity(self, load: float) -> float | None:
        """The share of the capacity that a load takes, if the capacity is known."""
        return None if self.capacity is None else load / self.capacity


def gateway_loads(report: DistributeReport) -> tuple[GatewayLoad, ...]:
    """Sum the loads per gateway, in plan order; last what leaves by none, if anything does.

    The predictions do not say at which edge router traffic enters: each counts with an equal part
    of every prefix, and so does each gateway among which one router shares a prefix. Prefixes that
    are left to BGP count at each moment where they were counted when the plan was made.
    """
    before = gateway_sums(report.plan.loads, report.observed.before)
    after = gateway_sums(report.plan.loads, paths_after(report)) if report.stands else None
    # A plan of an earlier run may not know a gateway that has come since.
    gateways = dict.fromkeys([*report.plan.gateways, *(before or ()), *(after or ())])
    known = [_row(report, gateway, before, after) for gateway in gateways if gateway is not None]
    nowhere = _row(report, None, before, after)
    return (*known, nowhere) if nowhere.before or nowhere.after else tuple(known)


def paths_after(report: DistributeReport) -> Paths:
    """Where each edge router's table sent the planned prefixes when they were proven."""
    edges = set(report.observed.before) or {
        check.router for check in report.checks if check.router not in report.plan.gateways
    }
    planned = report.plan.gateway_of
    paths: dict[str, dict[str, tuple[str, ...]]] = {}
    for check in report.checks:
        if check.router in edges and check.prefix in planned:
            found = () if check.actual_gateway is None else (check.actual_gateway,)
            # An edge router's table comes before what is wrong in the list of one that is a
            # gateway, too.
            paths.setdefault(check.router, {}).setdefault(check.prefix, found)
    return paths


def moved(report: DistributeReport) -> tuple[str, ...]:
    """The prefixes that some edge router sent by another gateway than the planned one."""
    return tuple(
        prefix
        for prefix, gateway in report.plan.gateway_of.items()
        if any(
            paths.get(prefix, (gateway,)) != (gateway,) for paths in report.observed.before.values()
        )
    )


def _row(
    report: DistributeReport, gateway: str | None, before: _Sums | None, after: _Sums | None
) -> GatewayLoad:
    exits = [exit_ for exit_ in report.plan.exits if exit_.gateway == gateway]
    rest = 0 if gateway is None else report.plan.rest_at(gateway)
    return GatewayLoad(
        gateway=gateway,
        upstreams=tuple(dict.fromkeys(exit_.upstream for exit_ in exits)),
        capacity=_capacity(exits),
        before=None if before is None else float(before.get(gateway, 0) + rest),
        planned=sum(exit_.load for exit_ in exits),
        after=None if after is None else float(after.get(gateway, 0) + rest),
    )


def _capacity(exits: list[ExitPlan]) -> int | None:
    known = [exit_.capacity for exit_ in exits if exit_.capacity is not None]
    return sum(known) if known and len(known) == len(exits) else None


def gateway_sums(loads: Mapping[str, int], paths: Paths) -> _Sums | None:
    """Sum the load of each gateway, if paths and loads are known; under ``None`` the rest.

    Args:
        loads: the load of each prefix.
        paths: by which gateways each edge router's traffic leaves.
    """
    if not paths or not loads:
        return None
    sums: dict[str | None, Fraction] = defaultdict(Fraction)
    for prefix, load in loads.items():
        ways = [by_prefix[prefix] for by_prefix in paths.values() if prefix in by_prefix] or [()]
        for way in ways:
            gateways: tuple[str | None, ...] = way or (None,)
            for gateway in gateways:
                sums[gateway] += Fraction(load, len(ways) * len(gateways))
    return sums
