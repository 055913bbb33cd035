"""bgpdump's lines: the published figures of real tables, and each thing that a line may say."""

import bz2
import gzip
from collections import Counter
from pathlib import Path

import pytest

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.rib_files import BrokenRecord, ReadingLog, RibEntry, RibPeer, read_bgpdump
from nornir_bgp.bgp.route import Origin, Route
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.routing import Router, RouterSession
from nornir_bgp.runbooks.rib_files import read_rib

PEER = "TABLE_DUMP2|1122859488|B|192.0.2.9|65009|"
LINE = PEER + "198.51.100.0/24|65009 {65012,65011}|EGP|192.0.2.7|150|30|65009:7 no-export|AG|1 2|"


def read(*lines: str) -> tuple[list[RibEntry], ReadingLog]:
    log = ReadingLog()
    return list(read_bgpdump([f"{line}\n".encode() for line in lines], log)), log


def test_every_field_of_a_line() -> None:
    (entry,), log = read(LINE)
    assert entry == RibEntry(
        "198.51.100.0/24",
        RibPeer("192.0.2.9", 65009),
        Route(
            next_hop="192.0.2.7",
            as_path=AsPath.parse("65009 {65011,65012}"),
            origin=Origin.EGP,
            local_pref=150,
            med=30,
            communities=frozenset({"65009:7", "no-export"}),
        ),
    )
    assert (log.broken, dict(log.skipped)) == ([], {})
    assert list(log.peers) == [RibPeer("192.0.2.9", 65009)]


def test_a_zero_is_no_local_pref_and_no_med() -> None:
    (entry,), _ = read(LINE.replace("|150|30|", "|0|0|"))
    assert (entry.route.local_pref, entry.route.med) == (None, None)


def test_what_is_passed_over_is_counted() -> None:
    entries, log = read(
        LINE.replace("198.51.100.0/24", "2001:db8::/32"),
        "BGP4MP|1122859488|A|192.0.2.9|65009|198.51.100.0/24|65009|IGP|192.0.2.7|0|0||NAG||",
        "BGP4MP|1122859488|STATE|192.0.2.9|65009|6|1",
        LINE.replace("192.0.2.7", "2001:db8::7"),
        "",
        LINE,
    )
    assert len(entries) == 1
    assert log.broken == []
    assert dict(log.skipped) == {
        "records not of IPv4 unicast": 1,
        "records not of a table": 2,
        "routes with an IPv6 next hop": 1,
    }


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("TABLE_DUMP2", "TABLE_DUMP9", "it begins with 'TABLE_DUMP9'"),
        (LINE, "TABLE_DUMP|1|B|192.0.2.9|65009|198.51.100.0/24", "6 fields; a route has 12"),
        ("|150|30|65009:7 no-export|AG|1 2|", "", "9 fields; a route has 12 and more"),
        ("|B|", "|A|", "'A' in its third field, not B"),
        ("|192.0.2.9|", "|192.0.2.999|", "'192.0.2.999' does not appear to be an IPv4"),
        ("|65009|", "|65x|", "'65x' is no AS number of the peer"),
        ("|65009|", f"|{2**32}|", "is no AS number of the peer"),
        ("198.51.100.0/24", "198.51.100.0", "has no prefix length"),
        ("198.51.100.0/24", "198.51.100.1/24", "host bits set; write 198.51.100.0/24"),
        ("{65012,65011}", "{65012", "not an AS path"),
        ("EGP", "BGP", "'BGP' is no origin"),
        ("192.0.2.7", "192.0.2", "192.0.2"),
        ("|150|", "|-1|", "'-1' is no LOCAL_PREF"),
        ("|30|", "|3.0|", "'3.0' is no MED"),
        ("no-export", "no-exit", "'no-exit' is not a standard community"),
        ("no-export", "no-\xe9xit", "ascii"),
    ],
)
def test_a_broken_line_costs_itself_alone(old: str, new: str, reason: str) -> None:
    assert old in LINE
    other = PEER + "203.0.113.0/24|65009|IGP|192.0.2.9|0|0||NAG||"
    entries, log = read(other, LINE.replace(old, new, 1), other)
    assert [entry.prefix for entry in entries] == ["203.0.113.0/24"] * 2
    ((place, why),) = log.broken
    assert place == "line 2"
    assert reason in why


def test_the_routes_of_abilene(shared_data: Path) -> None:
    """The figures of the data's README: 9,373 routes with LOCAL_PREFs 40 to 260."""
    found = read_rib(shared_data / "bgp" / "abilene-rib-20050801.bgpdump.gz")
    assert (found.form, len(found.entries), found.broken) == ("bgpdump", 9373, ())
    assert found.peers == (RibPeer("198.32.12.9", 11537),)
    preferences = Counter(entry.route.local_pref for entry in found.entries)
    assert preferences == {100: 6052, 200: 2678, 160: 365, 260: 262, 140: 12, 40: 4}


