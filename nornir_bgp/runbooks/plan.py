"""From predictions to a plan."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import RefusedError
from nornir_bgp.models.gateways_file import parse_gateways
from nornir_bgp.models.natural import minimal
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.planning import Planning
from nornir_bgp.models.settings import Settings
from nornir_bgp.models.simulation import Prediction
from nornir_bgp.runbooks.asked import Asked
from nornir_bgp.runbooks.asking import sessions
from nornir_bgp.runbooks.circumstances import Circumstances, as_seen, from_file, on_paper
from nornir_bgp.runbooks.files import read_text
from nornir_bgp.runbooks.foretell import foretell, foretell_offline
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.predictions import Predictions
from nornir_bgp.runbooks.preview import previewed
from nornir_bgp.runbooks.seen import Seen, collect, overrides_of, wanted_overrides
from nornir_bgp.solver.choose import Choice
from nornir_bgp.solver.planner import make_plan


def plan(
    nr: Nornir,
    predictions: Predictions,
    *,
    solver: Choice = "auto",
    planning: Planning | None = None,
    slot: str | None = None,
    offline: bool = False,
    strict: bool = False,
    preview: bool = True,
) -> Plan:
    """Decide which exit carries which predicted prefix; nothing is touched.

    The plan says what it brings about: the edge routers' tables, and what single failures do then.

    Args:
        nr: the Nornir object.
        predictions: the prediction matrix, its file, or a folder of which the newest is taken;
            several files, or a file of several slots of time: the plan is best in the worst slot.
        solver: ``dp``, ``cpsat``, ``scale`` or ``auto``.
        planning: what is asked of the plan; ``None``: as the settings say.
        slot: plan for this slot alone: its number, from 0, or a time in it.
        offline: do not ask the routers which prefixes they have a route to; what the plan brings
            about is then known only where the inventory describes who announces the prefixes.
        strict: refuse where a predicted prefix has no route, instead of naming it.
        preview: work out what the plan brings about.

    Raises:
        InputError: the predictions, the inventory, or a pin or ban are wrong.
        DeviceError: a gateway could not be asked.
        RefusedError: ``strict``, and a prefix is unrouted; no plan is feasible; or the newest
            matrix of a folder is too old.
    """
    network = network_of(nr)
    asked = Asked.of(
        predictions, network.settings, solver=solver, planning=planning, slot=slot, strict=strict
    )
    matrix = asked.series.largest
    if offline:
        made = planned(asked, on_paper(network.exits, asked.planning, asked.predicted))
        if not preview:
            return made
        return with_prediction(made, foretell_offline(nr, network, made, matrix))
    with sessions(nr):
        seen = _seen(nr, network, for_model=preview or asked.planning.needs_natural())
        made = plan_network(nr, network, asked, seen)
    if not preview:
        return made
    current = overrides_of(network, seen.gateways.values)
    wanted = wanted_overrides(network, made, current, seen.gateways.values)
    lines = sum(len(change.lines) for change in previewed(network, current, wanted))
    made = made.model_copy(update={"lines": lines})
    if seen.others.errors:
        silent = "; ".join(map(str, seen.others.errors.values()))
        return with_prediction(made, Prediction(missing=silent))
    return with_prediction(made, foretell(network, seen.routers, made, wanted, matrix).prediction)


def plan_slots(
    nr: Nornir,
    predictions: Predictions,
    *,
    slot_moves: int | None = None,
    solver: Choice = "auto",
    planning: Planning | None = None,
    offline: bool = False,
    strict: bool = False,
) -> tuple[Plan, ...]:
    """Make one plan for each slot of time, each from the one before; nothing is touched.

    Args:
        nr: the Nornir object.
        predictions: as in :func:`plan`.
        slot_moves: at most so many prefixes move from one slot to the next; ``None``: any number.
        solver: as in :func:`plan`.
        planning: likewise.
        offline: likewise.
        strict: likewise.

    Raises:
        InputError, DeviceError: as :func:`plan` does.
        RefusedError: likewise; the message names the slot.
    """
    network = network_of(nr)
    asked = Asked.of(predictions, network.settings, solver=solver, planning=planning, strict=strict)
    if offline:
        return in_turn(asked, on_paper(network.exits, asked.planning, asked.predicted), slot_moves)
    with sessions(nr):
        seen = _seen(nr, network, for_model=asked.planning.needs_natural())
        circumstances = _circumstances(nr, network, asked, seen)
    return in_turn(asked, circumstances, slot_moves)


def plan_by_file(
    predictions: Predictions,
    gateways: str | Path,
    *,
    solver: Choice = "auto",
    planning: Planning | None = None,
    slot: str | None = None,
    per_slot: bool = False,
    slot_moves: int | None = None,
    strict: bool = False,
) -> tuple[Plan, ...]:
    """Decide which gateway of a file carries which predicted prefix; no inventory is needed.

    Args:
        predictions: as in :func:`plan`.
        gateways: a file as :func:`~nornir_bgp.models.gateways_file.parse_gateways` reads it.
        solver: as in :func:`plan`.
        planning: what is asked of the plan; ``None``: the defaults.
        slot: as in :func:`plan`.
        per_slot: make one plan for each slot of time, as :func:`plan_slots` does.
        slot_moves: then, at most so many prefixes move from one slot to the next.
        strict: as in :func:`plan`.

    Returns:
        The plan, or that of each slot.

    Raises:
        InputError: a file, a pin or a ban is wrong.
        RefusedError: as :func:`plan` does.
    """
    asked = Asked.of(
        predictions, Settings(), solver=solver, planning=planning, slot=slot, strict=strict
    )
    path = Path(gateways)
    circumstances = from_file(parse_gateways(read_text(path), str(path)), asked.planning)
    if per_slot:
        return in_turn(asked, circumstances, slot_moves)
    return (planned(asked, circumstances),)


def plan_network(
    nr: Nornir,
    network: Network,
    asked: Asked,
    seen: Seen,
    drained: Collection[str] | None = None,
) -> Plan:
    """Make the plan for a network whose routers have been read.

    Args:
        nr: the Nornir object.
        network: the network.
        asked: what is asked for.
        seen: its routers.
        drained: the gateways that are to be free of traffic; ``None``: as on the routers.

    Raises:
        DeviceError: a gateway could not be asked more.
        InputError, RefusedError: as :func:`planned` says.
    """
    return planned(asked, _circumstances(nr, network, asked, seen, drained))


def planned(asked: Asked, circumstances: Circumstances, *, max_moves: int | None = None) -> Plan:
    """Make a plan.

    Args:
        asked: what is asked for.
        circumstances: what it is made under.
        max_moves: at most so many prefixes leave the gateway of today; ``None``: any number.

    Raises:
        InputError: a pin or a ban is wrong.
        RefusedError: ``strict``, and a predicted prefix is unrouted; or no plan is feasible.
    """
    made = make_plan(
        [slot.matrix.loads for slot in asked.series.slots],
        circumstances.exits,
        circumstances.reach,
        solver=asked.solver,
        planning=asked.planning,
        known=circumstances.known,
        max_moves=max_moves,
    )
    if asked.strict and made.unrouted:
        raise RefusedError(
            f"no gateway has a route to {', '.join(made.unrouted)} (refused by --strict)"
        )
    if asked.planning.overrides == "minimal" and circumstances.natural is not None:
        made = minimal(made, circumstances.natural)
    lines = None
    if not circumstances.seen and not asked.planning.aggregate:
        lines = sum(len(exit_.raised) + len(exit_.backups) for exit_ in made.exits)
    return made.model_copy(
        update={
            "error": asked.series.error,
            "lines": lines,
            "aggregate": asked.planning.aggregate,
        }
    )


def in_turn(asked: Asked, circumstances: Circumstances, slot_moves: int | None) -> tuple[Plan, ...]:
    """Make one plan for each slot of time.

    Each stands on the one before, as the first stands on today; at most ``slot_moves`` prefixes
    move between two.

    Raises:
        InputError: a pin or a ban is wrong.
        RefusedError: a slot has no feasible plan; the message names it.
    """
    plans: list[Plan] = []
    for number, slot in enumerate(asked.series.slots):
        one = replace(asked, series=asked.series.model_copy(update={"slots": (slot,)}))
        bound = None
        if plans:
            known = replace(circumstances.known, today=plans[-1].gateway_of)
            circumstances, bound = replace(circumstances, known=known), slot_moves
        try:
            made = planned(one, circumstances, max_moves=bound)
        except RefusedError as error:
            raise type(error)(f"slot {number}: {error}") from error
        lines = None if plans else made.lines  # what stands then is the plan before
        plans.append(made.model_copy(update={"slot": number, "lines": lines}))
    return tuple(plans)


def with_prediction(planned: Plan, prediction: Prediction) -> Plan:
    """Return a plan that says what it brings about."""
    return planned.model_copy(update={"prediction": prediction})


def _seen(nr: Nornir, network: Network, *, for_model: bool) -> Seen:
    seen = collect(nr, network, lean=True, for_model=for_model)
    seen.gateways.complete()
    return seen


def _circumstances(
    nr: Nornir,
    network: Network,
    asked: Asked,
    seen: Seen,
    drained: Collection[str] | None = None,
) -> Circumstances:
    unit = asked.planning.unit or asked.series.unit
    return as_seen(nr, network, seen, asked.planning, asked.predicted, unit=unit, drained=drained)
