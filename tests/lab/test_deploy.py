"""Deploy on the live lab: repaired, untouched, put back, refused."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from nornir.core import Nornir
from nornir.core.task import Task

from nornir_bgp.deadline import wait_for
from nornir_bgp.frr import overrides_plan
from nornir_bgp.frr.overrides import parse_overrides
from nornir_bgp.frr.overrides_change import change_overrides
from nornir_bgp.frr.overrides_plan import Wanted, planned_overrides
from nornir_bgp.frr.show_bgp import parse_advertised_json
from nornir_bgp.frr.versions import rules_of
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.deploy import DeviceDeploy
from nornir_bgp.models.settings import Policy
from nornir_bgp.runbooks.deploy import deploy
from nornir_bgp.runbooks.session import load_nornir
from nornir_bgp.tasks import session
from nornir_bgp.tasks.connection import CONNECTION
from tests.lab.conftest import LIST, Cli, configure

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[2]
BGP = "router bgp 65020"
FAMILY = "address-family ipv4 unicast"
ADVERTISED = "show bgp ipv4 unicast neighbors 10.0.5.1 advertised-routes json"
OURS = {"1.0.0.0/24", "2.0.0.0/24"}
PREFIXES = ("198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24", "131.114.0.0/16")


@pytest.fixture
def gw1(lab_config: Path) -> Nornir:
    """Nornir on GW1 alone."""
    return load_nornir(lab_config).filter(name="GW1")


@pytest.fixture
def router(clean_lab: Lab, lab_config: Path) -> Iterator[Lab]:
    """The lab, every router as rendered; whatever a test does to GW1 is mended after it."""
    lab = clean_lab
    lab.wait_established()
    before = {name: running(lab, name) for name in lab.routers}
    yield lab
    report = deploy(load_nornir(lab_config), replace=True)
    assert report.ok, report
    # What is the automation's, a deploy leaves.
    for line in running(lab).splitlines():
        ours = line.startswith((f"ip prefix-list {LIST}", f"ipv6 prefix-list {LIST}", "route-map "))
        if ours and line not in before["GW1"].splitlines():
            configure(lab, "GW1", f"no {line}")
    lab.wait_established()
    assert {name: running(lab, name) for name in lab.routers} == before


def running(lab: Lab, name: str = "GW1") -> str:
    return lab.vtysh(name, "show running-config")


def drops(lab: Lab, name: str = "GW1") -> dict[str, int]:
    """How often each session went down so far."""
    peers = json.loads(lab.vtysh(name, "show bgp neighbors json"))
    return {address: peer["connectionsDropped"] for address, peer in peers.items()}


def only(report_devices: tuple[DeviceDeploy, ...]) -> DeviceDeploy:
    (device,) = report_devices
    return device


def test_a_router_that_is_as_rendered_is_sent_nothing(router: Lab, lab_config: Path):
    before = {name: running(router, name) for name in router.routers}
    report = deploy(load_nornir(lab_config))
    assert report.ok
    assert [d.device for d in report.devices] == list(router.routers)
    assert all(d.change and d.change.is_empty and not d.change.unmanaged for d in report.devices)
    assert not any(d.changed for d in report.devices)
    assert {name: running(router, name) for name in router.routers} == before


def test_hand_edits_are_mended_and_no_session_notices(router: Lab, gw1: Nornir):
    as_rendered = running(router)
    configure(router, "GW1", f"ip prefix-list {LIST} seq 5 permit 198.51.100.0/24")
    configure(router, "GW1", f"ipv6 prefix-list {LIST}_SHARD seq 5 permit 2001:db8::/32")
    configure(router, "GW1", "route-map LOCAL_PREF_MAP permit 20", "set local-preference 150")
    wanted = running(router)
    for edit in (
        ("ip prefix-list EXPORT_PREFIX_LIST seq 99 permit 198.51.100.0/24",),
        ("route-map EXPORT_MAP permit 5",),
        ("route-map EXPORT_MAP deny 10",),
        ("route-map LOCAL_PREF_MAP permit 10", "set local-preference 300", "set weight 7"),
        ("no route-map LOCAL_PREF_MAP permit 999",),
        (BGP, "neighbor 10.0.5.1 description nobody's", "neighbor 10.0.5.1 timers 7 21"),
        (BGP, "neighbor 10.0.9.9 remote-as 65099", FAMILY, "neighbor 10.0.9.9 next-hop-self"),
        (BGP, FAMILY, "neighbor 10.0.5.1 route-map EXPORT_MAP in", "network 9.9.9.0/24"),
        (BGP, FAMILY, "no neighbor 10.0.5.1 route-map EXPORT_MAP out"),
        ("interface eth1", "ip address 10.0.99.1/24"),
    ):
        configure(router, "GW1", *edit)
    edited = running(router)
    before = drops(router)
    before.pop("10.0.9.9")

    rehearsed = only(deploy(gw1, dry_run=True).devices)
    assert running(router) == edited
    assert not rehearsed.changed

    done = only(deploy(gw1).devices)
    assert done.error is None
    assert done.changed
    assert done.change == rehearsed.change
    assert set(running(router).splitlines()) == set(wanted.splitlines())
    assert set(running(router).splitlines()) > set(as_rendered.splitlines())
    assert drops(router) == before
    assert "- neighbor 10.0.9.9 remote-as 65099" in done.change.diff

    again = only(deploy(gw1).devices)
    assert again.change
    assert again.change.is_empty
    assert not again.changed


def test_a_lost_session_comes_back_with_its_policy(router: Lab, gw1: Nornir):
    """At no moment is UP1 told more than our customers' prefixes."""
    configure(router, "GW1", BGP, "no neighbor 10.0.5.1")
    done = only(deploy(gw1).devices)
    assert done.error is None
    assert done.change
    sent = done.change.commands
    release = sent.index("no neighbor 10.0.5.1 shutdown")
    held = sent.index("neighbor 10.0.5.1 shutdown message held by nornir-bgp")
    assert sent.index("neighbor 10.0.5.1 remote-as 65004") < held < release
    assert sent.index("neighbor 10.0.5.1 route-map EXPORT_MAP out") < release
    router.wait_established()
    assert set(parse_advertised_json(router.vtysh("GW1", ADVERTISED))) <= OURS
    seen = json.loads(router.vtysh("UP1", "show bgp ipv4 unicast neighbors 10.0.5.0 routes json"))
    assert set(seen["routes"]) <= OURS


