"""What a device may say of policies and ways inside the network, and how a fault is told."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.communities import WELL_KNOWN
from nornir_bgp.models.device_file import parse_device_files
from nornir_bgp.models.policy_text import (
    AsPathPattern,
    CommunityPattern,
    canonical_communities,
)
from nornir_bgp.models.settings import Policy, Settings
from nornir_bgp.runbooks.plain import load_plain
from nornir_bgp.tasks.inventory import devices_of

FILE = """\
devices:
  - hostname: R1
    interfaces:
      - {name: eth1, ipv4_address: 10.0.5.0/31, ospf: {cost: 5}}
    setup_bgp_localpref_map: true
    export_prefixes: [1.0.0.0/24]
    static_routes:
      - {prefix: 10.99.0.0/16, next_hop: 10.0.5.1}
    prefix_lists:
      NETS: [{permit: 10.0.0.0/8, ge: 9, le: 24}, {deny: any}]
    as_path_lists:
      PATHS: [{permit: "^65004_"}]
    community_lists:
      BLUE: [{permit: "65020:1 no-export"}]
    expanded_community_lists:
      ANY: [{permit: "_65020:[0-9]+_"}]
    route_maps:
      IN:
        - {permit: 10, match: {prefix_list: NETS, community: BLUE}, set: {metric: 5}, goto: next}
        - {deny: 20, match: {as_path: PATHS}}
    bgp:
      as_number: 65020
      router_id: 192.168.3.3
      confederation: {identifier: 65100, members: [65021]}
      maximum_paths_ibgp: 2
      equal_cluster_length: true
      networks: [{prefix: 1.0.0.0/24, route_map: IN}]
      neighbors:
        - {ip: 10.0.5.1, remote_as: 65004, use_localpref_map: true, weight: 7}
        - {ip: 10.0.6.1, remote_as: 65004, route_map_in: IN, prefix_list_out: NETS, weight: 2}
        - {ip: 10.0.7.1, remote_as: 65020, route_reflector_client: true, update_source: 10.0.5.0}
