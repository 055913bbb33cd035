"""What a configuration says about policies."""

from ipaddress import IPv4Interface

from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.frr.prefix_list import Entry, PrefixList
from nornir_bgp.models.routing import (
    Clause,
    Match,
    PrefixRule,
    SetAction,
    TextRule,
)
from tests.frr.router_text import read

POLICY = """
ip prefix-list P seq 10 deny any
ip prefix-list P seq 5 permit 10.1.2.3/16 ge 17 le 24
ip prefix-list P permit 11.0.0.0/8
ip prefix-list NOTE description nothing yet
ipv6 prefix-list P seq 5 permit any
bgp as-path access-list A seq 5 permit ^65004_ 1$
ip as-path access-list A deny .*
bgp community-list standard S seq 5 permit 65535:65281 1:2
bgp community-list 10 seq 5 deny internet
bgp community-list 110 seq 5 permit _1:.*
bgp community-list expanded E seq 5 permit ^$
!
route-map M deny 20
 match community S exact-match
exit
!
route-map M permit 10
 description first
 match as-path A
 match ip address prefix-list P
 on-match goto 40
 set as-path prepend last-as 3
 set community 1:2 no-export 1:1 additive
 set local-preference +5
exit
!
route-map M permit 30
 match origin egp
 match ipv6 address prefix-list P
 continue
 set ipv6 next-hop prefer-global
 set ip next-hop peer-address
exit
!
"""


def test_policy_objects() -> None:
    router = read(POLICY)
    assert router.not_modelled == ()
    assert router.prefix_lists == {
        "P": (
            PrefixRule(True, "10.1.0.0/16", 17, 24),
            PrefixRule(False, "0.0.0.0/0", 0, 32),
            PrefixRule(True, "11.0.0.0/8", 8, 8),
        ),
        "NOTE": (),
    }
    assert router.as_path_lists == {"A": (TextRule(True, "^65004_ 1$"), TextRule(False, ".*"))}
    assert router.community_lists == {
        "S": (TextRule(True, "1:2 no-export", standard=True),),
        "10": (TextRule(False, "internet", standard=True),),
        "110": (TextRule(True, "_1:.*"),),
        "E": (TextRule(True, "^$"),),
    }
    first, second, third = router.route_maps["M"]
    assert first == Clause(
        number=10,
        permits=True,
        matches=(Match("as-path", "A"), Match("prefix-list", "P")),
        sets=(
            SetAction("as-path prepend last-as", "3"),
            SetAction("community additive", "1:1 1:2 no-export"),
            SetAction("local-preference", "+5"),
        ),
        goto=40,
    )
    assert second == Clause(20, permits=False, matches=(Match("community exact", "S"),))
    assert (third.goto, third.matches[0].kind) == (31, "never")
    assert third.sets == (SetAction("next-hop", "peer-address"),)


@given(
    st.lists(st.integers(0, 2**32 - 1), max_size=6),
    st.integers(1, 32),
    st.sampled_from(["", " le 30", " ge 25", " ge 20 le 28"]),
)
def test_both_readers_of_prefix_lists_agree(addresses: list[int], length: int, more: str) -> None:
    bounds = more if length < 20 else ""
    rules = [f"permit {canonical(address, length)}{bounds}" for address in addresses]
    entries = [Entry(seq, rule) for seq, rule in enumerate(rules, start=1)]
    router = read(*(entry.line("X") for entry in entries))
    assert list(router.prefix_lists.get("X", ())) == [entry.prefix_rule for entry in entries]
    for address in addresses:
        permitted = PrefixList(entries).permits(canonical(address, length))
        assert permitted is ("ge" not in bounds)


def canonical(address: int, length: int) -> str:
    return str(IPv4Interface((address, length)).network)
