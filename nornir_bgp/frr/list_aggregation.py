"""Short prefix-lists: the fewest entries that select the same routes out of those that exist.

In the spirit of ORTC (Draves, King, Venkatachary and Zill, *Constructing Optimal IP Routing
Tables*, INFOCOM 1999): a selection is a colouring of the prefix trie in two colours, ``permit``
and ``deny``, and dynamic programming over the trie finds the fewest entries that paint it. Where
no route exists the colour is free, which is where the savings come from.

One network has one entry, as FRR needs it (two entries of one network are a trap, see
:mod:`nornir_bgp.frr.prefix_list`), and the entries stand most specific first, so that of all
entries over a route the most specific one that covers its length decides. An entry speaks for
its network's own route, for the routes inside it, or for both. Out of all lists of this kind the
one that is returned has the fewest entries.

A list that is shorter than its selection also permits what does not exist today. So a ``permit``
reaches no further than from the shortest to the longest route that it decides, a ``deny``
reaches as far as its network does, and of two lists of one length the one that permits less is
taken. :func:`later_routes` names what came later all the same.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address
from itertools import pairwise
from typing import NamedTuple

from nornir_bgp.frr.prefix_list import Entry, PrefixList
from nornir_bgp.models.fields import Family, family_of
from nornir_bgp.models.prefix_rules import place_of

SHORTEST: Mapping[Family, int] = {4: 8, 6: 16}
"""The shortest network that an entry for more than one route may name, by address family: no
registry hands out more, and a slip of the pen at ``0.0.0.0/0`` would take the whole table."""

_BITS: Mapping[Family, int] = {4: 32, 6: 128}
_ROOT = -1
"""The place of what is above all networks: the end of the list, which denies."""


class _Trie(NamedTuple):
    """The routes and the networks in which they branch, each network before those inside it.

    Attributes:
        networks: ``(bits, length)`` of each, the bits as a number of the family's width.
        parents: the place of the next wider one, or ``_ROOT``.
        wanted: whether it is to be permitted; ``None`` where no route exists.
        width: bits of an address.
    """

    networks: Sequence[tuple[int, int]]
    parents: Sequence[int]
    wanted: Sequence[bool | None]
    width: int


class _Costs(NamedTuple):
    """The fewest entries strictly inside each network, by what decides there otherwise.

    Attributes:
        denied: where all that has no entry of its own is denied.
        permitted: where it is permitted.
    """

    denied: Sequence[int]
    permitted: Sequence[int]


class _Decision(NamedTuple):
    """An entry of the list to be.

    Attributes:
        place: its network's.
        permits: it permits, or denies.
        own: it decides its network's own route.
        inside: it decides the routes inside its network that have no entry of their own.
        lengths: the lengths of all routes that it decides.
    """

    place: int
    permits: bool
    own: bool
    inside: bool
    lengths: list[int]


def aggregated(
    selected: Collection[str], routes: Collection[str], *, shortest: int | None = None
) -> tuple[str, ...]:
    """Return the rules of a short list that permits just the selected ones of all routes.

    Time is O(n log n), memory O(n) for n routes.

    Args:
        selected: the prefixes to permit, of one address family, in canonical text.
        routes: the prefixes of all routes that the list will be asked about, of the same family.
            A selected one that is not among them counts as one of them.
        shortest: no entry that speaks for more than one route names a network that is shorter
            than this many bits; :data:`SHORTEST` by default.

    Returns:
        The rules as FRR writes them (``permit 10.0.0.0/8 ge 16 le 24``), in the order of the
        list: each network behind those inside it.

    Raises:
        ValueError: the prefixes are of both families.
    """
    chosen = frozenset(selected)
    everything = chosen.union(routes)
    if not chosen:
        return ()
    families = set(map(family_of, everything))
    if len(families) > 1:
        raise ValueError("a prefix-list holds one address family; these are both")
    family = families.pop()
    trie = _trie(everything, chosen, _BITS[family])
    widest = SHORTEST[family] if shortest is None else shortest
    decisions = _decide(trie, _costs(trie, widest), widest)
    return tuple(_rule(decision, trie) for decision in _most_specific_first(decisions, trie))


def later_routes(
    rules: Iterable[str], planned: Collection[str], routes: Iterable[str]
) -> tuple[str, ...]:
    """Return the routes that a list permits and that nobody planned.

    An aggregated list was exact when it was made; a more specific network that is announced
    later can fall under one of its wide entries.

    Args:
        rules: the list, in its order.
        planned: the prefixes that it is to permit.
        routes: the prefixes of the routes that exist now, of the list's address family.

    Returns:
        Their prefixes, in the order of ``routes``.
    """
    held = frozenset(planned)
    permitted = PrefixList(Entry(seq, rule) for seq, rule in enumerate(rules, 1))
    return tuple(p for p in routes if p not in held and permitted.permits(p))


def _trie(everything: Iterable[str], chosen: Collection[str], width: int) -> _Trie:
    wanted: dict[tuple[int, int], bool] = {}
    for prefix in everything:
        _, length, bits = place_of(prefix)
        wanted[bits, length] = prefix in chosen
    routes = sorted(wanted)
    branches = {_common(one, other, width) for one, other in pairwise(routes)}
    networks = sorted(branches.union(routes))
    parents: list[int] = []
    above: list[int] = []
    for place, (bits, _) in enumerate(networks):
        while above and (bits ^ networks[above[-1]][0]) >> (width - networks[above[-1]][1]):
            above.pop()
        parents.append(above[-1] if above else _ROOT)
        above.append(place)
    return _Trie(networks, parents, [wanted.get(network) for network in networks], width)


def _common(one: tuple[int, int], other: tuple[int, int], width: int) -> tuple[int, int]:
    """Return the longest network that holds both."""
    differing = (one[0] ^ other[0]).bit_length()
    length = min(one[1], other[1], width - differing)
    return one[0] >> (width - length) << (width - length), length


def _costs(trie: _Trie, widest: int) -> _Costs:
    denied, permitted = [0] * len(trie.networks), [0] * len(trie.networks)
    for place in range(len(trie.networks) - 1, -1, -1):
        parent = trie.parents[place]
        if parent == _ROOT:
            continue
        inside_denied, inside_permitted = denied[place], permitted[place]
        wanted = trie.wanted[place]
        if trie.networks[place][1] < widest:
            denied[parent] += inside_denied + (wanted is True)
            permitted[parent] += inside_permitted + (wanted is False)
            continue
        # An entry for all of the network costs one, and so does one for its own route alone; a
        # route whose colour is that of its surroundings needs none.
        either = min(inside_denied, inside_permitted)
        denied[parent] += 1 + either if wanted else min(inside_denied, 1 + inside_permitted)
        permitted[parent] += (
            1 + either if wanted is False else min(inside_permitted, 1 + inside_denied)
        )
    return _Costs(denied, permitted)


def _decide(trie: _Trie, costs: _Costs, widest: int) -> list[_Decision]:
    """Walk the trie from above, and take at each network what costs least."""
    decisions: list[_Decision] = []
    deciders: list[_Decision | None] = []  # inside each network; None is the end of the list
    for place, (_, length) in enumerate(trie.networks):
        parent, wanted = trie.parents[place], trie.wanted[place]
        around = None if parent == _ROOT else deciders[parent]
        permitted = around is not None and around.permits
        own = wanted is not None and wanted != permitted
        stays, turns = costs.denied[place], costs.permitted[place]
        if permitted:
            stays, turns = turns, stays
        # Of two that cost the same, the one that denies.
        inside = length >= widest and (not own) + turns < stays + permitted
        decision = _Decision(place, not permitted, own, inside, [])
        if own or inside:
            decisions.append(decision)
        decider = decision if own else around
        if wanted is not None and decider is not None:
            decider.lengths.append(length)
        deciders.append(decision if inside else around)
    return decisions


def _most_specific_first(decisions: Iterable[_Decision], trie: _Trie) -> list[_Decision]:
    """Put each network behind those inside it, and the low addresses before the high ones."""

    def last_address(decision: _Decision) -> tuple[int, int]:
        bits, length = trie.networks[decision.place]
        return bits | ((1 << (trie.width - length)) - 1), -length

    return sorted(decisions, key=last_address)


def _rule(decision: _Decision, trie: _Trie) -> str:
    bits, length = trie.networks[decision.place]
    address = IPv4Address(bits) if trie.width == 32 else IPv6Address(bits)
    rule = f"{'permit' if decision.permits else 'deny'} {address}/{length}"
    if decision.permits:
        low, high = min(decision.lengths), max(decision.lengths)
    else:
        low = length if decision.own or trie.wanted[decision.place] is None else length + 1
        high = trie.width if decision.inside else length
    if low > length:
        rule = f"{rule} ge {low}"
    return rule if high == length else f"{rule} le {high}"
