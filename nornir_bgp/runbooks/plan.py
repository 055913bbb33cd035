"""From a prediction file to a plan."""

from collections.abc import Mapping
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import InputError, RefusedError
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit, Plan
from nornir_bgp.models.prediction import PredictionMatrix, parse_predictions
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.state import GatewayState
from nornir_bgp.runbooks.asking import ask, sessions
from nornir_bgp.runbooks.files import read_text
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.solver.choose import Choice
from nornir_bgp.solver.planner import make_plan
from nornir_bgp.tasks.collect import collect_gateway

Predictions = str | Path | PredictionMatrix
"""A prediction file, or its content."""


def plan(
    nr: Nornir,
    predictions: Predictions,
    *,
    solver: Choice = "auto",
    offline: bool = False,
    strict: bool = False,
) -> Plan:
    """Decide which exit carries which predicted prefix; nothing is touched.

    Args:
        nr: the Nornir object.
        predictions: the prediction matrix or its file.
        solver: ``dp``, ``cpsat`` or ``auto``.
        offline: do not ask the gateways which prefixes they have a route to.
        strict: refuse where a predicted prefix has no route, instead of naming it.

    Raises:
        InputError: the predictions or the inventory are wrong.
        DeviceError: a gateway could not be asked.
        RefusedError: ``strict``, and a prefix is unrouted; or a link cannot carry its share.
    """
    network = network_of(nr)
    matrix = read_predictions(predictions)
    states = None
    if not offline:
        with sessions(nr):
            answers = ask(nr, network.gateways, collect_gateway, GatewayState, exits=network.exits)
            states = answers.complete()
    return plan_network(network, matrix, states, solver=solver, strict=strict)


def read_predictions(predictions: Predictions) -> PredictionMatrix:
    """Read a prediction matrix.

    Raises:
        InputError: the file is missing or wrong, or predicts an IPv6 prefix.
    """
    if isinstance(predictions, PredictionMatrix):
        matrix, source = predictions, "the prediction matrix"
    else:
        source = str(predictions)
        matrix = parse_predictions(read_text(Path(predictions)), source)
    ipv6 = next((prefix for prefix in matrix.loads if ":" in prefix), None)
    if ipv6 is not None:
        raise InputError(f"{source}: {ipv6} is IPv6; only IPv4 prefixes are steered, leave it out")
    return matrix


def plan_network(
    network: Network,
    matrix: PredictionMatrix,
    states: Mapping[str, GatewayState] | None,
    *,
    solver: Choice,
    strict: bool,
) -> Plan:
    """Make the plan for a network whose gateways have been read (``None``: not asked).

    Raises:
        RefusedError: ``strict``, and a predicted prefix is unrouted; or a link cannot carry what
            an even balance gives it.
    """
    reach = None
    if states is not None:
        reach = [_reached(states[e.gateway].table.rib, e) for e in network.exits]
    made = make_plan(matrix.loads, network.exits, reach, solver=solver)
    if strict and made.unrouted:
        raise RefusedError(
            f"no gateway has a route to {', '.join(made.unrouted)} (refused by --strict)"
        )
    overloads = [
        f"{e.gateway} to {e.upstream} would carry {e.load:,} of its {e.capacity:,}"
        for e in made.exits
        if e.capacity is not None and e.load > e.capacity
    ]
    if overloads:
        raise RefusedError(f"an even balance overloads a link: {'; '.join(overloads)}")
    return made


def _reached(rib: Rib, exit_: Exit) -> frozenset[str]:
    """Return the prefixes for which the exit's upstream has sent a usable route."""
    neighbor = str(exit_.neighbor)
    return frozenset(
        prefix
        for prefix, paths in rib.routes.items()
        if any(path.valid and path.peer == neighbor for path in paths)
    )
