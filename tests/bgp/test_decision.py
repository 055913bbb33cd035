"""Each rule of the decision process alone, and what the options do to it."""

from dataclasses import replace
from itertools import permutations

import pytest

from nornir_bgp.bgp.decision import Decision, Profile, Reason, compare, decide
from nornir_bgp.bgp.route import Candidate, Learned, Origin
from nornir_bgp.models.routing import DecisionOptions
from tests.bgp.candidates import BASE, OPTIONS, varied

COMPARE_ID = DecisionOptions(compare_router_id=True)
AIGP = DecisionOptions(aigp=True)
BOTH = (Profile.FRR, Profile.RFC4271)
FRR = (Profile.FRR,)
EBGP = varied(learned=Learned.EBGP, igp_metric=0)
CONFED = varied(learned=Learned.CONFED)
OWN = Candidate(BASE.route, Learned.LOCAL)

RULES = [
    # What is better, what is worse, with which options, why, and whose rule it is.
    (varied(weight=7, local_pref=50), varied(weight=6), OPTIONS, Reason.WEIGHT, FRR),
    (varied(local_pref=101, path="1 2 3"), BASE, OPTIONS, Reason.LOCAL_PREF, BOTH),
    (BASE, varied(local_pref=99), OPTIONS, Reason.LOCAL_PREF, BOTH),
    (
        BASE,
        varied(local_pref=119),
        replace(OPTIONS, default_local_pref=120),
        Reason.LOCAL_PREF,
        BOTH,
    ),
    (varied(OWN, path="1 2 3"), BASE, OPTIONS, Reason.LOCAL_ROUTE, BOTH),
    (varied(path="65004", origin=Origin.EGP), BASE, OPTIONS, Reason.AS_PATH, BOTH),
    (varied(path="1 {2,3,4}"), varied(path="1 2 3"), OPTIONS, Reason.AS_PATH, BOTH),
    (varied(path="(1 2 3) 4"), BASE, OPTIONS, Reason.AS_PATH, BOTH),
    (
        BASE,
        varied(path="(1 2) 4"),
        replace(OPTIONS, as_path_confed=True),
        Reason.CONFED_AS_PATH,
        FRR,
    ),
    (
        varied(path="1 2 3"),
        varied(path="1", origin=Origin.EGP),
        replace(OPTIONS, as_path_ignore=True),
        Reason.ORIGIN,
        FRR,
    ),
    (
        varied(path="(1 2) 3"),
        varied(path="1", origin=Origin.EGP),
        replace(OPTIONS, as_path_ignore=True, as_path_confed=True),
        Reason.ORIGIN,
        FRR,
    ),
    (BASE, varied(origin=Origin.EGP, med=0), OPTIONS, Reason.ORIGIN, BOTH),
    (varied(origin=Origin.EGP), varied(origin=Origin.INCOMPLETE), OPTIONS, Reason.ORIGIN, BOTH),
    (varied(med=4, igp_metric=90), varied(med=5), OPTIONS, Reason.MED, BOTH),
    (BASE, varied(med=5), OPTIONS, Reason.MED, BOTH),
    (varied(med=5), BASE, replace(OPTIONS, med_missing_as_worst=True), Reason.MED, FRR),
    (
        varied(med=4),
        varied(med=5, path="65005 1"),
        replace(OPTIONS, always_compare_med=True),
        Reason.MED,
        FRR,
    ),
    (varied(path="", med=4), varied(path="", med=5), OPTIONS, Reason.MED, BOTH),
    (varied(path="(1)", med=4), varied(path="(2)", med=5), OPTIONS, Reason.MED, BOTH),
    (
        varied(EBGP, med=4, peer_as=65004),
        varied(EBGP, med=5, peer_as=65004, path="{1,2} 3"),
        OPTIONS,
        Reason.MED,
        (Profile.RFC4271,),
    ),
    (EBGP, BASE, OPTIONS, Reason.PEER_TYPE, BOTH),
    (varied(EBGP, igp_metric=90), CONFED, OPTIONS, Reason.PEER_TYPE, BOTH),
    (varied(CONFED, igp_metric=90), BASE, OPTIONS, Reason.CONFED_PEER_TYPE, FRR),
    (CONFED, varied(igp_metric=90), OPTIONS, Reason.IGP_METRIC, (Profile.RFC4271,)),
    (BASE, varied(igp_metric=11), OPTIONS, Reason.IGP_METRIC, BOTH),
    (
        varied(peer_id="9.9.9.9"),
        varied(cluster_list=("1.1.1.1",), peer_id="1.1.1.1"),
        replace(OPTIONS, equal_cluster_length=True),
        Reason.IGP_METRIC,
        FRR,
    ),
    (varied(peer_id="9.10.0.0"), varied(peer_id="10.9.0.0"), OPTIONS, Reason.ROUTER_ID, BOTH),
    (
        varied(originator_id="1.1.1.1", cluster_list=("1.1.1.1",), peer_id="99.0.0.0"),
        BASE,
        OPTIONS,
        Reason.ROUTER_ID,
        BOTH,
    ),
    (
        varied(peer="172.16.0.9"),
        varied(cluster_list=("1.1.1.1",)),
        OPTIONS,
        Reason.CLUSTER_LENGTH,
        BOTH,
    ),
    (
        varied(CONFED, peer="172.16.0.9"),
        varied(CONFED, cluster_list=("1.1.1.1",)),
        replace(OPTIONS, equal_cluster_length=True),
        Reason.CLUSTER_LENGTH,
        FRR,
    ),
    (varied(peer="9.0.0.1"), varied(peer="10.0.0.1"), OPTIONS, Reason.NEIGHBOR_ADDRESS, BOTH),
    (varied(peer="172.16.0.3"), varied(peer="::1"), OPTIONS, Reason.NEIGHBOR_ADDRESS, BOTH),
    (varied(aigp=5), varied(aigp=6, path="65004"), AIGP, Reason.AIGP, BOTH),
    (varied(aigp=6, path="65004"), varied(aigp=5), OPTIONS, Reason.AS_PATH, FRR),
    (varied(aigp=9, igp_metric=1), varied(aigp=5, igp_metric=6), AIGP, Reason.AIGP, BOTH),
    (varied(path="65004"), varied(aigp=5), AIGP, Reason.AS_PATH, FRR),
    (varied(aigp=5), varied(path="65004"), OPTIONS, Reason.AIGP, (Profile.RFC4271,)),
    (varied(local_pref=101, aigp=9), varied(aigp=5), AIGP, Reason.LOCAL_PREF, BOTH),
]


