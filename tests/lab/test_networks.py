"""Other networks than the reference one, and several labs at once: no code knows a name."""

import json
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import yaml

from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import LabError
from nornir_bgp.lab.lab import Lab
from nornir_bgp.lab.topology import read_topology
from nornir_bgp.runbooks.lab import lab_up
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import load_nornir
from tests.lab.leftovers import marked
from tests.lab.people import REPOSITORY, write_config

pytestmark = pytest.mark.lab


@pytest.fixture
def cleanup() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def copy_of_the_network(folder: Path) -> None:
    """Copy what describes the reference network."""
    for part in ("inventory", "lab", "templates"):
        shutil.copytree(REPOSITORY / part, folder / part)


def start(config: Path, cleanup: ExitStack) -> Lab:
    lab = lab_up(load_nornir(config))
    cleanup.callback(lab.down)
    return lab


def test_a_renamed_node_and_a_ninth_router(tmp_path: Path, cleanup: ExitStack):
    copy_of_the_network(tmp_path)
    hosts = tmp_path / "inventory" / "hosts.yaml"
    file = tmp_path / "lab" / "network.clab.yaml"
    for each in (hosts, file):
        each.write_text(re.sub(r"\bUP2\b", "Transit-B", each.read_text()))

    topology = yaml.safe_load(file.read_text())
    topology["name"] = "nine"
    topology["topology"]["nodes"]["UP9"] = {"kind": "linux", "group": "router"}
    topology["topology"]["links"].append({"endpoints": ["GW2:eth3", "UP9:eth1"]})
    file.write_text(yaml.safe_dump(topology, sort_keys=False))

    inventory = yaml.safe_load(hosts.read_text())
    gateway = inventory["GW2"]["data"]
    gateway["interfaces"].append({"name": "eth3", "ipv4_address": "10.0.9.0/31"})
    gateway["bgp"]["neighbors"].append(
        {"ip": "10.0.9.1", "remote_as": 65009, "use_localpref_map": True}
    )
    inventory["UP9"] = {
        "hostname": "172.20.20.2",  # the first free one: the topology names none
        "groups": ["upstream"],
        "data": {
            "interfaces": [
                {"name": "backbone", "ipv4_address": "203.0.113.129/25"},
                {"name": "eth1", "ipv4_address": "10.0.9.1/31"},
            ],
            "bgp": {
                "as_number": 65009,
                "router_id": "192.168.9.1",
                "neighbors": [{"ip": "10.0.9.0", "remote_as": 65020}],
                "networks": ["203.0.113.128/25"],
            },
        },
    }
    hosts.write_text(yaml.safe_dump(inventory, sort_keys=False))

    lab = start(write_config(tmp_path, tmp_path, topology=file), cleanup)
    status = {node.name: node for node in lab.status().nodes}
    assert {"Transit-B", "UP9"} < status.keys()
    assert "UP2" not in status
    assert len(lab.routers) == 9
    assert (status["GW2"].established, status["GW2"].configured) == (5, 5)
    assert lab.run("Transit-B", ["hostname"]).stdout == "Transit-B\n"
    with lab.state.dial("172.20.20.2", 22, timeout=5) as connection:
        assert connection.recv(4) == b"SSH-"

    def path() -> list[str]:
        shown = json.loads(lab.vtysh("PE1", "show bgp ipv4 unicast json"))["routes"]
        return [p["path"] for p in shown.get("203.0.113.128/25", [])]

    assert wait_for(path, bool, seconds=15) == ["65009"]
    reached = lab.run("Customer1", ["ping", "-n", "-c1", "-W2", "203.0.113.129"])
    assert reached.returncode == 0, reached.stdout


def test_labs_side_by_side(lab: Lab, tmp_path: Path, cleanup: ExitStack):
    """Two names in one folder, and the session's lab of the same name in another."""
    copy_of_the_network(tmp_path)
    file = tmp_path / "lab" / "network.clab.yaml"
    text = file.read_text()
    state = tmp_path / "state"
    labs = []
    for name in (lab.name, "second"):
        file.write_text(text.replace(f"name: {lab.name}\n", f"name: {name}\n"))
        labs.append(start(write_config(tmp_path, tmp_path, topology=file), cleanup))
    first, second = labs
    assert {first.state.folder, second.state.folder} == {state / lab.name, state / "second"}
    for each in (first, second):
        assert each.status().complete
    assert (
        len({each.run("GW1", ["readlink", "/proc/self/ns/net"]).stdout for each in (*labs, lab)})
        == 3
    )

    first.set_link("GW1", "UP1", up=False)
    first.stop_daemon("PE1", "zebra")
    assert wait_for(lambda: first.sessions("UP1"), lambda s: s == (0, 1), seconds=15) == (0, 1)
    assert second.status().complete
    first.down()
    assert not first.state.is_up()
    assert second.status().complete
    assert lab.status().complete
    assert [folder.name for folder in state.iterdir()] == ["second"]


@pytest.mark.parametrize(
    ("edit", "deadline", "message"),
    [
        (lambda text: text + "nonsense\n", 60.0, r"PE1: vtysh -f .*nonsense"),
        (lambda text: text, 0.4, "did not come up in time"),
    ],
)
def test_a_lab_that_cannot_come_up_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    edit: Callable[[str], str],
    deadline: float,
    message: str,
):
    mark = uuid.uuid4().hex
    monkeypatch.setenv("MARK", mark)
    configurations = render(load_nornir(REPOSITORY / "config.yaml"))
    configurations["PE1"] = edit(configurations["PE1"])
    topology = read_topology(REPOSITORY / "lab" / "network.clab.yaml")
    with pytest.raises(LabError, match=message):
        Lab.up(topology, configurations, tmp_path / "state", deadline=deadline)
    assert not list((tmp_path / "state").iterdir())
    # Only this process may still carry the mark, and it got it too late to show.
    assert wait_for(lambda: marked(mark), lambda left: not left, seconds=5) == []


def test_a_failing_exec_line_is_named(tmp_path: Path):
    copy_of_the_network(tmp_path)
    file = tmp_path / "lab" / "network.clab.yaml"
    file.write_text(file.read_text().replace("via 2.0.0.1", "via 9.9.9.9"))
    nr = load_nornir(write_config(tmp_path, tmp_path, topology=file))
    with pytest.raises(LabError, match=r"Customer2: ip route replace default via 9\.9\.9\.9: "):
        lab_up(nr)
    assert not list((tmp_path / "state").iterdir())


def test_progress_tells_of_every_step(tmp_path: Path, cleanup: ExitStack):
    steps: list[tuple[int, int, str]] = []
    topology = read_topology(REPOSITORY / "lab" / "network.clab.yaml")
    configurations = render(load_nornir(REPOSITORY / "config.yaml"))
    lab = Lab.up(topology, configurations, tmp_path, progress=lambda *step: steps.append(step))
    cleanup.callback(lab.down)
    total = len(topology.nodes) + 2
    assert [done for done, _, _ in steps] == list(range(1, total + 1))
    assert {of for _, of, _ in steps} == {total}
    assert {what for _, _, what in steps} == {"nodes", "links", *topology.nodes}
