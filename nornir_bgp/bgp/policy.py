"""What prefix-lists, AS path lists, community lists and route-maps do to a route.

As FRR 8.4 does it (bgpd, ``bgp_input_filter`` and ``bgp_update``; ``route_map_apply``), which is
tested on it:

- A route passes the session's prefix-list, then its AS path list, then its route-map.
- A prefix-list, AS path list or route-map that a session names and that does not exist drops every
  route; a condition that names a list that does not exist is not met.
- A prefix-list that exists without an entry (a description keeps it) permits every route to a
  session. A condition that names such a list is not met where FRR loads it so; on a router that
  has run when the list lost its last entry, every route meets it, which no configuration shows.
- What no clause of a route-map matches is dropped; so is what a clause lets go on by ``on-match
  next`` and a later clause has conditions for that it does not meet, as long as none matches after
  that: the last clause that was looked at decides. ``on-match goto`` to beyond the end lets pass.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from nornir_bgp.bgp.as_path import AsPath, Kind
from nornir_bgp.bgp.policy_lists import communities_left, communities_permitted, path_permitted
from nornir_bgp.bgp.route import OWN_NEXT_HOP, Origin, Route
from nornir_bgp.models.prefix_rules import PrefixRules
from nornir_bgp.models.routing import Clause, Filters, Match, Router, SetAction

_LARGEST = 2**32 - 1
_NO_FILTERS = Filters()
_ORIGINS: Mapping[str, Origin] = {
    "igp": Origin.IGP,
    "egp": Origin.EGP,
    "incomplete": Origin.INCOMPLETE,
}


class Passed(NamedTuple):
    """A route that the filters let pass.

    Attributes:
        route: as it leaves the filters.
        next_hop_set: the route-map said what the next hop is (also ``unchanged``), so that FRR
            sends that and not an address of its own.
        removed_med: a MED that the route has lost, and that ``match metric`` still sees.
    """

    route: Route
    next_hop_set: bool = False
    removed_med: int | None = None


class SessionPolicy:
    """The filters of a session in one direction, made ready for many routes."""

    def __init__(self, router: Router, filters: Filters, lists: "_Lists") -> None:
        """Take the names apart; :func:`policy_of` does this once for each.

        Args:
            router: whose lists and maps they are.
            filters: their names.
            lists: the router's prefix-lists.
        """
        self._router = router
        self._lists = lists
        self._prefix_list = filters.prefix_list
        self._as_path_list = filters.as_path_list
        self._has_map = filters.route_map is not None
        self._clauses = router.route_maps.get(filters.route_map or "", ())
        self._nothing = filters == _NO_FILTERS
        names = dict.fromkeys(
            match.value
            for clause in self._clauses
            for match in clause.matches
            if match.kind == "prefix-list" and router.prefix_lists.get(match.value)
        )
        self._asked: tuple[Callable[[str], bool], ...] = tuple(map(lists.lookup, names))

    def decisions(self, prefix: str) -> tuple[bool, ...]:
        """Say all that the prefix-lists say about a prefix.

        Two prefixes with equal answers are the same to these filters, whatever their routes carry.
        """
        if self._prefix_list is None:
            return tuple([permits(prefix) for permits in self._asked])
        if not self._lists.permits(self._prefix_list, prefix):
            return (False,)
        return (True, *[permits(prefix) for permits in self._asked])

    def passed(
        self,
        prefix: str,
        route: Route,
        *,
        peer: str | None = None,
        removed_med: int | None = None,
    ) -> Passed | None:
        """Pass a route through the filters; see :func:`filtered`.

        ``removed_med`` is the MED that a route has lost on its way to an eBGP neighbour: FRR takes
        it for absent, and leaves the number where ``match metric`` looks.
        """
        if self._nothing:
            return Passed(route)
        if self._prefix_list is not None and not self._lists.permits(self._prefix_list, prefix):
            return None
        if self._as_path_list is not None:
            rules = self._router.as_path_lists.get(self._as_path_list, ())
            if not path_permitted(rules, route.as_path):
                return None
        if not self._has_map:
            return Passed(route)
        mapped = self._mapped(prefix, Passed(route, removed_med=removed_med), peer)
        if mapped is not None and mapped.route == route:
            return mapped._replace(route=route)  # no copy of what has not changed
        return mapped

    def _mapped(self, prefix: str, result: Passed, peer: str | None) -> Passed | None:
        passes, least = False, 0
        for clause in self._clauses:
            if clause.number < least:
                continue
            if not self._matches(clause, prefix, result):
                passes = False
                continue
            if not clause.permits:
                return None
            for action in clause.sets:
                result = self._changed(action, result, peer)
            if clause.goto is None:
                return result
            passes, least = True, clause.goto
        return result if passes else None

    def _matches(self, clause: Clause, prefix: str, at: Passed) -> bool:
        return all(self._is_met(match, prefix, at) for match in clause.matches)

    def _is_met(self, match: Match, prefix: str, at: Passed) -> bool:
        router, value, route = self._router, match.value, at.route
        met = False
        match match.kind:
            case "prefix-list":
                met = bool(router.prefix_lists.get(value)) and self._lists.permits(value, prefix)
            case "as-path":
                met = path_permitted(router.as_path_lists.get(value, ()), route.as_path)
            case "community" | "community exact":
                rules = router.community_lists.get(value, ())
                exact = match.kind == "community exact"
                met = communities_permitted(rules, route.communities, exact=exact)
            case "metric":
                med = at.removed_med if route.med is None else route.med
                met = (med or 0) == int(value)
            case "local-preference":
                met = self._local_pref(route) == int(value)
            case "origin":
                met = route.origin is _ORIGINS[value]
            case "never":
                pass
        return met

    def _local_pref(self, route: Route) -> int:
        """What FRR's memory holds where a route has no LOCAL_PREF.

        That is 0 for one that was learned, and the default for one of its own.
        """
        if route.local_pref is not None:
            return route.local_pref
        return self._router.options.default_local_pref if route.next_hop == OWN_NEXT_HOP else 0

    def _changed(self, action: SetAction, before: Passed, peer: str | None) -> Passed:
        route, value = before.route, action.value
        match action.kind:
            case "local-preference":
                route = replace(route, local_pref=_adjusted(self._local_pref(route), value))
            case "metric":
                route = replace(route, med=_adjusted(route.med or 0, value))
            case "weight":
                route = replace(route, weight=int(value))
            case "origin":
                route = replace(route, origin=_ORIGINS[value])
            case "as-path prepend":
                numbers = tuple(map(int, value.split()))
                route = replace(route, as_path=route.as_path.prepended(numbers))
            case "as-path prepend last-as":
                numbers = _first_number(route.as_path) * int(value)
                route = replace(route, as_path=route.as_path.prepended(numbers))
            case "community":
                named = () if value == "none" else value.split()
                route = replace(route, communities=frozenset(named))
            case "community additive":
                route = replace(route, communities=route.communities | set(value.split()))
            case "community delete":
                rules = self._router.community_lists.get(value, ())
                route = replace(route, communities=communities_left(rules, route.communities))
            case "next-hop":
                address = peer if value == "peer-address" else value
                if value != "unchanged" and address is not None:
                    route = replace(route, next_hop=address)
                return before._replace(route=route, next_hop_set=True)
        return before._replace(route=route)


class _Lists:
    """The prefix-lists of a router; each is made ready when it is first asked."""

    def __init__(self, router: Router) -> None:
        self._router = router
        self._ready: dict[str, Callable[[str], bool]] = {}

    def lookup(self, name: str) -> Callable[[str], bool]:
        found = self._ready.get(name)
        if found is None:
            found = self._ready[name] = _lookup(self._router, name)
        return found

    def permits(self, name: str, prefix: str) -> bool:
        return self.lookup(name)(prefix)


def _lookup(router: Router, name: str) -> Callable[[str], bool]:
    entries = router.prefix_lists.get(name)
    if entries is None:
        return lambda _: False
    if not entries:
        return lambda _: True
    decision = PrefixRules(entries).decision
    return lambda prefix: decision(prefix) is True


def _first_number(path: AsPath) -> tuple[int, ...]:
    """Return the AS number that a path begins with, if it begins with a sequence."""
    first = path.segments[:1]
    return first[0].numbers[:1] if first and first[0].kind is Kind.SEQUENCE else ()


def _adjusted(before: int, value: str) -> int:
    """Return a number as ``set`` words it: ``N``, or ``+N`` or ``-N``, within 32 bits."""
    if value[0] not in "+-":
        return int(value)
    return min(max(before + int(value), 0), _LARGEST)


class _Same:
    """A router as a key: this very object; a router is not hashed, it holds whole tables."""

    __slots__ = ("router",)

    def __init__(self, router: Router) -> None:
        self.router = router

    def __hash__(self) -> int:
        return id(self.router)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.router is self.router


@lru_cache(maxsize=1024)
def _lists_of(same: _Same) -> _Lists:
    return _Lists(same.router)


@lru_cache(maxsize=8192)
def _policy_of(same: _Same, filters: Filters) -> SessionPolicy:
    return SessionPolicy(same.router, filters, _lists_of(same))


def policy_of(router: Router, filters: Filters) -> SessionPolicy:
    """Return the filters of a session in one direction, the same object every time."""
    return _policy_of(_Same(router), filters)


def filtered(
    router: Router, filters: Filters, prefix: str, route: Route, *, peer: str | None = None
) -> Route | None:
    """Pass a route through the filters of a session in one direction.

    Args:
        router: whose lists and maps they are.
        filters: their names; one that does not exist does what FRR does then.
        prefix: the route's prefix.
        route: the route.
        peer: what ``set ip next-hop peer-address`` stands for: inbound the session's peer,
            outbound the router's own address on the session.

    Returns:
        The route as it leaves the filters, ``route`` itself where nothing changed it; ``None``: it
        was dropped.
    """
    if filters == _NO_FILTERS:
        return route
    passed = policy_of(router, filters).passed(prefix, route, peer=peer)
    return None if passed is None else passed.route