@pytest.mark.parametrize(("better", "worse", "options", "reason", "profiles"), RULES)
def test_a_rule_decides(
    better: Candidate,
    worse: Candidate,
    options: DecisionOptions,
    reason: Reason,
    profiles: tuple[Profile, ...],
) -> None:
    for profile in profiles:
        assert compare(better, worse, options, profile=profile) == (True, reason)
        assert compare(worse, better, options, profile=profile) == (False, reason)
        for place, order in enumerate(((better, worse), (worse, better))):
            decision = decide(order, options, profile=profile)
            assert (decision.best, decision.reason) == (place, reason)


def test_every_rule_has_a_case() -> None:
    """But those that need a place in the table, which have tests of their own."""
    special = {Reason.FIRST, Reason.OLDER, Reason.DEFAULT, Reason.STALENESS}
    decided = {reason for *_, reason, _ in RULES}
    assert set(Reason) - decided == special | {Reason.LOCALLY_CONFIGURED}


@pytest.mark.parametrize("profile", Profile)
def test_what_has_no_way_to_its_next_hop_does_not_take_part(profile: Profile) -> None:
    gone = varied(local_pref=300, igp_metric=None)
    assert decide((), OPTIONS, profile=profile) == Decision(None, (), None)
    assert decide((gone, gone), OPTIONS, profile=profile) == Decision(None, (), None)
    assert decide((gone, BASE), OPTIONS, profile=profile) == Decision(1, (), Reason.FIRST)


def test_the_selected_ebgp_route_stays() -> None:
    first, second = varied(EBGP, peer_id="1.1.1.1"), varied(EBGP, peer_id="2.2.2.2", next_hop="::2")
    for selected, candidates in ((1, (first, second)), (0, (second, first))):
        decision = decide(candidates, OPTIONS, selected=selected)
        assert decision == Decision(selected, (1 - selected,), Reason.OLDER)
        assert decide(candidates, COMPARE_ID, selected=selected).best == 1 - selected
        assert decide(candidates, OPTIONS).best == 1 - selected
    assert compare(second, first, OPTIONS, selected=second) == (True, Reason.OLDER)
    assert compare(first, second, OPTIONS, selected=second) == (False, Reason.OLDER)
    internal = varied(peer_id="1.1.1.1"), BASE
    assert decide(internal, OPTIONS, selected=1).best == 0


