"""Eight gateways, four edge routers, 5,000 prefixes, on live FRR: planned, proven, failed, moved.

What each edge router's table must say is worked out here from what was drawn and from the plan
alone: the highest preference among the gateways that still reach a prefix wins, then the shortest
AS path, then the lowest router id. Neither the model of BGP nor a table that the program has read
has a part in it.
"""

import json
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from pathlib import Path

import pytest
import yaml

from nornir_bgp.deadline import wait_for
from nornir_bgp.lab.generated import Drawn, Size, draw
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.settings import Policy
from nornir_bgp.runbooks.deploy import deploy
from nornir_bgp.runbooks.distribute import distribute
from nornir_bgp.runbooks.generate import PREDICTIONS, generate
from nornir_bgp.runbooks.lab import lab_down, lab_up
from nornir_bgp.runbooks.rollback import rollback
from nornir_bgp.runbooks.session import load_nornir, load_settings
from nornir_bgp.runbooks.verify import verify

pytestmark = [pytest.mark.lab, pytest.mark.long, pytest.mark.timeout(3600)]

SIZE = Size(gateways=8, edges=4, prefixes=5000, capacities=(100_000, 40_000, 10_000), seed=5)
EDGES = tuple(f"PE{number}" for number in range(1, SIZE.edges + 1))
GATEWAYS = tuple(f"GW{number}" for number in range(1, SIZE.gateways + 1))
SECONDS = 300.0
POLICY = Policy()

Exits = dict[str, str | None]
"""Prefix -> the gateway by which an edge router sends it; ``None``: it has no route."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generated project, which plans backups, too."""
    folder = tmp_path_factory.mktemp("at-size") / "network"
    generate(folder, SIZE)
    config = folder / "config.yaml"
    content = yaml.safe_load(config.read_text("utf-8"))
    content["user_defined"] |= {"planning": {"backups": True}}
    config.write_text(yaml.safe_dump(content), "utf-8")
    return folder


@pytest.fixture(scope="module")
def large_lab(project: Path) -> Iterator[Lab]:
    try:
        yield lab_up(load_nornir(project / "config.yaml"), seconds=SECONDS)
    finally:
        lab_down(load_settings(project / "config.yaml"))


@pytest.fixture(scope="module")
def drawn() -> Drawn:
    return draw(SIZE)


def distances(drawn: Drawn) -> dict[str, dict[int, int]]:
    """Prefix -> the gateways that reach it -> the length of the AS path there."""
    regions = [{ip_network(region) for region in far} for far in drawn.far]
    found: dict[str, dict[int, int]] = {}
    for prefix, reach in drawn.reach.items():
        region = ip_network(prefix).supernet(new_prefix=15)
        found[prefix] = {gateway: 1 + (region in regions[gateway]) for gateway in reach}
    return found


def expected(drawn: Drawn, plan: Plan, down: frozenset[str]) -> Exits:
    """Say where every prefix must go while some gateways have lost their upstream."""
    raised = {name: frozenset(prefixes) for name, prefixes in plan.overrides.items()}
    backups = {name: frozenset(prefixes) for name, prefixes in plan.backups.items()}

    def rank(prefix: str, gateway: int, length: int) -> tuple[int, int, int]:
        name, preference = GATEWAYS[gateway], 100
        if prefix in raised.get(name, ()):
            preference = POLICY.local_preference
        elif prefix in backups.get(name, ()):
            preference = POLICY.backup_preference
        return -preference, length, gateway

    exits: Exits = {}
    for prefix, lengths in distances(drawn).items():
        ranks = [rank(prefix, g, n) for g, n in lengths.items() if GATEWAYS[g] not in down]
        exits[prefix] = GATEWAYS[min(ranks)[2]] if ranks else None
    return exits


def tables(lab: Lab, drawn: Drawn) -> dict[str, Exits]:
    """Read every edge router's table, by vtysh in the router itself."""
    return {edge: table(lab, edge, drawn.reach) for edge in EDGES}


