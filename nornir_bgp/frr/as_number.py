"""AS numbers as FRR writes them."""

import re

_AS_DOT = re.compile(r"(\d{1,5})\.(\d{1,5})", re.ASCII)


def parse_as_number(value: int | str) -> int:
    """Return an AS number from ``asplain`` (``65536``) or ``asdot`` (``1.0``, RFC 5396).

    Args:
        value: a number, or its text; FRR 8.5 and later write ``asdot`` text, also in JSON, where
            ``bgp as-notation dot`` is configured.

    Raises:
        ValueError: it is no AS number.
    """
    if dotted := _AS_DOT.fullmatch(str(value)):
        high, low = int(dotted[1]), int(dotted[2])
        if max(high, low) >= 2**16:
            raise ValueError(f"{value!r} is not an AS number")
        return high << 16 | low
    number = int(value)
    if not 0 < number < 2**32:
        raise ValueError(f"{value!r} is not an AS number")
    return number
