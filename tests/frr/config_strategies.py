"""Random configurations in FRR's own words, which it takes line by line."""

from hypothesis import strategies as st


def lines_of(*lines: str) -> st.SearchStrategy[list[str]]:
    """Some of these lines, in this order."""
    chosen = st.lists(st.booleans(), min_size=len(lines), max_size=len(lines))
    return chosen.map(lambda on: [line for line, is_on in zip(lines, on, strict=True) if is_on])


NAMES = ["A", "B", "C"]
PREFIX_RULES = [
    *("any", "0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/8 le 24", "10.1.0.0/16 ge 17"),
    *("10.1.0.0/16 ge 20 le 28", "192.0.2.0/24", "192.0.2.128/25 le 32"),
]
PATTERNS = ["^65004_", "_65010$", ".*", "^$", "^65004 [0-9]+ (65010_)+", "6500[1-9]"]
STANDARD = ["65020:1", "no-export", "65020:1 65020:2", "internet", "blackhole no-peer"]
EXPANDED = ["_65020:.*", "^$", "65020:1(00)?", "no-export"]
ACTIONS = st.sampled_from(["permit", "deny"])


@st.composite
def entries(draw: st.DrawFn, rules: list[str]) -> list[tuple[int, str, str]]:
    """Entries as (number, action, rule); FRR does not take a rule twice."""
    chosen = draw(st.lists(st.sampled_from(rules), unique=True, min_size=1))
    numbers = draw(st.permutations(range(5, 5 + 5 * len(chosen), 5)))
    return [(n, draw(ACTIONS), rule) for n, rule in zip(numbers, chosen, strict=True)]


@st.composite
def lists(draw: st.DrawFn) -> list[str]:
    kinds = (
        ("ip prefix-list {}", NAMES, PREFIX_RULES),
        ("bgp as-path access-list {}", NAMES, PATTERNS),
        ("bgp community-list standard {}", NAMES[:2], STANDARD),
        ("bgp community-list expanded {}", NAMES[2:], EXPANDED),
        ("bgp community-list {}", ["9"], STANDARD),
        ("bgp community-list {}", ["109"], EXPANDED),
    )
    return [
        f"{head.format(name)} seq {number} {action} {rule}"
        for head, names, rules in kinds
        for name in draw(st.lists(st.sampled_from(names), unique=True))
        for number, action, rule in draw(entries(rules))
    ]


MATCHES = lines_of(
    *("match as-path A", "match community B exact-match", "match ip address prefix-list C"),
    *("match ipv6 address prefix-list A", "match local-preference 0", "match metric 5"),
    "match origin incomplete",
)
UNKNOWN = lines_of("match large-community A", "match ip next-hop 5", "match tag 5")
CHANGES = st.one_of(
    lines_of(
        *("set as-path prepend 65020 65020", "set comm-list A delete", "set community none"),
        *("set ip next-hop 10.0.0.9", "set local-preference -5", "set metric +10"),
        *("set origin egp", "set weight 9"),
    ),
    lines_of(
        *("set as-path exclude 65020", "set as-path prepend last-as 3"),
        *("set community 65020:2 65020:1 no-export additive", "set ip next-hop peer-address"),
        *("set local-preference 4294967295", "set metric rtt", "set tag 5"),
    ),
)


@st.composite
def route_maps(draw: st.DrawFn) -> list[str]:
    lines: list[str] = []
    for name in draw(st.lists(st.sampled_from(["M", "N"]), unique=True)):
        numbers = st.lists(st.integers(1, 65000), unique=True, min_size=1, max_size=4)
        for number in draw(numbers):
            action = draw(ACTIONS)
            goto = st.sampled_from([[], ["on-match next"], [f"on-match goto {number + 7}"]])
            onward = draw(goto) if action == "permit" else []
            lines += [f"route-map {name} {action} {number}"]
            inside = (*draw(MATCHES), *draw(UNKNOWN), *onward, *draw(CHANGES))
            lines += [*(f" {line}" for line in inside), "exit"]
    return lines


INTERFACES = st.tuples(
    lines_of("interface eth1", " ip address 10.0.5.0/31", " ip ospf area 0", " ip ospf cost 7"),
    lines_of("interface eth2", " bandwidth 100", " ip address 172.16.0.1/24", " ip ospf passive"),
    lines_of("interface lo", " ip address 192.168.3.1/32"),
).map(lambda found: [line for part in found if part and part[0].startswith("int") for line in part])

