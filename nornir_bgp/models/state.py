"""What a router was seen to be at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from nornir_bgp.models.rib import Rib


class Announced(NamedTuple):
    """A route as a router advertises it: its AS path without the router's own AS, its origin."""

    as_path: str
    origin: str


@dataclass(frozen=True, slots=True)
class RouterState:
    """A router of ours, and what it tells others.

    Attributes:
        text: ``show ip bgp`` as it was printed, for people.
        rib: the same table from FRR's JSON.
        advertised: what it advertises to its external neighbours whose session is established:
            neighbour -> prefix -> route.
        running_config: ``show running-config`` as it was printed; of a router that is no gateway
            it is empty where nobody asked for it.
        peer_ids: the BGP identifier of each neighbour whose session is established; likewise.
    """

    text: str
    rib: Rib
    advertised: Mapping[str, Mapping[str, Announced]]
    running_config: str
    peer_ids: Mapping[str, str] = field(default_factory=dict, kw_only=True)


@dataclass(frozen=True, slots=True)
class GatewayState(RouterState):
    """A gateway before or after a change.

    Attributes:
        established: the neighbours whose session is established, by address.
        young: the exits whose session has come up so lately that routes may still be missing:
            neighbour -> seconds since it came up. One that has sent End-of-RIB (RFC 4724, section
            2) is not among them.
    """

    established: frozenset[str]
    young: Mapping[str, float]
