"""The loads of the gateways: nothing is lost and nothing invented."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.models.status import Status
from nornir_bgp.report.loads import gateway_loads, moved
from tests.report.runs import CHECKS, EDGES, ENDINGS, LOADS, OBSERVED, PUT_BACK, run

ways = st.lists(st.sampled_from(["GW1", "GW2"]), unique=True).map(tuple)
tables = st.fixed_dictionaries(
    {edge: st.fixed_dictionaries({}, optional=dict.fromkeys(LOADS, ways)) for edge in EDGES}
)
"""Of an edge router that does not speak a prefix's family nothing is told."""


def before(paths):
    return run(observed=OBSERVED.model_copy(update={"before": paths}))


@given(tables)
def test_the_parts_are_the_whole(paths):
    rows = gateway_loads(before(paths))
    assert sum(row.before for row in rows) == pytest.approx(sum(LOADS.values()))
    # By hand in whole numbers: two edge routers, at most two ways, so quarters of each load.
    quarters = Counter()
    for prefix, load in LOADS.items():
        told = [of_prefix[prefix] for of_prefix in paths.values() if prefix in of_prefix] or [()]
        for gateways in told:
            for gateway in gateways or (None,):
                quarters[gateway] += load * 4 // len(told) // max(len(gateways), 1)
    assert {row.gateway: row.before for row in rows} == pytest.approx(
        {gateway: quarters[gateway] / 4 for gateway in [row.gateway for row in rows]}
    )


def test_after_is_what_was_proven_and_not_what_was_planned():
    gone = CHECKS[0].model_copy(update={"actual_gateway": None, "status": Status.MISSING})
    rows = gateway_loads(run(ok=False, checks=(gone, *CHECKS[1:])))
    half = LOADS[gone.prefix] / 2
    assert {row.gateway: row.after for row in rows} == {
        "GW1": 145 - half,
        "GW2": 150,
        None: half,
    }
    assert [row.planned for row in rows] == [145, 150, 0]


@pytest.mark.parametrize("ending", ["rehearsed", "failed and put back", "failed and not put back"])
def test_what_does_not_stand_has_no_load_after(ending):
    assert {row.after for row in gateway_loads(ENDINGS[ending])} == {None}


def test_what_was_checked_and_then_put_back_has_no_load_after_either():
    rows = gateway_loads(run(ok=False, changes=PUT_BACK))
    assert [(row.before, row.after) for row in rows] == [(295, None), (0, None)]


def test_what_an_older_version_did_not_record_is_not_known():
    rows = gateway_loads(ENDINGS["written by an older version"])
    assert [(row.before, row.planned, row.after) for row in rows] == [
        (None, 145, None),
        (None, 150, None),
    ]


def test_a_gateway_that_the_plan_does_not_know_keeps_its_load():
    paths = {edge: dict.fromkeys(LOADS, ("GW3",)) for edge in EDGES}
    rows = {row.gateway: row for row in gateway_loads(before(paths))}
    assert (rows["GW3"].before, rows["GW3"].planned) == (295, 0)


def test_a_prefix_has_moved_if_any_edge_router_sent_it_elsewhere():
    planned = run().plan.gateway_of
    paths = {edge: {p: (g,) for p, g in planned.items()} for edge in EDGES}
    assert moved(before(paths)) == ()
    prefix = next(iter(planned))
    paths["PE2"] = paths["PE2"] | {prefix: ("GW1", "GW2")}
    assert moved(before(paths)) == (prefix,)
    del paths["PE2"][prefix]
    assert moved(before(paths)) == ()
