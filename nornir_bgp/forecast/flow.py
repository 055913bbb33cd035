"""One line of a flow export, whatever program wrote it."""

from typing import NamedTuple


class Flow(NamedTuple):
    """What was sent to one destination within some time.

    Attributes:
        begin: when it began, in milliseconds since 1970 (UTC).
        end: when it ended, likewise; equal to ``begin`` where the export does not say.
        destination: an address, or a prefix where the export is by prefix.
        octets: the bytes that were sent, the sampling rate reckoned in.
        source: the address of the sender, if the export says it.
        customer: who sent it, if the export says it; empty where it says so of other flows only.
        length: how long the prefix of the destination is in the exporter's own routing table, if
            the export says it.
    """

    begin: int
    end: int
    destination: str
    octets: int
    source: str | None = None
    customer: str | None = None
    length: int | None = None
