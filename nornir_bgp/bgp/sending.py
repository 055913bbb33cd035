"""What a router takes from its neighbours and what it passes on to them (RFC 4271, section 9.2).

The order of the steps is that of FRR's ``bgp_update`` and ``subgroup_announce_check``. A route is
sent to every neighbour that the rules allow, the one that it came from included, as FRR does: it
drops the route by its own AS number, ORIGINATOR_ID or CLUSTER_LIST.
"""

from dataclasses import replace

from nornir_bgp.bgp.as_path import Kind
from nornir_bgp.bgp.igp import Igp
from nornir_bgp.bgp.policy import policy_of
from nornir_bgp.bgp.route import OWN_NEXT_HOP, Candidate, Learned, Route
from nornir_bgp.bgp.rules import STALE
from nornir_bgp.bgp.sessions import End
from nornir_bgp.models.routing import Filters, OwnNetwork, Router

OWN_WEIGHT = 32768
"""The weight of a router's own routes."""

NO_EXPORT = "no-export"
NO_ADVERTISE = "no-advertise"
LOCAL_AS = "local-AS"
GRACEFUL_SHUTDOWN = "graceful-shutdown"
BLACKHOLE = "blackhole"

_NONE: frozenset[str] = frozenset()

KNOWN_COMMUNITIES = frozenset(
    {NO_EXPORT, NO_ADVERTISE, LOCAL_AS, GRACEFUL_SHUTDOWN, BLACKHOLE, STALE}
)
"""The communities that mean something without any policy that names them."""


def own_route(router: Router, network: OwnNetwork) -> Route | None:
    """The route that a ``network`` statement makes; ``None``: its route-map denies it."""
    route = Route(OWN_NEXT_HOP, med=0, weight=OWN_WEIGHT)
    if network.route_map is None:
        return route
    policy = policy_of(router, Filters(route_map=network.route_map))
    passed = policy.passed(network.prefix, route)
    return None if passed is None else passed.route


class Receiver:
    """One end of a session as it takes routes."""

    def __init__(self, router: Router, end: End) -> None:
        self._end = end
        self._router = router
        self._cluster = router.cluster_id or router.router_id
        self._addresses = frozenset(str(one.address.ip) for one in router.interfaces)
        self._policy = (
            policy_of(router, end.settings.inbound) if end.settings.inbound != Filters() else None
        )
        self._own_numbers = {router.as_number}
        if router.confederation is not None:
            self._own_numbers.add(router.confederation.identifier)
        self._refuses = _lacks_policy(router, end, end.settings.inbound)

    def taken(self, prefix: str, route: Route) -> tuple[Route, bool] | None:
        """Take a route as the neighbour sent it.

        Returns:
            The route as the table has it, and whether the inbound policy set the next hop, which
            FRR then passes on in place of its own address; ``None``: the route is dropped.
        """
        end = self._end
        if self._refuses or self._loops(route):
            return None
        if end.learned is Learned.EBGP and (route.local_pref is not None or route.cluster_list):
            route = replace(route, local_pref=None, originator_id=None, cluster_list=())
        if end.settings.weight != route.weight:
            route = replace(route, weight=end.settings.weight)
        sets_next_hop = False
        if self._policy is not None:
            passed = self._policy.passed(prefix, route, peer=end.peer)
            if passed is None:
                return None
            route = passed.route
            sets_next_hop = passed.next_hop_set and route.next_hop != end.peer
        if route.next_hop in self._addresses or route.next_hop == OWN_NEXT_HOP:
            return None
        if end.learned is Learned.EBGP and route.communities:
            route = _heeding(route)
        return route, sets_next_hop

    def _loops(self, route: Route) -> bool:
        allowed = self._end.settings.allow_own_as
        for number in self._own_numbers:
            if route.as_path.count(number) > allowed:
                return True
        return route.originator_id == self._router.router_id or self._cluster in route.cluster_list


