"""From a configuration text to the router that the decision model knows (IPv4 unicast only).

The text is rendered from the inventory, or FRR's own ``show running-config``; both are read the
same way. A line that may change how IPv4 is routed and that the model does not know is told, with
the section that it stands in; one that cannot is passed over.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.bgp_lines import BgpLines
from nornir_bgp.frr.identifier import parse_identifier
from nornir_bgp.frr.routing_interfaces import LOOPBACK, forwarding_of
from nornir_bgp.frr.routing_policy import policy_objects
from nornir_bgp.frr.routing_sessions import sessions_of
from nornir_bgp.frr.running_config import Sections, frr_version, sections
from nornir_bgp.frr.secrets import masked
from nornir_bgp.frr.versions import minor_of, quirks_of
from nornir_bgp.models.prefix_rules import without_host_bits
from nornir_bgp.models.routing import (
    MULTIPATH_NUM,
    Aggregate,
    Confederation,
    DecisionOptions,
    OwnNetwork,
    Router,
    RouterInterface,
)

_FLAGS: Mapping[str, str] = {
    "bgp always-compare-med": "always_compare_med",
    "bgp deterministic-med": "deterministic_med",
    "bgp bestpath aigp": "aigp",
    "bgp bestpath compare-routerid": "compare_router_id",
    "bgp bestpath as-path ignore": "as_path_ignore",
    "bgp bestpath as-path confed": "as_path_confed",
    "bgp bestpath as-path multipath-relax": "multipath_relax",
    "bgp bestpath as-path multipath-relax no-as-set": "multipath_relax",
    "bgp ebgp-requires-policy": "ebgp_requires_policy",
    "bgp network import-check": "import_check",
    "bgp network import-check exact": "import_check",
    "bgp route-reflector allow-outbound-policy": "reflected_changed",
}
"""Lines that switch something on, and off behind ``no`` -> what they switch."""

_OLD_DEFAULTS = (7, 4)
"""A configuration of before this version has that version's defaults (``frr version``)."""

_MED = re.compile(r"bgp bestpath med((?: confed| missing-as-worst)+)")
_LOCAL_PREF = re.compile(r"bgp default local-preference (\d+)")
_ROUTER_ID = re.compile(r"bgp router-id (\S+)")
_GLOBAL_ROUTER_ID = re.compile(r"(?:ip )?router-id (\d+\.\d+\.\d+\.\d+)")
_CLUSTER_ID = re.compile(r"bgp cluster-id (\S+)")
_CONFEDERATION = re.compile(r"bgp confederation identifier (\d+)")
_CONFEDERATION_PEERS = re.compile(r"bgp confederation peers((?: \d+)+)")
_NETWORK = re.compile(r"network (\S+/\d+)(?: route-map (\S+))?")
_AGGREGATE = re.compile(r"aggregate-address (\S+/\d+)((?: as-set| summary-only)*)")
_MAXIMUM_PATHS = re.compile(r"maximum-paths (\d+)")
_MAXIMUM_PATHS_IBGP = re.compile(r"maximum-paths ibgp (\d+)( equal-cluster-length)?")

_PROCESS_NO_CHANGE = re.compile(
    r"address-family (?!ipv4 labeled-unicast).*|(?:no )?bgp (?:log-neighbor-changes|"
    r"graceful-restart.*|long-lived-graceful-restart.*|fast-external-failover|fast-convergence|"
    r"default (?:show-\S+|ipv6-\S+|ipv4-\S+|l2vpn-\S+|subgroup-pkt-queue-max .*)|"
    r"hard-administrative-reset|update-delay .*|listen limit .*|minimum-holdtime .*|"
    r"conditional-advertisement timer .*|session-dscp .*|disable-ebgp-connected-route-check)|"
    r"bgp suppress-duplicates|no neighbor .*|"
    r"(?:no )?(?:timers bgp|coalesce-time|read-quanta|write-quanta)(?: .*)?"
)
"""Of these, default activation, the connected check and ``no neighbor`` are read with the
sessions."""

_TOP_TELLS = re.compile(
    r"router (?!bgp \d+(?:\.\d+)?(?: as-notation \S+)?$|ospf$|ospf vrf |ospf6|bgp \S+ v).*|"
    r"(?:no )?ip (?:nht|protocol|import-table|multicast) .*|vrf (?!default$)\S+|pbr-map .*|"
    r"router bgp \S+ (?:vrf|view) .*|bgp (?:suppress-fib-pending|graceful-shutdown|no-rib)|"
    r"zebra route-map .*|ip mroute .*"
)
"""Lines and sections outside of the BGP process that may change how IPv4 is routed."""


def parse_router(config: str, name: str) -> Router:
    """Read how a router routes from its configuration.

    Args:
        config: FRR's configuration as it prints it, or as the template renders it.
        name: the router's name.

    Raises:
        InputError: there is no BGP process in it.
    """
    parts = sections(config)
    bgp = BgpLines.found_in(parts)
    if bgp is None:
        raise InputError(
            f"{name}: no BGP process (router bgp …) in its configuration; without one it has no "
            "part in BGP: configure it, or leave the router out"
        )
    process = _Process.of(bgp, _defaults(config, parts))
    forwarding, policy, sessions = forwarding_of(parts), policy_objects(parts), sessions_of(bgp)
    told = (
        *(line for line in parts[""] if _TOP_TELLS.fullmatch(line)),
        *forwarding.not_modelled,
        *policy.not_modelled,
        *process.not_modelled,
        *sessions.not_modelled,
    )
    flags = process.flags
    return Router(
        name=name,
        as_number=bgp.as_number,
        router_id=process.router_id or _router_id(parts[""], forwarding.interfaces),
        interfaces=forwarding.interfaces,
        static_routes=forwarding.static_routes,
        sessions=sessions.modelled,
        networks=tuple(sorted(process.networks, key=_place)),
        aggregates=tuple(sorted(process.aggregates, key=_place)),
        options=process.options(),
        cluster_id=process.cluster_id,
        confederation=process.confederation(),
        ebgp_requires_policy=flags.get("ebgp_requires_policy", False),
        import_check=flags.get("import_check", False),
        reflected_changed=flags.get("reflected_changed", False),
        route_maps=policy.route_maps,
        prefix_lists=policy.prefix_lists,
        as_path_lists=policy.as_path_lists,
        community_lists=policy.community_lists,
        quirks=quirks_of(config),
        not_modelled=tuple(masked(line) for line in told),
    )


