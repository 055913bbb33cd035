"""What a report tells beside plan, change and proof: the traffic before, tables and versions."""

import platform
from collections.abc import Collection, Iterable, Mapping

from nornir_bgp import __version__
from nornir_bgp.frr.running_config import frr_version
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import Observed, TablePair
from nornir_bgp.models.rib import Path
from nornir_bgp.models.state import GatewayState, RouterState

TABLE_LINES = 500
"""Lines of each table that a report carries; the evidence has all of them."""


def observe(
    network: Network,
    planned: Plan,
    gateways: Mapping[str, GatewayState],
    before: Mapping[str, RouterState],
    after: Mapping[str, RouterState],
) -> Observed:
    """Collect what a report tells beside plan, change and proof.

    Args:
        network: the network.
        planned: the plan.
        gateways: each gateway before the change.
        before: each edge router's table before the change.
        after: likewise after it, of those that answered; empty for a dry run.
    """
    versions = {
        f"FRR on {name}": frr_version(state.running_config) or "unknown"
        for name, state in gateways.items()
    }
    return Observed(
        before=gateways_before(network, planned, before),
        tables=tuple(
            TablePair(
                router=edge,
                before=cut_table(table.texts),
                after=cut_table(after[edge].texts) if edge in after else None,
            )
            for edge, table in before.items()
        ),
        versions={"nornir-bgp": __version__, "Python": platform.python_version()} | versions,
    )


def gateways_before(
    network: Network, planned: Plan, tables: Mapping[str, RouterState]
) -> dict[str, dict[str, tuple[str, ...]]]:
    """Say by which gateways each edge router's planned traffic leaves.

    Returns:
        edge router -> planned prefix -> gateways, several where the router shares the load. IPv6
        prefixes are left out at a router that does not speak IPv6.
    """
    prefixes = planned.gateway_of
    return {edge: leaving_by(network, prefixes, table) for edge, table in tables.items()}


def leaving_by(
    network: Network, prefixes: Collection[str], table: RouterState
) -> dict[str, tuple[str, ...]]:
    """Say by which gateways one router's traffic to some prefixes leaves.

    Returns:
        prefix -> gateways, several where the router shares the load. IPv6 prefixes are left out
        where it does not speak IPv6.
    """
    gateway_at = network.gateway_at
    return {
        prefix: _gateways(table.routes(prefix), gateway_at)
        for prefix in prefixes
        if table.rib_of(prefix) is not None
    }


def _gateways(paths: Iterable[Path], gateway_at: Mapping[str, str]) -> tuple[str, ...]:
    """The gateways of a prefix's selected paths, each once."""
    selected = (path for path in paths if path.best or path.multipath)
    found = (gateway_at.get(path.via) for path in selected)
    return tuple(dict.fromkeys(gateway for gateway in found if gateway is not None))


def cut_table(text: str) -> str:
    """Cut a table where it is longer than a report carries."""
    lines = text.splitlines()
    if len(lines) <= TABLE_LINES:
        return text
    rest = f"[{len(lines) - TABLE_LINES:,} more lines; a run leaves all of them in its folder]"
    return "\n".join([*lines[:TABLE_LINES], rest])
