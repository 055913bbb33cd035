"""Networks that are known for what they do, on FRR and in the model."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from itertools import permutations

import pytest
from pydantic import JsonValue

from nornir_bgp.bgp.propagation import outcomes
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.models.rib import Path
from tests.bgp.differential.by_hand import (
    PREFIX,
    lan_router,
    lan_sample,
    loopback,
    neighbour,
    on_lan,
    ospf_sample,
    paths_problem,
    session,
)
from tests.bgp.differential.examine import Examined, examine
from tests.bgp.differential.predict import announcements_of, configs_of, domain_of
from tests.bgp.differential.sample import Sample, Sent
from tests.bgp.gadgets import BAD, DISAGREE, GOOD, WEDGIE

pytestmark = pytest.mark.lab


def evil(**bestpath: bool) -> Sample:
    """One router, three neighbours, two of one AS; each prefix comes in another order."""
    neighbours = [neighbour(1, 1, 65101), neighbour(2, 1, 65102), neighbour(3, 1, 65101)]
    meds = (20, 15, 10)
    orders = list(permutations(range(3)))
    return lan_sample(
        [lan_router(1, external=neighbours, bestpath={"compare_router_id": True, **bestpath})],
        neighbours,
        *(
            [
                Sent(
                    neighbours[order[k]].address,
                    f"20.0.{n}.0/24",
                    f"{neighbours[order[k]].as_number} 64900",
                    med=meds[order[k]],
                )
                for n, order in enumerate(orders)
            ]
            for k in range(3)
        ),
    )


def trap(*, next_hop_self: bool) -> Sample:
    """A gateway, an edge router, and an upstream's link that the network inside does not know."""
    upstream = neighbour(1, 1, 65101)
    return lan_sample(
        [
            lan_router(
                1, session(on_lan(2), 65000, next_hop_self=next_hop_self), external=[upstream]
            ),
            lan_router(2, session(on_lan(1), 65000)),
        ],
        [upstream],
        [Sent(upstream.address, PREFIX, "65101")],
    )


def reflectors(med: int | None = 5, **second: JsonValue) -> Sample:
    """Two reflectors with the same two clients, one of which has an upstream."""
    upstream = neighbour(1, 3, 65101)
    client = {"route_reflector_client": True}
    clients = [session(on_lan(n), 65000, **client) for n in (3, 4)]
    both = [session(on_lan(n), 65000, next_hop_self=True) for n in (1, 2)]
    return lan_sample(
        [
            lan_router(1, session(on_lan(2), 65000, **client), *clients, cluster_id="9.9.9.9"),
            lan_router(2, session(on_lan(1), 65000, **client), *clients, external=(), **second),
            lan_router(3, *both, external=[upstream]),
            lan_router(4, *both),
        ],
        [upstream],
        [Sent(upstream.address, PREFIX, "65101", med=med)],
    )


def unsaid() -> Sample:
    """A route comes without MED, and then with the MED 0."""
    upstream = neighbour(1, 1, 65101)
    route = Sent(upstream.address, PREFIX, "65101")
    return lan_sample(
        [
            lan_router(1, session(on_lan(2), 65000, next_hop_self=True), external=[upstream]),
            lan_router(2, session(on_lan(1), 65000)),
        ],
        [upstream],
        [route],
        [replace(route, med=0)],
    )


def covered(origin: str) -> Sample:
    """A router announces a network, and an aggregate of the same prefix."""
    upstream = neighbour(1, 1, 65101)
    half = PREFIX.replace("/24", "/25")
    return lan_sample(
        [lan_router(1, external=[upstream], networks=[PREFIX], aggregates=[{"prefix": PREFIX}])],
        [upstream],
        [Sent(upstream.address, half, "65101", origin)],
    )


