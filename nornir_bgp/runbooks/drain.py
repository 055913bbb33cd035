"""Take a gateway out of use for a maintenance, and put it back.

All traffic of ours that enters at the edge routers is moved to other gateways, within what their
links carry: what is planned is raised there first, and then the gateway gives every other route
less than the default. What the Internet sends us by its upstream is not moved.
"""

from collections.abc import Collection
from pathlib import Path

from nornir.core import Nornir
from pydantic import ValidationError

from nornir_bgp.exceptions import InputError, RefusedError
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.planning import Planning
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.settings import Settings
from nornir_bgp.runbooks.asked import PLANNING, PREDICTIONS, Asked
from nornir_bgp.runbooks.drained import drained_now, only_there
from nornir_bgp.runbooks.evidence import latest_standing_report
from nornir_bgp.runbooks.execution import execute
from nornir_bgp.runbooks.files import read_text
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.options import Options
from nornir_bgp.runbooks.plan import plan_network
from nornir_bgp.runbooks.predictions import Located, Predictions, locate, source_of
from nornir_bgp.runbooks.seen import Seen
from nornir_bgp.wording import shortened


def drain(
    nr: Nornir,
    gateway: str,
    predictions: Predictions | None = None,
    *,
    planning: Planning | None = None,
    dry_run: bool | None = None,
    keep: bool = False,
    save: bool | None = None,
) -> DistributeReport:
    """Move all traffic of ours away from a gateway, and prove it.

    The plan is made anew without the gateway. What it plans is raised at the other gateways, and
    confirmed there, before the gateway gives every route less than the default, so that no packet
    is lost. Prefixes that no other gateway has a route to stay, and are named. Later runs of
    ``distribute`` leave the gateway drained, until :func:`undrain`.

    Traffic that comes in by the gateway's upstream is not moved.

    Args:
        nr: the Nornir object.
        gateway: the gateway.
        predictions: what to plan with; ``None``: what the plan that stands was made with.
        planning: what is asked of the plan; ``None``: as of the plan that stands.
        dry_run: touch nothing; ``None``: as the Nornir object says.
        keep: leave the change in place although its proof failed.
        save: write the configuration on the gateways once it is proven; ``None``: as the settings
            say.

    Returns:
        The report of this run, which is a run like any other.

    Raises:
        InputError: there is no such gateway, or there are no predictions.
        RefusedError: it is drained already, or the last one in use; the other gateways cannot
            carry its traffic, and the message says what is missing.
        LockedError, DeviceError: as :func:`~nornir_bgp.runbooks.distribute` does.
    """
    options = _options(dry_run=dry_run, keep=keep, save=save)
    return _planned_anew(nr, gateway, predictions, planning, options, drains=True)


def undrain(
    nr: Nornir,
    gateway: str,
    predictions: Predictions | None = None,
    *,
    planning: Planning | None = None,
    dry_run: bool | None = None,
    keep: bool = False,
    save: bool | None = None,
) -> DistributeReport:
    """Take a drained gateway into use again, with a plan that counts on it, and prove it.

    Args:
        nr: the Nornir object.
        gateway: the gateway.
        predictions: what to plan with; ``None``: what the plan that stands was made with.
        planning: what is asked of the plan; ``None``: as of the plan that stands.
        dry_run: touch nothing; ``None``: as the Nornir object says.
        keep: leave the change in place although its proof failed.
        save: write the configuration on the gateways once it is proven; ``None``: as the settings
            say.

    Raises:
        InputError: there is no such gateway, or there are no predictions.
        RefusedError: it is not drained; and as :func:`~nornir_bgp.runbooks.distribute` does.
        LockedError, DeviceError: likewise.
    """
    options = _options(dry_run=dry_run, keep=keep, save=save)
    return _planned_anew(nr, gateway, predictions, planning, options, drains=False)


def standing_planning(settings: Settings) -> Planning:
    """Return what a drain asks of its plan by itself.

    Args:
        settings: the settings.

    Returns:
        What was asked of the plan that stands; where none does, what the settings ask.

    Raises:
        InputError: a file of the runs is damaged.
    """
    return _planning(settings, latest_standing_report(Path(settings.runs)))


