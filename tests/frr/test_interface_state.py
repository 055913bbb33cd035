"""The state of an interface: what FRR 8.4.4 printed, and what only some interfaces have."""

import json

import pytest

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.interface_state import parse_link
from nornir_bgp.models.state import Link

CAPTURED = """{
  "eth1":{
    "administrativeStatus":"up",
    "operationalStatus":"up",
    "linkDetection":true,
    "linkUps":0,
    "linkDowns":0,
    "vrfName":"default",
    "pseudoInterface":false,
    "index":2,
    "metric":0,
    "mtu":1500,
    "speed":10000,
    "flags":"<UP,BROADCAST,RUNNING,MULTICAST>"
  }
}"""
"""Of a router of the lab, without what nobody reads."""


def captured(**changes: object) -> str:
    document = json.loads(CAPTURED)
    for key, value in changes.items():
        document["eth1"][key] = value
        if value is None:
            del document["eth1"][key]
    return json.dumps(document)


def test_what_was_captured():
    assert parse_link(CAPTURED, "eth1") == Link("eth1", up=True, speed=10_000)


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (captured(operationalStatus="down"), Link("eth1", up=False, speed=10_000)),
        # `ip link set eth1 down`: FRR leaves the other one out
        (captured(administrativeStatus="down", operationalStatus=None),
         Link("eth1", up=False, speed=10_000)),
        # `no link-detect`
        (captured(operationalStatus=None), Link("eth1", up=True, speed=10_000)),
        (captured(speed=0), Link("eth1", up=True, speed=None)),
        (captured(speed=2**32 - 1), Link("eth1", up=True, speed=None)),
        # configured, but the kernel does not have it
        (captured(administrativeStatus="down", operationalStatus=None, speed=None),
         Link("eth1", up=False, speed=None)),
        ("{}", None),
    ],
)  # fmt: skip
def test_what_it_says(text: str, link: Link | None):
    assert parse_link(text, "eth1") == link


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"eth2": {}}', '{"eth1": []}', captured(administrativeStatus=None),
     captured(speed="fast")],
)  # fmt: skip
def test_another_document_is_refused(text: str):
    with pytest.raises(TableSyntaxError):
        parse_link(text, "eth1")
