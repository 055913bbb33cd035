"""The sessions of the external neighbours, all in one process; they only send routes.

There are no keepalives, so the counters of messages that FRR keeps move only with routes.
"""

from collections.abc import Sequence

from tests.bgp.bgp_messages import update_message
from tests.bgp.differential.sample import Neighbour, Sent
from tests.bgp.speaker import open_session


class Speaker:
    """One session of one external neighbour."""

    def __init__(self, neighbour: Neighbour) -> None:
        self.neighbour = neighbour
        self.updates = 0
        self._socket = open_session(
            neighbour.router_address, neighbour.address, neighbour.as_number, neighbour.router_id
        )
        self._socket.setblocking(False)

    def announce(self, routes: Sequence[Sent]) -> None:
        """Send routes, one message each, and throw away what has arrived meanwhile."""
        self.stands()
        for route in routes:
            self._socket.sendall(update_message(route.prefix, route.route))
            self.updates += 1

    def close(self) -> None:
        self._socket.close()

    def stands(self) -> bool:
        """Throw away what has arrived; return whether the router still has the session."""
        try:
            while self._socket.recv(1 << 16):
                pass
        except BlockingIOError:
            return True
        except ConnectionError:
            pass
        return False
