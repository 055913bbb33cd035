"""The shape of a random network: routers, cables, costs, iBGP and external neighbours."""

from collections import deque
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from random import Random

from tests.bgp.differential.sample import Neighbour, Wire

AS_NUMBER = 65000
NEIGHBOUR_ASES = (65101, 65102, 65103)
COSTS = (1, 5, 10, 10, 10, 20)


@dataclass
class RouterShape:
    """One router.

    Attributes:
        name: ``R1`` and so on.
        address: of its loopback, or on the common network; its iBGP sessions stand on it.
        router_id: orders the routers otherwise than their addresses do.
        member_as: its AS; in a confederation, its member AS.
        next_hop_self: it announces itself as the next hop of what it learns outside.
        forces_next_hop: likewise of what it reflects.
        clients: the reflector's clients.
        peers: all internal neighbours.
        ways: static routes: another router, or an external link -> the cable's other end.
    """

    name: str
    address: str
    router_id: str
    member_as: int = AS_NUMBER
    next_hop_self: bool = True
    forces_next_hop: bool = False
    clients: set[str] = field(default_factory=set)
    peers: list[str] = field(default_factory=list)
    ways: dict[str, str] = field(default_factory=dict)


@dataclass
class Cable:
    """A cable between two routers: who, its two addresses, and what OSPF counts each way."""

    wire: Wire
    addresses: tuple[str, str]
    costs: tuple[int, int]


@dataclass
class Shape:
    """A network without its routes.

    Attributes:
        igp: ``ospf``, ``static``, or ``lan``: all routers stand on one network, and none is
            needed.
        ibgp: ``mesh``, ``reflectors`` or ``confederation``.
        routers: name -> router.
        cables: the cables; none on the common network.
        neighbours: the external sessions.
        told: the external links that the IGP knows, each by the neighbour's address.
    """

    igp: str
    ibgp: str
    routers: dict[str, RouterShape]
    cables: list[Cable]
    neighbours: list[Neighbour]
    told: set[str]

    @property
    def has_several_reflectors(self) -> bool:
        """Whether a route has several ways inside."""
        return sum(bool(router.clients) for router in self.routers.values()) > 1


def make_shape(random: Random) -> Shape:
    """Draw a network."""
    ibgp = random.choices(["mesh", "reflectors", "confederation"], [55, 35, 10])[0]
    igp = (
        "lan"
        if ibgp == "confederation"
        else random.choices(["ospf", "static", "lan"], [60, 20, 20])[0]
    )
    count = random.randint(3, 8) if ibgp == "mesh" else random.randint(4, 8)
    ranks = random.sample(range(1, count + 1), count)
    routers = {
        f"R{n}": RouterShape(
            f"R{n}",
            f"10.254.0.{n}" if igp == "lan" else f"10.255.0.{n}",
            f"192.168.0.{rank}",
            next_hop_self=random.random() < 0.6,
            forces_next_hop=random.random() < 0.1,
        )
        for n, rank in enumerate(ranks, 1)
    }
    cables = [] if igp == "lan" else _cables(random, list(routers))
    neighbours = _neighbours(random, list(routers))
    told = {n.address for n in neighbours if random.random() < 0.7}
    shape = Shape(igp, ibgp, routers, cables, neighbours, told)
    _draw_ibgp(random, shape)
    if igp == "static":
        _draw_ways(shape)
    return shape


def _cables(random: Random, names: list[str]) -> list[Cable]:
    """A tree of all routers, and some cables more."""
    pairs = [(random.choice(names[:n]), names[n]) for n in range(1, len(names))]
    others = [pair for pair in combinations(names, 2) if pair not in pairs]
    pairs += random.sample(others, min(len(others), random.randint(0, len(names))))
    cables = []
    for n, (one, other) in enumerate(pairs):
        cost = random.choice(COSTS)
        back = cost if random.random() < 0.8 else random.choice(COSTS)
        wire = Wire(one, f"e{other[1:]}", other, f"e{one[1:]}")
        cables.append(Cable(wire, (f"10.0.{n}.0", f"10.0.{n}.1"), (cost, back)))
    return cables


