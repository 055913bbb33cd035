"""The network as a runbook sees it: the devices of the inventory and what follows from them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from nornir_bgp.models.device import Device
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.settings import Settings


@dataclass(frozen=True, slots=True)
class Network:
    """The network.

    Attributes:
        settings: what the site has set.
        devices: every router, in inventory order.
        exits: the sessions that carry load, in inventory order.
        edges: the routers whose tables prove a plan.
    """

    settings: Settings
    devices: tuple[Device, ...]
    exits: tuple[Exit, ...]
    edges: tuple[str, ...]

    @property
    def gateways(self) -> tuple[str, ...]:
        """The routers that have exits, in inventory order."""
        return tuple(dict.fromkeys(exit_.gateway for exit_ in self.exits))

    @property
    def routers(self) -> tuple[str, ...]:
        """Our own routers, in inventory order: gateways, edges, and others of a gateway's AS."""
        known = {*self.gateways, *self.edges}
        ours = {d.bgp.as_number for d in self.devices if d.hostname in self.gateways}
        return tuple(
            d.hostname for d in self.devices if d.hostname in known or d.bgp.as_number in ours
        )

    def exits_at(self, gateway: str) -> tuple[Exit, ...]:
        """The exits of one gateway."""
        return tuple(exit_ for exit_ in self.exits if exit_.gateway == gateway)

    def interface_of(self, exit_: Exit) -> str | None:
        """Return the gateway's interface in whose networks an upstream's addresses are.

        ``None``: they are in none, or the sessions of the exit have one each.
        """
        device = next(d for d in self.devices if d.hostname == exit_.gateway)
        found: set[str] = set()
        for session in exit_.sessions:
            connected = [
                (address.network.prefixlen, interface.name)
                for interface in device.interfaces
                for address in interface.addresses
                if session in address.network
            ]
            found.update(name for _, name in sorted(connected)[-1:])
        return found.pop() if len(found) == 1 else None

    @property
    def gateway_at(self) -> Mapping[str, str]:
        """The gateway behind a next hop: its own addresses, and its upstreams' on the exits.

        An upstream's address that several gateways peer with is left out.
        """
        gateways = set(self.gateways)
        owned = {
            str(address): device.hostname
            for device in self.devices
            if device.hostname in gateways
            for address in device.addresses
        }
        peers = Counter(peer for exit_ in self.exits for peer in exit_.sessions)
        exits = {str(p): e.gateway for e in self.exits for p in e.sessions if peers[p] == 1}
        return exits | owned
