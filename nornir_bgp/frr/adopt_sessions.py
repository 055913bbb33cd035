"""From the BGP lines of a running configuration to the sessions of the device model.

What the model has no words for is left out here: whoever renders the device and compares it with
the running configuration finds every such line again.
"""

import re
from collections.abc import Collection, Iterable
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from nornir_bgp.frr.as_number import parse_as_number
from nornir_bgp.frr.bgp_lines import BgpLines
from nornir_bgp.frr.running_config import first
from nornir_bgp.models.device_interfaces import version_of
from nornir_bgp.models.device_policy import Policies
from nornir_bgp.models.device_sessions import (
    AnyNeighbor,
    HopCount,
    Liveness,
    Neighbor,
    PeerGroup,
    Timers,
    Weight,
)
from nornir_bgp.models.fields import AsNumber, IPAddress, Label, PeerAddress, PolicyName
from nornir_bgp.models.policy_text import AddressOrInterface

T = TypeVar("T")

_REMOTE_AS = re.compile(r"remote-as (\S+)")
_DESCRIPTION = re.compile(r"description (.+)")
_TIMERS = re.compile(r"timers (\d+) (\d+)")
_CONNECT = re.compile(r"timers connect (\d+)")
_PROFILE = re.compile(r"bfd profile BFD-(\d+)")
_MULTIHOP = re.compile(r"ebgp-multihop (\d+)")
_UPDATE_SOURCE = re.compile(r"update-source (\S+)")
_WEIGHT = re.compile(r"weight (\d+)")

ADDRESS: TypeAdapter[IPAddress] = TypeAdapter(PeerAddress)
_NAME: TypeAdapter[str] = TypeAdapter(PolicyName)
_LABEL: TypeAdapter[str] = TypeAdapter(Label)
_TIMES = TypeAdapter(Timers)
_LIVENESS = TypeAdapter(Liveness)
_AS = TypeAdapter[int](AsNumber)
_HOPS: TypeAdapter[int] = TypeAdapter(HopCount)
_WEIGHTS: TypeAdapter[int] = TypeAdapter(Weight)
_SOURCE: TypeAdapter[str] = TypeAdapter(AddressOrInterface)


def taken(kind: TypeAdapter[T], value: object) -> T | None:
    """Return a value as the model has it, or ``None`` where the model does not take it."""
    try:
        return kind.validate_python(value)
    except ValidationError:
        return None


def neighbors_of(
    bgp: BgpLines, route_map: str, policies: Policies, *, exports: bool
) -> tuple[AnyNeighbor, ...]:
    """List the sessions that the device model has words for, groups first.

    Args:
        bgp: the lines.
        route_map: the name of the LOCAL_PREF map; a session with it inbound is an exit.
        policies: the route-maps and lists that were taken.
        exports: the export policy was taken, which goes to every exit.
    """
    groups = [
        group
        for name, lines in bgp.sessions.items()
        if "peer-group" in lines and (group := _group(bgp, name, policies)) is not None
    ]
    grouped = {str(member) for group in groups for member in group.group_members}
    singles = (
        _single(bgp, name, route_map, policies, exports=exports)
        for name, lines in bgp.sessions.items()
        if "peer-group" not in lines and name not in grouped
    )
    return (*groups, *(neighbor for neighbor in singles if neighbor is not None))


def _single(
    bgp: BgpLines, name: str, route_map: str, policies: Policies, *, exports: bool
) -> Neighbor | None:
    lines = bgp.sessions[name]
    ip, remote_as = taken(ADDRESS, name), _remote_as(bgp, lines)
    if ip is None or remote_as is None:
        return None
    is_exit = bgp.says(name, (ip.version,), f"route-map {route_map} in")
    said = _session(bgp, name, {ip.version}, remote_as, policies)
    if is_exit and exports:
        said["route_map_out"] = None
    return Neighbor.model_validate(
        {
            **said,
            "ip": ip,
            "use_localpref_map": is_exit,
            "description": taken(_LABEL, first(_DESCRIPTION, lines)),
        }
    )


