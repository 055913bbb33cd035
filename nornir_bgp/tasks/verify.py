"""Compare the edge routers' tables, and the gateways' lists behind them, with the plan."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from nornir.core.task import Result, Task

from nornir_bgp.deadline import never, wait_for
from nornir_bgp.frr.show_bgp import parse_text
from nornir_bgp.models.report import Check
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.status import Status
from nornir_bgp.tasks.push import read_overrides
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
        local_preference: what a planned prefix is raised to.
    """

    gateway_of: Mapping[str, str]
    gateway_at: Mapping[str, str]
    local_preference: int


def verify(
    task: Task, expected: Expectation, seconds: float, stop: Callable[[], bool] = never
) -> Result:
    """Watch ``show ip bgp`` of an edge router until it is as planned or the time is up.

    Args:
        task: the Nornir task.
        expected: what the table is to show.
        seconds: the deadline.
        stop: says whether waiting has no purpose any more.

    Returns:
        ``result`` one :class:`Check` per planned prefix, and one for each prefix that is raised
        without a plan; one that still changed shortly before the deadline is inconclusive.
    """
    last: dict[str, Check] = {}
    changed_at: dict[str, float] = {}

    def probe() -> tuple[Check, ...]:
        table = read(task, "show ip bgp", parse_text)
        checks = compare(task.host.name, table, expected)
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


def verify_overrides(task: Task, expected: Expectation, policy: Policy) -> Result:
    """Compare the override list of a gateway with the plan.

    FRR applies a changed list only after its route-map delay timer, so that a table can still be
    as planned when the list behind it no longer is.

    Args:
        task: the Nornir task.
        expected: the plan.
        policy: the names of the policy objects.

    Returns:
        ``result`` a failed :class:`Check` for each planned prefix that the list lacks, and for
        each entry that is in no plan; none where the list is exactly as planned.
    """
    gateway, name = task.host.name, policy.prefix_list
    entries = read_overrides(task, policy)
    planned = {f"permit {p}": p for p, g in expected.gateway_of.items() if g == gateway}
    found = {entry.rule for entry in entries}
    lacking = [
        (prefix, gateway, f"not in {name}, planned is {gateway}")
        for rule, prefix in planned.items()
        if rule not in found
    ]
    stray = [
        (
            entry.network,
            expected.gateway_of.get(entry.network),
            f"{name} holds seq {entry.seq} {entry.rule}, which is in no plan for {gateway}",
        )
        for entry in entries
        if entry.rule not in planned
    ]
    checks = tuple(
        Check(
            router=gateway,
            prefix=prefix,
            expected_gateway=expected_gateway,
            status=Status.FAIL,
            detail=detail,
        )
        for prefix, expected_gateway, detail in lacking + stray
    )
    return Result(host=task.host, result=checks)


def compare(router: str, rib: Rib, expected: Expectation) -> tuple[Check, ...]:
    """Compare one table with the plan.

    Returns:
        A check per planned prefix in plan order, then the prefixes that carry the raised
        preference towards a gateway although no plan asks for it.
    """
    checks = [_check(router, rib, prefix, expected) for prefix in expected.gateway_of]
    for prefix in rib.routes:
        best = rib.best(prefix)
        if prefix in expected.gateway_of or best is None:
            continue
        gateway = expected.gateway_at.get(best.next_hop)
        if gateway is not None and best.local_pref == expected.local_preference:
            checks.append(
                Check(
                    router=router,
                    prefix=prefix,
                    expected_gateway=None,
                    actual_gateway=gateway,
                    local_pref=best.local_pref,
                    status=Status.FAIL,
                    detail=f"raised at {gateway}, but in no plan",
                )
            )
    return tuple(checks)


def _check(router: str, rib: Rib, prefix: str, expected: Expectation) -> Check:
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
    gateway = expected.gateway_at.get(best.next_hop)
    preference = rib.local_pref(best)
    elsewhere = [
        expected.gateway_at.get(path.next_hop) or path.next_hop
        for path in rib.routes[prefix]
        if path.valid
        and (path.multipath or path.local_pref == expected.local_preference)
        and expected.gateway_at.get(path.next_hop) != planned
    ]
    detail = ""
    if gateway != planned:
        detail = f"leaves by {gateway or best.next_hop}, planned is {planned}"
    elif preference != expected.local_preference:
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
