"""FRR's command language for hier_config: rules as data, no behaviour of its own.

Four kinds of rules matter.

*Idempotent* commands replace their own earlier value, so no ``no`` is sent before them. A ``match``
of a route-map clause must be one of them: between ``no match …`` and the new ``match …`` the clause
would match every route.

*Exits* leave each section explicitly. vtysh would try a line in the sections above when it does not
know it, but a ``description`` would land in whatever section is open.

*Ordering* puts definitions before their uses when adding, and uses before definitions when
removing. Lower weights are sent earlier; equal weights keep hier_config's order, which is removals
first.

*Negation* is ``no`` before the line, except for the few lines of :data:`BARE_NEGATIONS` and
:data:`DEFAULTS`.
"""

import re

from hier_config.models import (
    IdempotentCommandsRule,
    MatchRule,
    NegationDefaultWithRule,
    NegationSubRule,
    OrderingRule,
    PerLineSubRule,
    SectionalExitingRule,
)
from hier_config.platforms.driver_base import HConfigDriverBase, HConfigDriverRules

CLAUSE = re.compile(r"^route-map (\S+) (permit|deny) (\d+)$")
"""The header of a route-map's clause: name, action, number."""

_INTERFACE = (r"^interface ",)
_CLAUSE = (CLAUSE.pattern,)
_BGP = (r"^router bgp ",)
_FAMILY = (*_BGP, r"^address-family ")
_BFD = (r"^bfd$",)
_OSPF = (r"^router ospf$",)
_BGP_LIST = r"(?:as-path access-list|community-list (?:standard|expanded))"
_BLACKHOLE = r"(?:blackhole|Null0|reject)"
_GROUP = r"[A-Za-z][^: ]*"
_ADDRESS = r"(?:\d[\d.]*|[\da-f]*:[\da-f:.]*)"
# Each kind overwrites itself alone.
_REPLACED = (
    r"as-path prepend(?: last-as)?|ip next-hop(?: peer-address)?|community(?: none)?|metric [+-]?"
)
_SUBJECT = r"(?:ip|ipv6|as-path|extcommunity) \S+(?: global| local)?"
_CONDITION = r"(?:ip|ipv6) \S+ (?:address|prefix-list|prefix-len|type)(?= )"

NOT_SHOWN = (
    r"^Building configuration.*",
    r"^Current configuration.*",
    r"^\s*!.*",
    r"^\s*exit(-\S+)?\s*$",
    r"^end\s*$",
)
"""What ``show running-config`` prints that is not configuration."""

IDEMPOTENT = (
    (*_INTERFACE, r"^description "),
    (*_INTERFACE, r"^ip ospf (cost|dead-interval|hello-interval|network) \S+$"),
    (*_OSPF, r"^ospf router-id "),
    (*_CLAUSE, rf"^match ({_CONDITION}|(?:ip|ipv6) \S+|(?!ip |ipv6 |evpn )\S+)"),
    (*_CLAUSE, r"^on-match "),
    (*_CLAUSE, rf"^set ({_REPLACED}|{_SUBJECT}|(?!evpn )\S+)"),
    (*_BGP, r"^bgp (router-id|cluster-id|default local-preference|confederation identifier) "),
    (*_BGP, r"^timers bgp "),
    (*_BGP, r"^(neighbor \S+ (?:remote-as|description|timers connect|update-source|password)) "),
    (*_BGP, r"^(neighbor \S+ timers) \d"),
    (*_BGP, r"^(neighbor \S+ bfd profile) "),
    (*_BFD, r"^profile ", r"^(transmit-interval|receive-interval|detect-multiplier) "),
    (*_BGP, r"^(neighbor \S+ (?:advertisement-interval|ebgp-multihop))"),
    (*_FAMILY, r"^(neighbor \S+ (?:route-map|prefix-list|filter-list)) \S+ (in|out)$"),
    (*_FAMILY, r"^(neighbor \S+ weight) "),
    (*_FAMILY, r"^(network \S+)"),
    (*_FAMILY, r"^(aggregate-address \S+)"),
    (*_FAMILY, r"^(maximum-paths(?: ibgp)?) \d"),
)
"""Lines that FRR overwrites in place; the groups of the last pattern say which belong together."""

BARE_NEGATIONS = (
    ((*_INTERFACE, r"^description "), "description"),
    ((*_CLAUSE, r"^description "), "description"),
    ((*_CLAUSE, r"^set as-path prepend "), "set as-path prepend"),
    ((*_CLAUSE, r"^on-match goto "), "on-match goto"),
)
"""Lines whose negation FRR knows without its arguments only."""

DEFAULTS = (
    ((*_BFD, r"^(profile|peer) ", r"^detect-multiplier "), "detect-multiplier 3"),
    ((*_BFD, r"^(profile|peer) ", r"^transmit-interval "), "transmit-interval 300"),
    ((*_BFD, r"^(profile|peer) ", r"^receive-interval "), "receive-interval 300"),
)
"""Lines that have no negation, and what stands in its place."""

