"""nornir-bgp: which gateway carries which prefix, put on FRR routers and proven there."""

from importlib.metadata import version

__version__ = version("nornir-bgp")
