"""Tables captured live from FRR 8.4.4 (capture_fixtures.sh): text and JSON of one moment."""

import re
from pathlib import Path as File

import orjson
import pytest

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.show_bgp import (
    parse_advertised_json,
    parse_json,
    parse_summary_json,
    parse_text,
)
from nornir_bgp.models.rib import Path, Rib
from tests.frr.frr_format import VERSIONS, Row, Table, print_text

CAPTURED = File(__file__).parent / "fixtures" / "frr-8.4.4"
TABLES = sorted(file.stem for file in CAPTURED.glob("*-ipv[46].txt"))


def read(name: str) -> str:
    return (CAPTURED / name).read_text("utf-8")


def text(name: str) -> Rib:
    return parse_text(read(f"{name}.txt"))


def json(name: str) -> Rib:
    return parse_json(read(f"{name}.json"))


def test_all_tables_are_here() -> None:
    assert len(TABLES) == 12


@pytest.mark.parametrize("name", TABLES)
def test_text_and_json_agree(name: str) -> None:
    from_text, from_json = text(name), json(name)
    assert from_text.default_local_pref == from_json.default_local_pref
    if from_json.routes:
        for field in ("router_id", "local_as", "version"):
            assert getattr(from_text, field) == getattr(from_json, field)
    assert list(from_text.routes) == list(from_json.routes)
    for prefix, paths in from_json.routes.items():
        for shown, path in zip(from_text.routes[prefix], paths, strict=True):
            # An unnumbered session shows its interface in place of the next hop.
            next_hop = path.next_hop if shown.next_hop != "r2-r3" else "r2-r3"
            assert shown == path._replace(next_hop=next_hop, peer=None, reason=None)


def test_the_captures_hold_what_they_are_for() -> None:
    """Else a change of the capture script could quietly take the difficult rows away."""
    rows = "\n".join(read(f"{name}.txt") for name in TABLES)
    for pattern in (
        r"^\*> 192\.168\.100\.128/25\n {20}0\.0\.0\.0",  # a wrapped network
        r"^\*> {18}fe80::\S+\n {36}",  # a wrapped next hop
        r"^\*>i2001:db8:4:4444:5555:6666:7777:8888/128\n {20}fe80::\S+\n {36} ",  # both
        r"^\*= ",  # multipath
        r"^s> .*\n",  # suppressed
        r"^S= ",  # stale
        r"^ h ",  # history
        r"^\*d ",  # damped
        r"^  i",  # not valid
        r"10\.0\.13\.3 {26,}0 65002 i$",  # blank metric and LocPrf
        r"42949672954294967295 {6}0 i$",  # metric and LocPrf touch
        r" 1004294967295 i$",  # LocPrf and weight touch
        r" \{65010,65011,65020,4200000000\} i$",  # AS_SET
        r" \(64516\) 65201 65202 i$",  # confederation
        r" 65002 \?$",  # incomplete
        r" 65002 e$",  # EGP
        r"10\.100\.114\.104\(r4\)\n {36} ",  # a hostname
        r"^\*>i100\.64\.3\.0/24    r2-r3 ",  # an unnumbered session
    ):
        assert re.search(pattern, rows, re.MULTILINE), pattern


def test_a_table_in_full() -> None:
    """Written down by hand from r5-confederation-ipv4.txt."""
    own = Path(True, True, False, False, "0.0.0.0", 0, None, 32768, "", "i")
    learned = own._replace(next_hop="10.0.56.6", local_pref=150, weight=0)
    assert text("r5-confederation-ipv4") == Rib(
        "192.168.5.5",
        64515,
        4,
        150,
        {
            "10.5.0.0/16": (own,),
            "10.5.100.128/25": (own._replace(as_path="65201 65202"),),
            "10.6.0.0/16": (learned._replace(as_path="(64516)"),),
            "10.6.100.128/25": (learned._replace(as_path="(64516) 65201 65202"),),
        },
    )


def test_difficult_rows() -> None:
    """Written down by hand from r1-ipv4.txt and r1-ipv6.txt."""
    rib = text("r1-ipv4")
    assert rib.routes["192.0.2.0/24"][0] == Path(
        True, True, False, True, "10.100.114.104", 2**32 - 1, 2**32 - 1, 0, "", "i"
    )
    assert [p.weight for p in rib.routes["203.0.113.0/24"]] == [2**32 - 1, 0]
    assert [p.valid for p in rib.routes["172.31.1.0/24"]] == [False] * 4
    assert not any(p.valid or p.best for p in rib.routes["192.168.200.128/25"])
    assert [p.multipath for p in rib.routes["192.168.100.128/25"]] == [False, True, False, False]
    assert [p.best for p in rib.routes["192.168.100.128/25"]] == [False, False, False, True]
    assert rib.routes["0.0.0.0/0"][1].metric is None
    assert rib.local_pref(rib.routes["0.0.0.0/0"][1]) == 100
    best = text("r1-ipv6").best("2001:db8:4:4444:5555:6666:7777:8888/128")
    assert best is not None
    assert best.next_hop.startswith("fe80::")


