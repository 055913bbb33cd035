"""The columns of a ``show bgp`` row: each text is checked and turned into what it says.

Every function raises ``ValueError`` with the words for "what was expected" where a text is not
what FRR's format strings can print.
"""

import re
from ipaddress import ip_address
from typing import NamedTuple

from nornir_bgp.models.fields import canonical_prefix


class Codes(NamedTuple):
    """The codes in front of a row."""

    valid: bool
    best: bool
    multipath: bool
    internal: bool


class Attributes(NamedTuple):
    """The numbers of a row."""

    metric: int | None
    local_pref: int | None
    weight: int


_STATUS = "([ RSs*])([ hud>=])([ i])"
_CODES = {
    3: re.compile(_STATUS),
    4: re.compile("[ VIN]" + _STATUS),
    5: re.compile("[ VIN]" + _STATUS + " "),
}

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4_PREFIX = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}/(?:3[0-2]|[12]?\d)", re.ASCII)
_NEXT_HOP = re.compile(
    r"(?P<address>[0-9a-f.:]+)(?:\([^()\s]+\))?(?:@(?:\d+|-))?<? *"
    r"|(?P<interface>[A-Za-z][A-Za-z0-9_.-]{0,14}) *",
    re.ASCII,
)

_NUMBER = re.compile(r" *(?:0|[1-9]\d*)?(?<=.)", re.ASCII)
_GREATEST = 2**32 - 1

_AS = r"\d{1,10}(?:\.\d{1,5})?"
_SEGMENT = rf"(?:{_AS}|\{{{_AS}(?:,{_AS})*\}}|\({_AS}(?: {_AS})*\)|\[{_AS}(?:,{_AS})*\])"
# Not possessive: Python before 3.11.5 loses a group that is captured inside (gh-101955).
_PLAIN_AS_PATH_AND_ORIGIN = re.compile(r"(?:(\d{1,10}(?: \d{1,10})*) )?([ie?])", re.ASCII)
_AS_PATH_AND_ORIGIN = re.compile(rf"(?:({_SEGMENT}(?: {_SEGMENT})*) )?([ie?])", re.ASCII)


def parse_codes(text: str) -> Codes:
    """Read the codes, 3 to 5 characters as the version prints them.

    A removed path (``R``) and one that is only history (``h``) are not valid. A suppressed or
    stale one hides its validity behind ``s`` or ``S`` and is taken to be valid, which it is
    unless its next hop cannot be reached.
    """
    match = _CODES[len(text)].fullmatch(text) if len(text) in _CODES else None
    if match is None:
        raise ValueError("status codes such as '*>i'")
    state, choice, source = match.groups()
    return Codes(
        valid=state in "*sS" and choice != "h",
        best=choice == ">",
        multipath=choice == "=",
        internal=source == "i",
    )


def parse_network(text: str) -> str:
    """Read a network and return it in canonical text."""
    if _IPV4_PREFIX.fullmatch(text):
        return text
    try:
        return canonical_prefix(text)
    except ValueError as error:
        raise ValueError(f"a network ({error})") from None


def parse_next_hop(text: str) -> str:
    """Read ``ADDRESS(HOSTNAME)@VRF<`` and return the address, or an interface's name."""
    match = _NEXT_HOP.fullmatch(text)
    if match is None:
        raise ValueError("a next hop")
    if interface := match["interface"]:
        return interface
    try:
        ip_address(match["address"])
    except ValueError:
        raise ValueError(f"a next hop ({match['address']!r} is no address)") from None
    return match["address"]


def parse_attributes(text: str) -> Attributes | None:
    """Read metric, LocPrf, weight and a blank where they have their usual widths.

    Args:
        text: 25 characters; or 27, the first two of them blank.

    Returns:
        ``None`` where they do not, or where LocPrf or weight have no blank to spare before them:
        only then could there be another way to cut the row.
    """
    start = len(text) - 25
    if start not in (0, 2) or text[:start].strip():
        return None
    attributes = _cut(text, start, start + 17, start + 24)
    if attributes is None or max(attributes.local_pref or 0, attributes.weight) >= 10**6:
        return None
    return attributes


def search_attributes(text: str, columns: tuple[int, ...]) -> tuple[Attributes, str]:
    """Read the numbers of a row that is not of the usual widths.

    ``%7u`` prints 8 to 10 digits where it must, without a blank before them, so a number may
    touch the one before it; and where a row goes on after a long next hop, the metric's column
    depends on the version. Every way to cut the text that FRR could have printed is tried.

    Args:
        text: a line.
        columns: where its metric may begin; between the first of them and it are blanks.

    Returns:
        The numbers, and the rest of the row.

    Raises:
        ValueError: there is no way to cut it, or more than one.
    """
    cuts = {
        (attributes, text[end + 1 :])
        for start in columns
        for middle in range(start + 17, start + 21)
        for end in range(middle + 7, middle + 11)
        if (attributes := _cut(text, start, middle, end)) is not None
        and not text[columns[0] : start].strip()
        and _AS_PATH_AND_ORIGIN.fullmatch(text, end + 1)
    }
    if not cuts:
        raise ValueError("metric, LocPrf, weight and AS path in their columns")
    if len(cuts) > 1:
        raise ValueError("numbers that can be told apart (ask for JSON instead)")
    return cuts.pop()


def _cut(text: str, start: int, middle: int, end: int) -> Attributes | None:
    """Cut metric, LocPrf and weight, which end at ``start + 10``, ``middle`` and ``end``."""
    metric, local_pref, weight = (
        text[start : start + 10],
        text[start + 10 : middle],
        text[middle:end],
    )
    if (
        text[end : end + 1] != " "
        or not _NUMBER.fullmatch(metric)
        or not _NUMBER.fullmatch(local_pref)
        or not _NUMBER.fullmatch(weight)
        or (middle > start + 17 and not local_pref.isdigit())
        or (end > middle + 7 and not weight.isdigit())
        or weight.isspace()
    ):
        return None
    attributes = Attributes(
        metric=None if metric.isspace() else int(metric),
        local_pref=None if local_pref.isspace() else int(local_pref),
        weight=int(weight),
    )
    return None if max(number or 0 for number in attributes) > _GREATEST else attributes


def parse_as_path_and_origin(text: str) -> tuple[str, str]:
    """Read the end of a row: the AS path, empty for the AS's own routes, and the origin."""
    # nearly all of a table, at a quarter of the time
    match = _PLAIN_AS_PATH_AND_ORIGIN.fullmatch(text) or _AS_PATH_AND_ORIGIN.fullmatch(text)
    if match is None:
        raise ValueError("an AS path and an origin (i, e or ?)")
    return match[1] or "", match[2]
