"""What a running lab offers, asked of its own FRR, sshd and kernel."""

import json
import os
import pwd
import socket
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest

from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import DeviceUnreachableError, InputError, LabError
from nornir_bgp.lab.dial import SOCKET, dial
from nornir_bgp.lab.lab import Lab
from nornir_bgp.lab.state import LabState
from nornir_bgp.lab.topology import Role

pytestmark = pytest.mark.lab


def ssh(
    lab: Lab, address: str, lines: str, *, user: str = "netadmin", key: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Send lines to a login shell by OpenSSH's own client, from the manager."""
    options = {
        "BatchMode": "yes",
        "StrictHostKeyChecking": "yes",
        "UserKnownHostsFile": lab.state.known_hosts,
        "IdentitiesOnly": "yes",
        "IdentityFile": key or lab.state.key_file,
    }
    words = [f"-o{name}={value}" for name, value in options.items()]
    command = ["ssh", "-F/dev/null", "-T", *words, f"{user}@{address}"]
    return lab.run("manager", command, input=lines, timeout=20)


def test_the_status_is_complete(lab: Lab):
    status = lab.status()
    assert status.complete
    nodes = {node.name: node for node in status.nodes}
    assert len(nodes) == 12
    assert nodes["manager"].role is Role.MANAGER
    assert nodes["br-core"].ssh is None
    assert (nodes["GW1"].established, nodes["GW1"].configured) == (4, 4)


@pytest.mark.parametrize("address", ["172.16.0.3", "172.20.20.31", "172.20.20.41", "172.16.0.1"])
def test_netadmin_lands_in_vtysh(lab: Lab, address: str):
    shown = ssh(lab, address, "show version\n")
    assert "FRRouting" in shown.stdout, shown.stderr


def test_a_stranger_is_refused(lab: Lab, tmp_path: Path):
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    stranger = ssh(lab, "172.16.0.3", "", key=key)
    assert stranger.returncode == 255
    assert "Permission denied (publickey)" in stranger.stderr
    assert "Permission denied" in ssh(lab, "172.16.0.3", "", user="root").stderr


def test_netadmin_exists_in_the_routers_only(lab: Lab):
    with pytest.raises(KeyError):
        pwd.getpwnam("netadmin")
    assert lab.run("Customer1", ["id", "netadmin"]).returncode != 0
    inside = lab.run("PE1", ["id", "netadmin"], check=True).stdout
    assert "(frrvty)" in inside
    shell = lab.run("PE1", ["getent", "passwd", "netadmin"]).stdout
    assert shell.strip().endswith("/vtysh")
    assert shell.split(":")[1] == "*"


def test_a_dialled_socket_is_the_managers(lab: Lab):
    with lab.state.dial("172.16.0.3", 22, timeout=5) as connection:
        assert connection.getsockname()[0] == "172.16.0.254"
        assert connection.recv(4) == b"SSH-"


def test_dial_from_many_threads(lab: Lab):
    greetings: list[bytes] = []

    def greet() -> None:
        with lab.state.dial("172.16.0.4", 22, timeout=10) as connection:
            greetings.append(connection.recv(4))

    threads = [threading.Thread(target=greet) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert greetings == [b"SSH-"] * 50


def test_dial_says_why_nobody_answers(lab: Lab, tmp_path: Path):
    with pytest.raises(DeviceUnreachableError, match=r"172\.16\.0\.3:23 .*Connection refused"):
        lab.state.dial("172.16.0.3", 23, timeout=5)
    start = time.monotonic()
    with pytest.raises(DeviceUnreachableError, match="no answer in time"):
        lab.state.dial("172.16.0.200", 22, timeout=1)
    assert time.monotonic() - start < 4
    with pytest.raises(LabError, match=r"lab other is not up; start it with `nornir-bgp lab up`"):
        LabState.at(tmp_path, "other").dial("172.16.0.3", 22, timeout=1)


def test_dial_never_uses_the_machines_own_network(lab: Lab):
    """A server on the machine's loopback is not there for the lab."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(DeviceUnreachableError, match="refused"):
            lab.state.dial("127.0.0.1", port, timeout=2)


def test_the_machines_network_knows_nothing_of_the_lab(lab: Lab):
    shown = subprocess.run(["ip", "-j", "address"], capture_output=True, text=True, check=True)
    ours = {a["local"] for link in json.loads(shown.stdout) for a in link["addr_info"]}
    theirs = {a for node in lab.spec.nodes if node.router for a in node.router.addresses}
    assert theirs
    assert not ours & theirs


def test_a_long_state_path_is_no_obstacle(lab: Lab, tmp_path: Path):
    """A Unix socket's path has 107 bytes at most; the lab's folder may be deeper."""
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    (deep / lab.name).symlink_to(lab.state.folder)
    with dial(deep / lab.name, "172.16.0.3", 22, timeout=5) as connection:
        assert connection.recv(4) == b"SSH-"


def test_the_folder_is_its_owners_alone(lab: Lab):
    assert stat.S_IMODE(lab.state.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((lab.state.folder / SOCKET).stat().st_mode) == 0o600
    assert stat.S_IMODE(lab.state.key_file.stat().st_mode) == 0o600


def test_run(lab: Lab):
    done = lab.run("Customer1", ["sh", "-c", "cat; hostname; exit 7"], input="hello\n")
    assert (done.returncode, done.stdout) == (7, "hello\nCustomer1\n")
    with pytest.raises(LabError, match=r"Customer1: sleep 60: not done within 0\.2 s"):
        lab.run("Customer1", ["sleep", "60"], timeout=0.2)
    with pytest.raises(LabError, match=r"PE1: vtysh -c show nonsense: .*Unknown command"):
        lab.vtysh("PE1", "show nonsense")
    with pytest.raises(InputError, match="has no node PE7; it has CE1, CE2"):
        lab.run("PE7", ["true"])
    direct = "echo ${NORNIR_BGP_DIRECT:-no}"
    assert lab.run("manager", ["sh", "-c", direct]).stdout == "1\n"
    assert lab.run("Customer1", ["sh", "-c", direct]).stdout == "no\n"


def test_a_link_is_pulled_and_plugged(lab: Lab):
    def carrier() -> bool:
        shown = lab.run("UP2", ["ip", "-j", "link", "show", "dev", "eth1"], check=True)
        return "LOWER_UP" in json.loads(shown.stdout)[0]["flags"]

    def sessions() -> tuple[int, int]:
        return lab.sessions("UP2")

    assert carrier()
    lab.set_link("GW2", "UP2", up=False)
    try:
        assert not carrier()
        assert wait_for(sessions, lambda s: s == (0, 1), seconds=15) == (0, 1)
        with pytest.raises(LabError, match=r"not established: .*UP2 0/1"):
            lab.wait_established(seconds=0.1)
    finally:
        lab.set_link("GW2", "UP2", up=True)
    assert carrier()
    lab.wait_established(seconds=60)


def test_a_link_must_be_there(lab: Lab):
    with pytest.raises(InputError, match="0 links between PE1 and UP1"):
        lab.set_link("PE1", "UP1", up=False)
    with pytest.raises(InputError, match="0 links between PE1 and CE1"):
        lab.set_link("PE1", "CE1", up=False, interface="eth3")


def test_a_saved_policy_survives_a_restart_of_the_daemons(lab: Lab):
    """Saved by netadmin, who is not the user frr."""
    line = "ip prefix-list KEPT seq 5 permit 192.0.2.0/24"
    lab.run("CE2", ["vtysh", "-c", "configure terminal", "-c", line], check=True)
    saved = ssh(lab, "172.20.20.12", "write memory\n")
    assert "Configuration saved to /etc/frr/bgpd.conf" in saved.stdout, saved.stderr
    before = lab.vtysh("CE2", "show running-config")
    try:
        for daemon in ("bgpd", "bfdd"):
            lab.stop_daemon("CE2", daemon)
            status = {n.name: n for n in lab.status().nodes}["CE2"]
            assert status.daemons[daemon] is False
            assert not status.complete
            lab.start_daemon("CE2", daemon)
        assert line in lab.vtysh("CE2", "show running-config")
        assert lab.vtysh("CE2", "show running-config") == before
        lab.wait_established(seconds=60)
    finally:
        for command in ("configure terminal", "write memory"):
            undo = ["-c", f"no {line}"] if command == "configure terminal" else []
            lab.run("CE2", ["vtysh", "-c", command, *undo], check=True)


def test_stopping_sshd_and_an_unknown_daemon(lab: Lab):
    lab.stop_daemon("CE1", "sshd")
    try:
        with pytest.raises(DeviceUnreachableError, match="refused"):
            lab.state.dial("172.20.20.11", 22, timeout=5)
    finally:
        lab.start_daemon("CE1", "sshd")
    assert wait_for(lambda: {n.name: n for n in lab.status().nodes}["CE1"].ssh, bool, seconds=10)
    with pytest.raises(LabError, match="CE1 has no daemon ospfd; it has zebra, bgpd, bfdd, sshd"):
        lab.start_daemon("CE1", "ospfd")
    with pytest.raises(LabError, match="no router Customer1"):
        lab.stop_daemon("Customer1", "zebra")


def test_routers_keep_management_in_a_table_of_its_own(lab: Lab):
    assert "172.20.20" not in lab.run("PE1", ["ip", "route"], check=True).stdout
    table = lab.run("PE1", ["ip", "route", "show", "table", "100"], check=True).stdout
    assert "172.20.20.0/24 dev eth0" in table
    # A customer's packet to another router's management address finds no way.
    lost = lab.run("Customer1", ["ping", "-n", "-c1", "-W1", "-I", "eth1", "172.20.20.21"])
    assert lost.returncode != 0


def test_routers_see_nothing_of_the_machines_frr(lab: Lab):
    names = lab.run("GW1", ["ls", "/etc/frr"], check=True).stdout.split()
    assert set(names) <= {
        "startup.conf",
        "vtysh.conf",
        *(f"{daemon}.conf{end}" for daemon in ("zebra", "bgpd", "bfdd") for end in ("", ".sav")),
    }
    assert lab.run("GW1", ["ls", "/var/log"], check=True).stdout == ""
    shown = lab.run("GW1", ["cat", "/etc/hostname"]).stdout.strip()
    assert lab.run("GW1", ["hostname"], check=True).stdout.strip() == "GW1" != shown
    assert os.uname().nodename != "GW1"
