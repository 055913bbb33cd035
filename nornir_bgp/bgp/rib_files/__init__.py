"""Files of routes, of the formats in which routers and collectors write their tables.

The readers take lines or a stream of bytes that is open already, yield the routes one by one, and
write down what they could not read. IPv4 unicast alone is modelled, so all else is passed over and
counted. A broken record loses itself and nothing else.
"""

from nornir_bgp.bgp.rib_files.bgpdump import read_bgpdump
from nornir_bgp.bgp.rib_files.entries import (
    BrokenRecord,
    Loaded,
    ReadingLog,
    RibEntry,
    RibFile,
    RibPeer,
)
from nornir_bgp.bgp.rib_files.given import given_routes
from nornir_bgp.bgp.rib_files.mrt import read_mrt
from nornir_bgp.bgp.rib_files.table import read_table

__all__ = [
    "BrokenRecord",
    "Loaded",
    "ReadingLog",
    "RibEntry",
    "RibFile",
    "RibPeer",
    "given_routes",
    "read_bgpdump",
    "read_mrt",
    "read_table",
]
