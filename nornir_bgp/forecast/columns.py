"""The columns of flow exports, by the names that their programs give them.

Sources: pmacct's ``CONFIG-KEYS`` (``aggregate``, ``print_output``) and the keys of its JSON; the
headers of nfdump's ``-o csv``, which had 48 short names (``ts,te,td,sa,da,...``) until 2024 and has
the long ones of its ``csv:`` formats since (``firstSeen,duration,proto,srcAddr,...``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

Key = str | int
"""Where a value is: a key of a JSON object, or the number of a CSV column."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the values of one export are; ``None``: it does not have them.

    Attributes:
        form: what the format is called.
        octets: the bytes.
        begin: when the flow began.
        end: when it ended.
        duration: how long it took, in seconds; counts where there is no ``end``.
        destination: the address or the prefix that was sent to.
        network: the address of a network whose length is in ``length``; counts where there is no
            ``destination``.
        length: the length of the destination's prefix.
        source: the sender's address.
        customer: the sender's name.
        rate: one packet of how many was counted.
    """

    form: str
    octets: Key
    begin: Key
    end: Key | None
    duration: Key | None
    destination: Key | None
    network: Key | None
    length: Key | None
    source: Key | None
    customer: Key | None
    rate: Key | None


@dataclass(frozen=True, slots=True)
class _Names:
    """What a program calls its columns; of several names the first that is there counts."""

    form: str
    octets: tuple[str, ...]
    begin: tuple[str, ...]
    end: tuple[str, ...] = ()
    duration: tuple[str, ...] = ()
    destination: tuple[str, ...] = ()
    network: tuple[str, ...] = ()
    length: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    customer: tuple[str, ...] = ()
    rate: tuple[str, ...] = ()

    def lacking(self, places: Mapping[str, Key]) -> Iterator[str]:
        """Say which of the columns that a flow must have are not there."""
        if _first(self.octets, places) is None:
            yield f"bytes ({' or '.join(self.octets)})"
        if _first(self.begin, places) is None:
            yield f"time ({' or '.join(self.begin)})"
        if _first(self.destination + self.network, places) is None:
            yield f"destination ({' or '.join(self.destination + self.network)})"

    def columns(self, places: Mapping[str, Key], customer: Key | None) -> Columns:
        """Say where everything is."""
        return Columns(
            form=self.form,
            octets=places[next(name for name in self.octets if name in places)],
            begin=places[next(name for name in self.begin if name in places)],
            end=_first(self.end, places),
            duration=_first(self.duration, places),
            destination=_first(self.destination, places),
            network=_first(self.network, places),
            length=_first(self.length, places),
            source=_first(self.source, places),
            customer=_first(self.customer, places) if customer is None else customer,
            rate=_first(self.rate, places),
        )


_PMACCT_JSON = _Names(
    "pmacct JSON",
    octets=("bytes",),
    begin=("timestamp_start", "timestamp_min", "stamp_inserted"),
    end=("timestamp_end", "timestamp_max"),
    destination=("ip_dst",),
    network=("net_dst",),
    length=("mask_dst",),
    source=("ip_src", "net_src"),
    rate=("sampling_rate",),
)
_PMACCT_CSV = _Names(
    "pmacct CSV",
    octets=("BYTES",),
    begin=("TIMESTAMP_START", "TIMESTAMP_MIN", "STAMP_INSERTED"),
    end=("TIMESTAMP_END", "TIMESTAMP_MAX"),
    destination=("DST_IP",),
    network=("DST_NET",),
    length=("DST_MASK",),
    source=("SRC_IP", "SRC_NET"),
    rate=("SAMPLING_RATE",),
)
_NFDUMP = _Names(
    "nfdump CSV",
    octets=("ibyt", "bytes", "inBytes"),
    begin=("ts", "firstSeen"),
    end=("te", "lastSeen"),
    duration=("td", "duration"),
    destination=("da", "dstAddr"),
    length=("dmk", "dstMask"),
    source=("sa", "srcAddr"),
)
_PLAIN = _Names(
    "timestamp,customer,prefix,bytes",
    octets=("bytes",),
    begin=("timestamp",),
    destination=("prefix",),
    customer=("customer",),
)
_CSV = (_PMACCT_CSV, _NFDUMP, _PLAIN)
_ACCEPTED = (
    "pmacct's print_output json or csv, nfdump -o csv, or a CSV file with the header "
    "timestamp,customer,prefix,bytes"
)


def columns_of_header(header: Sequence[str], customer: str | None) -> Columns:
    """Recognise a CSV export by its header.

    Args:
        header: the names of the columns.
        customer: the column that names the customer; ``None``: the format's own, if it has one.

    Raises:
        ValueError: no program that is known writes this, or the customer's column is not there.
    """
    return _recognised({name.strip(): n for n, name in enumerate(header)}, _CSV, customer)


def columns_of_object(keys: Sequence[str], customer: str | None) -> Columns:
    """Recognise a JSON export by its first object.

    Args:
        keys: the keys of the object.
        customer: the key that names the customer, if any does.

    Raises:
        ValueError: pmacct does not write this, or the customer's key is not there.
    """
    return _recognised({key: key for key in keys}, (_PMACCT_JSON,), customer)


def _recognised(
    places: Mapping[str, Key], formats: Sequence[_Names], customer: str | None
) -> Columns:
    lacking = {names.form: tuple(names.lacking(places)) for names in formats}
    for names in formats:
        if not lacking[names.form]:
            if customer is not None and customer not in places:
                raise ValueError(f"there is no {customer!r} to take the customer from")
            return names.columns(places, None if customer is None else places[customer])
    nearest = min(formats, key=lambda names: len(lacking[names.form]))
    if len(lacking[nearest.form]) == 3:
        raise ValueError(f"not a flow export that is known; give {_ACCEPTED}")
    raise ValueError(
        f"looks like {nearest.form}, but has no {' and no '.join(lacking[nearest.form])}; let the "
        "exporter write it, too"
    )


def _first(names: Sequence[str], places: Mapping[str, Key]) -> Key | None:
    return next((places[name] for name in names if name in places), None)
