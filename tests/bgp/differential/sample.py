"""One random network with its neighbours, as plain data that a regression case keeps as JSON."""

from dataclasses import dataclass, replace
from ipaddress import IPv4Network

from pydantic import JsonValue, TypeAdapter

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.route import Origin, Route

_ORIGINS = {"i": Origin.IGP, "e": Origin.EGP, "?": Origin.INCOMPLETE}


@dataclass(frozen=True, slots=True)
class Wire:
    """A cable between two interfaces of our routers."""

    router: str
    interface: str
    other: str
    other_interface: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One session of an external neighbour; one that is attached twice has two.

    Attributes:
        name: the neighbour.
        as_number: its AS.
        router_id: its BGP identifier.
        address: its address on the session's own link, a /31.
        router: our router.
        router_address: our router's address on the link.
        interface: our router's interface.
    """

    name: str
    as_number: int
    router_id: str
    address: str
    router: str
    router_address: str
    interface: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A route that a neighbour sends.

    Attributes:
        address: the neighbour's address on the session.
        prefix: the prefix.
        as_path: as FRR writes it, the neighbour's AS first.
        origin: ``i``, ``e`` or ``?``.
        med: the MED, if it has one.
        communities: standard communities.
    """

    address: str
    prefix: str
    as_path: str
    origin: str = "i"
    med: int | None = None
    communities: tuple[str, ...] = ()

    @property
    def route(self) -> Route:
        """The route as the model and the messages have it."""
        return Route(
            self.address,
            AsPath.parse(self.as_path),
            _ORIGINS[self.origin],
            med=self.med,
            communities=frozenset(self.communities),
        )


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """An external session ends, or comes back and sends again what it has sent.

    Attributes:
        address: the neighbour's address.
        fails: it ends.
    """

    address: str
    fails: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """One network.

    Attributes:
        seed: what it was made from; 0 where it was written by hand.
        devices: our routers, as a ``devices:`` file has them.
        wires: the cables between them.
        lan: the interfaces that stand on the one common network, (router, interface).
        neighbours: the external sessions.
        rounds: what is sent; a round begins when the one before has settled.
        events: what happens to external sessions after the last round, one after another.
    """

    seed: int
    devices: tuple[dict[str, JsonValue], ...]
    wires: tuple[Wire, ...]
    lan: tuple[tuple[str, str], ...]
    neighbours: tuple[Neighbour, ...]
    rounds: tuple[tuple[Sent, ...], ...]
    events: tuple[SessionEvent, ...] = ()

    @property
    def rounds_flat(self) -> tuple[Sent, ...]:
        """Everything that is sent, in order."""
        return tuple(sent for sent_round in self.rounds for sent in sent_round)

    def only(self, prefix: str) -> "Sample":
        """The same network with one prefix, and what lies in it or around it, alone."""
        wanted = IPv4Network(prefix)
        rounds = tuple(
            tuple(sent for sent in sent_round if wanted.overlaps(IPv4Network(sent.prefix)))
            for sent_round in self.rounds
        )
        devices = tuple(_announcing_only(device, wanted) for device in self.devices)
        return replace(self, devices=devices, rounds=rounds)


def _announcing_only(device: dict[str, JsonValue], wanted: IPv4Network) -> dict[str, JsonValue]:
    bgp = device["bgp"]
    assert isinstance(bgp, dict)
    return device | {
        "bgp": bgp | {k: _overlapping(bgp[k], wanted) for k in ("networks", "aggregates")}
    }


def _overlapping(announced: JsonValue, wanted: IPv4Network) -> list[JsonValue]:
    assert isinstance(announced, list)
    return [
        entry
        for entry in announced
        if wanted.overlaps(IPv4Network(str(entry["prefix"] if isinstance(entry, dict) else entry)))
    ]


@dataclass(frozen=True, slots=True)
class Task:
    """What is run: a network and the configurations of its routers."""

    sample: Sample
    configs: dict[str, str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What FRR showed.

    Attributes:
        tables: after each round and each event: router -> ``show bgp ipv4 unicast json``.
        changing: the prefixes that went on changing each time; none: the network had settled.
        seconds: how long it took to start, and to work through the rounds.
    """

    tables: tuple[dict[str, str], ...]
    changing: tuple[tuple[str, ...], ...]
    seconds: tuple[float, float]


TASK = TypeAdapter(Task)
SEEN = TypeAdapter(Seen)
