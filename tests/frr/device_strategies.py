"""Any device that the model holds, for hypothesis."""

from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

from hypothesis import strategies as st

from nornir_bgp.models.device import Device
from nornir_bgp.models.device_bgp import Bgp
from nornir_bgp.models.device_interfaces import Interface, Ospf
from nornir_bgp.models.device_sessions import Neighbor, PeerGroup, Timers
from nornir_bgp.models.fields import IPAddress
from nornir_bgp.models.policy_lists import ListRule, numbered
from tests.frr import policy_strategies as policy

INTERFACES = ("eth1", "eth2", "eth3")
HOSTNAME = "GW1"

_OWN_IPV4 = tuple(IPv4Interface(f"10.{n}.0.1/{length}") for n in (1, 2, 3) for length in (24, 30))
_OWN_IPV6 = tuple(
    IPv6Interface(f"2001:db8:{n}::1/{length}") for n in (1, 2) for length in (64, 126)
)
_PEERS: tuple[IPAddress, ...] = (
    *(IPv4Address(f"10.{n}.0.{host}") for n in (1, 2, 3) for host in (2, 10, 100)),
    *(IPv6Address(f"2001:db8:{n}::{host}") for n in (1, 2) for host in ("2", "a", "ffff")),
)
_PREFIXES = (
    *("0.0.0.0/0", "1.0.0.0/24", "2.0.0.0/24", "100.64.0.0/10", "192.0.2.1/32"),
    *("::/0", "2001:db8:a::/48", "2001:db8:beef:cafe::/64", "fd00::1/128"),
)
_AS_NUMBERS = (1, 65004, 65020, 65536, 4294967295)

_labels = st.from_regex(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,9}( [A-Za-z0-9._-]{1,9}){0,3}", fullmatch=True
)
_names = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,20}", fullmatch=True)
_prefixes = st.lists(st.sampled_from(_PREFIXES), unique=True).map(tuple)


_ospf = st.builds(
    Ospf,
    cost=st.none() | st.integers(1, 65535),
    point_to_point=st.booleans(),
    hello_interval=st.none() | st.integers(1, 16383),
)


@st.composite
def _timers(draw: st.DrawFn) -> Timers:
    keepalive = draw(st.integers(1, 21845))
    return Timers(
        keepalive=keepalive,
        hold=draw(st.integers(3 * keepalive, 65535)),
        connect=draw(st.none() | st.integers(1, 65535)),
    )


@st.composite
def _interfaces(draw: st.DrawFn) -> tuple[Interface, ...]:
    names = draw(st.lists(st.sampled_from(INTERFACES), unique=True))
    ipv4 = draw(st.permutations(_OWN_IPV4))
    ipv6 = draw(st.permutations(_OWN_IPV6))
    taken: set[IPAddress] = set()

    def given(address: IPv4Interface | IPv6Interface) -> IPv4Interface | IPv6Interface | None:
        if address.ip in taken or not draw(st.booleans()):
            return None
        taken.add(address.ip)
        return address

    return tuple(
        Interface(
            name=name,
            ipv4_address=(address := given(ipv4[n])),
            ipv6_address=given(ipv6[n]),
            ospf=None if address is None else draw(st.none() | _ospf),
        )
        for n, name in enumerate(names)
    )


