"""What a run sees of the network, before a change and after it."""

from dataclasses import dataclass
from typing import Self

from nornir.core import Nornir

from nornir_bgp.frr.prefix_list import Entry, parse_prefix_lists
from nornir_bgp.frr.preflight import leaks
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit, Plan
from nornir_bgp.models.state import GatewayState, TableState
from nornir_bgp.runbooks.asking import Answers, ask
from nornir_bgp.tasks.collect import collect_gateway, collect_table


@dataclass(frozen=True, slots=True)
class Seen:
    """All gateways and edge routers at one moment, as far as they answered."""

    gateways: Answers[GatewayState]
    edges: Answers[TableState]

    def complete(self) -> Self:
        """Return this, if every router answered.

        Raises:
            DeviceError: one did not.
        """
        self.gateways.complete()
        self.edges.complete()
        return self

    def lists(self, network: Network) -> dict[str, tuple[Entry, ...]]:
        """The override list of each gateway."""
        name = network.settings.policy.prefix_list
        return {
            gateway: parse_prefix_lists(state.running_config).get(name, ())
            for gateway, state in self.gateways.values.items()
        }


def collect(nr: Nornir, network: Network) -> Seen:
    """Read all gateways and edge routers."""
    return Seen(
        ask(nr, network.gateways, collect_gateway, GatewayState, exits=network.exits),
        ask(nr, network.edges, collect_table, TableState),
    )


def findings_of(network: Network, planned: Plan, before: Seen, after: Seen) -> tuple[str, ...]:
    """Say what a change of preference alone would not have brought about.

    A router that does not answer any more has its say in the checks, or in the change's error.
    """
    found: list[str] = []
    for gateway, state in after.gateways.values.items():
        exits = network.exits_at(gateway)
        if not network.settings.allow_transit:
            found.extend(f"{gateway}: {leak}" for leak in leaks(state, exits, planned.gateway_of))
        for exit_ in exits:
            was = _sent(before.gateways.values[gateway], exit_, planned)
            is_ = _sent(state, exit_, planned)
            found.extend(
                f"{gateway}: {exit_.upstream} {verb} {prefix} (AS path {as_path})"
                for verb, routes in (("no longer sends", was - is_), ("now sends", is_ - was))
                for prefix, as_path in sorted(routes)
            )
    return tuple(found)


def _sent(state: GatewayState, exit_: Exit, planned: Plan) -> set[tuple[str, str]]:
    """The planned routes (prefix, AS path) that an upstream has sent."""
    routes = state.table.rib.routes
    return {
        (prefix, path.as_path)
        for prefix in planned.gateway_of
        for path in routes.get(prefix, ())
        if path.peer == str(exit_.neighbor)
    }
