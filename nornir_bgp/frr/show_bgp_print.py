"""A BGP table as FRR 8.4 prints it: the way back from a :class:`~nornir_bgp.models.rib.Rib`.

The columns are those that :mod:`nornir_bgp.frr.show_bgp_text` reads.
"""

from collections.abc import Collection, Iterator

from nornir_bgp.models.rib import Path, Rib

_HEADER = """\
BGP table version is {version}, local router ID is {router_id}, vrf id 0
Default local pref {local_pref}, local AS {local_as}
Status codes:  s suppressed, d damped, h history, * valid, > best, = multipath,
               i internal, r RIB-failure, S Stale, R Removed
Nexthop codes: @NNN nexthop's vrf id, < announce-nh-self
Origin codes:  i - IGP, e - EGP, ? - incomplete
RPKI validation codes: V valid, I invalid, N Not found

   Network          Next Hop            Metric LocPrf Weight Path"""

_EMPTY = "No BGP prefixes displayed, 0 exist"
_NETWORK_WIDTH = 17
_NEXT_HOP_WIDTH = 16


def print_text(rib: Rib, prefixes: Collection[str] | None = None) -> str:
    """Print a table as ``show ip bgp`` does; a version that is not known is 0.

    Args:
        rib: the table.
        prefixes: print only these, in the table's order, and count them; ``None``: all.

    Returns:
        Text that :func:`~nornir_bgp.frr.show_bgp.parse_text` reads back, but for peers and
        reasons, which text does not tell.
    """
    routes = {p: paths for p, paths in rib.routes.items() if prefixes is None or p in prefixes}
    if not routes:
        return f"{_EMPTY}\n"
    total = sum(map(len, routes.values()))
    head = _HEADER.format(
        version=rib.version or 0,
        router_id=rib.router_id or "0.0.0.0",  # noqa: S104 - FRR's word for none
        local_pref=rib.default_local_pref,
        local_as=rib.local_as or 0,
    )
    rows = [row for prefix, paths in routes.items() for row in _rows(prefix, paths)]
    foot = ["", f"Displayed  {len(routes)} routes and {total} total paths", ""]
    return "\n".join([head, *rows, *foot])


def _rows(prefix: str, paths: tuple[Path, ...]) -> Iterator[str]:
    network = prefix
    for path in paths:
        row = _codes(path) + network
        if len(network) < _NETWORK_WIDTH:
            row = row.ljust(3 + _NETWORK_WIDTH)
        else:
            yield row
            row = " " * (3 + _NETWORK_WIDTH)
        row += path.next_hop
        if len(path.next_hop) < _NEXT_HOP_WIDTH:
            row = row.ljust(3 + _NETWORK_WIDTH + _NEXT_HOP_WIDTH)
        else:
            yield row
            row = " " * (3 + _NETWORK_WIDTH + _NEXT_HOP_WIDTH)
        metric = "" if path.metric is None else str(path.metric)
        local_pref = "" if path.local_pref is None else str(path.local_pref)
        as_path = f"{path.as_path} " if path.as_path else ""
        yield f"{row}{metric:>10}{local_pref:>7}{path.weight:>7} {as_path}{path.origin}"
        network = ""


def _codes(path: Path) -> str:
    choice = ">" if path.best else "=" if path.multipath else " "
    return f"{'*' if path.valid else ' '}{choice}{'i' if path.internal else ' '}"
