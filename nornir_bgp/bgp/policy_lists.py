"""What AS path lists and community lists say about a route (FRR 8.4)."""

from collections.abc import Sequence

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.regular_expression import compiled
from nornir_bgp.models.communities import in_frr_order
from nornir_bgp.models.routing import TextRule

_ANY = "internet"
"""What an entry of a standard list says that means every route, with communities or without."""


def path_permitted(rules: Sequence[TextRule], path: AsPath) -> bool:
    """Say whether an AS path list permits a path: the first entry that matches decides."""
    text = str(path)
    for rule in rules:
        if compiled(rule.pattern).search(text):
            return rule.permits
    return False


def communities_permitted(
    rules: Sequence[TextRule], communities: frozenset[str], *, exact: bool
) -> bool:
    """Say whether a community list permits a route.

    Args:
        rules: the entries; the first that matches decides.
        communities: the route's.
        exact: a standard entry must name all communities of the route.
    """
    text: str | None = None
    for rule in rules:
        if rule.standard:
            named = frozenset(rule.pattern.split())
            if _ANY in named or (named == communities if exact else named <= communities):
                return rule.permits
        else:
            if text is None:
                text = " ".join(in_frr_order(communities))
            if compiled(rule.pattern).search(text):
                return rule.permits
    return False


def communities_left(rules: Sequence[TextRule], communities: frozenset[str]) -> frozenset[str]:
    """Return what ``set comm-list … delete`` leaves.

    Each community is looked up by itself: one that an entry of a standard list names, alone or
    among others, is matched by it.
    """
    return frozenset(one for one in communities if not _is_permitted(rules, one))


def _is_permitted(rules: Sequence[TextRule], community: str) -> bool:
    for rule in rules:
        if rule.standard:
            named = rule.pattern.split()
            matches = _ANY in named or community in named
        else:
            matches = compiled(rule.pattern).search(community) is not None
        if matches:
            return rule.permits
    return False
