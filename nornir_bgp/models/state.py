"""What a router was seen to be at one moment."""

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
        table: its BGP table.
    """

    running_config: str
    established: frozenset[str]
    table: TableState
