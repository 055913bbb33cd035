"""Text and JSON of the same live table agree, on every router, before and after a change."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.frr.show_bgp import parse_advertised_json, parse_json, parse_summary_json
from nornir_bgp.lab.lab import Lab
from tests.lab.conftest import EDGES, clear_overrides
from tests.lab.formats import FAMILIES, show

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[2]

STATES = {"before": {100}, "after": {200}}
"""State -> the LOCAL_PREF of the edge routers' best paths to the upstreams' prefixes."""


@pytest.fixture(scope="module", params=STATES)
def state(request: pytest.FixtureRequest, clean_lab: Lab, nr: Nornir) -> Iterator[str]:
    """The lab without overrides, then with those of a distribution."""
    if request.param == "before":
        yield "before"
        return
    try:
        report = runbooks.distribute(nr, ROOT / "predictions" / "test.json")
        assert report.ok, report.checks
        clean_lab.wait_settled()
        yield "after"
    finally:
        clear_overrides(clean_lab)


def test_the_state_is_what_it_is_called(lab: Lab, state: str):
    for edge in EDGES:
        table = parse_json(lab.vtysh(edge, "show bgp ipv4 unicast json"))
        preferences = {
            path.local_pref
            for paths in table.routes.values()
            for path in paths
            if path.best and path.internal
        }
        assert preferences == STATES[state]


@pytest.mark.parametrize("family", FAMILIES)
def test_text_and_json_agree(lab: Lab, state: str, family: str):
    tables = [show(lab, router, family) for router in lab.routers]
    for table in tables:
        table.check_agreement()
    if family == "ipv6":
        assert not any(table.paths for table in tables)  # tests/lab/test_dual_stack.py has some
    else:
        assert all(len(table.from_text.routes) == 6 for table in tables)


def test_summary_and_table_count_the_same_prefixes(lab: Lab, state: str):
    for router in lab.routers:
        summary = parse_summary_json(lab.vtysh(router, "show bgp summary json"))["ipv4Unicast"]
        table = parse_json(lab.vtysh(router, "show bgp ipv4 unicast json"))
        assert (summary.router_id, summary.local_as) == (table.router_id, table.local_as)
        for address, peer in summary.peers.items():
            received = sum(
                path.peer == address for paths in table.routes.values() for path in paths
            )
            assert peer.established
            assert peer.prefixes_received == received, (router, address)


def test_advertised_routes_arrive(lab: Lab, state: str):
    """What PE1 says it sends to CE1 is what CE1 has from PE1, with PE1's AS in front."""
    sent = parse_advertised_json(
        lab.vtysh("PE1", "show bgp ipv4 unicast neighbors 10.0.1.1 advertised-routes json")
    )
    table = parse_json(lab.vtysh("CE1", "show bgp ipv4 unicast json"))
    arrived = {
        prefix: path.as_path
        for prefix, paths in table.routes.items()
        for path in paths
        if path.peer == "10.0.1.0"
    }
    assert arrived
    # CE1 drops what has its own AS in the path.
    assert arrived == {
        prefix: f"65020 {route.as_path}".rstrip()
        for prefix, route in sent.items()
        if "65001" not in route.as_path.split()
    }
