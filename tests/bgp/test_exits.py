"""How prefixes leave: shared loads, and what hangs on nothing but which route came first."""

from fractions import Fraction

import pytest

from nornir_bgp.bgp.exits import Border, leaving
from nornir_bgp.bgp.present import is_by_age
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.routing import DecisionOptions
from tests.bgp.networks import PREFIX, announced, loopback, mesh

PEERS = {"R1": [("172.16.1.1", 100), ("172.16.2.1", 200)], "R2": [("172.16.3.1", 300)]}
EXITS = (
    Exit(gateway="R1", neighbor="172.16.1.1", upstream="A"),
    Exit(gateway="R2", neighbor="172.16.3.1", upstream="C"),
)
NEXT_HOPS = {"R1": ["172.16.1.1"], "R2": ["172.16.3.1"]}


def border(*edges: str) -> Border:
    gateway_at = {hop: name for name, hops in NEXT_HOPS.items() for hop in (loopback(name), *hops)}
    return Border(EXITS, edges, ("R1", "R2", "R3", "R4"), gateway_at)


@pytest.mark.parametrize("compared", [False, True])
def test_two_routes_of_one_router_that_only_age_tells_apart(compared: bool):
    domain = mesh(4, options=DecisionOptions(compare_router_id=compared), peers=PEERS)
    sent = [announced("R1", "172.16.1.1", "100"), announced("R1", "172.16.2.1", "200")]
    outcome = propagate(domain, sent)
    found = leaving(outcome, border("R3"))[PREFIX]
    assert found.by_age is not compared
    table = outcome.rib("R1").routes[PREFIX]
    assert is_by_age(table, domain.routers["R1"].options) is not compared


def test_edges_that_choose_the_nearer_gateway_share_the_load():
    costs = {
        frozenset(("R1", "R3")): 1,
        frozenset(("R2", "R4")): 1,
        frozenset(("R1", "R2")): 10,
        frozenset(("R3", "R4")): 10,
    }
    domain = mesh(4, peers=PEERS, costs=costs)
    sent = [announced("R1", "172.16.1.1", "100"), announced("R2", "172.16.3.1", "300")]
    outcome = propagate(domain, sent)
    both = leaving(outcome, border("R3", "R4"))[PREFIX]
    assert both.shares == {"R1": Fraction(1, 2), "R2": Fraction(1, 2)}
    assert (both.gateway(EXITS), both.gateways) == ("R1", {"R1", "R2"})
    # R4 is no edge here; what it would do with traffic counts all the same.
    one = leaving(outcome, border("R3"))[PREFIX]
    assert one.shares == {"R1": 1}
    assert one.gateways == {"R1", "R2"}


def test_what_leaves_by_no_exit():
    """The second peer of R1 is no exit, as a customer is not."""
    outcome = propagate(mesh(4, peers=PEERS), [announced("R1", "172.16.2.1", "200")])
    found = leaving(outcome, border("R3"))[PREFIX]
    assert found.shares == {None: 1}
    assert (found.gateway(EXITS), found.senders) == (None, frozenset())