def _neighbours(random: Random, names: list[str]) -> list[Neighbour]:
    """Two to five neighbours of up to three ASes; some stand at two places, or at one twice."""
    places = [
        (f"N{n}", name) for n in range(random.randint(2, 5)) for name in _attached(random, names)
    ]
    numbers = {name: random.choice(NEIGHBOUR_ASES) for name, _ in places}
    ids = dict(zip(numbers, random.sample(range(1, 200), len(numbers)), strict=True))
    links = random.sample(range(100), len(places))
    return [
        Neighbour(
            name,
            numbers[name],
            f"172.20.0.{ids[name]}",
            f"10.1.{link}.1",
            router,
            f"10.1.{link}.0",
            f"x{link}",
        )
        for (name, router), link in zip(places, links, strict=True)
    ]


def _attached(random: Random, names: list[str]) -> list[str]:
    return random.choices(names, k=2 if random.random() < 0.4 else 1)


def _draw_ibgp(random: Random, shape: Shape) -> None:
    names = list(shape.routers)
    if shape.ibgp == "mesh":
        for one, other in combinations(names, 2):
            _meet(shape, one, other)
    elif shape.ibgp == "reflectors":
        _draw_reflectors(random, shape)
    else:
        _draw_confederation(random, shape)


def _draw_confederation(random: Random, shape: Shape) -> None:
    """Two or three members in a row; between two there is sometimes one session more.

    In a ring of three, members that prefer one another's route have several stable states.
    """
    members = [64601, 64602, 64603][: random.randint(2, 3)]
    of_member: dict[int, list[str]] = {member: [] for member in members}
    for n, router in enumerate(shape.routers.values()):
        router.member_as = members[n % len(members)]
        of_member[router.member_as].append(router.name)
    for names in of_member.values():
        for one, other in combinations(names, 2):
            _meet(shape, one, other)
    for near, far in pairwise(of_member.values()):
        _meet(shape, random.choice(near), random.choice(far))
    apart = [
        (one, other)
        for one, other in combinations(shape.routers, 2)
        if other not in shape.routers[one].peers
    ]
    if apart and len(members) == 2 and random.random() < 0.5:
        _meet(shape, *random.choice(apart))


def _draw_reflectors(random: Random, shape: Shape) -> None:
    """One to three levels: the first meshed, the rest each with one or two reflectors above."""
    names = list(shape.routers)
    top = names[: random.randint(1, 2)]
    middle = names[len(top) : len(top) + random.randint(0, 2)]
    for one, other in combinations(top, 2):
        _meet(shape, one, other)
    for name in names[len(top) :]:
        above = top if name in middle else [*top, *middle]
        for reflector in random.sample(above, min(len(above), random.randint(1, 2))):
            _meet(shape, reflector, name)
            shape.routers[reflector].clients.add(name)


def _meet(shape: Shape, one: str, other: str) -> None:
    shape.routers[one].peers.append(other)
    shape.routers[other].peers.append(one)


def _draw_ways(shape: Shape) -> None:
    """Static routes along the fewest cables, to every loopback and the links that are told."""
    for target in shape.routers.values():
        towards = {target.name: ""}
        queue = deque([target.name])
        while queue:
            here = queue.popleft()
            for near, far, near_address, _ in _ends(shape.cables):
                if near == here and far not in towards:
                    towards[far] = near_address
                    queue.append(far)
        links = [
            n.router_address + "/31"
            for n in shape.neighbours
            if n.router == target.name and n.address in shape.told
        ]
        for router, way in towards.items():
            if way:
                for prefix in (f"{target.address}/32", *links):
                    shape.routers[router].ways[prefix] = way


def _ends(cables: list[Cable]) -> list[tuple[str, str, str, str]]:
    """Each cable from both ends: here, there, the address here, and there."""
    return [
        end
        for cable in cables
        for end in (
            (cable.wire.router, cable.wire.other, *cable.addresses),
            (cable.wire.other, cable.wire.router, cable.addresses[1], cable.addresses[0]),
        )
    ]
