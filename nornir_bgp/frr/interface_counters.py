"""The interface counters of the Linux below FRR: ``/proc/net/dev``."""

import re
from collections.abc import Mapping

from nornir_bgp.exceptions import TableSyntaxError

PATH = "/proc/net/dev"

_COLUMNS = [
    *["bytes", "packets", "errs", "drop", "fifo", "frame", "compressed", "multicast"],
    *["bytes", "packets", "errs", "drop", "fifo", "colls", "carrier", "compressed"],
]
"""What is counted of received, and then of transmitted frames (proc_pid_net(5))."""

_SENT_BYTES = 8


def parse_sent_bytes(text: str) -> Mapping[str, int]:
    """Read how many bytes each interface has transmitted since it came to be.

    The kernel counts whole frames: link-layer headers are in, check sequences are not.

    Args:
        text: the file, two lines of headings and a line for each interface.

    Returns:
        Interface -> bytes, modulo 2^64; some drivers count modulo 2^32.

    Raises:
        TableSyntaxError: it is something else.
    """
    lines = text.splitlines()
    headings = re.split(r"[|\s]+", lines[1].strip()) if len(lines) > 1 else []
    if headings != ["face", *_COLUMNS]:
        raise TableSyntaxError(f"not interface counters; it begins with {text[:60]!r}")
    sent: dict[str, int] = {}
    for line in lines[2:]:
        # An alias's name may hold a colon; the numbers never do.
        name, _, numbers = line.rpartition(":")
        counters = numbers.split()
        if not name or len(counters) != len(_COLUMNS) or not all(map(_is_counter, counters)):
            raise TableSyntaxError(f"not the counters of an interface: {line!r}")
        sent[name.strip()] = int(counters[_SENT_BYTES])
    return sent


def _is_counter(text: str) -> bool:
    return text.isascii() and text.isdecimal()