def test_of_equals_the_first_own_route_or_the_last_other_one_is_selected() -> None:
    assert decide((OWN, OWN), OPTIONS) == Decision(0, (), Reason.LOCALLY_CONFIGURED)
    aggregate = varied(OWN, next_hop="::")
    assert decide((OWN, aggregate), OPTIONS) == Decision(0, (), Reason.LOCALLY_CONFIGURED)
    assert decide((BASE, BASE), OPTIONS) == Decision(1, (), Reason.DEFAULT)


def test_a_stale_route_loses_without_a_word() -> None:
    stale = varied(local_pref=300, communities=frozenset({"llgr-stale"}))
    for place, order in enumerate(((BASE, stale), (stale, BASE))):
        assert decide(order, OPTIONS) == Decision(place, (), Reason.FIRST)
    assert decide((stale, varied(stale, local_pref=400)), OPTIONS).best == 0
    worse = varied(local_pref=50)
    assert decide((worse, BASE, stale), OPTIONS) == Decision(1, (), Reason.LOCAL_PREF)
    assert decide((BASE, stale), OPTIONS, profile=Profile.RFC4271).best == 1


A = varied(med=20, igp_metric=10, peer="10.0.0.1")
B = varied(path="65005 65010", igp_metric=20, peer="10.0.0.2")
C = varied(med=10, igp_metric=30, peer="10.0.0.3")


def test_meds_make_an_evil_ordering() -> None:
    """A is preferred to B, B to C, and C to A (RFC 3345 tells what comes of it)."""
    assert compare(A, B, OPTIONS) == (True, Reason.IGP_METRIC)
    assert compare(B, C, OPTIONS) == (True, Reason.IGP_METRIC)
    assert compare(C, A, OPTIONS) == (True, Reason.MED)

    def answers(options: DecisionOptions, profile: Profile = Profile.FRR) -> set[Candidate]:
        return {
            order[place]
            for order in permutations((A, B, C))
            if (place := decide(order, options, profile=profile).best) is not None
        }

    assert answers(OPTIONS) == {A, B, C}
    assert answers(replace(OPTIONS, deterministic_med=True)) == {B}
    assert answers(replace(OPTIONS, always_compare_med=True)) == {B}
    assert answers(OPTIONS, Profile.RFC4271) == {B}


def test_the_reason_is_that_of_the_last_comparison() -> None:
    """So FRR says, even where it was a look for multipath after the choice."""
    close, far, other = BASE, varied(igp_metric=90, next_hop="10.9.0.2"), varied(local_pref=50)
    assert decide((far, close, other), OPTIONS).reason is Reason.IGP_METRIC
    one = replace(OPTIONS, maximum_paths=1, maximum_paths_ibgp=1)
    assert decide((far, close, other), one).reason is Reason.LOCAL_PREF


def sharing(*next_hops: str) -> tuple[Candidate, ...]:
    """Routes that may share the load, the best of them the first."""
    return tuple(
        varied(next_hop=hop, peer=f"172.16.0.{n}", peer_id=f"192.168.3.{n}")
        for n, hop in enumerate(next_hops, start=1)
    )


def test_equal_routes_share_the_load() -> None:
    routes = sharing("10.9.0.4", "10.9.0.3", "10.9.0.2", "10.9.0.2", "10.9.0.4")
    assert decide(routes, OPTIONS)[:2] == (0, (1, 2))
    assert decide(routes, replace(OPTIONS, maximum_paths_ibgp=2))[:2] == (0, (2,))
    assert decide(routes, replace(OPTIONS, maximum_paths_ibgp=1))[:2] == (0, ())
    assert decide(routes, replace(OPTIONS, maximum_paths=1))[:2] == (0, (1, 2))
    assert decide(routes, OPTIONS, profile=Profile.RFC4271)[:2] == (0, ())


def test_who_may_share_the_load_with_whom() -> None:
    relaxed = replace(OPTIONS, multipath_relax=True)
    first, second = sharing("10.9.0.1", "10.9.0.2")
    other_path = varied(second, path="65004 65011")
    assert decide((first, other_path), OPTIONS).multipath == ()
    assert decide((first, other_path), relaxed).multipath == (1,)
    for kind in (Learned.EBGP, Learned.CONFED):
        external = varied(first, learned=kind), varied(other_path, learned=kind)
        assert decide(external, OPTIONS).multipath == (1,)  # from the same neighbouring AS
        other_as = external[0], varied(external[1], peer_as=65021)
        assert decide(other_as, OPTIONS).multipath == ()
        assert decide(other_as, relaxed).multipath == (1,)
    reflected = varied(second, cluster_list=("1.1.1.1",))
    assert decide((first, reflected), OPTIONS).multipath == (1,)
    assert decide((first, reflected), replace(OPTIONS, equal_cluster_length=True)).multipath == ()
