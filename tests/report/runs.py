"""Reports of runs that ended in every way there is."""

from datetime import UTC, datetime
from ipaddress import ip_address

from nornir_bgp.models.plan import Exit
from nornir_bgp.models.planning import Planning
from nornir_bgp.models.report import Check, DistributeReport, GatewayChange, Observed, TablePair
from nornir_bgp.models.simulation import (
    ExitLoad,
    FailureCase,
    LoadReport,
    Mismatch,
    PredictedRoute,
    PredictedTable,
    Prediction,
)
from nornir_bgp.models.status import Status
from nornir_bgp.models.traffic import ExitTraffic, TrafficReport
from nornir_bgp.solver.planner import make_plan

LOADS = {"198.51.100.0/24": 150, "203.0.113.0/24": 75, "131.114.0.0/16": 20, "192.0.2.0/24": 50}
EXITS = (
    Exit(gateway="GW1", neighbor=ip_address("10.0.5.1"), upstream="UP1", capacity=200),
    Exit(gateway="GW2", neighbor=ip_address("10.0.6.1"), upstream="UP2", capacity=400),
)
HALVES = {prefix: "GW2" if prefix == "198.51.100.0/24" else "GW1" for prefix in LOADS}
PLAN = make_plan(
    LOADS | {"10.9.9.0/24": 7},  # the last is unrouted
    EXITS,
    [frozenset(LOADS)] * len(EXITS),
    planning=Planning(pins=HALVES),
)
EDGES = ("PE1", "PE2")
CHANGES = tuple(
    GatewayChange(
        gateway=exit_.gateway,
        changed=True,
        diff="\n".join(["--- running", "+++ planned", *(f"+permit {p}" for p in exit_.prefixes)]),
        lines=tuple(f"permit {p}" for p in exit_.prefixes),
    )
    for exit_ in PLAN.exits
)
CHECKS = tuple(
    Check(
        router=edge,
        prefix=prefix,
        expected_gateway=gateway,
        actual_gateway=gateway,
        local_pref=200,
        status=Status.PASS,
    )
    for edge in EDGES
    for prefix, gateway in PLAN.gateway_of.items()
)
OBSERVED = Observed(
    before={edge: dict.fromkeys(LOADS, ("GW1",)) for edge in EDGES},
    tables=tuple(TablePair(router=e, before=f"{e} then", after=f"{e} now") for e in EDGES),
    versions={"nornir-bgp": "1.2.3", "Python": "3.11.2", "FRR on GW1": "8.4.4"},
)


def run(**changes) -> DistributeReport:
    """A run that ended as planned, with changes."""
    values = {
        "run": "20260101T000000Z-0000",
        "predictions": "predictions/x.json",
        "started": datetime(2026, 1, 1, tzinfo=UTC),
        "user": "operator",
        "dry_run": False,
        "ok": True,
        "plan": PLAN,
        "changes": CHANGES,
        "checks": CHECKS,
        "observed": OBSERVED,
        "seconds": {"collect": 1.5, "plan": 0.001, "push": 5.25},
    }
    return DistributeReport(**(values | changes))


def _checks(**of_status: Status) -> tuple[Check, ...]:
    """The checks of PE1 with other endings, in their order."""
    others = [
        check.model_copy(
            update={"status": status, "actual_gateway": None, "local_pref": None, "detail": name}
        )
        for check, (name, status) in zip(CHECKS, of_status.items(), strict=False)
    ]
    # The list of a gateway may be wrong in several ways about one prefix.
    stray = CHECKS[0].model_copy(update={"router": "GW1", "status": Status.FAIL, "detail": "stray"})
    return (*others, *CHECKS[len(others) :], stray, stray)