class Sender:
    """One end of a session as it passes routes on.

    Ends of a router whose ``group`` is equal send the same routes.
    """

    def __init__(self, router: Router, end: End, igp: Igp) -> None:
        self.end = end
        self._router = router
        self._igp = igp
        self._policy = (
            policy_of(router, end.settings.outbound) if end.settings.outbound != Filters() else None
        )
        self._refuses = _lacks_policy(router, end, end.settings.outbound)

    @property
    def group(self) -> object:
        """What the routes that are sent depend on."""
        end, settings = self.end, self.end.settings
        return (
            end.learned,
            end.local_as,
            end.local_address,
            settings.outbound,
            settings.next_hop_self,
            settings.next_hop_self_force,
            settings.reflector_client,
            settings.sends_communities,
            end.peer if end.learned is Learned.EBGP else None,
        )

    def sent(
        self, prefix: str, candidate: Candidate, origin: End | None, sets_next_hop: bool
    ) -> Route | None:
        """Say what is sent of a selected route.

        Args:
            prefix: the prefix.
            candidate: the route.
            origin: the end that it was learned at; ``None``: it is the router's own.
            sets_next_hop: the inbound policy set its next hop.

        Returns:
            The route as the neighbour receives it; ``None``: it is not sent.
        """
        route, learned = candidate.route, self.end.learned
        if self._refuses or _is_held_back(route, learned) or self._has_left(route):
            return None
        reflected = candidate.learned is Learned.IBGP and learned is Learned.IBGP
        if reflected:
            is_client = origin is not None and origin.settings.reflector_client
            if not (is_client or self.end.settings.reflector_client):
                return None
        local_pref, med = route.local_pref, route.med
        loses_med = learned is Learned.EBGP and candidate.learned is not Learned.LOCAL
        if loses_med:
            med = None
        if learned is not Learned.EBGP and local_pref is None:
            local_pref = self._router.options.default_local_pref
        if reflected and route.originator_id is None and self._router.quirks.reflected_med:
            med = med or 0
        if self._policy is not None:
            before = replace(route, local_pref=local_pref, med=med)
            removed_med = route.med if loses_med else None
            passed = self._policy.passed(
                prefix, before, peer=self.end.local_address, removed_med=removed_med
            )
            if passed is None:
                return None
            # A reflector's route-map decides what is reflected, and changes nothing of it.
            is_changed = not reflected or self._router.reflected_changed
            if is_changed:
                route, local_pref, med = passed.route, passed.route.local_pref, passed.route.med
            if self.end.settings.outbound.route_map is not None:
                sets_next_hop = passed.next_hop_set and is_changed
        if candidate.peer == self.end.peer and learned is Learned.EBGP and not sets_next_hop:
            next_hop = self.end.local_address  # the third party would be the neighbour itself
        else:
            next_hop = self._next_hop(route.next_hop, reflected, sets_next_hop)
        return self._as_received(route, candidate, next_hop, local_pref, med, reflected)

    def _has_left(self, route: Route) -> bool:
        """Whether a route has been outside of the confederation and come back."""
        confederation = self._router.confederation
        return confederation is not None and route.as_path.count(confederation.identifier) > 0

    def _as_received(
        self,
        route: Route,
        candidate: Candidate,
        next_hop: str,
        local_pref: int | None,
        med: int | None,
        reflected: bool,
    ) -> Route:
        """Put together what goes over the session."""
        end, router, as_path = self.end, self._router, route.as_path
        originator: str | None = None
        clusters: tuple[str, ...] = ()
        if end.learned is Learned.EBGP:
            local_pref = None
            as_path = as_path.without_confederation().prepended((end.local_as,))
        elif end.learned is Learned.CONFED:
            as_path = as_path.prepended((end.local_as,), Kind.CONFED_SEQUENCE)
        elif reflected:
            originator = candidate.route.originator_id or candidate.peer_id
            clusters = (router.cluster_id or router.router_id, *candidate.route.cluster_list)
        return Route(
            next_hop,
            as_path,
            route.origin,
            local_pref,
            med,
            0,
            route.communities if end.settings.sends_communities else _NONE,
            originator,
            clusters,
            route.aigp,
        )

    def _next_hop(self, next_hop: str, reflected: bool, is_set: bool) -> str:
        """The next hop that is sent: the route's, or the router's own address on the session."""
        end, settings = self.end, self.end.settings
        is_external = end.learned is Learned.EBGP
        if next_hop == OWN_NEXT_HOP:
            return end.local_address
        if is_set and not (is_external and settings.outbound.route_map is None):
            return next_hop
        if settings.next_hop_self_force or (settings.next_hop_self and not reflected):
            return end.local_address
        # To outside only a third party on the network that both share stays (RFC 4271, 5.1.3).
        if is_external and not self._igp.shares_network(end.router, next_hop, end.peer):
            return end.local_address
        return next_hop


def _is_held_back(route: Route, learned: Learned) -> bool:
    """Whether a well-known community keeps a route from a neighbour (RFC 1997)."""
    communities = route.communities
    return bool(communities) and (
        NO_ADVERTISE in communities
        or (learned is Learned.EBGP and NO_EXPORT in communities)
        or (learned in (Learned.EBGP, Learned.CONFED) and LOCAL_AS in communities)
    )


def _heeding(route: Route) -> Route:
    """Do what BLACKHOLE (RFC 7999) and GRACEFUL_SHUTDOWN (RFC 8326) ask of an external route."""
    if BLACKHOLE in route.communities:
        route = replace(route, communities=route.communities | {NO_EXPORT})
    if GRACEFUL_SHUTDOWN in route.communities:
        route = replace(route, local_pref=0)
    return route


def _lacks_policy(router: Router, end: End, filters: Filters) -> bool:
    """Whether RFC 8212 keeps routes from passing; FRR knows no policy between confederates."""
    if not router.ebgp_requires_policy or not end.described:
        return False
    if end.learned is Learned.EBGP:
        return filters == Filters()
    return end.learned is Learned.CONFED
