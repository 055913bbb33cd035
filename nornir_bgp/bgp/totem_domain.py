"""Domains of the TOTEM toolbox (its domain XML, version 1.3), from which C-BGP computed routes.

A domain has nodes, one-way links between interfaces of nodes with IGP metrics, and BGP routers with
their neighbours. The model wants more, and less, than the format says:

- Links have no addresses: each pair of interfaces that is linked gets a /31 out of 100.64.0.0/10
  (RFC 6598), in the order of the file. Metrics become OSPF costs, rounded to whole numbers.
- A node without a router id gets one out of 192.0.2.0/24, in the order of the file; the router id
  is also the address that iBGP sessions start from.
- The network to a neighbour outside is the smallest one around the neighbour's address that has
  another address to spare; OSPF announces it at no cost.
- ``next-hop-self`` on a neighbour outside means the routes *from* it: its router becomes the next
  hop on all of its iBGP sessions, which is how FRR says that.
- What is ``DOWN`` is left out. Bandwidths, delays and LSPs are not looked at here.
"""

from collections import Counter
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from math import isfinite
from typing import NamedTuple

from nornir_bgp.bgp.domain import Domain, ExternalPeer
from nornir_bgp.bgp.xml_tree import Element, parse_xml
from nornir_bgp.models.routing import Router, RouterInterface, RouterSession

_LINKS = IPv4Network("100.64.0.0/10")
_ROUTER_IDS = IPv4Network("192.0.2.0/24")
_NEIGHBOUR_ATTRIBUTES = {"ip", "as", "next-hop-self", "reflector-client"}
_ROUTER_ELEMENTS = {"rid", "neighbors"}


class _Port(NamedTuple):
    """An end of a link; the interface is empty where the file has none."""

    node: str
    interface: str


class _Neighbour(NamedTuple):
    """A BGP neighbour as the file has it."""

    address: IPv4Address
    as_number: int
    next_hop_self: bool
    reflector_client: bool


def parse_totem_domain(content: bytes, source: str) -> Domain:
    """Read a domain.

    Args:
        content: the XML document.
        source: the name of its file, for messages.

    Raises:
        InputError: it is not such a document; the message names the line and the element.
    """
    root = parse_xml(content, source)
    if root.name != "domain":
        root.fail("the document is no TOTEM domain; give one whose outermost element is <domain>")
    as_number = _as_number(root, root.attribute("ASID"))
    nodes = _nodes(root)
    ids = _router_ids(root, nodes)
    interfaces = _interfaces(root, nodes)
    neighbours = _neighbours(root, nodes)
    taken = {*ids.values(), *(one.address for own in neighbours.values() for one in own)}
    routers: dict[str, Router] = {}
    peers: list[ExternalPeer] = []
    for name in nodes:
        own = neighbours.get(name, ())
        outside = [one for one in own if one.as_number != as_number]
        itself = any(one.next_hop_self for one in outside)
        loopback = RouterInterface("lo", IPv4Interface((ids[name], 32)), 0, passive=True)
        routers[name] = Router(
            name=name,
            as_number=as_number,
            router_id=str(ids[name]),
            interfaces=(
                loopback,
                *interfaces[name],
                *(_outer_interface(one, n, taken) for n, one in enumerate(outside)),
            ),
            sessions=tuple(
                RouterSession(
                    peer=str(one.address),
                    remote_as=one.as_number,
                    next_hop_self=one.next_hop_self or itself,
                    reflector_client=one.reflector_client,
                    update_source="lo",
                )
                if one.as_number == as_number
                else RouterSession(peer=str(one.address), remote_as=one.as_number)
                for one in own
            ),
        )
        peers += [
            ExternalPeer(name, str(p.address), p.as_number, str(p.address), f"AS{p.as_number}")
            for p in outside
        ]
    return Domain(routers=routers, peers=tuple(peers))


def _nodes(root: Element) -> Mapping[str, Element]:
    """The nodes that are up: id -> element."""
    nodes: dict[str, Element] = {}
    for node in root.find_all("topology/nodes/node"):
        name = node.attribute("id")
        if name in nodes:
            node.fail(f"node {name!r} is there twice; rename one")
        nodes[name] = node
    if not nodes:
        root.fail("no <topology> with <nodes>; give a whole domain")
    return {name: node for name, node in nodes.items() if _is_up(node)}


def _is_up(element: Element) -> bool:
    status = element.find("status")
    return status is None or status.text.strip().upper() != "DOWN"


def _router_ids(root: Element, nodes: Mapping[str, Element]) -> Mapping[str, IPv4Address]:
    """Router ids: the node's own, that of its BGP router, or a made-up one."""
    of_bgp = {
        router.attribute("id"): router.find("rid") for router in root.find_all("bgp/routers/router")
    }
    spare = _ROUTER_IDS.hosts()
    ids: dict[str, IPv4Address] = {}
    for name, node in nodes.items():
        given = node.find("rid") or of_bgp.get(name)
        ids[name] = next(spare) if given is None else _address(given, given.text.strip())
        if list(ids.values()).count(ids[name]) > 1:
            (given or node).fail(f"another node has the router id {ids[name]}; correct one")
    return ids


