"""Where the model is known to see less than FRR: next hops that BGP's own routes lead to.

Zebra follows any selected route but a default one to the next hop of a BGP route, and so also one
that BGP has installed (``zebra_rnh_resolve_nexthop_entry``). Here a prefix is computed without the
others, and such routes are not followed; but where that matters can be told.
"""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network

from nornir_bgp.bgp.history import Moment
from nornir_bgp.bgp.segments import ipv4
from nornir_bgp.bgp.table import NETWORK, Held


def next_hop_doubts(moment: Moment, tables: Mapping[str, tuple[Held, ...]]) -> Iterator[str]:
    """Name the next hops that FRR reaches by a route of BGP, once for each router.

    Args:
        moment: the network.
        tables: prefix -> what every router holds of it, the same object for a whole class.
    """
    covering: dict[str, list[tuple[int, str]]] = {}
    told: set[tuple[int, str]] = set()
    seen: set[int] = set()
    for prefix, table in tables.items():
        if id(table) in seen:
            continue
        seen.add(id(table))
        for place, held in enumerate(table):
            speaker = moment.speakers[place]
            for slot, candidate in zip(held.slots, held.candidates, strict=True):
                hop = candidate.route.next_hop
                if slot < 0 or (place, hop) in told:
                    continue
                end = speaker.ends[slot]
                # The routes of an eBGP neighbour that is connected need a way that is no BGP's.
                if not end.described or (end.single_hop and candidate.igp_metric is None):
                    continue
                if hop not in covering:
                    covering[hop] = list(_covering(hop, tables))
                told.add((place, hop))
                name = speaker.router.name
                shortest = moment.igp.matched(name, hop) or 0
                for length, other in covering[hop]:
                    if length > shortest and _is_installed(tables[other][place]):
                        yield (
                            f"{name}: next hop {hop} (of {prefix}) lies in {other}, which {name} "
                            "has by BGP; FRR follows that route, the model does not"
                        )
                        break


def _covering(address: str, tables: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """The prefixes that an address lies in, the longest first: (length, prefix)."""
    known = ipv4(address)
    if known is None:
        return
    for length in range(32, 0, -1):
        prefix = str(IPv4Network((int(known), length), strict=False))
        if prefix in tables:
            yield length, prefix


def _is_installed(held: Held) -> bool:
    """Whether BGP puts a route into the routing table; of a network it takes it from there."""
    return held.best_slot not in (None, NETWORK)
