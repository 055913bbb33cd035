"""The BGP process of a configuration, its lines put to what they are about."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.as_number import parse_as_number
from nornir_bgp.frr.running_config import Sections, first

_BGP = re.compile(r"router bgp (\d+(?:\.\d+)?)(?: as-notation \S+)?")
_NEIGHBOR = re.compile(r"neighbor (\S+) (.+)")


@dataclass(frozen=True)
class BgpLines:
    """The BGP process of the default VRF.

    Attributes:
        header: the line that it begins with.
        as_number: the router's AS.
        process: its lines that are not about a neighbour.
        sessions: neighbour or group -> what follows ``neighbor NAME``.
        unicast: 4 or 6 -> the same in that unicast address family.
        family_lines: 4 or 6 -> the family's lines that are not about a neighbour.
    """

    header: str
    as_number: int
    process: tuple[str, ...]
    sessions: Mapping[str, tuple[str, ...]]
    unicast: Mapping[int, Mapping[str, tuple[str, ...]]]
    family_lines: Mapping[int, tuple[str, ...]]

    @classmethod
    def of(cls, config: Sections) -> Self:
        """Find the process.

        Raises:
            InputError: there is none, or its AS number is in another notation than the template's.
        """
        found = cls.found_in(config)
        if found is None:
            raise InputError("no BGP process (router bgp …) to adopt; leave it out")
        if not found.header.removeprefix("router bgp ").isdecimal():
            raise InputError(
                f"'{found.header}': dotted AS numbers and as-notation are not supported; configure "
                "'router bgp' with a plain number alone, or leave it out"
            )
        return found

    @classmethod
    def found_in(cls, config: Sections) -> Self | None:
        """Find the process, whatever the notation of its AS number.

        Raises:
            InputError: what stands for its AS number is none.
        """
        found = next((m for line in config[""] if (m := _BGP.fullmatch(line))), None)
        if found is None:
            return None
        try:
            as_number = parse_as_number(found[1])
        except ValueError as error:
            raise InputError(f"'{found[0]}': {error}") from error
        families = {
            version: config.get(f"{found[0]}/address-family ipv{version} unicast", ())
            for version in (4, 6)
        }
        return cls(
            header=found[0],
            as_number=as_number,
            process=_without_neighbors(config[found[0]]),
            sessions=_by_neighbor(config[found[0]]),
            unicast={version: _by_neighbor(lines) for version, lines in families.items()},
            family_lines={v: _without_neighbors(lines) for v, lines in families.items()},
        )

    def value(self, name: str, versions: Iterable[int], line: re.Pattern[str]) -> str | None:
        """Return what a neighbour's line says alike in every one of some address families."""
        found = {first(line, self.unicast[version].get(name, ())) for version in versions}
        return found.pop() if len(found) == 1 else None

    def says(self, name: str, versions: Iterable[int], line: str) -> bool:
        """Tell whether a neighbour has a line in every one of some address families."""
        return all(line in self.unicast[version].get(name, ()) for version in versions)


def _by_neighbor(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        match = _NEIGHBOR.fullmatch(line)
        if match:
            found[match[1]] = (*found.get(match[1], ()), match[2])
    return found


def _without_neighbors(lines: Iterable[str]) -> tuple[str, ...]:
    return tuple(line for line in lines if not _NEIGHBOR.fullmatch(line))
