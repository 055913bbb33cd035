"""What is true of every decision, whatever the candidates are."""

from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.bgp.decision import Decision, Profile, Reason, compare, decide
from nornir_bgp.bgp.route import Candidate, Learned
from nornir_bgp.models.routing import DecisionOptions
from tests.bgp.candidates import CONFED_PATHS, OTHER_PATHS, PATHS, any_options, tables, varied

ALL_PATHS = (*PATHS, *OTHER_PATHS, *CONFED_PATHS)
ALL_KINDS = (Learned.EBGP, Learned.CONFED, Learned.IBGP)
EVERYTHING = tables(ALL_PATHS, ALL_KINDS, aigp=True)


def chosen(candidates: list[Candidate], decision: Decision) -> tuple[object, set[Candidate]]:
    """What a decision says, by candidates and not by places."""
    best = None if decision.best is None else candidates[decision.best]
    return best, {candidates[place] for place in decision.multipath}


@given(tables(ALL_PATHS, ALL_KINDS), any_options(), st.randoms())
def test_the_rfc_does_not_look_at_the_order(
    table: list[Candidate], options: DecisionOptions, random: Random
) -> None:
    shuffled = random.sample(table, len(table))
    ours = decide(table, options, profile=Profile.RFC4271)
    again = decide(shuffled, options, profile=Profile.RFC4271)
    assert chosen(shuffled, again) == chosen(table, ours)
    assert again.reason == ours.reason


ORDERLY = st.sampled_from(("deterministic_med", "always_compare_med")).flatmap(
    lambda name: any_options(**{"compare_router_id": True, name: True})
)


@given(tables(), ORDERLY, st.randoms())
def test_neither_does_frr_once_meds_and_age_are_out_of_the_way(
    table: list[Candidate], options: DecisionOptions, random: Random
) -> None:
    """Outside a confederation, that is: there a pair may be comparable by its members alone."""
    shuffled = random.sample(table, len(table))
    ours, again = decide(table, options), decide(shuffled, options)
    assert chosen(shuffled, again) == chosen(table, ours)


@given(
    tables(paths=(*PATHS, ""), weights=False),
    any_options(
        deterministic_med=True,
        compare_router_id=True,
        always_compare_med=False,
        med_missing_as_worst=False,
        as_path_ignore=False,
        equal_cluster_length=False,
    ),
)
def test_frr_selects_what_the_rfc_does_where_it_adds_nothing(
    table: list[Candidate], options: DecisionOptions
) -> None:
    """One compares pairs of each neighbouring AS, the other strikes out of a set."""
    ours = decide(table, options)
    assert ours.best == decide(table, options, profile=Profile.RFC4271).best


@given(EVERYTHING, any_options(), st.data())
def test_a_decision_is_sound(
    table: list[Candidate], options: DecisionOptions, data: st.DataObject
) -> None:
    selected = data.draw(st.none() | st.integers(0, len(table) - 1))
    best, multipath, reason = decide(table, options, selected=selected)
    alive = [place for place, item in enumerate(table) if item.igp_metric is not None]
    if not alive:
        assert (best, multipath, reason) == (None, (), None)
        return
    assert best in alive
    assert (reason is Reason.FIRST) == (len(alive) == 1)
    assert set(multipath) <= set(alive) - {best}
    assert multipath == tuple(sorted(multipath))
    internal = table[best].learned is Learned.IBGP
    assert len(multipath) < (options.maximum_paths_ibgp if internal else options.maximum_paths)
    hops = [table[place].route.next_hop for place in (best, *multipath)]
    assert len(set(hops)) == len(hops)
    late = {Reason.OLDER, Reason.ROUTER_ID, Reason.CLUSTER_LENGTH, Reason.NEIGHBOR_ADDRESS}
    kept = None if selected is None else table[selected]
    for place in multipath:
        assert compare(table[place], table[best], options, selected=kept)[1] in late


@given(EVERYTHING, any_options(always_compare_med=True, compare_router_id=True))
def test_nothing_beats_the_best_where_all_is_comparable(
    table: list[Candidate], options: DecisionOptions
) -> None:
    without_aigp = [varied(candidate, aigp=None) for candidate in table]
    best = decide(without_aigp, options).best
    for place, candidate in enumerate(without_aigp):
        if best is not None and place != best and candidate.igp_metric is not None:
            assert compare(without_aigp[best], candidate, options)[0]
            assert not compare(candidate, without_aigp[best], options)[0]


@given(EVERYTHING, any_options(), st.sampled_from(Profile), st.integers(0, 1))
def test_a_comparison_has_one_winner_and_one_reason(
    table: list[Candidate], options: DecisionOptions, profile: Profile, selected: int
) -> None:
    one, other = table[0], varied(table[-1], peer="10.0.2.1")
    kept = (one, other)[selected]
    wins, reason = compare(one, other, options, selected=kept, profile=profile)
    loses, again = compare(other, one, options, selected=kept, profile=profile)
    assert wins is not loses
    assert reason is again


@given(EVERYTHING, any_options(), st.sampled_from(Profile), st.data())
def test_one_that_does_not_take_part_changes_nothing(
    table: list[Candidate], options: DecisionOptions, profile: Profile, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(table)))
    gone = varied(local_pref=900, weight=9, peer="10.0.3.1", igp_metric=None)
    longer = [*table[:place], gone, *table[place:]]
    ours = decide(table, options, profile=profile)
    again = decide(longer, options, profile=profile)
    assert chosen(longer, again) == chosen(table, ours)
    assert again.reason == ours.reason


@given(EVERYTHING, any_options())
def test_med_confed_changes_nothing(table: list[Candidate], options: DecisionOptions) -> None:
    other = replace(options, med_confed=not options.med_confed)
    assert decide(table, options) == decide(table, other)
