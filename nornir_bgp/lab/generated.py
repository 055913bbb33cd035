"""A network of any size to try things on: what it is made of, drawn from a seed.

It has the shape of the reference network: customers behind edge routers, a core LAN with an IBGP
full mesh, and gateways with one upstream each. An upstream does not announce everything: which
gateways reach a prefix is one of many combinations, and some upstreams are one AS further away
from a region of addresses than others, so that BGP by itself does not send everything to one
gateway.
:mod:`nornir_bgp.lab.generated_files` writes it down.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import Field

from nornir_bgp.lab.sizes import LARGEST, MOST_CUSTOMERS, MOST_PREFIXES
from nornir_bgp.models.base import Model
from nornir_bgp.models.fields import Flag, Load

DESTINATIONS = IPv4Network("10.128.0.0/9")
IPV6_DESTINATIONS = IPv6Network("fd80::/16")
"""Where the prefixes of the upstreams lie: private addresses, which exist in the lab only."""

LONGEST: Mapping[int, int] = {4: 24, 6: 48}
"""The length of the longest prefixes, by address family."""

_SHORTER = {0: 70, 1: 12, 2: 10, 3: 5, 4: 3}
"""How many bits a prefix is shorter than the longest: weights as in a table of the Internet,
where most prefixes are /24, or /48."""

_REGION = 9
"""How many bits a region is shorter than the longest prefixes."""

_COMBINATIONS = 50
_EVERYWHERE = 0.4
_FAR = 1 / 3
_SHAPE = 1.1
_MEAN_LOAD = 100
_FULLNESS = 0.6
_MEAN_OF_SHAPE = _SHAPE / (_SHAPE - 1)


class Size(Model):
    """How large a network is wanted.

    Attributes:
        gateways: gateways, each with an upstream of its own.
        edges: edge routers, to each of which every customer is connected.
        customers: customer routers, each with a host behind it.
        prefixes: prefixes that the upstreams announce, all together.
        ipv6: run both families; every fourth prefix is one of IPv6.
        capacities: of the upstream links, in the unit of the predictions, one after another and
            again from the start; none: the links are taken for equal. With them the predictions
            come to 60 % of what all links can carry.
        seed: another one draws another network.
    """

    gateways: Annotated[int, Field(strict=True, ge=1, le=LARGEST)]
    edges: Annotated[int, Field(strict=True, ge=1, le=LARGEST)]
    customers: Annotated[int, Field(strict=True, ge=1, le=MOST_CUSTOMERS)] = 2
    prefixes: Annotated[int, Field(strict=True, ge=1, le=MOST_PREFIXES)]
    ipv6: Flag = False
    capacities: tuple[Annotated[Load, Field(ge=1)], ...] = ()
    seed: Annotated[int, Field(strict=True, ge=0)] = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A network that was drawn.

    Attributes:
        size: what was asked for.
        reach: prefix -> the numbers, from 0, of the gateways whose upstream announces it; in the
            order of the addresses, IPv4 first.
        far: the regions from which each upstream, by its number, is one AS further away.
        predictions: customer -> prefix -> load; heavy-tailed (Pareto, shape 1.1), each prefix
            with one customer, and with no load above that of a fair share of three links.
    """

    size: Size
    reach: Mapping[str, frozenset[int]]
    far: tuple[tuple[str, ...], ...]
    predictions: Mapping[str, Mapping[str, int]]


def customer_name(number: int) -> str:
    """The name of a customer in the predictions, of its number from 0."""
    return f"C{number + 1}"


def draw(size: Size) -> Drawn:
    """Draw a network; the same size and seed give the same one."""
    chance = random.Random(size.seed)  # noqa: S311 - it is to be the same each time
    ipv6 = size.prefixes // 4 if size.ipv6 else 0
    prefixes = _blocks(DESTINATIONS, size.prefixes - ipv6, chance)
    prefixes += _blocks(IPV6_DESTINATIONS, ipv6, chance)
    combinations = _combinations(size.gateways, chance)
    everywhere = frozenset(range(size.gateways))
    reach = {
        prefix: everywhere if chance.random() < _EVERYWHERE else chance.choice(combinations)
        for prefix in prefixes
    }
    regions = dict.fromkeys(map(_region, prefixes))
    far = tuple(
        tuple(region for region in regions if chance.random() < _FAR) for _ in range(size.gateways)
    )
    return Drawn(size, reach, far, _predictions(prefixes, size, chance))


def _blocks(within: IPv4Network | IPv6Network, count: int, chance: random.Random) -> list[str]:
    """Cut prefixes out of a network, one behind the other, each where its length may start."""
    longest = LONGEST[within.version]
    found: list[str] = []
    place = 0  # in units of the longest prefixes
    for shorter in chance.choices(list(_SHORTER), list(_SHORTER.values()), k=count):
        units = 1 << shorter
        place += -place % units
        bits = int(within.network_address) + (place << (within.max_prefixlen - longest))
        found.append(str(ip_network((bits, longest - shorter))))
        place += units
    return found


def _region(prefix: str) -> str:
    """Return the region that a prefix lies in."""
    network = ip_network(prefix)
    return str(network.supernet(new_prefix=LONGEST[network.version] - _REGION))


def _combinations(gateways: int, chance: random.Random) -> list[frozenset[int]]:
    """Draw the sets of gateways that reach a prefix, of three or more where there are three."""
    fewest = min(3, gateways)
    most = max(fewest, gateways - 1)
    return [
        frozenset(chance.sample(range(gateways), chance.randint(fewest, most)))
        for _ in range(_COMBINATIONS)
    ]


def _predictions(
    prefixes: list[str], size: Size, chance: random.Random
) -> dict[str, dict[str, int]]:
    shares = [chance.paretovariate(_SHAPE) / _MEAN_OF_SHAPE for _ in prefixes]
    total = float(_MEAN_LOAD * len(prefixes))
    if size.capacities:
        links = (size.capacities[n % len(size.capacities)] for n in range(size.gateways))
        total = _FULLNESS * sum(links)
    scale = total / sum(shares)
    largest = total / (3 * size.gateways)
    found: dict[str, dict[str, int]] = {customer_name(n): {} for n in range(size.customers)}
    for prefix, share in zip(prefixes, shares, strict=True):
        customer = customer_name(chance.randrange(size.customers))
        found[customer][prefix] = max(1, round(min(share * scale, largest)))
    return {customer: loads for customer, loads in found.items() if loads}