def test_another_as_number_and_back(router: Lab, gw1: Nornir):
    """The BGP process is removed and made anew; as in a migration."""
    as_rendered = running(router)
    bgp = gw1.inventory.hosts["GW1"].data["bgp"]
    gw1.inventory.hosts["GW1"].data["bgp"] = bgp | {"as_number": 65021}
    assert deploy(gw1).ok
    assert "router bgp 65021" in running(router)
    gw1.inventory.hosts["GW1"].data["bgp"] = bgp
    assert deploy(gw1).ok
    assert set(running(router).splitlines()) == set(as_rendered.splitlines())


def test_unmanaged_lines_are_reported_and_go_with_replace_only(router: Lab, cli: Cli):
    as_rendered = running(router)
    theirs = (
        ("ip prefix-list THEIRS seq 5 permit 10.0.0.0/8",),
        ("route-map THEIRS permit 10", "match ip address prefix-list THEIRS"),
        ("interface lo9", "description spare"),
        ("access-list THEIRS seq 5 permit any",),
    )
    for lines in theirs:
        configure(router, "GW1", *lines)
    before = running(router)
    told = cli("deploy", "--json")
    assert told.returncode == 0, told.stderr
    device = next(d for d in json.loads(told.stdout)["devices"] if d["device"] == "GW1")
    assert {line.strip() for line in device["change"]["unmanaged"]} == {
        line for lines in theirs for line in lines
    }
    assert device["change"]["commands"] == []
    assert running(router) == before
    printed = cli("deploy", "--dry-run")
    assert "unmanaged lines, not touched" in printed.stdout
    assert "ip prefix-list THEIRS seq 5 permit 10.0.0.0/8" in printed.stdout

    replaced = cli("deploy", "--replace", "--json")
    assert replaced.returncode == 0, replaced.stderr
    assert set(running(router).splitlines()) == set(as_rendered.splitlines())


