"""Throw-away namespaces for FRR's daemons; they are gone with the process that holds them."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nornir_bgp.deadline import wait_for

SPACES = ("--net", "--mount", "--pid", "--fork", "--mount-proc", "--uts", "--kill-child")


@contextmanager
def namespaces(start: str) -> Iterator[tuple[str, ...]]:
    """Run a shell script in namespaces of its own, as root inside, until the block ends.

    Args:
        start: the script; it has to go on for as long as the namespaces are wanted.

    Yields:
        The words before a command that run it inside.
    """
    is_root = os.geteuid() == 0
    user = () if is_root else ("--user", "--map-root-user", "--map-auto")
    with subprocess.Popen(
        ["unshare", *user, *SPACES, "sh", "-c", start],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as outer:
        try:
            children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
            pids = wait_for(lambda: children.read_text().split(), bool, seconds=10)
            enter = ("nsenter", "-t", pids[0], "-m", "-n", "-u")
            yield enter if is_root else (*enter, "-U", "--preserve-credentials")
        finally:
            outer.kill()
