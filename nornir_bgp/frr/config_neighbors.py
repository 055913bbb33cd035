"""What hier_config's rules cannot say about BGP neighbours.

- A neighbour that goes is one line, ``no neighbor X``, which takes all others of it along. One that
  changes its kind (an AS of its own, or a member of a group) goes and comes again.
- A member of a group has a line of its own about an address family only where it differs from the
  group. So a line that goes is not always negated: the group may have moved to where the member is.
- A session that is new comes up only when its policy stands: it is held by ``shutdown`` until then.
"""

import re
from collections.abc import Iterator, Mapping, Set

from hier_config import HConfig, HConfigChild

_NEIGHBOR = re.compile(r"^(?:no )?(neighbor \S+) ")
_DEFINITION = re.compile(
    r"^(neighbor \S+) (?:(remote-as) \S+|(peer-group(?: \S+)?)|(interface .*))$"
)
_ACTIVATION = re.compile(r"^(no )?(neighbor \S+) activate$")
_IPV4 = "address-family ipv4 unicast"
_NO_DEFAULT = "no bgp default ipv4-unicast"


def _definitions(bgp: HConfigChild) -> dict[str, set[str]]:
    """Return what makes each neighbour one, by ``neighbor NAME``; AS numbers change in place."""
    found: dict[str, set[str]] = {}
    for line in bgp.children:
        match = _DEFINITION.match(line.text)
        if match:
            found.setdefault(match[1], set()).add(match[2] or match[3] or match[4])
    return found


def _processes(source: HConfig, target: HConfig) -> Iterator[tuple[HConfigChild, HConfigChild]]:
    """Pair the BGP processes that stay."""
    for before in source.get_children(re_search=r"^router bgp "):
        after = target.get_child(equals=before.text)
        if after is not None:
            yield before, after


def prepare_neighbors(source: HConfig, target: HConfig) -> dict[str, set[str]]:
    """Make two trees such that their plain difference is right for FRR's neighbours.

    Returns:
        The neighbours that stay, as ``neighbor NAME``, by the header of their BGP process.
    """
    staying = {}
    for before, after in _processes(source, target):
        staying[before.text] = _collapse_neighbors(before, after)
        _spell_out_activations(before, after, staying[before.text])
        _drop_inherited_activations(before, after)
    return staying


def _collapse_neighbors(before: HConfigChild, after: HConfigChild) -> set[str]:
    """Leave one line of each neighbour that goes, or comes again as another kind.

    A peer group takes its members along.

    Returns:
        The neighbours that stay.
    """
    running, wanted = _definitions(before), _definitions(after)
    going = {name for name, kinds in running.items() if wanted.get(name) != kinds}
    going_groups = {f"peer-group {name.removeprefix('neighbor ')}" for name in going}
    going |= {name for name, kinds in running.items() if kinds & going_groups}
    for line in tuple(before.all_children()):
        match = _NEIGHBOR.match(line.text)
        if match and match[1] in going:
            line.delete()
    for name in sorted(going):
        before.add_child(name)
    return running.keys() - going


def _spell_out_activations(before: HConfigChild, after: HConfigChild, staying: set[str]) -> None:
    """Write down which neighbours carry IPv4, where the default for that changes.

    ``bgp default ipv4-unicast`` says what a neighbour without an activation is; FRR applies it
    when the neighbour is made, and then prints what differs from it.
    """
    if (_NO_DEFAULT in before.children) == (_NO_DEFAULT in after.children):
        return
    for bgp in (before, after):
        prefix = "no " if _NO_DEFAULT in bgp.children else ""
        family = bgp.add_child(_IPV4, return_if_present=True)
        said = {line.text.removeprefix("no ") for line in family.children}
        for name, kinds in _definitions(bgp).items():
            is_member = any(kind.startswith("peer-group ") for kind in kinds)
            if name in staying and not is_member and f"{name} activate" not in said:
                family.add_child(f"{prefix}{name} activate")


def _drop_inherited_activations(before: HConfigChild, after: HConfigChild) -> None:
    """Forget the members' activations that the target leaves to their group as they are."""
    group_of = {
        name: kind.replace("peer-group ", "neighbor ")
        for name, kinds in _definitions(after).items()
        for kind in kinds
        if kind.startswith("peer-group ")
    }
    for family in before.get_children(startswith="address-family "):
        wanted = after.get_child(equals=family.text)
        for line in tuple(family.children):
            found = _ACTIVATION.match(line.text)
            if found is None or found[2] not in group_of:
                continue
            stays = wanted is not None and line.text in wanted.children
            inherited = _is_active(family.text, wanted, group_of[found[2]])
            if not stays and inherited == (found[1] is None):
                line.delete()


def _is_active(family: str, lines: HConfigChild | None, name: str) -> bool:
    if lines is not None and f"{name} activate" in lines.children:
        return True
    if lines is not None and f"no {name} activate" in lines.children:
        return False
    return family == _IPV4


def hold_new_sessions(delta: HConfig, staying: Mapping[str, Set[str]]) -> None:
    """Bring new sessions up last, by ``shutdown`` until their policy stands.

    Args:
        delta: the commands.
        staying: what :func:`prepare_neighbors` returned.
    """
    for bgp in delta.get_children(re_search=r"^router bgp "):
        for name, kinds in _definitions(bgp).items():
            is_new = name not in staying.get(bgp.text, ()) and "peer-group" not in kinds
            if is_new and f"{name} shutdown" not in bgp.children:
                bgp.add_child(f"{name} shutdown")
                bgp.add_child(f"no {name} shutdown")
