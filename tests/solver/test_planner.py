"""Plans: what is asked is kept, and nothing is lost or counted twice."""

from fractions import Fraction
from ipaddress import ip_address

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError, RefusedError
from nornir_bgp.models.plan import Exit, Plan
from nornir_bgp.models.planning import Planning, exact
from nornir_bgp.solver.planner import Known, make_plan


def exits_of(*capacities: int | None) -> tuple[Exit, ...]:
    return tuple(
        Exit(
            gateway=f"GW{n}",
            neighbor=ip_address(f"10.0.{n}.1"),
            upstream=f"UP{n}",
            capacity=capacity,
        )
        for n, capacity in enumerate(capacities, 1)
    )


PREFIXES = tuple(f"10.0.{n}.0/24" for n in range(7))
GATEWAYS = ("GW1", "GW2", "GW3")
slots_ = st.lists(
    st.dictionaries(st.sampled_from(PREFIXES), st.integers(0, 50), min_size=1),
    min_size=1,
    max_size=3,
)


@given(
    slots=slots_,
    reach=st.lists(st.none() | st.sets(st.sampled_from(PREFIXES)), min_size=3, max_size=3),
    coverage=st.sampled_from([0.3, 0.5, 0.95, 1.0]),
    natural=st.none()
    | st.dictionaries(st.sampled_from(PREFIXES), st.none() | st.sampled_from(GATEWAYS)),
    capacities=st.sampled_from([(None, None, None), (300, 300, 300), (400, 900, None)]),
    as_list=st.booleans(),
)
def test_all_load_is_somewhere(slots, reach, coverage, natural, capacities, as_list):
    exits = exits_of(*capacities)
    try:
        plan = make_plan(
            slots if len(slots) > 1 else slots[0],
            exits,
            [None if one is None else sorted(one) if as_list else one for one in reach],
            planning=Planning(coverage=coverage),
            known=Known(natural=natural),
        )
    except RefusedError:
        assume(False)
    predicted = dict.fromkeys(prefix for slot in slots for prefix in slot)
    reached = {p for p in predicted if any(one is None or p in one for one in reach)}
    assert set(plan.unrouted) == predicted.keys() - reached
    shown = slots[plan.slot or 0]
    planned = plan.gateway_of
    assert set(planned) <= reached
    assert len(reached) == len(planned) + plan.left
    # every planned prefix is at one exit that reaches it
    assert sorted(planned) == sorted(p for e in plan.exits for p in e.prefixes)
    for exit_, one in zip(plan.exits, reach, strict=True):
        assert one is None or set(exit_.prefixes) <= one
        assert exit_.load == sum(shown.get(p, 0) for p in exit_.prefixes) + exit_.rest
        assert (exit_.utilisation is None) == (exit_.capacity is None)
    # the rest is counted where BGP sends it, as far as anything is
    left = reached - planned.keys()
    lost = {p for p in left if natural is not None and p in natural and natural[p] is None}
    assert sum(e.rest for e in plan.exits) == sum(shown.get(p, 0) for p in left - lost)
    for exit_ in plan.exits:
        known = {p for p in left if (natural or {}).get(p) == exit_.gateway}
        assert exit_.rest >= sum(shown.get(p, 0) for p in known)
    assert plan.total_load == sum(e.load for e in plan.exits)
    assert plan.loads == {p: shown.get(p, 0) for p in planned}
    assert {g: one.load for g, one in plan.gateways.items()} == {
        e.gateway: e.load for e in plan.exits
    }
    # the planned ones carry the share
    total = sum(slot.get(p, 0) for slot in slots for p in reached)
    carried = sum(slot.get(p, 0) for slot in slots for p in planned)
    assert carried >= exact(coverage) * total
    # the slot that is shown is the worst
    if len(slots) > 1:
        assert [e.slots[plan.slot] for e in plan.exits] == [e.load for e in plan.exits]
        if None not in capacities:
            worst = max(Fraction(n, e.capacity) for e in plan.exits for n in e.slots)
            assert plan.max_utilisation == float(worst)
            assert worst == max(Fraction(e.load, e.capacity) for e in plan.exits)
        elif not any(capacities):
            assert max(e.load for e in plan.exits) == max(n for e in plan.exits for n in e.slots)


@given(
    slots=slots_,
    pins=st.dictionaries(st.sampled_from(PREFIXES), st.sampled_from(GATEWAYS), max_size=3),
    bans=st.dictionaries(st.sampled_from(PREFIXES), st.sampled_from(GATEWAYS), max_size=3),
    coverage=st.sampled_from([0.2, 1.0]),
)
def test_pins_and_bans_are_kept(slots, pins, bans, coverage):
    assume(all(bans.get(prefix) != gateway for prefix, gateway in pins.items()))
    planning = Planning(
        pins=pins, bans={p: (gateway,) for p, gateway in bans.items()}, coverage=coverage
    )
    plan = make_plan(slots, exits_of(None, None, None), planning=planning)
    planned = plan.gateway_of
    predicted = {prefix for slot in slots for prefix in slot}
    for prefix, gateway in pins.items():
        assert prefix not in predicted or planned[prefix] == gateway
    for prefix, gateway in bans.items():
        assert prefix not in predicted or planned[prefix] != gateway


