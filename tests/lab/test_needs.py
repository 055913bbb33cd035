"""What the lab says where the machine lacks something: one line, with the mend."""

import os
import pwd
from dataclasses import replace
from pathlib import Path

import pytest

from nornir_bgp.exceptions import LabError
from nornir_bgp.lab.needs import Machine, check

COMMANDS = ("vtysh", "sshd", "ssh-keygen", "ip", "unshare", "nsenter", "setsid", "newuidmap")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine with everything, whose parts a test takes away."""
    commands, daemons = tmp_path / "bin", tmp_path / "frr"
    commands.mkdir()
    daemons.mkdir()
    here = Machine.here()
    for name in (*COMMANDS, "newgidmap"):
        (commands / name).symlink_to(here.find(name))
    for name in ("zebra", "bgpd"):
        (daemons / name).symlink_to(here.frr_daemon(name))
    user = pwd.getpwuid(os.geteuid()).pw_name
    ids = tuple(tmp_path / name for name in ("subuid", "subgid"))
    for file in ids:
        file.write_text(f"somebody:100000:65536\n{user}:165536:65536\n")
    return Machine(str(commands), (str(daemons),), ids)


def as_ordinary_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    monkeypatch.setattr("getpass.getuser", lambda: "somebody")


def complaint(machine: Machine) -> str:
    with pytest.raises(LabError) as error:
        check(machine, ["zebra", "bgpd"])
    message = str(error.value)
    assert "\n" not in message
    return message


def test_nothing_is_missing(machine: Machine):
    check(machine, ["zebra", "bgpd"])


@pytest.mark.parametrize("command", ["vtysh", "sshd", "ssh-keygen", "ip", "unshare", "nsenter"])
def test_a_command_is_missing(machine: Machine, command: str):
    (Path(machine.search_path) / command).unlink()
    assert f"needs {command}, which is not installed" in complaint(machine)


def test_frr_is_missing(machine: Machine):
    message = complaint(replace(machine, frr_folders=("/nonexistent",)))
    assert "FRR" in message
    assert "install the Debian package frr (lab/install-packages" in message


@pytest.mark.parametrize("command", ["newuidmap", "newgidmap"])
def test_uidmap_is_missing(machine: Machine, monkeypatch: pytest.MonkeyPatch, command: str):
    as_ordinary_user(monkeypatch)
    (Path(machine.search_path) / command).unlink()
    assert "install the Debian package uidmap" in complaint(machine)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("content", [None, "", "other:1:65536\n", "somebody:100000:1000\n"])
def test_subordinate_ids_are_missing(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, number: int, content: str | None
):
    as_ordinary_user(monkeypatch)
    file = machine.subordinate_ids[number]
    file.unlink()
    if content is not None:
        file.write_text(content)
    message = complaint(machine)
    assert f"somebody has no subordinate ids in {file}" in message
    assert "sudo usermod --add-subuids" in message


def test_namespaces_are_not_allowed(machine: Machine, monkeypatch: pytest.MonkeyPatch):
    as_ordinary_user(monkeypatch)
    unshare = Path(machine.search_path) / "unshare"
    unshare.unlink()
    unshare.write_text("#!/bin/sh\necho unshare failed: Operation not permitted >&2\nexit 1\n")
    unshare.chmod(0o755)
    message = complaint(machine)
    assert "may not make namespaces (unshare failed: Operation not permitted)" in message
    assert "sysctl" in message
