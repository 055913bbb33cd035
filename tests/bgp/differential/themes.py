"""What each prefix of a random network is about: one rule of the decision, or everything at once.

A theme draws who announces the prefix and makes the attributes equal that come before its rule,
so that every rule has prefixes that it decides.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from random import Random

from pydantic import JsonValue

from tests.bgp.differential.sample import Neighbour, Sent
from tests.bgp.differential.shape import AS_NUMBER, Shape

Changes = dict[str, JsonValue]
"""What a clause of a route-map sets, in the words of a ``devices:`` file."""

LOCAL_PREFERENCES = (50, 100, 100, 150, 200)
MEDS = (None, 0, 5, 10)
ORIGINS = ("i", "e", "?")
TAGGED = "65000:77"
"""The community that the routers' policies look for."""

TAIL = (64900, 64901, 64902, 64903)


@dataclass
class Story:
    """What is sent in a network, and what its policies do.

    Attributes:
        rounds: prefix -> what is sent for it, one after another.
        inbound: (router, peer's address) -> prefix -> what the policy sets on the way in.
        outbound: (router, peer's address) -> prefix -> likewise on the way out.
        networks: router -> prefixes that it announces itself, and whether without weight.
        aggregates: router -> aggregates.
    """

    rounds: dict[str, list[Sent]] = field(default_factory=dict)
    inbound: dict[tuple[str, str], dict[str, Changes]] = field(default_factory=dict)
    outbound: dict[tuple[str, str], dict[str, Changes]] = field(default_factory=dict)
    networks: dict[str, dict[str, bool]] = field(default_factory=dict)
    aggregates: dict[str, list[JsonValue]] = field(default_factory=dict)

    def sets(self, router: str, peer: str, prefix: str, changes: Changes) -> None:
        """Let a router's inbound policy change a prefix's routes from one peer."""
        self.inbound.setdefault((router, peer), {})[prefix] = changes


@dataclass
class Prefix:
    """One prefix while its story is made up.

    Attributes:
        random: where the story comes from.
        shape: the network.
        story: what is told so far.
        prefix: the prefix.
    """

    random: Random
    shape: Shape
    story: Story
    prefix: str

    def announcers(self, least: int = 2) -> list[Neighbour]:
        """Draw who announces it, in a random order."""
        everybody = self.shape.neighbours
        return self.random.sample(
            everybody, self.random.randint(min(least, len(everybody)), len(everybody))
        )

    def send(
        self,
        neighbour: Neighbour,
        *,
        tail: Sequence[int | str] = TAIL[:2],
        origin: str = "i",
        med: int | None = None,
        communities: tuple[str, ...] = (),
    ) -> None:
        """Let a neighbour announce it next."""
        path = " ".join(str(n) for n in (neighbour.as_number, *tail))
        sent = Sent(neighbour.address, self.prefix, path, origin, med, communities)
        self.story.rounds.setdefault(self.prefix, []).append(sent)

    def set(self, neighbour: Neighbour, **changes: JsonValue) -> None:
        """Let the router that hears it there change it."""
        self.story.sets(neighbour.router, neighbour.address, self.prefix, dict(changes))


def _single(prefix: Prefix) -> None:
    prefix.send(prefix.announcers()[0], med=prefix.random.choice(MEDS))


def _weight(prefix: Prefix) -> None:
    """Everything differs, but one router weighs one of its peers more.

    It is an external one where routes have several ways inside: two routers that prefer each
    other's route have several stable states.
    """
    _everything(prefix)
    peers = [(n.router, n.address) for n in prefix.shape.neighbours]
    if prefix.shape.ibgp == "mesh":
        routers = prefix.shape.routers
        peers += [(r.name, routers[peer].address) for r in routers.values() for peer in r.peers]
    router, peer = prefix.random.choice(peers)
    prefix.story.sets(router, peer, prefix.prefix, {"weight": 10})


def _local_preference(prefix: Prefix) -> None:
    for neighbour in prefix.announcers():
        prefix.send(
            neighbour, tail=TAIL[: prefix.random.randint(1, 3)], med=prefix.random.choice(MEDS)
        )
        prefix.set(neighbour, local_preference=prefix.random.choice(LOCAL_PREFERENCES))


def _local_route(prefix: Prefix) -> None:
    """A router announces the prefix itself, mostly without the weight that FRR gives its own."""
    router = prefix.random.choice(list(prefix.shape.routers))
    weightless = prefix.random.random() < 0.8
    prefix.story.networks.setdefault(router, {})[prefix.prefix] = weightless
    for neighbour in prefix.announcers():
        prefix.send(neighbour, tail=())


def _as_path(prefix: Prefix) -> None:
    for neighbour in prefix.announcers():
        length = prefix.random.randint(1, 3)
        tail: list[int | str] = list(TAIL[:length])
        if prefix.random.random() < 0.3:
            tail[-1:] = ["{64910,64911}"]
        prefix.send(neighbour, tail=tail, origin=prefix.random.choice(ORIGINS))
        if prefix.random.random() < 0.3:
            prefix.set(neighbour, prepend=[neighbour.as_number] * prefix.random.randint(1, 2))


def _origin(prefix: Prefix) -> None:
    for neighbour in prefix.announcers():
        prefix.send(neighbour, origin=prefix.random.choice(ORIGINS), med=prefix.random.choice(MEDS))


