"""The BGP neighbours of a configuration as the sessions that they are, groups resolved.

A member of a peer group has the group's settings, but for those that it says itself. It cannot take
one back: by a ``no`` line it has its group's setting again (measured on 8.4.4). Only activation and
``no neighbor X send-community`` are words of their own.
"""

import re
from collections.abc import Callable, Iterator
from ipaddress import AddressValueError, IPv4Address
from typing import NamedTuple, TypedDict

from nornir_bgp.frr.as_number import parse_as_number
from nornir_bgp.frr.bgp_lines import BgpLines
from nornir_bgp.models.routing import Filters, RouterSession

_ALLOWED_OWN_AS = 3
"""What ``allowas-in`` without a number stands for."""


class _Said(TypedDict, total=False):
    """What is said about a neighbour; what is not said is its group's, or FRR's default."""

    remote_as: str
    group: str
    active: bool
    next_hop_self: bool
    next_hop_self_force: bool
    reflector_client: bool
    weight: int
    update_source: str | None
    multihop: bool
    unchecked: bool
    secured_hops: int
    sends_communities: bool
    allow_own_as: int
    shut_down: bool


_Named = dict[tuple[str, str], str]
"""The kind and the direction of a filter -> its name."""


class _Line(NamedTuple):
    """A line about a neighbour that the model knows.

    Attributes:
        pattern: what follows ``neighbor X``.
        name: the setting that it is about; the last line about it counts.
        says: what it says.
        denies: what its ``no`` says; mostly nothing, so that a member has its group's setting.
    """

    pattern: re.Pattern[str]
    name: str
    says: Callable[[re.Match[str]], _Said]
    denies: _Said


def _line(pattern: str, name: str, says: Callable[[re.Match[str]], _Said]) -> _Line:
    return _Line(re.compile(pattern), name, says, {})


def _flag(pattern: str, name: str, yes: _Said, no: _Said) -> _Line:
    return _Line(re.compile(pattern), name, lambda _: yes, no)


_LINES: tuple[_Line, ...] = (
    _line(r"remote-as (\S+)", "remote_as", lambda m: {"remote_as": m[1]}),
    _line(r"peer-group (\S+)", "group", lambda m: {"group": m[1]}),
    _flag("activate", "active", {"active": True}, {"active": False}),
    _flag("next-hop-self", "next_hop_self", {"next_hop_self": True}, {}),
    _flag("next-hop-self (?:force|all)", "next_hop_self_force", {"next_hop_self_force": True}, {}),
    _flag("route-reflector-client", "reflector_client", {"reflector_client": True}, {}),
    _line(r"weight(?: (\d+))?", "weight", lambda m: {"weight": int(m[1] or 0)}),
    _line(r"update-source(?: (\S+))?", "update_source", lambda m: {"update_source": m[1]}),
    _line(r"ebgp-multihop(?: (\d+))?", "multihop", lambda m: {"multihop": m[1] != "1"}),
    _flag("disable-connected-check", "unchecked", {"unchecked": True}, {}),
    _line(r"ttl-security hops (\d+)", "secured_hops", lambda m: {"secured_hops": int(m[1])}),
    # FRR sends them by default, and keeps in mind who does not: a member's plain line says nothing
    _flag(
        "send-community(?: standard| both| all)?",
        "sends_communities",
        {},
        {"sends_communities": False},
    ),
    _line(
        r"allowas-in(?: (\d+))?",
        "allow_own_as",
        lambda m: {"allow_own_as": int(m[1] or _ALLOWED_OWN_AS)},
    ),
    _flag(r"shutdown(?: message .*)?", "shut_down", {"shut_down": True}, {}),
)
_FILTER = re.compile(r"(prefix-list|filter-list|route-map) (\S+) (in|out)")

_NO_CHANGE = re.compile(
    r"peer-group|description .*|(?:timers|bfd|password|graceful-restart\S*|advertisement-interval)"
    r"(?: .*)?|passive|port \d+|solo|tcp-mss .*|soft-reconfiguration inbound|interface \S+|"
    r"send-community (?:extended|large)|capability (?:dynamic|extended-nexthop)|"
    r"dont-capability-negotiate|override-capability|strict-capability-match|disable-addpath-rx|"
    r"extended-optional-parameters|disable-link-bw-encoding-ieee|nexthop-local unchanged"
)
"""Lines that do not change which IPv4 routes a session carries."""

_NO_NEIGHBOR = re.compile(r"no neighbor (\S+) (.+)")


