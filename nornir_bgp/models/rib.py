"""A BGP table as a router shows it.

Tables are large, so a path is a named tuple and a prefix is its canonical text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Path(NamedTuple):
    """One path of a prefix, as ``show bgp`` tells it.

    Attributes:
        valid: the path takes part in the decision (``*``).
        best: it was selected (``>``).
        multipath: it shares the load with the best path (``=``), which itself does not have it.
        internal: it was learned by iBGP (``i``).
        next_hop: the next hop's address; ``0.0.0.0`` or ``::`` for the router's own routes. Where
            the session is unnumbered, text has the interface's name in its place.
        metric: the MED, if there is one.
        local_pref: the LOCAL_PREF, if there is one; a path of an eBGP session without
            ``set local-preference`` has none, which counts as the table's default.
        weight: FRR's weight.
        as_path: AS numbers separated by blanks, ``{...}`` sets and ``(...)`` confederations as
            FRR writes them; empty for the AS's own routes.
        origin: ``i`` IGP, ``e`` EGP or ``?`` incomplete.
        peer: the neighbour that sent it, where the output says so (JSON only).
        reason: why it was selected, where the output says so (JSON only).
    """

    valid: bool
    best: bool
    multipath: bool
    internal: bool
    next_hop: str
    metric: int | None
    local_pref: int | None
    weight: int
    as_path: str
    origin: str
    peer: str | None = None
    reason: str | None = None

    @property
    def is_on_link(self) -> bool:
        """Its next hop is a link-local address, which says nothing beyond its link."""
        return self.next_hop.startswith("fe80:")

    @property
    def via(self) -> str:
        """The address that tells where it leads, network-wide.

        That is the next hop; where this is a link-local one, it is the neighbour that sent the
        path, if the output says so.
        """
        return self.peer if self.is_on_link and self.peer is not None else self.next_hop


class PathDetail(NamedTuple):
    """What FRR tells of one path when it is asked for its prefix alone.

    Attributes:
        path: what a table tells of it, too.
        peer_id: the neighbour's BGP identifier; ``None`` for the router's own routes.
        igp_metric: the cost of the way to the next hop; ``None`` where there is no way.
        originator_id: ORIGINATOR_ID, of a reflected route.
        cluster_list: CLUSTER_LIST, the nearest reflector first.
        communities: standard communities as FRR writes them.
    """

    path: Path
    peer_id: str | None
    igp_metric: int | None
    originator_id: str | None = None
    cluster_list: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rib:
    """One router's table of one address family.

    Attributes:
        router_id: the BGP identifier; ``None`` where an empty table does not say.
        local_as: the router's AS; ``None`` likewise.
        version: the table version; it moves with every change of a best path.
        default_local_pref: what a path without LOCAL_PREF counts as.
        routes: prefix in canonical text -> its paths in the order shown.
    """

    router_id: str | None
    local_as: int | None
    version: int | None
    default_local_pref: int
    routes: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)

    def best(self, prefix: str) -> Path | None:
        """Return the selected path of a prefix, or ``None`` where there is none."""
        return next((path for path in self.routes.get(prefix, ()) if path.best), None)

    def local_pref(self, path: Path) -> int:
        """Return the LOCAL_PREF that a path counts with."""
        return self.default_local_pref if path.local_pref is None else path.local_pref
