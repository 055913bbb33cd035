"""A router's configuration of which only some lines matter."""

from nornir_bgp.frr.routing_config import parse_router
from nornir_bgp.models.routing import Router

BGP = "router bgp 65020\n bgp router-id 1.1.1.1\n"
FAMILY = " address-family ipv4 unicast\n"


def read(*lines: str, process: str = "", family: str = "") -> Router:
    """Read a router of which only some lines matter; those of the process are separated by /."""
    inside = "".join(f" {line.strip()}\n" for line in process.split(" / ") if line)
    within = "".join(f"  {line.strip()}\n" for line in family.split(" / ") if line)
    text = f"{BGP}{inside} !\n{FAMILY}{within} exit-address-family\nexit\n!\n"
    return parse_router("\n".join(lines) + "\n" + text, "R")


ONE = "neighbor 10.0.5.1 remote-as 65004"
