"""What a run sees of the network, before a change and after it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

from nornir.core import Nornir

from nornir_bgp.frr.identity import differences
from nornir_bgp.frr.overrides import Overrides, parse_overrides
from nornir_bgp.frr.overrides_plan import Wanted, planned_overrides
from nornir_bgp.frr.preflight import leaks
from nornir_bgp.frr.versions import rules_of
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.state import GatewayState, RouterState
from nornir_bgp.runbooks.asking import Answers, ask
from nornir_bgp.runbooks.drained import still_leaving
from nornir_bgp.tasks.collect import collect_gateway, collect_router


@dataclass(frozen=True, slots=True)
class Seen:
    """All routers of ours at one moment, as far as they answered.

    Attributes:
        gateways: the gateways.
        others: every other router.
    """

    gateways: Answers[GatewayState]
    others: Answers[RouterState]

    def complete(self) -> Self:
        """Return this, if every router answered.

        Raises:
            DeviceError: one did not.
        """
        self.gateways.complete()
        self.others.complete()
        return self

    @property
    def routers(self) -> Mapping[str, RouterState]:
        """Every router that answered."""
        return {**self.others.values, **self.gateways.values}

    def edges(self, network: Network) -> dict[str, RouterState]:
        """The edge routers that answered."""
        return {edge: state for edge, state in self.routers.items() if edge in network.edges}


def collect(nr: Nornir, network: Network, *, lean: bool = False, for_model: bool = False) -> Seen:
    """Read all routers of ours.

    Args:
        nr: the Nornir object.
        network: the network.
        lean: without the text of the tables, and what is advertised.
        for_model: with what the model of BGP stands on.
    """
    others = [router for router in network.routers if router not in network.gateways]
    return Seen(
        collect_gateways(nr, network, lean=lean, for_model=for_model),
        ask(nr, others, collect_router, RouterState, lean=lean, for_model=for_model),
    )


def collect_gateways(
    nr: Nornir, network: Network, *, lean: bool = False, for_model: bool = False
) -> Answers[GatewayState]:
    """Read all gateways; see :func:`collect`."""
    return ask(
        nr,
        network.gateways,
        collect_gateway,
        GatewayState,
        exits=network.exits,
        interfaces={e.gateway: name for e in network.exits if (name := network.interface_of(e))},
        lean=lean,
        for_model=for_model,
    )


def overrides_of(network: Network, states: Mapping[str, RouterState]) -> dict[str, Overrides]:
    """The overrides of each gateway."""
    policy = network.settings.policy
    return {name: parse_overrides(state.running_config, policy) for name, state in states.items()}


def wanted_overrides(
    network: Network,
    planned: Plan,
    current: Mapping[str, Overrides],
    states: Mapping[str, GatewayState],
) -> dict[str, Overrides]:
    """The overrides that each gateway is to have by a plan.

    Args:
        network: the network.
        planned: the plan.
        current: what they are.
        states: the gateways, with their routes and configurations.

    Raises:
        RefusedError: the policy has no room for them.
    """
    overrides, backups = planned.overrides, planned.backups
    return {
        gateway: planned_overrides(
            current[gateway],
            Wanted(
                raised=tuple(overrides.get(gateway, ())),
                backup=tuple(backups.get(gateway, ())),
                drained=gateway in planned.drained,
                aggregate_over=_routes(network, gateway, states) if planned.aggregate else None,
            ),
            network.settings.policy,
            rules_of(states[gateway].running_config),
        )
        for gateway in network.gateways
    }


def _routes(network: Network, gateway: str, states: Mapping[str, GatewayState]) -> frozenset[str]:
    """The prefixes of the routes that a gateway's upstreams sent."""
    state = states[gateway]
    return frozenset(p for exit_ in network.exits_at(gateway) for p in state.reached(exit_))


def findings_of(
    network: Network, planned: Plan, before: Seen, after: Seen, moving: Collection[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Say what a change of preference alone would not have brought about.

    A router that cannot be read any more proves nothing, which is a finding.

    Args:
        network: the network.
        planned: the plan.
        before: our routers before the change.
        after: our routers after it.
        moving: the prefixes that may have another path now.

    Returns:
        What stands against the change; and what happened to prefixes that do not move.
    """
    silent = {**after.gateways.errors, **after.others.errors}
    found = [f"{router}: could not be read after the change: {e}" for router, e in silent.items()]
    upstreams = [(e.gateway, str(session)) for e in network.exits for session in e.sessions]
    if not network.settings.allow_transit:
        for gateway, state in after.gateways.values.items():
            exits = network.exits_at(gateway)
            found.extend(f"{gateway}: {leak}" for leak in leaks(state, exits, planned.gateway_of))
    found.extend(still_leaving(network, planned.drained, after.gateways.values))
    churn: list[str] = []
    for difference in differences(
        before.routers,
        after.routers,
        moving,
        exits=upstreams,
        allow_transit=network.settings.allow_transit,
    ):
        is_ours = difference.prefix is None or difference.prefix in moving
        (found if is_ours else churn).append(str(difference))
    return tuple(found), tuple(churn)
