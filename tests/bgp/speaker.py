"""The neighbours of a router under test: they say just what they are told to.

Run as a program it holds one session for each neighbour, and sends each message that a line of its
input gives (``ADDRESS HEX``). It reads nothing once a session is up.
"""

import socket
import sys

from nornir_bgp.deadline import wait_for
from tests.bgp.bgp_messages import KEEPALIVE, MARKER, message, open_message

PORT = 179


def open_session(router: str, address: str, as_number: int, router_id: str) -> socket.socket:
    """Bring a session up from an address; ``OSError`` where the router does not take it."""
    connection = socket.create_connection((router, PORT), 5, source_address=(address, 0))
    try:
        connection.sendall(open_message(as_number, router_id) + message(KEEPALIVE))
        received = b""
        while received.count(MARKER) < 2:  # its OPEN, and the KEEPALIVE that takes ours
            octets = connection.recv(4096)
            if not octets:
                raise ConnectionError(f"{router} closed the session with {address}")
            received += octets
    except OSError:
        connection.close()
        raise
    return connection


def session(router: str, address: str, as_number: int, router_id: str) -> socket.socket:
    """Bring a session up; a router that has just been started may not listen yet."""

    def attempt() -> socket.socket | None:
        try:
            return open_session(router, address, as_number, router_id)
        except OSError:
            return None

    connection = wait_for(attempt, bool, seconds=40, interval=0.1)
    if connection is None:
        raise ConnectionError(f"{router} has no session with {address}")
    return connection


def main(router: str, *neighbours: str) -> None:
    """Each neighbour is ``ADDRESS/AS/ROUTER_ID``."""
    sessions = {}
    for neighbour in neighbours:
        address, as_number, router_id = neighbour.split("/")
        sessions[address] = session(router, address, int(as_number), router_id)
    print("up", flush=True)
    for line in sys.stdin:
        address, octets = line.split()
        sessions[address].sendall(bytes.fromhex(octets))


if __name__ == "__main__":
    main(*sys.argv[1:])
