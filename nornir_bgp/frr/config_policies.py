"""What hier_config's rules cannot say about lists and route-maps.

- A whole list or route-map that goes is one line, which takes the others of it along:
  :data:`OBJECTS`.
- A clause that changes between ``permit`` and ``deny`` changes in place.
- A new ``permit`` clause of a map that is in use outbound is written as ``deny`` and becomes
  ``permit`` when its conditions stand: without a condition it would let every route out.
- An entry of a prefix-list that loses another one of its network is entered anew: FRR before 10.0
  forgets it in route-maps (see :mod:`nornir_bgp.frr.versions`).
"""

import re

from hier_config import HConfig, HConfigChild

from nornir_bgp.frr.driver import CLAUSE

OBJECTS = re.compile(
    r"^((?:ip |ipv6 )?(?:prefix-list|access-list) \S+|route-map \S+"
    r"|bgp as-path access-list \S+|bgp community-list (?:standard|expanded) \S+) "
)
"""Lines at the top that belong to one object, and the text whose negation removes all of it."""

_ENTRY = re.compile(r"^((?:ip|ipv6) prefix-list \S+) seq \d+ (?:permit|deny) (\S+)")
_OUTBOUND = re.compile(r"^neighbor \S+ route-map (\S+) out$")


def collapse_objects(source: HConfig, target: HConfig) -> None:
    """Leave one line of each list and map that goes as a whole.

    Args:
        source: the running configuration.
        target: what it should be.
    """

    def objects(config: HConfig) -> dict[str, list[HConfigChild]]:
        found: dict[str, list[HConfigChild]] = {}
        for section in config.children:
            match = OBJECTS.match(section.text)
            if match:
                found.setdefault(match[1], []).append(section)
        return found

    staying = objects(target).keys()
    for name, sections in objects(source).items():
        if name not in staying:
            for section in sections:
                section.delete()
            source.add_child(name)


def turn_clauses(source: HConfig, target: HConfig) -> list[str]:
    """Give the clauses that change between permit and deny their new header.

    Args:
        source: the running configuration.
        target: what it should be.

    Returns:
        Their headers, which must be sent even where their lines stay.
    """
    wanted = {(c[1], c[3]): c[0] for s in target.children if (c := CLAUSE.match(s.text))}
    turned = []
    for section in source.children:
        clause = CLAUSE.match(section.text)
        header = wanted.get((clause[1], clause[3])) if clause else None
        if header is not None and header != section.text:
            section.text = header
            turned.append(header)
    return turned


def enter_siblings_anew(delta: HConfig, target: HConfig) -> None:
    """Remove and add the entries whose network loses another entry of their list.

    Args:
        delta: the commands.
        target: the configuration that they lead to.
    """
    going = (c.text.removeprefix("no ") for c in delta.children if c.text.startswith("no "))
    poorer = {_list_and_network(line) for line in going} - {None}
    for line in target.children:
        if _list_and_network(line.text) in poorer and line.text not in delta.children:
            delta.add_child(f"no {line.text}")
            delta.add_child(line.text)


def _list_and_network(line: str) -> tuple[str, str] | None:
    """Return the prefix-list and the network of an entry; ``None``: the line is none."""
    entry = _ENTRY.match(line)
    if entry is None:
        return None
    everything = "::/0" if line.startswith("ipv6 ") else "0.0.0.0/0"
    return entry[1], everything if entry[2] == "any" else entry[2]


def close_new_clauses(delta: HConfig, source: HConfig, turned: list[str]) -> None:
    """Write permit clauses that are new in an outbound map as deny, and turn them at the end.

    Args:
        delta: the commands.
        source: the configuration that they start from.
        turned: what :func:`turn_clauses` returned.
    """
    outbound = {m[1] for line in source.all_children() if (m := _OUTBOUND.match(line.text))}
    for section in tuple(delta.children):
        clause = CLAUSE.match(section.text)
        if clause is None or clause[1] not in outbound or clause[2] != "permit":
            continue
        is_new = source.get_child(equals=section.text) is None or section.text in turned
        if is_new and section.children:
            section.text = f"route-map {clause[1]} deny {clause[3]}"
            turn = delta.add_child(clause[0])
            for line in tuple(section.children):
                if line.text.startswith("on-match "):  # FRR refuses it in a deny clause
                    turn.add_child(line.text)
                    line.delete()
