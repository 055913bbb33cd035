"""Networks computed from the inventory and from files; nobody is asked."""

from pathlib import Path

import pytest
from nornir.core import Nornir

from nornir_bgp import runbooks
from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.show_bgp import parse_text
from nornir_bgp.models.prediction import PredictionMatrix
from nornir_bgp.models.rib import Rib
from nornir_bgp.models.simulation import SimulationReport
from tests.bgp.test_totem_domain import DOMAIN
from tests.conftest import REPOSITORY
from tests.runbooks.gadget import bad_gadget

PREDICTIONS = REPOSITORY / "predictions" / "test.json"
DUMP = """\
TABLE_DUMP|946684800|B|10.0.5.1|65004|100.64.0.0/16|65004 64999|IGP|10.0.5.1|0|0||NAG||
TABLE_DUMP|946684800|B|10.0.5.1|65004|192.0.2.0/24|65004|IGP|10.0.5.1|0|0||NAG||
"""
BY_HAND = """\
routes:
  - router: GW2
    peer: 10.0.6.1
    prefixes: [100.64.0.0/16]
    as_path: "65005 64998 64999"
"""


@pytest.fixture(scope="module")
def nr() -> Nornir:
    return runbooks.load_nornir(REPOSITORY / "config.yaml")


def table(report: SimulationReport, router: str) -> Rib:
    (text,) = [table.text for table in report.tables if table.router == router]
    return parse_text(text)


def next_hop(rib: Rib, prefix: str) -> str | None:
    best = rib.best(prefix)
    return best and best.next_hop


def test_all_routers_are_computed(nr: Nornir):
    report = runbooks.simulate(nr)
    assert [t.router for t in report.tables] == list(nr.inventory.hosts)
    assert (report.source, report.converged, report.warnings) == ("inventory", True, ())
    assert {p: next_hop(table(report, "UP1"), p) for p in ("1.0.0.0/24", "192.0.2.0/24")} == {
        "1.0.0.0/24": "10.0.5.0",
        "192.0.2.0/24": "0.0.0.0",
    }


@pytest.mark.parametrize(
    ("fail", "gateways"),
    [
        ([], {"GW1": 295, "GW2": 0}),
        (["UP1"], {"GW1": 0, "GW2": 295}),
        (["GW1:UP1"], {"GW1": 0, "GW2": 295}),
        (["GW1"], {"GW1": 0, "GW2": 295}),
        (["UP1", "GW2:UP2"], {"GW1": 0, "GW2": 0}),
        (["session PE1:GW1"], {"GW1": 147.5, "GW2": 147.5}),
    ],
)
def test_loads_after_failures(nr: Nornir, fail: list[str], gateways: dict[str, float]):
    report = runbooks.simulate(nr, routers=["PE1"], fail=fail, predictions=PREDICTIONS)
    assert report.loads is not None
    assert report.loads.gateways == gateways
    lost = sum(undelivered.load for undelivered in report.loads.undelivered)
    assert lost == 295 - sum(gateways.values())


def test_ipv6_is_left_out_and_said(nr: Nornir):
    both = PredictionMatrix(customers={"C1": {"198.51.100.0/24": 10, "2001:db8::/32": 5}})
    report = runbooks.simulate(nr, routers=["PE1"], predictions=both)
    assert report.loads is not None
    assert (report.loads.gateways, report.loads.undelivered) == ({"GW1": 10, "GW2": 0}, ())
    (warning,) = report.warnings
    assert warning == "IPv6 is not modelled, and nothing is foretold of 2001:db8::/32"


def test_every_single_failure(nr: Nornir):
    report = runbooks.simulate(
        nr, routers=["PE1"], predictions=PREDICTIONS, all_single_failures=True
    )
    assert report.failures is not None
    for case in report.failures:
        one = runbooks.simulate(nr, routers=["PE1"], fail=[case.failure], predictions=PREDICTIONS)
        assert one.loads is not None
        assert one.loads.gateways == case.gateways
    names = [case.failure for case in report.failures]
    assert len(set(names)) == len(names) == 30


def test_a_dump_stands_in_the_place_of_its_peer(nr: Nornir, tmp_path: Path):
    dump, by_hand = tmp_path / "up1.txt", tmp_path / "routes.yaml"
    dump.write_text(DUMP, "utf-8")
    by_hand.write_text(BY_HAND, "utf-8")
    report = runbooks.simulate(nr, ribs=[("GW1", dump)], routes=by_hand)
    assert {t.router for t in report.tables} == set(nr.inventory.hosts) - {"UP1", "UP2"}
    assert any(warning.startswith("UP1: is outside now") for warning in report.warnings)
    pe1 = table(report, "PE1")
    assert {prefix: next_hop(pe1, prefix) for prefix in pe1.routes} == {
        "1.0.0.0/24": "10.0.1.1",
        "2.0.0.0/24": "10.0.3.1",
        "100.64.0.0/16": "172.16.0.3",
        "192.0.2.0/24": "172.16.0.3",
    }
    failed = runbooks.simulate(nr, ribs=[("GW1", dump)], routes=by_hand, fail=["GW1:UP1"])
    assert next_hop(table(failed, "PE1"), "100.64.0.0/16") == "172.16.0.4"
    assert next_hop(table(failed, "PE1"), "192.0.2.0/24") is None


