"""The built-in lab of an inventory: up, down, and what is in between."""

from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import InputError
from nornir_bgp.lab.lab import Lab
from nornir_bgp.lab.launch import Progress
from nornir_bgp.lab.lifecycle import take_down
from nornir_bgp.lab.state import LabState
from nornir_bgp.lab.status import LabStatus
from nornir_bgp.lab.topology import read_topology
from nornir_bgp.models.settings import LabSettings, Settings
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import settings_of


def lab_up(nr: Nornir, *, progress: Progress | None = None, seconds: float = 60.0) -> Lab:
    """Start the lab that the inventory describes, and wait until BGP has settled.

    A complete running lab is left as it is; ``started`` of the result says what was done.

    Args:
        nr: the Nornir object; its settings name the lab.
        progress: is told of every step.
        seconds: the longest time that the start, then the sessions, then the tables may take.

    Raises:
        InputError: no lab is configured, or inventory and topology do not fit.
        LabError: the machine lacks something, or the lab did not come up in time.
    """
    settings = _lab_settings(settings_of(nr))
    lab = Lab.up(
        read_topology(Path(settings.topology)),
        render(nr),
        Path(settings.state),
        progress=progress,
        deadline=seconds,
    )
    lab.wait_established(seconds=seconds)
    lab.wait_settled(seconds=seconds)
    return lab


def lab_down(settings: Settings) -> bool:
    """End the configured lab; return whether there was one.

    Raises:
        InputError: no lab is configured, or its topology file is wrong.
        LabError: it did not end.
    """
    return take_down(LabState.of(_lab_settings(settings)))


def lab_status(settings: Settings) -> LabStatus:
    """Look at every node of the configured lab, also where it is not up.

    Raises:
        InputError: no lab is configured, or its topology file is wrong.
    """
    state = LabState.of(_lab_settings(settings))
    return Lab(state).status() if state.is_up() else LabStatus(name=state.name, up=False)


def running_lab(settings: Settings) -> Lab:
    """Find the configured lab.

    Raises:
        InputError: no lab is configured, or its topology file is wrong.
        LabError: it is not up.
    """
    return Lab(LabState.of(_lab_settings(settings)))


def _lab_settings(settings: Settings) -> LabSettings:
    if settings.lab is None:
        raise InputError(
            "the configuration names no lab; add `lab:` with `topology:` under `user_defined:`"
        )
    return settings.lab
