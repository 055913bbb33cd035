"""From the BGP process of a running configuration to the device model, but for its sessions."""

import re
from collections.abc import Iterable, Iterator, Mapping

from pydantic import TypeAdapter

from nornir_bgp.frr.adopt_sessions import taken
from nornir_bgp.frr.bgp_lines import BgpLines
from nornir_bgp.frr.running_config import first
from nornir_bgp.models.device_bgp import Aggregate, BestPath, Confederation, OwnNetwork, PathCount
from nornir_bgp.models.device_policy import Policies
from nornir_bgp.models.fields import Prefix, RouterId

_NETWORK = re.compile(r"network (\S+)(?: route-map (\S+))?(?: .*)?")
_AGGREGATE = re.compile(r"aggregate-address (\S+)( as-set)?( summary-only)?")
_CLUSTER_ID = re.compile(r"bgp cluster-id (\S+)")
_LOCAL_PREFERENCE = re.compile(r"bgp default local-preference ([0-9]+)")
_IDENTIFIER = re.compile(r"bgp confederation identifier ([0-9]+)")
_MEMBERS = re.compile(r"bgp confederation peers ([0-9 ]+)")
_MED = re.compile(r"bgp bestpath med((?: confed| missing-as-worst)+)")
_PATHS = re.compile(r"maximum-paths ([0-9]+)")
_IBGP_PATHS = re.compile(r"maximum-paths ibgp ([0-9]+)( equal-cluster-length)?")

_FLAGS = {
    "always_compare_med": "bgp always-compare-med",
    "deterministic_med": "bgp deterministic-med",
    "as_path_ignore": "bgp bestpath as-path ignore",
    "as_path_confed": "bgp bestpath as-path confed",
    "multipath_relax": "bgp bestpath as-path multipath-relax",
    "compare_router_id": "bgp bestpath compare-routerid",
}
_PREFIX: TypeAdapter[str] = TypeAdapter(Prefix)
_ROUTER_ID: TypeAdapter[str] = TypeAdapter(RouterId)
_COUNT: TypeAdapter[int] = TypeAdapter(PathCount)
_CONFEDERATION = TypeAdapter(Confederation)


def options_of(bgp: BgpLines) -> dict[str, object]:
    """Take what the process says of its decisions."""
    med = first(_MED, bgp.process) or ""
    local_preference = first(_LOCAL_PREFERENCE, bgp.process)
    cluster_id = taken(_ROUTER_ID, first(_CLUSTER_ID, bgp.process))
    return {
        "disable_ebgp_requires_policy": "no bgp ebgp-requires-policy" in bgp.process,
        "disable_import_check": "no bgp network import-check" in bgp.process,
        "cluster_id": cluster_id,
        "confederation": _confederation(bgp),
        "default_local_preference": None if local_preference is None else int(local_preference),
        "bestpath": BestPath(
            **{name: line in bgp.process for name, line in _FLAGS.items()},
            med_confed="confed" in med,
            med_missing_as_worst="missing-as-worst" in med,
        ),
    }


def _confederation(bgp: BgpLines) -> Confederation | None:
    identifier, members = first(_IDENTIFIER, bgp.process), first(_MEMBERS, bgp.process)
    if identifier is None:
        return None
    numbers = () if members is None else tuple(map(int, members.split()))
    return taken(_CONFEDERATION, {"identifier": int(identifier), "members": numbers})


def paths_of(bgp: BgpLines, families: Iterable[int]) -> Mapping[str, object]:
    """Take how many paths are used side by side, where all address families say the same.

    Args:
        bgp: the lines.
        families: 4, and 6 where IPv6 is in use.
    """
    said = {_path_counts(bgp.family_lines[family]) for family in families}
    if len(said) != 1:
        return {}
    maximum, internal, is_equal = said.pop()
    return {
        "maximum_paths": maximum,
        "maximum_paths_ibgp": internal,
        "equal_cluster_length": internal is not None and is_equal,
    }


def _path_counts(lines: Iterable[str]) -> tuple[int | None, int | None, bool]:
    maximum = internal = None
    is_equal = False
    for line in lines:
        if match := _PATHS.fullmatch(line):
            maximum = taken(_COUNT, int(match[1]))
        elif match := _IBGP_PATHS.fullmatch(line):
            internal, is_equal = taken(_COUNT, int(match[1])), match[2] is not None
    return maximum, internal, is_equal


def networks_of(bgp: BgpLines, policies: Policies) -> Iterator[str | OwnNetwork]:
    """Take what the process announces itself; a route-map that was not taken is its owner's."""
    for lines in bgp.family_lines.values():
        for line in lines:
            match = _NETWORK.fullmatch(line)
            prefix = taken(_PREFIX, match[1]) if match else None
            if match is None or prefix is None:
                continue
            known = match[2] in policies.route_maps
            yield OwnNetwork(prefix=prefix, route_map=match[2]) if known else prefix


def aggregates_of(bgp: BgpLines) -> Iterator[Aggregate]:
    """Take the aggregates that have no other word with them."""
    for lines in bgp.family_lines.values():
        for line in lines:
            match = _AGGREGATE.fullmatch(line)
            prefix = taken(_PREFIX, match[1]) if match else None
            if match is not None and prefix is not None:
                yield Aggregate(
                    prefix=prefix, as_set=match[2] is not None, summary_only=match[3] is not None
                )
