"""A network to compute: from the inventory, from what routers say, and from files of routes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.bgp.domain import Announcement, Domain
from nornir_bgp.bgp.present import announcements_of
from nornir_bgp.bgp.rib_files.entries import Loaded
from nornir_bgp.bgp.totem_domain import parse_totem_domain
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.device import Device, exits_of
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.routing import Router
from nornir_bgp.models.state import RouterState
from nornir_bgp.runbooks.asking import ask, sessions
from nornir_bgp.runbooks.files import open_bytes
from nornir_bgp.runbooks.modelled import (
    domain_of,
    doubts,
    routers_of_inventory,
    routers_of_states,
)
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.rib_files import read_rib, read_routes
from nornir_bgp.tasks.collect import collect_router
from nornir_bgp.tasks.inventory import devices_of


@dataclass(frozen=True, slots=True)
class Scene:
    """A network to compute, and what is known about it.

    Attributes:
        domain: the network.
        announcements: what the external peers send.
        devices: all devices of the inventory.
        tables: the tables that its routers have, where they were asked.
        warnings: what the model does not know, and what of the given routes was not loaded.
    """

    domain: Domain
    announcements: tuple[Announcement, ...]
    devices: tuple[Device, ...]
    tables: Mapping[str, Rib]
    warnings: tuple[str, ...]

    @property
    def exits(self) -> tuple[Exit, ...]:
        """The exits of the network, in inventory order."""
        found = exits_of(self.devices)
        return tuple(e for e in found if e.gateway in self.domain.routers)

    @property
    def gateway_at(self) -> Mapping[str, str]:
        """The gateway behind a next hop: its own addresses, and those of its upstreams."""
        gateways = dict.fromkeys(exit_.gateway for exit_ in self.exits)
        owned = {
            str(interface.address.ip): gateway
            for gateway in gateways
            for interface in self.domain.routers[gateway].interfaces
        }
        return {str(exit_.neighbor): exit_.gateway for exit_ in self.exits} | owned


def scene_of(
    nr: Nornir,
    *,
    collect: bool = False,
    totem_domain: str | Path | None = None,
    ribs: Iterable[tuple[str, str | Path]] = (),
    routes: str | Path | None = None,
) -> Scene:
    """Put a network together.

    Args:
        nr: the Nornir object.
        collect: our own routers as they are, with the routes that their neighbours have sent; else
            all routers of the inventory.
        totem_domain: a TOTEM domain file, whose routers are taken instead of the inventory's.
        ribs: (router, file) of tables whose routes the router's external peers send it.
        routes: a YAML file of routes that external peers send.

    Raises:
        InputError: the inventory, a file or a name is wrong.
        DeviceError: ``collect``, and a router could not be read.
    """
    if collect and totem_domain is not None:
        raise InputError("a collected network and a TOTEM domain are two networks; give one")
    devices = devices_of(nr) if totem_domain is None else ()
    routers: Mapping[str, Router]
    tables: Mapping[str, Rib] = {}
    announcements: list[Announcement] = []
    peer_ids: Mapping[str, Mapping[str, str]] = {}
    if collect:
        states = _states(nr)
        routers = routers_of_states(states)
        tables = {name: state.rib for name, state in states.items()}
        announcements.extend(announcements_of(routers, tables))
        peer_ids = {name: state.peer_ids for name, state in states.items()}
    elif totem_domain is not None:
        routers = _read_domain(Path(totem_domain)).routers
    else:
        routers = routers_of_inventory(nr)
    loaded, remarks = _loaded(routers, ribs, routes)
    outside = _taken_out(routers, loaded)
    rest = {name: router for name, router in routers.items() if name not in outside}
    domain = domain_of(rest, devices, peer_ids)
    known = {(peer.router, peer.address) for peer in domain.peers}
    domain = Domain(
        routers=rest,
        peers=(
            *domain.peers,
            *(p for part in loaded for p in part.peers if (p.router, p.address) not in known),
        ),
    )
    announcements.extend(a for part in loaded for a in part.announcements)
    return Scene(
        domain=domain,
        announcements=tuple(announcements),
        devices=devices,
        tables=tables,
        warnings=(
            *remarks,
            *(f"{name}: is outside now, and sends what the files say" for name in outside),
            *doubts(domain, collected=collect),
        ),
    )


def _read_domain(file: Path) -> Domain:
    with open_bytes(file) as opened:
        return parse_totem_domain(opened.read(), str(file))


def _states(nr: Nornir) -> Mapping[str, RouterState]:
    with sessions(nr):
        return ask(
            nr, network_of(nr).routers, collect_router, RouterState, lean=True, for_model=True
        ).complete()


def _loaded(
    routers: Mapping[str, Router],
    ribs: Iterable[tuple[str, str | Path]],
    routes: str | Path | None,
) -> tuple[list[Loaded], list[str]]:
    """Read all files of routes; also what is to be said of them."""
    loaded: list[Loaded] = []
    remarks: list[str] = []
    for name, file in ribs:
        if name not in routers:
            raise InputError(f"{name}: is none of the routers: {', '.join(routers)}")
        rib = read_rib(Path(file))
        loaded.append(rib.loaded_into(routers[name]))
        remarks.extend(rib.remarks())
        remarks.extend(
            f"{file}: {peer.address} is of {name}'s own AS: its routes are iBGP's, and {name} "
            "passes them on to its other iBGP neighbours only as a reflector"
            for peer in loaded[-1].peers
            if peer.as_number == routers[name].as_number
        )
    if routes is not None:
        part = read_routes(Path(routes))
        for announcement in part.announcements:
            if announcement.router not in routers:
                raise InputError(
                    f"{routes}: {announcement.router} is none of the routers: {', '.join(routers)}"
                )
        loaded.append(part)
    return loaded, remarks


def _taken_out(routers: Mapping[str, Router], loaded: Iterable[Loaded]) -> tuple[str, ...]:
    """The routers in whose place files say what they send: peers of another AS."""
    owners = {
        (str(interface.address.ip), router.as_number): name
        for name, router in routers.items()
        for interface in router.interfaces
    }
    found = (owners.get((p.address, p.as_number)) for part in loaded for p in part.peers)
    outside = dict.fromkeys(name for name in found if name is not None)
    heard = {peer.router for part in loaded for peer in part.peers}
    return tuple(name for name in outside if name not in heard)