EXITS = (
    ((*_FAMILY,), "exit-address-family"),
    ((*_BGP,), "exit"),
    ((*_INTERFACE,), "exit"),
    ((*_OSPF,), "exit"),
    ((*_CLAUSE,), "exit"),
    ((*_BFD, r"^(profile|peer) "), "exit"),
    ((*_BFD,), "exit"),
    ((r"^vrf ",), "exit-vrf"),
)

ORDER = (
    # Interfaces first, so that a session's connected network is there when the session is.
    ((r"^interface ",), -50),
    # The ways inside the network. A static route that goes does so when its successor stands, but
    # FRR holds nothing beside a blackhole.
    (_OSPF, -45),
    ((r"^(ip|ipv6) route ",), -45),
    ((r"^no (ip|ipv6) route ",), -44),
    ((rf"^no (ip|ipv6) route \S+ {_BLACKHOLE}\b",), -46),
    ((rf"^(ip|ipv6) route \S+ {_BLACKHOLE}\b",), -43),
    # Prefix-lists: every removal before any addition, since FRR 8 silently ignores an entry whose
    # network another entry of the list still holds.
    ((r"^no (ip|ipv6) prefix-list \S+ ",), -40),
    ((r"^(ip|ipv6) prefix-list \S+ ",), -30),
    ((r"^route-map ",), -20),
    # A clause too many goes after the clauses that stay are right, so that a map in use is never
    # empty.
    ((rf"^no {CLAUSE.pattern[1:]}",), -10),
    # Whole objects go when nothing uses them any more.
    ((r"^no route-map \S+$",), 10),
    ((r"^no bfd$",), 10),
    ((r"^no (ip |ipv6 )?(prefix|access)-list \S+$",), 20),
    ((r"^no bgp (as-path|community-list|large-community-list|extcommunity-list) ",), 20),
    # The entries of lists that stay are like those of prefix-lists.
    ((rf"^no bgp {_BGP_LIST} \S+ seq ",), -40),
    ((rf"^bgp {_BGP_LIST} \S+ seq ",), -30),
    # Within BGP: sessions that go (members before their groups), process-wide settings, groups,
    # sessions, their attributes, the families, and last the sessions' release.
    ((*_BGP, rf"^no neighbor {_ADDRESS}$"), -60),
    ((*_BGP, rf"^no neighbor {_GROUP}$"), -50),
    ((*_BGP, r"^(no )?bgp "), -40),
    ((*_BGP, r"^neighbor \S+ peer-group$"), -30),
    ((*_BGP, r"^neighbor \S+ (remote-as|interface) "), -20),
    ((*_BGP, r"^neighbor \S+ peer-group \S+$"), -10),
    ((*_BGP, r"^neighbor \S+ shutdown"), -5),
    # FRR takes the removal of a BFD profile for a wish for BFD.
    ((*_BGP, r"^no neighbor \S+ bfd [a-z]"), -2),
    ((*_BGP, r"^address-family "), 10),
    # Whoever calls from a range comes up at once: the group's policy stands by then.
    ((*_BGP, r"^bgp listen range "), 15),
    ((*_BGP, r"^no neighbor \S+ shutdown\b"), 20),
    # Within a family: the new policy stands before the old one goes, and both before a session
    # starts to carry routes. A member says that it differs from its group after the group spoke.
    ((*_FAMILY, rf"^no neighbor {_GROUP} activate$"), -10),
    ((*_FAMILY, r"^no neighbor \S+ \S+-(map|list) "), 5),
    ((*_FAMILY, rf"^neighbor {_GROUP} activate$"), 10),
    ((*_FAMILY, rf"^no neighbor {_ADDRESS} activate$"), 20),
    ((*_FAMILY, rf"^neighbor {_ADDRESS} activate$"), 30),
    # Within a clause: conditions first, and a condition goes only when its successor stands.
    ((*_CLAUSE, r"^match "), -10),
    ((*_CLAUSE, r"^no "), 10),
    # What stands under one name in FRR, but is not overwritten by another kind of it.
    ((*_CLAUSE, rf"^no set ({_REPLACED})"), -5),
)


def _rules(patterns: tuple[str, ...]) -> tuple[MatchRule, ...]:
    return tuple(MatchRule(re_search=pattern) for pattern in patterns)


class FrrDriver(HConfigDriverBase):
    """FRR, as measured on 8.4.4."""

    @staticmethod
    def _instantiate_rules() -> HConfigDriverRules:
        return HConfigDriverRules(
            indentation=1,
            per_line_sub=[PerLineSubRule(search=search, replace="") for search in NOT_SHOWN],
            idempotent_commands=[
                IdempotentCommandsRule(match_rules=_rules(patterns)) for patterns in IDEMPOTENT
            ],
            sectional_exiting=[
                SectionalExitingRule(match_rules=_rules(patterns), exit_text=text)
                for patterns, text in EXITS
            ],
            ordering=[
                OrderingRule(match_rules=_rules(patterns), weight=weight)
                for patterns, weight in ORDER
            ],
            negate_with=[
                NegationDefaultWithRule(match_rules=_rules(patterns), use=default)
                for patterns, default in DEFAULTS
            ],
            negation_sub=[
                NegationSubRule(
                    match_rules=_rules(patterns), search=rf"^no ({command}) .*", replace=r"no \1"
                )
                for patterns, command in BARE_NEGATIONS
            ],
        )
