"""An interface as zebra knows it: ``show interface NAME json``."""

from typing import Any, cast

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.answer import parse_answer
from nornir_bgp.models.state import Link

_UNKNOWN_SPEEDS = frozenset({0, 2**32 - 1})
"""What zebra keeps for an interface without a speed, and for one that does not tell it."""


def parse_link(text: str | bytes, interface: str) -> Link | None:
    """Read the state and the speed of an interface.

    Args:
        text: FRR's answer.
        interface: the name that was asked for.

    Returns:
        ``None``: the router has no such interface.

    Raises:
        TableSyntaxError: it is not that document.
    """
    document = cast(dict[str, Any], parse_answer(text))
    if not document:
        return None
    try:
        found = document[interface]
        # Under `no link-detect` zebra does not look at the carrier, and tells the first alone.
        up = {found["administrativeStatus"], found.get("operationalStatus", "up")} == {"up"}
        speed = int(found.get("speed", 0))  # one that is configured and does not exist has none
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise TableSyntaxError(f"show interface {interface} json: {error!r}") from None
    return Link(interface, up, None if speed in _UNKNOWN_SPEEDS else speed)
