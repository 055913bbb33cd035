"""The lists of a router, as a person writes them down.

A prefix-list is of one family. Numbers may be left out; then they go up by five, as FRR counts.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from typing import Annotated, Self

from pydantic import Field, model_validator

from nornir_bgp.models.base import Model
from nornir_bgp.models.documents import KeyPath
from nornir_bgp.models.policy_text import (
    AsPathPattern,
    Communities,
    CommunityPattern,
    ListedIPv4,
    ListedIPv6,
)
from nornir_bgp.models.validation import misplaced

STEP = 5
"""From one entry of a list to the next, where the numbers are left out."""

SequenceNumber = Annotated[int, Field(strict=True, ge=1, le=2**32 - 1)]
PrefixLength = Annotated[int, Field(strict=True, ge=0, le=128)]


class ListRule(Model):
    """An entry of a list: what it permits, or what it denies."""

    seq: SequenceNumber | None = None
    permit: str | None = None
    deny: str | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.permit is None) == (self.deny is None):
            raise ValueError("an entry either permits or denies; write one of the two")
        return self

    @property
    def text(self) -> str:
        """What FRR prints behind the number."""
        if self.permit is not None:
            return f"permit {self.permit}"
        return f"deny {self.deny}"


class _PrefixRule(ListRule):
    """An entry of a prefix-list.

    Attributes:
        seq: its number; by default the one before it, and 5 more.
        permit: a prefix that is permitted, or ``any``.
        deny: a prefix that is denied, or ``any``.
        ge: also match what is inside the prefix, from this length on.
        le: also match what is inside the prefix, up to this length.
    """

    ge: PrefixLength | None = None
    le: PrefixLength | None = None

    @model_validator(mode="after")
    def _lengths_in_order(self) -> Self:
        listed = self.permit or self.deny or ""
        if listed == "any" and (self.ge, self.le) != (None, None):
            raise ValueError("any matches every length; write 0.0.0.0/0 or ::/0 with ge and le")
        if listed == "any":
            return self
        network = ip_network(listed)
        if self.ge is not None and not network.prefixlen < self.ge <= network.max_prefixlen:
            raise misplaced(("ge",), _out_of_order(listed))
        if self.le is not None and not (
            max(network.prefixlen + 1, self.ge or 0) <= self.le <= network.max_prefixlen
        ):
            raise misplaced(("le",), _out_of_order(listed))
        return self

    @property
    def text(self) -> str:
        """What FRR prints behind the number."""
        lengths = (("ge", self.ge), ("le", self.le))
        words = (f" {word} {length}" for word, length in lengths if length is not None)
        return super().text + "".join(words)


def _out_of_order(listed: str) -> str:
    return f"lengths go up from {listed}'s own by ge to le, at most to a host's; correct it"


class PrefixRule(_PrefixRule):
    """An entry of an IPv4 prefix-list."""

    permit: ListedIPv4 | None = None
    deny: ListedIPv4 | None = None


class IPv6PrefixRule(_PrefixRule):
    """An entry of an IPv6 prefix-list."""

    permit: ListedIPv6 | None = None
    deny: ListedIPv6 | None = None


class AsPathRule(ListRule):
    """An entry of an AS path list.

    Attributes:
        seq: its number; by default the one before it, and 5 more.
        permit: a regular expression on AS paths that are permitted.
        deny: a regular expression on AS paths that are denied.
    """

    permit: AsPathPattern | None = None
    deny: AsPathPattern | None = None


class CommunityRule(ListRule):
    """An entry of a standard community list: a route must carry all that it names.

    Attributes:
        seq: its number; by default the one before it, and 5 more.
        permit: communities, with one blank between, of routes that are permitted.
        deny: communities, with one blank between, of routes that are denied.
    """

    permit: Communities | None = None
    deny: Communities | None = None


class CommunityPatternRule(ListRule):
    """An entry of an expanded community list.

    Attributes:
        seq: its number; by default the one before it, and 5 more.
        permit: a regular expression on the communities of routes that are permitted.
        deny: a regular expression on the communities of routes that are denied.
    """

    permit: CommunityPattern | None = None
    deny: CommunityPattern | None = None


PrefixRules = Annotated[tuple[PrefixRule, ...], Field(min_length=1)]
IPv6PrefixRules = Annotated[tuple[IPv6PrefixRule, ...], Field(min_length=1)]
AsPathRules = Annotated[tuple[AsPathRule, ...], Field(min_length=1)]
CommunityRules = Annotated[tuple[CommunityRule, ...], Field(min_length=1)]
CommunityPatternRules = Annotated[tuple[CommunityPatternRule, ...], Field(min_length=1)]


def numbered(rules: Sequence[ListRule]) -> Iterator[tuple[int, ListRule]]:
    """Yield the entries of a list with their numbers."""
    last = 0
    for rule in rules:
        last = rule.seq or last + STEP
        yield last, rule


def check_entries(path: KeyPath, rules: Sequence[ListRule]) -> None:
    """Refuse numbers that do not go up, and an entry that is there twice.

    Args:
        path: where in the device the list is.
        rules: its entries.

    Raises:
        PydanticCustomError: one of them is wrong.
    """
    last, texts = 0, set()
    for n, (seq, rule) in enumerate(numbered(rules)):
        if seq <= last:
            raise misplaced((*path, n, "seq"), f"number {seq} is not above {last}; correct it")
        # FRR 8.4 ignores the second of two, or mistakes it for the first when one goes.
        _, _, what = rule.text.partition(" ")
        if what in texts:
            raise misplaced(
                (*path, n), f"{what!r} is given twice, and the first decides; remove one"
            )
        texts.add(what)
        last = seq
