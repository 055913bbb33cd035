"""The verdicts of a comparison with the plan."""

from collections.abc import Iterable
from enum import StrEnum


class Status(StrEnum):
    """The verdict of one check.

    ``fail``: another gateway, another preference or another share of the traffic than planned.
    ``missing``: no route. ``inconclusive``: not as planned, and still changing at the deadline; or
    too little traffic to compare. ``error``: the router could not be asked.
    """

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    MISSING = "missing"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


def exit_code_of_statuses(statuses: Iterable[Status]) -> int:
    """Turn verdicts into an exit code.

    Returns:
        0 all pass; 3 the network is not as planned, or nothing was checked; 4 some routers could
        not be asked and nothing is worse.
    """
    found = set(statuses)
    if found == {Status.PASS}:
        return 0
    return 4 if found and found <= {Status.PASS, Status.ERROR} else 3