"""

FAULTS = [
    ("cost: 5", "cost: 0", "interfaces[0].ospf.cost"),
    ("ipv4_address: 10.0.5.0/31", "ipv6_address: '2001:db8::/127'", "give ipv4_address"),
    ("next_hop: 10.0.5.1", "next_hop: '2001:db8::1'", "not of the family of 10.99.0.0/16"),
    ("next_hop: 10.0.5.1", "next_hop: eth1 onlink", "eth1 onlink"),
    ("10.0.5.1}\n    prefix", "10.0.5.1}\n      - {prefix: 10.99.0.0/16, next_hop: blackhole}\n"
     "    prefix", "10.99.0.0/16 leads nowhere by another entry; remove one"),
    ("ge: 9, le: 24", "ge: 8", "go up from 10.0.0.0/8's own"),
    ("ge: 9, le: 24", "ge: 25, le: 24", "prefix_lists.NETS[0].le"),
    ("{deny: any}", "{deny: any, le: 8}", "any matches every length"),
    ("{deny: any}", "{deny: any, permit: any}", "write one of the two"),
    ("{deny: any}", "{deny: '::/0'}", "put it into the other family's list"),
    ("{deny: any}", "{deny: 10.0.0.0/8, ge: 9, le: 24}", "given twice"),
    ("{deny: any}", "{deny: any, seq: 5}", "number 5 is not above 5"),
    ('"^65004_"', '"^65004?"', "marks _ ^ $"),
    ('"^65004_"', '"^(65004_"', "no regular expression"),
    ('"^65004_"', '"1| include"', "digits, single blanks"),
    ('"^65004_"', '"1| 2"', "a command of vtysh's"),
    ("65020:1 no-export", "65020:65536", "is no community"),
    ("65020:1 no-export", "65020:1  no-export", "is no community"),
    ("BLUE: [", "ANY: [", "ANY is a standard community list already"),
    ("NETS, community", "NETZ, community", "there is no NETZ in prefix_lists; add it there"),
    ("as_path: PATHS", "as_path: P", "route_maps.IN[1].match.as_path: there is no P"),
    ("community: BLUE}", "community: BLUE, community_exact: BLUE}", "keep one of the two"),
    ("metric: 5}", "metric: 5, metric_change: 5}", "keep one of the two"),
    ("metric: 5}", "metric_change: 0}", "changes nothing"),
    ("metric: 5}", "next_hop: eth1}", "is no next hop"),
    ("metric: 5}", "prepend: []}", "give at least one"),
    ("goto: next", "goto: 10", "clause 10 is no later one"),
    ("goto: next", "goto: true", "is no clause"),
    ("{deny: 20, ", "{deny: 20, goto: next, ", "a clause that denies is the last"),
    ("{deny: 20, ", "{deny: 20, set: {weight: 1}, ", "a clause that denies changes nothing"),
    ("{deny: 20, ", "{deny: 10, ", "route_maps.IN[1].deny: clause 10 is not above 10"),
    ("{deny: 20, ", "{deny: 20, permit: 20, ", "write its number after one"),
    ("members: [65021]", "members: [65021, 65020]", "members[1]: 65020 is this router's own AS"),
    ("maximum_paths_ibgp: 2", "maximum_paths: 2", "belongs to maximum_paths_ibgp"),
    ("route_map: IN}]", "route_map: OUT}]", "bgp.networks[0].route_map: there is no OUT"),
    ("[{prefix: 1.0.0.0/24", "[1.0.0.0/24, {prefix: 1.0.0.0/24", "is given twice"),
    ("weight: 7", "route_map_in: IN", "the session is an exit"),
    ("weight: 7", "route_map_out: IN", "bgp.neighbors[0].route_map_out: the session is an exit"),
    ("weight: 7", "route_reflector_client: true", "AS 65004 is external"),
    ("route_map_in: IN", "route_map_in: NO", "bgp.neighbors[1].route_map_in: there is no NO"),
    ("prefix_list_out: NETS", "prefix_list_out: NO", "there is no NO in prefix_lists"),
    ("ip: 10.0.6.1", "ip: '2001:db8::6'", "there is no NETS in ipv6_prefix_lists"),
    ("update_source: 10.0.5.0", "update_source: '2001:db8::1'", "of another family"),
    ("update_source: 10.0.5.0", "ebgp_multihop: 2", "the session is internal"),
]  # fmt: skip


def test_the_file_is_right() -> None:
    (device,) = parse_device_files({"d.yaml": FILE})
    assert [entry.seq for entry in device.list_entries if entry.name == "NETS"] == [5, 10]


@pytest.mark.parametrize(("right", "wrong", "message"), FAULTS)
def test_a_fault_is_told_with_its_place_and_mend(right: str, wrong: str, message: str) -> None:
    assert right in FILE
    with pytest.raises(InputError, match=re.escape(message)) as caught:
        parse_device_files({"d.yaml": FILE.replace(right, wrong, 1)})
    assert re.match(r"d\.yaml:\d+:\d+: devices\[0\]", str(caught.value))


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("IN", Policy(route_map="IN")),
        ("IN", Policy(export_map="IN")),
        ("NETS", Policy(export_list="NETS")),
        ("NETS", Policy(prefix_list="NE")),
    ],
)
def test_the_names_of_the_settings_are_taken(name: str, other: Policy, tmp_path) -> None:
    file = tmp_path / "d.yaml"
    file.write_text(FILE)
    nr = load_plain(file, Settings(policy=other))
    with pytest.raises(InputError, match=rf"R1: \w+\.{name}: {name} is a name of the settings"):
        devices_of(nr, other)
    assert len(devices_of(nr, Policy())) == 1


_numbers = st.integers(0, 65535)
_community = st.sampled_from([*WELL_KNOWN]) | st.builds("{}:{}".format, _numbers, _numbers)


@given(st.lists(_community, min_size=1, max_size=8))
def test_communities_have_one_spelling(words: list[str]) -> None:
    once = canonical_communities(" ".join(words))
    assert canonical_communities(once) == once
    assert canonical_communities(" ".join(reversed(words))) == once
    numbers = {name: f"{value >> 16}:{value & 0xFFFF}" for name, value in WELL_KNOWN.items()}
    assert canonical_communities(" ".join(numbers.get(w, w) for w in words)) == once


@given(st.text(max_size=20) | st.text("0123456789_^$.*+()[]{}|,- ?\\!#\n\"';", max_size=20))
def test_no_pattern_can_leave_its_line(text: str) -> None:
    """What passes is one line, which vtysh neither cuts, nor pipes, nor answers as a question."""
    for kind in (AsPathPattern, CommunityPattern):
        try:
            taken = TypeAdapter[str](kind).validate_python(text)
        except ValidationError:
            continue
        assert taken == text == " ".join(text.split())
        assert taken.isascii()
        assert taken.isprintable()
        assert not set(taken) & set("?!#\\\"';")
        assert "| " not in taken
