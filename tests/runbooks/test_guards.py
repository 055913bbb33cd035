"""How much one run may change."""

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from nornir_bgp.exceptions import RefusedError
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.planning import Planning
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.models.settings import Bounds
from nornir_bgp.runbooks.guards import refuse_out_of_bounds, too_little_gain
from nornir_bgp.solver.planner import Known, make_plan

EXITS = (
    Exit(gateway="GW1", neighbor=ip_address("10.0.5.1"), upstream="UP1"),
    Exit(gateway="GW2", neighbor=ip_address("10.0.6.1"), upstream="UP2"),
)
SMALL, MIDDLE, LARGE = "192.0.2.0/24", "203.0.113.0/24", "198.51.100.0/24"
PLAN = make_plan({SMALL: 10, MIDDLE: 30, LARGE: 60}, EXITS)
TODAY = {"PE1": {SMALL: ("GW1",), MIDDLE: ("GW1",), LARGE: ("GW1",)}}


def last(loads: dict[str, int]) -> DistributeReport:
    return DistributeReport(
        run="x",
        predictions="",
        started=datetime(2026, 1, 1, tzinfo=UTC),
        user="operator",
        dry_run=False,
        ok=True,
        plan=make_plan(loads, EXITS),
        changes=(),
        seconds={},
    )


def check(bounds: Bounds, *, today=TODAY, dropped=(), before=None, force=False) -> None:
    refuse_out_of_bounds(bounds, PLAN, today, dropped, before, force=force)


def test_the_plan_moves_the_large_prefix():
    assert PLAN.gateway_of == {SMALL: "GW1", MIDDLE: "GW1", LARGE: "GW2"}


@pytest.mark.parametrize(
    "bounds",
    [
        Bounds(),
        Bounds(max_moves=1),
        Bounds(max_shift=0.6),
        Bounds(allowed=frozenset({LARGE})),
    ],
)
def test_within(bounds):
    check(bounds)


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        (Bounds(max_moves=0), "1 prefixes move, max_moves is 0"),
        (Bounds(max_shift=0.59), "60% of the traffic moves, max_shift is 59%"),
        (Bounds(allowed=frozenset({SMALL})), f"{LARGE} would move and is not among the allowed"),
    ],
)
def test_beyond(bounds, said):
    with pytest.raises(RefusedError, match=said):
        check(bounds)


def test_shared_load_counts_as_a_move():
    shared = {"PE1": TODAY["PE1"], "PE2": TODAY["PE1"] | {SMALL: ("GW1", "GW2")}}
    with pytest.raises(RefusedError, match="2 prefixes move"):
        check(Bounds(max_moves=1), today=shared)


def test_a_matrix_that_has_shrunk_is_refused_unless_forced():
    seven = {f"10.0.{n}.0/24": 10 for n in range(7)}
    with pytest.raises(RefusedError, match="prefixes shrank from 7 to 3, max_shrink is 50%"):
        check(Bounds(), before=last(seven))
    with pytest.raises(RefusedError, match="total load shrank from 1,000 to 100"):
        check(Bounds(), before=last({SMALL: 1000, MIDDLE: 0, LARGE: 0}))
    check(Bounds(), before=last(seven), force=True)
    check(Bounds(max_shrink=0.6), before=last(seven))
    check(Bounds(), before=last({SMALL: 200}))


def test_a_matrix_of_which_less_is_planned_has_not_shrunk():
    loads = {f"10.0.{n}.0/24": 10 for n in range(7)}
    few = make_plan(loads, EXITS, planning=Planning(coverage=0.3))
    assert len(few.gateway_of) == 3
    refuse_out_of_bounds(Bounds(), few, {}, [], last(loads), force=False)


def test_a_matrix_has_not_shrunk_where_an_exit_is_down():
    """GW2 alone reached all but one of the prefixes, and its link is down."""
    loads = {f"10.0.{n}.0/24": 10 for n in range(7)}
    planned = make_plan(loads, EXITS, [{"10.0.0.0/24"}, set()])
    assert (planned.total_load, len(planned.unrouted)) == (10, 6)
    refuse_out_of_bounds(Bounds(), planned, {}, [], last(loads), unrouted=60, force=False)
    with pytest.raises(RefusedError, match=r"^[^\n]*\n.*total load shrank from 70 to 30[^\n]*$"):
        refuse_out_of_bounds(Bounds(), planned, {}, [], last(loads), unrouted=20, force=False)
    many = last({f"10.0.{n}.0/24": 10 for n in range(15)})
    with pytest.raises(RefusedError, match="prefixes shrank from 15 to 7"):
        refuse_out_of_bounds(Bounds(), planned, {}, [], many, unrouted=60, force=False)


