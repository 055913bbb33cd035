"""Routers that forward as they say; FRR 8.4 may lose that when links fail one after another.

When a link goes, Linux takes its next hops out of each group of next hops, and an empty group with
them. zebra keeps a group that no route uses for three minutes, and believes that it is still
installed (`show ip route` then marks the routes `r`, and every packet is answered "unreachable"),
while BGP's tables are as they should be.
"""

import json

from nornir_bgp.deadline import wait_for
from nornir_bgp.lab.lab import Lab
from tests.lab.typed import configure


def not_installed(lab: Lab, router: str) -> dict[str, list[str]]:
    """Prefix -> next hops, of the routes that the kernel has refused."""
    routes = json.loads(lab.vtysh(router, "show ip route json"))
    return {
        prefix: [hop["ip"] for hop in entry["nexthops"] if "ip" in hop]
        for prefix, entries in routes.items()
        for entry in entries
        if entry.get("failed")
    }


def mend_forwarding(lab: Lab) -> None:
    """Let zebra forget the groups that the kernel does not have, where there are any."""
    for router in lab.routers:
        if refused := not_installed(lab, router):
            _forget_groups(lab, router, {hop for hops in refused.values() for hop in hops[1:]})


def _forget_groups(lab: Lab, router: str, neighbors: set[str]) -> None:
    """Take all but one next hop away until the routes stand on that one, and give them back."""
    number = json.loads(lab.vtysh(router, "show bgp ipv4 unicast summary json"))["as"]
    configure(lab, router, "zebra nexthop-group keep 1")
    bgp = f"router bgp {number}"
    configure(lab, router, bgp, *(f"neighbor {hop} shutdown" for hop in sorted(neighbors)))
    left = wait_for(lambda: not_installed(lab, router), lambda routes: not routes, seconds=20)
    assert not left, f"{router}: {left}"
    configure(lab, router, bgp, *(f"no neighbor {hop} shutdown" for hop in sorted(neighbors)))
    configure(lab, router, "no zebra nexthop-group keep 1")
    lab.wait_established()
    lab.wait_settled()
    left = wait_for(lambda: not_installed(lab, router), lambda routes: not routes, seconds=20)
    assert not left, f"{router}: {left}"