def of(plan: Plan) -> dict[str, int]:
    return {exit_.gateway: exit_.load for exit_ in plan.exits}


def test_a_drained_gateway_carries_what_it_alone_can():
    loads = {PREFIXES[0]: 10, PREFIXES[1]: 7, PREFIXES[2]: 5}
    reach = [{PREFIXES[0], PREFIXES[1]}, {PREFIXES[1], PREFIXES[2]}, set()]
    plan = make_plan(loads, exits_of(None, None, None), reach, known=Known(drained=("GW1",)))
    assert of(plan) == {"GW1": 10, "GW2": 12, "GW3": 0}
    assert plan.gateway_of == {PREFIXES[1]: "GW2", PREFIXES[2]: "GW2"}
    assert (plan.exits[0].rest, plan.drained, plan.unrouted) == (10, ("GW1",), ())
    assert any(PREFIXES[0] in warning for warning in plan.warnings)


def test_today_and_a_bound_on_moves():
    loads = dict.fromkeys(PREFIXES[:4], 10)
    today = dict.fromkeys(PREFIXES[:4], "GW1")
    exits = exits_of(100, 100)
    for most, moved in ((0, 0), (1, 1), (None, 2)):
        plan = make_plan(loads, exits, known=Known(today=today), max_moves=most)
        assert plan.moved == moved
        assert plan.max_utilisation == (40 - 10 * moved) / 100


def test_what_is_to_be_heeded_is_said():
    loads = {"10.0.0.0/8": 100, "10.0.0.0/16": 60, "10.1.0.0/16": 40, "11.0.0.0/8": 1}
    plan = make_plan(
        loads,
        exits_of(None, None),
        [["12.0.0.0/8", *loads], ["10.0.0.0/8"]],
        planning=Planning(pins={"13.0.0.0/8": "GW1"}, coverage=0.9),
        known=Known(remarks=("a link is down",)),
    )
    told = "\n".join(plan.warnings)
    for word in (
        "a link is down",
        "13.0.0.0/8",
        "10.0.0.0/8 is predicted with 100, and 2 prefixes",
    ):
        assert word in told
    assert any("1 of the given routes" in sentence for sentence in plan.explanation)
    assert set(plan.warnings) <= set(plan.explanation)


def test_more_exits_than_bits_are_refused():
    with pytest.raises(InputError, match="65 exits; a plan takes at most 64"):
        make_plan({PREFIXES[0]: 1}, exits_of(*[None] * 65))


def test_what_does_not_fit_is_refused_with_the_names():
    with pytest.raises(RefusedError) as caught:
        make_plan({PREFIXES[0]: 90, PREFIXES[1]: 90}, exits_of(100, 50))
    assert caught.value.exit_code == 6


@pytest.mark.parametrize(
    ("capacities", "ceiling", "said"),
    [
        ((None, None), 1.0, []),
        ((900, 900), 0.9, []),
        ((None, None), 0.9, ["ceiling does not hold where no capacity is known: GW1 to UP1, GW2"]),
        ((900, None), 1.0, ["the capacity of GW2 to UP2 is not known"]),
        ((900, None), 0.9, ["known: GW2 to UP2", "the capacity of GW2 to UP2 is not known"]),
    ],
)
def test_a_capacity_that_is_not_known_is_told(capacities, ceiling, said):
    loads = dict.fromkeys(PREFIXES, 10)
    plan = make_plan(loads, exits_of(*capacities), planning=Planning(ceiling=ceiling))
    assert len(plan.warnings) == len(said)
    assert all(part in warning for part, warning in zip(said, plan.warnings, strict=True))


@given(
    reach=st.lists(st.sets(st.sampled_from(PREFIXES)), min_size=3, max_size=3),
    today=st.dictionaries(st.sampled_from(PREFIXES), st.sampled_from(GATEWAYS)),
    banned=st.sets(st.sampled_from(PREFIXES)),
    drained=st.sets(st.sampled_from(GATEWAYS), max_size=1),
)
def test_what_must_move_is_what_may_not_stay(reach, today, banned, drained):
    planning = Planning(bans=dict.fromkeys(banned, ("GW1",)))
    try:
        plan = make_plan(
            dict.fromkeys(PREFIXES, 10),
            exits_of(None, None, None),
            reach,
            planning=planning,
            known=Known(today=today, drained=tuple(drained)),
        )
    except RefusedError:
        assume(False)
    reaching = dict(zip(GATEWAYS, reach, strict=True))
    wrong = {
        prefix
        for prefix in plan.gateway_of
        if (gateway := today.get(prefix)) is not None
        and (
            gateway in drained
            or (gateway == "GW1" and prefix in banned)
            or prefix not in reaching[gateway]
        )
    }
    assert plan.must_move == len(wrong)
    assert plan.moved is not None
    assert plan.must_move <= plan.moved
