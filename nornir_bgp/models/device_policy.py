"""The lists and route-maps of a device.

Names are FRR's: the community lists of both kinds share theirs.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Self

from pydantic import Field, model_validator

from nornir_bgp.models.base import Model
from nornir_bgp.models.documents import Fault, KeyPath
from nornir_bgp.models.fields import PolicyName
from nornir_bgp.models.policy_lists import (
    AsPathRules,
    CommunityPatternRules,
    CommunityRules,
    IPv6PrefixRules,
    ListRule,
    PrefixRules,
    check_entries,
    numbered,
)
from nornir_bgp.models.route_maps import Clauses, RouteMapClause, check_clauses
from nornir_bgp.models.settings import Policy
from nornir_bgp.models.validation import misplaced


class ListEntry(NamedTuple):
    """An entry as FRR prints it: ``KIND NAME seq NUMBER TEXT``."""

    kind: str
    name: str
    seq: int
    text: str


class Policies(Model):
    """The lists and route-maps of a router, each by its name.

    Attributes:
        prefix_lists: IPv4 prefix-lists.
        ipv6_prefix_lists: IPv6 prefix-lists.
        as_path_lists: AS path lists.
        community_lists: standard community lists.
        expanded_community_lists: expanded community lists, of regular expressions.
        route_maps: route-maps, each a list of clauses.
    """

    prefix_lists: dict[PolicyName, PrefixRules] = Field(default_factory=dict)
    ipv6_prefix_lists: dict[PolicyName, IPv6PrefixRules] = Field(default_factory=dict)
    as_path_lists: dict[PolicyName, AsPathRules] = Field(default_factory=dict)
    community_lists: dict[PolicyName, CommunityRules] = Field(default_factory=dict)
    expanded_community_lists: dict[PolicyName, CommunityPatternRules] = Field(default_factory=dict)
    route_maps: dict[PolicyName, Clauses] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _policies_are_consistent(self) -> Self:
        for field, lists in self._lists.items():
            for name, rules in lists.items():
                check_entries((field, name), rules)
        for name in self.expanded_community_lists.keys() & self.community_lists.keys():
            raise misplaced(
                ("expanded_community_lists", name),
                f"{name} is a standard community list already; choose another name",
            )
        for name, clauses in self.route_maps.items():
            check_clauses(("route_maps", name), clauses)
            for n, clause in enumerate(clauses):
                self._check_references(("route_maps", name, n), clause)
        return self

    @property
    def _lists(self) -> Mapping[str, Mapping[str, Sequence[ListRule]]]:
        return {
            "prefix_lists": self.prefix_lists,
            "ipv6_prefix_lists": self.ipv6_prefix_lists,
            "as_path_lists": self.as_path_lists,
            "community_lists": self.community_lists,
            "expanded_community_lists": self.expanded_community_lists,
        }

    @property
    def list_entries(self) -> tuple[ListEntry, ...]:
        """Every entry of every list, as FRR prints it."""
        return tuple(
            ListEntry(_KINDS[field], name, seq, rule.text)
            for field, lists in self._lists.items()
            for name, rules in lists.items()
            for seq, rule in numbered(rules)
        )

    def _check_references(self, path: KeyPath, clause: RouteMapClause) -> None:
        communities = self.community_lists.keys() | self.expanded_community_lists.keys()
        for part, field, known, kept_in in (
            ("match", "prefix_list", self.prefix_lists.keys(), "prefix_lists"),
            ("match", "ipv6_prefix_list", self.ipv6_prefix_lists.keys(), "ipv6_prefix_lists"),
            ("match", "as_path", self.as_path_lists.keys(), "as_path_lists"),
            ("match", "community", communities, "community_lists"),
            ("match", "community_exact", communities, "community_lists"),
            ("set", "community_delete", communities, "community_lists"),
        ):
            named = getattr(getattr(clause, part), field)
            refuse_unknown((*path, part, field), named, known, kept_in)


_KINDS = {
    "prefix_lists": "ip prefix-list",
    "ipv6_prefix_lists": "ipv6 prefix-list",
    "as_path_lists": "bgp as-path access-list",
    "community_lists": "bgp community-list standard",
    "expanded_community_lists": "bgp community-list expanded",
}


def refuse_unknown(path: KeyPath, name: str | None, known: Iterable[str], kept_in: str) -> None:
    """Refuse the name of an object that the device does not have.

    Raises:
        PydanticCustomError: it has none of this name.
    """
    if name is not None and name not in known:
        raise misplaced(path, f"there is no {name} in {kept_in}; add it there, or correct the name")


def reserved_names(policies: Policies, policy: Policy) -> Iterator[Fault]:
    """Find the names that the settings have taken for objects of their own.

    Args:
        policies: a device.
        policy: the settings.
    """
    for field in ("prefix_lists", "ipv6_prefix_lists"):
        for name in getattr(policies, field):
            if name == policy.export_list or name.startswith(policy.prefix_list):
                yield Fault((field, name), _reserved(name))
    for name in policies.route_maps:
        if name in (policy.route_map, policy.export_map):
            yield Fault(("route_maps", name), _reserved(name))


def _reserved(name: str) -> str:
    return f"{name} is a name of the settings' policy, which nornir-bgp writes; choose another"