@st.composite
def devices(draw: st.DrawFn) -> Device:
    """A device with sessions of both families, alone and in groups."""
    peers = draw(st.lists(st.sampled_from(_PEERS), unique=True, max_size=8))
    names = draw(st.lists(_names, unique_by=str.lower, max_size=2))
    home = {ip: draw(st.sampled_from([None, *names])) for ip in peers}
    shared = st.builds(
        lambda bfd, **others: bfd | others,
        bfd=st.sampled_from([{}, {"bfd": True}, {"bfd": True, "bfd_interval": 300}])
        | st.builds(lambda n: {"bfd": True, "bfd_interval": n}, st.integers(10, 60000)),
        timers=st.none() | _timers(),
    )
    as_number = draw(st.sampled_from(_AS_NUMBERS))
    exported = draw(st.none() | _prefixes)

    def session(*ips: IPAddress, is_exit: bool = False) -> dict[str, object]:
        remote_as = draw(st.sampled_from(_AS_NUMBERS))
        versions = {ip.version for ip in ips}
        said = policy.session_policies(
            internal=remote_as == as_number,
            version=versions.pop() if len(versions) == 1 else None,
            maps_in=not is_exit,
            maps_out=not is_exit or exported is None,
        )
        return {"remote_as": remote_as, **draw(said), **draw(shared)}

    neighbors: list[Neighbor | PeerGroup] = [
        PeerGroup(is_group=True, group_name=name, group_members=members, **session(*members))
        for name in names
        if (members := tuple(ip for ip in peers if home[ip] == name))
    ]
    has_map = draw(st.booleans())
    neighbors += [
        Neighbor(
            ip=ip,
            use_localpref_map=is_exit,
            description=draw(st.none() | _labels),
            upstream=draw(st.none() | _labels),
            capacity=draw(st.none() | st.integers(1, 10**6)),
            **session(ip, is_exit=is_exit),
        )
        for ip in peers
        if home[ip] is None
        for is_exit in [has_map and draw(st.booleans())]
    ]
    return Device(
        **draw(policy.policies()),
        hostname=HOSTNAME,
        interfaces=draw(_interfaces()),
        setup_bgp_localpref_map=has_map,
        export_prefixes=exported,
        static_routes=draw(policy.static_routes()),
        bgp=Bgp(
            as_number=as_number,
            router_id=draw(st.sampled_from(["192.168.3.3", "255.255.255.255", "0.0.0.1"])),
            disable_ebgp_requires_policy=draw(st.booleans()),
            disable_import_check=draw(st.booleans()),
            neighbors=tuple(neighbors),
            networks=draw(policy.networks(_PREFIXES)),
            **draw(policy.process_options(as_number)),
        ),
    )


def normal(device: Device) -> Device:
    """The device as far as FRR knows it.

    That is without upstream names and capacities, with no word on the defaults of BFD and OSPF,
    with every entry's number, in one order.
    """

    def known(neighbor: Neighbor | PeerGroup) -> Neighbor | PeerGroup:
        spoken = {"bfd_interval": neighbor.bfd_interval if neighbor.bfd_profile else None}
        if isinstance(neighbor, PeerGroup):
            members = tuple(sorted(neighbor.group_members, key=str))
            return neighbor.model_copy(update=spoken | {"group_members": members})
        return neighbor.model_copy(update=spoken | {"upstream": None, "capacity": None})

    neighbors = map(known, device.bgp.neighbors)
    bgp = device.bgp.model_copy(
        update={
            "neighbors": tuple(sorted(neighbors, key=repr)),
            "networks": tuple(sorted(device.bgp.networks, key=repr)),
            "aggregates": tuple(sorted(device.bgp.aggregates, key=repr)),
        }
    )

    def spoken(interface: Interface) -> Interface:
        if interface.ospf is None:
            return interface
        ospf = interface.ospf.model_copy(update={"hello_interval": interface.ospf.spoken_hello})
        return interface.model_copy(update={"ospf": ospf})

    def explicit(rules: tuple[ListRule, ...]) -> tuple[ListRule, ...]:
        return tuple(rule.model_copy(update={"seq": seq}) for seq, rule in numbered(rules))

    exported = device.export_prefixes
    lists = {
        field: {name: explicit(rules) for name, rules in getattr(device, field).items()}
        for field in policy.LIST_FIELDS
    }
    interfaces = (spoken(i) for i in device.interfaces if i.addresses)
    return device.model_copy(
        update={
            **lists,
            "bgp": bgp,
            "interfaces": tuple(sorted(interfaces, key=repr)),
            "static_routes": tuple(sorted(device.static_routes, key=repr)),
            "export_prefixes": None if exported is None else tuple(sorted(exported)),
        }
    )
