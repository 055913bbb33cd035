"""Whose is a line inside a section that the rendered configuration holds.

Inside interfaces, BGP and OSPF, the kinds of lines that the template writes (:data:`WRITTEN`, and
where it writes OSPF :data:`OF_OSPF`) are *managed*: they become exactly as rendered. So is a line
of any kind that a rendered one overwrites or contradicts. A route-map or prefix-list on a
neighbour, or a route-map on a network, is managed where the template writes that direction, or
where the map or list is itself managed.

Every other line (``ip ospf authentication``, ``neighbor X password``, ``redistribute`` …) is its
owner's: it is reported as unmanaged, and only a replacing deploy removes it. It goes without one
only with what it belongs to:

- A neighbour or group that is not rendered goes with all its lines: ``bgp.neighbors`` is the
  complete list of sessions.
- A profile of BFD goes where the inventory does not want BFD. The profiles that the template
  writes are named by their interval.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from hier_config import HConfigChild
from hier_config.models import MatchRule

from nornir_bgp.frr.config_neighbors import (
    HOLD,
    default_families,
    definitions,
    neighbor_of,
    say_by_default,
)
from nornir_bgp.frr.ownership import OSPF, Ownership

SECTIONS = re.compile(rf"^(interface |router bgp \d+$|bfd$|{OSPF}$)")
"""The sections whose lines have different owners."""

_INTERFACE = r"^interface "
_BGP = r"^router bgp \d+$"
_BFD = r"^bfd$"
_PROFILE = r"^profile BFD-\d+$"
_FAMILY = r"^address-family ipv[46] unicast$"

_OSPF = rf"^{OSPF}$"


def _kinds(*kinds: tuple[str, ...]) -> tuple[tuple[MatchRule, ...], ...]:
    return tuple(tuple(MatchRule(re_search=pattern) for pattern in kind) for kind in kinds)


WRITTEN = _kinds(
    (_INTERFACE, r"^(ip|ipv6) address "),
    (_BGP, r"^bgp (router-id|cluster-id|confederation|default local-preference) "),
    (_BGP, r"^(no )?bgp (ebgp-requires-policy|network import-check)$"),
    (_BGP, r"^(no )?bgp (always-compare-med|deterministic-med)$"),
    (_BGP, r"^bgp bestpath (as-path|compare-routerid|med)\b"),
    (_BGP, r"^neighbor \S+ (remote-as|peer-group|description|timers)\b"),
    (_BGP, r"^neighbor \S+ (ebgp-multihop|update-source)\b"),
    (_BGP, r"^neighbor \S+ bfd( \d.*| profile BFD-\d+)?$"),
    (_BFD, _PROFILE),
    (_BFD, _PROFILE, r""),
    (_BGP, rf"^neighbor \S+ {HOLD}$"),
    (_BGP, _FAMILY, r"^network "),
    (_BGP, _FAMILY, r"^aggregate-address \S+( as-set)?( summary-only)?$"),
    (_BGP, _FAMILY, r"^maximum-paths "),
    (_BGP, _FAMILY, r"^(no )?neighbor \S+ activate$"),
    (_BGP, _FAMILY, r"^neighbor \S+ (next-hop-self( force)?|route-reflector-client)$"),
    (_BGP, _FAMILY, r"^neighbor \S+ weight \d+$"),
)
"""The kinds of lines that ``templates/frr.conf.j2`` writes, by the headers above them, and the mark
of a session that an interrupted deploy held. Of ``neighbor X route-map``, :data:`_APPLIED`, only
some are."""

OF_OSPF = _kinds(
    (_INTERFACE, r"^ip ospf (area|cost|dead-interval|hello-interval|network) \S+$"),
    (_OSPF, r"^ospf router-id "),
)
"""Likewise, where the template writes OSPF at all: elsewhere OSPF is its owner's."""

_APPLIED = re.compile(r"^neighbor \S+ (route-map|prefix-list) (\S+) (in|out)$")
_NETWORK = re.compile(r"^(network \S+) (?:route-map (\S+)$)?")
_BFD_DETAIL = re.compile(r"^(neighbor \S+ bfd) [a-z]")


def keep_unmanaged(
    running: HConfigChild, wanted: HConfigChild, ownership: Ownership
) -> tuple[str, ...]:
    """Put the lines of a running section that are its owner's into the wanted one.

    Args:
        running: an interface, a BGP process or OSPF.
        wanted: the same as rendered; of BGP, perhaps with another AS number.
        ownership: what is managed.

    Returns:
        The unmanaged lines under their headers, with FRR's indentation.
    """
    families = default_families(wanted)
    kinds = (*WRITTEN, *OF_OSPF) if ownership.runs_ospf else WRITTEN
    keeper = _Keeper(definitions(wanted).keys(), ownership, kinds)
    lines = tuple(keeper.keep(running, wanted))
    say_by_default(wanted, families)
    return (running.text, *lines) if lines else ()


@dataclass(frozen=True)
class _Keeper:
    """Keeps what is the owner's.

    Attributes:
        neighbors: the rendered neighbours and groups, as ``neighbor NAME``.
        ownership: what is managed.
        kinds: the kinds of lines that are.
    """

    neighbors: Collection[str]
    ownership: Ownership
    kinds: Sequence[tuple[MatchRule, ...]]

    def keep(self, running: HConfigChild, wanted: HConfigChild) -> Iterator[str]:
        """Copy the owner's lines into the wanted section, and yield them with their headers."""
        for line in tuple(running.children):
            if line.children:
                inner = wanted.add_child(line.text, return_if_present=True)
                kept = tuple(self.keep(line, inner))
                if kept:
                    yield line.cisco_style_text()
                    yield from kept
                elif not inner.children:
                    inner.delete()
            elif line.text not in wanted.children and not self._is_managed(line, wanted):
                plain = _NETWORK.match(line.text)
                if plain:  # the rendered network, with a word of its owner's
                    wanted.children.delete(plain[1])
                wanted.add_deep_copy_of(line)
                yield line.cisco_style_text()

    def _is_managed(self, line: HConfigChild, wanted: HConfigChild) -> bool:
        neighbor = neighbor_of(line.text)
        if neighbor is not None and neighbor not in self.neighbors:
            return True
        detail, network = _BFD_DETAIL.match(line.text), _NETWORK.match(line.text)
        if network and network[1] in wanted.children:
            return network[2] in self.ownership.maps
        return (
            any(line.is_lineage_match(kind) for kind in self.kinds)
            or self._applies_managed(line)
            or (detail is not None and detail[1] not in wanted.children)
            or line.driver.idempotent_for(line, wanted.children) is not None
            or _negated(line.text) in wanted.children
        )

    def _applies_managed(self, line: HConfigChild) -> bool:
        """Say whether a line puts a managed route-map or prefix-list on a neighbour."""
        applied = _APPLIED.match(line.text)
        if applied is None:
            return False
        if applied[1] == "route-map":
            return applied[2] in self.ownership.maps
        family = "ipv6" if "address-family ipv6 unicast" in line.path() else "ip"
        return (f"{family} prefix-list", applied[2]) in self.ownership.lists


def _negated(line: str) -> str:
    return line.removeprefix("no ") if line.startswith("no ") else f"no {line}"
