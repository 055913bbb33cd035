"""A gateway's LOCAL_PREF map as FRR keeps it, fed with configuration lines: the judge of changes.

It refuses what FRR refuses or ignores, and says after any line which LOCAL_PREF a route gets. It
looks routes up one entry after the other, by Python's own ``ipaddress``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_network as read_network

from nornir_bgp.models.settings import Policy

POLICY = Policy()
ip_network = lru_cache(maxsize=1000)(read_network)
ENTRY = re.compile(r"(no )?(ip|ipv6) prefix-list (\S+) seq (\d+) (\S+ \S+.*)")
CLAUSE = re.compile(r"(no )?route-map (\S+) permit (\d+)")
MATCH = re.compile(r"(no )?match (ip|ipv6) address prefix-list (\S+)")
SET = re.compile(r"set local-preference (\d+)")


@dataclass
class Clause:
    conditions: dict[str, str] = field(default_factory=dict)
    preference: int | None = None


class OverrideRouter:
    """The lists, and the clauses of one route-map."""

    def __init__(self, families: Sequence[int] = (4, 6)) -> None:
        self.lists: dict[tuple[str, str], dict[int, str]] = {}
        self.clauses: dict[int, Clause] = {999: Clause()}
        self._open: Clause | None = None
        for family in families:
            self.send(f"route-map LOCAL_PREF_MAP permit {10 if family == 4 else 11}")
            word = "ip" if family == 4 else "ipv6"
            self.send(f"match {word} address prefix-list {POLICY.prefix_list}")
            self.send(f"set local-preference {POLICY.local_preference}")
            self.send("exit")

    def send(self, line: str) -> None:
        if self._open is not None:
            self._send_inside(self._open, line)
        elif entry := ENTRY.fullmatch(line):
            remove, word, name, seq, rule = entry.groups()
            entries = self.lists.setdefault((word, name), {})
            if remove:
                assert entries.pop(int(seq)) == rule, line
                if not entries:
                    del self.lists[word, name]
            else:
                assert int(seq) not in entries, line
                assert rule not in entries.values(), line
                entries[int(seq)] = rule
        else:
            clause = CLAUSE.fullmatch(line)
            assert clause, line
            assert clause[2] == POLICY.route_map
            if clause[1]:
                del self.clauses[int(clause[3])]
            else:
                self._open = self.clauses.setdefault(int(clause[3]), Clause())

    def _send_inside(self, clause: Clause, line: str) -> None:
        if line == "exit":
            self._open = None
        elif match := MATCH.fullmatch(line):
            if match[1]:
                assert clause.conditions.pop(match[2]) == match[3]
            else:
                clause.conditions[match[2]] = match[3]
        else:
            value = SET.fullmatch(line)
            assert value, line
            clause.preference = int(value[1])

    def leave(self) -> None:
        """The session ends, whatever section is open."""
        self._open = None

    def preference(self, prefix: str) -> int | None:
        for _, clause in sorted(self.clauses.items()):
            if all(self._permits(*named, prefix) for named in clause.conditions.items()):
                return clause.preference
        raise AssertionError("dropped")

    def _permits(self, word: str, name: str, prefix: str) -> bool:
        route = ip_network(prefix)
        if (word == "ipv6") != (route.version == 6):
            return False
        for _, rule in sorted(self.lists.get((word, name), {}).items()):
            action, network, *bounds = rule.split()
            block = ip_network(
                network if network != "any" else "::/0" if word == "ipv6" else "0.0.0.0/0"
            )
            limits = dict(zip(bounds[::2], map(int, bounds[1::2]), strict=True))
            longest = route.max_prefixlen if network == "any" or "ge" in limits else block.prefixlen
            low, high = limits.get("ge", block.prefixlen), limits.get("le", longest)
            if route.subnet_of(block) and low <= route.prefixlen <= high:
                return action == "permit"
        return False

    def config(self) -> str:
        """What ``show running-config`` says of it."""
        lines = ["frr version 8.4.4"]
        for (word, name), entries in sorted(self.lists.items()):
            lines += [f"{word} prefix-list {name} seq {n} {r}" for n, r in sorted(entries.items())]
        for number, clause in sorted(self.clauses.items()):
            lines.append(f"route-map {POLICY.route_map} permit {number}")
            lines += [f" match {w} address prefix-list {n}" for w, n in clause.conditions.items()]
            if clause.preference is not None:
                lines.append(f" set local-preference {clause.preference}")
            lines.append("exit")
        return "\n".join([*lines, ""])