def _defaults(config: str, parts: Sections) -> dict[str, bool]:
    """Return what holds where the configuration says nothing.

    It depends on the profile (``frr defaults``) and the version (``frr version``) that the
    configuration names; one that names none has those of the traditional profile, of today.
    """
    datacenter = "frr defaults datacenter" in parts[""]
    version = minor_of(frr_version(config))
    old = version is not None and version < _OLD_DEFAULTS
    return {
        "deterministic_med": datacenter,
        "ebgp_requires_policy": not (datacenter or old),
        "import_check": datacenter or not old,
    }


def _router_id(top: Iterable[str], interfaces: Iterable[RouterInterface]) -> str:
    """Return what FRR takes where BGP is not given an identifier.

    That is the router's (``ip router-id``), or the highest address of the loopback interface, or
    the highest of all.
    """
    for line in top:
        if said := _GLOBAL_ROUTER_ID.fullmatch(line):
            return said[1]
    found = [
        (interface.name == LOOPBACK, interface.address.ip)
        for interface in interfaces
        if not interface.address.ip.is_loopback
    ]
    return str(max(found)[1]) if found else str(IPv4Address(0))


@dataclass
class _Process:
    """What stands in the BGP process beside its neighbours."""

    flags: dict[str, bool]
    local_pref: int = DecisionOptions().default_local_pref
    paths: int = MULTIPATH_NUM
    paths_ibgp: int = MULTIPATH_NUM
    router_id: str | None = None
    cluster_id: str | None = None
    identifier: int | None = None
    members: frozenset[int] = frozenset()
    networks: list[OwnNetwork] = field(default_factory=list)
    aggregates: list[Aggregate] = field(default_factory=list)
    not_modelled: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, bgp: BgpLines, defaults: dict[str, bool]) -> "_Process":
        process = cls(flags=defaults)
        family = f"{bgp.header}/address-family ipv4 unicast"
        for section, lines in ((bgp.header, bgp.process), (family, bgp.family_lines[4])):
            for line in lines:
                if not process.takes(line) and not _PROCESS_NO_CHANGE.fullmatch(line):
                    process.not_modelled.append(f"{section}: {line}")
        return process

    def options(self) -> DecisionOptions:
        """Return the options; the rest of the flags are the router's."""
        names = DecisionOptions.__dataclass_fields__
        return DecisionOptions(
            default_local_pref=self.local_pref,
            maximum_paths=self.paths,
            maximum_paths_ibgp=self.paths_ibgp,
            **{name: on for name, on in self.flags.items() if name in names},
        )

    def confederation(self) -> Confederation | None:
        """Return the confederation; members alone make none."""
        return None if self.identifier is None else Confederation(self.identifier, self.members)

    def takes(self, line: str) -> bool:
        """Take a line; say whether it is one that the model knows."""
        try:
            return self._is_option(line) or self._is_announced(line)
        except ValueError:  # an identifier or a prefix that FRR would not take
            return False

    def _is_option(self, line: str) -> bool:
        if (flag := _FLAGS.get(line.removeprefix("no "))) is not None:
            self.flags[flag] = not line.startswith("no ")
        elif med := _MED.fullmatch(line):
            words = med[1].split()
            self.flags["med_confed"] = "confed" in words
            self.flags["med_missing_as_worst"] = "missing-as-worst" in words
        elif found := _LOCAL_PREF.fullmatch(line):
            self.local_pref = int(found[1])
        elif found := _ROUTER_ID.fullmatch(line):
            self.router_id = parse_identifier(found[1])
        elif found := _CLUSTER_ID.fullmatch(line):
            self.cluster_id = parse_identifier(found[1])
        elif found := _CONFEDERATION.fullmatch(line):
            self.identifier = int(found[1])
        elif found := _CONFEDERATION_PEERS.fullmatch(line):
            self.members |= frozenset(map(int, found[1].split()))
        elif found := _MAXIMUM_PATHS.fullmatch(line):
            self.paths = int(found[1])
        elif found := _MAXIMUM_PATHS_IBGP.fullmatch(line):
            self.paths_ibgp = int(found[1])
            self.flags["equal_cluster_length"] = found[2] is not None
        else:
            return False
        return True

    def _is_announced(self, line: str) -> bool:
        if network := _NETWORK.fullmatch(line):
            self.networks.append(OwnNetwork(without_host_bits(network[1]), network[2]))
        elif aggregate := _AGGREGATE.fullmatch(line):
            prefix, words = without_host_bits(aggregate[1]), aggregate[2].split()
            self.aggregates.append(Aggregate(prefix, "summary-only" in words, "as-set" in words))
        else:
            return False
        return True


def _place(one: OwnNetwork | Aggregate) -> IPv4Network:
    """Return what FRR's table, and so its configuration, is ordered by."""
    return IPv4Network(one.prefix)