def test_replace_leaves_what_carries_the_session(router: Lab, gw1: Nornir):
    """Nothing of the rendered device names eth2, where the manager comes in."""
    data = gw1.inventory.hosts["GW1"].data
    data["interfaces"] = [i for i in data["interfaces"] if i["name"] != "eth2"]
    done = only(deploy(gw1, replace=True).devices)
    assert done.error is None
    assert done.change
    assert "interface eth2" in done.change.kept
    assert " ip address 172.16.0.3/24" in running(router)


def test_the_address_of_the_session_is_not_taken_away(router: Lab, gw1: Nornir):
    before = running(router)
    data = gw1.inventory.hosts["GW1"].data
    data["interfaces"] = [
        i | ({"ipv4_address": "172.16.0.33/24"} if i["name"] == "eth2" else {})
        for i in data["interfaces"]
    ]
    report = deploy(gw1)
    assert report.exit_code == 6
    assert "172.16.0.3/24" in (only(report.devices).error or "")
    assert running(router) == before


def test_the_configuration_of_another_router_is_refused(router: Lab, gw1: Nornir):
    before = running(router, "GW2")
    gw1.inventory.hosts["GW1"].hostname = "172.16.0.4"
    report = deploy(gw1)
    assert report.exit_code == 6
    assert "'hostname GW2'" in (only(report.devices).error or "")
    assert running(router, "GW2") == before


Template = Callable[[str, str], None]


@pytest.mark.parametrize("replace", [False, True], ids=["as it is", "replace"])
def test_slots_tiers_and_a_drain_stay(
    router: Lab, gw1: Nornir, monkeypatch: pytest.MonkeyPatch, replace: bool
):
    """Clauses 12 to 998, and the lists that they match, are the automation's and in no template."""
    monkeypatch.setattr(overrides_plan, "LONGEST", 1)
    policy, found = Policy(), running(router)
    wanted = Wanted(raised=PREFIXES[:2], backup=PREFIXES[2:], drained=True)
    current = parse_overrides(found, policy)
    planned = planned_overrides(current, wanted, policy, rules_of(found))
    assert len(planned.lists) == 5
    configure(router, "GW1", *change_overrides(current, planned, policy).lines)
    held, before = running(router), drops(router)
    assert "route-map LOCAL_PREF_MAP permit 15" in held
    configure(router, "GW1", "ip prefix-list EXPORT_PREFIX_LIST seq 99 permit 198.51.100.0/24")
    done = only(deploy(gw1, replace=replace).devices)
    assert (done.error, done.changed) == (None, True)
    assert running(router) == held
    assert parse_overrides(held, policy) == planned
    assert drops(router) == before


@pytest.fixture
def template(gw1: Nornir, tmp_path: Path) -> Template:
    """Put a line behind another one into the template."""

    def add(after: str, line: str) -> None:
        text = (ROOT / "templates/frr.conf.j2").read_text()
        assert after in text
        file = tmp_path / "frr.conf.j2"
        file.write_text(text.replace(after, f"{after}\n{line}", 1))
        gw1.config.user_defined["template"] = str(file)

    return add


ROUTER_ID = " bgp router-id {{ device.bgp.router_id }}"


