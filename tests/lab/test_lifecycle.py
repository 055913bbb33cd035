"""Up and down, whatever is killed in between, as root and as an ordinary user."""

import json
import os
import shutil
import signal
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from nornir_bgp.deadline import wait_for
from nornir_bgp.lab.lifecycle import processes_of
from nornir_bgp.lab.process import Process
from nornir_bgp.lab.state import LabState
from tests.lab.leftovers import Traces, files_and_users, inhabitants, marked, traces_of
from tests.lab.people import Person, ordinary_user, ourselves

pytestmark = pytest.mark.lab

UP = """
import json, sys
from pathlib import Path
from nornir_bgp.lab.lab import Lab
from nornir_bgp.lab.topology import read_topology
from nornir_bgp.runbooks.render import render
from nornir_bgp.runbooks.session import load_nornir, load_settings

config = Path(sys.argv[1])
lab = load_settings(config).lab
running = Lab.up(read_topology(Path(lab.topology)), render(load_nornir(config)), Path(lab.state))
print(json.dumps({"how": running.started.how, "missing": running.started.missing}))
"""

PEOPLE = (
    (pytest.param("root", marks=pytest.mark.long), "ordinary user")
    if os.geteuid() == 0
    else ("ourselves",)
)


@pytest.fixture(scope="module", params=PEOPLE)
def person(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Person]:
    with ExitStack() as stack:
        if request.param == "ordinary user":
            yield stack.enter_context(ordinary_user(f"nb{uuid.uuid4().hex[:8]}"))
        else:
            yield stack.enter_context(ourselves(tmp_path_factory.mktemp("ourselves")))


@pytest.fixture
def before(person: Person) -> Iterator[dict[str, object]]:
    """The machine before the test; after it, no lab is left."""
    yield files_and_users()
    person.cli("lab", "down")


def up(person: Person) -> dict[str, object]:
    process = person.start(UP, str(person.config))
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return json.loads(out)


def holder_of(person: Person) -> Process:
    return LabState(person.state).running().holder


def left_in(traces: Traces) -> dict[int, str]:
    """The processes in a lab's namespaces, once init has had the time to collect the dead."""
    return wait_for(lambda: inhabitants(traces), lambda left: not left, seconds=5, interval=0.02)


def down(person: Person, before: dict[str, object]) -> None:
    """Take the lab down and look for what is left of it."""
    holder = holder_of(person)
    traces = traces_of(holder.pid)
    assert len(traces.namespaces) > 24, "a network and a mount namespace per node at least"
    done = person.cli("lab", "down")
    assert left_in(traces) == {}
    assert done.returncode == 0, done.stderr
    assert not any(process.alive() for process in (holder, *traces.processes.values()))
    assert not person.state.exists()
    assert files_and_users() == before


def test_up_is_idempotent_and_down_complete(person: Person, before: dict[str, object]):
    first = person.cli("lab", "up")
    assert first.returncode == 0, first.stderr
    assert "is up: 8 routers" in first.stderr
    holder = holder_of(person)
    traces = traces_of(holder.pid)

    again = person.cli("lab", "up")
    assert again.returncode == 0
    assert "already up; nothing was changed" in again.stderr
    assert holder_of(person) == holder
    assert traces_of(holder.pid) == traces

    status = person.cli("lab", "status", "--json")
    assert status.returncode == 0, status.stderr
    nodes = {node["name"]: node for node in json.loads(status.stdout)["nodes"]}
    assert (nodes["PE1"]["established"], nodes["PE1"]["configured"]) == (5, 5)
    assert nodes["GW1"]["daemons"] == dict.fromkeys(("zebra", "bgpd", "bfdd", "sshd"), True)
    assert nodes["UP1"]["ssh"] is True
    path = person.cli("lab", "exec", "Customer1", "--", "traceroute", "-n", "-q1", "198.51.100.1")
    assert "10.0.1.0" in path.stdout or "10.0.2.0" in path.stdout, path.stderr

    down(person, before)
    assert "was not up" in person.cli("lab", "down").stderr
    assert person.cli("lab", "status").returncode == 4


def test_any_process_killed_then_up_then_down(person: Person, before: dict[str, object]):
    assert up(person)["how"] == "started"
    old: list[Process] = []
    for kind, named in {
        "holder": "the holder",
        "unshare": "the holder",
        "server": "the holder",
        "management": "the management network",
        "CE1 namespace": "CE1 namespace",
        "br-core namespace": "br-core namespace",
        "PE1 zebra": "PE1 zebra",
        "GW2 bgpd": "GW2 bgpd",
        "UP1 bfdd": "UP1 bfdd",
        "GW1 sshd": "GW1 sshd",
    }.items():
        holder = holder_of(person)
        traces = traces_of(holder.pid)
        old += traces.processes.values()
        victim = victim_of(person, kind, holder, traces)
        assert victim.kill(wait=20)
        if named == "the holder":
            assert holder.wait(20), f"the lab outlived its {kind}"
            assert left_in(traces) == {}, kind
        assert up(person) == {"how": "replaced", "missing": [named]}, kind
        assert not any(process.alive() for process in old), kind
    down(person, before)


def victim_of(person: Person, kind: str, holder: Process, traces: Traces) -> Process:
    """One process of a lab."""
    if kind == "holder":
        return holder
    if kind == "unshare":
        return holder.parent
    processes = processes_of(LabState(person.state))
    if kind in ("server", "management"):
        return traces.processes[processes[kind]]
    node, _, name = kind.partition(" ")
    return traces.processes[processes["nodes"][node][name]]


@pytest.mark.parametrize(
    "moment", ["id_ed25519", "spec.json", "logs/PE1.zebra.log", "logs/PE1.sshd.log"]
)
def test_the_starter_killed_in_the_middle_leaves_no_orphan(
    person: Person, before: dict[str, object], moment: str
):
    mark = uuid.uuid4().hex
    starter = person.start(UP, str(person.config), mark=mark)
    there = (person.state / moment).exists
    wait_for(lambda: there() or starter.poll() is not None, bool, seconds=30, interval=0.002)
    starter.send_signal(signal.SIGKILL)
    _, err = starter.communicate(timeout=20)
    assert starter.returncode == -signal.SIGKILL, err
    assert not (person.state / "holder.json").exists(), "killed too late for this test"
    assert wait_for(lambda: marked(mark), lambda left: not left, seconds=20) == []
    assert up(person)["how"] == "started"
    down(person, before)


def test_a_recycled_process_id_is_not_killed(person: Person, before: dict[str, object]):
    assert up(person)["how"] == "started"
    state = LabState(person.state)
    holder = holder_of(person)
    assert holder.kill(wait=20)
    file = person.state / "holder.json"
    record = json.loads(file.read_text())
    record["holder"]["pid"] = os.getpid()  # as if the id had been given to another process
    file.write_text(json.dumps(record))
    assert not state.is_up()
    assert person.cli("lab", "down").returncode == 0
    assert not person.state.exists()


def test_a_lab_whose_folder_was_deleted_ends(person: Person, before: dict[str, object]):
    """As ``git clean`` does: nobody could find that lab again."""
    assert up(person)["how"] == "started"
    holder = holder_of(person)
    traces = traces_of(holder.pid)
    shutil.rmtree(person.state)
    assert holder.wait(10)
    assert left_in(traces) == {}
    assert files_and_users() == before
