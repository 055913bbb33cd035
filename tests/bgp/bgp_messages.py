"""BGP's messages (RFC 4271), as far as a neighbour that only sends routes needs them.

FRR's own bgpd cannot be made to send a CLUSTER_LIST or a confederation's segments at will.
"""

import struct
from ipaddress import IPv4Address, IPv4Network

from nornir_bgp.bgp.as_path import AsPath, Kind
from nornir_bgp.bgp.route import Route
from nornir_bgp.models.communities import community_number

MARKER = b"\xff" * 16
OPEN, UPDATE, KEEPALIVE = 1, 2, 4
SEGMENT_TYPES = {
    Kind.SET: 1,
    Kind.SEQUENCE: 2,
    Kind.CONFED_SEQUENCE: 3,
    Kind.CONFED_SET: 4,
}
CAPABILITY_IPV4_UNICAST = bytes((1, 4, 0, 1, 0, 1))
CAPABILITY_FOUR_OCTET_AS = bytes((65, 4))


def message(kind: int, body: bytes = b"") -> bytes:
    return MARKER + struct.pack("!HB", 19 + len(body), kind) + body


def open_message(as_number: int, router_id: str) -> bytes:
    """Ask for a hold time of 0: nothing need be sent to keep the session (section 4.2)."""
    capabilities = CAPABILITY_IPV4_UNICAST + CAPABILITY_FOUR_OCTET_AS + struct.pack("!I", as_number)
    parameters = bytes((2, len(capabilities))) + capabilities
    body = struct.pack("!BHH", 4, as_number, 0) + IPv4Address(router_id).packed
    return message(OPEN, body + bytes((len(parameters),)) + parameters)


def update_message(prefix: str, route: Route) -> bytes:
    """Say that a prefix has this route; what a route does not have is not sent."""
    attributes = attribute(0x40, 1, bytes((route.origin,)))
    attributes += attribute(0x40, 2, encoded_path(route.as_path))
    attributes += attribute(0x40, 3, IPv4Address(route.next_hop).packed)
    if route.med is not None:
        attributes += attribute(0x80, 4, struct.pack("!I", route.med))
    if route.local_pref is not None:
        attributes += attribute(0x40, 5, struct.pack("!I", route.local_pref))
    if route.communities:
        numbers = sorted(map(community_number, route.communities))
        attributes += attribute(0xC0, 8, struct.pack(f"!{len(numbers)}I", *numbers))
    if route.originator_id is not None:
        attributes += attribute(0x80, 9, IPv4Address(route.originator_id).packed)
    if route.cluster_list:
        attributes += attribute(
            0x80, 10, b"".join(IPv4Address(cluster).packed for cluster in route.cluster_list)
        )
    network = IPv4Network(prefix)
    octets = network.network_address.packed[: (network.prefixlen + 7) // 8]
    reachable = bytes((network.prefixlen,)) + octets
    return message(UPDATE, struct.pack("!HH", 0, len(attributes)) + attributes + reachable)


def attribute(flags: int, kind: int, value: bytes) -> bytes:
    return bytes((flags, kind, len(value))) + value


def encoded_path(path: AsPath) -> bytes:
    return b"".join(
        struct.pack(f"!BB{len(numbers)}I", SEGMENT_TYPES[kind], len(numbers), *numbers)
        for kind, numbers in path.segments
    )
