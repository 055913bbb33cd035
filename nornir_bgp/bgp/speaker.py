"""The routers of a network as they stand at one moment: their sessions, policies and ways."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nornir_bgp.bgp.failures import Damage
from nornir_bgp.bgp.igp import Igp
from nornir_bgp.bgp.route import OWN_NEXT_HOP, Candidate, Learned, Route
from nornir_bgp.bgp.sending import Receiver, Sender
from nornir_bgp.bgp.sessions import End, reaches
from nornir_bgp.models.routing import Router


class Recipient(NamedTuple):
    """Where a message goes: the sender's slot, the receiving router's place, and its slot there."""

    slot: int
    router: int
    far_slot: int


class Group(NamedTuple):
    """The sessions of a router that the same routes are sent on."""

    sender: Sender
    recipients: tuple[Recipient, ...]


class Speaker:
    """One router.

    Attributes:
        router: its configuration.
        ends: its ends of sessions, by slot.
        up: for each slot, whether the session is up.
        groups: the sessions that are up to other modelled routers, by what is sent on them.
        is_down: the router itself has failed.
        networks: its ``network`` statements, by prefix.
    """

    def __init__(
        self,
        router: Router,
        ends: Sequence[End],
        up: Sequence[bool],
        igp: Igp,
        places: Mapping[str, int],
        *,
        is_down: bool,
    ) -> None:
        self.router = router
        self.ends = ends
        self.up = up
        self.is_down = is_down
        self.networks = {network.prefix: network for network in router.networks}
        self._igp = igp
        self._receivers = [Receiver(router, end) for end in ends]
        self._metrics: dict[tuple[str, int], int | None] = {}
        groups: dict[object, tuple[Sender, list[Recipient]]] = {}
        for end in ends:
            if up[end.slot] and end.far is not None:
                sender = Sender(router, end, igp)
                recipient = Recipient(end.slot, places[end.far.router], end.far.slot)
                groups.setdefault(sender.group, (sender, []))[1].append(recipient)
        self.groups = tuple(Group(sender, tuple(to)) for sender, to in groups.values())

    def candidate(self, prefix: str, slot: int, route: Route) -> tuple[Candidate, bool] | None:
        """Take a route that a neighbour sent; ``None``: it is dropped.

        Beside the candidate stands whether the inbound policy set its next hop.
        """
        taken = self._receivers[slot].taken(prefix, route)
        if taken is None:
            return None
        end, accepted = self.ends[slot], taken[0]
        metric = self.metric(slot, accepted.next_hop)
        # A next hop inside the very prefix is no way to it (FRR's "prefix loops through itself").
        if prefix == f"{accepted.next_hop}/32" and not end.settings.reflector_client:
            metric = None
        candidate = Candidate(
            accepted, end.learned, end.peer, end.settings.remote_as, end.peer_id, metric
        )
        return candidate, taken[1]

    def own(self, prefix: str, route: Route, *, is_network: bool) -> Candidate:
        """The candidate of one of the router's own routes.

        With ``import_check``, a network that the router has no route to is there, but takes no
        part.
        """
        checked = is_network and self.router.import_check
        stands = not checked or self._igp.has_route(self.router.name, prefix)
        return Candidate(route, Learned.LOCAL, igp_metric=0 if stands else None)

    def metric(self, slot: int, next_hop: str) -> int | None:
        """The cost of the way to a next hop of a session's routes; ``None``: there is none."""
        key = (next_hop, slot)
        try:
            return self._metrics[key]
        except KeyError:
            metric = self._metrics[key] = self._computed(self.ends[slot], next_hop)
            return metric

    def _computed(self, end: End, next_hop: str) -> int | None:
        if next_hop == OWN_NEXT_HOP:
            return 0
        way = self._igp.way(self.router.name, next_hop)
        if way is None:
            return None if end.described else 0
        return None if end.single_hop and not way.direct else way.metric


def speakers(
    routers: Mapping[str, Router], ends: Mapping[str, Sequence[End]], igp: Igp, damage: Damage
) -> tuple[Speaker, ...]:
    """Put the routers together as they stand, with what is down."""
    places = {name: place for place, name in enumerate(routers)}
    reached = {
        (end.router, end.slot): not damage.has_down(end) and reaches(end, igp)
        for of_router in ends.values()
        for end in of_router
    }

    def is_up(end: End) -> bool:
        here = reached[end.router, end.slot]
        return here and (end.far is None or reached[end.far.router, end.far.slot])

    return tuple(
        Speaker(
            router,
            ends[name],
            [is_up(end) for end in ends[name]],
            igp,
            places,
            is_down=name in damage.nodes,
        )
        for name, router in routers.items()
    )
