"""What ``dial`` says when there is no connection: each reason by its own name."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from nornir_bgp.exceptions import DeviceUnreachableError, LabError
from nornir_bgp.lab import dial as dialling
from nornir_bgp.lab.dial import SOCKET, ask, dial


@pytest.fixture
def silent_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a lab that accepts requests and answers none."""
    monkeypatch.setattr(dialling, "_MARGIN", 0.1)
    folder = tmp_path / "silent"
    folder.mkdir()
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(SOCKET)
        listener.listen()
        yield folder


def test_an_answer_that_never_comes_is_a_host_that_is_not_reached(silent_lab: Path):
    with pytest.raises(
        DeviceUnreachableError, match=r"^192\.0\.2\.1:22 in lab silent: no answer in time$"
    ):
        dial(silent_lab, "192.0.2.1", 22, timeout=0.1)
    with pytest.raises(LabError, match=r"^lab silent: no answer in time \(0\.1 s\)$"):
        ask(silent_lab, {"do": "processes"}, timeout=0.1)


def test_a_lab_that_has_ended_is_not_up(silent_lab: Path, tmp_path: Path):
    """Its folder may be gone, or still there with nobody behind the socket."""
    (silent_lab / SOCKET).unlink()
    with socket.socket(socket.AF_UNIX) as ended:
        ended.bind(SOCKET)
    for folder in (silent_lab, tmp_path / "gone"):
        with pytest.raises(LabError, match=rf"^lab {folder.name} is not up; start it with"):
            dial(folder, "192.0.2.1", 22, timeout=0.1)
        with pytest.raises(LabError, match=rf"^lab {folder.name} is not up; start it with"):
            ask(folder, {"do": "processes"})