class Sessions(NamedTuple):
    """The sessions of a router.

    Attributes:
        modelled: those that the model knows, by their addresses, which is FRR's order.
        not_modelled: the lines that the model does not know, with their section.
    """

    modelled: tuple[RouterSession, ...]
    not_modelled: tuple[str, ...]


def sessions_of(bgp: BgpLines) -> Sessions:
    """Read the sessions that carry IPv4 unicast.

    Args:
        bgp: the lines of the BGP process.
    """
    return _Reader(bgp).read()


class _Reader:
    def __init__(self, bgp: BgpLines) -> None:
        self._bgp = bgp
        self._family = f"{bgp.header}/address-family ipv4 unicast"
        self._active_by_default = "no bgp default ipv4-unicast" not in bgp.process
        self._not_modelled: dict[str, None] = {}

    def read(self) -> Sessions:
        found = tuple(
            session
            for name, lines in self._bgp.sessions.items()
            if "peer-group" not in lines and (session := self._session(name)) is not None
        )
        in_order = sorted(found, key=lambda session: IPv4Address(session.peer))
        return Sessions(tuple(in_order), tuple(self._not_modelled))

    def _session(self, name: str) -> RouterSession | None:
        said, named = self._said(name)
        group = said.get("group")
        if group is not None:
            of_group, filters = self._said(group)
            said, named = {**of_group, **said}, {**filters, **named}
        if not said.get("active", self._active_by_default):
            return None
        for one in (name, group):
            if one is not None:
                self._tell(one)
        remote_as = self._remote_as(said.get("remote_as", ""))
        if remote_as is None or not _is_ipv4(name):
            definition = self._bgp.sessions[name][0]
            self._not_modelled[f"{self._bgp.header}: neighbor {name} {definition}"] = None
            return None
        return RouterSession(
            peer=name,
            remote_as=remote_as,
            inbound=_filters(named, "in"),
            outbound=_filters(named, "out"),
            next_hop_self=said.get("next_hop_self", False)
            or said.get("next_hop_self_force", False),
            next_hop_self_force=said.get("next_hop_self_force", False),
            reflector_client=said.get("reflector_client", False),
            weight=said.get("weight", 0),
            update_source=said.get("update_source"),
            multihop=said.get("multihop", False)
            or said.get("unchecked", False)
            or said.get("secured_hops", 1) > 1
            or "bgp disable-ebgp-connected-route-check" in self._bgp.process,
            sends_communities=said.get("sends_communities", True),
            allow_own_as=said.get("allow_own_as", 0),
            shut_down=said.get("shut_down", False),
        )

    def _remote_as(self, text: str) -> int | None:
        if text == "internal":
            return self._bgp.as_number
        try:
            return parse_as_number(text)
        except ValueError:
            return None

    def _said(self, name: str) -> tuple[_Said, _Named]:
        parts: dict[str, _Said] = {}
        named: _Named = {}
        for _, line, negated in self._lines(name):
            if found := _FILTER.fullmatch(line):
                if negated:
                    named.pop((found[1], found[3]), None)
                else:
                    named[found[1], found[3]] = found[2]
            for known in _LINES:
                if match := known.pattern.fullmatch(line):
                    parts[known.name] = known.denies if negated else known.says(match)
        said: _Said = {}
        for part in parts.values():
            said.update(part)
        return said, named

    def _lines(self, name: str) -> Iterator[tuple[str, str, bool]]:
        """Yield the section, what is said about a neighbour, and whether by a ``no`` line."""
        bgp = self._bgp
        places = (
            (bgp.header, bgp.sessions.get(name, ()), bgp.process),
            (self._family, bgp.unicast[4].get(name, ()), bgp.family_lines[4]),
        )
        for section, lines, others in places:
            yield from ((section, line, False) for line in lines)
            for other in others:
                if (found := _NO_NEIGHBOR.fullmatch(other)) and found[1] == name:
                    yield section, found[2], True

    def _tell(self, name: str) -> None:
        """Remember what is said about a neighbour and the model does not know."""
        for section, line, negated in self._lines(name):
            known = _FILTER.fullmatch(line) or any(k.pattern.fullmatch(line) for k in _LINES)
            if not known and not _NO_CHANGE.fullmatch(line):
                no = "no " if negated else ""
                self._not_modelled[f"{section}: {no}neighbor {name} {line}"] = None


def _filters(named: _Named, direction: str) -> Filters:
    return Filters(
        prefix_list=named.get(("prefix-list", direction)),
        as_path_list=named.get(("filter-list", direction)),
        route_map=named.get(("route-map", direction)),
    )


def _is_ipv4(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True
