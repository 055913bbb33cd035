"""Compare tables that were computed with those that routers have."""

from collections.abc import Collection, Iterator, Mapping

from nornir_bgp.models.rib import Path, Rib
from nornir_bgp.models.simulation import Mismatch, PredictedRoute


def selected(rib: Rib, prefix: str) -> tuple[Path, ...]:
    """The paths that a router uses for a prefix: the best one, then those beside it."""
    paths = rib.routes.get(prefix, ())
    best = [path for path in paths if path.best]
    return (*best, *(path for path in paths if path.multipath))


def predicted_route(rib: Rib, prefix: str, gateway_at: Mapping[str, str]) -> PredictedRoute:
    """Say what a table selects for a prefix.

    Args:
        rib: the table.
        prefix: the prefix.
        gateway_at: the gateway behind each next hop.
    """
    paths = selected(rib, prefix)
    found = (gateway_at.get(path.next_hop) for path in paths)
    return PredictedRoute(
        gateways=tuple(dict.fromkeys(gateway for gateway in found if gateway is not None)),
        next_hops=tuple(path.next_hop for path in paths),
        local_pref=rib.local_pref(paths[0]) if paths else None,
    )


def mismatches(
    router: str,
    predicted: Rib,
    actual: Rib,
    gateway_at: Mapping[str, str],
    prefixes: Collection[str] | None = None,
) -> Iterator[Mismatch]:
    """Compare what two tables select: the next hops, and the LOCAL_PREF of the best path.

    The order of a table, and the word for why a path was selected, depend on when its paths came,
    which a table that was read does not tell; they are not compared.

    Args:
        router: whose tables they are.
        predicted: as computed.
        actual: as read.
        gateway_at: the gateway behind each next hop.
        prefixes: compare only these; ``None``: all.
    """
    for prefix in dict.fromkeys([*predicted.routes, *actual.routes]):
        if prefixes is not None and prefix not in prefixes:
            continue
        if _used(predicted, prefix) != _used(actual, prefix):
            then, now = (predicted_route(rib, prefix, gateway_at) for rib in (predicted, actual))
            yield Mismatch(
                router=router, prefix=prefix, predicted=words_of(then), actual=words_of(now)
            )


def _used(rib: Rib, prefix: str) -> tuple[str | None, frozenset[str], int | None]:
    """What is compared: the best path's next hop, all that are used, the best path's LOCAL_PREF."""
    paths = selected(rib, prefix)
    if not paths:
        return None, frozenset(), None
    return paths[0].next_hop, frozenset(p.next_hop for p in paths), rib.local_pref(paths[0])


def words_of(route: PredictedRoute) -> str:
    """Say where a route leads: ``GW2 at LOCAL_PREF 200``."""
    if not route.next_hops:
        return "no route"
    ways = route.gateways or route.next_hops
    return f"{' and '.join(ways)} at LOCAL_PREF {route.local_pref}"
