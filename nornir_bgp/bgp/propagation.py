"""How routes spread through a network until every router has settled, or that they never do.

Only IPv4 unicast is modelled.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from math import prod

from nornir_bgp.bgp.aggregation import Aggregation
from nornir_bgp.bgp.classes import Classifier, Made, PrefixClass, Told, classify, in_order
from nornir_bgp.bgp.decision import Profile
from nornir_bgp.bgp.domain import Announcement, Domain, Event, ExternalPeer, Reconfigured
from nornir_bgp.bgp.history import History, Settled, history
from nornir_bgp.bgp.outcome import Cycle, Outcome, Solution
from nornir_bgp.bgp.stable_states import stable_states
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.routing import Router

__all__ = ["Cycle", "Outcome", "classes_of", "outcomes", "propagate"]


def propagate(
    domain: Domain,
    announcements: Iterable[Announcement],
    events: Sequence[Event | Reconfigured] = (),
    *,
    profile: Profile = Profile.FRR,
) -> Outcome:
    """Compute what every router selects.

    Args:
        domain: the network.
        announcements: what the external peers send; what routers announce themselves is in the
            domain, and comes first.
        events: what fails, comes back, or is configured anew afterwards, one after another.
        profile: whose decision process all routers have.

    Raises:
        InputError: an announcement is for a router that is not in the domain, or of no IPv4
            prefix; an event configures a router that is not there.
    """
    announcements = tuple(announcements)
    peers = _peers(domain, announcements)
    times = sorted({announcement.time for announcement in announcements})
    past = history(domain, peers, events, len(times), profile)
    return _outcome(domain, past, _solved(past, _told(past, announcements, times)))


def outcomes(
    domain: Domain, announcements: Iterable[Announcement], *, limit: int = 10_000
) -> tuple[Outcome, ...]:
    """Find every stable state that some order of messages leads to.

    Where several classes of prefixes have several stable states, each combination is an outcome.

    Args:
        domain: the network; aggregates are not looked at.
        announcements: what the external peers send; their times are not looked at.
        limit: how many states are looked at, at most, for each class of prefixes, and how many
            outcomes there are, at most.

    Raises:
        InputError: there are more states than the limit.
    """
    announcements = [one._replace(time=0) for one in announcements]
    past = history(domain, _peers(domain, announcements), (), 1, Profile.FRR)
    classes = _classes(past, _told(past, announcements, [0]))
    states = [stable_states(past, one.first, one.told, limit) for one in classes]
    if prod(map(len, states)) > limit:
        raise InputError(
            f"{prod(map(len, states))} combinations of stable states; the limit is {limit}"
        )
    return tuple(
        _outcome(
            domain,
            past,
            [
                Solution(prefix_class, Settled(held, None, ()))
                for prefix_class, held in zip(classes, combination, strict=True)
            ],
        )
        for combination in product(*states)
    )


def classes_of(domain: Domain, announcements: Iterable[Announcement]) -> list[PrefixClass]:
    """Sort prefixes into classes, without computing them; aggregates are not looked at.

    Args:
        domain: the network.
        announcements: what the external peers send.

    Raises:
        InputError: as :func:`propagate` says.
    """
    announcements = tuple(announcements)
    times = sorted({announcement.time for announcement in announcements})
    past = history(domain, _peers(domain, announcements), (), len(times), Profile.FRR)
    return _classes(past, _told(past, announcements, times))


def _solved(past: History, told: dict[str, list[Told]]) -> list[Solution]:
    """Compute every class of prefixes, and then the aggregates, the longest first."""
    aggregation = Aggregation(past.moments[0].routers.values())
    of_aggregates = {prefix: told.pop(prefix, []) for prefix in aggregation.prefixes}
    solutions = []
    for prefix_class in _classes(past, told, aggregation):
        solutions.append(_solve(past, prefix_class, aggregation))
    for prefix, announced in of_aggregates.items():
        routes = tuple(one.route for one in announced)
        alone = PrefixClass(tuple(announced), {prefix: routes})
        solutions.append(_solve(past, alone, aggregation, aggregation.made(prefix)))
    return solutions


def _solve(
    past: History, prefixes: PrefixClass, aggregation: Aggregation, made: Sequence[Made] = ()
) -> Solution:
    first = prefixes.first
    silent, is_covered = aggregation.silent(first), aggregation.covers(first)
    settled = past.run(first, prefixes.told, made=made, silent=silent, with_steps=is_covered)
    if is_covered:
        aggregation.note(first, settled.steps)
    return Solution(prefixes, settled._replace(steps=()), silent)


def _classes(
    past: History, told: dict[str, list[Told]], aggregation: Aggregation | None = None
) -> list[PrefixClass]:
    """Sort all prefixes but the aggregates into classes."""
    configurations = past.configurations()
    aggregates = aggregation.prefixes if aggregation else ()
    own = _own_networks(configurations)
    for prefix in own:
        if prefix not in aggregates:
            told.setdefault(prefix, [])
    apart: Mapping[str, object] = own
    if aggregation and aggregates:
        apart = {
            prefix: (own.get(prefix), aggregation.apart(prefix, [one.time for one in its]))
            for prefix, its in told.items()
        }
    return classify(Classifier(configurations), told, apart)


def _own_networks(configurations: Iterable[Router]) -> dict[str, object]:
    """What tells routers' own networks apart: who has them, and how they are announced."""
    found: dict[str, list[object]] = {}
    for place, router in enumerate(configurations):
        for network in router.networks:
            checked = network.prefix if router.import_check else None
            found.setdefault(network.prefix, []).append((place, network.route_map, checked))
    return {prefix: tuple(owners) for prefix, owners in found.items()}


