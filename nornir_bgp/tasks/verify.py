"""Compare the edge routers' tables with the plan."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field

from nornir.core.task import Result, Task

from nornir_bgp.deadline import never, wait_for
from nornir_bgp.frr.show_bgp import parse_json, parse_text
from nornir_bgp.models.fields import Family, family_of
from nornir_bgp.models.report import Check
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.status import Status
from nornir_bgp.tasks.session import read

SETTLED = 6.0
"""Seconds without a change after which a table counts as settled: FRR applies route-map changes
after ``bgp route-map delay-timer``, 5 s by default."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the edge routers' tables are to show.

    Attributes:
        gateway_of: the planned gateway of each prefix.
        gateway_at: the gateway behind each next hop.
        local_preference: what a raised prefix is raised to.
        overrides: gateway -> the prefixes that are raised there.
        backups: gateway -> the prefixes that it is the planned backup of.
        drained: the gateways that are to be drained.
        joined: entries of the lists may stand for several prefixes.
        without_ipv6: the routers that are not expected to speak IPv6. One of them whose IPv6
            table is empty is not compared with the planned IPv6 prefixes.
    """

    gateway_of: Mapping[str, str]
    gateway_at: Mapping[str, str]
    local_preference: int
    overrides: Mapping[str, Collection[str]]
    without_ipv6: Collection[str] = ()
    backups: Mapping[str, Collection[str]] = field(default_factory=dict)
    drained: Collection[str] = ()
    joined: bool = False


def verify(
    task: Task, expected: Expectation, seconds: float, stop: Callable[[], bool] = never
) -> Result:
    """Watch ``show ip bgp`` of an edge router until it is as planned or the time is up.

    Where an IPv6 prefix is planned, so is ``show bgp ipv6 unicast``.

    Args:
        task: the Nornir task.
        expected: what the tables are to show.
        seconds: the deadline.
        stop: says whether waiting has no purpose any more.

    Returns:
        ``result`` one :class:`Check` per planned prefix, and one for each prefix that is raised
        without a plan; one that still changed shortly before the deadline is inconclusive.
    """
    last: dict[str, Check] = {}
    changed_at: dict[str, float] = {}
    ipv6 = [prefix for prefix in expected.gateway_of if family_of(prefix) == 6]

    def probe() -> tuple[Check, ...]:
        tables: dict[Family, Rib] = {4: read(task, "show ip bgp", parse_text)}
        if ipv6:
            table = _ipv6_table(task, ipv6)
            if table.routes or task.host.name not in expected.without_ipv6:
                tables[6] = table
        checks = compare(task.host.name, tables, expected)
        now = time.monotonic()
        for check in checks:
            if check.prefix in last and last[check.prefix] != check:
                changed_at[check.prefix] = now
            last[check.prefix] = check
        return checks

    checks = wait_for(
        probe,
        lambda checks: all(c.status is Status.PASS for c in checks),
        seconds=seconds,
        interval=0.5,
        stop=stop,
    )
    settled = time.monotonic() - SETTLED
    return Result(
        host=task.host,
        result=tuple(
            _inconclusive(c) if changed_at.get(c.prefix, settled) > settled else c for c in checks
        ),
    )


def _ipv6_table(task: Task, planned: Collection[str]) -> Rib:
    """Read the IPv6 table.

    The text shows the link-local next hop of an external path and not whose it is: an edge router
    that uses one for a planned prefix is a gateway itself, and the JSON names the neighbour.
    """
    table = read(task, "show bgp ipv6 unicast", parse_text)
    if any(path.is_on_link for prefix in planned for path in table.routes.get(prefix, ())):
        return read(task, "show bgp ipv6 unicast json", parse_json)
    return table


def compare(router: str, tables: Mapping[Family, Rib], expected: Expectation) -> tuple[Check, ...]:
    """Compare the tables of one router with the plan.

    Args:
        router: the router.
        tables: its table of each address family that it is to be compared in.
        expected: what they are to show.

    Returns:
        A check per planned prefix in plan order, then the prefixes that carry the raised
        preference towards a gateway although no plan asks for it.
    """
    raised = frozenset(prefix for some in expected.overrides.values() for prefix in some)
    checks = [
        _check(router, tables[family_of(prefix)], prefix, expected, is_raised=prefix in raised)
        for prefix in expected.gateway_of
        if family_of(prefix) in tables
    ]
    for rib in tables.values():
        checks.extend(_strays(router, rib, expected))
    return tuple(checks)


def _strays(router: str, rib: Rib, expected: Expectation) -> Iterator[Check]:
    """The prefixes that are raised without a plan."""
    for prefix in rib.routes:
        best = rib.best(prefix)
        if prefix in expected.gateway_of or best is None:
            continue
        gateway = expected.gateway_at.get(best.via)
        if gateway is not None and best.local_pref == expected.local_preference:
            yield Check(
                router=router,
                prefix=prefix,
                expected_gateway=None,
                actual_gateway=gateway,
                local_pref=best.local_pref,
                status=Status.FAIL,
                detail=f"raised at {gateway}, but in no plan",
            )


def _check(router: str, rib: Rib, prefix: str, expected: Expectation, *, is_raised: bool) -> Check:
    planned = expected.gateway_of[prefix]
    best = rib.best(prefix)
    if best is None:
        return Check(
            router=router,
            prefix=prefix,
            expected_gateway=planned,
            status=Status.MISSING,
            detail="no selected route" if prefix in rib.routes else "no route",
        )
    gateway = expected.gateway_at.get(best.via)
    preference = rib.local_pref(best)
    elsewhere = [
        expected.gateway_at.get(path.via) or path.via
        for path in rib.routes[prefix]
        if path.valid
        and (path.multipath or path.local_pref == expected.local_preference)
        and expected.gateway_at.get(path.via) != planned
    ]
    detail = ""
    if gateway != planned:
        detail = f"leaves by {gateway or best.via}, planned is {planned}"
    elif is_raised and preference != expected.local_preference:
        detail = f"LOCAL_PREF {preference}, planned is {expected.local_preference}"
    elif elsewhere:
        others = ", ".join(dict.fromkeys(elsewhere))
        detail = f"also raised or selected by {others}, planned is {planned} alone"
    return Check(
        router=router,
        prefix=prefix,
        expected_gateway=planned,
        actual_gateway=gateway,
        local_pref=preference,
        status=Status.FAIL if detail else Status.PASS,
        detail=detail,
    )


def _inconclusive(check: Check) -> Check:
    if check.status is Status.PASS:
        return check
    return check.model_copy(
        update={
            "status": Status.INCONCLUSIVE,
            "detail": f"still changing at the deadline: {check.detail}",
        }
    )
