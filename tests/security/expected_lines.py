"""What a device's data should become on a router, worked out from the data and not the template.

Lines are given with the section they stand in, in no order: the order is the template's affair,
and tested elsewhere; that nothing else is said, and nothing elsewhere, is tested here.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import ip_address, ip_interface, ip_network
from typing import Any

from nornir_bgp.models.settings import Policy

Line = tuple[str, str]
"""A section (empty: the top) and a line in it."""

Data = Mapping[str, Any]

_OPENS = re.compile(
    r"interface |route-map \S+ (permit|deny) \d+$|bfd$|profile |router bgp |router ospf$|"
    r"address-family "
)
STRICT = re.compile(r"[A-Za-z0-9 ._:/!\n-]*")
"""All characters that may ever reach a router."""


def lines_of(text: str) -> Counter[Line]:
    """Read a rendered configuration the way vtysh does: a section stays open up to its exit."""
    found: Counter[Line] = Counter()
    open_sections = [""]
    for line in map(str.strip, text.splitlines()):
        if line in ("", "!"):
            continue
        if line in ("exit", "exit-address-family"):
            open_sections.pop()
            continue
        found[open_sections[-1], line] += 1
        if _OPENS.match(line):
            open_sections.append(line)
    assert open_sections == [""], "a section stays open, or one too many is closed"
    return found


def expected_lines(device: Data, policy: Policy) -> Counter[Line]:
    """Say every line that a device's data asks for."""
    return Counter(
        [
            ("", f"hostname {device['hostname']}"),
            *_interfaces(device),
            *_policy(device, policy),
            *_profiles(device),
            *_bgp(device, policy),
        ]
    )


def _interfaces(device: Data) -> Iterator[Line]:
    for interface in device["interfaces"]:
        section = f"interface {interface['name']}"
        addresses = [
            (word, interface.get(key))
            for word, key in (("ip", "ipv4_address"), ("ipv6", "ipv6_address"))
        ]
        if any(address is not None for _, address in addresses):
            yield "", section
        for word, address in addresses:
            if address is not None:
                yield section, f"{word} address {ip_interface(address)}"


def _policy(device: Data, policy: Policy) -> Iterator[Line]:
    if device.get("setup_bgp_localpref_map"):
        families = ["ip"]
        exits = [n for n in device["bgp"].get("neighbors", ()) if n.get("use_localpref_map")]
        if any(ip_address(n["ip"]).version == 6 for n in exits):
            families.append("ipv6")
        for number, word in enumerate(families, policy.first_clause):
            clause = f"route-map {policy.route_map} permit {number}"
            yield "", clause
            yield clause, f"match {word} address prefix-list {policy.prefix_list}"
            yield clause, f"set local-preference {policy.local_preference}"
        yield "", f"route-map {policy.route_map} permit {policy.last_clause}"
    exported = device.get("export_prefixes")
    if exported is None:
        return
    for word, version in (("ip", 4), ("ipv6", 6)):
        networks = [n for n in map(ip_network, exported) if n.version == version]
        for seq, network in enumerate(networks, 1):
            yield "", f"{word} prefix-list {policy.export_list} seq {5 * seq} permit {network}"
        if networks:
            clause = f"route-map {policy.export_map} permit {policy.first_clause + (word != 'ip')}"
            yield "", clause
            yield clause, f"match {word} address prefix-list {policy.export_list}"
    yield "", f"route-map {policy.export_map} deny {policy.last_clause}"


def _profiles(device: Data) -> Iterator[Line]:
    neighbors = device["bgp"].get("neighbors", ())
    names = {name for n in neighbors if (name := _profile(n)) is not None}
    if names:
        yield "", "bfd"
    for name in names:
        interval = name.removeprefix("BFD-")
        yield "bfd", f"profile {name}"
        yield f"profile {name}", f"transmit-interval {interval}"
        yield f"profile {name}", f"receive-interval {interval}"


def _profile(neighbor: Data) -> str | None:
    """FRR's own interval is 300 ms, which needs no profile."""
    interval = neighbor.get("bfd_interval")
    return None if interval in (None, 300) else f"BFD-{interval}"


def _bgp(device: Data, policy: Policy) -> Iterator[Line]:
    bgp = device["bgp"]
    router = f"router bgp {bgp['as_number']}"
    yield "", router
    yield router, f"bgp router-id {bgp['router_id']}"
    for key, words in (
        ("disable_ebgp_requires_policy", "bgp ebgp-requires-policy"),
        ("disable_import_check", "bgp network import-check"),
    ):
        if bgp.get(key, True):
            yield router, f"no {words}"
    family_lines: list[Line] = []
    for network in map(ip_network, bgp.get("networks", ())):
        family_lines.append((f"address-family ipv{network.version} unicast", f"network {network}"))
    for neighbor in bgp.get("neighbors", ()):
        group = neighbor.get("is_group") is True
        yield from ((router, line) for line in _session(neighbor, group=group))
        family_lines += _family(neighbor, device, policy, group=group)
    for family in sorted({section for section, _ in family_lines}):
        yield router, family
    yield from family_lines


def _session(neighbor: Data, *, group: bool) -> Iterator[str]:
    name = neighbor["group_name"] if group else ip_address(neighbor["ip"])
    if group:
        yield f"neighbor {name} peer-group"
        for member in neighbor["group_members"]:
            yield f"neighbor {ip_address(member)} peer-group {name}"
    yield f"neighbor {name} remote-as {neighbor['remote_as']}"
    if neighbor.get("description") is not None:
        yield f"neighbor {name} description {neighbor['description']}"
    if neighbor.get("bfd"):
        yield f"neighbor {name} bfd"
        profile = _profile(neighbor)
        if profile is not None:
            yield f"neighbor {name} bfd profile {profile}"
    timers = neighbor.get("timers")
    if timers is not None:
        yield f"neighbor {name} timers {timers['keepalive']} {timers['hold']}"
        if timers.get("connect") is not None:
            yield f"neighbor {name} timers connect {timers['connect']}"


def _family(neighbor: Data, device: Data, policy: Policy, *, group: bool) -> Iterator[Line]:
    peers = [ip_address(m) for m in (neighbor["group_members"] if group else [neighbor["ip"]])]
    versions = {peer.version for peer in peers}
    name = neighbor["group_name"] if group else str(peers[0])
    of_all = [name] if versions == {6} else [str(p) for p in peers if p.version == 6]
    for peer in of_all:
        yield "address-family ipv4 unicast", f"no neighbor {peer} activate"
        yield "address-family ipv6 unicast", f"neighbor {peer} activate"
    for version in versions:
        section = f"address-family ipv{version} unicast"
        if neighbor.get("next_hop_self"):
            yield section, f"neighbor {name} next-hop-self"
        if neighbor.get("use_localpref_map"):
            yield section, f"neighbor {name} route-map {policy.route_map} in"
            if device.get("export_prefixes") is not None:
                yield section, f"neighbor {name} route-map {policy.export_map} out"
