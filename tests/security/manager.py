"""A project as on a real network: no lab in its configuration, run on the manager itself."""

import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import DeviceUnreachableError
from nornir_bgp.lab.lab import Lab

REPOSITORY = Path(__file__).parents[2]
ROUTERS = {"PE1": "172.16.0.1", "PE2": "172.16.0.2", "GW1": "172.16.0.3", "GW2": "172.16.0.4"}
"""The routers that a run talks to."""

PASSWORD_PORT = 2222


@dataclass
class Manager:
    """A user of the manager, with a home and a project of their own.

    Attributes:
        lab: the network.
        folder: what holds ``home`` and ``project``.
    """

    lab: Lab
    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def project(self) -> Path:
        return self.folder / "project"

    @property
    def config(self) -> Path:
        return self.project / "config.yaml"

    @property
    def program(self) -> list[str]:
        """The command line, up to the verb."""
        return [str(Path(sys.executable).with_name("nornir-bgp")), "--config", str(self.config)]

    def make(self, defaults: Mapping[str, object], **settings: object) -> None:
        """Write the project.

        Args:
            defaults: what ``defaults.yaml`` says beside user name and platform.
            **settings: ``user_defined``.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.home / ".ssh").mkdir(mode=0o700, parents=True)
        shutil.copytree(REPOSITORY / "inventory", self.project / "inventory")
        shutil.copytree(REPOSITORY / "predictions", self.project / "predictions")
        login = {"username": "netadmin", "platform": "frr"}
        self._write("inventory/defaults.yaml", login | dict(defaults))
        options = {
            f"{kind}_file": f"inventory/{name}.yaml"
            for kind, name in (("host", "hosts"), ("group", "groups"), ("defaults", "defaults"))
        }
        self._write(
            "config.yaml",
            {
                "inventory": {"plugin": "SimpleInventory", "options": options},
                "runner": {"plugin": "threaded", "options": {"num_workers": 20}},
                "user_defined": settings,
            },
        )
        self.know(self.lab.state.known_hosts.read_text())

    def know(self, known_hosts: str) -> None:
        """Trust host keys, at the usual port and where passwords are accepted."""
        lines = known_hosts.splitlines()
        at_port = [
            f"{','.join(f'[{name}]:{PASSWORD_PORT}' for name in names.split(','))} {key}"
            for names, key in (line.split(" ", 1) for line in lines)
        ]
        (self.home / ".ssh/known_hosts").write_text("\n".join([*lines, *at_port, ""]))

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run nornir-bgp on the manager."""
        return self.execute([*self.program, *arguments], **environment)

    def execute(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a program on the manager, with the user's home and an environment of theirs."""
        variables = {"HOME": str(self.home), "NO_COLOR": "1"} | environment
        settings = [f"{name}={value}" for name, value in variables.items()]
        return subprocess.run(
            self.lab.command("manager", ["env", *settings, *command]),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def files(self) -> list[Path]:
        """Every file that lies in the project, but for those that hold a secret on purpose."""
        return [
            path
            for path in self.project.rglob("*")
            if path.is_file() and path.name != "password.txt"
        ]

    def _write(self, name: str, content: object) -> None:
        (self.project / name).write_text(yaml.safe_dump(content, sort_keys=False))


def accept_passwords(lab: Lab, password: str) -> None:
    """Start an sshd on every router of a run that takes this password, and no key."""
    hashed = subprocess.run(
        ["openssl", "passwd", "-6", "-stdin"],
        input=password,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    options = ["PidFile=/run/lab/password.pid", "StrictModes=no", f"Port={PASSWORD_PORT}"]
    options += ["PubkeyAuthentication=no", "PasswordAuthentication=yes"]
    sshd = ["/usr/sbin/sshd", "-f", "/run/lab/sshd_config", "-h", "/run/lab/host_key"]
    for router, address in ROUTERS.items():
        edit = f"s|^netadmin:[^:]*:|netadmin:{hashed}:|"
        lab.run(router, ["sed", "-i", edit, "/etc/passwd"], check=True)
        lab.run(router, [*sshd, *(word for o in options for word in ("-o", o))], check=True)
        assert wait_for(lambda at=address: _listens(lab, at), bool, seconds=10)


def refuse_passwords(lab: Lab) -> None:
    """Take all of that back."""
    for router in ROUTERS:
        end = "kill $(cat /run/lab/password.pid) && rm -f /run/lab/password.pid"
        lab.run(router, ["sh", "-c", end])
        lab.run(router, ["sed", "-i", "s|^netadmin:[^:]*:|netadmin:*:|", "/etc/passwd"])


def _listens(lab: Lab, address: str) -> bool:
    try:
        lab.state.dial(address, PASSWORD_PORT, timeout=2.0).close()
    except DeviceUnreachableError:
        return False
    return True
