"""The lab as the tests of this folder find it: no overrides, every session established."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from nornir.core import Nornir

from nornir_bgp.deadline import wait_for
from nornir_bgp.frr.overrides import KEYWORDS, is_slot, parse_overrides
from nornir_bgp.frr.prefix_list import Entry, parse_prefix_lists
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.lab.lab import Lab
from nornir_bgp.models.settings import Policy
from nornir_bgp.runbooks.session import load_nornir
from tests.lab.forwarding import mend_forwarding
from tests.lab.typed import configure

LIST = "LOCAL_PREF_PREFIX_LIST"
GATEWAYS = ("GW1", "GW2")
EDGES = ("PE1", "PE2")

Cli = Callable[..., subprocess.CompletedProcess[str]]
StartCli = Callable[..., subprocess.Popen[str]]


def overrides(lab: Lab, gateway: str) -> tuple[Entry, ...]:
    """The override list that a gateway holds."""
    return parse_prefix_lists(lab.vtysh(gateway, "show running-config")).get(LIST, ())


def override_prefixes(lab: Lab, gateway: str) -> list[str]:
    return [entry.network for entry in overrides(lab, gateway)]


def clear_overrides(lab: Lab) -> None:
    """Take away all overrides and wait until the edge routers' tables show it."""
    policy = Policy()
    for gateway in GATEWAYS:
        held = parse_overrides(lab.vtysh(gateway, "show running-config"), policy)
        lists = [f"no {KEYWORDS[key.family]} prefix-list {key.name}" for key in held.lists]
        slots = [c.number for c in held.clauses if is_slot(c.number, policy)]
        clauses = [f"no route-map {policy.route_map} permit {number}" for number in slots]
        if lists or clauses:
            configure(lab, gateway, *lists, *clauses)

    def state() -> list[tuple[int | None, int]]:
        tables = [parse_json(lab.vtysh(edge, "show bgp ipv4 unicast json")) for edge in EDGES]
        return [
            (best.local_pref, len(paths))
            for table in tables
            for prefix, paths in table.routes.items()
            if (best := table.best(prefix)) and "6500" in best.as_path and best.internal
        ]

    settled = [(100, 2)] * 8
    assert wait_for(state, lambda found: found == settled, seconds=30) == settled


def quicken(lab: Lab) -> None:
    """Let the gateways apply a changed list after one second instead of FRR's five."""
    for gateway in GATEWAYS:
        configure(lab, gateway, "bgp route-map delay-timer 1")


@contextmanager
def quickened(lab: Lab) -> Iterator[None]:
    """Quicken the gateways for as long as the block lasts."""
    quicken(lab)
    try:
        yield
    finally:
        for gateway in GATEWAYS:
            configure(lab, gateway, "no bgp route-map delay-timer")


@pytest.fixture(scope="module")
def clean_lab(lab: Lab) -> Lab:
    lab.wait_established()
    lab.wait_settled()
    mend_forwarding(lab)
    clear_overrides(lab)
    return lab


@pytest.fixture(scope="module")
def quick_gateways(clean_lab: Lab) -> Iterator[None]:
    """Gateways that apply a changed list after one second, for all tests of a module."""
    with quickened(clean_lab):
        yield


@pytest.fixture(scope="module")
def nr(lab_config: Path) -> Nornir:
    return load_nornir(lab_config)


@pytest.fixture(scope="module")
def start_cli(lab_config: Path, tmp_path_factory: pytest.TempPathFactory) -> StartCli:
    """Start the command line as a user would, from a folder that is not the project's."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")

    def start(*arguments: str, config: Path = lab_config) -> subprocess.Popen[str]:
        program = Path(sys.executable).with_name("nornir-bgp")
        return subprocess.Popen(
            [program, "--config", config, *arguments],
            cwd=elsewhere,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture(scope="module")
def cli(start_cli: StartCli) -> Cli:
    """Run the command line to its end."""

    def run(*arguments: str, **options: Path) -> subprocess.CompletedProcess[str]:
        with start_cli(*arguments, **options) as process:
            try:
                stdout, stderr = process.communicate(timeout=180)
            except BaseException:
                process.kill()
                raise
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    return run
