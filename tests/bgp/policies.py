"""Policies of every kind, and the routes that they are applied to."""

from collections.abc import Iterator, Mapping

from nornir_bgp.models.routing import Filters

KINDS: Mapping[str, tuple[str, ...]] = {
    "20.0.1.0/24": (),
    "20.0.2.0/24": ("set metric 50",),
    "20.0.3.0/24": ("set metric 4294967295", "set origin egp"),
    "20.0.4.0/24": ("set community 65004:100 65004:200",),
    "20.0.5.0/25": ("set community 65004:100 no-peer internet",),
    "20.0.6.0/24": ("set as-path prepend 65010 65011", "set origin incomplete"),
    "20.0.7.128/25": ("set as-path prepend 650101", "set community 65004:1000 blackhole"),
    "30.0.0.0/8": ("set community 4:100", "set metric 0"),
    "30.1.0.0/16": ("set as-path prepend 65010 65010",),
    "30.1.1.0/24": (),
    "30.1.1.1/32": ("set community 65004:100",),
    "0.0.0.0/0": ("set metric 7",),
}
"""What the upstream sends, and how each of them differs from a plain route."""
OWN = {
    prefix.replace("20.0.", "40.0.").replace("30.", "50."): how
    for prefix, how in KINDS.items()
    if prefix != "0.0.0.0/0"
}
"""What the gateway announces itself."""

LISTS = """
ip prefix-list EXACT seq 5 permit 20.0.1.0/24
ip prefix-list EXACT seq 10 permit 40.0.1.0/24
ip prefix-list LONGER seq 5 permit 30.0.0.0/8 ge 16 le 24
ip prefix-list LONGER seq 10 permit 50.0.0.0/8 ge 16 le 24
ip prefix-list HOLES seq 5 deny 30.1.1.0/24
ip prefix-list HOLES seq 10 deny 50.1.1.0/24 le 32
ip prefix-list HOLES seq 15 permit 0.0.0.0/0 le 32
ip prefix-list ANY seq 5 deny 20.0.2.0/24
ip prefix-list ANY seq 10 permit any
ip prefix-list DEFAULT seq 5 permit 0.0.0.0/0
ip prefix-list LATE seq 20 permit 20.0.0.0/8 le 24
ip prefix-list LATE seq 10 deny 20.0.4.0/24
ip prefix-list LATE seq 15 permit 40.0.0.0/16 ge 25
ip prefix-list NOTHING seq 5 deny any
ip prefix-list EMPTY description nothing in it
bgp as-path access-list TRANSIT seq 5 permit _65010_
bgp as-path access-list NEIGHBOUR seq 5 permit ^65004$
bgp as-path access-list LOCAL seq 5 permit ^$
bgp as-path access-list ALL seq 5 permit .*
bgp as-path access-list REPEATED seq 5 permit (65010 )+65010$
bgp as-path access-list RANGE seq 5 deny 6501[1-9]$
bgp as-path access-list RANGE seq 10 permit 65[0-9]{3}(_|$)
bgp as-path access-list CLASSES seq 5 permit ^[0-9]+ 65?0?10+_
bgp as-path access-list UNORDERED seq 20 permit .*
bgp as-path access-list UNORDERED seq 10 deny _65010_
bgp community-list standard HUNDRED seq 5 permit 65004:100
bgp community-list standard BOTH seq 5 permit 65004:200 65004:100
bgp community-list standard ALONE seq 5 permit 65004:100
bgp community-list standard NOTPEER seq 5 deny no-peer
bgp community-list standard NOTPEER seq 10 permit 65004:100
bgp community-list standard EVERY seq 5 permit internet
bgp community-list 10 seq 5 permit blackhole
bgp community-list expanded HUNDREDS seq 5 permit _65004:100_
bgp community-list expanded THOUSANDS seq 5 permit 65004:100
bgp community-list expanded CLASSES seq 5 permit ^[[:digit:]]+:100( |$)
bgp community-list expanded NONE seq 5 permit ^$
bgp community-list expanded SORTED seq 5 permit ^65004:100 65004:200$
bgp community-list 110 seq 5 deny 4:100
bgp community-list 110 seq 10 permit 4:[0-9]00
""".strip().splitlines()

