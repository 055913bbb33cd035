"""Send UDP datagrams at an even pace: ``python -m nornir_bgp.lab.sender`` inside a host of the lab.

Standard input is one JSON document, ``{"payload": bytes, "seconds": s, "counts": {address: n}}``;
exactly ``n`` datagrams go to each address, spread evenly over the seconds.
"""

import heapq
import json
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

DISCARD = 9
"""The port whose datagrams are thrown away (RFC 863). Where nobody listens, the destination answers
by ICMP, at a rate that its kernel limits: nothing that counts towards an upstream."""


def schedule(counts: Mapping[str, int], seconds: float) -> Iterator[tuple[float, str]]:
    """Spread datagrams over time, those of each address on their own.

    Args:
        counts: address -> how many.
        seconds: over how long.

    Yields:
        When, in seconds from the start, and to which address; in the order of time.
    """

    def times(address: str, count: int) -> Iterator[tuple[float, str]]:
        for n in range(count):
            yield (n + 0.5) * seconds / count, address

    return heapq.merge(*(times(address, count) for address, count in counts.items()))


def send(counts: Mapping[str, int], payload: int, seconds: float) -> None:
    """Send the datagrams; one that is late goes at once.

    Raises:
        OSError: a datagram could not be sent.
    """
    content = bytes(payload)
    with ExitStack() as stack:
        # Not connected: a refusal by ICMP is not told to the sender.
        senders = {
            family: stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            for family in set(map(_family_of, counts))
        }
        began = time.monotonic()
        for due, address in schedule(counts, seconds):
            ahead = began + due - time.monotonic()
            if ahead > 0:
                time.sleep(ahead)
            senders[_family_of(address)].sendto(content, (address, DISCARD))


def _family_of(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


if __name__ == "__main__":
    order = json.load(sys.stdin)
    send(order["counts"], order["payload"], order["seconds"])
