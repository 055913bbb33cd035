"""Policies that somebody made to harm: lines of the known kinds alone, or an InputError."""

import json
import re
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.device_file import DeviceFile
from nornir_bgp.models.json_text import read_json
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.validation import validated
from nornir_bgp.tasks.render import template_environment
from tests.security.expected_lines import lines_of
from tests.security.fuzzing import changed, many, mutations, size

REPOSITORY = Path(__file__).parents[2]
TEMPLATE = template_environment(REPOSITORY / "templates").get_template("frr.conf.j2")
EVERY = yaml.safe_load((REPOSITORY / "tests/render/every_feature.yaml").read_text())
DEVICE: dict[str, Any] = next(d for d in EVERY["devices"] if d["hostname"] == "EVERY-3")

_NAME = r"[A-Za-z][\w.-]{0,63}"
_COMMUNITY = r"(\d+:\d+|[a-z][A-Za-z0-9-]*)"
_PATTERN = r"[\w:^$.*+()\[\]{}|,-]+( [\w:^$.*+()\[\]{}|,-]+)*"
_PREFIX = r"[0-9a-f:.]+/\d+"
_ADDRESS = r"[0-9a-f:.]+"
_WAY = r"[A-Za-z0-9_.:-]+"
KINDS = (
    r"hostname [\w-]+",
    rf"interface {_WAY}",
    rf"(ip|ipv6) address {_PREFIX}",
    r"ip ospf (area|cost|dead-interval|hello-interval) \d+",
    r"ip ospf network point-to-point",
    r"router ospf",
    r"(ospf|bgp) router-id [0-9.]+",
    rf"(ip|ipv6) route {_PREFIX} {_WAY}",
    rf"(ip|ipv6) prefix-list {_NAME} seq \d+ (permit|deny) (any|{_PREFIX}( ge \d+)?( le \d+)?)",
    rf"bgp as-path access-list {_NAME} seq \d+ (permit|deny) {_PATTERN}",
    rf"bgp community-list standard {_NAME} seq \d+ (permit|deny) {_COMMUNITY}( {_COMMUNITY})*",
    rf"bgp community-list expanded {_NAME} seq \d+ (permit|deny) {_PATTERN}",
    rf"route-map {_NAME} (permit|deny) \d+",
    rf"match (as-path|community|(ip|ipv6) address prefix-list) {_NAME}( exact-match)?",
    r"match (local-preference|metric) \d+",
    r"(match|set) origin (igp|egp|incomplete)",
    r"on-match (next|goto \d+)",
    r"set as-path prepend (last-as \d+|\d+( \d+)*)",
    rf"set comm-list {_NAME} delete",
    rf"set community {_COMMUNITY}( {_COMMUNITY})*",
    r"set ip next-hop ([0-9.]+|peer-address)",
    r"set (local-preference|metric) [+-]?\d+",
    r"set weight \d+",
    r"router bgp \d+",
    r"(no )?bgp (ebgp-requires-policy|network import-check|always-compare-med|deterministic-med)",
    r"bgp (default local-preference|confederation identifier) \d+",
    r"bgp confederation peers \d+( \d+)*",
    r"bgp cluster-id [0-9.]+",
    r"bgp bestpath (as-path (ignore|confed|multipath-relax)|compare-routerid)",
    r"bgp bestpath med( confed)?( missing-as-worst)?",
    r"address-family ipv[46] unicast",
    rf"network {_PREFIX}( route-map {_NAME})?",
    rf"aggregate-address {_PREFIX}( as-set)?( summary-only)?",
    r"maximum-paths (ibgp )?\d+( equal-cluster-length)?",
    rf"neighbor {_WAY} (remote-as|ebgp-multihop|weight) \d+",
    rf"neighbor {_WAY} peer-group( {_NAME})?",
    rf"neighbor {_WAY} description [\w.-]+( [\w.-]+)*",
    rf"neighbor {_WAY} timers( connect)? \d+( \d+)?",
    rf"neighbor {_WAY} bfd( profile BFD-\d+)?",
    rf"neighbor {_WAY} update-source ({_ADDRESS}|{_WAY})",
    rf"neighbor {_WAY} (route-reflector-client|next-hop-self( force)?)",
    rf"neighbor {_WAY} (route-map|prefix-list) {_NAME} (in|out)",
    rf"(no )?neighbor {_WAY} activate",
    r"bfd",
    r"profile BFD-\d+",
    r"(transmit|receive)-interval \d+",
)
KNOWN = re.compile("|".join(f"(?:{kind})" for kind in KINDS), re.ASCII)


def assert_known(device: dict[str, Any]) -> int:
    """Read, render, and find no line of another kind; the number of lines that were told."""
    document = read_json(json.dumps({"devices": [device]}), "d.json")
    (found,) = validated(DeviceFile, document.value, document).devices
    rendered = TEMPLATE.render(device=found, policy=Policy())
    assert rendered.isascii()
    lines = lines_of(rendered)
    assert [line for _, line in lines if not KNOWN.fullmatch(line)] == []
    return len(lines)


def test_every_kind_of_line_is_known():
    assert assert_known(DEVICE) > 100


@size(400, 40_000)
def test_a_device_with_policies(examples: int):
    told = []

    @many(examples)
    @given(mutations(DEVICE))
    def each(changes) -> None:
        try:
            told.append(assert_known(changed(DEVICE, changes)))
        except InputError:
            return

    each()
    assert told, "no case was rendered"
