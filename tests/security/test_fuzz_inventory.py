"""Inventories that somebody made to harm: exactly the intended lines, or an InputError.

Each test has two sizes: one for every change, and one of many cases for the long run.
"""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.device import Device
from nornir_bgp.models.device_file import DeviceFile, parse_device_files
from nornir_bgp.models.json_text import read_json
from nornir_bgp.models.nornir_config import NornirConfig, check_inventory
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.validation import validated
from nornir_bgp.tasks.render import template_environment
from tests.security.expected_lines import STRICT, expected_lines, lines_of
from tests.security.fuzzing import changed, many, mutations, size
from tests.security.hostile import KEYWORDS, LINES, text

REPOSITORY = Path(__file__).parents[2]
TEMPLATE = template_environment(REPOSITORY / "templates").get_template("frr.conf.j2")

DEVICE: dict[str, Any] = {
    "hostname": "GW1",
    "setup_bgp_localpref_map": True,
    "export_prefixes": ["1.0.0.0/24", "2001:db8:1::/48"],
    "interfaces": [
        {"name": "eth1", "ipv4_address": "10.0.5.0/31", "ipv6_address": "2001:db8::1/64"},
        {"name": "lo0", "ipv4_address": "192.168.3.3/32"},
    ],
    "bgp": {
        "as_number": 65020,
        "router_id": "192.168.3.3",
        "disable_import_check": False,
        "networks": ["198.51.100.0/24", "2001:db8:2::/48"],
        "neighbors": [
            {
                "ip": "10.0.5.1",
                "remote_as": 65004,
                "use_localpref_map": True,
                "description": "to UP1",
                "upstream": "UP1",
                "capacity": 1000,
                "timers": {"keepalive": 1, "hold": 3, "connect": 5},
                "bfd": True,
                "bfd_interval": 200,
            },
            {"ip": "2001:db8::2", "remote_as": 65004, "use_localpref_map": True},
            {
                "is_group": True,
                "group_name": "IBGP",
                "remote_as": 65020,
                "next_hop_self": True,
                "bfd": True,
                "bfd_interval": 50,
                "group_members": ["172.16.0.1", "2001:db8:3::1"],
            },
        ],
    },
}
"""A router with everything that the template has words for."""


def assert_said(device: dict[str, Any], policy: Policy) -> None:
    """Render a device that was accepted; exactly its lines are there, in strict letters."""
    rendered = TEMPLATE.render(device=Device.model_validate(device), policy=policy)
    assert STRICT.fullmatch(rendered)
    assert lines_of(rendered) == expected_lines(device, policy)


def test_the_oracle_knows_the_whole_template():
    assert_said(DEVICE, Policy())


@size(1000, 40_000)
def test_a_device(examples: int):
    accepted = []

    @many(examples)
    @given(mutations(DEVICE))
    def each(changes) -> None:
        device = changed(DEVICE, changes)
        written = json.dumps({"devices": [device]})
        try:
            document = read_json(written, "d.json")
            validated(DeviceFile, document.value, document)
        except InputError:
            return
        assert_said(device, Policy())
        accepted.append(device)

    each()
    assert accepted, "no case was rendered"


@size(500, 10_000)
def test_a_policy(examples: int):
    """Names, clauses and the preference, in the place of which anything may be written."""
    policy = Policy().model_dump()
    accepted = []

    @many(examples)
    @given(mutations(policy))
    def each(changes) -> None:
        config = {"user_defined": {"policy": changed(policy, changes)}}
        try:
            document = read_json(json.dumps(config), "config.json")
            found = validated(NornirConfig, document.value, document).user_defined.policy
        except InputError:
            return
        assert_said(DEVICE, found)
        accepted.append(found)

    each()
    assert accepted, "no case was rendered"


HOSTS: dict[str, Any] = {
    "GW1": {
        "hostname": "172.16.0.3",
        "username": "netadmin",
        "password": "env:SECRET",
        "port": 22,
        "platform": "frr",
        "groups": [],
        "data": {},
        "connection_options": {"frr": {"extras": {"secret": "file:x", "ssh_strict": True}}},
    }
}


@size(500, 10_000)
def test_a_host(examples: int):
    """What SSH is given stays a name: no option of a program, no blank, no path."""
    accepted = []

    @many(examples)
    @given(mutations(HOSTS))
    def each(changes) -> None:
        hosts = changed(HOSTS, changes)
        try:
            document = read_json(json.dumps(hosts), "hosts.json")
            check_inventory(document, None, None)
        except InputError:
            return
        for name, host in hosts.items():
            for given_name in (name, host.get("hostname"), host.get("username")):
                if given_name is not None:
                    assert given_name.isascii()
                    assert given_name.isprintable()
                    assert not set(given_name) & set(" \t/;|&$`'\"<>()!?*~#{}[]")
                    assert given_name[0] != "-"
        accepted.append(hosts)

    each()
    assert accepted, "no case was read"


