"""Text and JSON of the same live table agree, field by field, on every router of the lab."""

import pytest

from nornir_bgp.frr.show_bgp import (
    parse_advertised_json,
    parse_json,
    parse_summary_json,
    parse_text,
)
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.rib import Rib

pytestmark = pytest.mark.lab

FAMILIES = ("ipv4", "ipv6")


def both(lab: Lab, router: str, family: str) -> tuple[Rib, Rib]:
    """The text and the JSON of one state of a table: the text is the same after the JSON."""
    command = f"show bgp {family} unicast"
    for _ in range(20):
        text = lab.vtysh(router, command)
        document = lab.vtysh(router, f"{command} json")
        if lab.vtysh(router, command) == text:
            return parse_text(text), parse_json(document)
    pytest.fail(f"the {family} table of {router} never stood still")


@pytest.mark.parametrize("family", FAMILIES)
def test_text_and_json_agree(lab: Lab, family: str) -> None:
    paths_compared = 0
    for router in lab.routers:
        text, document = both(lab, router, family)
        assert text.default_local_pref == document.default_local_pref
        assert list(text.routes) == list(document.routes), router
        for prefix, paths in document.routes.items():
            shown = [path._replace(peer=None, reason=None) for path in paths]
            assert list(text.routes[prefix]) == shown, (router, prefix)
            paths_compared += len(paths)
        if document.routes:
            assert text.router_id == document.router_id
            assert text.local_as == document.local_as
            assert text.version == document.version
    assert family == "ipv6" or paths_compared > len(lab.routers)


def test_summary_and_table_count_the_same_prefixes(lab: Lab) -> None:
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


def test_advertised_routes_arrive(lab: Lab) -> None:
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
        prefix: f"65020 {as_path}".rstrip()
        for prefix, as_path in sent.items()
        if "65001" not in as_path.split()
    }
