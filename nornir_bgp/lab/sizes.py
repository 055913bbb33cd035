"""How large a generated network may be; apart from it, so that ``--help`` needs nothing else."""

LARGEST = 32
"""The largest number of gateways, and of edge routers."""

MOST_CUSTOMERS = 16
MOST_PREFIXES = 10_000
