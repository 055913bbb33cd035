"""Know what a plan brings about before anything is sent.

The network is computed twice from what its routers say: as it is, which must give the tables that
they have, and with the planned override lists. The second is what is foretold. It holds for the
routes that the upstreams sent at that time.
"""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from nornir.core import Nornir

from nornir_bgp.bgp.comparison import mismatches
from nornir_bgp.bgp.domain import Announcement, Domain, Reconfigured
from nornir_bgp.bgp.forwarding import Ways
from nornir_bgp.bgp.loads import Demand
from nornir_bgp.bgp.present import announcements_of
from nornir_bgp.bgp.propagation import Outcome, propagate
from nornir_bgp.bgp.single_failures import Traffic, single_failures
from nornir_bgp.frr.prefix_list import Entry, planned_entries
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.routing import Router
from nornir_bgp.models.simulation import PredictedTable, Prediction
from nornir_bgp.models.state import RouterState
from nornir_bgp.runbooks.computed import demands_of, oscillations_of, table_of, unrest
from nornir_bgp.runbooks.modelled import (
    domain_of,
    doubts,
    routers_of_inventory,
    routers_of_states,
    with_prefix_list,
)
from nornir_bgp.wording import shortened

_log = logging.getLogger(__name__)

WHOLE_TABLES = 10_000
"""Up to so many prefixes all are computed; in a larger table only those that are planned."""

FAILURE_WORK = 100_000
"""Up to so many routes, over all single failures, what these do is computed with each plan."""

SHOWN = 100
"""Mismatches that a report names."""

Entries = Mapping[str, tuple[Entry, ...]]
"""Gateway -> the entries of its override list."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a plan brings about, with what it is compared with afterwards.

    Attributes:
        prediction: for reports.
        routers: our routers, as they were.
        tables: their tables after the change.
        announcements: what the external peers sent when it was computed.
        prefixes: the prefixes that were computed; ``None``: all.
    """

    prediction: Prediction
    routers: Mapping[str, Router] = field(default_factory=dict)
    tables: Mapping[str, Rib] = field(default_factory=dict)
    announcements: frozenset[Announcement] = frozenset()
    prefixes: Collection[str] | None = None


def foretell(
    network: Network,
    states: Mapping[str, RouterState],
    planned: Plan,
    wanted: Entries,
    matrix: PredictionMatrix | None = None,
) -> Foretold:
    """Compute what a plan brings about.

    A preview must not keep a change from being made that is proven afterwards: where the model
    fails, the prediction says why there is none.

    Args:
        network: the network.
        states: its routers, as they are.
        planned: the plan.
        wanted: the entries that the gateways' override lists are to have.
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
        Why there is none, where the inventory does not describe who announces the prefixes.

    Raises:
        InputError: the template is wrong.
    """
    domain = domain_of(routers_of_inventory(nr), network.devices)
    known = set(propagate(domain, ()).prefixes)
    unknown = [prefix for prefix in planned.gateway_of if prefix not in known]
    if unknown:
        told = f"the inventory does not tell who announces {shortened(unknown)}; ask the routers"
        return Prediction(missing=told)
    wanted = {
        gateway: planned_entries((), prefixes) for gateway, prefixes in planned.overrides.items()
    }
    changed = _changed(network, domain.routers, wanted)
    after = propagate(domain, (), (Reconfigured(tuple(changed.values())),))
    prediction = Prediction(
        tables=_tables(network, after, planned),
        warnings=tuple(_warnings(domain, after, 0)),
    )
    then = replace(domain, routers={**domain.routers, **changed})
    return _with_failures(prediction, then, (), _traffic(network, planned, matrix))


