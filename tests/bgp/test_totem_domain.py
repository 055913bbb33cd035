"""TOTEM's domains: its two published files, and each thing that one may say."""

import heapq
import re
from ipaddress import IPv4Address
from pathlib import Path
from xml.etree import ElementTree

import pytest

from nornir_bgp.bgp.as_path import AsPath
from nornir_bgp.bgp.domain import Announcement, Domain
from nornir_bgp.bgp.propagation import propagate
from nornir_bgp.bgp.route import Route
from nornir_bgp.bgp.totem_domain import parse_totem_domain
from nornir_bgp.exceptions import InputError

DOMAIN = """\
<?xml version="1.0"?>
<domain ASID="65001">
  <topology>
    <nodes>
      <node id="A"><rid>192.0.2.11</rid></node>
      <node id="B"/>
      <node id="C"><status>UP</status></node>
      <node id="D"><status>DOWN</status></node>
    </nodes>
    <links>
      <link id="ab"><from node="A" if="0"/><to node="B" if="0"/></link>
      <link id="ba"><from node="B" if="0"/><to node="A" if="0"/></link>
      <link id="bc"><from node="B"/><to node="C"/></link>
      <link id="cb"><from node="C"/><to node="B"/></link>
      <link id="ac"><from node="A" if="1"/><to node="C" if="1"/><status>DOWN</status></link>
      <link id="ad"><from node="A" if="2"/><to node="D" if="1"/></link>
    </links>
  </topology>
  <igp><links>
    <link id="ab"><static><metric>10.4</metric></static></link>
    <link id="ba"><static><metric>7</metric></static></link>
    <link id="bc"><static><metric>3</metric></static></link>
    <link id="cb"><static><metric>5</metric></static></link>
  </links></igp>
  <bgp><routers>
    <router id="A"><rid>192.0.2.11</rid><neighbors>
      <neighbor ip="192.0.2.1" as="65001"/>
      <neighbor ip="10.9.0.1" as="65009" next-hop-self="true"/>
    </neighbors></router>
    <router id="B"><neighbors>
      <neighbor ip="192.0.2.11" as="65001" reflector-client="true"/>
      <neighbor ip="192.0.2.2" as="65001" reflector-client="1" next-hop-self="false"/>
    </neighbors></router>
    <router id="C"><neighbors>
      <neighbor ip="192.0.2.1" as="65001"/>
      <neighbor ip="10.9.0.2" as="65008"/>
    </neighbors></router>
    <router id="D"><neighbors/></router>
  </routers></bgp>
</domain>
"""
PREFIX = "198.51.100.0/24"


def parse(text: str) -> Domain:
    return parse_totem_domain(text.encode(), "domain.xml")


def test_abilene(shared_data: Path) -> None:
    """11 routers in full mesh, 7 neighbours outside; every route reaches every router."""
    file = shared_data / "totem" / "abilene.xml"
    domain = parse_totem_domain(file.read_bytes(), str(file))
    assert len(domain.routers) == 11
    assert domain.problems() == ()
    assert {router.as_number for router in domain.routers.values()} == {11537}
    assert [(peer.router, peer.as_number) for peer in domain.peers] == [
        ("CHIN", 20965),
        ("NYCM", 20965),
        ("WASH", 20965),
        ("SNVA", 1239),
        ("SNVA", 3356),
        ("SNVA", 2914),
        ("SNVA", 2914),
    ]
    for router in domain.routers.values():
        inside = [session for session in router.sessions if session.remote_as == 11537]
        assert len(inside) == 10
        assert {session.update_source for session in inside} == {"lo"}


def shortest(file: Path) -> dict[str, dict[str, float]]:
    """Dijkstra over the metrics of the file, which is read by another parser."""
    root = ElementTree.parse(file).getroot()  # noqa: S314 - a published file
    metrics = {
        link.get("id"): float(link.findtext("static/metric"))
        for link in root.iter("link")
        if link.find("static") is not None
    }
    ways: dict[str, list[tuple[str, float]]] = {}
    for link in root.findall("topology/links/link"):
        way = link.find("to").get("node"), metrics[link.get("id")]
        ways.setdefault(link.find("from").get("node"), []).append(way)
    found: dict[str, dict[str, float]] = {}
    for start in ways:
        reached: dict[str, float] = {}
        waiting = [(0.0, start)]
        while waiting:
            cost, node = heapq.heappop(waiting)
            if node not in reached:
                reached[node] = cost
                for far, metric in ways[node]:
                    heapq.heappush(waiting, (cost + metric, far))
        found[start] = reached
    return found


def test_igp_costs_of_abilene(shared_data: Path) -> None:
    """What a route costs to its next hop is the length of the shortest path in the file."""
    file = shared_data / "totem" / "abilene.xml"
    domain = parse_totem_domain(file.read_bytes(), str(file))
    costs = shortest(file)
    for peer in domain.peers:
        route = Route(peer.address, AsPath.parse(f"{peer.as_number} 65010"))
        outcome = propagate(domain, [Announcement(peer.router, peer.address, PREFIX, route)])
        for name in domain.routers:
            (candidate,), decision = outcome.table(name, PREFIX)
            assert decision.best == 0
            if name != peer.router:
                assert candidate.route.next_hop == domain.routers[peer.router].router_id
                assert candidate.igp_metric == costs[name][peer.router]


def test_the_domain_without_bgp(shared_data: Path) -> None:
    file = shared_data / "totem" / "test-domain1.xml"
    domain = parse_totem_domain(file.read_bytes(), str(file))
    assert list(domain.routers) == ["0", "1", "2", "3", "4"]
    assert not any(router.sessions for router in domain.routers.values())
    assert len(domain.routers["2"].interfaces) == 5  # four links and the loopback


