"""FRR's answers about BGP: the one door to their parsers.

Text and JSON of one table give the same :class:`~nornir_bgp.models.rib.Rib` in all fields that
both formats have.
"""

from nornir_bgp.frr.show_bgp_detail import parse_prefix_json
from nornir_bgp.frr.show_bgp_json import parse_json
from nornir_bgp.frr.show_bgp_sessions import (
    FAMILY_NAMES,
    parse_advertised_json,
    parse_end_of_rib,
    parse_peer_ids,
    parse_summary_json,
)
from nornir_bgp.frr.show_bgp_text import parse_text, stream_text

__all__ = [
    "FAMILY_NAMES",
    "parse_advertised_json",
    "parse_end_of_rib",
    "parse_json",
    "parse_peer_ids",
    "parse_prefix_json",
    "parse_summary_json",
    "parse_text",
    "stream_text",
]
