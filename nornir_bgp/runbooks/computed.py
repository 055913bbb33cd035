"""What was computed, as reports tell it."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from nornir_bgp.bgp.comparison import predicted_route
from nornir_bgp.bgp.loads import Demand
from nornir_bgp.bgp.propagation import Outcome
from nornir_bgp.frr.show_bgp_print import print_text
from nornir_bgp.models.fields import family_of
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.simulation import Oscillation, PredictedTable
from nornir_bgp.runbooks.observe import cut_table
from nornir_bgp.wording import shortened


def table_of(
    router: str, rib: Rib, gateway_at: Mapping[str, str], prefixes: Collection[str] | None = None
) -> PredictedTable:
    """Tell a computed table.

    Args:
        router: whose it is.
        rib: the table.
        gateway_at: the gateway behind each next hop.
        prefixes: only these, and as many lines as a report carries; one that has no route is named,
            too. ``None``: all of it.
    """
    text = print_text(rib, prefixes)
    shown = rib.routes if prefixes is None else prefixes
    return PredictedTable(
        router=router,
        text=text if prefixes is None else cut_table(text),
        routes={prefix: predicted_route(rib, prefix, gateway_at) for prefix in shown},
    )


def oscillations_of(outcome: Outcome) -> tuple[Oscillation, ...]:
    """Tell what does not come to rest."""
    return tuple(
        Oscillation(prefixes=cycle.prefixes, routers=cycle.routers, states=cycle.states)
        for cycle in outcome.cycles
    )


def unrest(oscillation: Oscillation) -> str:
    """Say in words what does not come to rest."""
    return (
        f"{shortened(oscillation.prefixes, 3)}: {', '.join(oscillation.routers)} "
        "change their routes for ever"
    )


def demands_of(matrix: PredictionMatrix) -> tuple[Demand, ...]:
    """The traffic of a prediction matrix, as far as the model knows its prefixes."""
    return tuple(
        Demand(customer, prefix, load)
        for customer, row in matrix.customers.items()
        for prefix, load in row.items()
        if family_of(prefix) == 4
    )


def outside(prefixes: Iterable[str]) -> Iterator[str]:
    """Say of which prefixes the model knows nothing, if there are any."""
    ipv6 = [prefix for prefix in prefixes if family_of(prefix) == 6]
    if ipv6:
        yield f"IPv6 is not modelled, and nothing is foretold of {shortened(ipv6)}"