def _group(bgp: BgpLines, name: str, policies: Policies) -> PeerGroup | None:
    lines = bgp.sessions[name]
    group_name, remote_as = taken(_NAME, name), _remote_as(bgp, lines)
    members = tuple(
        ip
        for member, theirs in bgp.sessions.items()
        if f"peer-group {name}" in theirs and (ip := taken(ADDRESS, member)) is not None
    )
    if group_name is None or remote_as is None or not members:
        return None
    versions = {ip.version for ip in members}
    return PeerGroup.model_validate(
        {
            **_session(bgp, name, versions, remote_as, policies),
            "is_group": True,
            "group_name": group_name,
            "group_members": members,
        }
    )


def _session(
    bgp: BgpLines, name: str, versions: Collection[int], remote_as: int, policies: Policies
) -> dict[str, object]:
    """Take what a neighbour and a group have in common."""
    lines = bgp.sessions[name]
    hops, weight = _number(first(_MULTIHOP, lines)), _number(bgp.value(name, versions, _WEIGHT))
    multihop, weighted = taken(_HOPS, hops), taken(_WEIGHTS, weight)
    is_internal = remote_as == bgp.as_number
    is_forced = bgp.says(name, versions, "next-hop-self force")
    lists = {4: policies.prefix_lists.keys(), 6: policies.ipv6_prefix_lists.keys()}
    known_lists = frozenset.intersection(*(frozenset(lists[v]) for v in versions))
    return {
        "remote_as": remote_as,
        "next_hop_self": "force" if is_forced else bgp.says(name, versions, "next-hop-self"),
        "route_reflector_client": bgp.says(name, versions, "route-reflector-client"),
        "update_source": _update_source(lines, versions),
        "ebgp_multihop": None if is_internal else multihop,
        "weight": weighted,
        **{
            f"route_map_{way}": _known(
                bgp.value(name, versions, re.compile(rf"route-map (\S+) {way}")),
                policies.route_maps,
            )
            for way in ("in", "out")
        },
        **{
            f"prefix_list_{way}": _known(
                bgp.value(name, versions, re.compile(rf"prefix-list (\S+) {way}")), known_lists
            )
            for way in ("in", "out")
        },
        "timers": _timers(lines),
        "bfd": "bfd" in lines,
        "bfd_interval": _bfd_interval(lines),
    }


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def _known(name: str | None, names: Collection[str]) -> str | None:
    return name if name in names else None


def _update_source(lines: Iterable[str], versions: Collection[int]) -> str | None:
    source = taken(_SOURCE, first(_UPDATE_SOURCE, lines))
    return source if version_of(source) is None or {version_of(source)} == set(versions) else None


def _remote_as(bgp: BgpLines, lines: Iterable[str]) -> int | None:
    word = first(_REMOTE_AS, lines)
    if word == "internal":
        return bgp.as_number
    try:
        return None if word is None else taken(_AS, parse_as_number(word))
    except ValueError:  # external: FRR takes whatever number the peer has
        return None


def _timers(lines: Iterable[str]) -> Timers | None:
    times = next((m for line in lines if (m := _TIMERS.fullmatch(line))), None)
    if times is None:
        return None
    connect = first(_CONNECT, lines)
    return taken(
        _TIMES,
        {
            "keepalive": int(times[1]),
            "hold": int(times[2]),
            "connect": None if connect is None else int(connect),
        },
    )


def _bfd_interval(lines: Iterable[str]) -> int | None:
    """Return the interval that the name of the session's profile says; its owner's says none."""
    named = first(_PROFILE, lines)
    if named is None or "bfd" not in lines:
        return None
    liveness = taken(_LIVENESS, {"bfd": True, "bfd_interval": int(named)})
    return None if liveness is None else liveness.bfd_interval
