"""A running FRR writes its table as an MRT dump, as JSON and as text: all three say the same."""

from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from nornir_bgp.bgp.rib_files import RibFile, RibPeer
from nornir_bgp.deadline import wait_for
from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.runbooks.rib_files import read_rib
from tests.bgp.test_rib_files_mrt import as_mrtparse_says, by_mrtparse
from tests.frr.gateway_pair import UPSTREAM, Pair, running_pair

pytestmark = pytest.mark.lab

PREFIXES = ("10.1.0.0/16", "198.51.100.0/24", "203.0.113.128/25", "198.51.100.128/25")
OWN = "192.0.2.0/24"
DUMP = "/var/tmp/dump.mrt"  # noqa: S108 - in the routers' namespace, and gone with it

SENT = (
    "ip prefix-list ONE permit 10.1.0.0/16",
    "ip prefix-list TWO permit 198.51.100.0/24",
    "route-map OUT permit 10",
    "match ip address prefix-list ONE",
    "set metric 70",
    "set community 65004:7 no-peer",
    "set as-path prepend 4200000000 65010",
    "set origin egp",
    "route-map OUT permit 20",
    "match ip address prefix-list TWO",
    "set metric 0",
    "set origin incomplete",
    "route-map OUT permit 30",
    "exit",
)


@pytest.fixture(scope="module")
def gateway() -> Iterator[Pair]:
    with running_pair(PREFIXES) as pair:
        pair.configure(*SENT, router="UP1")
        pair.configure(
            "router bgp 65004",
            "address-family ipv4 unicast",
            "neighbor 10.0.5.0 route-map OUT out",
            router="UP1",
        )
        pair.write_list("permit 10.1.0.0/16")  # which gives it LOCAL_PREF 200 at the gateway
        pair.configure(
            "router bgp 65020",
            "no bgp network import-check",
            "address-family ipv4 unicast",
            f"network {OWN}",
        )
        wait_for(
            lambda: pair.vtysh("show bgp ipv4 unicast").stdout,
            lambda text: "70" in text and OWN in text,
            seconds=20,
        )
        yield pair


def saved(pair: Pair, command: str, file: Path) -> RibFile:
    file.write_text(pair.vtysh(command).stdout, "utf-8")
    return read_rib(file)


def dumped(pair: Pair, file: Path) -> RibFile | None:
    """The dump, once it is whole: FRR writes it anew every second."""
    file.write_bytes(b64decode(pair.run("base64", DUMP).stdout))
    try:
        found = read_rib(file)
    except InputError:
        return None
    return found if len(found.entries) == len(PREFIXES) and not found.broken else None


def test_dump_json_and_text_of_one_table(gateway: Pair, tmp_path: Path) -> None:
    gateway.learned()
    document = saved(gateway, "show bgp ipv4 unicast json", tmp_path / "json")
    text = saved(gateway, "show ip bgp", tmp_path / "text")
    gateway.configure(f"dump bgp routes-mrt {DUMP} 1")
    mrt = wait_for(lambda: dumped(gateway, tmp_path / "mrt"), bool, seconds=20)
    gateway.configure("no dump bgp routes-mrt")
    assert mrt is not None
    assert {file.form: dict(file.skipped) for file in (mrt, document, text)} == {
        form: {"routes of the router itself": 1}
        for form in ("MRT", "show bgp json", "show bgp text")
    }
    assert not mrt.broken + document.broken + text.broken
    assert mrt.peers == (RibPeer(UPSTREAM, 65004, "192.168.4.1"),)
    assert document.peers == text.peers == (RibPeer(UPSTREAM, None),)

    # the dump has what the table has, LOCAL_PREF of our policy included, and the communities
    table = parse_json((tmp_path / "json").read_bytes())
    in_dump = {entry.prefix: entry.route for entry in mrt.entries}
    assert in_dump.keys() == set(PREFIXES)
    for prefix, route in in_dump.items():
        (path,) = table.routes[prefix]
        assert (
            route.next_hop,
            str(route.as_path),
            route.med,
            route.local_pref,
            "ie?"[route.origin],
        ) == (path.next_hop, path.as_path, path.metric, path.local_pref, path.origin)
    assert in_dump["10.1.0.0/16"].local_pref == 200
    assert in_dump["10.1.0.0/16"].communities == {"65004:7", "no-peer"}
    assert in_dump["198.51.100.0/24"].med == 0

    # what the upstream has sent is the same by all three, but that a table shows no communities
    sent = [
        {
            entry.prefix: replace(entry.route_at(65020), communities=frozenset())
            for entry in file.entries
        }
        for file in (mrt, document, text)
    ]
    assert sent[0] == sent[1] == sent[2]
    assert {route.local_pref for route in sent[0].values()} == {None}

    # and mrtparse reads the dump as we do
    others = [route for route in by_mrtparse(tmp_path / "mrt") if route["peer"][0] == UPSTREAM]
    assert [as_mrtparse_says(entry) for entry in mrt.entries] == others
