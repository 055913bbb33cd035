"""Times as flow exports write them."""

import re
from datetime import datetime, tzinfo
from functools import lru_cache

_NUMBER = re.compile(r"([0-9]{1,11})(?:\.([0-9]+))?")
_MILLISECONDS = re.compile(r"[0-9]{12,14}")
_FRACTION = re.compile(r"(.{19})\.([0-9]+)(.*)")
_REMEMBERED = 2**16
_END = 10**11
"""Seconds until the year 5138, which have eleven digits."""


class Clock:
    """Reads times; the last ones are remembered, because flows repeat them."""

    def __init__(self, zone: tzinfo) -> None:
        """Make a clock.

        Args:
            zone: where a time is from that does not say it.
        """
        self._zone = zone
        self._known = lru_cache(_REMEMBERED)(self._read)
        self._seconds = lru_cache(_REMEMBERED)(self._parsed)

    def milliseconds(self, value: object) -> int:
        """Read a time.

        Args:
            value: ``2026-01-01 00:05:00``, with or without a fraction of a second, ``T`` and an
                offset; or seconds since 1970, text or number; or milliseconds, which have 12 digits
                and more. Up to the year 5138.

        Returns:
            Milliseconds since 1970 (UTC); finer parts are cut off.

        Raises:
            ValueError: it is no such time.
        """
        return self._known(str(value))

    def _read(self, value: str) -> int:
        text = value.strip()
        number = _NUMBER.fullmatch(text)
        if number is not None:
            return int(number[1]) * 1000 + _thousandths(number[2])
        if _MILLISECONDS.fullmatch(text):
            return int(text)
        fraction = _FRACTION.fullmatch(text)
        if fraction is None:
            return self._seconds(text) * 1000
        return self._seconds(fraction[1] + fraction[3]) * 1000 + _thousandths(fraction[2])

    def _parsed(self, text: str) -> int:
        try:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=self._zone)
            seconds = int(moment.timestamp())
            if not 0 <= seconds < _END:
                raise ValueError
        except (ValueError, OverflowError):
            raise ValueError(
                f"{text!r} is not a time; write 2026-01-01 00:05:00 or seconds since 1970"
            ) from None
        return seconds


def _thousandths(fraction: str | None) -> int:
    return int(fraction[:3].ljust(3, "0")) if fraction else 0
