"""What the lab needs of the machine, found or named in one line."""

import getpass
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from nornir_bgp.exceptions import LabError

_SYSTEM_FOLDERS = ("/usr/sbin", "/sbin", "/usr/bin", "/bin")
_FRR_FOLDERS = ("/usr/lib/frr", "/usr/libexec/frr", "/usr/sbin")

_PACKAGE_OF = {
    "ip": "iproute2",
    "newuidmap": "uidmap",
    "newgidmap": "uidmap",
    "nsenter": "util-linux",
    "setsid": "util-linux",
    "sshd": "openssh-server",
    "ssh-keygen": "openssh-client",
    "unshare": "util-linux",
    "vtysh": "frr",
}


@dataclass(frozen=True, slots=True)
class Machine:
    """Where the lab finds things.

    Attributes:
        search_path: the folders of the commands.
        frr_folders: the folders of FRR's daemons.
        subordinate_ids: the files that give users their subordinate user and group ids.
    """

    search_path: str
    frr_folders: tuple[str, ...] = _FRR_FOLDERS
    subordinate_ids: tuple[Path, ...] = (Path("/etc/subuid"), Path("/etc/subgid"))

    @classmethod
    def here(cls) -> "Machine":
        """This machine; the system's folders are searched even where PATH leaves them out."""
        given = os.environ.get("PATH", "").split(os.pathsep)
        return cls(os.pathsep.join(dict.fromkeys((*given, *_SYSTEM_FOLDERS))))

    def find(self, command: str) -> str:
        """Return a command's absolute path.

        Raises:
            LabError: it is not installed.
        """
        path = shutil.which(command, path=self.search_path)
        if path is None:
            raise LabError(
                f"the lab needs {command}, which is not installed; install the Debian package "
                f"{_PACKAGE_OF[command]} (lab/install-packages does it)"
            )
        return path

    def frr_daemon(self, name: str) -> str:
        """Return the absolute path of an FRR daemon.

        Raises:
            LabError: it is not installed.
        """
        path = shutil.which(name, path=os.pathsep.join(self.frr_folders))
        if path is None:
            raise LabError(
                f"the lab needs FRR's {name}, which is not installed; install the Debian package "
                "frr (lab/install-packages does it)"
            )
        return path


def check(machine: Machine, daemons: Iterable[str]) -> None:
    """Look for everything that a lab with these FRR daemons needs.

    Raises:
        LabError: something is missing; the message says what, and how to get it.
    """
    for daemon in daemons:
        machine.frr_daemon(daemon)
    for command in ("vtysh", "sshd", "ssh-keygen", "ip", "unshare", "nsenter", "setsid"):
        machine.find(command)
    try:
        pwd.getpwnam("frr")
    except KeyError:
        raise LabError(
            "the lab needs the user frr, which the Debian package frr makes; reinstall it"
        ) from None
    if os.geteuid() != 0:
        _check_user_namespaces(machine)


def _check_user_namespaces(machine: Machine) -> None:
    user = getpass.getuser()
    for command in ("newuidmap", "newgidmap"):
        machine.find(command)
    for file in machine.subordinate_ids:
        if not _has_range(file, user):
            raise LabError(
                f"user {user} has no subordinate ids in {file}, which the lab needs when not run "
                f"as root; run: sudo usermod --add-subuids 100000-165535 --add-subgids "
                f"100000-165535 {user}"
            )
    trial = subprocess.run(
        [machine.find("unshare"), "--user", "--map-root-user", "--map-auto", "--net", "true"],
        capture_output=True,
        text=True,
        check=False,
    )
    if trial.returncode != 0:
        raise LabError(
            f"user {user} may not make namespaces ({trial.stderr.strip()}); allow it with: "
            "sudo sysctl user.max_user_namespaces=10000 kernel.unprivileged_userns_clone=1 "
            "kernel.apparmor_restrict_unprivileged_userns=0, or run the lab as root"
        )


def _has_range(file: Path, user: str) -> bool:
    """Whether a subuid(5) file gives a user at least 65536 ids."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except FileNotFoundError:
        return False
    fields = [line.split(":") for line in lines]
    return any(
        len(entry) == 3 and entry[0] in (user, str(os.geteuid())) and int(entry[2]) >= 65536
        for entry in fields
    )