def test_local_pref_is_kept_from_a_peer_in_the_same_as_alone(shared_data: Path) -> None:
    found = read_rib(shared_data / "bgp" / "abilene-rib-20050801.bgpdump.gz")
    inside = found.loaded_into(Router("ATLA", 11537, "198.32.8.192"))
    outside = found.loaded_into(Router("R1", 65001, "192.0.2.1"))
    assert {one.route.local_pref for one in inside.announcements} == {40, 100, 140, 160, 200, 260}
    assert {one.route.local_pref for one in outside.announcements} == {None}
    assert {one.router for one in inside.announcements} == {"ATLA"}
    (peer,) = inside.peers
    assert (peer.router, peer.address, peer.as_number) == ("ATLA", "198.32.12.9", 11537)
    assert [one.prefix for one in outside.announcements] == [e.prefix for e in found.entries]


def test_the_routes_of_a_collector(shared_data: Path) -> None:
    """The figures of the data's README, all of them."""
    found = read_rib(shared_data / "bgp" / "rrc00-20000111.bgpdump.gz")
    assert (len(found.entries), len(found.peers), found.broken) == (452_018, 7, ())
    exits = Counter(Counter(entry.prefix for entry in found.entries).values())
    assert sum(exits.values()) == 82_377
    assert (exits[6], exits[7], exits[1]) == (55_572, 13_048, 3_300)
    assert len({id(entry.route) for entry in found.entries}) == 64_793  # distinct ones are shared


def test_a_name_says_nothing_and_packed_files_are_unpacked(tmp_path: Path) -> None:
    content = f"{LINE}\n".encode() * 3
    for pack in (bytes, gzip.compress, bz2.compress):
        file = tmp_path / "table.txt"
        file.write_bytes(pack(content))
        found = read_rib(file)
        assert (len(found.entries), found.form, found.source) == (3, "bgpdump", str(file))
    # two packed files one after the other are one
    file.write_bytes(gzip.compress(content) + gzip.compress(content))
    assert len(read_rib(file).entries) == 6


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress])
def test_a_packed_file_that_is_cut_off(tmp_path: Path, pack: type[bytes]) -> None:
    """What could be unpacked counts; where it ends is said."""
    lines = b"".join(
        LINE.replace("198.51.100.0/24", f"10.{n % 256}.{n * 37 % 256}.0/24").encode() + b"\n"
        for n in range(50_000)
    )
    packed = pack(lines)
    file = tmp_path / "table"
    file.write_bytes(packed[: len(packed) // 2])
    found = read_rib(file)
    assert 1000 < len(found.entries) < 50_000
    assert any("it cannot be unpacked" in reason for _, reason in found.broken)
    file.write_bytes(packed[:20])
    with pytest.raises(InputError, match=r"nothing in it could be read:\n.*cannot be unpacked"):
        read_rib(file)


def test_files_that_are_no_tables(tmp_path: Path) -> None:
    file = tmp_path / "rib"
    with pytest.raises(InputError, match="rib: no such file"):
        read_rib(file)
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_rib(tmp_path)
    for content, message in (
        (b"", "the file is empty; give an MRT table dump"),
        (b"hello\n", "not a file of routes that is known; give an MRT"),
        (b"routes:\n- router: GW1\n", "given by --routes"),
        (b"a|b\nc|d\n", r"nothing in it could be read:\n.*line 1: it begins with 'a'"),
    ):
        file.write_bytes(content)
        with pytest.raises(InputError, match=message):
            read_rib(file)


def test_remarks_name_twenty_broken_records_and_count_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "rib"
    file.write_text("\n".join([LINE, *["TABLE_DUMP|x"] * 25, LINE]), "ascii")
    found = read_rib(file)
    assert found.broken[0] == BrokenRecord("line 2", "2 fields; a route has 12 and more")
    remarks = list(found.remarks())
    assert remarks[0] == f"{file}, line 2: 2 fields; a route has 12 and more; not loaded"
    assert remarks[20:] == [f"{file}: and 5 more broken records"]


def test_a_peer_without_as_is_in_that_of_the_session(tmp_path: Path) -> None:
    """A router's own table does not say it: the configuration does, or else the AS path."""
    file = tmp_path / "rib"
    file.write_text(
        "BGP table version is 5, local router ID is 192.0.2.1, vrf id 0\n"
        "Default local pref 100, local AS 65001\n\n"
        "   Network          Next Hop            Metric LocPrf Weight Path\n"
        "*  198.51.100.0/24  10.0.12.3                0             0 65002 i\n"
        "*>                  10.0.12.2               50    200      7 65002 65003 i\n"
        "* i                 192.0.2.3                0    100      0 65003 i\n"
        "*> 203.0.113.0/24   0.0.0.0                  0         32768 i\n\n"
        "Displayed  2 routes and 4 total paths\n",
        "ascii",
    )
    found = read_rib(file)
    assert found.form == "show bgp text"
    assert found.skipped == {"routes learned by iBGP": 1, "routes of the router itself": 1}
    session = RouterSession("10.0.12.2", 65099)
    loaded = found.loaded_into(Router("R1", 65001, "192.0.2.1", sessions=(session,)))
    assert {peer.address: peer.as_number for peer in loaded.peers} == {
        "10.0.12.2": 65099,
        "10.0.12.3": 65002,
    }
    # the selected one is the oldest; LOCAL_PREF and weight were the router's own doing
    assert [(one.peer, one.time, one.route) for one in loaded.announcements] == [
        ("10.0.12.2", 0, Route("10.0.12.2", AsPath.parse("65002 65003"), med=50)),
        ("10.0.12.3", 1, Route("10.0.12.3", AsPath.parse("65002"), med=0)),
    ]
