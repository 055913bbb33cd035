"""What customers notice: both ping every destination, and what became of every echo."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from nornir_bgp.lab.lab import Lab
from tests.lab.watch import CUSTOMERS, Echoes, watched

HOSTS = ("131.114.0.1", "192.0.2.1", "198.51.100.1", "203.0.113.1")

_LONGEST = 420.0
"""Seconds after which the pings end by themselves."""


@dataclass
class Pings:
    """The pings of both customers to all destinations.

    Attributes:
        flows: what became of each, by its name; empty until they have ended.
    """

    flows: dict[str, Echoes] = field(default_factory=dict)

    @property
    def sent(self) -> int:
        return sum(flow.sent for flow in self.flows.values())

    @property
    def lost(self) -> int:
        return sum(len(flow.lost) for flow in self.flows.values())

    @property
    def silence(self) -> float:
        """The longest time without an answer, in seconds, of the flows that lost an echo."""
        return max((flow.longest_silence for flow in self.flows.values() if flow.lost), default=0.0)


@contextmanager
def pinged(lab: Lab, folder: Path) -> Iterator[Pings]:
    """Ping from both customers to every destination, 20 times a second, until the end of the block.

    Args:
        lab: the lab.
        folder: takes what each ping printed.
    """
    pings = Pings()
    with watched(lab, folder, seconds=_LONGEST) as watch:
        for customer in CUSTOMERS:
            for host in HOSTS:
                watch.ping(customer, host)
        yield pings
    pings.flows = watch.echoes()
