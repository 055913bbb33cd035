"""MRT dumps: a real one as another parser reads it, and records written from RFC 6396."""

import json
import struct
import subprocess
import sys
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.bgp.as_path import AsPath, Kind
from nornir_bgp.bgp.rib_files import ReadingLog, RibEntry, RibFile, RibPeer, read_mrt
from nornir_bgp.bgp.rib_files.mrt_attributes import parse_attributes
from nornir_bgp.bgp.route import Origin, Route
from nornir_bgp.models.communities import community_number
from nornir_bgp.models.routing import Router
from nornir_bgp.runbooks.rib_files import read_rib
from tests.bgp.mrt_format import (
    AIGP,
    AS4_PATH,
    AS_PATH,
    BGP4MP,
    CLUSTER_LIST,
    COMMUNITIES,
    CONFED_SEQUENCE,
    CONFED_SET,
    LOCAL_PREF,
    MED,
    MP_REACH_NLRI,
    NEXT_HOP,
    ORIGIN,
    ORIGINATOR_ID,
    SEQUENCE,
    SET,
    TABLE_DUMP,
    TABLE_DUMP_V2,
    TIME,
    address,
    as_path,
    attribute,
    number,
    peer_index,
    record,
    rib,
    rib_entry,
    table_dump,
    usual,
)

PEERS = peer_index(
    [
        ("0.0.0.0", "0.0.0.0", 0),
        ("192.0.2.2", "10.0.0.2", 65002),
        ("192.0.2.3", "2001:db8::3", 4_200_000_000),
    ]
)
PEER = RibPeer("10.0.0.2", 65002, "192.0.2.2")
USUAL = usual([65002], "10.0.0.2")
ROUTE = Route("10.0.0.2", AsPath.parse("65002"))
GOOD = rib("203.0.113.0/24", rib_entry(1, USUAL))
GOOD_ENTRY = RibEntry("203.0.113.0/24", PEER, ROUTE, TIME)


def read(*records: bytes) -> tuple[list[RibEntry], ReadingLog]:
    log = ReadingLog()
    return list(read_mrt(BytesIO(b"".join(records)), log)), log


def by_mrtparse(file: Path) -> list[dict[str, Any]]:
    program = Path(__file__).parent / "mrt_by_mrtparse.py"
    answer = subprocess.run(
        [sys.executable, str(program), str(file)], check=True, capture_output=True, timeout=60
    )
    return json.loads(answer.stdout)


def as_mrtparse_says(entry: RibEntry) -> dict[str, object]:
    codes = {Kind.SET: 1, Kind.SEQUENCE: 2, Kind.CONFED_SEQUENCE: 3, Kind.CONFED_SET: 4}
    route = entry.route
    communities = sorted(map(community_number, route.communities))
    optional = {
        "med": route.med,
        "local_pref": route.local_pref,
        "communities": [f"{n >> 16}:{n & 0xFFFF}" for n in communities],
    }
    return {
        "prefix": entry.prefix,
        "since": entry.since,
        "peer": list(entry.peer),
        "origin": int(route.origin),
        "as_path": [[codes[kind], list(numbers)] for kind, numbers in route.as_path.segments],
        "next_hop": route.next_hop,
        **{name: value for name, value in optional.items() if value not in (None, [])},
    }


def test_a_dump_of_openbgpd(shared_data: Path) -> None:
    """mrtparse, an independent parser, reads the same."""
    file = shared_data / "bgp" / "mrtparse_sample_openbgpd_rib_table-v2"
    found = read_rib(file)
    assert (found.form, found.broken) == ("MRT", ())
    assert [as_mrtparse_says(entry) for entry in found.entries] == by_mrtparse(file)
    assert len(found.entries) == 11
    assert found.skipped == {"records not of IPv4 unicast": 12}  # its IPv6 routes


