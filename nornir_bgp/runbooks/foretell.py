"""Know what a plan brings about before anything is sent.

The network is computed twice from what its routers say: as it is, which must give the tables that
they have, and with the planned override lists. The second is what is foretold. It holds for the
routes that the upstreams sent at that time, and for IPv4, which alone is modelled.
"""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from nornir.core import Nornir

from nornir_bgp.bgp.comparison import mismatches
from nornir_bgp.bgp.domain import Announcement, Domain, Reconfigured
from nornir_bgp.bgp.loads import Demand
from nornir_bgp.bgp.present import Order, announcements_of
from nornir_bgp.bgp.propagation import Outcome, propagate
from nornir_bgp.bgp.single_failures import Traffic
from nornir_bgp.frr.overrides import Overrides
from nornir_bgp.frr.overrides_plan import Wanted, planned_overrides
from nornir_bgp.frr.versions import rules_for
from nornir_bgp.models.fields import family_of
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.routing import Router
from nornir_bgp.models.simulation import Mismatch, PredictedTable, Prediction
from nornir_bgp.models.state import RouterState
from nornir_bgp.runbooks.computed import (
    demands_of,
    oscillations_of,
    outside,
    table_of,
    unrest,
)
from nornir_bgp.runbooks.consequences import with_failures
from nornir_bgp.runbooks.modelled import (
    domain_of,
    doubts,
    routers_of_inventory,
    routers_of_states,
    with_overrides,
)
from nornir_bgp.wording import shortened

_log = logging.getLogger(__name__)

WHOLE_TABLES = 10_000
"""Up to so many prefixes all are computed; in a larger table only those that are planned."""

OFFLINE_WORK = 5_000
"""Up to so many routes, prefixes times routers, a network is computed from its inventory."""

ORDERED = 1_000
"""In tables of more prefixes it is worked out only where it may decide in which order routes came;
the paths of the others stand in the computed tables in the order of routers and peers."""

SHOWN = 100
"""Mismatches that a report names."""

AllOverrides = Mapping[str, Overrides]
"""Gateway -> its overrides."""


@dataclass(frozen=True)
class Foretold:
    """What a plan brings about, with what it is compared with afterwards.

    Attributes:
        prediction: for reports.
        routers: our routers, as they were.
        after: the network after the change; ``None``: the model failed.
        announcements: what the external peers sent when it was computed.
        prefixes: the prefixes that were computed; ``None``: all.
    """

    prediction: Prediction
    routers: Mapping[str, Router] = field(default_factory=dict)
    after: Outcome | None = None
    announcements: frozenset[Announcement] = frozenset()
    prefixes: Collection[str] | None = None

    @cached_property
    def tables(self) -> Mapping[str, Rib]:
        """The routers' tables after the change."""
        return {} if self.after is None else {name: self.after.rib(name) for name in self.routers}


def foretell(
    network: Network,
    states: Mapping[str, RouterState],
    planned: Plan,
    wanted: AllOverrides,
    matrix: PredictionMatrix | None = None,
) -> Foretold:
    """Compute what a plan brings about.

    A preview must not keep a change from being made that is proven afterwards: where the model
    fails, the prediction says why there is none.

    Args:
        network: the network.
        states: its routers, as they are.
        planned: the plan.
        wanted: the overrides that the gateways are to have.
        matrix: the predictions; ``None``: the loads of the plan, which tell no customers.
    """
    try:
        return _foretell(network, states, planned, wanted, matrix)
    except Exception as error:  # a fault of the model is not one of the plan
        _log.warning("there is no preview of the tables: %s: %s", type(error).__name__, error)
        _log.debug("the model failed", exc_info=True)
        return Foretold(Prediction(missing=f"the model failed: {type(error).__name__}: {error}"))


def foretell_offline(
    nr: Nornir, network: Network, planned: Plan, matrix: PredictionMatrix
) -> Prediction:
    """Compute what a plan brings about from the inventory alone.

    Args:
        nr: the Nornir object.
        network: the network.
        planned: the plan.
        matrix: the predictions.

    Returns:
        Why there is none, where the inventory does not describe who announces the prefixes, or
        describes too many.

    Raises:
        InputError: the template is wrong.
    """
    domain = domain_of(routers_of_inventory(nr), network.devices)
    routers = domain.routers.values()
    announced = {own.prefix for router in routers for own in router.networks}
    work = len(announced) * len(domain.routers)
    if work > OFFLINE_WORK:
        told = f"{work:,} routes to compute from the inventory are too many; ask the routers"
        return Prediction(missing=told)
    known = set(propagate(domain, ()).prefixes)
    unknown = sorted(_computed(planned, matrix) - known)
    if unknown:
        told = f"the inventory does not tell who announces {shortened(unknown)}; ask the routers"
        return Prediction(missing=told)
    rules = rules_for(None)
    wanted = {
        gateway: planned_overrides(
            Overrides(),
            Wanted(tuple(prefixes), tuple(planned.backups.get(gateway, ()))),
            network.settings.policy,
            rules,
        )
        for gateway, prefixes in planned.overrides.items()
    }
    changed = _changed(network, domain.routers, wanted)
    after = propagate(domain, (), (Reconfigured(tuple(changed.values())),))
    prediction = Prediction(
        tables=_tables(network, after, planned),
        warnings=(*_outside(planned, matrix), *_warnings(domain, after, 0)),
    )
    then = replace(domain, routers={**domain.routers, **changed})
    return with_failures(prediction, then, (), after, _traffic(network, planned, matrix))