def test_hostnames_are_not_part_of_the_next_hop() -> None:
    for family in ("ipv4", "ipv6"):
        assert text(f"r1-hostnames-{family}").routes == text(f"r1-ipv{family[-1]}").routes


def test_only_json_tells_peer_and_reason() -> None:
    path = json("r1-ipv4").best("192.0.2.0/24")
    assert path is not None
    assert (path.peer, path.reason) == ("10.100.114.104", "Local Pref")
    own = json("r1-ipv4").best("10.1.0.0/16")
    assert own is not None
    assert own.peer is None


def test_an_empty_table() -> None:
    assert text("r7-empty-ipv4") == Rib(None, None, None, 100)
    assert json("r7-empty-ipv4") == Rib("192.168.7.7", 65007, 0, 100)


def codes_of(path: dict[str, object]) -> str:
    """The status codes by ``route_vty_short_status_out()``, from a path of the JSON."""
    states = {"removed": "R", "stale": "S", "suppressed": "s", "valid": "*"}
    choices = {"history": "h", "damped": "d", "bestpath": ">", "multipath": "="}
    state, choice = (
        next((code for flag, code in codes.items() if flag in path), " ")
        for codes in (states, choices)
    )
    return state + choice + ("i" if path["pathFrom"] == "internal" else " ")


@pytest.mark.parametrize(
    "name", [n for n in TABLES if not re.search("hostnames|stale|unnumbered", n)]
)
def test_the_format_strings_print_what_was_captured(name: str) -> None:
    """The printer of the other versions' fixtures turns the JSON into the captured text."""
    rib, routes = json(name), orjson.loads(read(f"{name}.json"))["routes"]
    assert rib.version is not None
    assert rib.router_id is not None
    assert rib.local_as is not None
    table = Table(
        rib.version,
        rib.router_id,
        rib.default_local_pref,
        rib.local_as,
        {
            prefix: [
                Row(path, codes_of(raw)) for path, raw in zip(paths, routes[prefix], strict=True)
            ]
            for prefix, paths in rib.routes.items()
        },
    )
    assert print_text(table, VERSIONS["8.4"]) == read(f"{name}.txt")


def test_summary() -> None:
    before, after = (parse_summary_json(read(f"r1-{s}summary.json")) for s in ("", "stale-"))
    assert before.keys() == {"ipv4Unicast", "ipv6Unicast"}
    ipv4 = before["ipv4Unicast"]
    assert (ipv4.router_id, ipv4.local_as) == ("192.168.1.1", 65001)
    assert all(peer.established for peer in ipv4.peers.values())
    assert ipv4.peers["10.100.114.104"].remote_as == 65001
    assert ipv4.peers["10.100.114.104"].prefixes_received == 5
    down = after["ipv4Unicast"].peers["10.0.13.3"]
    assert (down.state, down.established) == ("Idle", False)
    assert before["ipv6Unicast"].peers.keys() < ipv4.peers.keys()


def test_summary_of_a_router_without_neighbours() -> None:
    assert parse_summary_json(read("r7-summary.json")) == {}


def test_advertised_routes() -> None:
    routes = parse_advertised_json(read("r1-advertised-ipv4.json"))
    assert routes["10.1.0.0/16"] == ("", "i")
    assert routes["100.64.0.0/16"].as_path == "65002 {65010,65011,65020,4200000000}"
    assert len(routes) == 11
    # What summary-only suppresses and what is not valid is not advertised.
    assert not routes.keys() & {"100.64.1.0/24", "192.168.200.128/25"}
    assert "::/0" in parse_advertised_json(read("r1-advertised-ipv6.json"))


def test_advertised_routes_are_counted() -> None:
    answer = read("r1-advertised-ipv4.json").replace('Counter":11', 'Counter":12')
    with pytest.raises(TableSyntaxError, match="11 routes, but totalPrefixCounter is 12"):
        parse_advertised_json(answer)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-instance", "line 1: expected 'BGP table version is ...'; found 'View/Vrf NOWHERE is"),
        ("r1-one-prefix", "line 1: expected 'BGP table version is ...'; found 'BGP routing table"),
        ("r1-wide", "line 9: expected the legend or '   Network          Next Hop ...'; found"),
    ],
)
def test_text_that_is_no_table(name: str, message: str) -> None:
    with pytest.raises(TableSyntaxError, match=re.escape(message)):
        text(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-instance", "FRR answered with a warning: View/Vrf is unknown"),
        ("r1-one-prefix", "no table header: 'routerId'"),
        ("r1-summary", "no table header: 'routerId'"),
    ],
)
def test_json_that_is_no_table(name: str, message: str) -> None:
    with pytest.raises(TableSyntaxError, match=re.escape(message)):
        json(name)


def test_advertised_to_a_stranger() -> None:
    with pytest.raises(TableSyntaxError, match="No such neighbor in this view/vrf"):
        parse_advertised_json(read("r1-advertised-stranger.json"))
