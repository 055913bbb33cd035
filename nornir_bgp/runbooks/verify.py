"""Prove that the edge routers do what a plan says."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from math import inf
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.deadline import never
from nornir_bgp.exceptions import InputError
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Plan
from nornir_bgp.models.report import Check, DistributeReport, VerifyReport, exit_code_of
from nornir_bgp.models.status import Status
from nornir_bgp.models.traffic import Measurement
from nornir_bgp.runbooks.asking import Answers, ask, sessions
from nornir_bgp.runbooks.evidence import load_report, load_standing_report, plan_made
from nornir_bgp.runbooks.hindsight import unforeseen
from nornir_bgp.runbooks.measurements import keep_traffic
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.plan import plan
from nornir_bgp.runbooks.predictions import Predictions
from nornir_bgp.runbooks.session import settings_of
from nornir_bgp.runbooks.traffic import measure
from nornir_bgp.solver.choose import Choice
from nornir_bgp.tasks.verify import Expectation
from nornir_bgp.tasks.verify import verify as verify_task
from nornir_bgp.tasks.verify_overrides import verify_overrides


def verify(
    nr: Nornir,
    predictions: Predictions | None = None,
    *,
    run: str | None = None,
    solver: Choice = "auto",
    seconds: float | None = None,
    traffic: Measurement | None = None,
) -> VerifyReport:
    """Compare every edge router's table with a plan; nothing is touched.

    Where the plan of a run is compared with, so is what was foretold of it then; a difference says
    that the model was wrong, or that routes have changed since, and counts for no check.

    Args:
        nr: the Nornir object.
        predictions: plan anew from these and compare with that; ``None``: with the plan of a run.
        run: the run's id; ``None``: the latest that was not put back.
        solver: with ``predictions``, the solver that made the plan.
        seconds: how long to wait for the tables; ``None``: as the settings say.
        traffic: then measure what the exits carry, too, and keep that with the run; ``None``: do
            not.

    Raises:
        InputError: the predictions or the inventory are wrong, or there is no such run.
        DeviceError: ``predictions``, and a gateway could not be asked for its routes.
    """
    if seconds is not None and not 0 <= seconds < inf:
        raise InputError(f"a deadline of {seconds} s is none; give a number from 0")
    with sessions(nr):
        planned, past = _planned(nr, predictions, run=run, solver=solver)
        network = network_of(nr)
        report = prove(nr, network, planned.gateway_of, seconds, planned=planned)
        measured = None if traffic is None else measure(nr, network, planned, traffic)
    runs = Path(network.settings.runs)
    if measured is not None and past is not None:
        keep_traffic(runs, past, measured)
    made = None if past is None else plan_made(runs, past)
    longest = network.settings.plan_max_age
    return report.model_copy(
        update={
            "ok": report.ok and (measured is None or measured.ok),
            "traffic": measured,
            "planned": made,
            "mispredicted": () if past is None else unforeseen(past.plan, report.checks),
            "expired": bool(made and longest and datetime.now(UTC) - made > longest),
        }
    )


def planned_gateways(
    nr: Nornir, predictions: Predictions | None, *, run: str | None, solver: Choice
) -> Mapping[str, str]:
    """Return the planned gateway of each prefix, from predictions or from a run; see verify."""
    return _planned(nr, predictions, run=run, solver=solver)[0].gateway_of


def _planned(
    nr: Nornir, predictions: Predictions | None, *, run: str | None, solver: Choice
) -> tuple[Plan, DistributeReport | None]:
    """Return the plan to compare with, and the run that made it, unless it is made anew."""
    if predictions is not None:
        return plan(nr, predictions, solver=solver, preview=False), None
    runs = Path(settings_of(nr).runs)
    report = load_standing_report(runs) if run is None else load_report(runs, run)
    return report.plan, report


def prove(
    nr: Nornir,
    network: Network,
    gateway_of: Mapping[str, str],
    seconds: float | None = None,
    stop: Callable[[], bool] = never,
    *,
    planned: Plan | None = None,
) -> VerifyReport:
    """Watch all edge routers until their tables are as planned or the time is up.

    Then the lists of the gateways are compared, which foretell what the tables will be.

    Args:
        nr: the Nornir object.
        network: the network.
        gateway_of: the planned gateway of each prefix.
        seconds: the deadline; ``None``: as the settings say.
        stop: says whether waiting has no purpose any more.
        planned: the whole plan, where not each prefix alone is raised at its gateway.
    """
    began = time.monotonic()
    settings = network.settings
    expected = Expectation(
        gateway_of=gateway_of,
        gateway_at=network.gateway_at,
        local_preference=settings.policy.local_preference,
        overrides=_each_at_its_gateway(gateway_of) if planned is None else planned.overrides,
        without_ipv6=_without_ipv6(network),
        backups={} if planned is None else planned.backups,
        drained=() if planned is None else planned.drained,
        joined=planned is not None and planned.aggregate,
    )
    tables = ask(
        nr,
        network.edges,
        verify_task,
        tuple,
        expected=expected,
        seconds=settings.verify_deadline if seconds is None else seconds,
        stop=stop,
    )
    lists = ask(
        nr, network.gateways, verify_overrides, tuple, expected=expected, policy=settings.policy
    )
    of_tables = {name: dict(gateway_of) for name in network.edges}
    # Where the list of a gateway cannot be read, its own prefixes are in doubt; where it has none,
    # all are, since it might raise them too.
    of_lists = {
        name: {p: g for p, g in gateway_of.items() if g == name} or gateway_of
        for name in network.gateways
    }
    checks = (*_collected(tables, of_tables), *_collected(lists, of_lists))
    return VerifyReport(
        ok=exit_code_of(checks) == 0, checks=checks, seconds=round(time.monotonic() - began, 3)
    )


def _without_ipv6(network: Network) -> frozenset[str]:
    """The edge routers without an IPv6 session in the inventory, unless that are all of them."""
    found = frozenset(
        device.hostname
        for device in network.devices
        if device.hostname in network.edges
        and not any(peer.version == 6 for peer, _ in device.sessions)
    )
    return frozenset() if found == frozenset(network.edges) else found


def _each_at_its_gateway(gateway_of: Mapping[str, str]) -> dict[str, list[str]]:
    """Turn prefix -> gateway round: gateway -> its prefixes."""
    prefixes: dict[str, list[str]] = {}
    for prefix, gateway in gateway_of.items():
        prefixes.setdefault(gateway, []).append(prefix)
    return prefixes


def _collected(
    answers: Answers[tuple[Check, ...]], planned: Mapping[str, Mapping[str, str]]
) -> Iterator[Check]:
    """The checks of each router, and errors in their place for one that could not be asked."""
    for router, gateway_of in planned.items():
        if router in answers.values:
            yield from answers.values[router]
        else:
            for prefix, gateway in gateway_of.items():
                yield Check(
                    router=router,
                    prefix=prefix,
                    expected_gateway=gateway,
                    status=Status.ERROR,
                    detail=str(answers.errors[router]),
                )
