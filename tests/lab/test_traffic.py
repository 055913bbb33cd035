"""Real traffic: flows from the lab's hosts, and the counters of the upstream links."""

import json
from pathlib import Path

import pytest

from nornir_bgp.lab.lab import Lab
from nornir_bgp.lab.node import PRIVATE
from tests.lab.conftest import Cli, StartCli

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[2]
TEST = str(ROOT / "predictions/test.json")
EXAMPLE = str(ROOT / "predictions/example.json")

SECONDS = 12
"""How long flows last; a measurement of a third of that time falls into them."""


@pytest.fixture(scope="module")
def distributed(quick_gateways: None, cli: Cli) -> str:
    """The plan of test.json stands; the run's id."""
    done = cli("distribute", TEST, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["run"]


def counters(lab: Lab, node: str) -> tuple[int, int]:
    """Packets that a node's eth1 has received and sent, by rtnetlink."""
    link = json.loads(lab.run(node, ["ip", "-j", "-s", "link", "show", "eth1"]).stdout)[0]
    return link["stats64"]["rx"]["packets"], link["stats64"]["tx"]["packets"]


def measure_while_sending(
    cli: Cli, start_cli: StartCli, predictions: str, *more: str
) -> tuple[int, dict]:
    """Send flows in proportion to predictions and meanwhile compare with the plan that stands."""
    with start_cli("lab", "traffic", predictions, "--seconds", str(SECONDS)) as flows:
        measured = cli("verify", "--traffic", "--interval", str(SECONDS / 3), "--json", *more)
        _, said = flows.communicate(timeout=60)
    assert flows.returncode == 0, said
    assert measured.stdout, measured.stderr
    return measured.returncode, json.loads(measured.stdout)


def test_the_links_carry_the_planned_shares(
    clean_lab: Lab, cli: Cli, start_cli: StartCli, distributed: str
):
    nodes = ("UP1", "UP2", "Customer1", "Customer2")
    before = {node: counters(clean_lab, node) for node in nodes}
    code, report = measure_while_sending(cli, start_cli, TEST)
    after = {node: counters(clean_lab, node) for node in nodes}
    received = {node: after[node][0] - before[node][0] for node in nodes}
    sent = {node: after[node][1] - before[node][1] for node in nodes}

    assert (code, report["ok"]) == (0, True), report["traffic"]
    exits = {exit_["gateway"]: exit_ for exit_ in report["traffic"]["exits"]}
    assert exits["GW1"]["interface"] == exits["GW2"]["interface"] == "eth1"
    assert exits["GW1"]["planned"] == pytest.approx(145 / 295)
    assert exits["GW1"]["measured"] == pytest.approx(145 / 295, abs=0.02)
    assert exits["GW2"]["measured"] == pytest.approx(150 / 295, abs=0.02)

    # What the kernels at both ends of the way counted: nothing was lost, each customer sent its
    # part, and BGP's and BFD's packets are few.
    total = SECONDS * 1000  # 8 Mbit/s in datagrams of 1,000 bytes
    assert sent["Customer1"] == pytest.approx(total * 185 / 295, rel=0.01)
    assert sent["Customer2"] == pytest.approx(total * 110 / 295, rel=0.01)
    assert received["UP1"] == pytest.approx(total * 145 / 295, rel=0.05)
    assert received["UP2"] == pytest.approx(total * 150 / 295, rel=0.05)
    assert received["UP1"] + received["UP2"] >= total - 5

    # The run's report shows it, whoever asks for it.
    measured = exits["GW2"]["measured"]
    assert f"| GW2 | UP2 | eth1 | 50.8% | {measured:.1%} |" in cli("report").stdout
    assert f"{measured:.1%} measured" in cli("report", distributed, "--format", "html").stdout
    told = json.loads(cli("report", "--format", "json").stdout)
    assert told["traffic"] == report["traffic"]


def test_other_traffic_than_planned_is_told(cli: Cli, start_cli: StartCli, distributed: str):
    code, report = measure_while_sending(cli, start_cli, EXAMPLE)
    assert (code, report["ok"]) == (3, False)
    assert {check["status"] for check in report["checks"]} == {"pass"}
    rows = json.loads(Path(EXAMPLE).read_text("utf-8"))
    to_up2 = sum(row.get("198.51.100.0/24", 0) for row in rows.values())
    exits = {exit_["gateway"]: exit_ for exit_ in report["traffic"]["exits"]}
    assert exits["GW2"]["measured"] == pytest.approx(to_up2 / 235, abs=0.02)
    assert {exit_["status"] for exit_ in exits.values()} == {"fail"}


def test_no_traffic_is_inconclusive(cli: Cli, distributed: str):
    done = cli("verify", "--traffic", "--interval", "1")
    assert done.returncode == 3, done.stderr
    assert "inconclusive" in done.stdout
    assert "the least to compare is 1 Mbit/s" in done.stdout


def test_a_gateway_that_cannot_be_asked_is_an_error(clean_lab: Lab, cli: Cli, distributed: str):
    clean_lab.stop_daemon("GW1", "sshd")
    try:
        done = cli("verify", "--traffic", "--interval", "1", "--json")
    finally:
        clean_lab.start_daemon("GW1", "sshd")
    assert done.returncode == 4, done.stderr
    exits = json.loads(done.stdout)["traffic"]["exits"]
    assert [exit_["status"] for exit_ in exits] == ["error", "error"]
    assert "GW1" in exits[0]["detail"] or "172.16.0.3" in exits[0]["detail"]
    assert exits[1]["detail"] == "the total is not known without GW1"


@pytest.mark.parametrize(
    "subsystem",
    ["", "Subsystem sftp /usr/lib/openssh/sftp-server"],
    ids=["none", "one that needs a shell"],
)
def test_a_gateway_without_sftp_says_what_it_needs(
    clean_lab: Lab, cli: Cli, distributed: str, subsystem: str
):
    config = f"{PRIVATE}/sshd_config"
    original = clean_lab.run("GW1", ["cat", config], check=True).stdout
    assert "Subsystem sftp internal-sftp" in original
    lines = [line for line in original.splitlines() if not line.startswith("Subsystem")]
    rewrite(clean_lab, config, "\n".join([*lines, subsystem, ""]))
    try:
        done = cli("verify", "--traffic", "--interval", "1")
    finally:
        rewrite(clean_lab, config, original)
    assert done.returncode == 4, done.stderr
    assert "GW1: /proc/net/dev cannot be read" in " ".join(done.stdout.split())
    assert "Subsystem sftp internal-sftp" in " ".join(done.stdout.split())


def rewrite(lab: Lab, config: str, text: str) -> None:
    """Give GW1's sshd another configuration."""
    lab.stop_daemon("GW1", "sshd")
    lab.run("GW1", ["tee", config], input=text, check=True)
    lab.start_daemon("GW1", "sshd")
