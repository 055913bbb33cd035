"""What counts as a route made or lost, and what is a change of preference alone."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.frr.identity import differences
from nornir_bgp.models.rib import Path, Rib
from nornir_bgp.models.state import Announced, RouterState

MOVED, OTHER = "198.51.100.0/24", "192.0.2.0/24"
EXITS = [("GW1", "10.0.5.1"), ("GW2", "10.0.6.1")]
LAN = {"GW1": "172.16.0.3", "GW2": "172.16.0.4"}


def path(as_path: str, peer: str, *, internal: bool = False, best: bool = True) -> Path:
    return Path(
        valid=True,
        best=best,
        multipath=False,
        internal=internal,
        next_hop=peer,
        metric=0,
        local_pref=None,
        weight=0,
        as_path=as_path,
        origin="i",
        peer=peer,
    )


def router(routes: dict[str, list[Path]], heard: dict[str, dict[str, str]]) -> RouterState:
    return RouterState(
        text="",
        rib=Rib(None, None, 1, 100, {prefix: tuple(paths) for prefix, paths in routes.items()}),
        advertised={
            neighbor: {prefix: Announced(as_path, "i") for prefix, as_path in sent.items()}
            for neighbor, sent in heard.items()
        },
        running_config="",
    )


def network(gateway_of: dict[str, str]) -> dict[str, RouterState]:
    """Two gateways with one upstream each, and an edge router with a customer.

    Args:
        gateway_of: the raised gateway of a prefix; without one, both gateways tell their path.
    """
    upstream = {"GW1": ("10.0.5.1", "65004"), "GW2": ("10.0.6.1", "65005")}
    routes: dict[str, dict[str, list[Path]]] = {"GW1": {}, "GW2": {}, "PE1": {}}
    for prefix in (MOVED, OTHER):
        for name, (peer, as_path) in upstream.items():
            routes[name].setdefault(prefix, []).append(path(as_path, peer))
            if gateway_of.get(prefix, name) == name:
                for hearer in routes.keys() - {name}:
                    told = path(as_path, LAN[name], internal=True)
                    routes[hearer].setdefault(prefix, []).append(told)
    best = {p: upstream[gateway_of.get(p, "GW1")][1] for p in (MOVED, OTHER)}
    return {
        "GW1": router(routes["GW1"], {"10.0.5.1": {"1.0.0.0/24": "65001"}}),
        "GW2": router(routes["GW2"], {"10.0.6.1": {"1.0.0.0/24": "65001"}}),
        "PE1": router(routes["PE1"], {"10.0.1.1": best}),
    }


def found(before: dict[str, RouterState], after: dict[str, RouterState], **options) -> list[str]:
    """What differs; the same routes as IPv6 differ in the same way."""
    made = differences(before, after, {MOVED}, exits=EXITS, **options)
    twins = ({name: in_ipv6(state) for name, state in states.items()} for states in (before, after))
    of_twins = differences(*twins, {ipv6(MOVED)}, exits=EXITS, **options)
    assert [(d.router, d.prefix) for d in of_twins] == [
        (d.router, d.prefix and ipv6(d.prefix)) for d in made
    ]
    return [str(difference) for difference in made]


def ipv6(prefix: str) -> str:
    """The prefix as another family's; nothing here looks at its bits."""
    return prefix.replace(".", ":")


def in_ipv6(state: RouterState) -> RouterState:
    return dataclasses.replace(
        state,
        rib=Rib(None, None, 1, 100),
        rib_ipv6=dataclasses.replace(
            state.rib, routes={ipv6(prefix): paths for prefix, paths in state.rib.routes.items()}
        ),
        advertised={
            neighbor: {ipv6(prefix): told for prefix, told in sent.items()}
            for neighbor, sent in state.advertised.items()
        },
    )


STATES = [network({}), network({MOVED: "GW1"}), network({MOVED: "GW2"})]


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("after", STATES)
def test_a_change_of_preference_makes_no_difference(before, after):
    assert found(before, after) == []


def test_the_move_of_another_prefix_is_one():
    after = network({OTHER: "GW2"})
    assert found(network({}), after) == [
        "GW2: 192.0.2.0/24 (AS path 65004, origin i) from 172.16.0.3 is gone",
        "PE1: 192.0.2.0/24 (AS path 65004, origin i) from 172.16.0.3 is gone",
        "PE1: 10.0.1.1 hears 192.0.2.0/24 (AS path 65005, origin i), "
        "before (AS path 65004, origin i)",
    ]


def changed(after: dict[str, RouterState], name: str, **update) -> dict[str, RouterState]:
    return {**after, name: dataclasses.replace(after[name], **update)}


def with_route(after, name: str, prefix: str, *paths: Path) -> dict[str, RouterState]:
    rib = after[name].rib
    routes = {**rib.routes, prefix: paths}
    return changed(after, name, rib=dataclasses.replace(rib, routes=routes))


def test_an_invented_path_is_found_also_for_a_prefix_that_moves():
    before, after = network({}), network({MOVED: "GW2"})
    invented = path("65666", LAN["GW2"], internal=True)
    assert found(before, with_route(after, "PE1", MOVED, invented)) == [
        "PE1: 198.51.100.0/24 (AS path 65666, origin i) from 172.16.0.4 is new"
    ]