def _med(prefix: Prefix) -> None:
    """Mostly neighbours of one AS, so that MEDs are compared."""
    everybody = prefix.announcers(3)
    number = prefix.random.choice(everybody).as_number
    for neighbour in everybody:
        if neighbour.as_number == number or prefix.random.random() < 0.5:
            prefix.send(neighbour, med=prefix.random.choice(MEDS))


def _equal(prefix: Prefix) -> None:
    """Everything is equal: the session, the IGP, age and identifiers decide."""
    for neighbour in prefix.announcers():
        prefix.send(neighbour)


def _equal_at_one_router(prefix: Prefix) -> None:
    """Likewise, of the router with the most sessions alone."""
    by_router = {
        n.router: [m for m in prefix.shape.neighbours if m.router == n.router]
        for n in prefix.shape.neighbours
    }
    crowd = max(by_router.values(), key=len)
    for neighbour in prefix.random.sample(crowd, len(crowd)):
        prefix.send(neighbour)


def _equal_from_one_place(prefix: Prefix) -> None:
    """One announcer: only the ways that it takes inside differ (reflectors)."""
    neighbour = prefix.announcers()[0]
    prefix.send(neighbour)


def _tagged(prefix: Prefix) -> None:
    """Communities: one that a policy looks for, and the well-known ones."""
    for neighbour in prefix.announcers():
        drawn = prefix.random.choice(
            [(), (TAGGED,), (TAGGED, "65101:1"), ("no-export",), ("no-advertise",)]
        )
        prefix.send(neighbour, communities=drawn)


def _changing(prefix: Prefix) -> None:
    """A neighbour announces anew what it has announced, with other attributes."""
    _everything(prefix)
    sent = prefix.story.rounds[prefix.prefix]
    again = prefix.random.choice(sent)
    sent.append(
        replace(again, med=prefix.random.choice(MEDS), origin=prefix.random.choice(ORIGINS))
    )


def _looping(prefix: Prefix) -> None:
    """Some paths hold our own AS."""
    for neighbour in prefix.announcers():
        prefix.send(neighbour, tail=prefix.random.choice([TAIL[:2], (AS_NUMBER, 64900), (64900,)]))


def _aggregated(prefix: Prefix) -> None:
    """A router announces the whole, where neighbours announce its halves; or in any case, too."""
    router = prefix.random.choice(list(prefix.shape.routers))
    options: dict[str, JsonValue] = {
        f: True for f in ("summary_only", "as_set") if prefix.random.random() < 0.4
    }
    aggregate: JsonValue = {"prefix": prefix.prefix, **options}
    prefix.story.aggregates.setdefault(router, []).append(aggregate)
    if prefix.random.random() < 0.3:
        prefix.story.networks.setdefault(router, {})[prefix.prefix] = False
    for half in IPv4Network(prefix.prefix).subnets():
        _everything(replace(prefix, prefix=str(half)))


def _everything(prefix: Prefix) -> None:
    for neighbour in prefix.announcers():
        prefix.send(
            neighbour,
            tail=TAIL[: prefix.random.choice([1, 2, 2, 2, 3])],
            origin=prefix.random.choice(("i", "i", "i", "?")),
            med=prefix.random.choice(MEDS),
        )
        if prefix.random.random() < 0.3:
            prefix.set(neighbour, local_preference=prefix.random.choice(LOCAL_PREFERENCES))


THEMES: tuple[Callable[[Prefix], None], ...] = (
    _single,
    _weight,
    _local_preference,
    _local_route,
    _local_route,
    _as_path,
    _origin,
    _med,
    _med,
    _equal,
    _equal,
    _equal_at_one_router,
    _equal_at_one_router,
    _equal_from_one_place,
    _tagged,
    _changing,
    _looping,
    _aggregated,
    _everything,
)


def tell(random: Random, shape: Shape, count: int) -> Story:
    """Make up what happens to some prefixes of a network."""
    story = Story()
    for n in range(count):
        THEMES[n % len(THEMES)](Prefix(random, shape, story, f"20.0.{n}.0/24"))
    _prepend_outward(random, shape, story)
    return story


def _prepend_outward(random: Random, shape: Shape, story: Story) -> None:
    """One router sends some prefixes to some internal peers with other attributes."""
    router = shape.routers[random.choice(list(shape.routers))]
    prefixes = random.sample(list(story.rounds), len(story.rounds) // 4)
    for peer in random.sample(router.peers, random.randint(0, min(2, len(router.peers)))):
        changes: Changes = random.choice(
            [{"metric": 20}, {"prepend": [AS_NUMBER + 9]}, {"community_additive": TAGGED}]
        )
        story.outbound[router.name, shape.routers[peer].address] = dict.fromkeys(prefixes, changes)


def in_rounds(story: Story) -> tuple[tuple[Sent, ...], ...]:
    """Everything that is sent: in round k the k-th of each prefix."""
    longest = max(len(sent) for sent in story.rounds.values())
    return tuple(
        tuple(sent[k] for sent in story.rounds.values() if k < len(sent)) for k in range(longest)
    )


def by_changes(policy: dict[str, Changes]) -> list[tuple[Changes, list[str]]]:
    """The prefixes of a policy, together where it does the same to them."""
    groups: dict[str, tuple[Changes, list[str]]] = {}
    for prefix, changes in policy.items():
        groups.setdefault(str(changes), (changes, []))[1].append(prefix)
    return list(groups.values())
