"""A random network from a seed: its shape, its story, and the inventory that says both."""

from collections.abc import Iterator
from random import Random

from pydantic import JsonValue

from tests.bgp.differential.sample import Sample, SessionEvent
from tests.bgp.differential.shape import AS_NUMBER, RouterShape, Shape, make_shape
from tests.bgp.differential.themes import TAGGED, TAIL, Changes, Story, by_changes, in_rounds, tell

PREFIXES = 27
LAN = "lan0"
QUIET: JsonValue = {"keepalive": 3600, "hold": 10800, "connect": 1}
"""Timers that send no keepalives while a network is looked at."""

WEIGHTLESS = "WEIGHTLESS"
TAGS = "TAGS"
DISTANT = "DISTANT"

FLAGS = (
    "always_compare_med",
    "deterministic_med",
    "med_missing_as_worst",
    "as_path_ignore",
    "multipath_relax",
)

EXTERNAL: tuple[JsonValue, ...] = (
    {"permit": 900, "match": {"community": TAGS}, "set": {"local_preference": 130}},
    {"permit": 910, "match": {"as_path": DISTANT}, "set": {"metric": 3}},
)
"""What every external session does to the routes that no clause is about."""


def generate(seed: int) -> Sample:
    """Make the network of a seed."""
    random = Random(seed)  # noqa: S311 - nothing here is secret
    shape = make_shape(random)
    story = tell(random, shape, PREFIXES)
    options = _options(random, shape, compare_router_id=seed % 2 == 0)
    return Sample(
        seed,
        tuple(
            {
                "hostname": router.name,
                "interfaces": _interfaces(shape, router),
                "static_routes": _static_routes(router),
                **_policies(shape, story, router),
                "bgp": {
                    "as_number": router.member_as,
                    "router_id": router.router_id,
                    **_confederation(shape, router),
                    **options,
                    "neighbors": list(_neighbors(shape, story, router)),
                    "networks": _networks(story, router),
                    "aggregates": story.aggregates.get(router.name, []),
                },
            }
            for router in shape.routers.values()
        ),
        tuple(cable.wire for cable in shape.cables),
        tuple((name, LAN) for name in shape.routers if shape.igp == "lan"),
        tuple(shape.neighbours),
        in_rounds(story),
        _events(random, shape),
    )


def _events(random: Random, shape: Shape) -> tuple[SessionEvent, ...]:
    """Sometimes an external session ends, and sometimes it comes back."""
    address = random.choice(shape.neighbours).address
    events = (SessionEvent(address), SessionEvent(address, fails=False))
    return events[: random.choice([0, 0, 1, 2])]


def _options(random: Random, shape: Shape, *, compare_router_id: bool) -> dict[str, JsonValue]:
    bestpath: dict[str, JsonValue] = {flag: True for flag in FLAGS if random.random() < 0.25}
    if compare_router_id:
        bestpath["compare_router_id"] = True
    if shape.has_several_reflectors:
        # FRR 8.4 gives a route without MED that it reflects the MED 0. So each of two reflectors
        # prefers the other's route of their common client, and who is first decides for good.
        bestpath.pop("med_missing_as_worst", None)
    options: dict[str, JsonValue] = {}
    if shape.ibgp == "confederation":
        bestpath |= {f: True for f in ("as_path_confed", "med_confed") if random.random() < 0.4}
    if bestpath:
        options["bestpath"] = bestpath
    if random.random() < 0.2:
        options["default_local_preference"] = random.choice([50, 120])
    if random.random() < 0.3:
        options["maximum_paths"] = random.randint(1, 2)
    if random.random() < 0.3:
        options["maximum_paths_ibgp"] = random.randint(1, 2)
        options["equal_cluster_length"] = random.random() < 0.5
    return options


def _confederation(shape: Shape, router: RouterShape) -> dict[str, JsonValue]:
    if shape.ibgp != "confederation":
        return {}
    others = {other.member_as for other in shape.routers.values()} - {router.member_as}
    return {"confederation": {"identifier": AS_NUMBER, "members": [*sorted(others)]}}


