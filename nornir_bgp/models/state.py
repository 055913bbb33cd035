"""What a router was seen to be at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass

from nornir_bgp.models.rib import Rib


@dataclass(frozen=True, slots=True)
class TableState:
    """A router's IPv4 unicast table.

    Attributes:
        text: ``show ip bgp`` as it was printed, for people.
        rib: the same table from FRR's JSON.
    """

    text: str
    rib: Rib


@dataclass(frozen=True, slots=True)
class GatewayState:
    """A gateway before or after a change.

    Attributes:
        running_config: ``show running-config`` as it was printed.
        established: the neighbours whose session is established, by address.
        advertised: what it advertises on its exits: neighbour -> prefixes.
        table: its BGP table.
    """

    running_config: str
    established: frozenset[str]
    advertised: Mapping[str, frozenset[str]]
    table: TableState
