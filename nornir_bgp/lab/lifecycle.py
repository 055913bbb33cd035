"""Up and down: from what was found in a lab's folder to what is there afterwards."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from nornir_bgp.exceptions import LabError
from nornir_bgp.lab.dial import ask
from nornir_bgp.lab.launch import Progress, launch
from nornir_bgp.lab.spec import LabSpec
from nornir_bgp.lab.state import LabState

_END_SECONDS = 30.0


class Start(StrEnum):
    """What ``up`` did."""

    STARTED = "started"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True)
class Started:
    """What ``up`` found and did.

    Attributes:
        how: what it did.
        missing: the processes that a damaged lab had lost, ``PE1 zebra``.
        outdated: the lab runs, but was started from another topology or configuration; ``down``
            and ``up`` bring it to the present one.
    """

    how: Start
    missing: tuple[str, ...] = ()
    outdated: bool = False


def bring_up(
    spec: LabSpec, state: LabState, *, progress: Progress | None, deadline: float
) -> Started:
    """Start a lab; leave a complete one as it is, and replace one that has lost a process.

    Raises:
        LabError: see :func:`nornir_bgp.lab.launch.launch`.
    """
    with state.locked():
        missing = _missing(state)
        if missing == ():
            built = LabSpec.model_validate_json(state.spec_file.read_text("utf-8"))
            return Started(Start.UNCHANGED, outdated=built != spec)
        _end(state)
        launch(spec, state, progress=progress, deadline=deadline)
        return Started(Start.STARTED if missing is None else Start.REPLACED, missing or ())


def take_down(state: LabState) -> bool:
    """End the lab of a folder, if there is one, and remove the folder.

    Returns:
        Whether there was anything to remove.

    Raises:
        LabError: it did not end.
    """
    if not state.folder.exists():
        return False
    with state.locked():
        _end(state)
    return True


def processes_of(state: LabState) -> dict[str, Any]:
    """Ask a lab for its processes.

    Returns:
        ``nodes``: node -> process -> its id inside the lab, ``None`` where it has ended;
        ``management``: the same of the management network's; ``server``: the id of the process
        that answers.

    Raises:
        LabError: it is not up.
    """
    return ask(state.folder, {"do": "processes"})


def _missing(state: LabState) -> tuple[str, ...] | None:
    """Return what a running lab has lost: ``()`` if nothing, ``None`` if no lab was left there."""
    record = state.record()
    if record is None:
        return None
    if not record.holder.alive():
        return ("the holder",)
    try:
        processes = processes_of(state)
    except LabError:
        return ("the holder's server",)
    lost = [
        f"{node} {name}"
        for node, names in processes["nodes"].items()
        for name, pid in names.items()
        if pid is None
    ]
    return (*([] if processes["management"] else ["the management network"]), *lost)


def _end(state: LabState) -> None:
    """End what runs there and remove the folder; the caller holds the lock."""
    record = state.record()
    if record is not None and record.holder.alive():
        starter = record.holder.parent  # unshare, which waits for the holder
        if not (record.holder.kill(wait=_END_SECONDS) and starter.wait(_END_SECONDS)):
            raise LabError(f"lab {state.name} did not end within {_END_SECONDS} s")
    state.remove()
