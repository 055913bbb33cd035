"""Strict reading of YAML text, by the parser that Nornir itself uses for its inventory.

It reads YAML 1.2, so that a document means the same as a ``devices:`` file and as host data: in
YAML 1.1 ``no`` is a boolean and ``1:20`` is a number.
"""

import re
import warnings
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.documents import Document, KeyPath, place, written

_TEXT = "tag:yaml.org,2002:str"
_MERGE = "tag:yaml.org,2002:merge"

_SECOND = re.compile(r'^second occurrence +in ".*", line (\d+), column (\d+)', re.M)
"""Where the parser says that the second anchor of a name is."""

_NO_VALUE = (ValueError, KeyError)
"""How the parser fails over a date or a number that is none, and over ``!!bool maybe``."""


@dataclass(frozen=True)
class YamlDocument(Document):
    """A YAML document, with the tree of its nodes."""

    root: Node | None = field(repr=False)

    def offsets(self, paths: Collection[KeyPath]) -> Mapping[KeyPath, int]:
        """See :meth:`Document.offsets`."""
        found = {path: self._offset(path) for path in paths if path}
        return {path: offset for path, offset in found.items() if offset is not None}

    def _offset(self, path: KeyPath) -> int | None:
        node, offset = self.root, 0
        for key in path:
            member = _member(node, key)
            if member is None:
                return None
            start, node = member
            offset = start.start_mark.index
        return offset


def read_yaml(text: str, source: str) -> YamlDocument:
    """Read one YAML document.

    Args:
        text: the document.
        source: the name of its file, for messages.

    Raises:
        InputError: a fault of syntax, a key that is repeated or not text, an unknown tag, a second
            document; the message gives line and column.
    """
    yaml = YAML(typ="safe", pure=True)
    try:
        with warnings.catch_warnings():
            # The parser would go on, and print the lines, in which a password may stand.
            warnings.simplefilter("error", ReusedAnchorWarning)
            root = yaml.compose(text)
        _refuse_bad_keys(root, text, source)
        value = None if root is None else yaml.constructor.construct_document(root)
    except InputError:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        offset = mark.index if mark is not None else 0
        problem = error.problem or error.context
        message = f"not YAML: {problem}; mend the text here"
    except ReaderError as error:
        offset = error.position
        message = f"control character {chr(error.character)!r}; remove it"
    except ReusedAnchorWarning as error:
        at = ":".join(_SECOND.findall(str(error))[-1])
        raise InputError(f"{source}:{at}: anchor given twice; rename one") from None
    except _NO_VALUE as error:
        offset = next(node.start_mark.index for _, node in _nodes(root) if _is_no_value(node))
        message = f"not a value: {error}; correct it, or put it in quotes"
    except RecursionError:
        offset, message = 0, "the document is nested too deeply; make it flatter"
    else:
        return YamlDocument(source, text, value, root)
    raise InputError(f"{place(source, text, offset)}: {message}")


def _member(node: Node | None, key: str | int) -> tuple[Node, Node] | None:
    """Return the node at which a member starts (its key or itself), and its value's node."""
    if isinstance(node, MappingNode):
        return next(((k, v) for k, v in node.value if k.value == key), None)
    if isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key], node.value[key]
    return None


def _nodes(root: Node | None) -> Iterator[tuple[KeyPath, Node]]:
    """Yield every node once, with a path to it."""
    waiting: list[tuple[KeyPath, Node]] = [((), root)] if root is not None else []
    seen: set[int] = set()  # an alias may lead back to a node
    while waiting:
        path, node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield path, node
        if isinstance(node, SequenceNode):
            waiting.extend(((*path, n), child) for n, child in enumerate(node.value))
        elif isinstance(node, MappingNode):
            waiting.extend(((*path, key.value), child) for key, child in node.value)


def _refuse_bad_keys(root: Node | None, text: str, source: str) -> None:
    """Refuse keys that are repeated within a mapping or are not text."""
    for path, node in _nodes(root):
        if not isinstance(node, MappingNode):
            continue
        lines: dict[str, int] = {}
        for key, _ in node.value:
            if key.tag not in (_TEXT, _MERGE):
                at = place(source, text, key.start_mark.index)
                raise InputError(f"{at}: a key must be text; put {key.value!r} in quotes")
            if key.value in lines:
                at = place(source, text, key.start_mark.index)
                raise InputError(
                    f"{at}: {written((*path, key.value))}: key given twice, first in line "
                    f"{lines[key.value]}; keep one"
                )
            lines[key.value] = key.start_mark.line + 1


def _is_no_value(node: Node) -> bool:
    if not isinstance(node, ScalarNode):
        return False
    try:
        YAML(typ="safe", pure=True).constructor.construct_object(node)
    except _NO_VALUE:
        return True
    except MarkedYAMLError:  # another fault, whose turn comes when this one is mended
        return False
    return False
