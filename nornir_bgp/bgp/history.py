"""What happens to a network, one thing after another, as every class of prefixes goes through it.

First come the routers' own networks, then the announcements by their times, then the events. The
network settles after each.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from nornir_bgp.bgp.classes import Made, Told
from nornir_bgp.bgp.decision import Profile
from nornir_bgp.bgp.domain import Domain, Event, ExternalPeer, Reconfigured
from nornir_bgp.bgp.exchange import Exchange
from nornir_bgp.bgp.failures import Resource, damage, find_wires
from nornir_bgp.bgp.igp import Igp
from nornir_bgp.bgp.route import Route
from nornir_bgp.bgp.segments import find_segments
from nornir_bgp.bgp.sending import own_route
from nornir_bgp.bgp.sessions import End, find_ends
from nornir_bgp.bgp.speaker import Speaker, speakers
from nornir_bgp.bgp.stability import Round, settle
from nornir_bgp.bgp.table import AGGREGATE, NETWORK, Held
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.quirks import NO_QUIRKS
from nornir_bgp.models.routing import Router

_Message = tuple[int, int, Route | None]
"""A message as the routers' places have it: to which router and slot, and which route."""


class Moment(NamedTuple):
    """The network between two events.

    Attributes:
        routers: name -> configuration.
        igp: the ways.
        speakers: the routers as they stand.
    """

    routers: Mapping[str, Router]
    igp: Igp
    speakers: tuple[Speaker, ...]


class Settled(NamedTuple):
    """How one prefix ends.

    Attributes:
        held: what every router holds.
        cycle: one round of the cycle, where it does not settle.
        steps: what every router held after each thing that happened, if that was asked for:
            (time, held), where events count on from the announcements' times.
    """

    held: tuple[Held, ...]
    cycle: Round | None
    steps: tuple[tuple[int, tuple[Held, ...]], ...]


@dataclass(frozen=True)
class History:
    """The moments of a network.

    Attributes:
        ends: the ends of sessions of each router, the same at all moments.
        moments: the network at first, and after each event.
        times: the events count on from here.
        profile: whose decision process the routers have.
    """

    ends: Mapping[str, tuple[End, ...]]
    moments: tuple[Moment, ...]
    times: int
    profile: Profile

    def configurations(self) -> list[Router]:
        """All configurations that the routers have, those of the first moment first."""
        found = list(self.moments[0].routers.values())
        for before, moment in pairwise(self.moments):
            found += [
                router
                for name, router in moment.routers.items()
                if before.routers[name] is not router
            ]
        return found

    def run(
        self,
        prefix: str,
        told: Sequence[Told],
        *,
        made: Sequence[Made] = (),
        silent: frozenset[int] = frozenset(),
        with_steps: bool = False,
    ) -> Settled:
        """Let a prefix go through everything that happens.

        Args:
            prefix: the prefix.
            told: its announcements, by time.
            made: the changes of the routers' aggregates of it, by time.
            silent: the places of the routers that do not pass it on.
            with_steps: what the routers held in between is wanted, too.
        """
        exchange = Exchange(self.moments[0].speakers, prefix, silent, self.profile)
        steps = []
        cycle = None
        for time, messages in self._script(prefix, told, made):
            moment = max(time - self.times + 1, 0)
            if exchange.speakers is not self.moments[moment].speakers:
                exchange.adopt(self.moments[moment].speakers)
            for router, slot, route in messages:
                exchange.tell(router, slot, route)
            cycle = settle(exchange)
            if with_steps:
                steps.append((time, exchange.holdings()))
        return Settled(exchange.holdings(), cycle, tuple(steps))

    def _script(
        self, prefix: str, told: Sequence[Told], made: Sequence[Made]
    ) -> Iterator[tuple[int, list[_Message]]]:
        """Say what happens when: the time, and the messages to (router, slot)."""
        now = self.moments[0].speakers
        yield -1, [(place, NETWORK, route) for place, route in own_routes(now, prefix)]
        messages: dict[int, list[_Message]] = {}
        for time, router, slot, route in told:
            if now[router].up[slot]:
                messages.setdefault(time, []).append((router, slot, route))
        for time, router, aggregate in made:
            messages.setdefault(time, []).append((router, AGGREGATE, aggregate))
        yield from ((time, messages[time]) for time in sorted(messages) if time < self.times)
        present = {(router, slot): route for _, router, slot, route in told}
        for number, moment in enumerate(self.moments[1:]):
            before, now = now, moment.speakers
            own = dict(own_routes(now, prefix))
            news: list[_Message] = [(place, NETWORK, own.get(place)) for place in range(len(now))]
            for (router, slot), route in present.items():
                if now[router].up[slot] and not before[router].up[slot]:
                    news.append((router, slot, route))
            time = self.times + number
            yield time, news + messages.get(time, [])


def own_routes(now: Iterable[Speaker], prefix: str) -> Iterator[tuple[int, Route]]:
    """The routers' own routes to a prefix: the router's place and the route."""
    for place, speaker in enumerate(now):
        network = speaker.networks.get(prefix)
        if network is None or speaker.is_down:
            continue
        route = own_route(speaker.router, network)
        if route is not None:
            yield place, route


def history(
    domain: Domain,
    peers: Sequence[ExternalPeer],
    events: Iterable[Event | Reconfigured],
    times: int,
    profile: Profile,
) -> History:
    """Put a network together as it stands at first and after each event."""
    routers = {name: _of_profile(router, profile) for name, router in domain.routers.items()}
    segments = find_segments(routers)
    wires = find_wires(segments, peers)
    ends = find_ends(routers, peers, Igp(routers, segments, costs=domain.costs))
    failed: frozenset[Resource] = frozenset()

    def moment() -> Moment:
        down = damage(failed, segments, wires)
        igp = Igp(routers, segments, down.interfaces, domain.costs)
        renewed = {name: _with_settings(routers[name], of) for name, of in ends.items()}
        return Moment(dict(routers), igp, speakers(routers, renewed, igp, down))

    moments = [moment()]
    for event in events:
        if isinstance(event, Reconfigured):
            for router in event.routers:
                if router.name not in routers:
                    raise InputError(f"there is no router {router.name!r} to configure anew")
            routers |= {router.name: _of_profile(router, profile) for router in event.routers}
        elif event.fails:
            failed |= event.resources
        else:
            failed -= event.resources
        moments.append(moment())
    return History(ends, tuple(moments), times, profile)


def _of_profile(router: Router, profile: Profile) -> Router:
    """A router as a profile has it: FRR's faults are FRR's alone."""
    return router if profile is Profile.FRR else replace(router, quirks=NO_QUIRKS)


def _with_settings(router: Router, ends: Iterable[End]) -> tuple[End, ...]:
    """The ends of a router with what its configuration says of them now."""
    described = {session.peer: session for session in router.sessions}
    return tuple(end.with_settings(described.get(end.peer, end.settings)) for end in ends)
