"""A router's BGP sessions as ``show bgp summary`` tells them."""

from pydantic import NonNegativeFloat, NonNegativeInt

from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import AsNumber


class PeerSummary(Model):
    """One session in one address family.

    Attributes:
        remote_as: the neighbour's AS.
        external: the neighbour is in another AS than the session's own.
        state: FRR's word: ``Established``, ``Active``, ``Idle (Admin)``, ...
        prefixes_received: how many prefixes the neighbour sent.
        up: seconds since the session came up, or went down.
    """

    remote_as: AsNumber
    external: bool
    state: str
    prefixes_received: NonNegativeInt
    up: NonNegativeFloat = 0.0

    @property
    def established(self) -> bool:
        """The session is up."""
        return self.state == "Established"


class BgpSummary(Model):
    """The sessions of one address family.

    Attributes:
        router_id: the BGP identifier.
        local_as: the router's AS.
        peers: the neighbour's address (or interface, where the session is unnumbered) -> its
            session.
    """

    router_id: str
    local_as: AsNumber
    peers: dict[str, PeerSummary]