def table(lab: Lab, edge: str, prefixes: Mapping[str, object]) -> Exits:
    routes = json.loads(lab.vtysh(edge, "show bgp ipv4 unicast json"))["routes"]
    gateways = {f"172.16.1.{number}": name for number, name in enumerate(GATEWAYS, 1)}
    found: Exits = dict.fromkeys(prefixes)
    for prefix, paths in routes.items():
        best = [path for path in paths if path.get("bestpath") is True]
        if prefix in found and best:
            found[prefix] = gateways[best[0]["nexthops"][0]["ip"]]
    return found


def assert_tables(lab: Lab, drawn: Drawn, wanted: Exits) -> None:
    """Wait until every edge router sends every prefix where it must."""

    def wrong() -> list[tuple[str, str, str | None, str | None]]:
        return [
            (edge, prefix, exit_, wanted[prefix])
            for edge, exits in tables(lab, drawn).items()
            for prefix, exit_ in exits.items()
            if exit_ != wanted[prefix]
        ]

    left = wait_for(wrong, lambda found: not found, seconds=SECONDS, interval=1.0)
    assert left[:10] == []


def next_hour(project: Path) -> Path:
    """Write predictions in which each load of a twentieth of the prefixes is another one's."""
    matrix = json.loads((project / PREDICTIONS).read_text("utf-8"))
    for loads in matrix.values():
        some = list(loads)[::20]
        loads |= dict(zip(some, [loads[prefix] for prefix in [*some[1:], some[0]]], strict=True))
    file = project / "predictions" / "next.json"
    file.write_text(json.dumps(matrix), "utf-8")
    return file


def test_eight_gateways(large_lab: Lab, project: Path, drawn: Drawn) -> None:
    nr = load_nornir(project / "config.yaml")

    deployed = deploy(nr)
    assert deployed.ok
    assert not any(device.changed for device in deployed.devices)

    report = distribute(nr, project / PREDICTIONS)
    plan = report.plan
    assert report.ok, report.error or report.findings[:3]
    assert report.mispredicted == ()
    assert len(report.checks) == SIZE.prefixes * SIZE.edges
    assert {check.status for check in report.checks} == {"pass"}
    assert plan.max_utilisation is not None
    assert plan.max_utilisation < 0.61  # the predictions come to 60 % of all links
    nothing_down = expected(drawn, plan, frozenset())
    assert nothing_down == {p: e.gateway for e in plan.exits for p in e.prefixes}
    assert_tables(large_lab, drawn, nothing_down)
    assert verify(nr).ok

    # The gateway with most prefixes loses its upstream, then the one that took most of them.
    first = max(plan.overrides, key=lambda name: len(plan.overrides[name]))
    fallen = expected(drawn, plan, frozenset({first}))
    moved = [fallen[prefix] for prefix in plan.overrides[first]]
    assert None not in moved
    assert len(set(moved)) > 1  # the backups are spread, and no tie-break's single winner
    second = max(set(GATEWAYS) - {first}, key=moved.count)
    down: frozenset[str] = frozenset()
    for gateway in (first, second):
        large_lab.set_link(gateway, gateway.replace("GW", "UP"), up=False)
        down |= {gateway}
        assert_tables(large_lab, drawn, expected(drawn, plan, down))
    for gateway in (first, second):
        large_lab.set_link(gateway, gateway.replace("GW", "UP"), up=True)
    large_lab.wait_established(seconds=SECONDS)
    assert_tables(large_lab, drawn, nothing_down)
    assert verify(nr).ok

    # The next hour's predictions, and back.
    following = distribute(nr, next_hour(project))
    assert following.ok, following.error or following.findings[:3]
    assert following.plan.gateway_of != plan.gateway_of
    assert_tables(large_lab, drawn, expected(drawn, following.plan, frozenset()))
    back = rollback(nr)
    assert back.ok, back.error or back.findings[:3]
    assert_tables(large_lab, drawn, nothing_down)