def test_every_attribute() -> None:
    path = as_path((SEQUENCE, [65002, 4_200_000_000]), (SET, [65012, 65011]))
    attributes = (
        attribute(ORIGIN, b"\2")
        + path
        + attribute(NEXT_HOP, address("10.0.0.9"))
        + number(MED, 0)
        + number(LOCAL_PREF, 150)
        + attribute(COMMUNITIES, struct.pack(">III", 0xFFFFFF01, 65002 << 16 | 7, 1767))
        + attribute(ORIGINATOR_ID, address("192.0.2.8"))
        + attribute(CLUSTER_LIST, address("192.0.2.6") + address("192.0.2.7"))
        + attribute(AIGP, b"\1\0\x0b" + (77).to_bytes(8))
        + attribute(99, bytes(300))  # an unknown one, whose length takes two bytes
    )
    entries, log = read(PEERS, rib("198.51.100.0/22", rib_entry(1, attributes, since=5)))
    route = Route(
        next_hop="10.0.0.9",
        as_path=AsPath.parse("65002 4200000000 {65011,65012}"),
        origin=Origin.INCOMPLETE,
        local_pref=150,
        med=0,
        communities=frozenset({"no-export", "65002:7", "0:1767"}),
        originator_id="192.0.2.8",
        cluster_list=("192.0.2.6", "192.0.2.7"),
        aigp=77,
    )
    assert entries == [RibEntry("198.51.100.0/22", PEER, route, 5)]
    assert log.broken == []
    assert list(log.peers) == [PEER, RibPeer("2001:db8::3", 4_200_000_000, "192.0.2.3")]


def test_a_table_dump() -> None:
    record_ = table_dump("10.0.0.0/8", "192.0.2.9", 65009, usual([65009, 1], "192.0.2.9", width=2))
    (entry,), log = read(record_)
    assert entry == RibEntry(
        "10.0.0.0/8", RibPeer("192.0.2.9", 65009), Route("192.0.2.9", AsPath.parse("65009 1")), TIME
    )
    assert log.broken == []


@pytest.mark.parametrize(
    ("old", "new", "merged"),
    [
        # RFC 6793, section 4.2.3: as many as AS4_PATH has are replaced, from the end
        ([(SEQUENCE, [65009, 23456, 23456])], [(SEQUENCE, [70000, 70001])], "65009 70000 70001"),
        ([(SEQUENCE, [65009])], [(SEQUENCE, [70000, 70001])], "65009"),
        ([(SEQUENCE, [65009, 23456]), (SET, [1, 2])], [(SEQUENCE, [70000]), (SET, [1, 3])], ""),
        ([(SET, [8, 9]), (SEQUENCE, [23456])], [(SEQUENCE, [70000])], "{8,9} 70000"),
        ([(SEQUENCE, [23456])], [(CONFED_SEQUENCE, [5]), (SEQUENCE, [70000])], "70000"),
    ],
)
def test_as4_path(
    old: list[tuple[int, list[int]]], new: list[tuple[int, list[int]]], merged: str
) -> None:
    attributes = attribute(ORIGIN, b"\0") + as_path(*old, width=2) + as_path(*new, kind=AS4_PATH)
    attributes += attribute(NEXT_HOP, address("192.0.2.9"))
    (entry,), _ = read(table_dump("10.0.0.0/8", "192.0.2.9", 65009, attributes))
    assert str(entry.route.as_path) == (merged or "65009 70000 {1,3}")


def test_what_is_passed_over_is_counted() -> None:
    ipv6_next_hop = usual([65002], "10.0.0.2").split(attribute(NEXT_HOP, address("10.0.0.2")))[0]
    ipv6_next_hop += attribute(MP_REACH_NLRI, b"\x10" + address("2001:db8::3"))
    entries, log = read(
        PEERS,
        rib("2001:db8::/32", rib_entry(1, USUAL)),
        record(TABLE_DUMP_V2, 8, b"any"),
        record(TABLE_DUMP, 2, b"any"),
        record(BGP4MP, 4, b"any"),
        record(99, 0, b"any"),
        rib("10.0.0.0/8", rib_entry(0, USUAL), rib_entry(1, ipv6_next_hop), rib_entry(2, USUAL)),
    )
    assert [entry.peer.address for entry in entries] == ["2001:db8::3"]
    assert log.broken == []
    assert dict(log.skipped) == {
        "records not of IPv4 unicast": 2,
        "records with ADD-PATH": 1,
        "records not of a table": 2,
        "routes of the router itself": 1,
        "routes with an IPv6 next hop": 1,
    }


def with_attributes(*attributes: bytes) -> bytes:
    return rib("198.51.100.0/24", rib_entry(1, b"".join(attributes)))


ORIGIN_IGP, PATH, HOP = (
    attribute(ORIGIN, b"\0"),
    as_path((SEQUENCE, [65002])),
    attribute(NEXT_HOP, address("10.0.0.2")),
)


