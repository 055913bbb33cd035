"""Strict reading of JSON text.

Python's parser keeps the last of two equal keys, which would lose traffic without a word, and
takes NaN and Infinity, which are not JSON. Both are refused here, with their place. A million
entries are read at the speed of the standard library; places are looked for only after a fault.
"""

import json
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from typing import NoReturn

from nornir_bgp.exceptions import InputError
from nornir_bgp.models.documents import Document, KeyPath, place, written

_LEXEME = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_CONSTANTS = ("NaN", "Infinity", "-Infinity")


class JsonDocument(Document):
    """A JSON document."""

    def offsets(self, paths: Collection[KeyPath]) -> Mapping[KeyPath, int]:
        """See :meth:`Document.offsets`."""
        wanted = set(paths)
        return {path: offset for path, offset in _members(self.text) if path in wanted}


class _RepeatedKeyError(Exception):
    """An object holds a key twice."""


class _ConstantError(Exception):
    """A number is NaN or infinite."""


def read_json(text: str, source: str) -> JsonDocument:
    """Read a JSON document.

    Args:
        text: the document.
        source: the name of its file, for messages.

    Raises:
        InputError: a fault of syntax, a repeated key at any level, NaN or Infinity; the message
            gives line and column.
    """
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        offset, message = _syntax_fault(text, error)
    except _RepeatedKeyError:
        offset, message = _repeated_key(text)
    except _ConstantError:
        offset, constant = next(  # which may be the beginning of something that is no JSON either
            (at, constant)
            for at, lexeme in _lexemes(text)
            for constant in _CONSTANTS
            if lexeme.startswith(constant)
        )
        message = f"{constant} is not JSON; write a whole number"
    except RecursionError:
        offset, message = 0, "the document is nested too deeply; make it flatter"
    except ValueError:  # Python's limit on the digits of an integer
        limit = sys.get_int_max_str_digits()
        offset = next(
            at for at, lexeme in _lexemes(text) if len(lexeme) > limit and lexeme[0] != '"'
        )
        message = f"a number of more than {limit} digits; write a smaller one"
    else:
        return JsonDocument(source, text, value)
    raise InputError(f"{place(source, text, offset)}: {message}")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _RepeatedKeyError
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise _ConstantError


def _syntax_fault(text: str, error: json.JSONDecodeError) -> tuple[int, str]:
    """Return the offset and a message; a trailing comma is named and pointed at."""
    if not text.strip():
        return 0, "the file is empty; write a JSON document"
    before = text[: error.pos].rstrip()
    after = text[error.pos :].lstrip()
    if error.msg.startswith("Illegal trailing comma"):  # Python 3.13 points at the comma itself
        return error.pos, "trailing comma; remove it"
    if before.endswith(",") and after[:1] in ("}", "]"):
        return len(before) - 1, "trailing comma; remove it"
    return error.pos, f"not JSON: {error.msg}; mend the text here"


def _repeated_key(text: str) -> tuple[int, str]:
    seen: dict[KeyPath, int] = {}
    for path, offset in _members(text):
        if path in seen:
            line = text.count("\n", 0, seen[path]) + 1
            return offset, f"{written(path)}: key given twice, first in line {line}; keep one"
        seen[path] = offset
    raise AssertionError("the parser met a repeated key that the text does not hold")


def _lexemes(text: str) -> Iterator[tuple[int, str]]:
    return ((match.start(), match.group()) for match in _LEXEME.finditer(text))


def _members(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Yield every object key and array element of valid JSON: its path and its offset."""
    path: list[str | int] = []
    opened: list[str] = []
    at_start = False
    for offset, lexeme in _lexemes(text):
        if lexeme in ("}", "]"):
            opened.pop()
            path.pop()
            at_start = False
        elif lexeme == ",":
            at_start = True
            if opened[-1] == "[":
                path[-1] = int(path[-1]) + 1
        elif lexeme != ":":
            if at_start:
                if opened[-1] == "{":
                    path[-1] = json.loads(lexeme)
                yield tuple(path), offset
                at_start = False
            if lexeme in ("{", "["):
                opened.append(lexeme)
                path.append(0)
                at_start = True
