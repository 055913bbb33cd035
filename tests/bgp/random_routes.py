"""Random routes to one prefix that are equal up to some rule, so that each rule has its turn."""

from random import Random

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.route import Learned, Origin, Route
from nornir_bgp.bgp.rules import STALE
from tests.bgp.router_under_test import (
    DEFAULT_LOCAL_PREF,
    METRICS,
    NOWHERE,
    PREFERENCES,
    WEIGHT,
)
from tests.bgp.shown import NEIGHBOURS, Neighbour

STEPS = 9


class RandomRoutes:
    """The routes that some neighbours send for one prefix."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._equal_until = random.randrange(STEPS)
        self._base_path = [random.choice((65101, 65102)), 65201, 65202]

    def routes(self) -> list[tuple[Neighbour, Route]]:
        groups = [[n for n in NEIGHBOURS.values() if n.learned is kind] for kind in Learned]
        chosen = list(NEIGHBOURS.values())
        if self._random.random() < 0.6:  # of one kind, which is how the last rules get their turn
            chosen = self._random.choice([group for group in groups if group])
        count = self._random.randint(2, len(chosen))
        return [(peer, self._route(peer)) for peer in self._random.sample(chosen, count)]

    def _varies(self, step: int) -> bool:
        return step >= self._equal_until and self._random.random() < 0.4

    def _route(self, peer: Neighbour) -> Route:
        random = self._random
        communities = set()
        if self._varies(0):
            communities.add(random.choice((WEIGHT, WEIGHT, WEIGHT, STALE)))
        local_pref = None if peer.learned is Learned.EBGP else DEFAULT_LOCAL_PREF
        if self._varies(1):
            if peer.learned is Learned.EBGP:
                communities.add(random.choice(list(PREFERENCES)))
            else:
                local_pref = random.choice((50, 100, 200))
        reflected = peer.learned is Learned.IBGP and self._varies(7)
        clusters = peer.learned is Learned.IBGP and (reflected or self._varies(8))
        return Route(
            self._next_hop(peer),
            as_path=AsPath.parse(self._path(peer)),
            origin=random.choice(list(Origin)) if self._varies(3) else Origin.IGP,
            local_pref=local_pref,
            med=random.choice((None, 0, 10, 20)) if self._varies(4) else None,
            communities=frozenset(communities),
            originator_id=random.choice(("192.0.2.31", "192.0.2.50")) if reflected else None,
            cluster_list=("192.0.2.60", "192.0.2.61")[: random.randint(0, 2)] if clusters else (),
        )

    def _next_hop(self, peer: Neighbour) -> str:
        random = self._random
        if not self._varies(5):
            return peer.address if random.random() < 0.8 else "10.0.0.9"
        metric = random.choice(METRICS)
        return random.choice((f"10.9.{metric}.1", f"10.9.{metric}.2", f"10.9.{metric}.3", NOWHERE))

    def _path(self, peer: Neighbour) -> str:
        random = self._random
        numbers = list(self._base_path)
        if self._varies(4):  # another neighbouring AS, for MED
            numbers[0] = random.choice((65101, 65102, 65103))
        if self._varies(6):  # for multipath
            numbers[1] = 65203
        if self._varies(2):
            numbers = numbers[: random.randint(1, 3)]
        sequence = " ".join(map(str, numbers))
        if self._varies(2):
            sequence = random.choice((f"{sequence} {{65210,65211}}", "{65210,65211} 65212", ""))
        if peer.learned is Learned.EBGP:
            return sequence or str(peer.as_number)
        is_member = peer.learned is Learned.CONFED
        confederation = f"({peer.as_number})" if is_member else ""
        if self._varies(2):
            first = peer.as_number if is_member else 64513
            confederation = random.choice(
                (f"({first} 64515)", f"({first})", f"({first}) [64516,64517]")
            )
        return f"{confederation} {sequence}"
