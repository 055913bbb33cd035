"""What comes before a change: read everything, plan, refuse, and say what would be sent."""

import difflib
import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import RefusedError
from nornir_bgp.frr.hazards import hazards, remarks
from nornir_bgp.frr.lint_policy import lint_policy
from nornir_bgp.frr.preflight import preflight
from nornir_bgp.frr.versions import rules_of
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.report import GatewayChange
from nornir_bgp.models.state import GatewayState
from nornir_bgp.runbooks.evidence import latest_standing_report
from nornir_bgp.runbooks.foretell import Foretold, foretell
from nornir_bgp.runbooks.guards import refuse_out_of_bounds, too_little_gain
from nornir_bgp.runbooks.live_links import down
from nornir_bgp.runbooks.observe import gateways_before
from nornir_bgp.runbooks.options import Options
from nornir_bgp.runbooks.phases import Phases
from nornir_bgp.runbooks.plan import with_prediction
from nornir_bgp.runbooks.preview import previewed
from nornir_bgp.runbooks.seen import Seen, collect, collect_gateways, overrides_of, wanted_overrides
from nornir_bgp.tasks.push import AllOverrides
from nornir_bgp.wording import shortened

Decide = Callable[[Network, Seen], Plan]
"""Makes the plan for a network whose routers have been read."""

_SHOWN = 12

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Prepared:
    """All that a change stands on.

    Attributes:
        before: what was seen.
        planned: the plan.
        current: the overrides of each gateway.
        wanted: what they are to be.
        moving: the prefixes that may change their path: the planned ones, and those that the lists
            treat otherwise than now.
        preview: what would be sent.
        left_alone: why nothing is to be sent all the same.
        foretold: what the plan brings about.
    """

    before: Seen
    planned: Plan
    current: AllOverrides
    wanted: AllOverrides
    moving: frozenset[str]
    preview: tuple[GatewayChange, ...]
    left_alone: str | None
    foretold: Foretold

    @property
    def would_change(self) -> bool:
        """A line would be sent."""
        return any(change.lines for change in self.preview)


def prepare(
    nr: Nornir,
    network: Network,
    decide: Decide,
    options: Options,
    phases: Phases,
    matrix: PredictionMatrix | None = None,
) -> Prepared:
    """Read all routers, plan, refuse what is not to be, and say what would be sent.

    Args:
        nr: the Nornir object.
        network: the network.
        decide: makes the plan.
        options: how it is to be done.
        phases: takes down how long it takes.
        matrix: the predictions, where the plan is made of any.

    Raises:
        DeviceError: a router could not be read.
        RefusedError: a gateway is not ready, the plan goes beyond the bounds, or the gateways
            have changed while it was made.
    """
    settings = network.settings
    with phases.phase("collect"):
        before = collect(nr, network, for_model=True).complete()
    with phases.phase("plan"):
        planned = decide(network, before)
    current = overrides_of(network, before.gateways.values)
    wanted = wanted_overrides(network, planned, current, before.gateways.values)
    _refuse_unready(network, before, planned, wanted)
    today = gateways_before(network, planned, before.edges(network))
    last = latest_standing_report(Path(settings.runs))
    moving = frozenset(planned.gateway_of) | _treated_otherwise(before, current, wanted)
    dropped = moving - planned.gateway_of.keys()
    if not options.unbounded:
        lost = sum(matrix.loads.get(p, 0) for p in planned.unrouted) if matrix else 0
        refuse_out_of_bounds(
            settings.bounds, planned, today, dropped, last, unrouted=lost, force=options.force
        )
    with phases.phase("predict"):
        foretold = foretell(network, before.routers, planned, wanted, matrix)
        planned = with_prediction(planned, foretold.prediction)
    with phases.phase("preview"):
        preview = previewed(network, current, wanted)
        lines = sum(len(change.lines) for change in preview)
        planned = planned.model_copy(update={"lines": lines})
        now = collect_gateways(nr, network, lean=True).complete()
        refuse_changed(network, planned, before, now)
    least = settings.bounds.min_gain if options.min_gain is None else options.min_gain
    for gateway, state in before.gateways.values.items():
        for remark in remarks(rules_of(state.running_config), current[gateway], wanted[gateway]):
            _log.warning("%s: %s", gateway, remark, extra={"event": "remark", "host": gateway})
    prepared = Prepared(
        before=before,
        planned=planned,
        current=current,
        wanted=wanted,
        moving=moving,
        preview=preview,
        left_alone=None,
        foretold=foretold,
    )
    states = before.gateways.values
    drifted = last is not None and current != wanted_overrides(network, last.plan, current, states)
    if not prepared.would_change or drifted:
        return prepared
    meant = planned.model_copy(update={"error": None}) if options.unbounded else planned
    return replace(prepared, left_alone=too_little_gain(least, meant, today))


