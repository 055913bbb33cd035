"""Networks that are known for what they do: they settle, settle in one of two ways, or never."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nornir_bgp.bgp.domain import Domain, Event
from nornir_bgp.bgp.propagation import Outcome, outcomes, propagate
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.routing import DecisionOptions
from tests.bgp.gadgets import BAD, DISAGREE, GOOD, WEDGIE, Paths
from tests.bgp.networks import PREFIX, announced, mesh, paths_problem


def selected(outcome: Outcome) -> dict[int, tuple[int, ...]]:
    """What each node of a stable paths problem has selected: node -> path; () for none."""
    found = {}
    for name in outcome.domain.routers:
        node = int(name[1:])
        best = outcome.rib(name).best(PREFIX)
        if best is None:
            found[node] = ()
        else:
            numbers = [int(word) % 100 for word in best.as_path.split()]
            found[node] = (node, *numbers)
    return found


def stable_assignments(permitted: Paths) -> list[dict[int, tuple[int, ...]]]:
    """Every solution of a stable paths problem, by trying all assignments of paths to nodes.

    An assignment is stable if each node has the first of its permitted paths whose rest is the
    path of the node after it.
    """
    found = []
    for choice in product(*([*paths, ()] for paths in permitted.values())):
        paths = {0: (0,), **dict(zip(permitted, choice, strict=True))}
        if all(
            paths[node] == next((path for path in ranked if paths[path[1]] == path[1:]), ())
            for node, ranked in permitted.items()
        ):
            found.append(paths)
    return found


def test_good_gadget_has_one_outcome() -> None:
    outcome = propagate(paths_problem(GOOD), [])
    assert outcome.converged
    assert selected(outcome) == {
        0: (0,),
        1: (1, 3, 0),
        2: (2, 0),
        3: (3, 0),
        4: (4, 3, 0),
    }
    assert [selected(outcome)] == stable_assignments(GOOD)
    assert list(map(selected, outcomes(paths_problem(GOOD), []))) == [selected(outcome)]


def test_bad_gadget_never_settles() -> None:
    assert stable_assignments(BAD) == []
    outcome = propagate(paths_problem(BAD), [])
    assert not outcome.converged
    (cycle,) = outcome.cycles
    assert cycle.prefixes == (PREFIX,)
    assert set(cycle.routers) == {"N1", "N2", "N3"}
    # Each of them goes to and fro between its direct path and the one by its neighbour.
    for node, other in ((1, 2), (2, 3), (3, 1)):
        states = [state for state in cycle.states if state.startswith(f"N{node}: ")]
        assert {state.split(" by ")[0] for state in states} == {
            f"N{node}: 100",
            f"N{node}: {other} 100",
        }
    assert outcomes(paths_problem(BAD), []) == ()


def test_disagree_settles_in_one_of_two_ways() -> None:
    outcome = propagate(paths_problem(DISAGREE), [])
    assert outcome.converged
    both = list(map(selected, outcomes(paths_problem(DISAGREE), [])))
    assert both == [
        {0: (0,), 1: (1, 2, 0), 2: (2, 0)},
        {0: (0,), 1: (1, 0), 2: (2, 1, 0)},
    ] or both[::-1] == [
        {0: (0,), 1: (1, 2, 0), 2: (2, 0)},
        {0: (0,), 1: (1, 0), 2: (2, 1, 0)},
    ]
    assert selected(outcome) in both


def test_wedgie_does_not_come_back() -> None:
    network = paths_problem(WEDGIE)
    intended = {0: (0,), 2: (2, 3, 4, 0), 3: (3, 4, 0), 4: (4, 0)}
    wedged = {0: (0,), 2: (2, 0), 3: (3, 2, 0), 4: (4, 0)}
    states = list(map(selected, outcomes(network, [])))
    assert len(states) == 2
    assert intended in states
    assert wedged in states
    assert all(state in stable_assignments(WEDGIE) for state in states)

    primary = Event(frozenset({network.resource("N0:N4")}))
    backup = Event(frozenset({network.resource("N0:N2")}))
    # The operator's way to the intended state: the backup comes up last.
    start = propagate(network, [], [backup, backup._replace(fails=False)])
    assert selected(start) == intended
    failed = propagate(network, [], [backup, backup._replace(fails=False), primary])
    assert selected(failed) == {0: (0,), 2: (2, 0), 3: (3, 2, 0), 4: (4, 3, 2, 0)}
    back = [backup, backup._replace(fails=False), primary, primary._replace(fails=False)]
    assert selected(propagate(network, [], back)) == wedged
    # Only taking the backup down, too, brings the intended state again.
    mended = [*back, backup, backup._replace(fails=False)]
    assert selected(propagate(network, [], mended)) == intended


def oscillating() -> Domain:
    """RFC 3345, section 2.1: two clusters (R1: R2, R3; R4: R5), and MEDs of AS 6.

    R1 prefers R2 to R3 to R5 by its costs, R4 prefers R3 to R5, and R5's MED beats R2's.
    """
    link = frozenset
    return mesh(
        5,
        options=DecisionOptions(deterministic_med=True, compare_router_id=True),
        clients={"R1": ["R2", "R3"], "R4": ["R5"]},
        costs={
            link({"R1", "R2"}): 4,
            link({"R1", "R3"}): 5,
            link({"R1", "R4"}): 1,
            link({"R4", "R5"}): 12,
        },
        peers={
            "R2": [("172.16.2.1", 6)],
            "R3": [("172.16.3.1", 10)],
            "R5": [("172.16.5.1", 6)],
        },
    )


MED_ROUTES = [
    announced("R2", "172.16.2.1", "6 100", med=1),
    announced("R3", "172.16.3.1", "10 100", med=10),
    announced("R5", "172.16.5.1", "6 100", med=0),
]


def test_med_oscillation_is_found_and_named() -> None:
    outcome = propagate(oscillating(), MED_ROUTES)
    (cycle,) = outcome.cycles
    # The clients have their own external routes, and stay.
    assert set(cycle.routers) == {"R1", "R4"}
    assert outcomes(oscillating(), MED_ROUTES) == ()


def test_med_oscillation_ends_where_meds_are_compared_between_all() -> None:
    options = DecisionOptions(always_compare_med=True, compare_router_id=True)
    still = oscillating()
    routers = {
        name: type(router)(
            **{
                **{field: getattr(router, field) for field in router.__dataclass_fields__},
                "options": options,
            }
        )
        for name, router in still.routers.items()
    }
    outcome = propagate(Domain(routers, still.peers), MED_ROUTES)
    assert outcome.converged
    assert {outcome.rib(name).best(PREFIX).metric for name in routers} == {0}


def test_states_beyond_the_limit_are_refused() -> None:
    with pytest.raises(InputError, match=r"203\.0\.113\.0/24: more than 3 states"):
        outcomes(paths_problem(DISAGREE), [], limit=3)


@st.composite
def problems(draw: st.DrawFn) -> Paths:
    """Small stable paths problems: up to four nodes, some of the simple paths of each permitted."""
    size = draw(st.integers(1, 4))
    nodes = range(1, size + 1)
    links = {(0, node) for node in nodes if draw(st.booleans())}
    links |= {
        (one, other) for one in nodes for other in nodes if one < other and draw(st.booleans())
    }
    both = links | {(other, one) for one, other in links}

    def simple(node: int, visited: tuple[int, ...]) -> list[tuple[int, ...]]:
        if node == 0:
            return [(*visited, 0)]
        onward = [other for one, other in both if one == node and other not in visited]
        return [path for other in sorted(onward) for path in simple(other, (*visited, node))]

    permitted = {}
    for node in nodes:
        paths = simple(node, ())
        if paths:
            chosen = draw(st.lists(st.sampled_from(paths), unique=True, min_size=1, max_size=4))
            permitted[node] = chosen
    reached = {0, *permitted}
    return {
        node: [path for path in paths if set(path) <= reached] for node, paths in permitted.items()
    }


@given(problem=problems())
@settings(max_examples=150, deadline=None)
def test_outcomes_are_what_trying_all_assignments_finds(problem: Paths) -> None:
    expected = [
        {node: () if path == () else path for node, path in paths.items()}
        for paths in stable_assignments(problem)
    ]
    found = list(map(selected, outcomes(paths_problem(problem), [], limit=50_000)))
    assert sorted(found, key=str) == sorted(expected, key=str)


@given(problem=problems())
@settings(max_examples=150, deadline=None)
def test_what_propagate_finds_is_stable_or_a_true_cycle(problem: Paths) -> None:
    outcome = propagate(paths_problem(problem), [])
    expected = stable_assignments(problem)
    if outcome.converged:
        assert selected(outcome) in expected
    else:
        assert outcome.cycles[0].routers
    if not expected:
        assert not outcome.converged
