"""The running lab, adopted over SSH, is the inventory that it was made from."""

import json
from pathlib import Path

import pytest
import yaml

from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.device import Device
from nornir_bgp.runbooks.session import load_nornir
from nornir_bgp.tasks.inventory import devices_of
from tests.frr.device_strategies import normal
from tests.lab.conftest import Cli, configure

pytestmark = pytest.mark.lab


def by_name(config: Path) -> dict[str, Device]:
    return {device.hostname: normal(device) for device in devices_of(load_nornir(config))}


def test_the_lab_is_adopted_as_what_it_was_made_from(
    clean_lab: Lab, lab_config: Path, cli: Cli, tmp_path: Path
) -> None:
    reference = load_nornir(lab_config)
    addresses = [str(host.hostname) for host in reference.inventory.hosts.values()]
    folder = tmp_path / "adopted"
    user = ("--username", "netadmin")
    done = cli("init", str(folder), "--from-running", *addresses, *user, "--json")
    assert done.returncode == 0, done.stderr

    told = json.loads(done.stdout)["devices"]
    assert [router["address"] for router in told] == addresses
    assert not any(router["would_change"] or router["not_understood"] for router in told)
    basics = {"frr version 8.4.4", "frr defaults traditional", "no service integrated-vtysh-config"}
    assert all(set(router["kept"]) == basics for router in told)

    assert by_name(folder / "config.yaml") == by_name(lab_config)
    adopted = load_nornir(folder / "config.yaml")
    for name, host in adopted.inventory.hosts.items():
        theirs = reference.inventory.hosts[name]
        known = [g.name for g in theirs.groups if g.name in ("edge", "gateway")]
        assert [g.name for g in host.groups] == known
        assert (host.hostname, host.username) == (theirs.hostname, theirs.username)

    rehearsed = cli("deploy", "--dry-run", "--json", config=folder / "config.yaml")
    assert rehearsed.returncode == 0, rehearsed.stderr
    changes = [router["change"] for router in json.loads(rehearsed.stdout)["devices"]]
    assert len(changes) == len(clean_lab.routers)
    assert not any(change["commands"] or change["unmanaged"] for change in changes)


def test_what_is_not_understood_is_said_and_written(
    clean_lab: Lab, cli: Cli, tmp_path: Path
) -> None:
    bgp = "router bgp 65020"
    edits = (
        ("access-list THEIRS seq 5 permit any",),
        (bgp, "neighbor 10.0.1.1 description Customer (first)"),
        (bgp, "neighbor 10.0.1.1 advertisement-interval 3"),
    )
    for lines in edits:
        configure(clean_lab, "PE1", *lines)
    try:
        user = ("--username", "netadmin")
        done = cli("init", str(tmp_path), "--from-running", "172.16.0.1", *user)
    finally:
        configure(clean_lab, "PE1", "no access-list THEIRS seq 5 permit any")
        configure(clean_lab, "PE1", bgp, "no neighbor 10.0.1.1 description")
        configure(clean_lab, "PE1", bgp, "no neighbor 10.0.1.1 advertisement-interval")
    assert done.returncode == 3, done.stderr
    for text in (done.stdout, (tmp_path / "ADOPTED.md").read_text()):
        loud, calm = text.index("WOULD CHANGE"), text.index("Not understood")
        assert loud < text.index("- neighbor 10.0.1.1 description Customer (first)") < calm
        assert calm < text.index(" neighbor 10.0.1.1 advertisement-interval 3")
        assert calm < text.index("access-list THEIRS seq 5 permit any")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (
            ("--from-running", "172.16.0.1", "172.16.0.254", "--username", "netadmin"),
            4,
            "172.16.0.254",
        ),
        (("--from-running", "172.16.0.1", "--username", "nobody"), 4, "172.16.0.1"),
        (("--from-running", "172.16.0.1", "172.16.0.1", "--username", "netadmin"), 2, "twice"),
        (
            ("--from-running", "172.16.0.1", "172.20.20.21", "--username", "netadmin"),
            2,
            "172.16.0.1 and 172.20.20.21 both call themselves PE1",
        ),
        (("--from-running",), 2, "name the routers"),
        (("172.16.0.1",), 2, "--from-running"),
    ],
)
def test_nothing_is_written_unless_every_router_answers(
    clean_lab: Lab, cli: Cli, tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    done = cli("init", str(tmp_path / "adopted"), *arguments)
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert not list(tmp_path.iterdir())


def test_the_configuration_written_names_policy_and_lab(
    clean_lab: Lab, lab_config: Path, cli: Cli, tmp_path: Path
) -> None:
    content = yaml.safe_load(lab_config.read_text("utf-8"))
    policy = {"route_map": "PREFER", "export_map": "OUT", "export_list": "OURS"}
    content["user_defined"]["policy"] = policy
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(content), "utf-8")
    user = ("--username", "netadmin")
    folder = tmp_path / "adopted"
    done = cli("init", str(folder), "--from-running", "172.16.0.3", *user, config=config)
    assert done.returncode == 0, done.stderr
    written = yaml.safe_load((folder / "config.yaml").read_text("utf-8"))["user_defined"]
    assert written["policy"] == policy
    assert written["lab"] == content["user_defined"]["lab"]
    assert (
        "no exit, since route-map PREFER is not inbound on it: 10.0.5.1 (AS 65004)" in done.stdout
    )
