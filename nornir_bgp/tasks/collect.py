"""Read routers: their table, and for gateways their configuration and sessions."""

from collections.abc import Sequence

from nornir.core.task import Result, Task

from nornir_bgp.frr.show_bgp import parse_advertised_json, parse_json, parse_summary_json
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.state import GatewayState, TableState
from nornir_bgp.tasks.session import read, show


def collect_table(task: Task) -> Result:
    """Read the IPv4 unicast table; ``result`` is a :class:`TableState`."""
    return Result(host=task.host, result=_table(task))


def collect_gateway(task: Task, exits: Sequence[Exit]) -> Result:
    """Read all that a plan and its preflight need.

    Args:
        task: the Nornir task.
        exits: the exits of all gateways.

    Returns:
        ``result`` is a :class:`GatewayState`.
    """
    summary = read(task, "show bgp summary json", parse_summary_json).get("ipv4Unicast")
    peers = {} if summary is None else summary.peers
    established = frozenset(address for address, peer in peers.items() if peer.established)
    neighbors = [str(exit_.neighbor) for exit_ in exits if exit_.gateway == task.host.name]
    state = GatewayState(
        running_config=show(task, "show running-config"),
        established=established,
        advertised={n: _advertised(task, n) for n in neighbors if n in established},
        table=_table(task),
    )
    return Result(host=task.host, result=state)


def _advertised(task: Task, neighbor: str) -> frozenset[str]:
    command = f"show bgp ipv4 unicast neighbors {neighbor} advertised-routes json"
    return frozenset(read(task, command, parse_advertised_json))


def _table(task: Task) -> TableState:
    return TableState(
        text=show(task, "show ip bgp"),
        rib=read(task, "show bgp ipv4 unicast json", parse_json),
    )
