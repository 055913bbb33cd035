"""One node: namespaces of its own, kept by an anchor process that does nothing else."""

import grp
import os
import pwd
import shutil
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nornir_bgp.exceptions import LabError
from nornir_bgp.lab import kernel
from nornir_bgp.lab.spec import NodeSpec, RouterSpec

LOGIN = "netadmin"
"""The routers' account, which exists in the lab only."""

PRIVATE = Path("/run/lab")
"""What a router has for itself: its host key, the client's public key, its user database."""

STARTUP = Path("/etc/frr/startup.conf")

_OWN_FOLDERS = ("/run", "/var/log", "/var/tmp", "/var/lib/frr")  # noqa: S108
"""Where FRR and sshd write; a router gets each of them empty, in memory, and alone."""

_OWN_IN_ETC = frozenset({"frr", "passwd", "group"})
"""What of ``/etc`` a router has for itself."""

_ROUTER_SYSCTLS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv6/conf/all/forwarding": "1",
    "net/ipv6/conf/all/keep_addr_on_down": "1",
    # Routes are asymmetric here as anywhere: a strict check of the source would drop packets.
    "net/ipv4/conf/all/rp_filter": "0",
    "net/ipv4/conf/default/rp_filter": "0",
    # A traceroute is a measurement: its answers must not be rationed to one a second.
    "net/ipv4/icmp_ratelimit": "0",
}


@dataclass(frozen=True, slots=True)
class RouterKeys:
    """A router's private host key, and the public key that may log in."""

    host_key: str
    authorized_key: str


def start_anchor(name: str, prepare: Callable[[], None]) -> tuple[int, int]:
    """Start a process with network, mount and UTS namespaces of its own.

    Args:
        name: becomes the host name, and shows in ``ps``.
        prepare: furnishes the namespaces from inside.

    Returns:
        The process's id, and a pipe for :func:`await_anchor`.
    """
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    try:
        kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWNS | kernel.CLONE_NEWUTS)
        kernel.make_mounts_private()
        socket.sethostname(name)
        prepare()
        os.write(writing, b"ready")
        os.closerange(0, writing + 1)
        sleep = shutil.which("sleep") or "/bin/sleep"
        os.execv(sleep, [f"lab node {name}", "infinity"])  # noqa: S606 - no shell is meant
    except BaseException as error:
        os.write(writing, f"node {name}: {error}".encode())
    finally:
        os._exit(1)


def await_anchor(pipe: int) -> None:
    """Wait until an anchor is furnished.

    Raises:
        LabError: it could not be.
    """
    with os.fdopen(pipe, "rb") as stream:
        answer = stream.read()
    if answer != b"ready":
        raise LabError(answer.decode() or "a node's process died while it was made")


def furnish(node: NodeSpec, keys: RouterKeys | None) -> None:
    """Prepare a node's files and kernel settings; runs inside its namespaces."""
    if node.router is None or keys is None:
        return
    for name, value in _ROUTER_SYSCTLS.items():
        Path("/proc/sys", name).write_text(value, "ascii")
    for folder in map(Path, _OWN_FOLDERS):
        if folder.is_dir():
            kernel.mount("tmpfs", folder, kind="tmpfs", options="mode=0755")
    PRIVATE.mkdir()
    _own_etc()
    # Terminals of its own: sshd could not give the machine's to a user of a user namespace.
    kernel.mount("devpts", Path("/dev/pts"), kind="devpts", options="newinstance,ptmxmode=0666")
    _write_frr_files(node.router)
    _write_login_files(node.router, keys)


def _own_etc() -> None:
    """Give the router an ``/etc`` of its own, with the machine's entries by links.

    A file bound over the machine's ``/etc/passwd`` would not last: the kernel takes such a mount
    away as soon as the file under it is replaced, which is how ``useradd`` writes it.
    """
    etc, machines = Path("/etc"), PRIVATE / "etc"
    machines.mkdir()
    kernel.mount(etc, machines, flags=kernel.MS_BIND | kernel.MS_REC)
    kernel.mount("tmpfs", etc, kind="tmpfs", options="mode=0755")
    for entry in machines.iterdir():
        if entry.name not in _OWN_IN_ETC:
            (etc / entry.name).symlink_to(entry.readlink() if entry.is_symlink() else entry)
    for name in ("passwd", "group"):
        (etc / name).write_text((machines / name).read_text("utf-8"), "utf-8")
    (etc / "frr").mkdir()


def _write_frr_files(router: RouterSpec) -> None:
    frr = pwd.getpwnam("frr")
    readers = grp.getgrnam("frrvty").gr_gid
    runtime = Path("/run/frr")
    runtime.mkdir()
    os.chown(runtime, frr.pw_uid, frr.pw_gid)
    folder = Path("/etc/frr")
    folder.chmod(0o750)
    (folder / "vtysh.conf").write_text(router.vtysh_conf, "utf-8")
    STARTUP.write_text(router.config, "utf-8")
    for place in (folder, folder / "vtysh.conf", STARTUP):
        os.chown(place, frr.pw_uid, readers)


def _write_login_files(router: RouterSpec, keys: RouterKeys) -> None:
    """Write sshd's files, and a user database in which the login exists."""
    Path("/run/sshd").mkdir()
    (PRIVATE / "sshd_config").write_text(router.sshd_config, "utf-8")
    (PRIVATE / "authorized_keys").write_text(keys.authorized_key + "\n", "ascii")
    host_key = PRIVATE / "host_key"
    host_key.touch(mode=0o600)
    host_key.write_text(keys.host_key, "ascii")
    vtysh = shutil.which("vtysh") or "/usr/bin/vtysh"
    number = _free_id()
    # '*' is a password that nobody has; sshd takes '!' for a locked account.
    passwd = f"{LOGIN}:*:{number}:{number}:lab login:/:{vtysh}\n"
    group = f"{LOGIN}:*:{number}:\n"
    users, groups = Path("/etc/passwd"), Path("/etc/group")
    users.write_text(users.read_text("utf-8") + passwd, "utf-8")
    groups.write_text(_with_member(groups.read_text("utf-8")) + group, "utf-8")


def _with_member(groups: str) -> str:
    """Add the login to FRR's group, whose members may talk to the daemons."""
    lines = []
    for line in groups.splitlines():
        member = ("," if line.rpartition(":")[2] else "") + LOGIN
        lines.append(line + member if line.startswith("frrvty:") else line)
    return "".join(f"{line}\n" for line in lines)


def _free_id() -> int:
    users = {entry.pw_uid for entry in pwd.getpwall()}
    groups = {entry.gr_gid for entry in grp.getgrall()}
    return next(number for number in range(60000, 65000) if number not in users | groups)
