"""Read which routes carry a community."""

from collections.abc import Mapping, Sequence

from nornir.core.task import Result, Task

from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.models.fields import Family
from nornir_bgp.models.plan import Exit
from nornir_bgp.tasks.session import read

_FAMILIES: tuple[Family, ...] = (4, 6)


def read_tagged(
    task: Task, communities: Mapping[str, Sequence[str]], exits: Sequence[Exit]
) -> Result:
    """Read the prefixes whose route from an upstream carries a community.

    Args:
        task: the Nornir task.
        communities: standard or large community -> the gateways that are asked.
        exits: the exits of all gateways.

    Returns:
        ``result`` is a dict: community -> the prefixes.
    """
    name = task.host.name
    own = [exit_ for exit_ in exits if exit_.gateway == name]
    found = {
        community: frozenset(
            prefix
            for family in _FAMILIES
            if (peers := {str(s) for e in own if (s := e.session(family)) is not None})
            for prefix, paths in read(task, _command(family, community), parse_json).routes.items()
            if any(path.valid and path.peer in peers for path in paths)
        )
        for community, gateways in communities.items()
        if name in gateways
    }
    return Result(host=task.host, result=found)


def _command(family: Family, community: str) -> str:
    kind = "large-community" if community.count(":") == 2 else "community"
    return f"show bgp ipv{family} unicast {kind} {community} json"
