"""Say why a router sends a prefix where it does, from the router itself or from the model."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Literal

from nornir.core import Nornir

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.decision import Decision, Reason
from nornir_bgp.bgp.domain import Event
from nornir_bgp.bgp.explanation import setter_of, verdicts
from nornir_bgp.bgp.present import ORIGINS
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.bgp.route import OWN_NEXT_HOP, Candidate, Learned, Route
from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.routing_config import parse_router
from nornir_bgp.models.device import exits_of
from nornir_bgp.models.rib import PathDetail
from nornir_bgp.models.routing import Router
from nornir_bgp.models.simulation import ExplainedPath, Explanation
from nornir_bgp.runbooks.asking import ask, sessions
from nornir_bgp.runbooks.scene import scene_of
from nornir_bgp.tasks.inventory import devices_of
from nornir_bgp.tasks.look_up import Found, look_up

_FURTHEST = 8
"""Routers that a route is followed back through."""


@dataclass(frozen=True, slots=True)
class _View:
    """What one router knows of the prefix."""

    router: Router
    prefix: str
    candidates: tuple[Candidate, ...]
    decision: Decision

    @property
    def best(self) -> Candidate | None:
        return None if self.decision.best is None else self.candidates[self.decision.best]


_Look = Callable[[str], _View | None]
"""Looks at the prefix on a router; ``None``: it is none that can be looked at."""


def explain(
    nr: Nornir,
    router: str,
    prefix: str,
    *,
    predicted: bool = False,
    collect: bool = False,
    ribs: Iterable[tuple[str, str | Path]] = (),
    routes: str | Path | None = None,
    fail: Sequence[str] = (),
) -> Explanation:
    """Say why a router sends a prefix where it does; nothing is touched.

    Args:
        nr: the Nornir object.
        router: the router.
        prefix: an IPv4 prefix of its table; or an address, for the longest prefix that holds it.
        predicted: from a computed network; else the router is asked, and those of ours that its
            route came by.
        collect: with ``predicted``, as for :func:`~nornir_bgp.runbooks.simulate.simulate`.
        ribs: likewise.
        routes: likewise.
        fail: likewise.

    Raises:
        InputError: there is no such router, the prefix is none, or what ``simulate`` raises it for.
        DeviceError: a router could not be read.
    """
    _check_prefix(prefix)
    devices = devices_of(nr)
    names = {str(address): d.hostname for d in devices for address in d.addresses}
    names |= {str(e.neighbor): e.upstream for e in exits_of(devices)}
    if not predicted:
        if router not in nr.inventory.hosts:
            raise InputError(f"{router}: is none of the routers: {', '.join(nr.inventory.hosts)}")
        with sessions(nr):
            return _Story("live", _asking(nr, prefix), names).told(router, prefix)
    scene = scene_of(nr, collect=collect, ribs=ribs, routes=routes)
    if router not in scene.domain.routers:
        raise InputError(f"{router}: is none of the routers: {', '.join(scene.domain.routers)}")
    events = [Event(frozenset({scene.domain.resource(text)})) for text in fail]
    outcome = propagate(scene.domain, scene.announcements, events)

    def look(name: str) -> _View | None:
        if name not in scene.domain.routers:
            return None
        candidates: tuple[Candidate, ...] = ()
        decision = Decision(None, (), None)
        held = _longest(prefix, outcome.rib(name).routes)
        if held:
            candidates, decision = outcome.table(name, held)
        return _View(scene.domain.routers[name], held, candidates, decision)

    names |= {peer.address: peer.name for peer in scene.domain.peers}
    return _Story("predicted", look, names).told(router, prefix)


class _Story:
    """Tells why, following a route back to where its LOCAL_PREF was set."""

    def __init__(
        self, state: Literal["live", "predicted"], look: _Look, names: Mapping[str, str]
    ) -> None:
        self._state: Literal["live", "predicted"] = state
        self._look = look
        self._names = names

    def told(self, router: str, prefix: str) -> Explanation:
        view = self._look(router)
        if view is None:
            raise InputError(f"{router}: cannot be looked at")
        best, options = view.best, view.router.options
        words = verdicts(view.candidates, view.decision, options)
        policy, gateway, way = (None, None, []) if best is None else self._followed(view, best)
        found = [
            ExplainedPath(
                source=self._source(candidate),
                next_hop=candidate.route.next_hop,
                as_path=str(candidate.route.as_path),
                local_pref=_local_pref(candidate, view.router),
                selected=place == view.decision.best,
                multipath=place in view.decision.multipath,
                verdict=verdict,
            )
            for place, (candidate, verdict) in enumerate(zip(view.candidates, words, strict=True))
        ]
        # Not in the table's order, which may be that of a race.
        paths = tuple(sorted(found, key=lambda p: (not p.selected, not p.multipath, p.source)))
        told = view.prefix or prefix
        return Explanation(
            router=router,
            prefix=told,
            state=self._state,
            text=" ".join(self._sentences(view, told, paths, policy, way)),
            paths=paths,
            gateway=gateway,
            reason=None if view.decision.reason is None else str(view.decision.reason),
            policy=policy,
        )

    def _sentences(
        self,
        view: _View,
        prefix: str,
        paths: tuple[ExplainedPath, ...],
        policy: str | None,
        way: Sequence[str],
    ) -> Iterator[str]:
        router, best = view.router.name, view.best
        if best is None:
            why = "none of its paths can be used" if paths else "nobody has told it any"
            yield f"{router} has no route to {prefix}: {why}."
        elif best.learned is Learned.LOCAL:
            yield f"{router} announces {prefix} itself."
        else:
            chosen = next(path for path in paths if path.selected)
            beside = [path for path in paths if path.multipath]
            yield (
                f"{router} sends {prefix} to {self._at(chosen.next_hop)}, by the route from "
                f"{chosen.source} with {_path_words(chosen.as_path)} and LOCAL_PREF "
                f"{chosen.local_pref}."
            )
            if beside:
                shared = " and ".join(self._at(path.next_hop) for path in beside)
                yield f"It shares the load with {shared}."
        others = [path for path in paths if not path.selected]
        if best is not None and not others:
            yield "It knows no other path."
        for path in others:
            if best is not None:
                yield f"Of the path from {path.source}: {path.verdict}."
        if policy is not None:
            yield f"The LOCAL_PREF was set by {policy}."
        if way:
            yield f"From there the traffic goes on to {', then '.join(way)}."

    def _followed(self, view: _View, best: Candidate) -> tuple[str | None, str | None, list[str]]:
        """Follow the selected route back: who set LOCAL_PREF, the gateway, the way that goes on."""
        policy: str | None = None
        way: list[str] = []
        for _ in range(_FURTHEST):
            session = next((s for s in view.router.sessions if s.peer == best.peer), None)
            if session is not None and policy is None:
                found = setter_of(view.router, session.inbound, view.prefix, best)
                if found is not None:
                    source = self._source(best)
                    policy = f"{found} on {view.router.name}'s session to {source}"
            if best.learned is not Learned.IBGP:
                gateway = None if best.learned is Learned.LOCAL else view.router.name
                return policy, gateway, way
            sender = self._look(self._names.get(best.peer or "", ""))
            if sender is None or sender.best is None or sender.prefix != view.prefix:
                break
            view, best = sender, sender.best
            if best.route.next_hop != OWN_NEXT_HOP:
                way.append(self._at(best.route.next_hop))
        return policy, None, way

    def _source(self, candidate: Candidate) -> str:
        if candidate.peer is None:
            return "itself"
        return self._names.get(candidate.peer, candidate.peer)

    def _at(self, address: str) -> str:
        name = self._names.get(address)
        return address if name in (None, address) else f"{name} ({address})"


def _asking(nr: Nornir, prefix: str) -> _Look:
    """Look at routers by asking them."""

    def look(name: str) -> _View | None:
        if name not in nr.inventory.hosts:
            return None
        found = ask(nr, [name], look_up, Found, prefix=prefix).complete()[name]
        router = parse_router(found.running_config, name)
        candidates = tuple(_candidate(detail, router) for detail in found.paths)
        return _View(router, found.prefix, candidates, _decision(found.paths))

    return look


def _decision(paths: Sequence[PathDetail]) -> Decision:
    """What the router itself has decided."""
    best = next((place for place, detail in enumerate(paths) if detail.path.best), None)
    if best is None:
        return Decision(None, (), None)
    multipath = tuple(place for place, detail in enumerate(paths) if detail.path.multipath)
    reason = paths[best].path.reason
    return Decision(best, multipath, None if reason is None else Reason(reason))


def _candidate(detail: PathDetail, router: Router) -> Candidate:
    path = detail.path
    route = Route(
        next_hop=path.next_hop,
        as_path=AsPath.parse(path.as_path),
        origin=ORIGINS[path.origin],
        local_pref=path.local_pref,
        med=path.metric,
        weight=path.weight,
        communities=frozenset(detail.communities),
        originator_id=detail.originator_id,
        cluster_list=detail.cluster_list,
    )
    if path.peer is None:
        return Candidate(route, Learned.LOCAL, igp_metric=detail.igp_metric)
    remote_as = next((s.remote_as for s in router.sessions if s.peer == path.peer), None)
    learned = Learned.IBGP if path.internal else Learned.EBGP
    return Candidate(route, learned, path.peer, remote_as, detail.peer_id, detail.igp_metric)


def _local_pref(candidate: Candidate, router: Router) -> int:
    value = candidate.route.local_pref
    return router.options.default_local_pref if value is None else value


def _path_words(as_path: str) -> str:
    return f"AS path {as_path}" if as_path else "an empty AS path"


def _check_prefix(prefix: str) -> None:
    try:
        IPv4Network(prefix)
    except ValueError:
        raise InputError(
            f"{prefix}: is no IPv4 prefix or address; write it as 198.51.100.0/24"
        ) from None


def _longest(prefix: str, known: Iterable[str]) -> str:
    """The prefix itself, if it is known; of an address, the longest one that holds it."""
    if "/" in prefix:
        return prefix if prefix in known else ""
    address = IPv4Address(prefix)
    holding = (p for p in known if address in IPv4Network(p))
    return max(holding, key=lambda p: IPv4Network(p).prefixlen, default="")
