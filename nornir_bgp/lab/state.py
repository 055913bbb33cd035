"""The folder in which a running lab keeps its record, its keys and its socket.

``<state>/<lab's name>/`` belongs to one lab; labs with other names or other folders never see
each other. The folder exists from ``up`` to ``down``.
"""

import fcntl
import json
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from nornir_bgp.exceptions import LabError
from nornir_bgp.lab.dial import dial
from nornir_bgp.lab.process import Process
from nornir_bgp.lab.topology import read_topology
from nornir_bgp.models.settings import LabSettings

DIRECT = "NORNIR_BGP_DIRECT"
"""Environment variable: this program runs where the routers' addresses are its own network's, as
in the manager; connections start here."""


@dataclass(frozen=True, slots=True)
class Record:
    """What ``up`` leaves for the programs that come later.

    Attributes:
        holder: the first process of the lab's PID namespace; when it ends, everything ends.
        user_namespace: the lab was started by an ordinary user.
    """

    holder: Process
    user_namespace: bool


@dataclass(frozen=True, slots=True)
class LabState:
    """One lab's folder.

    Attributes:
        folder: its absolute path; the last part is the lab's name.
    """

    folder: Path

    @classmethod
    def of(cls, settings: LabSettings) -> Self:
        """Find the folder of the lab that a configuration names.

        Raises:
            InputError: the topology file cannot be read.
        """
        return cls.at(Path(settings.state), read_topology(Path(settings.topology)).name)

    @classmethod
    def at(cls, state: Path, name: str) -> Self:
        """Find the folder of a lab by the folder of all labs and its name."""
        return cls(state.resolve() / name)

    @property
    def name(self) -> str:
        """The lab's name."""
        return self.folder.name

    @property
    def key_file(self) -> Path:
        """The private key with which ``netadmin`` logs in."""
        return self.folder / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The routers' host keys, under every address of theirs."""
        return self.folder / "known_hosts"

    @property
    def spec_file(self) -> Path:
        """What the lab was built from."""
        return self.folder / "spec.json"

    @property
    def logs(self) -> Path:
        """The folder of the daemons' logs, ``<node>.<daemon>.log``."""
        return self.folder / "logs"

    @property
    def _record_file(self) -> Path:
        return self.folder / "holder.json"

    def dial(self, host: str, port: int, *, timeout: float) -> socket.socket:
        """Connect to a host from inside the lab; see :func:`nornir_bgp.lab.dial.dial`."""
        return dial(self.folder, host, port, timeout=timeout)

    def record(self) -> Record | None:
        """Return the record of the holder, or ``None`` where no ``up`` was completed."""
        try:
            content = json.loads(self._record_file.read_text("ascii"))
        except FileNotFoundError:
            return None
        return Record(Process(**content["holder"]), content["user_namespace"])

    def is_up(self) -> bool:
        """Whether the holder runs."""
        record = self.record()
        return record is not None and record.holder.alive()

    def running(self) -> Record:
        """Return the record of a holder that runs.

        Raises:
            LabError: none does.
        """
        record = self.record()
        if record is None or not record.holder.alive():
            raise LabError(f"lab {self.name} is not up; start it with `nornir-bgp lab up`")
        return record

    def write_record(self, record: Record) -> None:
        """Leave the record, all of it or nothing."""
        draft = self._record_file.with_suffix(".new")
        draft.write_text(json.dumps(asdict(record)), "ascii")
        draft.replace(self._record_file)

    def create(self) -> None:
        """Make the folder, empty and for its owner alone."""
        self.remove()
        self.folder.mkdir(mode=0o700)
        self.logs.mkdir()

    def remove(self) -> None:
        """Remove the folder and all that is in it."""
        if self.folder.exists():
            shutil.rmtree(self.folder)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other ``up`` and ``down`` commands of this state folder waiting."""
        parent = self.folder.parent
        parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
