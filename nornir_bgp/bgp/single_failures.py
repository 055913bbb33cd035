"""What each single failure does: of a link, a session, a router (N-1)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nornir_bgp.bgp.domain import Announcement, Domain, Event, Resource
from nornir_bgp.bgp.forwarding import Forwarding, Ways
from nornir_bgp.bgp.loads import Demand, Entries, loads_of
from nornir_bgp.bgp.propagation import Outcome, propagate
from nornir_bgp.bgp.representatives import representatives
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.simulation import FailureCase, LoadReport


@dataclass(frozen=True, slots=True)
class Traffic:
    """The traffic that a failure is judged by.

    Attributes:
        demands: the predicted traffic; none: every prefix counts alike, and loads are not known.
        edges: the routers at which traffic enters whose customer is no router.
        exits: the exits whose load is of interest.
    """

    demands: tuple[Demand, ...]
    edges: tuple[str, ...]
    exits: tuple[Exit, ...]

    def loads(self, domain: Domain, ways: Ways) -> LoadReport:
        """Sum what exits and links carry."""
        entries = Entries(domain.routers, self.edges, ways)
        return loads_of(ways, self.demands, entries, self.exits)

    def entries(self, domain: Domain, ways: Ways, prefixes: Iterable[str]) -> "_Entering":
        """At which routers traffic to each prefix enters."""
        entries = Entries(domain.routers, self.edges, ways)
        if not self.demands:
            everywhere = frozenset(entries.of(""))
            return dict.fromkeys(prefixes, everywhere)
        found: dict[str, frozenset[str]] = {}
        for demand in self.demands:
            at = frozenset(entries.of(demand.source))
            found[demand.prefix] = found.get(demand.prefix, frozenset()) | at
        return found

    def of(self, representative: Mapping[str, str]) -> "Traffic":
        """The same traffic, where it is sent to the prefixes that stand for others.

        Args:
            representative: prefix -> the one that stands for it; one without a route is missing.
        """
        loads: dict[tuple[str, str], int] = {}
        for source, prefix, load in self.demands:
            to = source, representative.get(prefix, prefix)
            loads[to] = loads.get(to, 0) + load
        return replace(self, demands=tuple(Demand(*to, load) for to, load in loads.items()))


_Entering = dict[str, frozenset[str]]


def single_failures(
    announcements: Sequence[Announcement],
    normal: Outcome,
    before: Sequence[Event],
    traffic: Traffic,
) -> Iterator[FailureCase]:
    """Let everything fail that can, one at a time, and say what that does.

    Args:
        announcements: what the external peers send.
        normal: the network without the failure.
        before: what has happened to it already.
        traffic: what a failure is judged by.
    """
    domain = normal.domain
    few = representatives(normal, announcements)
    of_few = _Judge(traffic, few.of, normal, before)
    gone = {resource for event in before for resource in event.resources}
    for resource in domain.resources():
        if resource not in gone:
            events = (*before, Event(frozenset({resource})))
            after = propagate(few.domain, few.announcements, events)
            judge = of_few
            if after.cycles:  # while messages are under way, each prefix is on its own
                after = propagate(domain, announcements, events)
                judge = _Judge(traffic, {p: p for p in normal.prefixes}, normal, before)
            yield judge.case(resource, Ways(after, events))


class _Judge:
    """Says what a failure does to traffic, from what it does to the prefixes that stand for all."""

    def __init__(
        self, traffic: Traffic, of: Mapping[str, str], normal: Outcome, before: Sequence[Event]
    ) -> None:
        self._traffic = traffic
        self._folded = traffic.of(of)
        self._of = of
        self._normal = normal
        ways = Ways(normal, before)
        self._was = {prefix: ways.of(prefix) for prefix in frozenset(of.values())}
        self._nowhere = ways.of("")

    def case(self, resource: Resource, then: Ways) -> FailureCase:
        domain = self._normal.domain
        moved: list[str] = []
        lost: list[str] = []
        known: dict[tuple[str, frozenset[str]], tuple[bool, bool]] = {}
        entering = self._traffic.entries(domain, then, self._normal.prefixes)
        for prefix, entries in entering.items():
            stands = self._of.get(prefix, prefix)
            key = (stands, entries)
            if key not in known:
                was = self._was.get(stands, self._nowhere)
                known[key] = _fate(was, then.of(stands), entries)
            has_moved, is_lost = known[key]
            if is_lost:
                lost.append(prefix)
            elif has_moved:
                moved.append(prefix)
        loads = self._folded.loads(domain, then) if self._folded.demands else LoadReport()
        return FailureCase(
            failure=str(resource),
            gateways=loads.gateways,
            moved=len(moved),
            lost=tuple(lost),
            exceeded=tuple(
                f"{e.gateway} to {e.upstream}: {e.load:,.10g} of {e.capacity:,}"
                for e in loads.exits
                if e.exceeded
            ),
            converges=then.converged,
        )


def _fate(was: Forwarding, now: Forwarding, entries: frozenset[str]) -> tuple[bool, bool]:
    """Whether a prefix takes another way out at some entry, and whether some entry loses it."""
    pairs = [(was.ends(entry), now.ends(entry)) for entry in entries]
    lost = any(None in then and None not in before for before, then in pairs)
    return any(before != then for before, then in pairs), lost
