"""SSH keys of one lab: made when it comes up, gone when it goes down."""

import subprocess
from pathlib import Path

from nornir_bgp.lab.needs import Machine
from nornir_bgp.lab.spec import LabSpec
from nornir_bgp.lab.state import LabState


def host_key_file(state: LabState, router: str) -> Path:
    """Return where a router's private host key lies."""
    return state.folder / f"host_key.{router}"


def make_keys(state: LabState, spec: LabSpec, machine: Machine) -> None:
    """Make the client's key, a host key per router, and the ``known_hosts`` file."""
    _generate(state.key_file, f"netadmin@{spec.name}", machine)
    lines = []
    for node in spec.nodes:
        if node.router is None:
            continue
        file = host_key_file(state, node.name)
        _generate(file, node.name, machine)
        kind, key, _ = public_key(file).split()
        lines.append(f"{','.join(node.router.addresses)} {kind} {key}\n")
    state.known_hosts.write_text("".join(lines), "ascii")


def public_key(private: Path) -> str:
    """Return the public half of a key as one line."""
    return private.with_name(private.name + ".pub").read_text("ascii").strip()


def _generate(file: Path, comment: str, machine: Machine) -> None:
    subprocess.run(
        [machine.find("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", file],
        check=True,
        capture_output=True,
    )