YAML = """\
devices:
  - hostname: {0}
    interfaces:
      - {{name: {1}, ipv4_address: {2}}}
    bgp:
      as_number: {3}
      router_id: {4}
      neighbors:
        - {{ip: {5}, remote_as: 65002, description: {6}}}
      networks: [{7}]
{8}"""
GOOD = ("R1", "eth0", "10.0.0.0/31", "65001", "192.0.2.1", "10.0.0.1", "a b", "10.9.0.0/16", "")
TRICKS = (
    *("!!python/object/apply:os.system [reboot]", "!!binary aGk=", "!!bool maybe", "!!int x"),
    *("!!float x", "!!timestamp x", "!!null x", "!!set {a}", "!!omap [a: b]", "!!pairs [a: b]"),
    *("!!str", "!!map [a]", "!!seq {a: b}", "!x y", "!", "!<tag:x> y", "&a [*a]", "&a {b: *a}"),
    *("*a", "&a", "<<: {a: b}", "{<<: [1]}", "{<<: {a: b}}", "? a", "? [a]\n: b", "- a", ": "),
    *(
        "|",
        "|\n no router bgp",
        ">-\n end",
        "'a\n b'",
        '"a\\nexit"',
        '"\\0"',
        '"\\ud800"',
        "'",
        '"',
    ),
    *("2001-13-45", "2001-01-01", "0o17", "0b1", "1_0", ".inf", "-.nan", "1e999", "0x1F", "1:20"),
    *(
        "%YAML 1.1",
        "---",
        "...",
        "--- x\n--- y",
        "\t- a",
        "#x",
        " #",
        "@a",
        "`a",
        "a: b: c",
        "[",
        "}",
    ),
    *(
        "}",
        ":",
        "[[[[[[[[",
        "{{{{{{{{",
        "- - - - -",
        "\ufeff",
        "\x85",
        "\u2028",
        "\x07",
        "=",
        "~",
        "null",
    ),
)


@size(500, 10_000)
def test_a_yaml_file(examples: int):
    """YAML's own tricks: tags, anchors, merges, blocks, numbers that are not."""
    accepted = []

    @many(examples)
    @given(
        st.lists(
            st.tuples(st.integers(0, len(GOOD) - 1), st.one_of(st.sampled_from(TRICKS), text)),
            min_size=1,
            max_size=2,
        )
    )
    def each(pieces) -> None:
        parts = list(GOOD)
        for at, piece in pieces:
            parts[at] = piece
        try:
            devices = parse_device_files({"d.yaml": YAML.format(*parts)})
        except InputError:
            return
        for device in devices:
            assert_said(device.model_dump(mode="json"), Policy())
        accepted.append(devices)

    each()
    assert accepted, "no case was rendered"


NAMES = tuple(word for word in KEYWORDS if re.fullmatch(r"[a-z][a-z0-9-]*", word))


@pytest.mark.lab
def test_frr_reads_keywords_as_names(tmp_path: Path):
    """FRR's own parser takes every line, whatever word of its own somebody chose for a name."""
    texts: list[str] = []

    @many(150)
    @given(*[st.sampled_from(NAMES)] * 4, st.permutations(NAMES))
    def each(hostname: str, interface: str, group: str, description: str, names) -> None:
        places: list[tuple[tuple[str | int, ...], object]] = [
            (("hostname",), hostname),
            (("interfaces", 0, "name"), interface),
            (("bgp", "neighbors", 2, "group_name"), group),
            (("bgp", "neighbors", 0, "description"), description),
        ]
        named = dict(
            zip(("route_map", "prefix_list", "export_map", "export_list"), names, strict=False)
        )
        try:
            policy = Policy.model_validate(named)
        except ValidationError:  # one name begins with the other
            return
        device = Device.model_validate(changed(DEVICE, places))
        assert_said(changed(DEVICE, places), policy)
        texts.append(TEMPLATE.render(device=device, policy=policy))

    each()
    assert len(texts) > 100
    file = tmp_path / "frr.conf"
    file.write_text("\n".join(texts))
    checked = subprocess.run(
        ["vtysh", "-C", "-f", file], capture_output=True, text=True, timeout=60, check=False
    )
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stderr


@pytest.mark.parametrize("line", LINES)
def test_no_hostile_text_is_a_description(line: str):
    device = changed(DEVICE, [(("bgp", "neighbors", 0, "description"), line)])
    if STRICT.fullmatch(line) and "!" not in line and line == " ".join(line.split()) and line:
        return  # a word like any other
    document = read_json(json.dumps(device), "d.json")
    with pytest.raises(InputError):
        validated(Device, document.value, document)
