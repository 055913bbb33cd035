"""From predictions and exits, with their names, to a plan."""

from collections.abc import Collection, Mapping, Sequence

from nornir_bgp.models.plan import Exit, ExitPlan, GatewayPlan, Plan
from nornir_bgp.solver.choose import Choice, solve
from nornir_bgp.solver.problem import Problem


def make_plan(
    loads: Mapping[str, int],
    exits: Sequence[Exit],
    reach: Sequence[Collection[str]] | None = None,
    *,
    solver: Choice = "auto",
) -> Plan:
    """Assign each predicted prefix to an exit, so that the largest exit load is smallest.

    Args:
        loads: the predicted load of each prefix, in the order of the prediction.
        exits: the exits, in inventory order; the first of equals takes the smaller share.
        reach: for each exit the prefixes that it has a route to; ``None``: every exit reaches
            everything.
        solver: ``dp``, ``cpsat`` or ``auto``.

    Returns:
        The plan. A prefix that no exit reaches is named as unrouted and not counted.

    Raises:
        SolverLimitError: the chosen solver cannot do this problem.
    """
    carriers = {
        prefix: frozenset(i for i in range(len(exits)) if reach is None or prefix in reach[i])
        for prefix in loads
    }
    routed = [prefix for prefix, by in carriers.items() if by]
    masks = tuple(carriers[prefix] for prefix in routed)
    everywhere = all(len(mask) == len(exits) for mask in masks)
    solution = solve(
        Problem(
            loads=tuple(loads[prefix] for prefix in routed),
            exits=len(exits),
            reach=None if everywhere else masks,
        ),
        solver,
    )
    chosen: list[list[str]] = [[] for _ in exits]
    for prefix, index in zip(routed, solution.assignment, strict=True):
        chosen[index].append(prefix)
    planned = tuple(
        ExitPlan(**exit_.model_dump(), load=load, prefixes=tuple(prefixes))
        for exit_, load, prefixes in zip(exits, solution.loads, chosen, strict=True)
    )
    return Plan(
        total_load=sum(solution.loads),
        solver=solution.solver,
        reason=solution.reason,
        optimal=solution.optimal,
        status=solution.status,
        bound=solution.bound,
        gap=solution.gap,
        exits=planned,
        gateways=_per_gateway(planned),
        loads={prefix: loads[prefix] for prefix in routed},
        unrouted=tuple(prefix for prefix, by in carriers.items() if not by),
    )


def _per_gateway(exits: Sequence[ExitPlan]) -> dict[str, GatewayPlan]:
    return {
        gateway: GatewayPlan(
            load=sum(e.load for e in exits if e.gateway == gateway),
            prefixes=tuple(p for e in exits if e.gateway == gateway for p in e.prefixes),
        )
        for gateway in dict.fromkeys(e.gateway for e in exits)
    }