def oscillation(**bestpath: bool) -> Sample:
    """RFC 3345, section 2.1: two clusters (R1: R2, R3; R4: R5), and MEDs of AS 65106.

    R1 prefers R2 to R3 to R5 by its costs, R4 prefers R3 to R5, and R5's MED beats R2's.
    """

    def internal(number: int, **options: JsonValue) -> dict[str, JsonValue]:
        return session(loopback(number), 65000, update_source="lo", next_hop_self=True, **options)

    client: dict[str, JsonValue] = {"route_reflector_client": True}
    upstreams = [neighbour(2, 2, 65106), neighbour(3, 3, 65110), neighbour(5, 5, 65106)]
    return ospf_sample(
        {(1, 2): 4, (1, 3): 5, (1, 4): 1, (4, 5): 12},
        {
            1: [internal(2, **client), internal(3, **client), internal(4)],
            2: [internal(1)],
            3: [internal(1)],
            4: [internal(1), internal(5, **client)],
            5: [internal(4)],
        },
        upstreams,
        *(
            [Sent(upstream.address, PREFIX, f"{upstream.as_number} 65100", med=med)]
            for upstream, med in zip(upstreams, (1, 10, 0), strict=True)
        ),
        deterministic_med=True,
        compare_router_id=True,
        **bestpath,
    )


SAMPLES = {
    "good": paths_problem(GOOD, 1, 2, 3),
    "bad": paths_problem(BAD, 1, 2, 3),
    "disagree, 1 first": paths_problem(DISAGREE, 1, 2),
    "disagree, 2 first": paths_problem(DISAGREE, 2, 1),
    "wedgie": paths_problem(WEDGIE, 4, 2, events=[(4, True), (4, False), (2, True), (2, False)]),
    "evil": evil(),
    "evil, deterministic": evil(deterministic_med=True),
    "trap": trap(next_hop_self=False),
    "no trap": trap(next_hop_self=True),
    "two clusters": reflectors(),
    "one cluster": reflectors(cluster_id="9.9.9.9"),
    "no MED": reflectors(med=None),
    "MED unsaid": unsaid(),
    "covered, alike": covered("i"),
    "covered, unlike": covered("?"),
    "MED oscillation": oscillation(),
    "MED oscillation, compared": oscillation(always_compare_med=True),
}


@pytest.fixture(scope="module")
def examined() -> dict[str, Examined]:
    """All scenarios, three at a time."""
    with ProcessPoolExecutor(3) as pool:
        return dict(zip(SAMPLES, pool.map(examine, SAMPLES.values()), strict=True))


@pytest.mark.parametrize("name", SAMPLES)
def test_frr_does_what_the_model_says(examined: dict[str, Examined], name: str) -> None:
    mismatches = examined[name].compared.mismatches
    assert not mismatches, "\n".join(map(str, mismatches))


def paths(one: Examined, step: int, router: str, prefix: str = PREFIX) -> tuple[Path, ...]:
    """What FRR had of a prefix after a step."""
    return parse_json(one.case.seen.tables[step][router]).routes.get(prefix, ())


def selected(one: Examined, step: int) -> dict[int, tuple[int, ...]]:
    """What each node of a paths problem has selected on FRR: node -> path; () for none."""
    found = {}
    for name in one.case.seen.tables[step]:
        node = int(name[1:])
        best = [path for path in paths(one, step, name) if path.best]
        found[node] = (node, *(int(n) - 65000 for n in best[0].as_path.split())) if best else ()
    return found


def test_good_gadget(examined: dict[str, Examined]) -> None:
    assert selected(examined["good"], -1) == {1: (1, 3, 0), 2: (2, 0), 3: (3, 0), 4: (4, 3, 0)}


def test_bad_gadget_changes_for_ever(examined: dict[str, Examined]) -> None:
    assert examined["bad"].case.seen.changing == ((), (), (PREFIX,))
    assert examined["bad"].compared.cycles == 1


def test_med_oscillation(examined: dict[str, Examined]) -> None:
    assert examined["MED oscillation"].case.seen.changing == ((), (), (PREFIX,))
    assert examined["MED oscillation"].compared.cycles == 1
    assert examined["MED oscillation, compared"].compared.cycles == 0


