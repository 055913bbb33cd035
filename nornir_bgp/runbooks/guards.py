"""What a run may not do, or need not: too many moves, a shrunken matrix, a change without gain."""

from collections.abc import Collection, Iterator
from fractions import Fraction

from nornir_bgp.exceptions import RefusedError
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.planning import exact
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
    unrouted: int = 0,
    force: bool,
) -> None:
    """Refuse a plan that goes beyond what the site allows.

    Args:
        bounds: what the site allows.
        planned: the plan.
        before: edge router -> planned prefix -> the gateways that its traffic leaves by today.
        dropped: prefixes without a plan whose override would be taken away.
        last: the run whose plan stands, if there is one.
        unrouted: the predicted load that no exit can carry. It has not gone from the matrix.
        force: accept a matrix that has shrunk.

    Raises:
        RefusedError: the plan goes beyond; every bound that it breaks is named.
    """
    broken = list(_moves(bounds, planned, before, dropped))
    if last is not None and not force:
        broken.extend(_shrinks(bounds, planned, last.plan, unrouted))
    if broken:
        raise RefusedError("the plan goes beyond what is allowed:\n" + "\n".join(broken))


def _moves(bounds: Bounds, planned: Plan, before: Paths, dropped: Collection[str]) -> Iterator[str]:
    moved = [
        prefix
        for prefix, gateway in planned.gateway_of.items()
        if any(today.get(prefix, (gateway,)) != (gateway,) for today in before.values())
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


def _shrinks(bounds: Bounds, planned: Plan, last: Plan, unrouted: int) -> Iterator[str]:
    """A truncated file would silently undo the overrides that it no longer names."""
    for what, now, was in (
        ("prefixes", _predicted(planned), _predicted(last)),
        ("total load", planned.total_load + unrouted, last.total_load),
    ):
        if now < (1 - bounds.max_shrink) * was:
            yield (
                f"the {what} shrank from {was:,} to {now:,}, max_shrink is "
                f"{bounds.max_shrink:.0%}; if that is meant, use --force"
            )


def _predicted(plan: Plan) -> int:
    """How many prefixes were predicted, whether they are planned or not."""
    return len(plan.gateway_of) + plan.left + len(plan.unrouted)


def too_little_gain(least: float, planned: Plan, before: Paths) -> str | None:
    """Say why the network is better left alone, if it is.

    What counts is the largest utilisation of a gateway where the capacity of every exit is known,
    else the largest load.

    Args:
        least: the share of it that a change must save.
        planned: the plan; a change must save the share that its predictions' error costs, too.
        before: edge router -> planned prefix -> the gateways that its traffic leaves by today.

    Returns:
        ``None`` where the change is worth it; where some traffic leaves by no gateway of ours
        today, or by one that it may not use; or where a gateway carries more today than it can.
    """
    error = planned.error or 0.0
    bound = max(least, error)
    sums = gateway_sums(planned.loads, before)
    if not bound or sums is None or sums.get(None) or planned.must_move:
        return None
    today = {gateway: load + planned.rest_at(gateway) for gateway, load in sums.items() if gateway}
    capacity: dict[str, int] = {}
    for exit_ in planned.exits:
        if exit_.capacity is not None:
            capacity[exit_.gateway] = capacity.get(exit_.gateway, 0) + exit_.capacity
    if any(today.get(gateway, 0) > carries for gateway, carries in capacity.items()):
        return None
    then = {gateway: Fraction(one.load) for gateway, one in planned.gateways.items()}
    if all(exit_.capacity is not None for exit_ in planned.exits):
        what, form = "utilisation", "{:.1%}"
        largest = max(load / capacity[gateway] for gateway, load in today.items())
        least_largest = max(load / capacity[gateway] for gateway, load in then.items())
    else:
        what, form = "load", "{:,.0f}"
        largest, least_largest = max(today.values()), max(then.values())
    if largest - least_largest >= exact(bound) * largest:
        return None
    why = (
        f"min_gain is {least:.0%}"
        if least >= error
        else f"the predictions' own error is {error:.1%} of it"
    )
    return (
        f"the largest {what} would fall from {form.format(float(largest))} to "
        f"{form.format(float(least_largest))} only, {why}"
    )
