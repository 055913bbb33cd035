"""From the BGP lines of a running configuration to the sessions of the device model.

What the model has no words for is left out here: whoever renders the device and compares it with
the running configuration finds every such line again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.as_number import parse_as_number
from nornir_bgp.frr.running_config import Sections
from nornir_bgp.models.device import AnyNeighbor, Liveness, Neighbor, PeerGroup, Timers
from nornir_bgp.models.fields import AsNumber, IPAddress, Label, PeerAddress, PolicyName

T = TypeVar("T")

_BGP = re.compile(r"router bgp (\d+)(\.\d+)?( as-notation \S+)?")
_NEIGHBOR = re.compile(r"neighbor (\S+) (.+)")
_REMOTE_AS = re.compile(r"remote-as (\S+)")
_DESCRIPTION = re.compile(r"description (.+)")
_TIMERS = re.compile(r"timers (\d+) (\d+)")
_CONNECT = re.compile(r"timers connect (\d+)")
_PROFILE = re.compile(r"bfd profile BFD-(\d+)")

ADDRESS: TypeAdapter[IPAddress] = TypeAdapter(PeerAddress)
_NAME: TypeAdapter[str] = TypeAdapter(PolicyName)
_LABEL: TypeAdapter[str] = TypeAdapter(Label)
_TIMES = TypeAdapter(Timers)
_LIVENESS = TypeAdapter(Liveness)
_AS = TypeAdapter[int](AsNumber)


def taken(kind: TypeAdapter[T], value: object) -> T | None:
    """Return a value as the model has it, or ``None`` where the model does not take it."""
    try:
        return kind.validate_python(value)
    except ValidationError:
        return None


@dataclass(frozen=True)
class BgpLines:
    """The BGP process of the default VRF.

    Attributes:
        as_number: the router's AS.
        process: its lines that are not about a neighbour.
        sessions: neighbour or group -> what follows ``neighbor NAME``.
        unicast: 4 or 6 -> the same in that unicast address family.
        family_lines: 4 or 6 -> the family's lines that are not about a neighbour.
    """

    as_number: int
    process: tuple[str, ...]
    sessions: Mapping[str, tuple[str, ...]]
    unicast: Mapping[int, Mapping[str, tuple[str, ...]]]
    family_lines: Mapping[int, tuple[str, ...]]

    @classmethod
    def of(cls, config: Sections) -> Self:
        """Find the process.

        Raises:
            InputError: there is none, or its AS number is in another notation than the template's.
        """
        found = next((m for line in config[""] if (m := _BGP.fullmatch(line))), None)
        if found is None:
            raise InputError("no BGP process (router bgp …) to adopt; leave it out")
        if found[2] or found[3]:
            raise InputError(
                f"'{found[0]}': dotted AS numbers and as-notation are not supported; configure "
                "'router bgp' with a plain number alone, or leave it out"
            )
        families = {
            version: config.get(f"{found[0]}/address-family ipv{version} unicast", ())
            for version in (4, 6)
        }
        return cls(
            as_number=int(found[1]),
            process=_without_neighbors(config[found[0]]),
            sessions=_by_neighbor(config[found[0]]),
            unicast={version: _by_neighbor(lines) for version, lines in families.items()},
            family_lines={v: _without_neighbors(lines) for v, lines in families.items()},
        )

    def says(self, name: str, versions: Iterable[int], line: str) -> bool:
        """Tell whether a neighbour has a line in every one of some address families."""
        return all(line in self.unicast[version].get(name, ()) for version in versions)


def neighbors_of(bgp: BgpLines, route_map: str) -> tuple[AnyNeighbor, ...]:
    """List the sessions that the device model has words for, groups first.

    Args:
        bgp: the lines.
        route_map: the name of the LOCAL_PREF map; a session with it inbound is an exit.
    """
    groups = [
        group
        for name, lines in bgp.sessions.items()
        if "peer-group" in lines and (group := _group(bgp, name)) is not None
    ]
    grouped = {str(member) for group in groups for member in group.group_members}
    singles = (
        _single(bgp, name, route_map)
        for name, lines in bgp.sessions.items()
        if "peer-group" not in lines and name not in grouped
    )
    return (*groups, *(neighbor for neighbor in singles if neighbor is not None))


def _single(bgp: BgpLines, name: str, route_map: str) -> Neighbor | None:
    lines = bgp.sessions[name]
    ip, remote_as = taken(ADDRESS, name), _remote_as(bgp, lines)
    if ip is None or remote_as is None:
        return None
    family = (ip.version,)
    return Neighbor(
        ip=ip,
        remote_as=remote_as,
        next_hop_self=bgp.says(name, family, "next-hop-self"),
        use_localpref_map=bgp.says(name, family, f"route-map {route_map} in"),
        description=taken(_LABEL, _first(_DESCRIPTION, lines)),
        timers=_timers(lines),
        bfd="bfd" in lines,
        bfd_interval=_bfd_interval(lines),
    )


def _group(bgp: BgpLines, name: str) -> PeerGroup | None:
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
    return PeerGroup(
        is_group=True,
        group_name=group_name,
        remote_as=remote_as,
        next_hop_self=bgp.says(name, versions, "next-hop-self"),
        group_members=members,
        timers=_timers(lines),
        bfd="bfd" in lines,
        bfd_interval=_bfd_interval(lines),
    )


def _remote_as(bgp: BgpLines, lines: Iterable[str]) -> int | None:
    word = _first(_REMOTE_AS, lines)
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
    connect = _first(_CONNECT, lines)
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
    named = _first(_PROFILE, lines)
    if named is None or "bfd" not in lines:
        return None
    liveness = taken(_LIVENESS, {"bfd": True, "bfd_interval": int(named)})
    return None if liveness is None else liveness.bfd_interval


def _first(pattern: re.Pattern[str], lines: Iterable[str]) -> str | None:
    return next((m[1] for line in lines if (m := pattern.fullmatch(line))), None)


def _by_neighbor(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        match = _NEIGHBOR.fullmatch(line)
        if match:
            found[match[1]] = (*found.get(match[1], ()), match[2])
    return found


def _without_neighbors(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if not _NEIGHBOR.fullmatch(line))
