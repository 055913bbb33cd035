"""Every stable state that some order of messages leads a prefix to.

All orders are tried: whatever router takes whatever message next. A router's newer message to a
neighbour overtakes an older one that is still under way, as FRR's updates do before they are sent.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self

from nornir_bgp.bgp.classes import Told
from nornir_bgp.bgp.exchange import Exchange, Message
from nornir_bgp.bgp.history import History, own_routes
from nornir_bgp.bgp.table import NETWORK, Held, Table
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.routing import Router


def stable_states(
    history: History, prefix: str, told: Sequence[Told], limit: int
) -> list[tuple[Held, ...]]:
    """Find the stable states of one prefix, in a fixed order.

    States in which every router selects the same and shares the load between the same routes are
    one, whatever the order of its table.

    Raises:
        InputError: more than ``limit`` states would have to be looked at.
    """
    speakers = history.moments[0].speakers
    ordered = tuple(not _ignores_order(speaker.router) for speaker in speakers)
    start = Exchange(speakers, prefix, profile=history.profile)
    for place, route in own_routes(speakers, prefix):
        start.tell(place, NETWORK, route)
    for _, router, slot, route in told:
        if speakers[router].up[slot]:
            start.tell(router, slot, route)
    found: dict[object, tuple[Held, ...]] = {}
    key = _State.of(start, ordered)
    seen = {key}
    open_states = [(start, key)]
    while open_states:
        exchange, key = open_states.pop()
        if not any(exchange.inboxes):
            held = exchange.holdings()
            found.setdefault(_outcome(held), held)
        for following in _following(exchange):
            state = key.after(exchange, following, ordered)
            if state not in seen:
                if len(seen) >= limit:
                    raise InputError(
                        f"{prefix}: more than {limit} states; raise the limit, or look at a "
                        "smaller network"
                    )
                seen.add(state)
                open_states.append((following, state))
    return list(found.values())


def _following(exchange: Exchange) -> Iterator[Exchange]:
    """What the network may come to by one message."""
    for router, inbox in enumerate(exchange.inboxes):
        for slot in dict.fromkeys(message.slot for message in inbox):
            following = exchange.copy()
            following.take(router, slot)
            for other, after in enumerate(following.inboxes):
                if after is not exchange.inboxes[other]:
                    following.forget_idle(other)
            yield following


class _Hashed:
    """A value whose hash is worked out once."""

    __slots__ = ("hash", "value")

    def __init__(self, value: object) -> None:
        self.value = value
        self.hash = hash(value)

    def __hash__(self) -> int:
        return self.hash

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, _Hashed) and self.value == other.value)


class _State(NamedTuple):
    """All that the future follows from: each router's table, and what is under way to it."""

    tables: tuple[_Hashed, ...]
    inboxes: tuple[_Hashed, ...]

    @classmethod
    def of(cls, exchange: Exchange, ordered: Sequence[bool]) -> Self:
        return cls(
            tuple(map(_table, exchange.tables, ordered)), tuple(map(_inbox, exchange.inboxes))
        )

    def after(self, before: Exchange, now: Exchange, ordered: Sequence[bool]) -> "_State":
        """The state that follows; what is the same object as before is not looked at again."""
        tables = [
            known if old is new else _table(new, is_ordered)
            for known, old, new, is_ordered in zip(
                self.tables, before.tables, now.tables, ordered, strict=True
            )
        ]
        inboxes = [
            known if old is new else _inbox(new)
            for known, old, new in zip(self.inboxes, before.inboxes, now.inboxes, strict=True)
        ]
        return _State(tuple(tables), tuple(inboxes))


def _table(table: Table, is_ordered: bool) -> _Hashed:
    entries = tuple(zip(table.slots, table.candidates, strict=True))
    return _Hashed((entries if is_ordered else frozenset(entries), table.selected))


def _inbox(inbox: Sequence[Message]) -> _Hashed:
    return _Hashed(frozenset({message.slot: message.route for message in inbox}.items()))


def _ignores_order(router: Router) -> bool:
    """Whether the order of its table cannot change what a router selects.

    That is so where MEDs are compared between all routes, or by neighbouring AS first, and the
    older route is not preferred.
    """
    options = router.options
    return (
        options.compare_router_id
        and (options.deterministic_med or options.always_compare_med)
        and router.confederation is None
    )


def _outcome(held: Sequence[Held]) -> object:
    """What tells stable states apart."""
    return tuple(
        (
            frozenset(zip(one.slots, one.candidates, strict=True)),
            one.best_slot,
            frozenset(one.slots[place] for place in one.decision.multipath),
        )
        for one in held
    )