def test_disagree_ends_as_it_began(examined: dict[str, Examined]) -> None:
    ends = [selected(examined[f"disagree, {first} first"], -1) for first in (1, 2)]
    assert ends == [{1: (1, 0), 2: (2, 1, 0)}, {1: (1, 2, 0), 2: (2, 0)}]
    sample = SAMPLES["disagree, 1 first"]
    domain = domain_of(sample, configs_of(sample))
    states = outcomes(domain, announcements_of(sample, 2))
    bests = [{n: state.rib(f"N{n}").best(PREFIX) for n in (1, 2)} for state in states]
    lengths = sorted(tuple(len(b.as_path.split()) for b in best.values() if b) for best in bests)
    assert lengths == [(1, 2), (2, 1)]


def test_the_wedgie_does_not_come_back_by_itself(examined: dict[str, Examined]) -> None:
    intended = {2: (2, 3, 4, 0), 3: (3, 4, 0), 4: (4, 0)}
    failed = {2: (2, 0), 3: (3, 2, 0), 4: (4, 3, 2, 0)}
    wedged = {2: (2, 0), 3: (3, 2, 0), 4: (4, 0)}
    after = [selected(examined["wedgie"], step) for step in range(1, 6)]
    assert after == [intended, failed, wedged, intended, intended]


def test_evil_ordering_of_meds(examined: dict[str, Examined]) -> None:
    def bests(name: str) -> set[int | None]:
        table = parse_json(examined[name].case.seen.tables[-1]["R1"])
        return {best.metric for prefix in table.routes if (best := table.best(prefix))}

    assert bests("evil") == {10, 15, 20}
    assert bests("evil, deterministic") == {15}


def test_the_next_hop_trap(examined: dict[str, Examined]) -> None:
    (outside,) = paths(examined["trap"], -1, "R2")
    assert not outside.valid
    assert not outside.best
    assert outside.next_hop == "10.1.1.1"
    (own,) = paths(examined["no trap"], -1, "R2")
    assert own.valid
    assert own.next_hop == on_lan(1)


def test_a_cluster_takes_no_route_of_its_own(examined: dict[str, Examined]) -> None:
    """Reflectors of two clusters hear each other's reflected route, those of one do not."""
    for name, heard in (("two clusters", {on_lan(2), on_lan(3)}), ("one cluster", {on_lan(3)})):
        assert {path.peer for path in paths(examined[name], -1, "R1")} == heard


def test_no_reflected_route_comes_back_to_its_originator(examined: dict[str, Examined]) -> None:
    for name in ("two clusters", "one cluster"):
        assert [path.peer for path in paths(examined[name], -1, "R3")] == ["10.1.1.1"]
        assert {path.peer for path in paths(examined[name], -1, "R4")} == {on_lan(1), on_lan(2)}


def test_a_reflected_route_without_med_gets_one(examined: dict[str, Examined]) -> None:
    """FRR 8.4 marks ORIGINATOR_ID as present by MED's bit (bgp_route.c)."""
    assert [path.metric for path in paths(examined["no MED"], -1, "R3")] == [None]
    assert [path.metric for path in paths(examined["no MED"], -1, "R4")] == [0, 0]


def test_med_0_after_no_med_is_not_told(examined: dict[str, Examined]) -> None:
    """FRR compares what it sends with what it has sent by a hash that has no flags."""
    assert [path.metric for path in paths(examined["MED unsaid"], -1, "R1")] == [0]
    assert [path.metric for path in paths(examined["MED unsaid"], -1, "R2")] == [None]


def test_an_aggregate_like_the_first_path_is_not_made(examined: dict[str, Examined]) -> None:
    alike, unlike = (paths(examined[f"covered, {how}"], -1, "R1") for how in ("alike", "unlike"))
    assert [path.origin for path in alike] == ["i"]
    assert [path.origin for path in unlike] == ["?", "i"]