def _treated_otherwise(before: Seen, current: AllOverrides, wanted: AllOverrides) -> set[str]:
    """The prefixes that some gateway is to give another preference than now."""
    return {
        prefix
        for gateway, state in before.gateways.values.items()
        if (now := current[gateway]) != (then := wanted[gateway])
        for rib in state.ribs
        for prefix in rib.routes
        if now.preference(prefix) != then.preference(prefix)
    }


def _refuse_unready(network: Network, seen: Seen, planned: Plan, wanted: AllOverrides) -> None:
    """Refuse before anything is sent.

    Raises:
        RefusedError: a gateway lacks something that the plan stands on, named line by line; or
            the plan is empty, and would only take away what is there.
    """
    if not planned.gateway_of:
        told = "no predicted prefix has a route at a gateway in use; nothing to distribute"
        raise RefusedError("\n".join((told, *down(network.exits, seen.gateways.values))))
    policy = network.settings.policy
    findings = [
        f"{gateway}: {finding}"
        for gateway, state in seen.gateways.values.items()
        for finding in (
            *preflight(
                state,
                network.exits_at(gateway),
                planned.gateway_of,
                policy,
                allow_transit=network.settings.allow_transit,
                drained=gateway in planned.drained,
            ),
            *hazards(state, network.exits_at(gateway), policy),
            *lint_policy(state.running_config, wanted[gateway], policy),
        )
    ]
    if findings:
        raise RefusedError("the gateways are not ready:\n" + "\n".join(findings))


def refuse_changed(
    network: Network, planned: Plan, before: Seen, now: Mapping[str, GatewayState]
) -> None:
    """Refuse where the gateways are not those that the plan was made for any more.

    Args:
        network: the network.
        planned: the plan.
        before: what it was made from.
        now: the gateways as they are.

    Raises:
        RefusedError: a configuration, or a route of a predicted prefix has changed; every change
            is named.
    """
    moved = [
        f"{gateway}: {change}"
        for gateway, was in before.gateways.values.items()
        for change in _moved(network, planned, gateway, was, now[gateway])
    ]
    if moved:
        raise RefusedError(
            "the network was changed by somebody else while the plan was made; nothing was sent, "
            "run again:\n" + "\n".join(moved)
        )


def _moved(
    network: Network, planned: Plan, gateway: str, was: GatewayState, now: GatewayState
) -> Iterator[str]:
    old, new = was.running_config.splitlines(), now.running_config.splitlines()
    lines = [
        line
        for line in difflib.unified_diff(old, new, n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"and {len(lines) - _SHOWN} more lines"
    predicted = {*planned.gateway_of, *planned.unrouted}
    for exit_ in network.exits_at(gateway):
        routes, routes_now = (predicted & state.reached(exit_) for state in (was, now))
        for verb, prefixes in (
            ("no longer sends", routes - routes_now),
            ("now sends", routes_now - routes),
        ):
            if prefixes:
                yield f"{exit_.upstream} {verb} {shortened(sorted(prefixes), _SHOWN)}"
