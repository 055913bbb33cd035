"""Prove the data path on the lab: what really passes which gateway."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import product

from nornir.core import Nornir

from nornir_bgp.lab.lab import Lab
from nornir_bgp.lab.traffic import host_in, hosts_of
from nornir_bgp.models.fields import family_of
from nornir_bgp.models.report import Trace, TraceReport
from nornir_bgp.models.status import Status
from nornir_bgp.runbooks.lab import running_lab
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.runbooks.predictions import Predictions
from nornir_bgp.runbooks.verify import planned_gateways
from nornir_bgp.solver.choose import Choice

MAX_HOPS = 8
HOP_SECONDS = 2


def trace(
    nr: Nornir,
    predictions: Predictions | None = None,
    *,
    run: str | None = None,
    solver: Choice = "auto",
) -> TraceReport:
    """Trace from every host of the lab to the first address of every planned prefix.

    A host without IPv6 is no source for an IPv6 prefix.

    Args:
        nr: the Nornir object; its configuration names a lab.
        predictions: plan anew from these and compare with that; ``None``: with the plan of a run.
        run: the run's id; ``None``: the latest.
        solver: with ``predictions``, the solver that made the plan.

    Raises:
        InputError: the configuration names no lab, or what ``verify`` raises it for.
        LabError: the lab is not up.
    """
    network = network_of(nr)
    lab = running_lab(network.settings)
    hosts = hosts_of(lab)
    gateway_of = planned_gateways(nr, predictions, run=run, solver=solver)
    ipv6 = any(family_of(prefix) == 6 for prefix in gateway_of)
    speaks_ipv6 = {host: ipv6 and _speaks_ipv6(lab, host) for host in hosts}
    ways = [
        (host, planned)
        for host, planned in product(hosts, gateway_of.items())
        if family_of(planned[0]) == 4 or speaks_ipv6[host]
    ]
    with ThreadPoolExecutor(4) as pool:
        follow = partial(_follow, lab, network.gateway_at)
        traces = tuple(pool.map(lambda way: follow(way[0], *way[1]), ways))
    return TraceReport(
        ok=bool(traces) and all(t.status is Status.PASS for t in traces), traces=traces
    )


def _speaks_ipv6(lab: Lab, host: str) -> bool:
    """Whether a host has an IPv6 address that leads beyond its link."""
    return bool(lab.run(host, ["ip", "-6", "-o", "address", "show", "scope", "global"]).stdout)


def _follow(
    lab: Lab, gateway_at: Mapping[str, str], source: str, prefix: str, gateway: str
) -> Trace:
    destination = host_in(prefix)
    argv = ["traceroute", "-n", "-q", "1", "-w", str(HOP_SECONDS), "-m", str(MAX_HOPS), destination]
    answer = lab.run(source, argv, timeout=2 * MAX_HOPS * HOP_SECONDS).stdout
    # "traceroute to ..." and then a line per hop: its number, its address or *, the time
    hops = tuple(line.split()[1] for line in answer.splitlines()[1:])
    # The last gateway on the way is the one by which the traffic leaves.
    passed = next((gateway_at[hop] for hop in reversed(hops) if hop in gateway_at), None)
    if passed is None or destination not in hops:
        status = Status.MISSING
    else:
        status = Status.PASS if passed == gateway else Status.FAIL
    return Trace(
        source=source,
        prefix=prefix,
        destination=destination,
        hops=hops,
        expected_gateway=gateway,
        actual_gateway=passed,
        status=status,
    )
