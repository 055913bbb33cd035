"""Identifiers that FRR writes like addresses: of routers, of clusters, of OSPF's areas."""

from ipaddress import IPv4Address


def parse_identifier(text: str) -> str:
    """Return an identifier as FRR shows it: ``0`` and ``0.0.0.0`` are ``0.0.0.0``.

    Raises:
        ValueError: it is none.
    """
    return str(IPv4Address(int(text) if text.isdecimal() else text))
