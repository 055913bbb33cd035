"""Why a path is selected, in words: each rule says what decided, with the figures of both."""

import pytest

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.decision import decide
from nornir_bgp.bgp.explanation import setter_of, verdicts
from nornir_bgp.bgp.route import Candidate, Learned, Origin, Route
from nornir_bgp.models.routing import (
    Clause,
    DecisionOptions,
    Filters,
    Match,
    PrefixRule,
    Router,
    SetAction,
)

PREFIX = "198.51.100.0/24"


def candidate(last: int, learned: Learned = Learned.IBGP, metric: int | None = 0, **attributes):
    attributes = {"as_path": AsPath.parse(f"6500{last}")} | attributes
    address = f"10.0.0.{last}"
    return Candidate(
        Route(address, **attributes), learned, address, 65000 + last, f"192.168.0.{last}", metric
    )


@pytest.mark.parametrize(
    ("best", "other", "words"),
    [
        (candidate(2, weight=5), candidate(1), "has weight 5, not 0"),
        (candidate(2, local_pref=200), candidate(1), "has LOCAL_PREF 200, not 100"),
        (
            candidate(2),
            candidate(1, as_path=AsPath.parse("65001 65009")),
            "has an AS path of length 1, not 2",
        ),
        (candidate(2), candidate(1, origin=Origin.EGP), "has origin IGP, not EGP"),
        (
            candidate(2, med=3, as_path=AsPath.parse("65001")),
            candidate(1, med=7),
            "has MED 3, not 7",
        ),
        (candidate(2, Learned.EBGP), candidate(1), "was learned by eBGP, not by iBGP"),
        (candidate(2, metric=4), candidate(1, metric=9), "has a next hop at IGP cost 4, not 9"),
        (candidate(1), candidate(2), "has the lower router id, 192.168.0.1, not 192.168.0.2"),
    ],
)
def test_each_rule_has_its_words(best: Candidate, other: Candidate, words: str):
    candidates, options = (other, best), DecisionOptions()
    decision = decide(candidates, options)
    assert decision.best == 1
    assert verdicts(candidates, decision, options) == (
        f"shares the load; the selected one {words}"
        if decision.multipath
        else f"the selected one {words}",
        "selected",
    )


def test_what_does_not_take_part():
    candidates, options = (candidate(1, metric=None), candidate(2)), DecisionOptions()
    lost = "takes no part, since its next hop cannot be reached"
    assert verdicts(candidates, decide(candidates, options), options) == (lost, "selected")
    alone = candidates[:1]
    assert verdicts(alone, decide(alone, options), options) == (lost,)


def test_the_oldest_stays():
    candidates = (candidate(1, Learned.EBGP), candidate(2, Learned.EBGP))
    options = DecisionOptions(maximum_paths=1)
    decision = decide(candidates, options, selected=1)
    assert verdicts(candidates, decision, options) == (
        "the selected one was there before",
        "selected",
    )


def test_med_makes_the_order_count():
    """A beats B by MED, B beats C by IGP cost, C beats A by IGP cost: nobody is the best."""
    a = candidate(1, med=1, metric=30, as_path=AsPath.parse("65001"))
    b = candidate(2, med=2, metric=10, as_path=AsPath.parse("65001"))
    c = candidate(3, metric=20, as_path=AsPath.parse("65003"))
    options = DecisionOptions()
    for candidates in ((a, b, c), (c, b, a), (b, a, c), (c, a, b), (b, c, a), (a, c, b)):
        decision = decide(candidates, options)
        assert decision.best is not None
        told = verdicts(candidates, decision, options)
        assert told[decision.best] == "selected"
        winner = candidates[decision.best]
        stronger = {a: c, b: a, c: b}[winner]
        weaker = next(x for x in (a, b, c) if x not in (winner, stronger))
        assert told[candidates.index(weaker)].startswith("the selected one has ")
        assert told[candidates.index(stronger)].startswith("better than the selected one by ")
        assert f"but that from {weaker.peer} has " in told[candidates.index(stronger)]


RAISED = Clause(
    10,
    True,
    matches=(Match("prefix-list", "LIST"),),
    sets=(SetAction("local-preference", "200"),),
)
REST = Clause(999, True)


@pytest.mark.parametrize(
    ("clauses", "listed", "number"),
    [
        ((RAISED, REST), PREFIX, 10),
        ((RAISED, REST), "192.0.2.0/24", None),
        ((Clause(5, False), RAISED, REST), PREFIX, None),
        ((Clause(5, True, goto=6), RAISED, REST), PREFIX, 10),
        ((Clause(5, True), RAISED), PREFIX, None),
        ((), PREFIX, None),
    ],
)
def test_the_clause_that_set_local_pref(
    clauses: tuple[Clause, ...], listed: str, number: int | None
):
    router = Router(
        "R",
        65000,
        "192.168.0.1",
        route_maps={"MAP": clauses},
        prefix_lists={"LIST": (PrefixRule(True, listed, 24, 24),)},
    )
    found = setter_of(router, Filters(route_map="MAP"), PREFIX, candidate(1, local_pref=200))
    assert (found and found.clause.number) == number
    assert setter_of(router, Filters(), PREFIX, candidate(1)) is None
