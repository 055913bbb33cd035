"""End a run that was killed: put back what it may have changed."""

import logging
from collections.abc import Mapping
from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import InputError, NornirBgpError, NotPutBackError, RunInterruptedError
from nornir_bgp.models.network import Network
from nornir_bgp.runbooks.asking import sessions
from nornir_bgp.runbooks.change import Change, changes_put_back, put_back, remaining_lines
from nornir_bgp.runbooks.evidence import load_report, update_report
from nornir_bgp.runbooks.interrupts import held_interrupts
from nornir_bgp.runbooks.journal import Journal, open_journals
from nornir_bgp.runbooks.lock import locked
from nornir_bgp.runbooks.network import network_of

_log = logging.getLogger(__name__)


def recover(nr: Nornir) -> tuple[str, ...]:
    """Put back what killed runs may have changed, and do nothing else.

    Returns:
        The ids of the runs that were put back; none where every run has ended by itself.

    Raises:
        LockedError: a run is under way.
        InputError: a gateway that a run may have changed is not in the inventory.
        NotPutBackError: a gateway could not be put back; its run stays open.
    """
    network = network_of(nr)
    with locked(Path(network.settings.runs)), sessions(nr):
        return recover_open_runs(nr, network)


def recover_open_runs(nr: Nornir, network: Network) -> tuple[str, ...]:
    """Put back what killed runs may have changed; the caller holds the lock.

    The latest is put back first, so that in the end the network is as it was before the first.

    Raises:
        InputError: a gateway that a run may have changed is not in the inventory.
        NotPutBackError: a gateway could not be put back; its run stays open.
    """
    recovered = []
    for journal in open_journals(Path(network.settings.runs)):
        gone = [name for name in journal.before if name not in nr.inventory.hosts]
        if gone:
            raise InputError(
                f"run {journal.folder.name} was interrupted and may have changed "
                f"{', '.join(gone)}, which the inventory no longer has; name it there again"
            )
        change = Change(journal.before, journal.planned, touched=_touched(journal))
        run = journal.folder.name
        with held_interrupts() as interrupts:
            stuck = put_back(nr, network, change)
            _update_report(network, run, change, stuck)
            if not stuck:
                journal.close()
        if stuck:
            raise _not_put_back(network, run, change, stuck)
        _log.warning("run %s was interrupted and is put back", run)
        recovered.append(run)
        if interrupts.came:
            raise RunInterruptedError(f"interrupted by {interrupts.came}; run {run} is put back")
    return tuple(recovered)


def _touched(journal: Journal) -> set[str]:
    """The gateways that the run may have sent lines to."""
    return {name for name, was in journal.before.items() if was != journal.planned[name]}


def _update_report(
    network: Network, run: str, change: Change, stuck: Mapping[str, NornirBgpError]
) -> None:
    """Say in the report that the run left when it began what has become of it."""
    settings = network.settings
    try:
        report = load_report(Path(settings.runs), run)
        changes = changes_put_back(report.changes, change, stuck, settings.policy)
        error = "; ".join(filter(None, ("interrupted", *(c.error for c in changes))))
        news = {"ok": False, "changes": changes, "error": error}
        update_report(Path(settings.runs), report.model_copy(update=news))
    except InputError as error:  # the routers matter more than what is told about them
        _log.warning("the report of run %s does not say that it is put back: %s", run, error)


def _not_put_back(
    network: Network, run: str, change: Change, stuck: Mapping[str, NornirBgpError]
) -> NotPutBackError:
    policy = network.settings.policy
    told = [f"run {run} was interrupted and is NOT PUT BACK:"]
    for gateway, error in stuck.items():
        told.append(str(error))
        told.append(f"by hand, in configuration mode on {gateway}:")
        told.extend(f"  {line}" for line in remaining_lines(gateway, change, policy))
    return NotPutBackError("\n".join(told))
