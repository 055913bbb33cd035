"""Files of measured traffic: told apart, added up slot by slot, and what is to be said of them."""

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from nornir_bgp.exceptions import InputError
from nornir_bgp.forecast.exports import BadLineError, UnknownExportError, read_export
from nornir_bgp.forecast.history import Customers
from nornir_bgp.forecast.lookup import PrefixTable
from nornir_bgp.forecast.rows import Reading
from nornir_bgp.forecast.slots import Traffic
from nornir_bgp.models.customers import parse_customers
from nornir_bgp.models.planning import Unit
from nornir_bgp.models.series import FORMAT, parse_series
from nornir_bgp.runbooks.files import read_text
from nornir_bgp.runbooks.flow_options import FlowOptions
from nornir_bgp.runbooks.joined_slots import (
    add_slots,
    check_totals,
    common_unit,
    common_window,
    numbered,
)
from nornir_bgp.runbooks.measured import Measured, loads_of, lost_octets
from nornir_bgp.runbooks.packed_files import unpacked
from nornir_bgp.runbooks.rib_files import read_prefixes
from nornir_bgp.runbooks.ways import Ways

_SHOWN_BLOCKS = 10
"""How many blocks of unrouted destinations a remark names."""

_HEAD = 1000
"""Bytes within which a document of ours says what it is."""


@dataclass(slots=True)
class _Telling:
    """What is to be said of the files."""

    remarks: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def measure_flows(
    files: Sequence[Path], options: FlowOptions, ways: Ways | None = None
) -> Measured:
    """Read files of measured traffic.

    Each is an export of flows, or a document that this program wrote; packed or not.

    Args:
        files: the files.
        options: how they are read.
        ways: the exits; where it is known what each of them reaches, destinations are matched with
            that, and with the files of routes.

    Raises:
        InputError: a file is missing or wrong, the files do not fit together, or there is no
            traffic in them that a route holds.
    """
    places = [file.resolve() for file in files]
    for n, file in enumerate(files):
        if places[n] in places[:n]:
            raise InputError(f"{file}: is given twice, and would count twice; give it once")
    telling = _Telling()
    documents = {file: parse_series(_whole(file), str(file)) for file in files if _is_own(file)}
    window = common_window(documents, options)
    unit = common_unit(documents, options)
    slots: dict[int, Customers] = {}
    for file, document in documents.items():
        add_slots(slots, numbered(file, document, window), window, str(file))
    exports = [file for file in files if file not in documents]
    if exports:
        traffic = Traffic(window, _routes(options, ways, telling), _customers(options))
        for file in exports:
            _read(file, traffic, options, telling)
        _tell_unrouted(traffic, telling)
        _tell_rounded(traffic, window, unit, telling)
        add_slots(slots, loads_of(traffic, window, unit), window, "the flows")
    names = ", ".join(map(str, files))
    if not slots:
        told = f"{names}: no traffic that a route holds; give other files or routes"
        raise InputError("\n".join((told, *telling.warnings)))
    check_totals(slots, window, names)
    if options.trim and len(slots) < 3:
        raise InputError(f"{names}: nothing is left without the first and the last slot; give more")
    kept = sorted(slots)[1:-1] if options.trim else sorted(slots)
    return Measured(
        slots={slot: slots[slot] for slot in kept},
        window=window,
        unit=unit,
        remarks=tuple(telling.remarks),
        warnings=tuple(telling.warnings),
    )


def _is_own(file: Path) -> bool:
    """Tell a document of ours, which says so at its beginning, from an export of flows."""
    with unpacked(file, lambda _place, _reason: None) as stream:
        head = stream.peek()[:_HEAD].lstrip()
    return head.startswith(b"{") and FORMAT.encode() in head


def _whole(file: Path) -> str:
    with unpacked(file, _refuse_in(file)) as stream:
        try:
            return stream.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{file}: not UTF-8 text at byte {error.start}; save it as UTF-8"
            ) from error


def _refuse_in(file: Path) -> Callable[[str, str], NoReturn]:
    def refuse(place: str, reason: str) -> NoReturn:
        raise InputError(f"{file}, {place}: {reason}; give the whole file")

    return refuse


def _routes(options: FlowOptions, ways: Ways | None, telling: _Telling) -> PrefixTable | None:
    reached = None if ways is None else ways.prefixes
    if reached is None and not options.ribs:
        return None
    prefixes = dict.fromkeys(reached or ())
    for file in options.ribs:
        found = read_prefixes(file)
        telling.warnings.extend(found.remarks)
        prefixes |= dict.fromkeys(found.prefixes)
    telling.remarks.append(f"{len(prefixes):,} prefixes to match destinations with")
    return PrefixTable(prefixes)


def _customers(options: FlowOptions) -> Mapping[str, str] | None:
    if options.customers is None:
        return None
    return parse_customers(read_text(options.customers), str(options.customers))


def _read(file: Path, traffic: Traffic, options: FlowOptions, telling: _Telling) -> None:
    """Add the flows of one export."""
    torn: list[str] = []
    with unpacked(file, lambda place, reason: torn.append(f"{place}: {reason}")) as stream:
        lines = io.TextIOWrapper(stream, "utf-8-sig", errors="replace", newline="\n")
        try:
            log = read_export(
                lines,
                Reading(options.clock(), options.customer, options.sampling),
                traffic.add,
                skip_bad=options.skip_bad,
            )
        except UnknownExportError as error:
            raise InputError(f"{file}:{error.line}: {error}") from None
        except BadLineError as error:
            if not torn:  # the line that is cut off there says nothing
                raise InputError(
                    f"{file}:{error.line}: {error}; mend the line, or pass over such lines by "
                    "--skip-bad"
                ) from None
    if torn and not options.skip_bad:
        raise InputError(f"{file}, {torn[0]}; give the whole file, or use its part by --skip-bad")
    form = log.form or "empty"
    telling.remarks.append(f"{file}: {form}, {log.flows:,} flows, {octet_words(log.octets)}")
    telling.remarks.extend(f"{file}: {n:,} {what}" for what, n in log.skipped.items())
    telling.warnings.extend(f"{file}, {place}; the rest is lost" for place in torn)
    if log.first_bad is not None:
        telling.warnings.append(
            f"{file}: {log.bad:,} lines could not be read, the first of them line "
            f"{log.first_bad.line}: {log.first_bad}"
        )


def _tell_rounded(traffic: Traffic, window: int, unit: Unit, telling: _Telling) -> None:
    lost = lost_octets(traffic, window, unit)
    if lost:
        telling.warnings.append(
            f"{octet_words(lost)}, {lost / traffic.octets.total():.2%} of what is routed, are "
            f"loads of less than half a {unit}, which are rounded to 0; a smaller --unit keeps them"
        )


def _tell_unrouted(traffic: Traffic, telling: _Telling) -> None:
    lost = traffic.unrouted.total()
    if not lost:
        return
    whole = lost + traffic.octets.total()
    blocks = [
        f"{block} ({octets / whole:.2%})"
        for block, octets in traffic.unrouted.most_common(_SHOWN_BLOCKS)
    ]
    more = len(traffic.unrouted) - len(blocks)
    telling.warnings.append(
        f"{octet_words(lost)}, {lost / whole:.2%} of all, went where no route leads, and are left "
        f"out: {', '.join(blocks)}{f' and {more:,} more' if more else ''}"
    )


def octet_words(octets: int) -> str:
    """Write bytes in the unit that fits, decimal."""
    amount = float(octets)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{octets:,} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:,.1f} TB"
