"""Flows, added up by time slot, customer and prefix."""

from collections import Counter
from collections.abc import Iterator, Mapping
from ipaddress import ip_network

from nornir_bgp.forecast.flow import Flow
from nornir_bgp.forecast.lookup import PrefixTable, block_of
from nornir_bgp.models.fields import canonical_prefix

EVERYBODY, OTHERS = "all", "others"
"""The customer where nothing says who it is, and of what is no known customer's."""


class Traffic:
    """What was sent, by slot, customer and prefix; flows are added one by one.

    A flow whose time spans slots is spread over them evenly by time, in whole bytes: what the
    slots hold is what the flows had, to the byte.

    Attributes:
        octets: (number of the slot since 1970, customer, prefix) -> bytes.
        unrouted: block of destinations (see :func:`block_of`) that no prefix holds -> bytes.
    """

    def __init__(
        self,
        window: int,
        routes: PrefixTable | None = None,
        customers: Mapping[str, str] | None = None,
    ) -> None:
        """Begin with nothing.

        Args:
            window: seconds of a slot.
            routes: the prefixes that destinations are matched with; ``None``: those of the export.
            customers: prefix of senders -> customer; ``None``: the customer of the export.
        """
        self.octets: Counter[tuple[int, str, str]] = Counter()
        self.unrouted: Counter[str] = Counter()
        self._window = window
        self._routes = routes
        self._customers = customers
        self._senders = None if customers is None else PrefixTable(customers)

    def add(self, flow: Flow) -> None:
        """Add a flow.

        Raises:
            ValueError: its addresses are none; or the export does not say its prefix, and there
                are no routes to match it with.
        """
        customer = self._customer(flow)
        prefix = self._prefix(flow)
        if prefix is None:
            self.unrouted[block_of(flow.destination)] += flow.octets
            return
        for slot, octets in spread(flow, self._window):
            self.octets[slot, customer, prefix] += octets

    def _prefix(self, flow: Flow) -> str | None:
        if self._routes is not None:
            return self._routes.longest(flow.destination)
        if "/" in flow.destination:
            return canonical_prefix(flow.destination)
        if flow.length is None:
            raise ValueError(
                f"{flow.destination} is an address, and nothing says of which prefix; give predict "
                "flows the routes to match it with, by --rib FILE or --collect"
            )
        return str(ip_network(f"{flow.destination}/{flow.length}", strict=False))

    def _customer(self, flow: Flow) -> str:
        if self._senders is None or self._customers is None:
            return EVERYBODY if flow.customer is None else flow.customer or OTHERS
        if flow.source is None:
            raise ValueError("the export does not say who sent; leave out the list of customers")
        found = self._senders.longest(flow.source)
        return OTHERS if found is None else self._customers[found]


def spread(flow: Flow, window: int) -> Iterator[tuple[int, int]]:
    """Spread the bytes of a flow over the slots of its time.

    Args:
        flow: the flow; one without a length is in the slot in which it began.
        window: seconds of a slot.

    Yields:
        The number of a slot since 1970, and its bytes.
    """
    size = window * 1000
    first, lasted = flow.begin // size, flow.end - flow.begin
    if flow.end <= (first + 1) * size:
        yield first, flow.octets
        return
    given = 0
    for slot in range(first, -(-flow.end // size)):
        until = min((slot + 1) * size, flow.end) - flow.begin
        sent = flow.octets * until // lasted
        yield slot, sent - given
        given = sent
