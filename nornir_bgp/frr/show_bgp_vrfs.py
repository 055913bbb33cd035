"""What FRR says about its BGP processes: ``show bgp vrfs json``."""

from typing import cast

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.answer import parse_answer


def parse_router_id(text: str | bytes) -> str | None:
    """Read the router id of the default VRF's process, configured or chosen by FRR.

    The summary would not do: it is empty as long as there is no neighbour.

    Returns:
        ``None``: there is no process, or no address that FRR could choose.

    Raises:
        TableSyntaxError: it is not that document.
    """
    vrfs = parse_answer(text).get("vrfs")
    if not isinstance(vrfs, dict):
        raise TableSyntaxError("show bgp vrfs json: it names no vrfs")
    default = cast(dict[str, object], vrfs).get("default")
    if default is None:
        return None
    found = default.get("routerId") if isinstance(default, dict) else None
    if not isinstance(found, str):
        raise TableSyntaxError("show bgp vrfs json: the default VRF has no routerId")
    return None if found == "0.0.0.0" else found  # noqa: S104 - none, and no address to bind