def test_an_override_that_goes_moves_its_prefix_too():
    gone = ["10.9.0.0/24"]
    with pytest.raises(RefusedError, match="2 prefixes move, max_moves is 1"):
        check(Bounds(max_moves=1), dropped=gone)
    with pytest.raises(RefusedError, match=r"10\.9\.0\.0/24 would move and is not"):
        check(Bounds(allowed=frozenset({LARGE})), dropped=gone)


@pytest.mark.parametrize(
    ("least", "worth_it"), [(0.0, True), (0.39, True), (0.4, True), (0.41, False)]
)
def test_a_change_must_save_a_share_of_the_largest_load(least, worth_it):
    """Today GW1 carries 100; as planned GW2 carries 60."""
    said = too_little_gain(least, PLAN, TODAY)
    assert (said is None) == worth_it
    if said is not None:
        assert said == "the largest load would fall from 100 to 60 only, min_gain is 41%"


def test_what_is_wrong_today_is_mended_whatever_it_gains():
    nowhere = {"PE1": TODAY["PE1"] | {LARGE: ()}}
    assert too_little_gain(0.9, PLAN, nowhere) is None
    narrow = tuple(exit_.model_copy(update={"capacity": 90}) for exit_ in EXITS)
    overloaded = make_plan({SMALL: 10, MIDDLE: 30, LARGE: 60}, narrow)
    assert too_little_gain(0.9, overloaded, TODAY) is None
    assert too_little_gain(0.9, overloaded, {"PE1": {**TODAY["PE1"], LARGE: ("GW2",)}})


@pytest.mark.parametrize(("error", "worth_it"), [(0.4, True), (0.41, False)])
def test_a_change_must_save_more_than_the_predictions_err(error, worth_it):
    said = too_little_gain(0.1, PLAN.model_copy(update={"error": error}), TODAY)
    assert (said is None) == worth_it
    if said is not None:
        assert said.endswith("from 100 to 60 only, the predictions' own error is 41.0% of it")


def test_with_capacities_the_largest_utilisation_counts():
    """Today 100 of 1000 and nothing; then what is less in load, and more in use."""
    wide = tuple(
        exit_.model_copy(update={"capacity": capacity})
        for exit_, capacity in zip(EXITS, (1000, 100), strict=True)
    )
    planned = make_plan(
        {SMALL: 10, MIDDLE: 30, LARGE: 60}, wide, planning=Planning(pins={LARGE: "GW2"})
    )
    assert planned.max_utilisation == 0.6
    said = too_little_gain(0.1, planned, TODAY)
    assert said == "the largest utilisation would fall from 10.0% to 60.0% only, min_gain is 10%"


def test_what_is_left_to_bgp_counts_before_and_after():
    """GW1 carries 60 and 30, and 10 that nobody moves; then GW2 takes the 60."""
    known = Known(natural=dict.fromkeys((SMALL, MIDDLE, LARGE), "GW1"))
    planned = make_plan(
        {SMALL: 10, MIDDLE: 30, LARGE: 60}, EXITS, planning=Planning(coverage=0.9), known=known
    )
    assert {e.gateway: (e.load, e.rest) for e in planned.exits} == {"GW1": (40, 10), "GW2": (60, 0)}
    today = {"PE1": {MIDDLE: ("GW1",), LARGE: ("GW1",)}}
    assert too_little_gain(0.4, planned, today) is None
    assert "from 100 to 60" in str(too_little_gain(0.41, planned, today))


def test_what_may_not_stay_moves_whatever_it_gains():
    assert too_little_gain(0.9, PLAN, TODAY) is not None
    assert too_little_gain(0.9, PLAN.model_copy(update={"must_move": 1}), TODAY) is None
