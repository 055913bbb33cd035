"""The report for a person: the verdict is what the report says, and nothing is left out."""

from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from nornir_bgp.models.plan import Exit
from nornir_bgp.models.report import Check, DistributeReport, GatewayChange
from nornir_bgp.models.status import Status
from nornir_bgp.report.markdown import to_markdown, verdict
from nornir_bgp.solver.planner import make_plan

EXITS = (
    Exit(gateway="GW1", neighbor=ip_address("10.0.5.1"), upstream="UP1"),
    Exit(gateway="GW2", neighbor=ip_address("10.0.6.1"), upstream="UP2"),
)
PLAN = make_plan(
    {"192.0.2.0/24": 10, "198.51.100.0/24": 20, "203.0.113.0/24": 7},
    EXITS,
    [{"192.0.2.0/24", "198.51.100.0/24"}, {"192.0.2.0/24", "198.51.100.0/24"}],
)
LINE = "ip prefix-list LOCAL_PREF_PREFIX_LIST seq 5 permit 192.0.2.0/24"
CHANGE = GatewayChange(gateway="GW1", changed=True, diff=f"+{LINE}", lines=(LINE,))
CHECK = Check(
    router="PE1",
    prefix="192.0.2.0/24",
    expected_gateway="GW1",
    actual_gateway="GW1",
    local_pref=200,
    status=Status.PASS,
)


def report(**changes) -> DistributeReport:
    values = {
        "run": "20260101T000000Z-0000",
        "predictions": "predictions/x.json",
        "started": datetime(2026, 1, 1, tzinfo=UTC),
        "user": "operator",
        "dry_run": False,
        "ok": True,
        "plan": PLAN,
        "changes": (CHANGE,),
        "checks": (CHECK,),
        "seconds": {"push": 5.25},
    }
    return DistributeReport(**(values | changes))


FAILED = CHECK.model_copy(update={"status": Status.FAIL, "detail": "leaves by GW2"})
ERROR = CHECK.model_copy(update={"status": Status.ERROR, "detail": "no session"})
REFUSED = CHANGE.model_copy(update={"error": "GW1: refused", "restored": True, "changed": False})
PUT_BACK = CHANGE.model_copy(update={"restored": True, "changed": False})
STUCK = CHANGE.model_copy(update={"error": "NOT PUT BACK: GW1: gone", "restored": False})


@pytest.mark.parametrize(
    ("changes", "said", "exit_code"),
    [
        ({}, "As planned: 1 line sent, 1 check passed.", 0),
        (
            {"ok": False, "checks": (FAILED, CHECK)},
            "NOT as planned: 1 line sent; checks: 1 fail",
            3,
        ),
        (
            {"ok": False, "checks": (FAILED,), "changes": (PUT_BACK,)},
            "NOT as planned, and put back: 1 line sent; checks: 1 fail",
            3,
        ),
        ({"ok": False, "checks": (ERROR,)}, "NOT as planned: 1 line sent; checks: 1 error", 4),
        ({"ok": False, "checks": (ERROR, FAILED)}, "NOT as planned", 3),
        (
            {"ok": False, "error": "GW1: refused", "changes": (REFUSED,), "checks": ()},
            "Failed and put back: GW1: refused",
            4,
        ),
        (
            {"ok": False, "error": "NOT PUT BACK: GW1: gone", "changes": (STUCK,), "checks": ()},
            "FAILED, and NOT PUT BACK on GW1",
            3,
        ),
        ({"dry_run": True, "run": None, "checks": ()}, "Dry run: 1 line would be sent", 0),
        (
            {"ok": False, "findings": ("GW1: UP1 no longer sends 192.0.2.0/24 (AS path 65004)",)},
            "NOT as planned",
            3,
        ),
    ],
)
def test_the_verdict(changes, said, exit_code):
    found = report(**changes)
    assert said in verdict(found)
    assert found.exit_code == exit_code
    assert verdict(found) in to_markdown(found)


def test_everything_is_in_it():
    text = to_markdown(report(findings=("GW1: UP1 now sends 192.0.2.0/24 (AS path 65004)",)))
    for expected in (
        "predictions/x.json",
        "| GW2 | UP2 | 20 | 66.7% | 198.51.100.0/24 |",
        "Unrouted, not counted: 203.0.113.0/24",
        f"+{LINE}",
        "| PE1 | 192.0.2.0/24 | GW1 | GW1 | 200 | pass |  |",
        "UP1 now sends",
        "push 5.2",
    ):
        assert expected in text
