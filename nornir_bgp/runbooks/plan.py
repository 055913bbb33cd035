"""From a prediction file to a plan."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import InputError, RefusedError
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit, Plan
from nornir_bgp.models.prediction import PredictionMatrix, parse_predictions
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.settings import Settings
from nornir_bgp.models.simulation import Prediction
from nornir_bgp.models.state import GatewayState
from nornir_bgp.runbooks.asking import sessions
from nornir_bgp.runbooks.files import read_text
from nornir_bgp.runbooks.foretell import foretell, foretell_offline
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.newest import is_folder, newest_matrix, refuse_stale
from nornir_bgp.runbooks.seen import collect, collect_gateways, lists_of, wanted_lists
from nornir_bgp.solver.choose import Choice
from nornir_bgp.solver.planner import make_plan

Predictions = str | Path | PredictionMatrix
"""A prediction file, a folder of which the newest is meant, or the content of one."""


def plan(
    nr: Nornir,
    predictions: Predictions,
    *,
    solver: Choice = "auto",
    offline: bool = False,
    strict: bool = False,
    preview: bool = True,
) -> Plan:
    """Decide which exit carries which predicted prefix; nothing is touched.

    The plan says what it brings about: the edge routers' tables, and what single failures do then.

    Args:
        nr: the Nornir object.
        predictions: the prediction matrix, its file, or a folder of which the newest is taken.
        solver: ``dp``, ``cpsat`` or ``auto``.
        offline: do not ask the gateways which prefixes they have a route to; what the plan brings
            about is then known only where the inventory describes who announces the prefixes.
        strict: refuse where a predicted prefix has no route, instead of naming it.
        preview: work out what the plan brings about.

    Raises:
        InputError: the predictions or the inventory are wrong.
        DeviceError: a gateway could not be asked.
        RefusedError: ``strict``, and a prefix is unrouted; or a link cannot carry its share; or
            the newest matrix of a folder is too old.
    """
    network = network_of(nr)
    matrix = read_predictions(locate(predictions, network.settings))
    if offline:
        made = plan_network(network, matrix, None, solver=solver, strict=strict)
        if not preview:
            return made
        return with_prediction(made, foretell_offline(nr, network, made, matrix))
    with sessions(nr):
        if not preview:
            states = collect_gateways(nr, network, lean=True).complete()
            return plan_network(network, matrix, states, solver=solver, strict=strict)
        seen = collect(nr, network, lean=True, for_model=True)
    made = plan_network(network, matrix, seen.gateways.complete(), solver=solver, strict=strict)
    if seen.others.errors:
        silent = "; ".join(map(str, seen.others.errors.values()))
        return with_prediction(made, Prediction(missing=silent))
    lists = lists_of(network, seen.gateways.values)
    wanted = wanted_lists(network, made, lists)
    return with_prediction(made, foretell(network, seen.routers, made, wanted, matrix).prediction)


def with_prediction(planned: Plan, prediction: Prediction) -> Plan:
    """Return a plan that says what it brings about."""
    return planned.model_copy(update={"prediction": prediction})


def locate(
    predictions: Predictions, settings: Settings, max_age: timedelta | None = None
) -> Predictions:
    """Put the newest matrix of a folder in the folder's place; anything else stays.

    Args:
        predictions: what the user gave.
        settings: their ``max_age`` holds for the newest matrix of a folder.
        max_age: holds instead, and for a file that the user named, too; ``None``: was not given.

    Raises:
        InputError: the folder holds no matrix; or ``max_age`` is given for a matrix of no file.
        RefusedError: the matrix is too old, or from the future.
    """
    if isinstance(predictions, PredictionMatrix):
        if max_age is not None:
            raise InputError("max_age: a matrix that is no file has no age; leave it out")
        return predictions
    path = Path(predictions)
    if is_folder(path):
        path = newest_matrix(path)
        refuse_stale(path, settings.max_age if max_age is None else max_age)
    elif max_age is not None:
        refuse_stale(path, max_age)
    return path


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
        reach = [reached(states[e.gateway].rib, e) for e in network.exits]
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


def reached(rib: Rib, exit_: Exit) -> frozenset[str]:
    """Return the prefixes for which the exit's upstream has sent a usable route."""
    neighbor = str(exit_.neighbor)
    return frozenset(
        prefix
        for prefix, paths in rib.routes.items()
        if any(path.valid and path.peer == neighbor for path in paths)
    )
