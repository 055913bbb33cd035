"""Compare what the upstream links carry with a plan, by the counters of the exits' interfaces."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nornir.core import Nornir

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.network import Network
from nornir_bgp.models.plan import Exit, Plan
from nornir_bgp.models.status import Status
from nornir_bgp.models.traffic import ExitTraffic, Measurement, TrafficReport
from nornir_bgp.report.measured import rate_words
from nornir_bgp.runbooks.asking import Answers, ask
from nornir_bgp.tasks.counters import Reading, read_counters

LEAST_RATE = 1e6
"""Bits a second of all exits together from which shares are compared: below, the keepalives of BGP
and BFD, some 3 kbit/s for each exit, would weigh too much."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What one exit sent, or why that is not known.

    Attributes:
        exit: the exit.
        interface: the gateway's interface towards the upstream.
        load: the planned load.
        rate: in bit/s; ``None``: not known.
        status: where it is not known and that is this exit's doing, the verdict.
        detail: then, why.
    """

    exit: Exit
    interface: str
    load: int
    rate: float | None
    status: Status = Status.PASS
    detail: str = ""


def measure(nr: Nornir, network: Network, plan: Plan, how: Measurement) -> TrafficReport:
    """Read the counters of all exits twice and compare the shares with a plan.

    Everything that leaves by an exit's interface counts, also what no prediction knows of.

    Args:
        nr: the Nornir object.
        network: the network.
        plan: the plan.
        how: interval and tolerance.

    Raises:
        InputError: the plan has an exit that the inventory does not have, or no interface of a
            gateway is in the network of its upstream.
    """
    interfaces = {exit_: interface_of(network, exit_) for exit_ in network.exits}
    loads = _planned_loads(network, plan)
    wanted = {
        gateway: tuple(interfaces[exit_] for exit_ in network.exits_at(gateway))
        for gateway in network.gateways
    }

    def read() -> Answers[Reading]:
        return ask(nr, network.gateways, read_counters, Reading, interfaces=wanted)

    started, first = datetime.now(UTC), read()
    began = time.monotonic()
    second = first
    if not first.errors:
        time.sleep(how.interval)  # the passing of time itself is what is waited for
        second = read()
    sent = [
        sent_between(exit_, interfaces[exit_], loads[exit_], first, second)
        for exit_ in network.exits
    ]
    exits = tuple(compare_shares(sent, how.tolerance))
    return TrafficReport(
        ok=all(exit_.status is Status.PASS for exit_ in exits),
        started=started,
        seconds=round(time.monotonic() - began, 3),
        tolerance=how.tolerance,
        exits=exits,
    )


def interface_of(network: Network, exit_: Exit) -> str:
    """Return the gateway's interface in whose network the upstream's address is.

    Raises:
        InputError: there is none in the inventory.
    """
    interface = network.interface_of(exit_)
    if interface is None:
        raise InputError(
            f"{exit_.gateway}: no single interface is in the network of its upstream "
            f"{' and '.join(map(str, exit_.sessions))}, so there is no counter to read; give the "
            "interface and its addresses in the inventory"
        )
    return interface


def compare_shares(sent: Sequence[Sent], tolerance: float) -> Iterator[ExitTraffic]:
    """Compare each exit's share of what all exits sent with its share of the planned load.

    Args:
        sent: every exit.
        tolerance: how far the two may be apart, as a share of the total.
    """
    load = sum(row.load for row in sent)
    known = [row.rate for row in sent if row.rate is not None]
    total = sum(known) if len(known) == len(sent) else None
    reason = _reason(sent, load, total)
    for row in sent:
        planned = row.load / load if load else 0.0
        measured, status, detail = None, row.status, row.detail
        if reason is not None:
            status, detail = (row.status, row.detail) if row.detail else reason
        elif row.rate is not None and total is not None:
            measured = row.rate / total
            if abs(measured - planned) > tolerance:
                status = Status.FAIL
                detail = (
                    f"{100 * (measured - planned):+.1f} points, {100 * tolerance:g} are allowed"
                )
        yield ExitTraffic(
            gateway=row.exit.gateway,
            neighbor=row.exit.neighbor,
            upstream=row.exit.upstream,
            interface=row.interface,
            load=row.load,
            planned=planned,
            rate=row.rate,
            measured=measured,
            status=status,
            detail=detail,
        )


def _reason(sent: Sequence[Sent], load: int, total: float | None) -> tuple[Status, str] | None:
    """Say why shares cannot be compared, if they cannot."""
    if total is None:
        lost = [row for row in sent if row.detail]
        names = ", ".join(dict.fromkeys(row.exit.gateway for row in lost))
        only_errors = {row.status for row in lost} == {Status.ERROR}
        status = Status.ERROR if only_errors else Status.INCONCLUSIVE
        return status, f"the total is not known without {names}"
    if load == 0:
        return Status.INCONCLUSIVE, "the plan has no load, and so no shares"
    if total < LEAST_RATE:
        return (
            Status.INCONCLUSIVE,
            f"all exits sent {rate_words(total)}; the least to compare is {rate_words(LEAST_RATE)}",
        )
    return None


def sent_between(
    exit_: Exit, interface: str, load: int, first: Answers[Reading], second: Answers[Reading]
) -> Sent:
    """Work out the rate of an exit from two readings; one that did not answer says why.

    A counter that went back is not reckoned on: whether it was reset or has gone round, and how
    often, cannot be told.
    """
    gateway = exit_.gateway
    error = first.errors.get(gateway) or second.errors.get(gateway)
    if error is not None:
        return Sent(exit_, interface, load, None, Status.ERROR, str(error))
    if first is second:  # another gateway did not answer, and this one was not asked again
        return Sent(exit_, interface, load, None)
    before, after = first.values[gateway], second.values[gateway]
    count = after.sent[interface] - before.sent[interface]
    if count < 0:
        went_back = (
            f"the counter of {interface} went back: it is new, was reset, or has gone round; "
            "measure again"
        )
        return Sent(exit_, interface, load, None, Status.INCONCLUSIVE, went_back)
    return Sent(exit_, interface, load, 8 * count / (after.at - before.at))


def _planned_loads(network: Network, plan: Plan) -> Mapping[Exit, int]:
    """The load of each exit of the inventory; an exit that the plan does not know has none."""
    loads = {(e.gateway, e.neighbor): e for e in plan.exits}
    known = {(e.gateway, e.neighbor) for e in network.exits}
    gone = [e for key, e in loads.items() if e.load and key not in known]
    if gone:
        raise InputError(
            f"the plan gives {gone[0].load:,} to {gone[0].gateway} \N{RIGHTWARDS ARROW} "
            f"{gone[0].neighbor}, which is no exit of the inventory any more; distribute anew"
        )
    return {
        exit_: found.load if (found := loads.get((exit_.gateway, exit_.neighbor))) else 0
        for exit_ in network.exits
    }
