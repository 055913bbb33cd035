"""The exchange of messages about one prefix, until every router has settled.

Each router holds its candidates in FRR's order: what is new goes to the head, what is replaced
keeps its place. Messages arrive in the order in which they were sent; the routers take turns in
the order in which something arrived for them, and a router decides when it has taken all of that.
So the outcome is one that a real network may come to, and always the same one.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from nornir_bgp.bgp.decision import Profile, decide
from nornir_bgp.bgp.route import Candidate, Route
from nornir_bgp.bgp.speaker import Group, Speaker
from nornir_bgp.bgp.table import AGGREGATE, NETWORK, Held, Table


class Message(NamedTuple):
    """A route, or (``None``) its withdrawal, on its way to a router's slot."""

    slot: int
    route: Route | None


def _is_known(sent: Route | None, route: Route | None, *, zero_med_is_none: bool) -> bool:
    """Whether a neighbour is told nothing, since it has this route.

    That is ``bgp suppress-duplicates``. Where no MED and MED 0 are the same, a neighbour keeps the
    one when only that has changed.
    """
    if sent is None or route is None:
        return sent is route
    if sent == route:
        return True
    return (
        zero_med_is_none and not sent.med and not route.med and replace(route, med=sent.med) == sent
    )


class Exchange:
    """What all routers hold of one prefix, and the messages under way.

    Args:
        speakers: the routers.
        prefix: the prefix.
        silent: the places of the routers that do not pass it on, since their aggregate does.
        profile: whose decision process they have.
    """

    def __init__(
        self,
        speakers: Sequence[Speaker],
        prefix: str,
        silent: frozenset[int] = frozenset(),
        profile: Profile = Profile.FRR,
    ) -> None:
        self.speakers = speakers
        self.prefix = prefix
        self.tables = [Table() for _ in speakers]
        self._silent = silent
        self._profile = profile
        self.inboxes: list[list[Message]] = [[] for _ in speakers]
        self.waiting: deque[int] = deque()
        self._stale: set[int] = set()

    def tell(self, router: int, slot: int, route: Route | None) -> None:
        """Put a message into a router's inbox."""
        self._wake(router)
        # Lists that are under way are never changed, so that copies may have them in common.
        self.inboxes[router] = [*self.inboxes[router], Message(slot, route)]

    def adopt(self, speakers: Sequence[Speaker]) -> None:
        """Go on with routers whose sessions, ways or policies are other ones now.

        What was learned on a session that is down is gone. Everything else passes the policies
        anew, and every router decides again.
        """
        self.speakers = speakers
        for router, (speaker, table) in enumerate(zip(speakers, self.tables, strict=True)):
            for slot, is_up in enumerate(speaker.up):
                if not is_up:
                    table.received.pop(slot, None)
                    table.sent.pop(slot, None)
            if speaker.is_down:
                table.received.clear()
            self.inboxes[router] = [
                message
                for message in self.inboxes[router]
                if message.slot < 0 or speaker.up[message.slot]
            ]
            self._wake(router)
            self._stale.add(router)

    def _wake(self, router: int) -> None:
        if not self.inboxes[router] and router not in self._stale:
            self.waiting.append(router)

    def step(self) -> int:
        """Let the next router take what arrived, decide, and tell its neighbours."""
        router = self.waiting.popleft()
        inbox, self.inboxes[router] = self.inboxes[router], []
        table = self.tables[router]
        is_stale = router in self._stale
        self._stale.discard(router)
        changed = self._take(router, table, inbox)
        if is_stale:
            for slot in sorted({*table.slots, *table.received} - changed):
                if self._renew(router, table, slot):
                    changed.add(slot)
        if changed or is_stale:
            self._decide(router, table, changed, is_stale=is_stale)
        return router

    def take(self, router: int, slot: int) -> None:
        """Let a router take what one session has for it, and nothing else, and decide."""
        inbox = self.inboxes[router]
        self.inboxes[router] = [message for message in inbox if message.slot != slot]
        table = self.tables[router] = self.tables[router].copy()
        changed = self._take(router, table, [message for message in inbox if message.slot == slot])
        if changed:
            self._decide(router, table, changed, is_stale=False)

    def forget_idle(self, router: int) -> None:
        """Take those messages away from an inbox that change nothing, at whatever time they come.

        That is so where the newest of a session brings what the router has already.
        """
        latest = {message.slot: message for message in self.inboxes[router]}
        table = self.tables[router]
        self.inboxes[router] = [
            message
            for message in latest.values()
            if self._made_of(router, *message)[0] != table.at(message.slot)
        ]

    def copy(self) -> "Exchange":
        """The exchange as it is, to be gone on with by :meth:`take`, which leaves this one be."""
        other = Exchange(self.speakers, self.prefix, self._silent, self._profile)
        other.tables, other.inboxes = list(self.tables), list(self.inboxes)
        return other

    def holdings(self) -> tuple[Held, ...]:
        """What every router holds now."""
        return tuple(table.held() for table in self.tables)

    def bests(self) -> tuple[Candidate | None, ...]:
        """What every router has selected."""
        return tuple(
            None if table.decision.best is None else table.candidates[table.decision.best]
            for table in self.tables
        )

    def state(self) -> tuple[object, ...]:
        """Everything that the rest of the exchange follows from; it can be compared and hashed."""
        tables = tuple(
            (
                tuple(table.slots),
                tuple(table.candidates),
                table.selected,
                frozenset(table.next_hop_set),
            )
            for table in self.tables
        )
        under_way = tuple(tuple(inbox) for inbox in self.inboxes)
        return tables, under_way, tuple(self.waiting), frozenset(self._stale)

    def _take(self, router: int, table: Table, inbox: Iterable[Message]) -> set[int]:
        """Take messages into a table; return the slots whose candidates have changed.

        What is withdrawn and announced again at once keeps its place, as in FRR.
        """
        latest = {message.slot: message.route for message in inbox}
        changed = set()
        for slot, route in latest.items():
            if slot == AGGREGATE and route is not None:
                by_head = self.speakers[router].router.quirks.aggregate_by_head
                if not table.makes_way(route, by_head=by_head):
                    continue
            if route is None:
                table.received.pop(slot, None)
            else:
                table.received[slot] = route
            if self._renew(router, table, slot):
                changed.add(slot)
        return changed

    def _renew(self, router: int, table: Table, slot: int) -> bool:
        """Make a slot's candidate anew from what was received; say whether it changed."""
        candidate, sets_next_hop = self._made_of(router, slot, table.received.get(slot))
        if sets_next_hop:
            table.next_hop_set.add(slot)
        else:
            table.next_hop_set.discard(slot)
        if candidate == table.at(slot):
            return False
        table.put(slot, candidate)
        return True

    def _made_of(
        self, router: int, slot: int, route: Route | None
    ) -> tuple[Candidate | None, bool]:
        """What a router makes of a route; with it, whether its policy set the next hop."""
        speaker = self.speakers[router]
        if route is None:
            return None, False
        if slot < 0:
            return speaker.own(self.prefix, route, is_network=slot == NETWORK), False
        return speaker.candidate(self.prefix, slot, route) or (None, False)

    def _decide(self, router: int, table: Table, changed: set[int], *, is_stale: bool) -> None:
        before = table.selected
        place = table.slots.index(before) if before in table.slots else None
        table.decision = decide(
            table.candidates,
            self.speakers[router].router.options,
            selected=place,
            profile=self._profile,
        )
        best = table.decision.best
        table.selected = None if best is None else table.slots[best]
        if is_stale or table.selected != before or before in changed:
            self._pass_on(router, table)

    def _pass_on(self, router: int, table: Table) -> None:
        """Tell the neighbours what has changed for them."""
        speaker = self.speakers[router]
        zero_med_is_none = speaker.router.quirks.zero_med_is_none
        best = table.decision.best
        candidate = None
        if best is not None and (router not in self._silent or table.selected == AGGREGATE):
            candidate = table.candidates[best]
        for group in speaker.groups:
            route = None if candidate is None else self._sent(group, table, candidate, router)
            for slot, far, far_slot in group.recipients:
                sent = table.sent.get(slot)
                if not _is_known(sent, route, zero_med_is_none=zero_med_is_none):
                    if route is None:
                        del table.sent[slot]
                    else:
                        table.sent[slot] = route
                    self.tell(far, far_slot, route)

    def _sent(self, group: Group, table: Table, candidate: Candidate, router: int) -> Route | None:
        slot = table.selected
        origin = self.speakers[router].ends[slot] if slot is not None and slot >= 0 else None
        return group.sender.sent(self.prefix, candidate, origin, slot in table.next_hop_set)