@pytest.mark.parametrize(
    ("line", "named"),
    [
        pytest.param(" neighbor 10.0.5.1 frobnicate", "frobnicate", id="refused"),
        pytest.param(
            " neighbor 10.0.5.1 timers 0003 0009", "not its rendered configuration", id="rewritten"
        ),
    ],
)
def test_a_router_that_fails_is_as_it_was(
    router: Lab, gw1: Nornir, template: Template, line: str, named: str
):
    """The lines before the bad one were taken: a new policy, a new session, a network gone."""
    configure(router, "GW1", f"ip prefix-list {LIST} seq 5 permit 198.51.100.0/24")
    configure(router, "GW1", "no route-map LOCAL_PREF_MAP permit 999")
    configure(router, "GW1", BGP, "neighbor 10.0.9.9 remote-as 65099", FAMILY, "network 9.9.9.0/24")
    configure(router, "GW1", "ip prefix-list EXPORT_PREFIX_LIST seq 99 permit 9.9.9.0/24")
    before, sessions = running(router), drops(router)
    template(ROUTER_ID, line)
    report = deploy(gw1)
    device = only(report.devices)
    assert report.exit_code == 4
    assert named in (device.error or "")
    assert device.restored
    assert not device.changed
    assert set(running(router).splitlines()) == set(before.splitlines())
    assert drops(router) == sessions


def test_a_session_that_is_lost_on_the_way(router: Lab, gw1: Nornir):
    """The transport ends while lines are being sent; a new session takes back what was."""
    before, sessions = running(router), drops(router)
    host = gw1.inventory.hosts["GW1"]
    many = [f"10.200.{n}.0/24" for n in range(250)]
    host.data["bgp"] = host.data["bgp"] | {"networks": many}
    with ThreadPoolExecutor(1) as pool:
        deploying = pool.submit(deploy, gw1)
        seen = wait_for(lambda: running(router), lambda text: many[5] in text, seconds=20)
        assert many[5] in seen
        assert many[-1] not in seen
        host.connections[CONNECTION].connection.remote_conn.transport.close()
        report = deploying.result(timeout=120)
    device = only(report.devices)
    assert report.exit_code == 4
    assert "session was lost" in (device.error or "")
    assert device.restored
    assert set(running(router).splitlines()) == set(before.splitlines())
    assert drops(router) == sessions


def test_a_router_that_cannot_be_put_back(router: Lab, gw1: Nornir):
    """The session is lost and no new one opens: the network is not as planned."""
    host = gw1.inventory.hosts["GW1"]
    bgp = host.data["bgp"]
    many = [f"10.200.{n}.0/24" for n in range(250)]
    host.data["bgp"] = bgp | {"networks": many}
    try:
        with ThreadPoolExecutor(1) as pool:
            deploying = pool.submit(deploy, gw1)
            assert many[5] in wait_for(
                lambda: running(router), lambda text: many[5] in text, seconds=20
            )
            router.stop_daemon("GW1", "sshd")
            host.connections[CONNECTION].connection.remote_conn.transport.close()
            report = deploying.result(timeout=120)
    finally:
        router.start_daemon("GW1", "sshd")
    device = only(report.devices)
    assert report.exit_code == 3
    assert "NOT PUT BACK" in (device.error or "")
    assert device.changed
    assert not device.restored
    assert many[5] in running(router)
    host.data["bgp"] = bgp
    assert deploy(gw1).ok
    assert many[5] not in running(router)