def test_a_path_of_another_origin_is_an_invented_one():
    before, after = network({}), network({MOVED: "GW2"})
    told = path("65005", LAN["GW2"], internal=True)._replace(origin="?")
    assert len(found(before, with_route(after, "PE1", MOVED, told))) == 1


def test_what_an_upstream_withdraws_or_sends_anew_is_found():
    before, after = network({}), network({MOVED: "GW2"})
    without = with_route(after, "GW1", MOVED, *after["GW1"].rib.routes[MOVED][1:])
    assert found(before, without) == [
        "GW1: 10.0.5.1 no longer sends 198.51.100.0/24 (AS path 65004, origin i)"
    ]
    more = with_route(after, "GW1", "100.64.0.0/10", path("65004", "10.0.5.1"))
    assert found(before, more) == [
        "GW1: 10.0.5.1 now sends 100.64.0.0/10 (AS path 65004, origin i)"
    ]


def test_a_router_that_loses_its_ipv6_is_found():
    before = {name: in_ipv6(state) for name, state in network({}).items()}
    after = changed(before, "PE1", rib_ipv6=None)
    lost = [str(difference) for difference in differences(before, after, {ipv6(MOVED)})]
    assert "PE1: 198:51:100:0/24 has no route any more" in lost
    assert sum(" is gone" in difference for difference in lost) == 2  # both paths to OTHER


def test_a_lost_route_is_found():
    after = network({MOVED: "GW2"})
    rib = after["PE1"].rib
    routes = {prefix: paths for prefix, paths in rib.routes.items() if prefix != MOVED}
    after = changed(after, "PE1", rib=dataclasses.replace(rib, routes=routes))
    assert found(network({}), after) == ["PE1: 198.51.100.0/24 has no route any more"]


@pytest.mark.parametrize(
    ("heard", "finding"),
    [
        ({}, "PE1: the session to 10.0.1.1 was lost"),
        ({"10.0.1.1": {OTHER: "65004"}}, "PE1: 10.0.1.1 no longer hears 198.51.100.0/24 "),
        (
            {"10.0.1.1": {OTHER: "65004", MOVED: "65666"}},
            "PE1: 10.0.1.1 hears 198.51.100.0/24 (AS path 65666, origin i), before ",
        ),
        (
            {"10.0.1.1": {OTHER: "65004", MOVED: "65005", "10.0.0.0/8": "65005"}},
            "PE1: 10.0.1.1 now hears 10.0.0.0/8 ",
        ),
    ],
)
def test_what_a_customer_hears(heard, finding):
    advertised = {
        neighbor: {prefix: Announced(as_path, "i") for prefix, as_path in sent.items()}
        for neighbor, sent in heard.items()
    }
    after = changed(network({MOVED: "GW2"}), "PE1", advertised=advertised)
    (only,) = found(network({}), after)
    assert only.startswith(finding)


def test_own_numbers_in_front_of_a_path_are_policy_and_not_invention():
    prepended = {"10.0.1.1": {OTHER: Announced("65004", "i"), MOVED: Announced("1 1 65005", "i")}}
    assert found(network({}), changed(network({MOVED: "GW2"}), "PE1", advertised=prepended)) == []


def test_transit_is_found_unless_it_is_allowed():
    before, after = network({}), network({MOVED: "GW2"})
    leaking = {"10.0.5.1": {"1.0.0.0/24": Announced("65001", "i"), MOVED: Announced("65005", "i")}}
    after = changed(after, "GW1", advertised=leaking)
    assert found(before, after) == [
        "GW1: 10.0.5.1 now hears 198.51.100.0/24 (AS path 65005, origin i)"
    ]
    assert found(before, after, allow_transit=True) == []


@given(
    st.sampled_from(STATES),
    st.sampled_from(["GW1", "GW2", "PE1"]),
    st.sampled_from([MOVED, OTHER]),
    st.from_regex(r"6[0-9]{4}( 6[0-9]{4})?", fullmatch=True).filter(
        lambda as_path: as_path not in ("65004", "65005")
    ),
    st.booleans(),
)
def test_no_path_that_was_not_there_goes_unseen(after, name, prefix, as_path, internal):
    peer = "172.16.0.9" if internal else "10.0.9.1"
    new = path(as_path, peer, internal=internal, best=False)
    after = with_route(after, name, prefix, *after[name].rib.routes[prefix], new)
    assert any(
        as_path in difference and prefix in difference for difference in found(STATES[0], after)
    )


def test_a_route_does_not_go_back_to_where_it_came_from():
    """A second external neighbour of GW1 sends the prefix, too; it hears the other path or none."""
    sent = path("65030", "10.0.7.1")
    told = path("65005", LAN["GW2"], internal=True)
    known = network({})
    before = with_route(known, "GW1", MOVED, sent, path("65004", "10.0.5.1", best=False))
    before = changed(before, "GW1", advertised={"10.0.7.1": {}})
    after = with_route(known, "GW1", MOVED, told, sent._replace(best=False))
    after = with_route(after, "GW1", MOVED, told, sent._replace(best=False),
                       path("65004", "10.0.5.1", best=False))  # fmt: skip
    hears = {"10.0.7.1": {MOVED: Announced("65005", "i")}}
    assert found(before, changed(after, "GW1", advertised=hears)) == []
    assert found(changed(after, "GW1", advertised=hears), before) == []
    invented = {"10.0.7.1": {MOVED: Announced("65666", "i")}}
    assert len(found(before, changed(after, "GW1", advertised=invented))) == 1
