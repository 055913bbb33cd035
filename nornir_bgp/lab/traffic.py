"""Bounded UDP flows from the lab's hosts, in proportion to a prediction matrix."""

import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_network
from itertools import cycle

from nornir_bgp.exceptions import InputError
from nornir_bgp.lab.lab import Lab
from nornir_bgp.lab.topology import Role
from nornir_bgp.models.prediction import PredictionMatrix

PAYLOAD = 1000
"""Bytes of content of a datagram; on the wire it has 42 more (Ethernet, IPv4, UDP; in IPv6 62)."""

MAX_SECONDS = 600.0
MAX_RATE = 100.0
"""Mbit/s of all hosts together."""

_START_SECONDS = 30.0
"""How much longer than it sends a sender may take."""


@dataclass(frozen=True, slots=True)
class Flows:
    """What the hosts are to send.

    Attributes:
        counts: host -> destination address -> datagrams.
        seconds: over how long.
    """

    counts: Mapping[str, Mapping[str, int]]
    seconds: float

    @property
    def datagrams(self) -> int:
        """All of them."""
        return sum(sum(row.values()) for row in self.counts.values())


def host_in(prefix: str) -> str:
    """Return the address that stands for a prefix on the lab: its first host."""
    network = ip_network(prefix)
    return str(network[min(1, network.num_addresses - 1)])


def make_flows(
    matrix: PredictionMatrix, hosts: tuple[str, ...], *, seconds: float, rate: float
) -> Flows:
    """Turn predictions into datagrams.

    The n-th customer of the matrix sends from the n-th host, and where there are more customers
    than hosts, the next one from the first host again.

    Args:
        matrix: the predictions.
        hosts: the hosts of the lab, in the order of the topology file.
        seconds: how long to send, from 1 to 600.
        rate: what all hosts send together, in Mbit/s of content, from 0.1 to 100.

    Raises:
        InputError: a number is out of its range, there is no host, or no load.
    """
    if not 1 <= seconds <= MAX_SECONDS:
        raise InputError(f"{seconds} s is out of range; give seconds from 1 to {MAX_SECONDS:g}")
    if not 0.1 <= rate <= MAX_RATE:
        raise InputError(f"{rate} Mbit/s is out of range; give 0.1 to {MAX_RATE:g}")
    if not hosts:
        raise InputError("the topology has no host to send from; add a node with 'group: host'")
    if matrix.total == 0:
        raise InputError("the predictions have no load; give one over 0")
    datagrams = rate * 1e6 * seconds / (8 * PAYLOAD)
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for host, row in zip(cycle(hosts), matrix.customers.values(), strict=False):
        for prefix, load in row.items():
            counts[host][host_in(prefix)] += round(load * datagrams / matrix.total)
    return Flows({host: dict(row) for host, row in counts.items()}, seconds)


def hosts_of(lab: Lab) -> tuple[str, ...]:
    """Return the names of a lab's hosts, in the order of the topology file."""
    return tuple(node.name for node in lab.spec.nodes if node.role is Role.HOST)


def send_flows(lab: Lab, flows: Flows) -> None:
    """Send the datagrams from all hosts at the same time, and return when all are sent.

    Raises:
        LabError: a host could not send.
    """

    def send(host: str) -> None:
        order = {"counts": flows.counts[host], "payload": PAYLOAD, "seconds": flows.seconds}
        lab.run(
            host,
            [sys.executable, "-m", "nornir_bgp.lab.sender"],
            input=json.dumps(order),
            timeout=flows.seconds + _START_SECONDS,
            check=True,
        )

    with ThreadPoolExecutor(len(flows.counts)) as pool:
        list(pool.map(send, flows.counts))
