"""The way to a gateway: refused, wrong keys, slow, choking."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lab.faults.fault import AS_BEFORE, AS_PLANNED, Fault

pytestmark = [pytest.mark.lab, pytest.mark.long]

GROUP = "The way to a gateway"
PROXY = Path(__file__).with_name("slow_proxy.py")

NEW_HOST_KEY = """
cd /run/lab; cp -p host_key host_key.kept
rm host_key; ssh-keygen -q -t ed25519 -N '' -f host_key
"""


def restart_sshd(fault: Fault, router: str) -> None:
    fault.lab.stop_daemon(router, "sshd")
    fault.lab.start_daemon(router, "sshd")


def refuse_ssh(fault: Fault) -> None:
    fault.lab.stop_daemon("GW2", "sshd")
    fault.mends.callback(fault.lab.start_daemon, "GW2", "sshd")


def change_host_key(fault: Fault) -> None:
    fault.lab.run("GW2", ["sh", "-ec", NEW_HOST_KEY], check=True)
    fault.mends.callback(restart_sshd, fault, "GW2")
    fault.mends.callback(
        fault.lab.run, "GW2", ["mv", "/run/lab/host_key.kept", "/run/lab/host_key"], check=True
    )
    restart_sshd(fault, "GW2")


def forget_user_key(fault: Fault) -> None:
    keys = "/run/lab/authorized_keys"
    fault.lab.run("GW2", ["mv", keys, f"{keys}.kept"], check=True)
    fault.mends.callback(fault.lab.run, "GW2", ["mv", f"{keys}.kept", keys], check=True)


@pytest.mark.parametrize(
    ("order", "deed", "name", "says"),
    [
        (1, refuse_ssh, "GW2 refuses SSH", "Connection refused"),
        (
            2,
            change_host_key,
            "GW2 has another host key than the known one",
            r"Host key for server \S+ does not match",
        ),
        (3, forget_user_key, "GW2 does not accept our key", "Authentication failed"),
    ],
    ids=["refused", "host key", "user key"],
)
def test_no_way(fault: Fault, order: int, deed: Callable[[Fault], None], name: str, says: str):
    deed(fault)
    fault.ends(
        fault.distribute(),
        (GROUP, order, name),
        code=4,
        lists=AS_BEFORE,
        tables=AS_BEFORE,
        says=rf"error: GW2 at .*{says}",
    )


def test_a_slow_and_choking_path(fault: Fault):
    """tbf drops what does not fit into its queue: the session's TCP must send it again."""
    for node, interface in (("manager", "eth1"), ("br-core", "core-manager")):
        at = ["dev", interface, "root"]
        tbf = ["tbf", "rate", "128kbit", "burst", "2000", "limit", "12000"]
        fault.lab.run(node, ["tc", "qdisc", "add", *at, *tbf], check=True)
        fault.mends.callback(fault.lab.run, node, ["tc", "qdisc", "del", *at], check=True)
    outcome = fault.distribute()
    assert outcome.seconds > 10, "the path was not slow"
    fault.ends(
        outcome,
        (GROUP, 4, "the manager's link carries 128 kbit/s and drops what is more (`tbf`)"),
        code=0,
        lists=AS_PLANNED,
        tables=AS_PLANNED,
        says=r"As planned: 8 lines sent, \d+ checks passed",
    )


def test_a_delaying_proxy(fault: Fault):
    """sshd moves to another port of GW2, and a proxy takes its place."""
    sshd = "/run/lab/sshd_config"
    fault.lab.run("GW2", ["sh", "-c", f"cp {sshd} {sshd}.kept; echo Port 2222 >> {sshd}"])
    fault.mends.callback(restart_sshd, fault, "GW2")
    fault.mends.callback(fault.lab.run, "GW2", ["mv", f"{sshd}.kept", sshd], check=True)
    restart_sshd(fault, "GW2")
    command = fault.lab.command("GW2", ["/usr/bin/python3", "-I", str(PROXY), "0.05", "40", "5"])
    proxy = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    fault.mends.callback(proxy.communicate, timeout=10)
    assert proxy.stdout is not None
    assert proxy.stdout.readline() == b"ready\n"
    fault.ends(
        fault.distribute(),
        (GROUP, 5, "a proxy holds each packet to and from GW2 for 0.05 s, every 40th for 5 s"),
        code=0,
        lists=AS_PLANNED,
        tables=AS_PLANNED,
        says=r"As planned: 8 lines sent, \d+ checks passed",
    )
