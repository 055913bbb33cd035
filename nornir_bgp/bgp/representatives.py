"""One prefix of each class, so that what fails is computed for it alone.

A failure takes the same routes away from all prefixes of a class, and so they stay alike, as long
as the network comes to rest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from nornir_bgp.bgp.domain import Announcement, Domain
from nornir_bgp.bgp.propagation import Outcome


@dataclass(frozen=True, slots=True)
class Representatives:
    """A network with one prefix of each class.

    Attributes:
        domain: the network; its routers have the representatives alone as networks of their own.
        announcements: what the external peers send of the representatives.
        of: prefix -> the one that stands for it; one that no router has a route to is missing.
    """

    domain: Domain
    announcements: tuple[Announcement, ...]
    of: Mapping[str, str]


def representatives(outcome: Outcome, announcements: Iterable[Announcement]) -> Representatives:
    """Choose one prefix of each class.

    Every prefix stands for itself where the network does not come to rest, and where routers make
    aggregates, which hang on every prefix inside of them.

    Args:
        outcome: the network, which nothing has configured anew.
        announcements: what the external peers sent.
    """
    announcements = tuple(announcements)
    domain = outcome.domain
    if outcome.cycles or any(router.aggregates for router in domain.routers.values()):
        return Representatives(domain, announcements, {p: p for p in outcome.prefixes})
    of = {prefix: alike[0] for alike in outcome.alike() for prefix in alike}
    chosen = frozenset(of.values())
    return Representatives(
        domain.announcing(chosen), tuple(a for a in announcements if a.prefix in chosen), of
    )
