"""Every verdict of `verify`, brought about on the live lab."""

import json
from pathlib import Path

import pytest

from nornir_bgp.lab.lab import Lab
from tests.lab.conftest import LIST, Cli, configure, overrides

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[2]
TEST = str(ROOT / "predictions/test.json")
EXAMPLE = str(ROOT / "predictions/example.json")


@pytest.fixture(scope="module", autouse=True)
def as_planned(clean_lab: Lab, cli: Cli) -> None:
    assert cli("distribute", TEST).returncode == 0


def verdicts(cli: Cli, *arguments: str) -> tuple[int, dict[tuple[str, str], str]]:
    done = cli("verify", *arguments, "--json")
    answer = json.loads(done.stdout)
    assert answer["ok"] == (done.returncode == 0)
    return done.returncode, {(c["router"], c["prefix"]): c["status"] for c in answer["checks"]}


def test_pass(cli: Cli):
    code, found = verdicts(cli)
    assert code == 0
    assert len(found) == 8
    assert set(found.values()) == {"pass"}


def test_fail_is_another_gateway(cli: Cli):
    code, found = verdicts(cli, EXAMPLE, "--deadline", "1")
    assert code == 3
    # 198.51.100.0/24 and 131.114.0.0/16 are planned the other way round
    of_tables = {(r, p): s for (r, p), s in found.items() if r.startswith("PE")}
    assert of_tables == {
        (edge, prefix): status
        for edge in ("PE1", "PE2")
        for prefix, status in {
            "198.51.100.0/24": "fail",
            "131.114.0.0/16": "fail",
            "192.0.2.0/24": "pass",
            "203.0.113.0/24": "pass",
        }.items()
    }


def test_error_is_a_router_that_cannot_be_asked(clean_lab: Lab, cli: Cli):
    clean_lab.stop_daemon("PE1", "sshd")
    try:
        code, found = verdicts(cli)
        assert code == 4
        assert {(r, s) for (r, _), s in found.items()} == {("PE1", "error"), ("PE2", "pass")}
    finally:
        clean_lab.start_daemon("PE1", "sshd")


def test_error_is_a_gateway_whose_list_cannot_be_read(clean_lab: Lab, cli: Cli, tmp_path: Path):
    """Also one that is to raise nothing: it might raise something all the same."""
    one = tmp_path / "one.json"
    one.write_text('{"C1": {"198.51.100.0/24": 150}}')
    clean_lab.stop_daemon("GW1", "sshd")
    try:
        code, found = verdicts(cli)
        assert code == 4
        assert {r for (r, _), s in found.items() if s == "error"} == {"GW1"}
        assert cli("verify", str(one)).returncode == 4
    finally:
        clean_lab.start_daemon("GW1", "sshd")


def test_missing_is_no_route(clean_lab: Lab, cli: Cli):
    """Both upstreams withdraw a prefix; that counts more than a router that cannot be asked."""
    family = ("address-family ipv4 unicast",)
    processes = {"UP1": "router bgp 65004", "UP2": "router bgp 65005"}
    for upstream, process in processes.items():
        configure(clean_lab, upstream, process, *family, "no network 192.0.2.0/24")
    clean_lab.stop_daemon("PE1", "sshd")
    try:
        clean_lab.wait_settled()
        code, found = verdicts(cli, "--deadline", "1")
        assert code == 3
        assert found["PE2", "192.0.2.0/24"] == "missing"
        assert found["PE1", "192.0.2.0/24"] == "error"
    finally:
        clean_lab.start_daemon("PE1", "sshd")
        for upstream, process in processes.items():
            configure(clean_lab, upstream, process, *family, "network 192.0.2.0/24")
        clean_lab.wait_settled()


def test_inconclusive_is_still_changing_at_the_deadline(clean_lab: Lab, cli: Cli):
    """A hand edit reaches the tables five seconds later, two before the deadline."""
    entry = next(e for e in overrides(clean_lab, "GW1") if e.network == "203.0.113.0/24")
    line = f"ip prefix-list {LIST} seq {entry.seq} {entry.rule}"
    configure(clean_lab, "GW1", f"no {line}")
    try:
        code, found = verdicts(cli, EXAMPLE, "--deadline", "7")
        assert code == 3
        assert found["PE1", "203.0.113.0/24"] == "inconclusive"
    finally:
        configure(clean_lab, "GW1", line)