@pytest.mark.parametrize(
    ("broken", "place", "reason"),
    [
        (with_attributes(PATH, HOP), ", entry 1", "no ORIGIN or no AS_PATH"),
        (with_attributes(ORIGIN_IGP, HOP), ", entry 1", "no ORIGIN or no AS_PATH"),
        (with_attributes(ORIGIN_IGP, PATH), ", entry 1", "no NEXT_HOP"),
        (with_attributes(ORIGIN_IGP, PATH, HOP, HOP), ", entry 1", "attribute 3 twice"),
        (with_attributes(attribute(ORIGIN, b"\3"), PATH, HOP), ", entry 1", "ORIGIN 3"),
        (with_attributes(ORIGIN_IGP, PATH, HOP, b"\x40"), ", entry 1", "within the head"),
        (with_attributes(ORIGIN_IGP, PATH, HOP[:-1]), ", entry 1", "attribute 3 is longer"),
        (with_attributes(ORIGIN_IGP, PATH, attribute(NEXT_HOP, b"abc")), ", entry 1", "3 bytes in"),
        (with_attributes(USUAL, attribute(COMMUNITIES, b"abc")), ", entry 1", "of 4 each"),
        (with_attributes(USUAL, attribute(AIGP, b"abc")), ", entry 1", "AIGP"),
        (with_attributes(ORIGIN_IGP, as_path((SEQUENCE, [])), HOP), ", entry 1", "an AS path"),
        (with_attributes(ORIGIN_IGP, as_path((9, [1])), HOP), ", entry 1", "an AS path"),
        (
            with_attributes(ORIGIN_IGP, attribute(AS_PATH, b"\2\2\0\0\0\1"), HOP),
            ", entry 1",
            "AS pa",
        ),
        (rib("10.0.0.0/8", rib_entry(3, USUAL)), ", entry 1", "peer 3 of 3, counted from 0"),
        (rib("10.0.0.0/8", rib_entry(1, USUAL)[:-1]), "", "it ends within its entry 1 of 1"),
        (record(TABLE_DUMP_V2, 2, b"\0\0\0\0\x28" + bytes(9)), "", "an IPv4 prefix of 40 bits"),
        (record(TABLE_DUMP_V2, 2, b"\0\0\0\0\x18ab"), "", "it ends within its prefix"),
        (record(TABLE_DUMP_V2, 2, b"\0\0"), "", "shorter than what it must hold"),
        (record(TABLE_DUMP, 1, b"abc"), "", "shorter than what it must hold"),
        (table_dump("10.0.0.0/8", "192.0.2.9", 1, USUAL)[:-1] + b"xx", "", "not 20"),
    ],
)
def test_a_broken_record_costs_itself_alone(broken: bytes, place: str, reason: str) -> None:
    if reason == "not 20":  # the header has to know of the byte that was added
        broken = record(TABLE_DUMP, 1, broken[12:])
    entries, log = read(PEERS, GOOD, broken, GOOD)
    assert entries == [GOOD_ENTRY, GOOD_ENTRY]
    ((where, why),) = log.broken
    assert where == f"record 3{place}"
    assert reason in why


def test_one_entry_of_a_record_costs_no_other() -> None:
    entries, log = read(
        PEERS, rib("203.0.113.0/24", rib_entry(1, HOP), rib_entry(1, USUAL), rib_entry(7, USUAL))
    )
    assert entries == [GOOD_ENTRY]
    assert [place for place, _ in log.broken] == ["record 2, entry 1", "record 2, entry 3"]


def test_a_record_without_its_peers() -> None:
    entries, log = read(GOOD)
    assert entries == []
    assert log.broken[0] == ("record 1", "no PEER_INDEX_TABLE that could be read comes before it")
    # a peer table that is broken does not leave the last one's peers to the routes after it
    entries, log = read(PEERS, record(TABLE_DUMP_V2, 1, PEERS[12:-1]), GOOD)
    assert entries == []
    assert [place for place, _ in log.broken] == ["record 2", "record 3"]


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (GOOD[:5], "the file ends within its header"),
        (GOOD[:-1], "the file ends after"),
        (record(TABLE_DUMP_V2, 2, b"", length=2**32 - 1), "it claims 4294967295 bytes"),
    ],
)
def test_where_the_next_record_cannot_be_found_reading_ends(end: bytes, reason: str) -> None:
    entries, log = read(PEERS, GOOD, end)
    assert entries == [GOOD_ENTRY]
    ((place, why),) = log.broken
    assert place == "record 3"
    assert reason in why