def _options(*, dry_run: bool | None, keep: bool, save: bool | None) -> Options:
    # Whoever takes a gateway out means it: neither a shrunken matrix, nor how much moves, nor how
    # little is gained stands in the way.
    return Options(dry_run=dry_run, keep=keep, save=save, force=True, min_gain=0.0, unbounded=True)


def _planned_anew(
    nr: Nornir,
    gateway: str,
    predictions: Predictions | None,
    planning: Planning | None,
    options: Options,
    *,
    drains: bool,
) -> DistributeReport:
    network = network_of(nr)
    if gateway not in network.gateways:
        raise InputError(
            f"{gateway}: is no gateway; there is {', '.join(network.gateways)}, the hosts with a "
            "neighbor that has use_localpref_map: true"
        )
    settings = network.settings
    standing = latest_standing_report(Path(settings.runs))
    located, source = _predictions(settings, standing, predictions)
    asked = Asked.of(
        located,
        settings,
        solver="auto",
        planning=planning or _planning(settings, standing),
    )

    def decide(network: Network, seen: Seen) -> Plan:
        now = drained_now(network, seen.gateways.values)
        then = _drained_then(network, now, gateway, drains=drains)
        planned = plan_network(nr, network, asked, seen, then)
        return _with_stays(network, planned, asked.predicted, seen)

    return execute(
        nr,
        decide,
        source=f"{'drain' if drains else 'undrain'} {gateway}: {source}",
        inputs=asked.kept,
        matrix=asked.series.largest,
        options=options,
    )


def _predictions(
    settings: Settings, standing: DistributeReport | None, predictions: Predictions | None
) -> tuple[Located, str]:
    """What to plan with, and where it comes from."""
    if predictions is not None:
        located = locate(predictions, settings)
        return located, source_of(located) or "predictions of the caller"
    if standing is None:
        raise InputError(
            f"{settings.runs}: holds no run whose plan stands, so there are no predictions to "
            "plan with; name PREDICTIONS"
        )
    kept = Path(settings.runs) / str(standing.run) / PREDICTIONS
    if kept.is_file():
        return (kept,), f"the predictions of run {standing.run}"
    # A plan that was gone back to has no predictions, but knows its loads.
    matrix = PredictionMatrix(customers={"planned": standing.plan.loads})
    return matrix, f"the loads of run {standing.run}"


def _planning(settings: Settings, standing: DistributeReport | None) -> Planning:
    """What was asked of the plan that stands; where that was not kept, what the settings ask."""
    kept = None if standing is None else Path(settings.runs) / str(standing.run) / PLANNING
    if kept is None or not kept.is_file():
        return settings.planning
    try:
        return Planning.model_validate_json(read_text(kept))
    except ValidationError as error:
        raise InputError(f"{kept}: is damaged: {error}; remove the file") from error


def _drained_then(
    network: Network, now: tuple[str, ...], gateway: str, *, drains: bool
) -> tuple[str, ...]:
    """The gateways that are to be drained.

    Raises:
        RefusedError: nothing would change, or no gateway would be in use.
    """
    if (gateway in now) == drains:
        raise RefusedError(f"{gateway} is {'drained already' if drains else 'not drained'}")
    then = tuple(g for g in network.gateways if (g in now) != (g == gateway))
    if len(then) == len(network.gateways):
        raise RefusedError(f"{gateway} is the last gateway in use; undrain another one first")
    return then


def _with_stays(network: Network, planned: Plan, predicted: Collection[str], seen: Seen) -> Plan:
    """Name, in a plan, the routes beside the predicted ones that stay at the drained gateways."""
    stays = only_there(network, planned.drained, seen.gateways.values)
    told = tuple(
        f"{gateway}: no other gateway in use has a route to {shortened(others)}, which "
        f"{'stays' if len(others) == 1 else 'stay'} there"
        for gateway, prefixes in stays.items()
        if (others := [prefix for prefix in prefixes if prefix not in predicted])
    )
    return planned.model_copy(
        update={
            "explanation": (*planned.explanation, *told),
            "warnings": (*planned.warnings, *told),
        }
    )
