"""The main job on the live lab, by its commands."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from nornir_bgp import runbooks
from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.show_bgp import parse_advertised_json, parse_json
from nornir_bgp.lab.lab import Lab
from nornir_bgp.runbooks.session import load_nornir
from tests.lab.conftest import (
    EDGES,
    GATEWAYS,
    LIST,
    Cli,
    clear_overrides,
    configure,
    override_prefixes,
    overrides,
)

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[2]
TEST = str(ROOT / "predictions/test.json")
EXAMPLE = str(ROOT / "predictions/example.json")
PLAN = {
    TEST: {
        "GW1": ["203.0.113.0/24", "131.114.0.0/16", "192.0.2.0/24"],
        "GW2": ["198.51.100.0/24"],
    },
    EXAMPLE: {
        "GW1": ["198.51.100.0/24", "192.0.2.0/24", "203.0.113.0/24"],
        "GW2": ["131.114.0.0/16"],
    },
}


def lists(lab: Lab) -> dict[str, list[str]]:
    return {gateway: sorted(override_prefixes(lab, gateway)) for gateway in GATEWAYS}


def planned(predictions: str) -> dict[str, list[str]]:
    return {gateway: sorted(prefixes) for gateway, prefixes in PLAN[predictions].items()}


def versions(lab: Lab) -> dict[str, int | None]:
    return {
        router: parse_json(lab.vtysh(router, "show bgp ipv4 unicast json")).version
        for router in EDGES + GATEWAYS
    }


def test_offline_plan_asks_nobody_and_is_the_reference(cli: Cli):
    done = cli("plan", TEST, "--offline", "--json")
    assert done.returncode == 0, done.stderr
    plan = json.loads(done.stdout)
    assert (plan["total_load"], plan["optimal"], plan["unrouted"]) == (295, True, [])
    assert plan["gateways"] == {
        "GW1": {"load": 145, "prefixes": PLAN[TEST]["GW1"]},
        "GW2": {"load": 150, "prefixes": PLAN[TEST]["GW2"]},
    }
    assert [(e["gateway"], e["neighbor"], e["upstream"], e["load"]) for e in plan["exits"]] == [
        ("GW1", "10.0.5.1", "UP1", 145),
        ("GW2", "10.0.6.1", "UP2", 150),
    ]


def test_the_main_job(clean_lab: Lab, cli: Cli):
    dry = cli("distribute", TEST, "--dry-run", "--json")
    assert dry.returncode == 0, dry.stderr
    assert lists(clean_lab) == {"GW1": [], "GW2": []}

    first = cli("distribute", TEST, "--json")
    assert first.returncode == 0, first.stderr
    report, rehearsal = json.loads(first.stdout), json.loads(dry.stdout)
    assert report["ok"]
    assert [c["diff"] for c in report["changes"]] == [c["diff"] for c in rehearsal["changes"]]
    assert [len(c["lines"]) for c in report["changes"]] == [3, 1]
    assert lists(clean_lab) == planned(TEST)

    before = versions(clean_lab)
    again = json.loads(cli("distribute", TEST, "--json").stdout)
    assert again["ok"]
    assert [(c["lines"], c["changed"]) for c in again["changes"]] == [([], False)] * 2
    assert versions(clean_lab) == before

    example = cli("distribute", EXAMPLE, "--json")
    assert example.returncode == 0, example.stderr
    assert lists(clean_lab) == planned(EXAMPLE)

    verified = cli("verify", EXAMPLE, "--json")
    assert verified.returncode == 0, verified.stderr
    checks = json.loads(verified.stdout)["checks"]
    assert {(c["router"], c["prefix"]): (c["actual_gateway"], c["local_pref"]) for c in checks} == {
        (edge, prefix): (gateway, 200)
        for edge in EDGES
        for gateway, prefixes in PLAN[EXAMPLE].items()
        for prefix in prefixes
    }
    assert cli("verify").returncode == 0

    deployed = cli("deploy", "--json")
    assert deployed.returncode == 0, deployed.stderr
    assert lists(clean_lab) == planned(EXAMPLE)


def test_verify_names_a_hand_edit(clean_lab: Lab, cli: Cli):
    assert cli("distribute", TEST).returncode == 0
    entry = next(e for e in overrides(clean_lab, "GW1") if e.network == "203.0.113.0/24")
    configure(clean_lab, "GW1", f"no ip prefix-list {LIST} seq {entry.seq} {entry.rule}")
    # The list is seen at once, the tables follow after FRR's route-map delay timer.
    assert named_by_verify(cli) == {("GW1", "203.0.113.0/24")}

    def preference() -> int | None:
        best = parse_json(clean_lab.vtysh("PE2", "show bgp ipv4 unicast json")).best(
            "203.0.113.0/24"
        )
        return best and best.local_pref

    assert wait_for(preference, lambda found: found != 200, seconds=20) == 100
    assert named_by_verify(cli) == {(r, "203.0.113.0/24") for r in ("GW1", *EDGES)}
    printed = cli("verify", TEST, "--deadline", "1")
    assert printed.returncode == 3
    for name in ("203.0.113.0/24", "GW1", *EDGES):
        assert name in printed.stdout

    for edit in ("777 permit 198.51.100.0/24 le 32", "1 deny 203.0.0.0/8 le 32", "2 deny any"):
        configure(clean_lab, "GW1", f"ip prefix-list {LIST} seq {edit}")
    mended = json.loads(cli("distribute", TEST, "--json").stdout)
    assert mended["ok"]
    assert lists(clean_lab) == planned(TEST)
    assert all(entry.rule == f"permit {entry.network}" for entry in overrides(clean_lab, "GW1"))


def named_by_verify(cli: Cli) -> set[tuple[str, str]]:
    done = cli("verify", TEST, "--deadline", "1", "--json")
    assert done.returncode == 3, done.stderr
    checks = json.loads(done.stdout)["checks"]
    return {(c["router"], c["prefix"]) for c in checks if c["status"] != "pass"}


def test_an_override_in_no_plan_is_named(clean_lab: Lab, cli: Cli, tmp_path: Path):
    assert cli("distribute", TEST).returncode == 0
    less = tmp_path / "less.json"
    less.write_text('{"C1": {"198.51.100.0/24": 150, "203.0.113.0/24": 35}}')
    done = cli("verify", str(less), "--deadline", "1", "--json")
    assert done.returncode == 3
    stray = [c for c in json.loads(done.stdout)["checks"] if c["expected_gateway"] is None]
    assert {(c["router"], c["prefix"]) for c in stray} == {
        (router, prefix)
        for router in ("GW1", *EDGES)
        for prefix in ("131.114.0.0/16", "192.0.2.0/24")
    }


def test_unrouted_prefixes_are_named_and_not_counted(clean_lab: Lab, cli: Cli, tmp_path: Path):
    more = tmp_path / "more.json"
    more.write_text(json.dumps(json.loads(Path(TEST).read_text()) | {"C3": {"9.9.9.0/24": 1000}}))
    plan = json.loads(cli("plan", str(more), "--json").stdout)
    assert (plan["unrouted"], plan["total_load"]) == (["9.9.9.0/24"], 295)
    strict = cli("plan", str(more), "--strict")
    assert strict.returncode == 6
    assert "9.9.9.0/24" in strict.stderr
    offline = json.loads(cli("plan", str(more), "--offline", "--json").stdout)
    assert (offline["unrouted"], offline["total_load"]) == ([], 1295)


@pytest.mark.parametrize(
    ("break_", "mend", "named"),
    [
        (
            ("router bgp 65020", "address-family ipv4 unicast",
             "no neighbor 10.0.5.1 route-map LOCAL_PREF_MAP in"),
            ("router bgp 65020", "address-family ipv4 unicast",
             "neighbor 10.0.5.1 route-map LOCAL_PREF_MAP in"),
            "GW1: missing: neighbor 10.0.5.1 route-map LOCAL_PREF_MAP in",
        ),
        (
            ("no route-map LOCAL_PREF_MAP permit 999",),
            ("route-map LOCAL_PREF_MAP permit 999",),
            "GW1: missing: route-map LOCAL_PREF_MAP permit 999",
        ),
        (
            ("route-map LOCAL_PREF_MAP permit 10", "set local-preference 300"),
            ("route-map LOCAL_PREF_MAP permit 10", "set local-preference 200"),
            "GW1: missing: set local-preference 200",
        ),
        (
            ("router bgp 65020", "address-family ipv4 unicast",
             "no neighbor 10.0.5.1 route-map EXPORT_MAP out"),
            ("router bgp 65020", "address-family ipv4 unicast",
             "neighbor 10.0.5.1 route-map EXPORT_MAP out"),
            "GW1: missing: an outbound policy on neighbor 10.0.5.1",
        ),
        (
            ("ip prefix-list EXPORT_PREFIX_LIST seq 99 permit any",),
            ("no ip prefix-list EXPORT_PREFIX_LIST seq 99 permit any",),
            "GW1: route-map EXPORT_MAP would let 198.51.100.0/24, 192.0.2.0/24, 203.0.113.0/24 and"
            " 1 more out to neighbor 10.0.5.1",
        ),
        (
            ("route-map LOCAL_PREF_MAP deny 5",),
            ("no route-map LOCAL_PREF_MAP deny 5",),
            "GW1: route-map LOCAL_PREF_MAP deny 5 comes before clause 10",
        ),
    ],
)  # fmt: skip
def test_an_unready_gateway_is_refused(clean_lab: Lab, cli: Cli, break_, mend, named):
    clear_overrides(clean_lab)
    configure(clean_lab, "GW1", *break_)
    try:
        done = cli("distribute", EXAMPLE)
        assert done.returncode == 6, done.stderr
        assert named in done.stderr
        assert lists(clean_lab) == {"GW1": [], "GW2": []}
    finally:
        configure(clean_lab, "GW1", *mend)
        clean_lab.wait_established()


def test_an_unreachable_gateway_leaves_the_other_alone(clean_lab: Lab, cli: Cli):
    clear_overrides(clean_lab)
    clean_lab.stop_daemon("GW2", "sshd")
    try:
        done = cli("distribute", TEST)
        assert done.returncode == 4, done.stderr
        assert "172.16.0.4" in done.stderr
        assert lists(clean_lab) == {"GW1": [], "GW2": []}
    finally:
        clean_lab.start_daemon("GW2", "sshd")


def test_a_gateway_that_fails_is_put_back_and_so_are_the_others(clean_lab: Lab, cli: Cli):
    """GW2 takes its lines and never applies them: a route-map delay timer of ten minutes."""
    assert cli("distribute", TEST).returncode == 0
    configure(clean_lab, "GW2", "bgp route-map delay-timer 600")
    try:
        before = {gateway: overrides(clean_lab, gateway) for gateway in GATEWAYS}
        done = cli("distribute", EXAMPLE, "--json")
        assert done.returncode == 4, done.stderr
        report = json.loads(done.stdout)
        assert not report["ok"]
        assert "GW2: within 20 s its table did not become what its" in report["error"]
        assert [(c["gateway"], c["restored"]) for c in report["changes"]] == [
            ("GW1", True),
            ("GW2", True),
        ]
        assert {gateway: overrides(clean_lab, gateway) for gateway in GATEWAYS} == before
    finally:
        configure(clean_lab, "GW2", "no bgp route-map delay-timer")
    assert cli("verify", TEST).returncode == 0


def test_transit_is_refused_and_shown(clean_lab: Lab, cli: Cli, lab_config: Path, tmp_path: Path):
    """The published network had no outbound policy: a plan makes GW1 give UP1 routes of UP2."""
    clear_overrides(clean_lab)
    session = ("router bgp 65020", "address-family ipv4 unicast")
    for gateway, neighbor in (("GW1", "10.0.5.1"), ("GW2", "10.0.6.1")):
        configure(clean_lab, gateway, *session, f"no neighbor {neighbor} route-map EXPORT_MAP out")
    try:
        assert cli("distribute", TEST).returncode == 6
        config = yaml.safe_load(lab_config.read_text())
        config["user_defined"]["allow_transit"] = True
        published = lab_config.with_name("published.yaml")
        published.write_text(yaml.safe_dump(config))
        done = cli("distribute", TEST, config=published)
        assert done.returncode == 0, done.stderr
        command = "show bgp ipv4 unicast neighbors 10.0.5.1 advertised-routes json"
        leaked = parse_advertised_json(clean_lab.vtysh("GW1", command))
        assert "198.51.100.0/24" in leaked
        # Seen by FRR itself, the leak is also what a run without the setting would stumble upon.
        assert "an outbound policy" in cli("distribute", TEST, "--dry-run").stderr
    finally:
        for gateway, neighbor in (("GW1", "10.0.5.1"), ("GW2", "10.0.6.1")):
            configure(clean_lab, gateway, *session, f"neighbor {neighbor} route-map EXPORT_MAP out")


def test_the_run_leaves_its_evidence(clean_lab: Lab, cli: Cli, lab_config: Path):
    report = json.loads(cli("distribute", EXAMPLE, "--json").stdout)
    folder = Path(load_nornir(lab_config).config.user_defined["runs"]) / report["run"]
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    sessions = {name for name in names if name.startswith("sessions/")}
    assert len(sessions) == 4
    names -= sessions
    assert names == {
        "predictions.json",
        "planning.json",
        "plan.json",
        "report.json",
        "report.html",
        *(f"{moment}/{gateway}.conf" for moment in ("before", "after") for gateway in GATEWAYS),
        *(
            f"{moment}/{router}.table.txt"
            for moment in ("before", "predicted", "after")
            for router in GATEWAYS + EDGES
        ),
        *(f"{gateway}.diff" for gateway in GATEWAYS),
    }
    assert folder.stat().st_mode & 0o777 == 0o700
    assert "Displayed  6 routes" in (folder / "after/PE1.table.txt").read_text()
    printed = cli("report", report["run"], "--format", "md")
    assert printed.returncode == 0
    assert "As planned" in printed.stdout
    as_json = json.loads(cli("report", "--format", "json").stdout)
    assert as_json == report
    html = cli("report", "--format", "html").stdout
    assert html == (folder / "report.html").read_text()


def test_the_report_knows_where_traffic_went_before(clean_lab: Lab, cli: Cli):
    clear_overrides(clean_lab)
    report = json.loads(cli("distribute", TEST, "--json").stdout)
    seen = report["observed"]
    prefixes = [prefix for of_gateway in PLAN[TEST].values() for prefix in of_gateway]
    assert seen["before"] == {edge: {prefix: ["GW1"] for prefix in prefixes} for edge in EDGES}
    frr = clean_lab.vtysh("GW1", "show version").split()[1]
    assert {name: seen["versions"][f"FRR on {name}"] for name in GATEWAYS} == dict.fromkeys(
        GATEWAYS, frr
    )
    for table in seen["tables"]:
        assert "172.16.0.3" in table["before"]
        assert table["after"].split("\n", 1)[1] in clean_lab.vtysh(table["router"], "show ip bgp")


def test_trace_proves_the_data_path(clean_lab: Lab, cli: Cli):
    assert cli("distribute", TEST).returncode == 0
    done = cli("trace", "--json")
    assert done.returncode == 0, done.stderr
    traces = json.loads(done.stdout)["traces"]
    assert {(t["source"], t["prefix"], t["actual_gateway"]) for t in traces} == {
        (customer, prefix, gateway)
        for customer in ("Customer1", "Customer2")
        for gateway, prefixes in PLAN[TEST].items()
        for prefix in prefixes
    }


def test_the_script_of_the_readme(clean_lab: Lab, lab_config: Path):
    readme = (ROOT / "README.md").read_text()
    script = next(
        block.removeprefix("python\n")
        for block in readme.split("```")
        if block.startswith("python\n") and "runbooks.distribute" in block
    )
    assert len(script.strip().splitlines()) <= 12
    done = subprocess.run(
        [sys.executable, "-c", script.replace("config.yaml", str(lab_config))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert lists(clean_lab) == planned(TEST)


def test_dry_run_of_the_nornir_object_touches_nothing(clean_lab: Lab, lab_config: Path):
    clear_overrides(clean_lab)
    nr = load_nornir(lab_config)
    nr.data.dry_run = True
    report = runbooks.distribute(nr, TEST)
    assert report.dry_run
    assert report.run is None
    assert [len(change.lines) for change in report.changes] == [3, 1]
    assert lists(clean_lab) == {"GW1": [], "GW2": []}
