"""No fault: the watchers watch, and the ear changes nothing."""

import re

import pytest

from tests.lab.faults.fault import AS_PLANNED, Fault

pytestmark = pytest.mark.lab


def test_no_fault(fault: Fault):
    outcome = fault.distribute()
    typed = [h.line for h in fault.ear.heard if re.match(r"(no )?ip prefix-list", h.line)]
    assert len(typed) == 8, "each prefix is raised at one gateway and lowered at the other"
    fault.ends(
        outcome,
        ("No fault", 1, "none"),
        code=0,
        lists=AS_PLANNED,
        tables=AS_PLANNED,
        says=r"As planned: 8 lines sent, \d+ checks passed",
    )