def _foretell(
    network: Network,
    states: Mapping[str, RouterState],
    planned: Plan,
    wanted: AllOverrides,
    matrix: PredictionMatrix | None,
) -> Foretold:
    tables = {name: state.rib for name, state in states.items()}
    prefixes = _looked_at(tables, planned, matrix)
    routers = routers_of_states(states)
    peer_ids = {name: state.peer_ids for name, state in states.items()}
    now = domain_of(routers, network.devices, peer_ids)
    announcements, wrong = _present(network, now, tables, prefixes)
    changed = _changed(network, routers, wanted)
    # After, not instead: what is selected now stays where nothing else decides.
    after = propagate(now, announcements, (Reconfigured(tuple(changed.values())),))
    prediction = Prediction(
        tables=_tables(network, after, planned),
        mismatches=tuple(wrong[:SHOWN]),
        warnings=(*_outside(planned, matrix), *_warnings(now, after, len(wrong))),
    )
    then = replace(now, routers={**routers, **changed})
    return Foretold(
        prediction=with_failures(
            prediction, then, announcements, after, _traffic(network, planned, matrix)
        ),
        routers=routers,
        after=after,
        announcements=timeless(announcements),
        prefixes=prefixes,
    )


def _present(
    network: Network, now: Domain, tables: Mapping[str, Rib], prefixes: Collection[str] | None
) -> tuple[tuple[Announcement, ...], list[Mismatch]]:
    """Say what the external peers have sent, and where that does not give the tables of now."""
    is_large = len(prefixes or max((rib.routes for rib in tables.values()), key=len)) > ORDERED
    announcements: tuple[Announcement, ...] = ()
    wrong: list[Mismatch] = []
    for order in (Order.DECIDING, Order.ALL) if is_large else (Order.ALL,):
        announcements = announcements_of(now.routers, tables, prefixes, order)
        present = propagate(now, announcements)
        wrong = [
            mismatch
            for router, table in tables.items()
            for mismatch in mismatches(
                router, present.rib(router), table, network.gateway_at, prefixes
            )
        ]
        if not wrong:
            break
    return announcements, wrong


def _changed(
    network: Network, routers: Mapping[str, Router], wanted: AllOverrides
) -> dict[str, Router]:
    """The gateways with the lists that they are to have."""
    policy = network.settings.policy
    return {
        gateway: with_overrides(routers[gateway], overrides, policy)
        for gateway, overrides in wanted.items()
        if gateway in routers
    }


def _tables(network: Network, after: Outcome, planned: Plan) -> tuple[PredictedTable, ...]:
    return tuple(
        table_of(edge, after.rib(edge), network.gateway_at, _modelled(planned))
        for edge in network.edges
        if edge in after.domain.routers
    )


def _traffic(network: Network, planned: Plan, matrix: PredictionMatrix | None) -> Traffic:
    """The traffic to the prefixes that are computed."""
    if matrix is None:
        demands = [Demand("", prefix, load) for prefix, load in planned.loads.items()]
    else:
        demands = list(demands_of(matrix))
    known = _computed(planned, matrix)
    demands = [demand for demand in demands if demand.prefix in known]
    return Traffic(tuple(demands), network.edges, network.exits)


def _looked_at(
    tables: Mapping[str, Rib], planned: Plan, matrix: PredictionMatrix | None
) -> Collection[str] | None:
    """The prefixes to compute: all, or in a large table those that traffic is known of."""
    largest = max((len(rib.routes) for rib in tables.values()), default=0)
    return None if largest <= WHOLE_TABLES else _computed(planned, matrix)


def _computed(planned: Plan, matrix: PredictionMatrix | None) -> frozenset[str]:
    """The prefixes whose traffic is followed: the planned ones, and those that are left to BGP."""
    known = frozenset(_modelled(planned))
    if matrix is None or not planned.left or len(matrix.loads) > WHOLE_TABLES:
        return known
    left = {prefix for prefix in matrix.loads if family_of(prefix) == 4}
    return known | left - set(planned.unrouted)


def _modelled(planned: Plan) -> tuple[str, ...]:
    """The planned prefixes that the model knows."""
    return tuple(prefix for prefix in planned.gateway_of if family_of(prefix) == 4)


def _outside(planned: Plan, matrix: PredictionMatrix | None) -> Iterator[str]:
    """Say what traffic is not followed."""
    yield from outside(planned.gateway_of)
    if planned.left and (matrix is None or len(matrix.loads) > WHOLE_TABLES):
        yield f"the loads are without those of {planned.left:,} prefixes that are left to BGP"


def _warnings(domain: Domain, after: Outcome, wrong: int) -> Iterator[str]:
    if wrong > SHOWN:
        yield f"{wrong - SHOWN:,} more routes are not as the model foretells them"
    for oscillation in oscillations_of(after):
        yield f"with this plan the network does not come to rest: {unrest(oscillation)}"
    yield from after.doubts()
    if wrong:  # what the model does not know is of interest where it is wrong
        yield from doubts(domain, collected=True)


def timeless(announcements: tuple[Announcement, ...]) -> frozenset[Announcement]:
    """What was sent, in whatever order."""
    return frozenset(announcement._replace(time=0) for announcement in announcements)
