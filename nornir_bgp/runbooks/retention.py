"""Keep the folder of the evidence bounded, and never take away what is still needed."""

import logging
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from nornir_bgp.exceptions import InputError
from nornir_bgp.runbooks.evidence import REPORT, run_folders, standing_reports
from nornir_bgp.runbooks.journal import open_journals

_SESSION_LOG = re.compile(r"\d{8}T\d{6}\.\d{6}Z-(?P<host>.+)-[0-9a-f]{6}\.log", re.ASCII)
"""The name of a session's log, see :mod:`nornir_bgp.tasks.session_log`."""

_log = logging.getLogger(__name__)


def prune(runs: Path, keep: int) -> tuple[str, ...]:
    """Remove the oldest runs, so that as many stay as are to be kept; the caller holds the lock.

    Beyond these stay the run whose plan is on the routers, the one before it, which ``rollback``
    goes back to, and every run with an open journal. What is not a run's folder is left alone: a
    run's folder is a folder, no link to one, and has a run's id as its name. Nothing that lies
    outside is followed into.

    What cannot be removed is logged as a warning and tried again after the next run: the change
    that was just proven does not fail for it.

    Args:
        runs: the folder of all runs.
        keep: how many are to stay.

    Returns:
        The ids of the runs that were removed, the oldest first.
    """
    folders = run_folders(runs)
    excess = folders[: max(0, len(folders) - keep)]
    if not excess:
        return ()
    try:
        needed = set(_needed(runs))
    except InputError as error:
        _log.warning("no old run is removed, since it is unknown which are needed: %s", error)
        return ()
    return tuple(folder.name for folder in excess if folder.name not in needed and _removed(folder))


def prune_session_logs(folder: Path, keep: int) -> None:
    """Remove the oldest logs of SSH sessions, so that some of each router stay.

    For the folder that the settings name; what lies in a run's folder goes with the run. What is
    not a file named as such a log is left alone. What cannot be removed is logged as a warning.

    Args:
        folder: the folder of the logs; it may be missing.
        keep: how many of each router are to stay.
    """
    of_host: dict[str, list[Path]] = defaultdict(list)
    for path in folder.iterdir() if folder.is_dir() else ():
        match = _SESSION_LOG.fullmatch(path.name)
        if match is not None and path.is_file() and not path.is_symlink():
            of_host[match["host"]].append(path)
    for logs in of_host.values():
        for path in sorted(logs)[:-keep]:
            try:
                path.unlink(missing_ok=True)  # another run may be at it, too
            except OSError as error:
                _log.warning("%s: cannot be removed: %s", path, error.strerror)


def _needed(runs: Path) -> Iterator[str]:
    """Those with an open journal, the one whose plan stands, and the one that stood before it."""
    yield from (journal.folder.name for journal in open_journals(runs))
    yield from (str(report.run) for report in islice(standing_reports(runs), 2))


def _removed(folder: Path) -> bool:
    """Remove a run: first its report, so that a removal that is cut short is no run with gaps."""
    try:
        (folder / REPORT).unlink(missing_ok=True)
        shutil.rmtree(folder)  # does not follow links, even ones that appear while it works
    except OSError as error:
        _log.warning("%s: cannot be removed: %s", folder, error.strerror)
        return False
    return True