def _foretell(
    network: Network,
    states: Mapping[str, RouterState],
    planned: Plan,
    wanted: Entries,
    matrix: PredictionMatrix | None,
) -> Foretold:
    tables = {name: state.rib for name, state in states.items()}
    prefixes = _looked_at(tables, planned)
    routers = routers_of_states(states)
    peer_ids = {name: state.peer_ids for name, state in states.items()}
    now = domain_of(routers, network.devices, peer_ids)
    announcements = announcements_of(routers, tables, prefixes)
    present = propagate(now, announcements)
    wrong = [
        mismatch
        for router, table in tables.items()
        for mismatch in mismatches(router, present.rib(router), table, network.gateway_at, prefixes)
    ]
    changed = _changed(network, routers, wanted)
    # After, not instead: what is selected now stays where nothing else decides.
    after = propagate(now, announcements, (Reconfigured(tuple(changed.values())),))
    prediction = Prediction(
        tables=_tables(network, after, planned),
        mismatches=tuple(wrong[:SHOWN]),
        warnings=tuple(_warnings(now, after, len(wrong))),
    )
    then = replace(now, routers={**routers, **changed})
    return Foretold(
        prediction=_with_failures(
            prediction, then, announcements, _traffic(network, planned, matrix)
        ),
        routers=routers,
        tables={router: after.rib(router) for router in tables},
        announcements=timeless(announcements),
        prefixes=prefixes,
    )


def _changed(network: Network, routers: Mapping[str, Router], wanted: Entries) -> dict[str, Router]:
    """The gateways with the lists that they are to have."""
    name = network.settings.policy.prefix_list
    return {
        gateway: with_prefix_list(routers[gateway], name, entries)
        for gateway, entries in wanted.items()
        if gateway in routers
    }


def _tables(network: Network, after: Outcome, planned: Plan) -> tuple[PredictedTable, ...]:
    return tuple(
        table_of(edge, after.rib(edge), network.gateway_at, planned.gateway_of)
        for edge in network.edges
        if edge in after.domain.routers
    )


def _traffic(network: Network, planned: Plan, matrix: PredictionMatrix | None) -> Traffic:
    """The traffic to the planned prefixes."""
    if matrix is None:
        demands = [Demand("", prefix, load) for prefix, load in planned.loads.items()]
    else:
        known = planned.gateway_of
        demands = [demand for demand in demands_of(matrix) if demand.prefix in known]
    return Traffic(tuple(demands), network.edges, network.exits)


def _looked_at(tables: Mapping[str, Rib], planned: Plan) -> Collection[str] | None:
    """The prefixes to compute: all, or in a large table those that are planned."""
    largest = max((len(rib.routes) for rib in tables.values()), default=0)
    return None if largest <= WHOLE_TABLES else frozenset(planned.gateway_of)


def _warnings(domain: Domain, after: Outcome, wrong: int) -> Iterator[str]:
    if wrong > SHOWN:
        yield f"{wrong - SHOWN:,} more routes are not as the model foretells them"
    for oscillation in oscillations_of(after):
        yield f"with this plan the network does not come to rest: {unrest(oscillation)}"
    yield from after.doubts()
    if wrong:  # what the model does not know is of interest where it is wrong
        yield from doubts(domain, collected=True)


def _with_failures(
    prediction: Prediction,
    domain: Domain,
    announcements: tuple[Announcement, ...],
    traffic: Traffic,
) -> Prediction:
    """Add what every single failure does to the planned prefixes."""
    planned = {demand.prefix for demand in traffic.demands}
    concerned = tuple(a for a in announcements if a.prefix in planned)
    normal = propagate(domain, concerned)
    loads = traffic.loads(domain, Ways(normal))
    work = len(domain.resources()) * len(concerned)
    if work > FAILURE_WORK:
        left_out = (
            f"what single failures do was left out: {work:,} routes to compute; ask "
            "nornir-bgp simulate --collect --all-single-failures"
        )
        return prediction.model_copy(
            update={"loads": loads, "warnings": (*prediction.warnings, left_out)}
        )
    cases = tuple(single_failures(concerned, normal, (), traffic))
    return prediction.model_copy(
        update={
            "loads": loads,
            "failures": tuple(case for case in cases if not case.harmless),
            "harmless": sum(case.harmless for case in cases),
        }
    )


def timeless(announcements: tuple[Announcement, ...]) -> frozenset[Announcement]:
    """What was sent, in whatever order."""
    return frozenset(announcement._replace(time=0) for announcement in announcements)
