"""The first promise: no route is made or lost, only preferences move.

Overrides change which path is selected, and so which paths travel on between our routers. What our
neighbours sent, and what they hear from us, may change for the prefixes that move only, and only
from one path that was there to another.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from nornir_bgp.models.state import Announced, RouterState

_Routes = set[tuple[str, str, str, str]]


class Difference(NamedTuple):
    """What a change of preference alone does not bring about.

    Attributes:
        router: where it is seen.
        prefix: the prefix it is about; ``None``: a session as a whole.
        what: the difference in words.
    """

    router: str
    prefix: str | None
    what: str

    def __str__(self) -> str:
        return f"{self.router}: {self.what}"


def differences(
    before: Mapping[str, RouterState],
    after: Mapping[str, RouterState],
    moving: Collection[str],
    *,
    exits: Collection[tuple[str, str]] = (),
    allow_transit: bool = False,
) -> tuple[Difference, ...]:
    """Compare our routers before and after a change.

    - What external neighbours sent is the same everywhere: (prefix, AS path, origin) by neighbour.
    - So is all that our routers tell each other about prefixes that do not move. About those that
      move they tell nothing that was not there before, and none of them is gone.
    - What external neighbours hear is the same, but that a prefix that moves has another path.

    Args:
        before: our routers before the change, by host name.
        after: those that answered after it.
        moving: the prefixes whose preference changes.
        exits: (router, neighbour) of the sessions to upstreams.
        allow_transit: upstreams may hear of prefixes that move whatever they like.

    Returns:
        The differences, in the order of the routers.
    """
    prefixes = frozenset(moving)
    known: dict[str, set[Announced]] = {}
    for state in before.values():
        for prefix in prefixes:
            if paths := state.routes(prefix):
                routes = (Announced(p.as_path, p.origin) for p in paths)
                known.setdefault(prefix, set()).update(routes)
    found: list[Difference] = []
    for router, now in after.items():
        was = before[router]
        found.extend(_received(router, was, now))
        found.extend(_told(router, was, now, prefixes, known))
        upstreams = {neighbor for name, neighbor in exits if name == router}
        for neighbor in was.advertised:
            if neighbor not in now.advertised:
                found.append(Difference(router, None, f"the session to {neighbor} was lost"))
            elif neighbor in upstreams:
                fixed = frozenset() if allow_transit else prefixes
                found.extend(_heard(router, neighbor, was, now, prefixes - fixed, None))
            else:
                found.extend(_heard(router, neighbor, was, now, prefixes, known))
    return tuple(found)


def _received(router: str, was: RouterState, now: RouterState) -> Iterator[Difference]:
    """What external neighbours sent, and the router's own routes."""
    old, new = _routes(was, internal=False), _routes(now, internal=False)
    for verb, routes in (("no longer sends", old - new), ("now sends", new - old)):
        for prefix, peer, as_path, origin in sorted(routes):
            what = f"{peer or 'the router itself'} {verb} {prefix} ({_path(as_path, origin)})"
            yield Difference(router, prefix, what)


def _told(
    router: str,
    was: RouterState,
    now: RouterState,
    moving: frozenset[str],
    known: Mapping[str, set[Announced]],
) -> Iterator[Difference]:
    """What our routers told each other."""
    old, new = _routes(was, internal=True), _routes(now, internal=True)
    for verb, routes in (("is gone", old - new), ("is new", new - old)):
        for prefix, peer, as_path, origin in sorted(routes):
            was_there = verb == "is gone" or Announced(as_path, origin) in known.get(prefix, ())
            if prefix in moving and was_there:
                continue
            what = f"{prefix} ({_path(as_path, origin)}) from {peer} {verb}"
            yield Difference(router, prefix, what)
    for prefix in sorted(p for p in moving if was.routes(p) and not now.routes(p)):
        yield Difference(router, prefix, f"{prefix} has no route any more")


def _heard(
    router: str,
    neighbor: str,
    was: RouterState,
    now: RouterState,
    moving: frozenset[str],
    known: Mapping[str, set[Announced]] | None,
) -> Iterator[Difference]:
    """What an external neighbour hears; ``known``: the paths that a moving prefix may have."""
    heard, hears = was.advertised[neighbor], now.advertised[neighbor]
    for prefix in sorted(heard.keys() | hears.keys()):
        old, new = heard.get(prefix), hears.get(prefix)
        # A route does not go back to where it came from, so that there may be none.
        may_move = prefix in moving and (
            known is None
            or (
                (old is not None or _best_is_from(was, prefix, neighbor))
                and (new is not None or _best_is_from(now, prefix, neighbor))
                and (new is None or _is_known(new, known.get(prefix, set())))
            )
        )
        if old != new and not may_move:
            yield Difference(router, prefix, _change_heard(neighbor, prefix, old, new))


def _best_is_from(state: RouterState, prefix: str, neighbor: str) -> bool:
    best = next((path for path in state.routes(prefix) if path.best), None)
    return best is not None and best.peer == neighbor


def _change_heard(neighbor: str, prefix: str, old: Announced | None, new: Announced | None) -> str:
    if new is None:
        return f"{neighbor} no longer hears {prefix}{'' if old is None else f' ({_path(*old)})'}"
    if old is None:
        return f"{neighbor} now hears {prefix} ({_path(*new)})"
    return f"{neighbor} hears {prefix} ({_path(*new)}), before ({_path(*old)})"


def _is_known(route: Announced, known: set[Announced]) -> bool:
    """Whether a route is one that was there, but for AS numbers that a policy of ours prepends."""
    return any(
        route.origin == origin and f" {route.as_path}".endswith(f" {as_path}")
        for as_path, origin in known
    )


def _routes(state: RouterState, *, internal: bool) -> _Routes:
    """The routes of all tables as (prefix, neighbour, AS path, origin)."""
    return {
        (prefix, path.peer or "", path.as_path, path.origin)
        for rib in state.ribs
        for prefix, paths in rib.routes.items()
        for path in paths
        if path.internal is internal
    }


def _path(as_path: str, origin: str) -> str:
    return f"AS path {as_path or 'empty'}, origin {origin}"
