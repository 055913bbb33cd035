"""Compute the network: its tables, after failures too, and what they do to the loads."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.bgp.comparison import mismatches
from nornir_bgp.bgp.domain import Domain, Event
from nornir_bgp.bgp.forwarding import Ways
from nornir_bgp.bgp.propagation import Outcome, propagate
from nornir_bgp.bgp.single_failures import Traffic, single_failures
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.simulation import Mismatch, SimulationReport
from nornir_bgp.runbooks.computed import demands_of, oscillations_of, outside, table_of
from nornir_bgp.runbooks.predictions import Predictions, locate, read_predictions
from nornir_bgp.runbooks.scene import Scene, scene_of
from nornir_bgp.runbooks.session import settings_of


def simulate(
    nr: Nornir,
    *,
    routers: Sequence[str] = (),
    collect: bool = False,
    totem_domain: str | Path | None = None,
    ribs: Iterable[tuple[str, str | Path]] = (),
    routes: str | Path | None = None,
    fail: Sequence[str] = (),
    predictions: Predictions | None = None,
    all_single_failures: bool = False,
) -> SimulationReport:
    """Compute the tables of the network, with failures if wanted; nothing is touched.

    The network is that of the inventory, all its routers, which is what the template makes of it;
    or, with ``collect``, our own routers with their running configurations and the routes that
    their neighbours have sent them; or that of a TOTEM domain file. IPv4 unicast is computed.

    Args:
        nr: the Nornir object.
        routers: whose tables to report; none: all.
        collect: ask our routers; otherwise nobody is asked anything.
        totem_domain: a TOTEM domain file, whose routers are taken instead of the inventory's;
            traffic of customers that are none of them enters at all of them in equal parts.
        ribs: (router, file) of tables whose routes the router's external peers send it. A router
            of another AS whose routes to it are given so is taken out of the network.
        routes: a YAML file of routes that external peers send.
        fail: what fails, one after another: a router, a peer, ``A:B`` for the link of two, or the
            name of an interface in place of ``B``.
        predictions: then the report says what exits and links carry.
        all_single_failures: then it says what each single failure does, on top of ``fail``.

    Raises:
        InputError: the inventory, a file or a name is wrong.
        DeviceError: ``collect``, and a router could not be read.
    """
    settings = settings_of(nr)
    matrix = None if predictions is None else read_predictions(locate(predictions, settings))
    scene = scene_of(nr, collect=collect, totem_domain=totem_domain, ribs=ribs, routes=routes)
    domain = scene.domain
    for router in routers:
        if router not in domain.routers:
            raise InputError(f"{router}: is none of the routers: {', '.join(domain.routers)}")
    failures = [Event(frozenset({domain.resource(text)})) for text in fail]
    outcome = propagate(domain, scene.announcements, failures)
    demands = () if matrix is None else demands_of(matrix)
    edges = _edges(nr, domain, matrix) if totem_domain is None else tuple(domain.routers)
    traffic = Traffic(demands, edges, scene.exits)
    return SimulationReport(
        source="network" if collect else "inventory" if totem_domain is None else "TOTEM domain",
        failed=tuple(str(resource) for event in failures for resource in event.resources),
        converged=outcome.converged,
        oscillations=oscillations_of(outcome),
        tables=tuple(
            table_of(router, outcome.rib(router), scene.gateway_at)
            for router in routers or domain.routers
        ),
        loads=None if matrix is None else traffic.loads(domain, Ways(outcome, failures)),
        failures=tuple(single_failures(scene.announcements, outcome, failures, traffic))
        if all_single_failures
        else None,
        mismatches=tuple(_mismatches(scene, outcome if not failures else None)),
        warnings=(
            *scene.warnings,
            *outcome.doubts(),
            *(() if matrix is None else outside(matrix.loads)),
        ),
    )


def _edges(nr: Nornir, domain: Domain, matrix: PredictionMatrix | None) -> tuple[str, ...]:
    """The routers at which traffic enters: the edge routers; all, where there are none.

    Raises:
        InputError: there is traffic, and no edge router.
    """
    group = settings_of(nr).edge_group
    chosen = nr.filter(filter_func=lambda host: host.has_parent_group(group)).inventory.hosts
    edges = tuple(name for name in domain.routers if name in chosen)
    if matrix is not None and not edges:
        raise InputError(
            f"no router is in group {group!r}, where predicted traffic enters; put the edge "
            "routers there, or set edge_group"
        )
    return edges or tuple(domain.routers)


def _mismatches(scene: Scene, outcome: Outcome | None) -> Iterator[Mismatch]:
    """Where the model foretells the tables of now otherwise than they are."""
    if scene.tables and outcome is None:
        outcome = propagate(scene.domain, scene.announcements)
    for router, table in scene.tables.items():
        if outcome is not None and router in scene.domain.routers:
            yield from mismatches(router, outcome.rib(router), table, scene.gateway_at)