def _interfaces(
    root: Element, nodes: Mapping[str, Element]
) -> Mapping[str, tuple[RouterInterface, ...]]:
    """The interfaces of links, with their costs on the way out."""
    metrics = {
        link.attribute("id"): _metric(metric)
        for link in root.find_all("igp/links/link")
        if (metric := link.find("static/metric")) is not None
    }
    known = {node.attribute("id") for node in root.find_all("topology/nodes/node")}
    costs: dict[tuple[_Port, _Port], int | None] = {}
    for link in root.find_all("topology/links/link"):
        ends = _port(link, "from", known), _port(link, "to", known)
        if ends in costs:
            link.fail("another link joins the same interfaces; give each interfaces of its own")
        if _is_up(link) and nodes.keys() >= {end.node for end in ends}:
            costs[ends] = metrics.get(link.attribute("id"))
    networks = _LINKS.subnets(new_prefix=31)
    found: dict[str, list[RouterInterface]] = {name: [] for name in nodes}
    names: Counter[tuple[str, str]] = Counter()
    joined: set[tuple[_Port, _Port]] = set()
    for one, other in costs:
        if (other, one) in joined:
            continue
        joined.add((one, other))
        network = next(networks)
        for end, far, address in ((one, other, network[0]), (other, one, network[1])):
            name = f"if{end.interface}" if end.interface else f"to-{far.node}"
            names[end.node, name] += 1
            if names[end.node, name] > 1:
                name = f"{name}-{names[end.node, name]}"
            interface = RouterInterface(name, IPv4Interface((address, 31)), costs.get((end, far)))
            found[end.node].append(interface)
    return {name: tuple(interfaces) for name, interfaces in found.items()}


def _port(link: Element, end: str, known: set[str]) -> _Port:
    element = link.find(end)
    if element is None:
        link.fail(f"no <{end}>; add it")
    node = element.attribute("node")
    if node not in known:
        element.fail(f"there is no node {node!r}; correct its name")
    return _Port(node, element.attributes.get("if", ""))


def _metric(element: Element) -> int:
    try:
        metric = float(element.text)
    except ValueError:
        metric = -1
    if not (isfinite(metric) and metric >= 0):
        element.fail(f"{element.text.strip()!r} is no metric; write a number from 0")
    return round(metric)


def _neighbours(
    root: Element, nodes: Mapping[str, Element]
) -> Mapping[str, tuple[_Neighbour, ...]]:
    """The BGP neighbours of each node that is a BGP router."""
    found: dict[str, tuple[_Neighbour, ...]] = {}
    for router in root.find_all("bgp/routers/router"):
        name = router.attribute("id")
        if name in found:
            router.fail(f"router {name!r} is there twice; join the two")
        for child in router.children:
            if child.name not in _ROUTER_ELEMENTS:
                child.fail("what this says of a BGP router is not known; leave it out")
        found[name] = tuple(map(_neighbour, router.find_all("neighbors/neighbor")))
        addresses = [one.address for one in found[name]]
        if len(set(addresses)) < len(addresses):
            router.fail("it has a neighbour twice; remove one")
    return {name: own for name, own in found.items() if name in nodes}


def _neighbour(element: Element) -> _Neighbour:
    unknown = element.attributes.keys() - _NEIGHBOUR_ATTRIBUTES
    if unknown:
        element.fail(f"attribute {min(unknown)!r} is not known; leave it out")
    return _Neighbour(
        _address(element, element.attribute("ip")),
        _as_number(element, element.attribute("as")),
        _flag(element, "next-hop-self"),
        _flag(element, "reflector-client"),
    )


def _outer_interface(peer: _Neighbour, number: int, taken: set[IPv4Address]) -> RouterInterface:
    """An interface on the smallest network around a neighbour that has room for the router."""
    for length in (31, 30, 29, 28, 24):
        network = IPv4Network((peer.address, length), strict=False)
        for address in network if length == 31 else network.hosts():
            if address != peer.address and address not in taken:
                taken.add(address)
                interface = IPv4Interface((address, length))
                return RouterInterface(f"ext{number}", interface, 0, passive=True)
    raise AssertionError("a router has hundreds of neighbours side by side")


def _flag(element: Element, name: str) -> bool:
    value = element.attributes.get(name, "false").strip().lower()
    if value not in ("true", "false", "1", "0"):
        element.fail(f"{name}={value!r}; write true or false")
    return value in ("true", "1")


def _as_number(element: Element, text: str) -> int:
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else 0
    if not 0 < number < 2**32:
        element.fail(f"{text!r} is no AS number; write one from 1 to {2**32 - 1}")
    return number


def _address(element: Element, text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError:
        element.fail(f"{text!r} is no IPv4 address; correct it")
