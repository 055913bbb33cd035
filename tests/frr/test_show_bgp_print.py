"""Tables printed as FRR prints them: against FRR's own text, and read back."""

from pathlib import Path as File

import pytest
from hypothesis import given

from nornir_bgp.frr.show_bgp import parse_json, parse_text
from nornir_bgp.frr.show_bgp_print import print_text
from nornir_bgp.models.rib import Rib
from tests.frr.frr_format import Table
from tests.frr.table_strategies import tables

CAPTURED = File(__file__).parent / "fixtures" / "frr-8.4.4"


@pytest.mark.parametrize("name", ["r4-ibgp-ipv4", "r5-confederation-ipv4", "r7-empty-ipv4"])
def test_a_captured_table_is_printed_as_frr_printed_it(name: str):
    """The other captures have codes that a table of the model has not, as stale or suppressed."""
    text = (CAPTURED / f"{name}.txt").read_text("utf-8")
    assert print_text(parse_json((CAPTURED / f"{name}.json").read_text("utf-8"))) == text


@given(tables())
def test_what_is_printed_reads_back(table: Table):
    routes = {prefix: tuple(row.path for row in rows) for prefix, rows in table.routes.items()}
    if any(":" in prefix for prefix in routes):
        return  # the model knows IPv4 only
    # Text has one column for > and =.
    routes = {
        prefix: tuple(p._replace(multipath=p.multipath and not p.best) for p in paths)
        for prefix, paths in routes.items()
    }
    rib = Rib(table.router_id, table.local_as, table.version, table.local_pref, routes)
    assert parse_text(print_text(rib)) == rib


def test_some_prefixes_of_a_table():
    rib = parse_json((CAPTURED / "r4-ibgp-ipv4.json").read_text("utf-8"))
    some = {"10.1.0.0/16", "10.4.0.0/16", "1.2.3.0/24"}
    shown = parse_text(print_text(rib, some))
    assert list(shown.routes) == ["10.1.0.0/16", "10.4.0.0/16"]
    assert print_text(rib, ()) == "No BGP prefixes displayed, 0 exist\n"
