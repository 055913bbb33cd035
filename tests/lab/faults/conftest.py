"""Faults on the live lab, and the table that they are recorded in."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import pytest
import yaml

from nornir_bgp import runbooks
from nornir_bgp.lab.lab import Lab
from nornir_bgp.runbooks.session import load_nornir
from tests.lab.conftest import EDGES, GATEWAYS, LIST, clear_overrides, configure
from tests.lab.faults.ear import Ear, listening
from tests.lab.faults.fault import AS_BEFORE, AT_FIRST, PLANNED, Fault
from tests.lab.faults.manager import Manager
from tests.lab.faults.pings import pinged
from tests.lab.faults.state import lists_of, overrides_for, tables_for, tables_of
from tests.lab.faults.table import PROPERTY

MATRICES = {
    "first": {
        "C1": {"198.51.100.0/24": 150, "203.0.113.0/24": 35},
        "C2": {"131.114.0.0/16": 20, "192.0.2.0/24": 50, "203.0.113.0/24": 40},
    },
    "matrix": {
        "C1": {"198.51.100.0/24": 100, "203.0.113.0/24": 15},
        "C2": {"131.114.0.0/16": 40, "192.0.2.0/24": 30, "203.0.113.0/24": 20},
    },
}
"""The predictions whose plan stands at first, and those whose plan moves all four prefixes."""

PATIENCE = {"verify_deadline": 12.0, "put_back_deadline": 20.0}
"""How long a proof, and putting back, may take, in seconds: less than by default."""

BALANCE = {"planning": {"objectives": ["balance"]}}
"""The mirror image of a plan would do as well, and move nothing."""


@pytest.fixture(scope="module")
def ear(lab: Lab) -> Iterator[Ear]:
    """All gateways and edge routers with an ear, and gateways that apply a list within a second."""
    lab.wait_established()
    delay_timer(lab)
    with listening(lab, (*GATEWAYS, *EDGES)) as ear:
        yield ear
    for gateway in GATEWAYS:
        configure(lab, gateway, "no bgp route-map delay-timer")


def delay_timer(lab: Lab, *gateways: str) -> None:
    """Let gateways apply a changed list after one second instead of FRR's five."""
    for gateway in gateways or GATEWAYS:
        configure(lab, gateway, "bgp route-map delay-timer 1")


def start_anew(lab: Lab) -> None:
    """Take away all overrides, also where one daemon has what the other has not."""
    for gateway in GATEWAYS:
        commands = ["-c", "configure terminal", "-c", f"no ip prefix-list {LIST}"]
        lab.run(gateway, ["vtysh", *commands])
    clear_overrides(lab)


@pytest.fixture
def manager(lab_config: Path, tmp_path: Path) -> Iterator[Manager]:
    """The program, with a folder of runs of its own and the patience of :data:`PATIENCE`."""
    content = yaml.safe_load(lab_config.read_text())
    content["user_defined"] |= {"runs": str(tmp_path / "runs"), **PATIENCE, **BALANCE}
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(content))
    manager = Manager(config)
    yield manager
    manager.close()


@pytest.fixture
def fault(
    lab: Lab, ear: Ear, manager: Manager, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Fault]:
    """A network with a plan on it, customers who ping, and a manager who will change it."""
    files = {name: tmp_path / f"{name}.json" for name in MATRICES}
    for name, matrix in MATRICES.items():
        files[name].write_text(json.dumps(matrix))
    if tables_of(lab) not in (tables_for(AT_FIRST), tables_for(PLANNED)):
        start_anew(lab)
    assert runbooks.distribute(load_nornir(manager.config), files["first"], force=True).ok
    ear.forget()
    with ExitStack() as mends, ExitStack() as watch:
        fault = Fault(
            lab=lab,
            ear=ear,
            manager=manager,
            matrix=files["matrix"],
            first=files["first"],
            pings=watch.enter_context(pinged(lab, tmp_path)),
            stop_pings=watch.close,
            mends=mends,
            before=lists_of(lab),
        )
        assert fault.lists_are(AS_BEFORE)
        assert {g: {e.rule for e in found} for g, found in fault.before.items()} == overrides_for(
            AT_FIRST
        )
        yield fault
        ear.forget()
    lab.wait_established()
    if fault.row is not None:
        request.node.user_properties.append((PROPERTY, json.dumps(asdict(fault.row))))