def test_a_totem_domain_with_a_table_loaded_into_it(nr: Nornir, tmp_path: Path):
    domain, dump, demands = tmp_path / "domain.xml", tmp_path / "c.txt", tmp_path / "demands.json"
    domain.write_text(DOMAIN, "utf-8")
    first = DUMP.splitlines()[0].replace("10.0.5.1", "10.9.0.2").replace("65004", "65008")
    prefixes = [f"100.{n // 250}.{n % 250}.0/24" for n in range(600)]
    dump.write_text("".join(first.replace("100.64.0.0/16", p) + "\n" for p in prefixes), "utf-8")
    demands.write_text('{"A": {"100.0.7.0/24": 5}}', "utf-8")
    report = runbooks.simulate(nr, totem_domain=domain, ribs=[("C", dump)], predictions=demands)
    assert (report.source, [t.router for t in report.tables]) == ("TOTEM domain", ["A", "B", "C"])
    assert set(table(report, "C").routes) == set(prefixes), "a table is printed whole"
    assert next_hop(table(report, "A"), "100.0.7.0/24") == "10.9.0.2"
    assert report.loads is not None
    assert [(link.sender, link.receiver, link.load) for link in report.loads.links] == [
        ("A", "B", 5),
        ("B", "C", 5),
        ("C", "AS65008", 5),
    ]


def test_routes_of_the_own_as_are_said_to_stay_where_they_are(nr: Nornir, tmp_path: Path):
    domain, dump = tmp_path / "domain.xml", tmp_path / "c.txt"
    domain.write_text(DOMAIN, "utf-8")
    own = DUMP.splitlines()[0].replace("|65004|100", "|65001|100").replace("10.0.5.1", "10.9.0.7")
    dump.write_text(own, "utf-8")
    report = runbooks.simulate(nr, totem_domain=domain, ribs=[("C", dump)])
    assert any("10.9.0.7 is of C's own AS" in warning for warning in report.warnings)
    assert [list(table(report, r).routes) for r in "ABC"] == [[], [], ["100.64.0.0/16"]]


def test_a_network_that_never_comes_to_rest_is_told(tmp_path: Path):
    report = runbooks.simulate(runbooks.load_nornir(bad_gadget(tmp_path)))
    assert (report.converged, report.exit_code) == (False, 3)
    (oscillation,) = report.oscillations
    assert oscillation.prefixes == ("198.51.100.0/24",)
    assert set(oscillation.routers) == {"R1", "R2", "R3"}
    assert oscillation.states


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"routers": ["PE9"]}, "PE9: is none of the routers: CE1, "),
        ({"fail": ["PE9"]}, "PE9"),
        ({"fail": ["PE1:UP1"]}, "PE1:UP1"),
        ({"ribs": [("PE9", "x")]}, "PE9: is none of the routers: CE1, "),
        ({"ribs": [("GW1", "no such file")]}, "no such file"),
        ({"routes": "no such file"}, "no such file"),
        ({"predictions": "no such file"}, "no such file"),
    ],
)
def test_what_is_wrong_is_named(nr: Nornir, options: dict[str, object], message: str):
    with pytest.raises(InputError, match=message):
        runbooks.simulate(nr, **options)


@pytest.mark.parametrize("prefix", ["x", "192.0.2.1/24", "2001:db8::/32", "192.0.2.0/33", ""])
def test_explain_wants_a_prefix(nr: Nornir, prefix: str):
    with pytest.raises(InputError, match="write it as"):
        runbooks.explain(nr, "PE1", prefix, predicted=True)


def test_explain_wants_a_router(nr: Nornir):
    for predicted in (True, False):
        with pytest.raises(InputError, match="PE9: is none of the routers"):
            runbooks.explain(nr, "PE9", "192.0.2.0/24", predicted=predicted)


def test_explain_after_a_failure(nr: Nornir):
    told = runbooks.explain(nr, "PE2", "192.0.2.7", predicted=True, fail=["UP1"])
    assert (told.prefix, told.gateway, told.state) == ("192.0.2.0/24", "GW2", "predicted")
    assert "It knows no other path." in told.text


def test_a_next_hop_that_only_a_route_of_bgp_leads_to_is_told():
    """FRR would follow it; the model does not, and finds no way."""
    nr = runbooks.load_nornir(REPOSITORY / "config.yaml")
    gateway = nr.inventory.hosts["GW1"].data["bgp"]
    gateway["neighbors"][0]["next_hop_self"] = False
    gateway["networks"] = ["10.0.5.0/31"]
    (warning,) = (w for w in runbooks.simulate(nr).warnings if w.startswith("PE1: "))
    assert "next hop 10.0.5.1 " in warning
    assert "lies in 10.0.5.0/31, which PE1 has by BGP; FRR follows that route" in warning
