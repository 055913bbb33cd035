"""What hier_config's rules cannot say about BGP neighbours.

- A neighbour that goes is one line, ``no neighbor X``, which takes all others of it along. One that
  changes its kind (an AS of its own, or a member of a group) goes and comes again.
- A member of a group has a line of its own about an address family only where it differs from the
  group. So a line that goes is not always negated: the group may have moved to where the member is.
- A reflector's client that becomes external is none any more, and FRR refuses to hear so.
- A session that is new comes up only when its policy stands: it is held by ``shutdown`` until then,
  with a message that tells this from a session that its owner shut.
"""

import re
from collections.abc import Iterator, Mapping, Set
from itertools import product

from hier_config import HConfig, HConfigChild

HOLD = "shutdown message held by nornir-bgp"
"""What follows ``neighbor X`` while a new session waits for its policy."""

_NEIGHBOR = re.compile(r"^(?:no )?neighbor (\S+) |^bgp listen range \S+ peer-group (\S+)$")
_DEFINITION = re.compile(
    r"^(neighbor \S+) (?:(remote-as) \S+|(peer-group(?: \S+)?)|(interface .*))$"
)
_ACTIVATION = re.compile(r"^(no )?(neighbor \S+) activate$")
_SHUTDOWN = re.compile(r"^neighbor \S+ shutdown( message .*)?$")

_DEFAULTS = (
    ("address-family ipv4 unicast", True, "no bgp default ipv4-unicast"),
    ("address-family ipv6 unicast", False, "bgp default ipv6-unicast"),
)
"""A family, whether FRR activates a new neighbour in it, and the line that turns this round. FRR
prints the activations that differ from the default, and of a member those that differ from its
group."""


def neighbor_of(line: str) -> str | None:
    """Return the neighbour or group that a line of BGP belongs to, as ``neighbor NAME``."""
    match = _NEIGHBOR.match(line)
    return f"neighbor {match[1] or match[2]}" if match else None


def definitions(bgp: HConfigChild) -> dict[str, set[str]]:
    """Return what makes each neighbour one, by ``neighbor NAME``; AS numbers change in place."""
    found: dict[str, set[str]] = {}
    for line in bgp.children:
        match = _DEFINITION.match(line.text)
        if match:
            found.setdefault(match[1], set()).add(match[2] or match[3] or match[4])
    return found


def default_families(bgp: HConfigChild) -> frozenset[str]:
    """Return the headers of the families that a new neighbour of a process carries."""
    return frozenset(family for family, usual, turn in _DEFAULTS if usual != (turn in bgp.children))


def say_by_default(bgp: HConfigChild, families: Set[str]) -> None:
    """Say a process's activations as FRR does under the defaults that it has now.

    Args:
        bgp: the process, whose activations were written for other defaults.
        families: what :func:`default_families` returned at that time.
    """
    now = default_families(bgp)
    for family in sorted(now ^ families):
        section = bgp.add_child(family, return_if_present=True)
        for name, kinds in definitions(bgp).items():
            if _is_member(kinds):
                continue  # its group speaks for it
            said, implied = f"no {name} activate", f"{name} activate"
            if family not in now:
                said, implied = implied, said
            if implied in section.children:
                section.children.delete(implied)
            else:
                section.add_child(said, return_if_present=True)
        if not section.children:
            section.delete()


def _is_member(kinds: Set[str]) -> bool:
    return any(kind.startswith("peer-group ") for kind in kinds)


def _groups(bgp: HConfigChild) -> dict[str, str]:
    """Return the group of each member, both as ``neighbor NAME``."""
    return {
        name: kind.replace("peer-group ", "neighbor ")
        for name, kinds in definitions(bgp).items()
        for kind in kinds
        if kind.startswith("peer-group ")
    }


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
        _forget_external_clients(before, after)
    return staying


def _collapse_neighbors(before: HConfigChild, after: HConfigChild) -> set[str]:
    """Leave one line of each neighbour that goes, or comes again as another kind.

    A peer group takes its members along.

    Returns:
        The neighbours that stay.
    """
    running, wanted = definitions(before), definitions(after)
    going = {name for name, kinds in running.items() if wanted.get(name) != kinds}
    going_groups = {f"peer-group {name.removeprefix('neighbor ')}" for name in going}
    going |= {name for name, kinds in running.items() if kinds & going_groups}
    for line in tuple(before.all_children()):
        if neighbor_of(line.text) in going:
            line.delete()
    for name in sorted(going):
        before.add_child(name)
    return running.keys() - going


def _spell_out_activations(before: HConfigChild, after: HConfigChild, staying: set[str]) -> None:
    """Write down which neighbours carry a family, where the default for that changes.

    FRR applies the default when a neighbour is made, and then prints what differs from it.
    """
    changed = default_families(before) ^ default_families(after)
    for family, bgp in product(sorted(changed), (before, after)):
        prefix = "" if family in default_families(bgp) else "no "
        section = bgp.add_child(family, return_if_present=True)
        said = {line.text.removeprefix("no ") for line in section.children}
        for name, kinds in definitions(bgp).items():
            if name in staying and not _is_member(kinds) and f"{name} activate" not in said:
                section.add_child(f"{prefix}{name} activate")


def _drop_inherited_activations(before: HConfigChild, after: HConfigChild) -> None:
    """Forget the members' activations that the target leaves to their group as they are."""
    group_of = _groups(after)
    for family in before.get_children(startswith="address-family "):
        wanted = after.get_child(equals=family.text)
        by_default = family.text in default_families(after)
        for line in tuple(family.children):
            found = _ACTIVATION.match(line.text)
            if found is None or found[2] not in group_of:
                continue
            stays = wanted is not None and line.text in wanted.children
            inherited = _is_active(wanted, group_of[found[2]], by_default)
            if not stays and inherited == (found[1] is None):
                line.delete()


def _forget_external_clients(before: HConfigChild, after: HConfigChild) -> None:
    """Forget that those are clients of a reflector whose AS is another from now on."""
    own = (after.text.removeprefix("router bgp "), "internal")
    external = {
        match[1]
        for line in after.children
        if (match := _DEFINITION.match(line.text)) and match[2] and line.text.split()[-1] not in own
    }
    external |= {name for name, group in _groups(after).items() if group in external}
    for family in before.get_children(startswith="address-family "):
        for line in tuple(family.children):
            if line.text.endswith(" route-reflector-client") and neighbor_of(line.text) in external:
                line.delete()


def _is_active(lines: HConfigChild | None, name: str, by_default: bool) -> bool:
    if lines is not None and f"{name} activate" in lines.children:
        return True
    if lines is not None and f"no {name} activate" in lines.children:
        return False
    return by_default


def hold_new_sessions(delta: HConfig, staying: Mapping[str, Set[str]]) -> None:
    """Bring new sessions up last, by ``shutdown`` until their policy stands.

    Args:
        delta: the commands.
        staying: what :func:`prepare_neighbors` returned.
    """
    for bgp in delta.get_children(re_search=r"^router bgp "):
        shut = {neighbor_of(line.text) for line in bgp.children if _SHUTDOWN.match(line.text)}
        for name, kinds in definitions(bgp).items():
            is_new = name not in staying.get(bgp.text, ()) and "peer-group" not in kinds
            if is_new and name not in shut:
                bgp.add_child(f"{name} {HOLD}")
                bgp.add_child(f"no {name} shutdown")
