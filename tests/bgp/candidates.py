"""Candidates for the decision process: one to vary by hand, and any at all."""

from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.route import Candidate, Learned, Origin, Route
from nornir_bgp.models.routing import DecisionOptions

OPTIONS = DecisionOptions()
BASE = Candidate(
    Route("10.9.0.1", AsPath.parse("65004 65010")),
    Learned.IBGP,
    "172.16.0.3",
    65020,
    "192.168.3.3",
    igp_metric=10,
)


def varied(base: Candidate = BASE, path: str | None = None, **changes: Any) -> Candidate:
    """A candidate that differs in fields of its own, or of its route."""
    own = {name: changes.pop(name) for name in list(changes) if hasattr(base, name)}
    if path is not None:
        changes["as_path"] = AsPath.parse(path)
    return replace(base, route=replace(base.route, **changes), **own)


def any_options(**given: bool | int) -> st.SearchStrategy[DecisionOptions]:
    flags = {
        name: st.booleans()
        for name, value in vars_of(OPTIONS).items()
        if isinstance(value, bool) and name not in given
    }
    limits = {
        name: st.integers(1, 4)
        for name in ("maximum_paths", "maximum_paths_ibgp")
        if name not in given
    }
    fixed = {name: st.just(value) for name, value in given.items()}
    return st.builds(DecisionOptions, **flags, **limits, **fixed)


def vars_of(options: DecisionOptions) -> dict[str, object]:
    return {name: getattr(options, name) for name in options.__slots__}


PATHS = ["65004 65010", "65004 65011", "65005 65010", "65005", "65004 {1,2}"]
CONFED_PATHS = ["(64512) 65004 1", "(64513) 65004 1", "(64512)", "[64512,64513] 1"]
OTHER_PATHS = ["", "{1,2} 65004"]


def tables(
    paths: tuple[str, ...] = (*PATHS, *OTHER_PATHS),
    learned: tuple[Learned, ...] = (Learned.EBGP, Learned.IBGP),
    aigp: bool = False,
    weights: bool = True,
) -> st.SearchStrategy[list[Candidate]]:
    """Candidates of one prefix, each from a neighbour of its own; much of them is equal."""
    ids = st.sampled_from(["10.0.0.8", "10.0.0.9"])
    routes = st.builds(
        Route,
        st.sampled_from([OF_THE_PEER, "10.0.1.1"]),
        as_path=st.sampled_from([AsPath.parse(path) for path in paths]),
        origin=st.sampled_from([Origin.IGP, Origin.IGP, Origin.EGP]),
        local_pref=st.sampled_from([None, None, 100, 200]),
        med=st.sampled_from([None, 0, 10, 20]),
        weight=st.sampled_from([0, 0, 7]) if weights else st.just(0),
        originator_id=st.none() | ids,
        cluster_list=st.sampled_from([(), ("1.1.1.1",), ("1.1.1.1", "2.2.2.2")]),
        aigp=st.sampled_from([None, 5, 10]) if aigp else st.none(),
    )
    candidates = st.builds(
        Candidate,
        routes,
        st.sampled_from(learned),
        peer=st.none(),
        peer_as=st.sampled_from([65004, 65005]),
        peer_id=ids,
        igp_metric=st.sampled_from([None, 0, 0, 10, 20]),
    )
    addresses = st.permutations([f"10.0.0.{n}" for n in range(6)])
    return st.builds(_of_peers, st.lists(candidates, min_size=1, max_size=6), addresses)


OF_THE_PEER = "the peer's own address"


def _of_peers(candidates: list[Candidate], addresses: list[str]) -> list[Candidate]:
    return [
        varied(
            candidate,
            # outside of this AS no path is empty: a neighbour puts its own AS into it
            path=str(candidate.peer_as)
            if candidate.learned is Learned.EBGP and not candidate.route.as_path.segments
            else None,
            peer=address,
            next_hop=address
            if candidate.route.next_hop == OF_THE_PEER
            else candidate.route.next_hop,
        )
        for candidate, address in zip(candidates, addresses, strict=False)
    ]
