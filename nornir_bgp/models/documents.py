"""A document that somebody wrote, with the place of everything in it.

:mod:`nornir_bgp.models.json_text` and :mod:`nornir_bgp.models.yaml_text` read text into a
:class:`Document`; whoever then finds its content wrong names the key path, and the document says
in which line that is.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from nornir_bgp.exceptions import InputError

KeyPath = tuple[str | int, ...]
"""Keys and list indices from the root of a document to something in it."""

SHOWN_FAULTS = 20
"""How many faults one error message lists."""

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


class Fault(NamedTuple):
    """One thing that is wrong: where, and what it is with its mend."""

    path: KeyPath
    message: str


@dataclass(frozen=True)
class Document(ABC):
    """A document that was read without fault of syntax.

    Attributes:
        source: the name of its file, for messages.
        text: what was read.
        value: mappings with text keys, lists and scalars.
    """

    source: str
    text: str = field(repr=False)
    value: object = field(repr=False)

    @abstractmethod
    def offsets(self, paths: Collection[KeyPath]) -> Mapping[KeyPath, int]:
        """Find keys and list elements.

        Returns:
            The offset in characters of each path that exists; the root is left out.
        """

    def places(self, paths: Collection[KeyPath]) -> dict[KeyPath, str]:
        """Say where paths are, as ``file:line:column``; for a missing key, where its owner is."""
        ancestors = {path[:n] for path in paths for n in range(1, len(path) + 1)}
        offsets = self.offsets(ancestors)
        nearest = {
            path: next(
                (offsets[path[:n]] for n in range(len(path), 0, -1) if path[:n] in offsets), 0
            )
            for path in paths
        }
        return {path: place(self.source, self.text, offset) for path, offset in nearest.items()}


def place(source: str, text: str, offset: int) -> str:
    """Write the place of an offset in a text as ``file:line:column``, both from 1."""
    line = text.count("\n", 0, offset) + 1
    column = offset - text.rfind("\n", 0, offset)
    return f"{source}:{line}:{column}"


def written(path: KeyPath) -> str:
    """Write a key path as a person reads it: ``devices[0].bgp``, ``C1["192.0.2.0/24"]``."""
    parts: list[str] = []
    for key in path:
        if isinstance(key, str) and _PLAIN_KEY.fullmatch(key):
            parts.append(f".{key}" if parts else key)
        else:
            parts.append(f"[{json.dumps(key)}]")
    return "".join(parts)


def input_error(document: Document, faults: Sequence[Fault]) -> InputError:
    """Make one error of the faults of a document, a line for each, in the order given."""
    shown = faults[:SHOWN_FAULTS]
    places = document.places({fault.path for fault in shown})
    lines = [
        ": ".join(filter(None, (places[fault.path], written(fault.path), fault.message)))
        for fault in shown
    ]
    if len(faults) > len(shown):
        lines.append(f"{document.source}: and {len(faults) - len(shown)} more faults")
    return InputError("\n".join(lines))
