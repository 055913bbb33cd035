"""End a run that was killed: put back what it may have changed."""

from pathlib import Path

from nornir.core import Nornir

from nornir_bgp.exceptions import DeviceError, InputError
from nornir_bgp.models.network import Network
from nornir_bgp.runbooks.asking import ask, sessions
from nornir_bgp.runbooks.journal import open_journals
from nornir_bgp.runbooks.lock import locked
from nornir_bgp.runbooks.network import network_of
from nornir_bgp.tasks.push import restore


def recover(nr: Nornir) -> tuple[str, ...]:
    """Put back what killed runs may have changed, and do nothing else.

    Returns:
        The ids of the runs that were put back; none where every run has ended by itself.

    Raises:
        LockedError: a run is under way.
        InputError: a gateway that a run may have changed is not in the inventory.
        DeviceError: a gateway could not be put back; its run stays open.
    """
    network = network_of(nr)
    with locked(Path(network.settings.runs)), sessions(nr):
        return recover_open_runs(nr, network)


def recover_open_runs(nr: Nornir, network: Network) -> tuple[str, ...]:
    """Put back what killed runs may have changed; the caller holds the lock.

    The latest is put back first, so that in the end the network is as it was before the first.

    Raises:
        InputError: a gateway that a run may have changed is not in the inventory.
        DeviceError: a gateway could not be put back; its run stays open.
    """
    recovered = []
    for journal in open_journals(Path(network.settings.runs)):
        gone = [name for name in journal.lists if name not in nr.inventory.hosts]
        if gone:
            raise InputError(
                f"run {journal.folder.name} was interrupted and may have changed "
                f"{', '.join(gone)}, which the inventory no longer has; name it there again"
            )
        answers = ask(
            nr,
            journal.lists,
            restore,
            tuple,
            lists=journal.lists,
            policy=network.settings.policy,
        )
        try:
            answers.complete()
        except DeviceError as error:
            raise type(error)(
                f"run {journal.folder.name} was interrupted and is NOT PUT BACK: {error}"
            ) from error
        journal.close()
        recovered.append(journal.folder.name)
    return tuple(recovered)
