"""AS_PATH: segments, how they are counted, and FRR's text of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

_LARGEST = 2**32 - 1
_CACHED = 1 << 17
"""The texts that :meth:`AsPath.parse` remembers: a full table has fewer different AS paths."""


class Kind(Enum):
    """The kinds of segments (RFC 4271, section 4.3; RFC 5065, section 3), by FRR's brackets."""

    SEQUENCE = ""
    SET = "{}"
    CONFED_SEQUENCE = "()"
    CONFED_SET = "[]"


_CONFED = (Kind.CONFED_SEQUENCE, Kind.CONFED_SET)
_SETS = (Kind.SET, Kind.CONFED_SET)
_KINDS = {kind.value[0]: kind for kind in Kind if kind.value}

# A bracket with its numbers, or a run of numbers without one.
_SEGMENT = re.compile(
    r"\s*(?:(\{\s*[\d,\s]+\}|\(\s*[\d,\s]+\)|\[\s*[\d,\s]+\])|(\d+(?:\s+\d+)*))(?=[\s{(\[]|$)",
    re.ASCII,
)


class Segment(NamedTuple):
    """A run of AS numbers of one kind."""

    kind: Kind
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AsPath:
    """The ASes that a route has passed, the last one first.

    What the decision process asks again and again is worked out once, when the path is made.

    Attributes:
        segments: the segments in their order; the numbers of a set are in ascending order.
        hops: the length that the decision counts: a set counts 1, a confederation's segments 0
            (RFC 4271, section 9.1.2.2 a; RFC 5065, section 5.3).
        confed_hops: the length of the confederation's segments; a set counts 1.
        neighbour: the neighbouring AS that MEDs are compared by: the first of the sequence that
            the path begins with, after any segments of a confederation; ``None``: it is empty
            there, or begins with a set.
        member: likewise, of the confederation sequence that the path begins with.
    """

    segments: tuple[Segment, ...] = ()
    hops: int = field(init=False, repr=False, compare=False)
    confed_hops: int = field(init=False, repr=False, compare=False)
    neighbour: int | None = field(init=False, repr=False, compare=False)
    member: int | None = field(init=False, repr=False, compare=False)
    _text: str = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        hops = confed_hops = 0
        first: Segment | None = None
        for kind, numbers in self.segments:
            length = 1 if kind in _SETS else len(numbers)
            if kind in _CONFED:
                confed_hops += length
            else:
                hops += length
                first = first or Segment(kind, numbers)
        member = None
        if self.segments and self.segments[0].kind is Kind.CONFED_SEQUENCE:
            member = self.segments[0].numbers[0]
        is_sequence = first is not None and first.kind is Kind.SEQUENCE
        # Equal paths have equal texts, and a text is hashed faster than segments.
        text = " ".join(map(_segment_text, self.segments))
        for name, value in (
            ("hops", hops),
            ("confed_hops", confed_hops),
            ("neighbour", first.numbers[0] if first is not None and is_sequence else None),
            ("member", member),
            ("_text", text),
            ("_hash", hash(text)),
        ):
            object.__setattr__(self, name, value)

    @staticmethod
    def parse(text: str) -> "AsPath":
        """Read FRR's text: ``65004 65010 {65011,65012}``, ``(64512 64513) 65004``.

        Equal texts give the same object. A set's numbers are put in order and said once, as FRR
        does with those that it receives.

        Raises:
            ValueError: it is no AS path.
        """
        return _parse(text)

    def prepended(self, numbers: Sequence[int], kind: Kind = Kind.SEQUENCE) -> "AsPath":
        """Return the path with numbers before it, joined to a first segment of the same kind.

        Sets are never joined. A path that begins with a confederation's sequence loses all its
        confederation's segments to a plain sequence before it, as it does in FRR. A segment may
        have more than the 255 numbers that fit into one of a message: FRR splits it for that, and
        the receiver joins it again.
        """
        if not numbers:
            return self
        head = tuple(numbers)
        rest = self.segments
        if rest and kind is Kind.SEQUENCE and rest[0].kind is Kind.CONFED_SEQUENCE:
            rest = self.without_confederation().segments
        if kind in _SETS:
            head = tuple(sorted(set(head)))
        elif rest and rest[0].kind is kind:
            head, rest = head + rest[0].numbers, rest[1:]
        return AsPath((Segment(kind, head), *rest))

    def without_confederation(self) -> "AsPath":
        """Return the path as it leaves a confederation (RFC 5065, section 4.1)."""
        if not self.confed_hops:
            return self
        return AsPath(tuple(segment for segment in self.segments if segment.kind not in _CONFED))

    def count(self, number: int) -> int:
        """How often an AS number stands in the path, in segments of whatever kind.

        This is FRR's loop check: a route is dropped where the router's own AS stands in its path
        more often than ``allowas-in`` lets it.
        """
        return sum(numbers.count(number) for _, numbers in self.segments)

    def same_neighbour(self, other: "AsPath") -> bool:
        """Say whether MEDs are compared between routes of these paths.

        That is so where the neighbouring AS is the same (RFC 4271, section 9.1.2.2 c), or the
        neighbouring member of the confederation, or where both were originated in this AS. A path
        that begins with a set has no neighbouring AS, and is compared with none, not even itself.
        """
        if self.neighbour is not None and self.neighbour == other.neighbour:
            return True
        if self.member is not None and self.member == other.member:
            return True
        return not self.segments and not other.segments

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type["AsPath"], tuple[tuple[Segment, ...]]]:
        # The hash of a text is another one in another process.
        return AsPath, (self.segments,)

    def __str__(self) -> str:
        return self._text


def _segment_text(segment: Segment) -> str:
    separator = "," if segment.kind in _SETS else " "
    text = separator.join(map(str, segment.numbers))
    return f"{segment.kind.value[0]}{text}{segment.kind.value[1]}" if segment.kind.value else text


@lru_cache(maxsize=_CACHED)
def _parse(text: str) -> AsPath:
    segments: list[Segment] = []
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _SEGMENT.match(text, place)
        if found is None:
            raise ValueError(f"not an AS path: {text!r}")
        segments.append(_segment(text, found[1], found[2]))
        place = found.end()
    return AsPath(tuple(segments))


def _segment(text: str, bracketed: str | None, plain: str | None) -> Segment:
    kind = Kind.SEQUENCE if bracketed is None else _KINDS[bracketed[0]]
    words = plain or (bracketed or "")[1:-1].replace(",", " ")
    numbers = tuple(map(int, words.split()))
    if not numbers or max(numbers) > _LARGEST:
        raise ValueError(f"not an AS path: {text!r}: an AS number is 0 to {_LARGEST}")
    return Segment(kind, tuple(sorted(set(numbers))) if kind in _SETS else numbers)


EMPTY_PATH = AsPath()
