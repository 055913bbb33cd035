"""What can fail in a network, and what a failure takes along."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from nornir_bgp.bgp.segments import Attachment, Segment, ipv4
from nornir_bgp.bgp.sessions import End
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.routing import Router
from nornir_bgp.wording import shortened

if TYPE_CHECKING:
    from nornir_bgp.bgp.domain import ExternalPeer


_KINDS = ("node", "link", "session")


class Resource(NamedTuple):
    """Something that can fail.

    Attributes:
        kind: ``node``; ``link``: all that connects two nodes and nobody else, or one interface of
            a node on a network of several, or one of several links to the same node;
            ``session``: only the BGP session of two nodes.
        node: a router's name.
        other: the other end, a router's or external peer's name; of one interface its name; empty
            for a node.
    """

    kind: str
    node: str
    other: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.node}" + (f":{self.other}" if self.other else "")


class Wire(NamedTuple):
    """A network between nodes: the interfaces of routers on it, and the outside peers."""

    attachments: tuple[Attachment, ...]
    peers: tuple["ExternalPeer", ...]

    @property
    def parties(self) -> tuple[str, ...]:
        """The names of the nodes on it."""
        names = [one.router for one in self.attachments] + [peer.name for peer in self.peers]
        return tuple(dict.fromkeys(names))


class Damage(NamedTuple):
    """What is down.

    Attributes:
        interfaces: as (router, interface).
        sessions: pairs of nodes whose sessions are down, in both orders.
        nodes: the routers and external peers that are down.
    """

    interfaces: frozenset[tuple[str, str]] = frozenset()
    sessions: frozenset[tuple[str, str]] = frozenset()
    nodes: frozenset[str] = frozenset()

    def has_down(self, end: End) -> bool:
        """Whether an end's session is down whatever the ways between its ends are."""
        return (
            (end.router, end.far_name) in self.sessions
            or end.router in self.nodes
            or end.far_name in self.nodes
        )


def find_wires(segments: Iterable[Segment], peers: Iterable["ExternalPeer"]) -> tuple[Wire, ...]:
    """Find the networks that connect nodes."""
    peers = tuple(peers)
    wires = []
    for segment in segments:
        routers = {attachment.router for attachment in segment.attachments}
        there = tuple(
            peer
            for peer in peers
            if peer.router in routers
            and (address := ipv4(peer.address)) is not None
            and address in segment.network
        )
        wire = Wire(segment.attachments, there)
        if len(wire.parties) > 1:
            wires.append(wire)
    return tuple(wires)


def find_resources(
    routers: Mapping[str, Router], wires: Iterable[Wire], ends: Mapping[str, tuple[End, ...]]
) -> tuple[Resource, ...]:
    """Name everything that can fail by itself: nodes, links, sessions, in inventory order.

    Of several links between the same two nodes each can, and is named by an interface.
    """
    found = [Resource("node", name) for name in routers]
    wires = tuple(wires)
    alike = Counter(wire.parties for wire in wires)
    for wire in wires:
        parties = wire.parties
        if len(parties) == 2 and alike[parties] == 1:
            found.append(Resource("link", *parties))
        elif len(parties) == 2:
            found.append(Resource("link", *wire.attachments[0][:2]))
        else:
            found += [Resource("link", one.router, one.interface) for one in wire.attachments]
    order = {name: place for place, name in enumerate(routers)}
    for name, of_router in ends.items():
        found += [
            Resource("session", name, end.far_name)
            for end in of_router
            if order.get(end.far_name, len(order)) > order[name]
        ]
    return tuple(dict.fromkeys(found))


def find_resource(
    text: str, resources: Collection[Resource], wires: Collection[Wire], outside: Collection[str]
) -> Resource:
    """Understand ``NODE``, ``A:B`` or ``NODE:INTERFACE``, with or without the kind before it.

    ``A:B`` is the link of two nodes, or their session where they have no link.

    Raises:
        InputError: nothing is called so; the message says what there is.
    """
    kind, _, name = text.strip().rpartition(" ")
    if not kind and name in outside:
        return Resource("node", name)
    node, _, other = name.partition(":")
    names = {(node, other), (other, node)} if other else {(node, "")}
    alike = Counter(wire.parties for wire in wires)
    bundles = [
        Resource("link", *two) for two, links in alike.items() if len(two) == 2 and links > 1
    ]
    for resource in sorted([*resources, *bundles], key=lambda one: _KINDS.index(one.kind)):
        if (not kind or resource.kind == kind) and (resource.node, resource.other) in names:
            return resource
    for wire in wires:
        if any((one.router, one.interface) == (node, other) for one in wire.attachments):
            is_link = len(wire.parties) == 2 and alike[wire.parties] == 1
            return Resource("link", *wire.parties) if is_link else Resource("link", node, other)
    known = sorted({str(one).partition(" ")[2] for one in resources if one.kind != "session"})
    raise InputError(
        f"{text!r} is no node or link of this network; there is {shortened(known, 40)}"
    )


def damage(
    failed: Collection[Resource], segments: Iterable[Segment], wires: Iterable[Wire]
) -> Damage:
    """Say what is down when these resources have failed."""
    nodes = frozenset(resource.node for resource in failed if resource.kind == "node")
    links = {(one.node, one.other) for one in failed if one.kind == "link"}
    interfaces: set[tuple[str, str]] = set()
    for segment in segments:
        interfaces.update(one[:2] for one in segment.attachments if one.router in nodes)
    for wire in wires:
        parties, ends = wire.parties, {one[:2] for one in wire.attachments}
        if len(parties) > 2:
            interfaces |= ends & links
        elif nodes.intersection(parties) or not links.isdisjoint({*ends, parties, parties[::-1]}):
            interfaces |= ends
    return Damage(frozenset(interfaces), frozenset(_both_ways(failed)), nodes)


def _both_ways(failed: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    for resource in failed:
        if resource.kind == "session":
            yield resource.node, resource.other
            yield resource.other, resource.node
