"""The overrides of a gateway: every line of a change does what it may, and the last what it must.

The judge is a small interpreter of configuration lines (:mod:`tests.frr.override_router`); the same
changes go through FRR itself in test_overrides_live.
"""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import RefusedError
from nornir_bgp.frr import overrides_plan
from nornir_bgp.frr.overrides import (
    ListKey,
    OverrideClause,
    Overrides,
    diff_overrides,
    parse_overrides,
)
from nornir_bgp.frr.overrides_change import change_overrides, restoring_lines
from nornir_bgp.frr.overrides_plan import Wanted, planned_overrides
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.frr.versions import rules_for
from nornir_bgp.models.settings import Policy
from tests.frr.override_router import OverrideRouter

POLICY = Policy()
LIST = POLICY.prefix_list
OLD, NEW = rules_for("8.4.4"), rules_for("9.1")

PREFIXES = (
    *(f"10.0.{n}.0/24" for n in range(10)),
    "10.0.0.0/16",
    "10.0.2.0/23",
    "10.0.3.128/25",
    *(f"2001:db8:{n}::/48" for n in range(1, 5)),
    "2001:db8::/32",
)
prefixes = st.sampled_from(PREFIXES)


@st.composite
def wishes(draw: st.DrawFn) -> Wanted:
    """What a gateway is to do: each prefix at most once; with lists that are joined or not."""
    tier = st.sampled_from(["raised", "raised", "backup", "", ""])
    chosen = {p: draw(tier) for p in PREFIXES}
    return Wanted(
        raised=tuple(p for p, t in chosen.items() if t == "raised"),
        backup=tuple(p for p, t in chosen.items() if t == "backup"),
        drained=draw(st.integers(0, 4)) == 0,
        aggregate_over=PREFIXES if draw(st.booleans()) else None,
    )


@pytest.fixture(autouse=True)
def short_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overrides_plan, "LONGEST", 3)


def read(router: OverrideRouter) -> Overrides:
    return parse_overrides(router.config(), POLICY)


def expected(wanted: Wanted, prefix: str) -> int | None:
    if prefix in wanted.raised:
        return POLICY.local_preference
    if prefix in wanted.backup:
        return POLICY.backup_preference
    return POLICY.drain_preference if wanted.drained else None


def weight(preference: int | None) -> int:
    return 100 if preference is None else preference


def states(router: OverrideRouter, lines: tuple[str, ...]) -> Iterator[dict[str, int | None]]:
    """What each prefix gets before the first line and after each one."""
    yield {p: router.preference(p) for p in PREFIXES}
    for line in lines:
        router.send(line)
        yield {p: router.preference(p) for p in PREFIXES}


@given(st.lists(wishes(), min_size=1, max_size=4), st.sampled_from([OLD, NEW]))
def test_every_line_does_what_it_may_and_the_last_what_it_must(successive, rules):
    router = OverrideRouter()
    started = router.config()
    was = Wanted()
    for wanted in successive:
        current = read(router)
        planned = planned_overrides(current, wanted, POLICY, rules)
        change = change_overrides(current, planned, POLICY)
        # Between less than the default and more than that lies the default.
        on_the_way = {None} if was.drained != wanted.drained else set()
        for now in states(router, change.raising):
            for p in PREFIXES:
                before, after = expected(was, p), expected(wanted, p)
                # A backup that stands before what is to raise gets out of its way first.
                anyway = expected(Wanted(drained=was.drained), p) if before == 150 else before
                assert now[p] in {before, after, anyway, *on_the_way}
                assert weight(now[p]) >= weight(anyway)
        assert read(router) == change.between
        if not (was.drained and wanted.drained):
            assert {router.preference(p) for p in wanted.raised} <= {POLICY.local_preference}
        between = {p: router.preference(p) for p in PREFIXES}
        for now in states(router, change.lowering):
            for p in PREFIXES:
                # What a gateway that stays drained lists may be behind the list that drains it.
                drained = {50} if was.drained and wanted.drained else set()
                assert now[p] in {between[p], expected(wanted, p), *drained, *on_the_way}
        assert read(router) == planned
        for p in PREFIXES:
            assert planned.preference(p) == router.preference(p) == expected(wanted, p)
        assert planned.drained(POLICY) is wanted.drained
        again = planned_overrides(planned, wanted, POLICY, rules)
        assert change_overrides(planned, again, POLICY).lines == ()
        for line in change_overrides(planned, current, POLICY).lines:
            router.send(line)
        assert read(router) == current
        for line in change_overrides(current, planned, POLICY).lines:
            router.send(line)
        was = wanted
    nothing = planned_overrides(read(router), Wanted(), POLICY, rules)
    for line in change_overrides(read(router), nothing, POLICY).lines:
        router.send(line)
    assert router.config() == started


@given(wishes(), wishes())
def test_wherever_a_change_is_cut_off_it_is_put_back(first, second):
    router = OverrideRouter()
    for line in change_overrides(
        read(router), before := planned_overrides(read(router), first, POLICY, OLD), POLICY
    ).lines:
        router.send(line)
    change = change_overrides(before, planned_overrides(before, second, POLICY, OLD), POLICY)
    for cut in range(len(change.lines) + 1):
        interrupted = OverrideRouter()
        for line in change_overrides(read(interrupted), before, POLICY).lines:
            interrupted.send(line)
        for line in change.lines[:cut]:
            interrupted.send(line)
        interrupted.leave()
        for line in change_overrides(read(interrupted), before, POLICY).lines:
            interrupted.send(line)
        assert interrupted.config() == router.config()