def _interfaces(shape: Shape, router: RouterShape) -> list[JsonValue]:
    interfaces: list[JsonValue] = []
    ospf = shape.igp == "ospf"
    if shape.igp == "lan":
        interfaces.append(_interface(LAN, f"{router.address}/24"))
    else:
        interfaces.append(_interface("lo", f"{router.address}/32", {} if ospf else None))
    for cable in shape.cables:
        wire = cable.wire
        ends = ((wire.router, wire.interface), (wire.other, wire.other_interface))
        for (name, interface), address, cost in zip(
            ends, cable.addresses, cable.costs, strict=True
        ):
            if name == router.name:
                way: dict[str, JsonValue] = {"cost": cost, "point_to_point": True}
                interfaces.append(_interface(interface, f"{address}/31", way if ospf else None))
    for n in shape.neighbours:
        if n.router == router.name:
            told = ospf and n.address in shape.told
            interfaces.append(
                _interface(n.interface, f"{n.router_address}/31", {} if told else None)
            )
    return interfaces


def _interface(name: str, address: str, ospf: dict[str, JsonValue] | None = None) -> JsonValue:
    interface: dict[str, JsonValue] = {"name": name, "ipv4_address": address}
    return interface if ospf is None else interface | {"ospf": ospf}


def _static_routes(router: RouterShape) -> list[JsonValue]:
    return [{"prefix": prefix, "next_hop": way} for prefix, way in router.ways.items()]


def _neighbors(shape: Shape, story: Story, router: RouterShape) -> Iterator[JsonValue]:
    for name in router.peers:
        peer = shape.routers[name]
        session: dict[str, JsonValue] = {"ip": peer.address, "remote_as": peer.member_as}
        if shape.igp != "lan":
            session["update_source"] = "lo"
        if router.next_hop_self:
            session["next_hop_self"] = "force" if router.forces_next_hop else True
        if name in router.clients:
            session["route_reflector_client"] = True
        yield session | {"timers": QUIET} | _filters(story, router, peer.address)
    for neighbour in shape.neighbours:
        if neighbour.router == router.name:
            session = {"ip": neighbour.address, "remote_as": neighbour.as_number}
            yield session | {"timers": QUIET} | _filters(story, router, neighbour.address)


def _filters(story: Story, router: RouterShape, peer: str) -> dict[str, JsonValue]:
    ways = (("in", story.inbound), ("out", story.outbound))
    return {
        f"route_map_{way}": _map_name(way, peer)
        for way, policies in ways
        if (router.name, peer) in policies
    }


def _map_name(way: str, peer: str) -> str:
    return f"{way.upper()}-{peer.replace('.', '-')}"


def _networks(story: Story, router: RouterShape) -> list[JsonValue]:
    return [
        {"prefix": prefix, "route_map": WEIGHTLESS} if weightless else prefix
        for prefix, weightless in story.networks.get(router.name, {}).items()
    ]


def _policies(shape: Shape, story: Story, router: RouterShape) -> dict[str, JsonValue]:
    outside = {neighbour.address for neighbour in shape.neighbours}
    prefix_lists: dict[str, JsonValue] = {}
    maps: dict[str, JsonValue] = {}
    for way, policies in (("in", story.inbound), ("out", story.outbound)):
        for (name, peer), policy in policies.items():
            if name == router.name:
                map_name = _map_name(way, peer)
                maps[map_name] = [
                    *_clauses(map_name, policy, prefix_lists),
                    *(EXTERNAL if peer in outside and way == "in" else ()),
                    {"permit": 999},
                ]
    if any(story.networks.get(router.name, {}).values()):
        maps[WEIGHTLESS] = [{"permit": 10, "set": {"weight": 0}}]
    found: dict[str, JsonValue] = {}
    if prefix_lists:
        found["prefix_lists"] = prefix_lists
    if maps:
        found["route_maps"] = maps
        found["community_lists"] = {TAGS: [{"permit": TAGGED}]}
        found["as_path_lists"] = {DISTANT: [{"permit": f"_{TAIL[2]}$"}]}
    return found


def _clauses(name: str, policy: dict[str, Changes], lists: dict[str, JsonValue]) -> list[JsonValue]:
    """A clause for each group of prefixes."""
    clauses: list[JsonValue] = []
    for n, (changes, prefixes) in enumerate(by_changes(policy), 1):
        lists[f"{name}-{n}"] = [{"permit": prefix} for prefix in prefixes]
        clauses.append({"permit": 10 * n, "match": {"prefix_list": f"{name}-{n}"}, "set": changes})
    return clauses
