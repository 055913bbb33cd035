"""Read routers: their table, and for gateways their configuration and sessions."""

from nornir.core.task import Result, Task

from nornir_bgp.frr.show_bgp import parse_json, parse_summary_json
from nornir_bgp.models.state import GatewayState, TableState
from nornir_bgp.tasks.session import show


def collect_table(task: Task) -> Result:
    """Read the IPv4 unicast table; ``result`` is a :class:`TableState`."""
    return Result(host=task.host, result=_table(task))


def collect_gateway(task: Task) -> Result:
    """Read all that a plan and its preflight need; ``result`` is a :class:`GatewayState`."""
    summaries = parse_summary_json(show(task, "show bgp summary json"))
    state = GatewayState(
        running_config=show(task, "show running-config"),
        established=frozenset(
            address
            for summary in summaries.values()
            for address, peer in summary.peers.items()
            if peer.established
        ),
        table=_table(task),
    )
    return Result(host=task.host, result=state)


def _table(task: Task) -> TableState:
    return TableState(
        text=show(task, "show ip bgp"),
        rib=parse_json(show(task, "show bgp ipv4 unicast json")),
    )