@given(wishes(), wishes())
def test_all_is_entered_anew(first, second):
    router = OverrideRouter()
    before = planned_overrides(read(router), first, POLICY, OLD)
    current = planned_overrides(before, second, POLICY, OLD)
    for line in change_overrides(read(router), current, POLICY).lines:
        router.send(line)
    for line in restoring_lines(current, before, POLICY):
        router.send(line)
    assert read(router) == before


@given(st.sets(prefixes), st.sets(prefixes))
def test_what_stays_keeps_its_place_and_number(first, second):
    before = planned_overrides(Overrides(), Wanted(tuple(sorted(first))), POLICY, OLD)
    after = planned_overrides(before, Wanted(tuple(sorted(second))), POLICY, OLD)
    staying = {f"permit {p}" for p in first & second}
    assert {(k, e) for k, e in before.entries if e.rule in staying} <= set(after.entries)


def test_a_few_prefixes_look_as_they_always_did():
    wanted = Wanted(("198.51.100.0/24", "192.0.2.0/24"))
    planned = planned_overrides(read(OverrideRouter()), wanted, POLICY, OLD)
    assert change_overrides(read(OverrideRouter()), planned, POLICY).lines == (
        f"ip prefix-list {LIST} seq 5 permit 198.51.100.0/24",
        f"ip prefix-list {LIST} seq 10 permit 192.0.2.0/24",
    )
    assert read(OverrideRouter()).clauses == planned.clauses


def test_a_list_that_is_full_goes_on_under_a_slot():
    wanted = Wanted(PREFIXES[:4])
    planned = planned_overrides(read(OverrideRouter()), wanted, POLICY, OLD)
    change = change_overrides(read(OverrideRouter()), planned, POLICY)
    assert change.lines[:4] == (
        "route-map LOCAL_PREF_MAP permit 12",
        f"match ip address prefix-list {LIST}_12",
        "set local-preference 200",
        "exit",
    )
    assert change.lines[-1] == f"ip prefix-list {LIST}_12 seq 5 permit 10.0.3.0/24"
    one = planned_overrides(planned, Wanted(PREFIXES[:1]), POLICY, OLD)
    assert change_overrides(planned, one, POLICY).lowering[-1] == (
        "no route-map LOCAL_PREF_MAP permit 12"
    )
    everything = planned_overrides(read(OverrideRouter()), wanted, POLICY, NEW)
    assert set(everything.lists) == {ListKey(4, LIST)}


def test_both_families_and_all_tiers():
    wanted = Wanted(("10.0.0.0/24", "2001:db8::/32"), backup=("10.0.1.0/24",), drained=True)
    planned = planned_overrides(read(OverrideRouter()), wanted, POLICY, OLD)
    assert planned.clauses == (
        OverrideClause(10, 4, LIST, 200),
        OverrideClause(11, 6, LIST, 200),
        OverrideClause(12, 4, f"{LIST}_12", 150),
        OverrideClause(13, 4, f"{LIST}_13", 50),
        OverrideClause(14, 6, f"{LIST}_14", 50),
    )
    assert planned.lists[ListKey(4, f"{LIST}_13")] == (Entry(5, "permit 0.0.0.0/0 le 32"),)
    assert planned.preference("192.0.2.0/24") == 50
    assert planned_overrides(Overrides(), wanted, POLICY, OLD).preference("192.0.2.0/24") == 50


def test_somebody_elses_clauses_are_left_alone():
    config = OverrideRouter().config() + (
        "route-map LOCAL_PREF_MAP deny 500\n match as-path BAD\nexit\n"
        "route-map LOCAL_PREF_MAP permit 600\n match ip address prefix-list THEIRS\n"
        " set local-preference 200\nexit\n"
    )
    current = parse_overrides(config, POLICY)
    assert current.taken == (500, 600)
    planned = planned_overrides(current, Wanted(PREFIXES[:4]), POLICY, OLD)
    assert planned.clauses[-1].number == 601
    assert not any(" 500" in x for x in change_overrides(current, planned, POLICY).lines)


def test_a_range_that_is_too_small_is_refused():
    small = Policy(last_clause=13)
    planned_overrides(Overrides(), Wanted(PREFIXES[:6]), small, OLD)
    with pytest.raises(RefusedError, match="10 to 12 of LOCAL_PREF_MAP are not enough"):
        planned_overrides(Overrides(), Wanted(PREFIXES[:7]), small, OLD)


def test_a_tier_that_would_not_be_one_is_refused():
    low = Policy(local_preference=120)
    planned_overrides(Overrides(), Wanted(PREFIXES[:1], drained=True), low, OLD)
    with pytest.raises(RefusedError, match="backup_preference 150 must be below local_preference"):
        planned_overrides(Overrides(), Wanted((), PREFIXES[:1]), low, OLD)
    with pytest.raises(ValueError, match="drain_preference 90 must be below backup_preference 80"):
        Policy(backup_preference=80, drain_preference=90)


def test_the_diff_is_of_configuration_lines():
    current = planned_overrides(Overrides(), Wanted(PREFIXES[:1]), POLICY, OLD)
    planned = planned_overrides(current, Wanted(PREFIXES[1:2], PREFIXES[:1]), POLICY, OLD)
    assert diff_overrides(current, planned, POLICY).splitlines()[3:] == [
        f"-ip prefix-list {LIST} seq 5 permit 10.0.0.0/24",
        f"+ip prefix-list {LIST} seq 10 permit 10.0.1.0/24",
        f"+ip prefix-list {LIST}_12 seq 5 permit 10.0.0.0/24",
        "+route-map LOCAL_PREF_MAP permit 12",
        f"+ match ip address prefix-list {LIST}_12",
        "+ set local-preference 150",
        "+exit",
    ]
    assert diff_overrides(planned, planned, POLICY) == ""
