"""Pins and bans, against asking each prefix."""

from ipaddress import IPv4Network, IPv6Network, ip_network

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError, NornirBgpError, RefusedError
from nornir_bgp.models.planning import Planning
from nornir_bgp.solver.pins import steered

GATEWAYS = ("GW1", "GW2", "GW3")
blocks = st.builds(
    lambda a, n: str(IPv4Network((a << 24, n), strict=False)), st.integers(0, 7), st.integers(5, 9)
) | st.builds(
    lambda a, n: str(IPv6Network((a << 120, n), strict=False)), st.integers(0, 7), st.integers(5, 9)
)
gateways = st.sampled_from(GATEWAYS)


def holds(block: str, prefix: str) -> bool:
    outer, inner = ip_network(block), ip_network(prefix)
    return outer.version == inner.version and inner.subnet_of(outer)


@given(
    reach=st.dictionaries(blocks, st.sets(gateways, min_size=1), min_size=1, max_size=6),
    pins=st.dictionaries(blocks, gateways, max_size=3),
    bans=st.dictionaries(blocks, st.sets(gateways, min_size=1, max_size=2), max_size=3),
)
def test_as_each_prefix_says(reach, pins, bans):
    expected: dict[str, set[str]] = {}
    wrong: set[type[NornirBgpError]] = set()
    for prefix, reaching in reach.items():
        banned = set().union(*(names for block, names in bans.items() if holds(block, prefix)))
        holding = [block for block in pins if holds(block, prefix)]
        pin = pins[max(holding, key=lambda b: ip_network(b).prefixlen)] if holding else None
        if pin in banned:
            wrong.add(InputError)
        expected[prefix] = reaching & {pin} if pin else reaching - banned
        if not expected[prefix]:
            wrong.add(RefusedError)
    if any(gateway in bans.get(block, ()) for block, gateway in pins.items()):
        return  # not even a Planning
    masks = [sum(1 << GATEWAYS.index(g) for g in names) for names in reach.values()]
    planning = Planning(pins=pins, bans={b: tuple(sorted(names)) for b, names in bans.items()})
    masked = np.array(masks, dtype=np.uint64)
    if wrong:
        with pytest.raises(tuple(wrong)):
            steered(list(reach), masked, GATEWAYS, planning, {})
        return
    ways = steered(list(reach), masked, GATEWAYS, planning, {})
    for prefix, mask in zip(reach, ways.masks.tolist(), strict=True):
        assert {g for n, g in enumerate(GATEWAYS) if mask >> n & 1} == expected[prefix]
    selectors = {*pins, *bans}
    assert set(ways.idle) == {s for s in selectors if not any(holds(s, p) for p in reach)}


PREFIXES = ["10.0.0.0/24", "10.0.1.0/24"]
BOTH = np.array([3, 1], dtype=np.uint64)


@pytest.mark.parametrize(
    ("planning", "error", "said"),
    [
        ({"pins": {"10.0.0.0/8": "GW9"}}, InputError, "no gateway GW9; the gateways are GW1, GW2"),
        ({"bans": {"10.0.0.0/8": "GW9"}}, InputError, "bans: 10.0.0.0/8: there is no gateway GW9"),
        (
            {"pins": {"10.0.0.0/8": "GW2"}},
            RefusedError,
            "10.0.1.0/24 pinned to GW2, which has no route to it",
        ),
        ({"bans": {"10.0.1.0/24": "GW1"}}, RefusedError, "10.0.1.0/24 banned from every gateway"),
        (
            {"pins": {"10.0.0.0/24": "GW1"}, "bans": {"10.0.0.0/8": "GW1"}},
            InputError,
            "10.0.0.0/24 may not use the gateway of the pin",
        ),
    ],
)
def test_what_cannot_be_names_the_prefix(planning, error, said):
    with pytest.raises(error, match=said):
        steered(PREFIXES, BOTH, GATEWAYS[:2], Planning.model_validate(planning), {})


def test_a_community_selects_the_routes_of_the_named_gateway():
    tagged = {"65004:1": {"GW1": {"10.0.0.0/24"}, "GW2": set()}}
    planning = Planning.model_validate({"bans": {"65004:1": ["GW1", "GW2"]}})
    ways = steered(PREFIXES, BOTH, GATEWAYS[:2], planning, tagged)
    assert ways.masks.tolist() == [2, 1]
    assert ways.named.tolist() == [True, False]
    pinned = Planning(pins={"65004:1": "GW1", "10.0.0.0/8": "GW1", "10.0.0.0/24": "GW2"})
    assert steered(PREFIXES, BOTH, GATEWAYS[:2], pinned, tagged).masks.tolist() == [2, 1]
    two = Planning(pins={"65004:1": "GW1", "65004:2": "GW2"})
    both = {"65004:1": {"GW1": {"10.0.0.0/24"}}, "65004:2": {"GW2": {"10.0.0.0/24"}}}
    with pytest.raises(InputError, match=r"10\.0\.0\.0/24 to GW2, another community elsewhere"):
        steered(PREFIXES, BOTH, GATEWAYS[:2], two, both)
    own = Planning(pins=two.pins | {"10.0.0.0/24": "GW2"})
    assert steered(PREFIXES, BOTH, GATEWAYS[:2], own, both).masks.tolist() == [2, 1]


@pytest.mark.parametrize(
    ("planning", "said"),
    [
        (Planning(pins={"10.0.0.0/24": "GW2"}), "10.0.0.0/24 pinned to GW2, which is drained"),
        (Planning(bans={"10.0.1.0/24": ("GW1",)}), "has a route to it and is not drained"),
    ],
)
def test_a_drained_gateway_is_called_so(planning, said):
    alone = np.array([1, 1], dtype=np.uint64)
    with pytest.raises(RefusedError, match=said):
        steered(PREFIXES, alone, GATEWAYS[:2], planning, {}, drained=("GW2",))
