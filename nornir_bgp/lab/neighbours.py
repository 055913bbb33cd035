"""The kernel's one table of neighbours, which all namespaces of a machine share.

Where more routers talk to one another than it has room for, addresses are no longer resolved, and
what is seen is an SSH server that does not answer, or a session that does not come up.
"""

from collections import Counter
from pathlib import Path

from nornir_bgp.lab.spec import LabSpec
from nornir_bgp.lab.topology import Role

LIMIT = Path("/proc/sys/net/ipv4/neigh/default/gc_thresh3")
"""The largest number of entries (arp(7)); a container does not see it."""


def neighbours(spec: LabSpec) -> int:
    """Return how many entries a lab needs when all that share a link talk to one another."""
    bridges = {node.name for node in spec.nodes if node.role is Role.BRIDGE}
    members = Counter(
        end[0] for link in spec.links for end in (link.a, link.b) if end[0] in bridges
    )
    cables = sum(link.a[0] not in bridges and link.b[0] not in bridges for link in spec.links)
    managed = sum(node.management is not None for node in spec.nodes)
    return sum(n * (n - 1) for n in members.values()) + 2 * (cables + managed)


def crowded(spec: LabSpec, limit: Path = LIMIT) -> str:
    """Say, behind what has failed, that a lab may need more entries than there are; or nothing."""
    try:
        room = int(limit.read_text("ascii"))
    except (OSError, ValueError):
        return ""
    wanted = neighbours(spec)
    if wanted <= room:
        return ""
    return (
        f"; its routers may need {wanted:,} ARP entries, and this machine has room for {room:,}: "
        f"as root, `sysctl -w net.ipv4.neigh.default.gc_thresh3={4 * wanted}`, or take fewer "
        "routers"
    )
