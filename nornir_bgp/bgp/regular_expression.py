r"""FRR's regular expressions, for Python.

FRR hands its patterns to the C library's ``regcomp`` as POSIX extended expressions, after it has
replaced each ``_`` by ``(^|[,{}() ]|$)``. Python's ``re`` reads some of them otherwise:
a backslash in brackets, ``[:digit:]``, a quantifier behind a quantifier, ``\d``.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from nornir_bgp.exceptions import InputError

BORDER = "(^|[,{}() ]|$)"
"""What ``_`` stands for (documentation of FRR, "AS Path Regular Expressions")."""

_CLASSES: Mapping[str, str] = {
    "alnum": "a-zA-Z0-9",
    "alpha": "a-zA-Z",
    "blank": r" \t",
    "cntrl": r"\x00-\x1f\x7f",
    "digit": "0-9",
    "graph": r"\x21-\x7e",
    "lower": "a-z",
    "print": r"\x20-\x7e",
    "punct": r"!-/:-@\[-`{-~",
    "space": r" \t\n\r\f\v",
    "upper": "A-Z",
    "xdigit": "0-9a-fA-F",
}
_GNU: Mapping[str, str] = {
    **{letter: f"\\{letter}" for letter in "wWsSbB123456789"},
    "<": r"\b(?=\w)",
    ">": r"\b(?<=\w)",
    "`": r"\A",
    "'": r"\Z",
}
"""What a backslash makes of a character, beyond taking its meaning away (the C library's own)."""

_TOKEN = re.compile(
    r"(?P<brackets>\[\^?\]?(?:\[:\w+:\]|[^\]])*\])"
    r"|(?P<repeat>[*+?]|\{\d*,?\d*\})"
    r"|\\(?P<escaped>.)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_CLASS = re.compile(r"\[:(\w+):\]")


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern of an AS path list or of an expanded community list, for ``search``.

    Raises:
        InputError: it is no regular expression.
    """
    pieces: list[str] = []
    opened: list[int] = []  # where in the pieces the open groups begin
    for token in _TOKEN.finditer(pattern.replace("_", BORDER)):
        if token["repeat"] is not None and pieces and pieces[-1] not in ("(", "|"):
            pieces[-1] = f"(?:{pieces[-1]}){_repeat(token['repeat'])}"
        elif token["brackets"] is not None:
            pieces.append(_brackets(token["brackets"]))
        elif token["escaped"] is not None:
            escaped = token["escaped"]
            pieces.append(_GNU.get(escaped) or re.escape(escaped))
        elif token["other"] == "(":
            opened.append(len(pieces))
            pieces.append("(")
        elif token["other"] == ")" and opened:
            start = opened.pop()
            pieces[start:] = ["".join((*pieces[start:], ")"))]
        else:
            pieces.append(_plain(token[0]))
    try:
        return re.compile("".join(pieces))
    except (re.error, OverflowError) as error:
        raise InputError(
            f"not a regular expression: {pattern!r}: {error}; mend the AS path list or community "
            "list that has it"
        ) from error


def _plain(text: str) -> str:
    """Take the meaning of a token away that has none where it stands, but for ``^ $ . |``."""
    return {"$": r"\Z", "^": r"\A"}.get(text) or (text if text in "|." else re.escape(text))


def _repeat(text: str) -> str:
    """Return a quantifier; ``{,3}`` is ``{0,3}``."""
    return text.replace("{,", "{0,")


def _brackets(text: str) -> str:
    """Return a bracket expression, in which a backslash is a character as any other."""
    negation = "^" if text.startswith("[^") else ""
    inside, place = text[1 + len(negation) : -1], 0
    pieces: list[str] = []
    for found in _CLASS.finditer(inside):
        pieces.append(_members(inside[place : found.start()]))
        pieces.append(_CLASSES.get(found[1], found[0]))
        place = found.end()
    pieces.append(_members(inside[place:]))
    return f"[{negation}{''.join(pieces)}]"


def _members(text: str) -> str:
    return re.sub(r"[\\\[\]&~|^]", r"\\\g<0>", text)
