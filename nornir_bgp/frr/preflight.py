"""Is a gateway ready to be steered? Read from its configuration and its sessions."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from nornir_bgp.frr.overrides import FAMILIES, KEYWORDS
from nornir_bgp.frr.prefix_list import PrefixList, parse_prefix_lists
from nornir_bgp.frr.running_config import Sections, sections
from nornir_bgp.models.fields import Family, family_of
from nornir_bgp.models.plan import Exit
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.state import GatewayState
from nornir_bgp.wording import shortened

_INSTANCE = re.compile(r"router bgp \d+(?:/address-family (ipv[46]) unicast)?")
_APPLIED = re.compile(r"neighbor (\S+) (route-map|prefix-list|filter-list) (\S+) (in|out)")
_MEMBER = re.compile(r"neighbor (\S+) peer-group (\S+)")
_CLAUSE = re.compile(r"route-map (\S+) (permit|deny) (\d+)")
_MATCH_LIST = re.compile(r"match (ip|ipv6) address prefix-list (\S+)")
_EMPTY = PrefixList(())


class _Clause(NamedTuple):
    """One clause of a route-map: its number, its action, and its lines."""

    number: int
    action: str
    lines: tuple[str, ...]


def preflight(
    state: GatewayState,
    exits: tuple[Exit, ...],
    prefixes: Collection[str],
    policy: Policy,
    *,
    allow_transit: bool,
    drained: bool = False,
) -> tuple[str, ...]:
    """Say what a gateway lacks before prefixes can be steered through it.

    Only the address families of the planned prefixes are looked at. A session that is down is in
    nobody's way: the plan gives it nothing.

    Args:
        state: what was read from it.
        exits: the exits of this gateway.
        prefixes: the planned prefixes, which no upstream may hear from us.
        policy: the names and numbers of the policy objects.
        allow_transit: accept an exit that lets planned prefixes out.
        drained: it is to be free of traffic, and routes of its sessions may be missing.

    Returns:
        One sentence for each thing that is missing or in the way; empty: the gateway is ready.
    """
    config = sections(state.running_config)
    planned = {family: [p for p in prefixes if family_of(p) == family] for family in FAMILIES}
    sessions = [
        (family, str(session))
        for exit_ in exits
        for family in FAMILIES
        if planned[family] and (session := exit_.session(family)) is not None
    ]
    findings = list(_map_findings(config, policy, sorted({family for family, _ in sessions})))
    for family, neighbor in sessions:
        if neighbor in state.young and not drained:
            findings.append(
                f"the session to {neighbor} came up {state.young[neighbor]:.0f} s ago and has not "
                "sent End-of-RIB, so that routes may still be missing; run again in a minute"
            )
        applied = _policies(config, neighbor, family)
        if ("route-map", policy.route_map, "in") not in applied:
            findings.append(f"missing: neighbor {neighbor} route-map {policy.route_map} in")
        if not allow_transit:
            outbound = [(kind, name) for kind, name, direction in applied if direction == "out"]
            entries = parse_prefix_lists(state.running_config, family)
            lists = {name: PrefixList(some, family) for name, some in entries.items()}
            findings.extend(_transit_findings(config, lists, neighbor, outbound, planned[family]))
    return tuple(findings)


def leaks(
    state: GatewayState, exits: tuple[Exit, ...], prefixes: Collection[str]
) -> tuple[str, ...]:
    """Name the planned prefixes that a gateway advertises to an upstream.

    Args:
        state: what was read from the gateway.
        exits: its exits.
        prefixes: the planned prefixes.
    """
    return tuple(
        f"transit: {shortened(leaked)} advertised to {exit_.upstream} ({session})"
        for exit_ in exits
        for session in exit_.sessions
        if (leaked := [p for p in prefixes if p in state.advertised.get(str(session), ())])
    )


def _map_findings(config: Sections, policy: Policy, families: Iterable[Family]) -> Iterator[str]:
    clauses = {clause.number: clause for clause in _clauses(config, policy.route_map)}
    for number, clause in clauses.items():
        if number < policy.first_clause:
            yield (
                f"route-map {policy.route_map} {clause.action} {number} comes before clause "
                f"{policy.first_clause} and would decide first; remove it"
            )
    for family in families:
        yield from _clause_findings(config, policy, family)
    last = f"route-map {policy.route_map} permit {policy.last_clause}"
    if last not in config:
        yield f"missing: {last}; without it every other route of the exit is dropped"
    elif config[last]:
        yield f"{last} must let every route pass unchanged, but holds: {'; '.join(config[last])}"


def _clause_findings(config: Sections, policy: Policy, family: Family) -> Iterator[str]:
    """What is missing in the clause that raises the prefixes of one family, or in its way."""
    number = policy.first_clause + (family == 6)
    first = f"route-map {policy.route_map} permit {number}"
    needed = {
        f"match {KEYWORDS[family]} address prefix-list {policy.prefix_list}",
        f"set local-preference {policy.local_preference}",
    }
    if first not in config:
        yield f"missing: {first}"
        return
    lines = config[first]
    yield from (f"missing: {line}, in {first}" for line in sorted(needed - set(lines)))
    for line in lines:
        if line not in needed and not line.startswith(("set ", "description ")):
            yield f"{first} must match its list alone, but holds: {line}"


def _clauses(config: Sections, name: str) -> list[_Clause]:
    """Return the clauses of a route-map in their order."""
    found = ((_CLAUSE.fullmatch(header), lines) for header, lines in config.items())
    return sorted(_Clause(int(m[3]), m[2], lines) for m, lines in found if m and m[1] == name)


def _policies(config: Sections, neighbor: str, family: Family) -> list[tuple[str, str, str]]:
    """List (kind, name, direction) of what applies to a session in one address family.

    What applies to its peer group is included. Outside of all families FRR takes lines as of IPv4.
    """
    lines = [
        (line, (found[1] or "ipv4") == f"ipv{family}")
        for header, under in config.items()
        if (found := _INSTANCE.fullmatch(header))
        for line in under
    ]
    members = (_MEMBER.fullmatch(line) for line, _ in lines)
    groups = {m[2] for m in members if m and m[1] == neighbor}
    return [
        (m[2], m[3], m[4])
        for line, is_of_family in lines
        if is_of_family and (m := _APPLIED.fullmatch(line)) and m[1] in {neighbor, *groups}
    ]


def _transit_findings(
    config: Sections,
    lists: Mapping[str, PrefixList],
    neighbor: str,
    outbound: list[tuple[str, str]],
    prefixes: Collection[str],
) -> Iterator[str]:
    if not outbound:
        yield (
            f"missing: an outbound policy on neighbor {neighbor}; without one this plan would "
            "make us a transit network (set export_prefixes and deploy, or allow_transit)"
        )
        return
    passed = list(prefixes)
    for kind, name in outbound:
        if kind == "route-map":
            clauses = _clauses(config, name)
            if not clauses:
                yield f"missing: route-map {name}, applied outbound on neighbor {neighbor}"
            passed = [p for p in passed if _map_lets_out(clauses, lists, p)]
        elif kind == "prefix-list":
            passed = [p for p in passed if lists.get(name, _EMPTY).permits(p)]
        else:
            passed = []  # an AS path filter is the owner's way of saying the same
    if passed:
        names = ", ".join(f"{kind} {name}" for kind, name in outbound)
        yield (
            f"{names} would let {shortened(passed)} out to neighbor {neighbor} and make us a "
            "transit network; let out own and customer prefixes alone"
        )


def _map_lets_out(clauses: list[_Clause], lists: Mapping[str, PrefixList], prefix: str) -> bool:
    """Whether a route-map lets a route out, as far as prefix-lists of its family decide.

    A list of the other family does not match, in FRR either. A clause with another kind of
    condition (an AS path, a community) is taken not to match: it is the owner's, and :func:`leaks`
    asks FRR itself afterwards.
    """
    keyword = KEYWORDS[family_of(prefix)]
    for clause in clauses:
        conditions = [line for line in clause.lines if line.startswith("match ")]
        found = [_MATCH_LIST.fullmatch(line) for line in conditions]
        if all(m and m[1] == keyword and lists.get(m[2], _EMPTY).permits(prefix) for m in found):
            return clause.action == "permit"
    return False
