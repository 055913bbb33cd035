"""Which prefixes a file of routes has: FRR's own tables in both languages, and dumps."""

import bz2
import json
from pathlib import Path

import pytest

from nornir_bgp.exceptions import InputError
from nornir_bgp.runbooks.rib_files import read_prefixes, read_rib
from tests.bgp import mrt_format as mrt

FIXTURES = Path(__file__).parents[1] / "frr" / "fixtures" / "frr-8.4.4"


@pytest.mark.parametrize("name", ["r1-ipv4", "r1-ipv6", "r4-ibgp-ipv4", "r4-ibgp-ipv6"])
def test_a_router_s_table_as_text_and_as_json(name):
    wanted = json.loads((FIXTURES / f"{name}.json").read_text())["routes"]
    assert wanted
    for ending in ("json", "txt"):
        found = read_prefixes(FIXTURES / f"{name}.{ending}")
        assert set(found.prefixes) == set(wanted)
        assert found.remarks == ()


def test_a_dump_as_text_packed_or_not(tmp_path):
    lines = [
        "TABLE_DUMP2|1|B|192.0.2.1|65001|198.51.100.0/24|65001|IGP|192.0.2.1|0|0||NAG||",
        "TABLE_DUMP2|1|B|2001:db8::1|65001|2001:db8:1::/48|65001|IGP|2001:db8::1|0|0||NAG||",
        "TABLE_DUMP2|1|B|192.0.2.2|65002|198.51.100.0/24|65002|IGP|192.0.2.2|0|0||NAG||",
        "TABLE_DUMP2|1|B|192.0.2.2|65002|198.51.100.1/24|65002|IGP|192.0.2.2|0|0||NAG||",
    ]
    (tmp_path / "plain").write_text("\n".join(lines))
    (tmp_path / "packed").write_bytes(bz2.compress("\n".join(lines).encode()))
    for name in ("plain", "packed"):
        found = read_prefixes(tmp_path / name)
        assert found.prefixes == ("198.51.100.0/24", "2001:db8:1::/48")
        assert [remark.partition(": ")[0] for remark in found.remarks] == [
            f"{tmp_path / name}, line 4"
        ]


def test_a_dump_as_mrt(tmp_path):
    content = mrt.peer_index([("192.0.2.1", "192.0.2.1", 65001)])
    for prefix in ("198.51.100.0/24", "203.0.113.0/24"):
        content += mrt.rib(prefix, mrt.rib_entry(0, mrt.usual([65001], "192.0.2.1")))
    (tmp_path / "table").write_bytes(content)
    assert read_prefixes(tmp_path / "table").prefixes == ("198.51.100.0/24", "203.0.113.0/24")


def test_a_real_table_has_the_prefixes_of_its_routes(shared_data):
    file = shared_data / "bgp" / "abilene-rib-20050801.bgpdump.gz"
    assert read_prefixes(file).prefixes == tuple(
        dict.fromkeys(entry.prefix for entry in read_rib(file).entries)
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty; give"),
        (b"hello\n", "not a file of routes that is known"),
        (b"TABLE_DUMP2|1|B|192.0.2.1|65001|nonsense|", "there is no route in it; give another"),
        (b"\x1f\x8b broken", "there is no route in it; give another"),
    ],
)
def test_a_file_without_routes_is_refused(tmp_path, content, said):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(InputError, match=said):
        read_prefixes(tmp_path / "file")
