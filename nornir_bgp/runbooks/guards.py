"""What a run may not do, or need not: too many moves, a shrunken matrix, a change without gain."""

from collections.abc import Collection, Iterator

from nornir_bgp.exceptions import RefusedError
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.settings import Bounds
from nornir_bgp.report.loads import Paths, gateway_sums


def refuse_out_of_bounds(
    bounds: Bounds,
    planned: Plan,
    before: Paths,
    dropped: Collection[str],
    last: DistributeReport | None,
    *,
    force: bool,
) -> None:
    """Refuse a plan that goes beyond what the site allows.

    Args:
        bounds: what the site allows.
        planned: the plan.
        before: edge router -> planned prefix -> the gateways that its traffic leaves by today.
        dropped: prefixes without a plan whose override would be taken away.
        last: the run whose plan stands, if there is one.
        force: accept a matrix that has shrunk.

    Raises:
        RefusedError: the plan goes beyond; every bound that it breaks is named.
    """
    broken = list(_moves(bounds, planned, before, dropped))
    if last is not None and not force:
        broken.extend(_shrinks(bounds, planned, last.plan))
    if broken:
        raise RefusedError("the plan goes beyond what is allowed:\n" + "\n".join(broken))


def _moves(bounds: Bounds, planned: Plan, before: Paths, dropped: Collection[str]) -> Iterator[str]:
    moved = [
        prefix
        for prefix, gateway in planned.gateway_of.items()
        if any(today[prefix] != (gateway,) for today in before.values())
    ] + sorted(dropped)
    if bounds.max_moves is not None and len(moved) > bounds.max_moves:
        yield f"{len(moved)} prefixes move, max_moves is {bounds.max_moves}"
    shift = sum(planned.loads.get(prefix, 0) for prefix in moved)
    if bounds.max_shift is not None and shift > bounds.max_shift * planned.total_load:
        share = shift / planned.total_load
        yield f"{share:.0%} of the traffic moves, max_shift is {bounds.max_shift:.0%}"
    if bounds.allowed is not None:
        strangers = [prefix for prefix in moved if prefix not in bounds.allowed]
        if strangers:
            yield f"{', '.join(strangers)} would move and is not among the allowed prefixes"


def _shrinks(bounds: Bounds, planned: Plan, last: Plan) -> Iterator[str]:
    """A truncated file would silently undo the overrides that it no longer names."""
    for what, now, was in (
        ("prefixes", len(planned.gateway_of), len(last.gateway_of)),
        ("total load", planned.total_load, last.total_load),
    ):
        if now < (1 - bounds.max_shrink) * was:
            yield (
                f"the {what} shrank from {was:,} to {now:,}, max_shrink is "
                f"{bounds.max_shrink:.0%}; if that is meant, use --force"
            )


def too_little_gain(least: float, planned: Plan, before: Paths) -> str | None:
    """Say why the network is better left alone, if it is.

    Args:
        least: the share of the largest gateway load that a change must save.
        planned: the plan.
        before: edge router -> planned prefix -> the gateways that its traffic leaves by today.

    Returns:
        ``None`` where the change is worth it; where some traffic leaves by no gateway of ours
        today; or where a gateway carries more today than it can.
    """
    today = gateway_sums(planned.loads, before)
    if not least or today is None or today.get(None):
        return None
    capacity: dict[str, int] = {}
    for exit_ in planned.exits:
        if exit_.capacity is not None:
            capacity[exit_.gateway] = capacity.get(exit_.gateway, 0) + exit_.capacity
    if any(today.get(gateway, 0) > carries for gateway, carries in capacity.items()):
        return None
    largest = max(today.values())
    then = max(gateway.load for gateway in planned.gateways.values())
    if largest - then >= least * largest:
        return None
    return (
        f"the largest load would fall from {float(largest):,.0f} to {then:,} only, min_gain is "
        f"{least:.0%}"
    )
