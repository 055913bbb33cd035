"""Compare the overrides of the gateways, which foretell what the tables will be, with the plan."""

from collections.abc import Iterator

from nornir.core.task import Result, Task

from nornir_bgp.frr.overrides import EVERYTHING, ListKey, Overrides, exact_prefix
from nornir_bgp.frr.prefix_list import Entry, PrefixList
from nornir_bgp.frr.show_bgp import parse_json
from nornir_bgp.models.report import Check
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.status import Status
from nornir_bgp.tasks.push import read_overrides
from nornir_bgp.tasks.session import read
from nornir_bgp.tasks.verify import Expectation


def verify_overrides(task: Task, expected: Expectation, policy: Policy) -> Result:
    """Compare the overrides of a gateway with the plan.

    FRR applies a changed list only after its route-map delay timer, so that a table can still be
    as planned when the list behind it no longer is. Where entries are joined, the routes that they
    match now are read, since one that came later would be raised, too.

    Args:
        task: the Nornir task.
        expected: the plan.
        policy: the names of the policy objects.

    Returns:
        ``result`` a failed :class:`Check` for each planned prefix that the lists lack, and for
        each entry, or route that an entry matches, that is in no plan; none where all is exactly
        as planned.
    """
    gateway, overrides = task.host.name, read_overrides(task, policy)
    checks = [
        *_lacking(gateway, overrides, expected, policy),
        *_undrained(gateway, overrides, expected, policy),
    ]
    for clause in overrides.clauses:
        entries = overrides.lists.get(clause.key, ())
        tier = (
            expected.backups
            if clause.preference == policy.backup_preference
            else (expected.overrides)
        )
        planned = frozenset(tier.get(gateway, ()))
        if expected.joined and any(exact_prefix(entry) is None for entry in entries):
            checks.extend(_unplanned_routes(task, clause.key, entries, planned, expected))
            continue
        checks.extend(
            _check(
                gateway,
                expected,
                entry.network_in(clause.family),
                _stray(gateway, clause.key, entry),
            )
            for entry in entries
            if exact_prefix(entry) not in planned and entry.rule != EVERYTHING[clause.family]
        )
    return Result(host=task.host, result=tuple(checks))


def _lacking(
    gateway: str, overrides: Overrides, expected: Expectation, policy: Policy
) -> Iterator[Check]:
    """The planned prefixes that are not given their preference."""
    name = policy.prefix_list
    for prefix in expected.overrides.get(gateway, ()):
        if overrides.preference(prefix) != policy.local_preference:
            yield _check(gateway, expected, prefix, f"not in {name}, planned is {gateway}")
    for prefix in expected.backups.get(gateway, ()):
        if overrides.preference(prefix) != policy.backup_preference:
            detail = f"{gateway} is the planned backup, and does not list it as such"
            yield _check(gateway, expected, prefix, detail)


def _undrained(
    gateway: str, overrides: Overrides, expected: Expectation, policy: Policy
) -> Iterator[Check]:
    """That a gateway is drained against the plan, or is not."""
    drained, planned = overrides.drained(policy), gateway in expected.drained
    if drained != planned:
        detail = f"{gateway} is {'' if drained else 'not '}drained, which is in no plan"
        yield _check(gateway, expected, "0.0.0.0/0", detail)


def _unplanned_routes(
    task: Task,
    key: ListKey,
    entries: tuple[Entry, ...],
    planned: frozenset[str],
    expected: Expectation,
) -> Iterator[Check]:
    """The routes that a list of joined entries permits, and nobody planned."""
    command = f"show bgp ipv{key.family} unicast prefix-list {key.name} json"
    listed = PrefixList(entries, key.family)
    for prefix in read(task, command, parse_json).routes:
        if prefix not in planned and listed.permits(prefix):
            detail = f"{key.name} permits it by a joined entry, and it is in no plan; plan again"
            yield _check(task.host.name, expected, prefix, detail)


def _stray(gateway: str, key: ListKey, entry: Entry) -> str:
    return f"{key.name} holds seq {entry.seq} {entry.rule}, which is in no plan for {gateway}"


def _check(gateway: str, expected: Expectation, prefix: str, detail: str) -> Check:
    return Check(
        router=gateway,
        prefix=prefix,
        expected_gateway=expected.gateway_of.get(prefix),
        status=Status.FAIL,
        detail=detail,
    )