NOT_AS_PLANNED = _checks(
    went_elsewhere=Status.FAIL, has_no_route=Status.MISSING, was_not_asked=Status.ERROR
)
PUT_BACK = tuple(c.model_copy(update={"restored": True, "changed": False}) for c in CHANGES)
MISMATCHES = (
    Mismatch(
        router="PE2",
        prefix="192.0.2.0/24",
        predicted="GW1 at LOCAL_PREF 200",
        actual="GW2 at LOCAL_PREF 300",
    ),
)
PREDICTION = Prediction(
    tables=tuple(
        PredictedTable(
            router=edge,
            text=f"the table of {edge}\n",
            routes={
                prefix: PredictedRoute(
                    gateways=(gateway,), next_hops=("172.16.0.3",), local_pref=200
                )
                for prefix, gateway in PLAN.gateway_of.items()
            },
        )
        for edge in EDGES
    ),
    loads=LoadReport(
        exits=tuple(
            ExitLoad(gateway=e.gateway, neighbor=str(e.neighbor), upstream=e.upstream, load=e.load)
            for e in PLAN.exits
        )
    ),
    failures=(
        FailureCase(
            failure="link GW1:UP1",
            gateways={"GW1": 0.0, "GW2": 295.0},
            moved=2,
            lost=("192.0.2.0/24",),
            exceeded=("GW2 to UP2: 295 of 250",),
        ),
    ),
    harmless=7,
    warnings=("PE1: not modelled: neighbor 10.0.1.1 addpath-tx-all-paths",),
)
PREDICTED_PLAN = PLAN.model_copy(update={"prediction": PREDICTION})
ENDINGS = {
    "as planned": run(),
    "predicted": run(plan=PREDICTED_PLAN),
    "predicted otherwise": run(plan=PREDICTED_PLAN, mispredicted=MISMATCHES),
    "not predicted": run(
        plan=PLAN.model_copy(update={"prediction": Prediction(missing="the model failed")})
    ),
    "rehearsed": run(run=None, dry_run=True, checks=()),
    "not as planned, and kept": run(
        ok=False, checks=NOT_AS_PLANNED, findings=("GW1: UP1 no longer sends 192.0.2.0/24",)
    ),
    "not as planned, and put back": run(ok=False, checks=NOT_AS_PLANNED, changes=PUT_BACK),
    "failed and put back": run(
        ok=False,
        checks=(),
        changes=(PUT_BACK[0], PUT_BACK[1].model_copy(update={"error": "GW2: refused"})),
        error="GW2: refused",
    ),
    "failed and not put back": run(
        ok=False,
        checks=(),
        changes=(PUT_BACK[0], CHANGES[1].model_copy(update={"error": "NOT PUT BACK: gone"})),
        error="NOT PUT BACK: gone",
    ),
    "written by an older version": run(
        observed=Observed(), plan=PLAN.model_copy(update={"loads": {}})
    ),
    "nothing to change": run(
        changes=tuple(c.model_copy(update={"lines": (), "diff": ""}) for c in CHANGES)
    ),
}


def traffic(*measured: float | None, status: Status = Status.PASS, detail: str = ""):
    """What was measured at GW1 and GW2, as shares of 8.34 Mbit/s."""
    return TrafficReport(
        ok=status is Status.PASS,
        started=datetime(2026, 1, 1, 12, tzinfo=UTC),
        seconds=10.004,
        tolerance=0.02,
        exits=tuple(
            ExitTraffic(
                **exit_.model_dump(include={"gateway", "neighbor", "upstream", "load"}),
                interface="eth1",
                planned=exit_.load / PLAN.total_load,
                rate=None if share is None else 8.34e6 * share,
                measured=share,
                status=status,
                detail=detail,
            )
            for exit_, share in zip(PLAN.exits, measured, strict=True)
        ),
    )


MEASURED = {
    "measured as planned": run(traffic=traffic(0.4921, 0.5079)),
    "measured otherwise": run(
        traffic=traffic(0.7, 0.3, status=Status.FAIL, detail="+20.8 points, 2 are allowed")
    ),
    "not measured": run(
        traffic=traffic(None, None, status=Status.ERROR, detail="GW1: no SSH session")
    ),
}
"""Runs whose traffic was measured afterwards."""

HOSTILE = "<script>alert(1)</script>\"'&</pre>]]>\x1b[31m\x9b2J\x00\u202e{{ 7*7 }}{% raw %}"
"""What a router or a file could say to whoever shows it without care."""


def hostile(text: str) -> DistributeReport:
    """A run in which everything that is free text says this."""
    return run(
        ok=False,
        predictions=text,
        user=text,
        checks=tuple(c.model_copy(update={"detail": text, "status": Status.FAIL}) for c in CHECKS),
        changes=tuple(c.model_copy(update={"error": text, "diff": f"+{text}"}) for c in CHANGES),
        findings=(text,),
        error=text,
        traffic=traffic(0.7, 0.3, status=Status.FAIL, detail=text),
        observed=OBSERVED.model_copy(
            update={
                "tables": tuple(TablePair(router=e, before=text, after=text) for e in EDGES),
                "versions": {"FRR on GW1": text},
            }
        ),
    )
