"""Routes written by hand: what they mean, and what is said where they are wrong."""

import re
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.domain import Announcement, ExternalPeer
from nornir_bgp.bgp.route import Origin, Route
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.schemas import schema_of
from nornir_bgp.runbooks.rib_files import read_routes

FILE = """\
routes:
  - router: GW1
    peer: 10.0.5.1
    prefixes: [131.114.0.0/16, 192.0.2.0/24]
    as_path: "65004 65010 {65012,65011}"
    med: 10
    origin: incomplete
    communities: ["65004:100", no-export]
  - router: GW2
    peer: 10.0.6.1
    prefixes:
      - 192.0.2.0/24
    as_path: "65005"
  - router: GW2
    peer: 10.0.6.9
    peer_as: 65099
    next_hop: 10.0.6.1
    prefixes: [192.0.2.0/24]
    as_path: "65005"
"""


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "routes.yaml"
    file.write_text(text, "utf-8")
    return file


def test_routes_in_the_order_in_which_they_are_announced(tmp_path: Path) -> None:
    loaded = read_routes(written(tmp_path, FILE))
    assert loaded.peers == (
        ExternalPeer("GW1", "10.0.5.1", 65004, "10.0.5.1", "AS65004"),
        ExternalPeer("GW2", "10.0.6.1", 65005, "10.0.6.1", "AS65005"),
        ExternalPeer("GW2", "10.0.6.9", 65099, "10.0.6.9", "AS65099"),
    )
    first = Route(
        "10.0.5.1",
        AsPath.parse("65004 65010 {65011,65012}"),
        Origin.INCOMPLETE,
        med=10,
        communities=frozenset({"65004:100", "no-export"}),
    )
    other = Route("10.0.6.1", AsPath.parse("65005"))
    assert loaded.announcements == (
        Announcement("GW1", "10.0.5.1", "131.114.0.0/16", first, 0),
        Announcement("GW1", "10.0.5.1", "192.0.2.0/24", first, 0),
        Announcement("GW2", "10.0.6.1", "192.0.2.0/24", other, 1),
        Announcement("GW2", "10.0.6.9", "192.0.2.0/24", other, 2),
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (FILE, "", ":1:1: an empty value is not a mapping; write keys and values"),
        (FILE, "routes: []\n", ":1:1: routes: is empty; give at least one"),
        ("router: GW1", "router: -x", ":2:5: routes[0].router: '-x' is not allowed; write at most"),
        ("peer: 10.0.5.1", "peer: 10.0.5", ":3:5: routes[0].peer: '10.0.5' is not"),
        ("peer: 10.0.5.1", "peer: fe80::1", ":3:5: routes[0].peer: fe80::1 is IPv6; only IPv4 is"),
        ("peer: 10.0.5.1\n", "\n", ":2:5: routes[0].peer: is missing; add it"),
        ("131.114.0.0/16", "131.114.0.1/16", ":4:16: routes[0].prefixes[0]: '131.114.0.1/16' has"),
        ("131.114.0.0/16", "2001:db8::/32", ":4:16: routes[0].prefixes[0]: 2001:db8::/32 is IPv6"),
        ("[131.114.0.0/16, 192.0.2.0/24]", "[]", ":4:5: routes[0].prefixes: is empty; give at"),
        ('"65004 65010', '"65004  65010', ":5:5: routes[0].as_path: '65004  65010 {65012,65011}'"),
        ('"65004 65010', '"5000000000', ":5:5: routes[0].as_path: '5000000000 {65012,65011}' has"),
        ('"65005"', "65005", ":13:5: routes[1].as_path: 65005 is not text; write text, in quotes"),
        ('"65005"', '"{65005}"', ":9:5: routes[1].peer_as: is missing, since as_path begins"),
        ("med: 10", "med: -1", ":6:5: routes[0].med: -1 is not allowed; it must be greater"),
        ("med: 10", "metric: 10", ":6:5: routes[0].metric: unknown key; correct its spelling"),
        ("med: 10", "local_pref: 10", ":6:5: routes[0].local_pref: unknown key; correct its"),
        ("incomplete", "bgp", ":7:5: routes[0].origin: 'bgp' is not allowed; it must be 'igp'"),
        ("no-export", "no-way", ":8:32: routes[0].communities[1]: 'no-way' is no community"),
        ("10.0.6.9", "10.0.6.1", ":16:5: routes[2].peer_as: 10.0.6.1 is in AS 65005 above and in"),
        ("10.0.6.9", "10.0.6.1", ":18:16: routes[2].prefixes[0]: 10.0.6.1 sends 192.0.2.0/24 to"),
    ],
)
def test_faults_are_named_with_their_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert old in FILE
    file = written(tmp_path, FILE.replace(old, new, 1))
    with pytest.raises(InputError, match=re.escape(f"{file}{message}")):
        read_routes(file)


def test_the_schema_accepts_what_the_program_does() -> None:
    schema = Draft202012Validator(schema_of("routes"))
    document = yaml.safe_load(FILE)
    assert schema.is_valid(document)
    for key, wrong in (
        ("router", "-x"),
        ("prefixes", []),
        ("prefixes", ["131.114.0.0"]),
        ("as_path", "65004  65010"),
        ("as_path", 65004),
        ("origin", "bgp"),
        ("med", -1),
        ("local_pref", 100),
    ):
        edited = deepcopy(document)
        edited["routes"][0][key] = wrong
        assert not schema.is_valid(edited), key
    del document["routes"][0]["peer"]
    assert not schema.is_valid(document)