def _outcome(domain: Domain, past: History, solutions: Sequence[Solution]) -> Outcome:
    by_prefix: dict[str, Solution] = {}
    cycles = []
    for solution in solutions:
        members = solution.prefixes.members
        if any(held.slots for held in solution.settled.held):
            by_prefix |= dict.fromkeys(members, solution)
        if solution.settled.cycle is not None:
            routers = tuple(dict.fromkeys(name for name, _ in solution.settled.cycle))
            changes = tuple(f"{name}: {state}" for name, state in solution.settled.cycle)
            cycles.append(Cycle(tuple(members), routers, changes))
    prefixes = tuple(sorted(by_prefix, key=_in_tree_order))
    return Outcome(domain, prefixes, len(solutions), tuple(cycles), past, by_prefix)


def _in_tree_order(prefix: str) -> tuple[int, int, int, int, int]:
    """FRR's order of prefixes: by address, the shorter one first.

    Raises:
        InputError: it is no IPv4 prefix.
    """
    try:
        address, length = prefix.split("/")
        one, two, three, four = address.split(".")
        return int(one), int(two), int(three), int(four), int(length)
    except ValueError:
        raise InputError(
            f"announcements: {prefix!r} is no IPv4 prefix, such as 198.51.100.0/24"
        ) from None


def _peers(domain: Domain, announcements: Iterable[Announcement]) -> tuple[ExternalPeer, ...]:
    """The external peers, with those that only announcements name."""
    known = {(peer.router, peer.address) for peer in domain.peers}
    peers = list(domain.peers)
    for router, address in dict.fromkeys((one.router, one.peer) for one in announcements):
        if router not in domain.routers:
            raise InputError(f"announcements: there is no router {router!r} in the network")
        if (router, address) not in known:
            number = _remote_as(domain.routers[router], address)
            peers.append(ExternalPeer(router, address, number, address, f"AS{number}"))
    return tuple(peers)


def _remote_as(router: Router, address: str) -> int:
    for session in router.sessions:
        if session.peer == address:
            return session.remote_as
    raise InputError(
        f"announcements: {router.name} has no session to {address}; name the peer and its AS"
    )


def _told(
    past: History, announcements: Iterable[Announcement], times: Sequence[int]
) -> dict[str, list[Told]]:
    slots = {
        (name, end.peer): (place, end.slot)
        for place, (name, ends) in enumerate(past.ends.items())
        for end in ends
        if end.far is None
    }
    ranks = {time: rank for rank, time in enumerate(times)}
    told = in_order(announcements, slots, ranks)
    for prefix in told:
        _in_tree_order(prefix)
    return told
