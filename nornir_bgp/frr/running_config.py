"""A running configuration as FRR prints it, taken apart by its indentation."""

import re
from collections.abc import Iterable, Mapping

Sections = Mapping[str, tuple[str, ...]]
"""Lines by the header they stand under, without indentation. A nested header is written behind
its parent's and a slash: ``router bgp 65020/address-family ipv4 unicast``. Lines at the top stand
under the empty header."""


def sections(running_config: str) -> Sections:
    """Take a running configuration apart.

    Args:
        running_config: the output of ``show running-config``.
    """
    found: dict[str, list[str]] = {"": []}
    path: list[str] = []
    for raw in running_config.splitlines():
        line = raw.strip()
        if not line or line.startswith(("!", "#", "exit")):
            continue
        depth = len(raw) - len(raw.lstrip(" "))
        path = [*path[:depth], line]
        found.setdefault("/".join(path[:-1]), []).append(line)
        if depth == 0:
            found.setdefault(line, [])
    return {header: tuple(lines) for header, lines in found.items()}


def frr_version(running_config: str) -> str | None:
    """Return the version that a running configuration names, or ``None`` where it names none."""
    match = re.search(r"^frr version (\S+)", running_config, re.MULTILINE)
    return match and match[1]


def first(pattern: re.Pattern[str], lines: Iterable[str]) -> str | None:
    """Return the first group of the first line that a pattern matches in full."""
    return next((m[1] for line in lines if (m := pattern.fullmatch(line))), None)
