"""FRR's ``show bgp`` printed from its own format strings: NOT captured from a live router.

For the versions that cannot be installed beside the tests, tables are printed here as
``bgpd/bgp_route.c`` prints them: ``bgp_show_table()`` (header, footer, JSON frame),
``route_vty_short_status_out()`` (codes), ``route_vty_out_route()`` (network) and
``route_vty_out()`` (the rest), read in the sources of 8.3, 10.0 and 10.5; the indents of 8.5 and
10.1 are those of ``BGP_SHOW_HEADER`` in ``bgpd/bgp_route.h``. The format of 8.4 printed here is
compared with live captures of 8.4.4 by a test.
"""

from dataclasses import dataclass

import orjson

from nornir_bgp.models.rib import Path

LEGEND = """\
Status codes:  s suppressed, d damped, h history, {unsorted}* valid, > best, = multipath,
               i internal, r RIB-failure, S Stale, R Removed
Nexthop codes: @NNN nexthop's vrf id, < announce-nh-self
Origin codes:  i - IGP, e - EGP, ? - incomplete
RPKI validation codes: V valid, I invalid, N Not found

"""
HEADER = "Network          Next Hop            Metric LocPrf Weight Path"


@dataclass(frozen=True)
class Version:
    """What differs between versions.

    Attributes:
        indent: of the column header.
        rpki_column: a blank stands for no RPKI state; else nothing is printed for it.
        gap: printed after the codes.
        wrap: the blanks after a long next hop.
        footer: the format of the last line.
        unsorted: in the legend.
    """

    indent: int
    rpki_column: bool
    gap: str = ""
    wrap: int = 36
    footer: str = "Displayed {} routes and {} total paths"
    unsorted: str = ""


VERSIONS = {
    "8.4": Version(3, rpki_column=False, footer="Displayed  {} routes and {} total paths"),
    "8.5": Version(4, rpki_column=True, footer="Displayed  {} routes and {} total paths"),
    "10.0": Version(4, rpki_column=True),
    "10.1": Version(5, rpki_column=True, gap=" ", unsorted="u unsorted, "),
    "late 10.x": Version(5, rpki_column=True, gap=" ", unsorted="u unsorted, ", wrap=38),
}


@dataclass(frozen=True)
class Row:
    """A path and what is printed with it.

    Attributes:
        codes: the three status codes.
        rpki: ``V``, ``I``, ``N`` or a blank for no state.
        suffix: what follows the next hop's address: ``(HOSTNAME)@VRF<``.
    """

    path: Path
    codes: str
    rpki: str = " "
    suffix: str = ""


@dataclass(frozen=True)
class Table:
    """A whole table: its header's values and its rows."""

    version: int
    router_id: str
    local_pref: int
    local_as: int
    routes: dict[str, list[Row]]


def _pad(text: str, width: int, wrap: int) -> str:
    """``len = width - vty_out(...); if (len < 1) "\\n%*s" else "%*s"``, as all cells have it."""
    blanks = width - len(text)
    return text + ("\n" + " " * wrap if blanks < 1 else " " * blanks)


def _row(network: str, row: Row, version: Version) -> str:
    path = row.path
    metric = f"{path.metric:10}" if path.metric is not None else " " * 10
    local_pref = f"{path.local_pref:7}" if path.local_pref is not None else " " * 7
    as_path = f"{path.as_path} " if path.as_path else ""
    return (
        (row.rpki if version.rpki_column else row.rpki.strip())
        + row.codes
        + version.gap
        + (_pad(network, 17, 20) if network else " " * 17)
        + _pad(path.next_hop + row.suffix, 16, version.wrap)
        + f"{metric}{local_pref}{path.weight:7} {as_path}{path.origin}\n"
    )


def print_text(table: Table, version: Version) -> str:
    """The answer to ``show bgp ipv4 unicast`` or ``show bgp ipv6 unicast``."""
    if not table.routes:
        return "No BGP prefixes displayed, 0 exist\n"
    rows = "".join(
        _row(prefix if first else "", row, version)
        for prefix, paths in table.routes.items()
        for first, row in zip([True] + [False] * len(paths), paths, strict=False)
    )
    paths = sum(map(len, table.routes.values()))
    return (
        f"BGP table version is {table.version}, local router ID is {table.router_id}, vrf id 0\n"
        f"Default local pref {table.local_pref}, local AS {table.local_as}\n"
        + LEGEND.format(unsorted=version.unsorted)
        + f"{' ' * version.indent}{HEADER}\n{rows}\n"
        + version.footer.format(len(table.routes), paths)
        + "\n"
    )


def _json_path(prefix: str, row: Row) -> dict[str, object]:
    path, (state, choice, _) = row.path, row.codes
    address, _, length = prefix.partition("/")
    selected = {"bestpath": True, "selectionReason": "Router ID"}
    document: dict[str, object] = {
        **({"removed": True} if state == "R" else {}),
        **({"stale": True} if state == "S" else {}),
        **({"suppressed": True} if state == "s" else {}),
        **({"valid": True} if path.valid else {}),
        **({"history": True} if choice == "h" else {}),
        **({"damped": True} if choice == "d" else {}),
        **(selected if choice == ">" else {}),
        **({"multipath": True} if choice in ">=" else {}),
        "pathFrom": "internal" if path.internal else "external",
        "prefix": address,
        "prefixLen": int(length),
        "network": prefix,
        "version": 1,
        **({} if path.metric is None else {"metric": path.metric}),
        **({} if path.local_pref is None else {"locPrf": path.local_pref}),
        "weight": path.weight,
        "peerId": path.next_hop,
        "path": path.as_path,
        "origin": {"i": "IGP", "e": "EGP", "?": "incomplete"}[path.origin],
        "nexthops": [
            {"ip": path.next_hop, "hostname": "router", "afi": "ipv4", "used": True},
        ],
    }
    return document


def print_json(table: Table) -> bytes:
    """The answer to the same commands with ``json``."""
    routes = ",".join(
        f'"{prefix}": {orjson.dumps([_json_path(prefix, row) for row in rows]).decode()}'
        for prefix, rows in table.routes.items()
    )
    return (
        f'{{\n "vrfId": 0,\n "vrfName": "default",\n "tableVersion": {table.version},\n'
        f' "routerId": "{table.router_id}",\n "defaultLocPrf": {table.local_pref},\n'
        f' "localAS": {table.local_as},\n "routes": {{ {routes} }}  }} \n'
    ).encode()