def test_a_fault_of_ours_leaves_no_router_half_changed(
    router: Lab, lab_config: Path, monkeypatch: pytest.MonkeyPatch
):
    """A bug between two lines, which cannot be had for real: put back; GW2 has its result."""

    def stumble(task: Task, lines: Sequence[str]) -> str:
        if task.host.name == "GW1" and "no neighbor 10.0.9.9" in lines:
            connection = task.host.get_connection(CONNECTION, task.nornir.config)
            connection.send_config_set(lines[: len(lines) // 2], exit_config_mode=False)
            raise KeyError("a bug")
        return session.configure(task, lines)

    monkeypatch.setattr("nornir_bgp.tasks.deploy.configure", stumble)
    edits = ("neighbor 10.0.9.9 remote-as 65099", "no neighbor 10.0.5.1 description")
    configure(router, "GW1", BGP, *edits)
    configure(router, "GW2", BGP, "neighbor 10.0.9.9 remote-as 65099")
    before, sessions = running(router), drops(router)
    nr = load_nornir(lab_config).filter(filter_func=lambda h: h.name in ("GW1", "GW2"))
    report = deploy(nr)
    first, second = report.devices
    assert report.exit_code == 1
    assert "a fault of nornir-bgp" in (first.error or "")
    assert "KeyError: 'a bug'" in (first.error or "")
    assert first.fault
    assert first.restored
    assert set(running(router).splitlines()) == set(before.splitlines())
    assert drops(router) == sessions
    assert second.error is None
    assert second.changed
    assert "10.0.9.9" not in running(router, "GW2")


def test_an_interrupted_deploy_puts_the_router_back(
    router: Lab, gw1: Nornir, monkeypatch: pytest.MonkeyPatch
):
    def interrupt_once(task: Task, lines: Sequence[str]) -> str:
        monkeypatch.setattr("nornir_bgp.tasks.deploy.configure", session.configure)
        session.configure(task, lines)
        raise KeyboardInterrupt

    monkeypatch.setattr("nornir_bgp.tasks.deploy.configure", interrupt_once)
    configure(router, "GW1", BGP, "neighbor 10.0.9.9 remote-as 65099")
    before = running(router)
    with pytest.raises(KeyboardInterrupt) as caught:
        deploy(gw1)
    assert caught.value.__notes__ == ["GW1 was put back"]
    assert set(running(router).splitlines()) == set(before.splitlines())


def test_what_the_inventory_has_no_word_for_stays(router: Lab, gw1: Nornir):
    """As on a network with an IGP; no session notices, and --replace takes it away."""
    as_rendered = running(router)
    theirs = (
        ("interface eth1", "description to UP1", "bandwidth 100"),
        (BGP, "coalesce-time 1500", "neighbor 172.16.0.1 advertisement-interval 3"),
        (BGP, FAMILY, "distance bgp 21 200 200", "neighbor 10.0.5.1 maximum-prefix 1000"),
        (BGP, FAMILY, "neighbor 172.16.0.1 allowas-in 1"),
    )
    for lines in theirs:
        configure(router, "GW1", *lines)
    router.wait_established()
    with_theirs, sessions = running(router), drops(router)
    configure(router, "GW1", BGP, "neighbor 10.0.5.1 description nobody's")
    done = only(deploy(gw1).devices)
    assert done.error is None
    assert done.change
    assert {line.strip() for line in done.change.unmanaged} == {
        *(line for lines in theirs for line in lines)
    }
    assert set(running(router).splitlines()) == set(with_theirs.splitlines())
    assert drops(router) == sessions
    assert only(deploy(gw1, replace=True).devices).error is None
    assert set(running(router).splitlines()) == set(as_rendered.splitlines())


def test_a_template_that_says_a_line_twice_touches_nothing(
    router: Lab, cli: Cli, lab_config: Path, template: Template, gw1: Nornir
):
    template(ROUTER_ID, ROUTER_ID)
    config = lab_config.with_name("twice.yaml")
    text = lab_config.read_text()
    config.write_text(
        text.replace(str(ROOT / "templates/frr.conf.j2"), gw1.config.user_defined["template"])
    )
    done = cli("deploy", config=config)
    assert done.returncode == 2
    assert "bgp router-id" in done.stderr


def test_an_unreachable_router_does_not_stop_the_others(router: Lab, lab_config: Path):
    nr = load_nornir(lab_config).filter(filter_func=lambda h: h.name in ("GW1", "GW2"))
    configure(router, "GW1", BGP, "neighbor 10.0.5.1 description nobody's")
    router.stop_daemon("GW2", "sshd")
    try:
        report = deploy(nr)
    finally:
        router.start_daemon("GW2", "sshd")
    assert report.exit_code == 4
    by_name = {d.device: d for d in report.devices}
    assert "172.16.0.4" in (by_name["GW2"].error or "")
    assert by_name["GW2"].change is None
    assert by_name["GW1"].changed
    assert "nobody's" not in running(router)