def test_older_routes_are_announced_first() -> None:
    old, young = rib_entry(1, USUAL, since=7), rib_entry(2, USUAL, since=9)
    log = ReadingLog()
    data = PEERS + rib("10.0.0.0/8", young, old) + rib("11.0.0.0/8", young)
    entries = tuple(read_mrt(BytesIO(data), log))
    loaded = RibFile("rib", "MRT", tuple(log.peers), entries).loaded_into(
        Router("R1", 65001, "192.0.2.1")
    )
    assert [(one.prefix, one.peer, one.time) for one in loaded.announcements] == [
        ("10.0.0.0/8", "2001:db8::3", 1),
        ("10.0.0.0/8", "10.0.0.2", 0),
        ("11.0.0.0/8", "2001:db8::3", 0),
    ]
    assert [(peer.as_number, peer.router_id) for peer in loaded.peers] == [
        (65002, "192.0.2.2"),
        (4_200_000_000, "192.0.2.3"),
    ]


TABLE = [
    PEERS,
    *(rib(f"10.{n}.0.0/16", rib_entry(1, USUAL), rib_entry(2, USUAL)) for n in range(8)),
]


@given(st.integers(1, 8), st.data())
def test_whatever_happens_to_one_record_the_others_are_read(n: int, data: st.DataObject) -> None:
    """Only its content is changed, so that the next one can be found."""
    body = bytearray(TABLE[n][12:])
    for at in data.draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=6)):
        body[at] = data.draw(st.integers(0, 255))
    changed = [*TABLE]
    changed[n] = TABLE[n][:12] + bytes(body)
    whole, _ = read(*TABLE)
    entries, _ = read(*changed)
    assert entries[: 2 * n - 2] == whole[: 2 * n - 2]
    rest = whole[2 * n :]
    assert not rest or entries[-len(rest) :] == rest


@given(st.binary(max_size=300))
def test_no_bytes_raise(data: bytes) -> None:
    read(PEERS, data)
    read(data)


@given(st.data())
def test_no_change_raises_or_loops(data: st.DataObject) -> None:
    content = bytearray(b"".join(TABLE))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    entries, log = read(bytes(content[:end]))
    assert len(entries) <= 16
    assert len(entries) == 16 or log.broken or log.skipped or end < len(content)


SEGMENTS = st.lists(
    st.tuples(
        st.sampled_from([SET, SEQUENCE, CONFED_SEQUENCE, CONFED_SET]),
        st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=5),
    ),
    max_size=4,
).filter(lambda segments: all(a != b for (a, _), (b, _) in pairwise(segments)))
"""Sequences that follow each other are joined, which a text cannot show; so none do."""


@given(SEGMENTS)
def test_any_as_path_is_the_text_that_it_stands_for(segments: list[tuple[int, list[int]]]) -> None:
    """Text and bytes of a path are read by different readers: they give the same path."""
    brackets = {SET: "{%s}", SEQUENCE: "%s", CONFED_SEQUENCE: "(%s)", CONFED_SET: "[%s]"}
    text = " ".join(
        brackets[code] % ("," if code in (SET, CONFED_SET) else " ").join(map(str, numbers))
        for code, numbers in segments
    )
    attributes = attribute(ORIGIN, b"\0") + as_path(*segments)
    attributes += attribute(NEXT_HOP, address("192.0.2.9"))
    route = parse_attributes(attributes, as_width=4)
    assert route is not None
    assert route.as_path == AsPath.parse(text)


def test_sequences_that_follow_each_other_are_one() -> None:
    """A segment has room for 255 numbers; FRR joins them again (``assegment_normalise``)."""
    attributes = attribute(ORIGIN, b"\0") + as_path((SEQUENCE, [1] * 255), (SEQUENCE, [2, 3]))
    attributes += attribute(NEXT_HOP, address("192.0.2.9"))
    route = parse_attributes(attributes, as_width=4)
    assert route is not None
    assert [len(segment.numbers) for segment in route.as_path.segments] == [257]