MAPS: Mapping[str, str] = {
    "permit 10": "",
    "deny 10": "",
    "permit 11": "match ip address prefix-list EXACT",
    "permit 12": "match ip address prefix-list LONGER / set local-preference 200",
    "permit 13": "match ip address prefix-list HOLES / set metric 9",
    "permit 14": "match ip address prefix-list ANY",
    "permit 15": "match ip address prefix-list DEFAULT",
    "permit 16": "match ip address prefix-list LATE",
    "permit 17": "match ip address prefix-list NOWHERE",
    "permit 18": "match ip address prefix-list EMPTY / set metric 18",
    "deny 19": "match ip address prefix-list HOLES // permit 20",
    "deny 20": "match ip address prefix-list NOWHERE // permit 30 / set weight 30",
    "permit 21": "match as-path TRANSIT",
    "permit 22": "match as-path NEIGHBOUR / set metric 22",
    "permit 23": "match as-path LOCAL",
    "permit 24": "match as-path ALL / set origin egp",
    "permit 25": "match as-path REPEATED",
    "permit 26": "match as-path RANGE",
    "permit 27": "match as-path CLASSES",
    "permit 28": "match as-path UNORDERED",
    "permit 29": "match as-path NOWHERE",
    "permit 31": "match community HUNDRED",
    "permit 32": "match community BOTH",
    "permit 33": "match community ALONE exact-match",
    "permit 34": "match community NOTPEER",
    "permit 35": "match community EVERY",
    "permit 36": "match community EVERY exact-match",
    "permit 37": "match community 10",
    "permit 38": "match community HUNDREDS",
    "permit 39": "match community THOUSANDS exact-match",
    "permit 40": "match community NONE / set community 65020:1",
    "permit 41": "match community SORTED // permit 42 / match community CLASSES / set metric 42",
    "permit 42": "match community 110",
    "permit 43": "match community NOWHERE",
    "permit 44": "match metric 4294967295",
    "permit 45": "match metric 50 // permit 50 / match metric 7 / set metric 8",
    "permit 46": "match local-preference 0 / set metric 46",
    "permit 47": "match local-preference 100 / set metric 47",
    "permit 48": "match origin incomplete // permit 60 / match origin egp / set origin igp",
    "permit 49": "match ip address prefix-list HOLES / match community HUNDRED / match origin igp",
    "permit 51": "set local-preference +5",
    "permit 52": "set local-preference -5",
    "permit 53": "set metric +10",
    "permit 54": "set metric -20",
    "permit 55": "set weight 400 / set origin incomplete / set metric 55",
    "permit 56": "set as-path prepend 65020 65020",
    "permit 57": "set as-path prepend last-as 3",
    "permit 58": "set as-path prepend 65004 // permit 60",
    "permit 61": "set community 65020:1 no-advertise",
    "permit 62": "set community none",
    "permit 63": "set community 65020:63 65004:100 additive",
    "permit 64": "set comm-list HUNDRED delete",
    "permit 65": "set comm-list BOTH delete",
    "permit 66": "set comm-list HUNDREDS delete",
    "permit 67": "set comm-list EVERY delete",
    "permit 68": "set comm-list NOTPEER delete",
    "permit 69": "set comm-list NOWHERE delete",
    "permit 70": "set comm-list 110 delete / set community 65020:70 additive",
    "permit 71": "set ip next-hop 10.0.5.77",
    "permit 72": "set ip next-hop peer-address",
    "permit 73": "set ip next-hop unchanged",
    "permit 81": "match ip address prefix-list LONGER / on-match next / set metric 81"
    " // permit 82 / match community HUNDRED",
    "permit 82": "match ip address prefix-list LONGER / on-match next / set metric 82 // permit 90"
    " / set metric +1",
    "permit 83": "set metric 83 / on-match goto 95 // deny 90 // permit 95 / set metric +1",
    "permit 84": "set metric 84 / on-match goto 95 // deny 90",
    "permit 85": "set metric 85 / on-match goto 92 // deny 90 // permit 95 / match metric 85"
    " / set origin egp",
    "permit 86": "set metric 86 / on-match next",
    "permit 87": "continue 90 / set community 65020:87 // deny 90 / match community HUNDRED"
    " // permit 91 / set metric 91",
    "permit 88": "match ipv6 address prefix-list EXACT // permit 90 / match origin igp",
    "deny 89": "match as-path TRANSIT // permit 95",
}
"""The route-maps: the first clause -> what stands in it, and further clauses behind ``//``."""


def clauses(name: str, first: str, text: str) -> Iterator[str]:
    for clause in f"{first} / {text}".split(" // "):
        head, *lines = clause.split(" / ")
        yield f"route-map {name} {head}"
        yield from (line for line in lines if line)
        yield "exit"


def name_of(first: str) -> str:
    return "M" + first.replace(" ", "")


FILTERS: tuple[Filters, ...] = (
    *(Filters(route_map=name_of(first)) for first in MAPS),
    Filters(route_map="NOWHERE"),
    Filters(prefix_list="HOLES"),
    Filters(prefix_list="NOWHERE"),
    Filters(prefix_list="EMPTY"),
    Filters(prefix_list="NOTHING"),
    Filters(as_path_list="RANGE"),
    Filters(as_path_list="NOWHERE"),
    Filters(prefix_list="HOLES", as_path_list="UNORDERED", route_map="Mpermit53"),
    Filters(prefix_list="LONGER", route_map="Mpermit11"),
    Filters(as_path_list="TRANSIT", route_map="Mpermit56"),
)

OUTBOUND = tuple(
    filters
    for filters in FILTERS
    if "set " in MAPS.get((filters.route_map or "").replace("Mpermit", "permit "), "set ")
)
"""Those that change something, or are no route-map alone; conditions are the same both ways."""
