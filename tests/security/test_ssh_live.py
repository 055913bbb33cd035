"""Host keys, users' keys and sessions that break, on real sshd in the lab."""

import logging
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from nornir.core import Nornir
from nornir.core.task import Result, Task

from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import DeviceUnreachableError, InputError
from nornir_bgp.lab.lab import Lab
from nornir_bgp.tasks.connection import CONNECTION
from nornir_bgp.tasks.session import configure, show
from tests.lab.conftest import Cli, override_prefixes
from tests.security.manager import Manager

pytestmark = pytest.mark.lab

GW1 = "172.16.0.3"


@pytest.fixture
def known_hosts(clean_lab: Lab) -> Iterator[Path]:
    """The lab's known_hosts file, which a test may change."""
    file = clean_lab.state.known_hosts
    before = file.read_text()
    yield file
    file.write_text(before)


def entry(known_hosts: Path, address: str) -> re.Match[str]:
    found = re.search(
        rf"^\S*{re.escape(address)}\S* (?P<key>\S+ \S+)$", known_hosts.read_text(), re.M
    )
    assert found
    return found


def test_a_changed_host_key_is_refused(clean_lab: Lab, known_hosts: Path, cli: Cli, repository):
    right, other = entry(known_hosts, GW1)["key"], entry(known_hosts, "172.16.0.4")["key"]
    known_hosts.write_text(known_hosts.read_text().replace(right, other))
    done = cli("--verbose", "distribute", str(repository / "predictions/test.json"))
    assert done.returncode == 4
    assert f"{GW1}: no SSH session: Host key for server '{GW1}' does not match" in done.stderr
    assert "again in" not in done.stderr
    assert override_prefixes(clean_lab, "GW1") == []


def test_an_unknown_host_is_refused(clean_lab: Lab, known_hosts: Path, cli: Cli, repository):
    line = entry(known_hosts, GW1)[0]
    known_hosts.write_text(known_hosts.read_text().replace(line + "\n", ""))
    done = cli("--verbose", "distribute", str(repository / "predictions/test.json"))
    assert done.returncode == 4
    assert f"Server '{GW1}' not found in known_hosts" in done.stderr
    assert "again in" not in done.stderr
    assert override_prefixes(clean_lab, "GW2") == []


@pytest.mark.parametrize(
    ("extras", "said"),
    [
        ({"ssh_strict": False}, "ssh_strict: host keys are always checked"),
        ({"session_log": "x.log"}, "session_log: Netmiko's own log is not private"),
    ],
)
def test_no_option_switches_a_check_off(manager: Manager, nr: Nornir, extras, said):
    """Neither in a file, nor in a Nornir object that somebody made."""
    manager.make({"connection_options": {"frr": {"extras": extras}}})
    done = manager.run("verify", "x.json")
    assert done.returncode == 2
    assert f"defaults.yaml:6:7: connection_options.frr.extras.{said}" in done.stderr
    with pytest.raises(InputError, match=said):
        nr.inventory.hosts["GW1"].open_connection(CONNECTION, nr.config, extras=extras)


def plan(manager: Manager, *before: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Ask the gateways, from the manager."""
    program = manager.program
    file = str(manager.project / "predictions/test.json")
    return manager.execute([*before, *program, "--verbose", "plan", file], **environment)


def test_a_key_of_the_users_own_is_found(manager: Manager):
    manager.make({})
    none = plan(manager)
    assert none.returncode == 4
    assert "no SSH session: No authentication methods available" in none.stderr
    shutil.copy(manager.lab.state.key_file, manager.home / ".ssh/id_ed25519")
    assert plan(manager).returncode == 0


def test_a_key_in_an_agent(manager: Manager):
    manager.make({})
    key = manager.folder / "key"
    shutil.copy(manager.lab.state.key_file, key)
    script = f'ssh-add -q {key} && rm {key} && exec "$@"'
    done = plan(manager, "ssh-agent", "sh", "-c", script, "sh")
    assert done.returncode == 0, done.stderr


def test_a_key_with_a_passphrase(manager: Manager):
    passphrase = "Open.Sesame-0"  # noqa: S105 - of a key that lives for a second
    extras = {"key_file": str(manager.folder / "key"), "passphrase": "env:KEY_WORDS"}
    manager.make({"connection_options": {"frr": {"extras": extras}}})
    key = manager.folder / "key"
    shutil.copy(manager.lab.state.key_file, key)
    change = ["ssh-keygen", "-q", "-p", "-P", "", "-N", passphrase, "-f", key]
    subprocess.run(change, check=True, capture_output=True)
    done = plan(manager, KEY_WORDS=passphrase)
    assert done.returncode == 0, done.stderr
    wrong = plan(manager, KEY_WORDS="Close.Sesame-1")
    assert wrong.returncode == 4
    assert "again in" not in wrong.stderr
    for run in (done, wrong):
        assert "Sesame" not in run.stdout + run.stderr


def test_a_key_that_is_not_there(manager: Manager):
    manager.make({"connection_options": {"frr": {"extras": {"key_file": "/no/such/key"}}}})
    done = plan(manager)
    assert done.returncode == 4
    assert "/no/such/key" in done.stderr
    assert "again in" not in done.stderr


def test_a_session_is_opened_as_soon_as_sshd_is_back(clean_lab: Lab, nr: Nornir, caplog):
    caplog.set_level(logging.INFO, "nornir_bgp.tasks.connection")
    host = nr.inventory.hosts["GW1"]
    clean_lab.stop_daemon("GW1", "sshd")
    starter = threading.Timer(0.8, clean_lab.start_daemon, ("GW1", "sshd"))
    starter.start()
    try:
        assert host.get_connection(CONNECTION, nr.config).find_prompt() == "GW1#"
    finally:
        starter.join()
        host.close_connections()
    assert "again in" in caplog.text


def cut_sessions(lab: Lab, router: str) -> None:
    """End a router's open SSH sessions, and not its sshd."""
    sshd = lab.processes(router)["sshd"]
    children = ["pgrep", "--parent", str(sshd)]

    def open_sessions() -> list[str]:
        return lab.run(router, children).stdout.split()

    lab.run(router, ["kill", *open_sessions()], check=True)
    assert wait_for(open_sessions, lambda found: not found, seconds=10) == []


def test_a_line_that_was_lost_with_its_session_is_not_sent_again(clean_lab: Lab, nr: Nornir):
    line = "ip prefix-list LOST seq 5 permit 192.0.2.0/24"

    def lose(task: Task) -> Result:
        show(task, "show version")
        cut_sessions(clean_lab, "GW1")
        with pytest.raises(DeviceUnreachableError, match="GW1: the session was lost"):
            configure(task, [line])
        assert CONNECTION not in task.host.connections
        return Result(host=task.host, result=show(task, "show running-config"))

    gateway = nr.filter(name="GW1")
    outcome = gateway.run(lose)
    gateway.close_connections()
    assert outcome["GW1"][0].exception is None
    assert line not in outcome["GW1"][0].result
    assert "hostname GW1" in outcome["GW1"][0].result
