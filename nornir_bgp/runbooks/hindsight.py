"""Compare what was foretold of a plan with what came of it."""

from collections.abc import Mapping
from itertools import islice

from nornir_bgp.bgp.comparison import mismatches, words_of
from nornir_bgp.bgp.present import Order, announcements_of
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import Check
from nornir_bgp.models.simulation import Mismatch, PredictedRoute
from nornir_bgp.models.state import RouterState
from nornir_bgp.models.status import Status
from nornir_bgp.runbooks.foretell import SHOWN, Foretold


def mispredicted(
    network: Network, foretold: Foretold, states: Mapping[str, RouterState]
) -> tuple[Mismatch, ...]:
    """Compare what was foretold with the edge routers' tables.

    A prefix whose routes the external peers have changed since is left out: it was foretold for
    other routes.

    Args:
        network: the network.
        foretold: what was.
        states: our routers, as far as they answered after the change.
    """
    if not foretold.tables or not states:
        return ()
    tables = {name: state.rib for name, state in states.items()}
    sent = frozenset(announcements_of(foretold.routers, tables, foretold.prefixes, Order.NONE))
    known = {a for a in foretold.announcements if a.router in states}
    moved = {announcement.prefix for announcement in sent ^ known}
    found = (
        mismatch
        for edge in network.edges
        if edge in tables and edge in foretold.tables
        for mismatch in mismatches(
            edge, foretold.tables[edge], tables[edge], network.gateway_at, foretold.prefixes
        )
        if mismatch.prefix not in moved
    )
    return tuple(islice(found, SHOWN))


def unforeseen(planned: Plan, checks: tuple[Check, ...]) -> tuple[Mismatch, ...]:
    """Compare what a run foretold of its plan with the checks of a later proof.

    Args:
        planned: the plan, with its prediction.
        checks: the proof; of the routers that could be asked, the gateway and the LOCAL_PREF of
            each planned prefix are compared.
    """
    foretold: dict[tuple[str, str], PredictedRoute] = {
        (table.router, prefix): route
        for table in (planned.prediction.tables if planned.prediction else ())
        for prefix, route in table.routes.items()
    }
    found = []
    for check in checks:  # of a router's several checks of a prefix, the first is of its table
        then = foretold.pop((check.router, check.prefix), None)
        if then is None or check.status is Status.ERROR:
            continue
        gateways = () if check.actual_gateway is None else (check.actual_gateway,)
        now = PredictedRoute(gateways=gateways, next_hops=gateways, local_pref=check.local_pref)
        if (then.gateways[:1], then.local_pref) != (now.gateways, now.local_pref):
            found.append(
                Mismatch(
                    router=check.router,
                    prefix=check.prefix,
                    predicted=words_of(then),
                    actual=words_of(now),
                )
            )
    return tuple(found)