def test_what_a_domain_says() -> None:
    domain = parse(DOMAIN)
    a, b, c = (domain.routers[name] for name in "ABC")
    assert (a.router_id, b.router_id, c.router_id) == ("192.0.2.11", "192.0.2.1", "192.0.2.2")
    assert {i.name: (str(i.address), i.ospf_cost) for i in a.interfaces} == {
        "lo": ("192.0.2.11/32", 0),
        "if0": ("100.64.0.0/31", 10),  # 10.4, rounded
        "ext0": ("10.9.0.0/31", 0),
    }
    assert {i.name: (str(i.address), i.ospf_cost) for i in b.interfaces} == {
        "lo": ("192.0.2.1/32", 0),
        "if0": ("100.64.0.1/31", 7),
        "to-C": ("100.64.0.2/31", 3),
    }
    # 10.9.0.3 would do on a /31, but for nothing else: addresses of others are not taken
    assert [str(i.address) for i in c.interfaces] == [
        "192.0.2.2/32",
        "100.64.0.3/31",
        "10.9.0.3/31",
    ]
    assert [session.next_hop_self for session in a.sessions] == [True, False]
    assert [session.reflector_client for session in b.sessions] == [True, True]
    assert [session.reflector_client for session in c.sessions] == [False, False]
    assert [(p.router, p.address, p.as_number, p.name) for p in domain.peers] == [
        ("A", "10.9.0.1", 65009, "AS65009"),
        ("C", "10.9.0.2", 65008, "AS65008"),
    ]
    assert domain.problems() == ()


def test_routes_go_through_the_reflector() -> None:
    domain = parse(DOMAIN)
    route = Route("10.9.0.1", AsPath.parse("65009"))
    outcome = propagate(domain, [Announcement("A", "10.9.0.1", PREFIX, route)])
    (candidate,), decision = outcome.table("C", PREFIX)
    assert decision.best == 0
    assert candidate.route.next_hop == "192.0.2.11"
    assert candidate.route.originator_id == "192.0.2.11"
    assert candidate.igp_metric == 5 + 7


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (DOMAIN, "", "domain.xml:1: not XML: no element found"),
        ("</domain>", "", "domain.xml:41: not XML: no element found"),
        ("</domain>", "</area>", "domain.xml:40: not XML: mismatched tag"),
        ("<domain", "<network", "domain.xml:40: not XML: mismatched tag"),
        ('<?xml version="1.0"?>', '<!DOCTYPE domain [<!ENTITY x "y">]>', "xml:1: a DOCTYPE is not"),
        (' ASID="65001"', "", "domain.xml:2: <domain>: no attribute 'ASID'; add it"),
        ("65001", "0", "domain.xml:2: <domain>: '0' is no AS number"),
        ('<node id="B"/>', '<node id="A"/>', "domain.xml:6: <node>: node 'A' is there twice"),
        ('<node id="B"/>', "<node/>", "domain.xml:6: <node>: no attribute 'id'"),
        ("192.0.2.11</rid></node>", "192.0.2</rid></node>", "xml:5: <rid>: '192.0.2' is no IPv4"),
        ('C"><status>UP', 'C"><rid>192.0.2.11</rid><status>UP', "xml:7: <rid>: another node has"),
        ('<to node="B" if="0"/>', '<to node="X" if="0"/>', "xml:11: <to>: there is no node 'X'"),
        ('<to node="B" if="0"/>', "", "domain.xml:11: <link>: no <to>; add it"),
        ("10.4", "fast", "domain.xml:20: <metric>: 'fast' is no metric"),
        ("10.4", "-1", "domain.xml:20: <metric>: '-1' is no metric"),
        ("10.4", "inf", "domain.xml:20: <metric>: 'inf' is no metric"),
        ('ip="10.9.0.1"', 'ip="10.9"', "domain.xml:28: <neighbor>: '10.9' is no IPv4 address"),
        ('as="65009"', 'as="x"', "domain.xml:28: <neighbor>: 'x' is no AS number"),
        ('next-hop-self="true"', 'next-hop-self="yes"', "xml:28: <neighbor>: next-hop-self='yes'"),
        ('next-hop-self="true"', 'weight="3"', "xml:28: <neighbor>: attribute 'weight' is not"),
        ("<neighbors/>", "<filter/>", "domain.xml:38: <filter>: what this says of a BGP router"),
        ('<router id="D">', '<router id="C">', "domain.xml:38: <router>: router 'C' is there"),
    ],
)
def test_faults_are_named_with_their_line(old: str, new: str, message: str) -> None:
    assert old in DOMAIN
    with pytest.raises(InputError, match=re.escape(message)):
        parse(DOMAIN.replace(old, new, 1))


def test_made_up_addresses_are_nobody_elses() -> None:
    """Eight neighbours side by side fill the /31s around each other."""
    neighbours = "".join(f'<neighbor ip="10.9.0.{n}" as="65009"/>' for n in range(1, 9))
    text = DOMAIN.replace('<neighbor ip="10.9.0.2" as="65008"/>', "").replace(
        '<neighbor ip="10.9.0.1" as="65009" next-hop-self="true"/>', neighbours
    )
    router = parse(text).routers["A"]
    outer = [i.address for i in router.interfaces if i.name.startswith("ext")]
    given = {IPv4Address(f"10.9.0.{n}") for n in range(1, 9)}
    assert len({interface.ip for interface in outer} | given) == 16
    for n, interface in enumerate(outer, 1):
        assert IPv4Address(f"10.9.0.{n}") in interface.network