NEAR = lines_of(
    *("ip route 0.0.0.0/0 10.0.5.1", "ip route 10.7.0.0/16 Null0", "ip route 10.8.0.0/16 eth1"),
    "ip route 10.9.0.0/16 10.0.5.1 200",
)
OSPF = lines_of(
    *("router ospf", " ospf router-id 1.1.1.1", " auto-cost reference-bandwidth 40000"),
    " redistribute connected",
).map(lambda lines: lines if lines and lines[0] == "router ospf" else [])

PROCESS = lines_of(
    *("bgp always-compare-med", "no bgp ebgp-requires-policy", "no bgp default ipv4-unicast"),
    *("bgp default local-preference 120", "bgp cluster-id 1.2.3.4", "bgp deterministic-med"),
    *("bgp bestpath as-path ignore", "bgp bestpath as-path confed", "timers bgp 3 9"),
    *("bgp bestpath as-path multipath-relax", "bgp bestpath compare-routerid"),
    *("bgp bestpath med confed missing-as-worst", "no bgp network import-check"),
    *("bgp route-reflector allow-outbound-policy", "bgp max-med administrative"),
    *("bgp disable-ebgp-connected-route-check", "no bgp client-to-client reflection"),
)
ANY_SESSION = ("update-source lo", "description to {}", "password hidden", "timers 3 9", "shutdown")
EXTERNAL = lines_of(*ANY_SESSION, "ebgp-multihop 2", "disable-connected-check", "local-as 65111")
INTERNAL = lines_of(*ANY_SESSION, "passive")
FILTERS = (
    *("weight 5", "route-map M in", "route-map N out", "prefix-list A in", "prefix-list B out"),
    *("filter-list C in", "allowas-in 2", "next-hop-self force", "default-originate"),
    "soft-reconfiguration inbound",
)
FAMILY = lines_of(
    *("network 10.1.0.0/16 route-map M", "network 10.0.0.0/8", "redistribute static"),
    *("aggregate-address 10.0.0.0/8 as-set summary-only", "maximum-paths 4"),
    *("aggregate-address 10.0.0.0/7", "maximum-paths ibgp 2 equal-cluster-length"),
)


@st.composite
def processes(draw: st.DrawFn) -> list[str]:
    process = ["router bgp 65020", *(f" {line}" for line in draw(PROCESS))]
    family = [f"  {line}" for line in draw(FAMILY)]
    grouped = draw(st.lists(st.sampled_from(["10.0.0.2", "10.0.0.3", "fd00::2"]), unique=True))
    sessions = [
        ("G", "peer-group"),
        ("G", "remote-as 65020"),
        *((m, "peer-group G") for m in grouped),
    ]
    sessions += [("10.0.5.1", "remote-as 65004"), ("10.0.5.11", "remote-as 65005")]
    sessions += [("10.0.0.9", "remote-as internal")]
    process += [f" neighbor {name} {line}" for name, line in sessions]
    for name in ("G", "10.0.5.1", "10.0.5.11", "10.0.0.9", *grouped):
        is_external = name.startswith("10.0.5")
        lines = draw(EXTERNAL if is_external else INTERNAL)
        process += [f" neighbor {name} {line.format(name)}" for line in lines]
        only = "remove-private-AS" if is_external else "route-reflector-client"
        inside = draw(lines_of("activate", only, *FILTERS))
        if name not in grouped:
            family += [f"  neighbor {name} {line}" for line in inside]
            family += draw(lines_of(f"  no neighbor {name} send-community"))
        else:
            family += [f"  neighbor {name} {line}" for line in inside if " " in line]
            family += draw(lines_of(f"  no neighbor {name} activate"))
    return [*process, " !", " address-family ipv4 unicast", *family, " exit-address-family", "exit"]


def configurations() -> st.SearchStrategy[str]:
    """Whole configurations of a router."""
    parts = st.tuples(INTERFACES, NEAR, lists(), route_maps(), processes(), OSPF)
    return parts.map(lambda all_: "\n".join(x for part in all_ for x in (*part, "!")) + "\n")
