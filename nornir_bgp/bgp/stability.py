"""Whether an exchange settles, and the cycle that it runs in where it never does."""

from nornir_bgp.bgp.exchange import Exchange
from nornir_bgp.bgp.route import Candidate

FIRST_LOOK = 16
"""The turns per router after which a state is remembered; most networks have settled by then."""


class Round(list[tuple[str, str]]):
    """One round of a cycle: which router changed to which route, step by step."""


def settle(exchange: Exchange) -> Round | None:
    """Run an exchange until nothing is under way.

    The network has finitely many states, and each follows from the one before. So it settles, or
    a state returns, messages under way included, and the network runs in a cycle for ever. Only
    one state is remembered at a time, as in Brent's algorithm (BIT 20, 1980, section 2): the
    current one is taken whenever the number of turns has doubled, so that at last it is one of
    the cycle and as many turns as the cycle has are waited for.

    Returns:
        ``None``: it has settled; else one round of the cycle.
    """
    turns, until = 0, FIRST_LOOK * len(exchange.speakers)
    known: tuple[object, ...] | None = None
    while exchange.waiting:
        exchange.step()
        turns += 1
        if known is not None and exchange.state() == known:
            return _round(exchange)
        if turns == until:
            known, until = exchange.state(), 2 * until
    return None


def _round(exchange: Exchange) -> Round:
    start = exchange.state()
    changes = Round()
    while True:
        before = exchange.bests()
        router = exchange.step()
        after = exchange.bests()
        if before[router] != after[router]:
            name = exchange.speakers[router].router.name
            changes.append((name, _text(after[router])))
        if exchange.state() == start:
            return changes


def _text(best: Candidate | None) -> str:
    if best is None:
        return "no route"
    path = str(best.route.as_path) or "(its own AS)"
    return f"{path} by {best.route.next_hop}" + (f" from {best.peer}" if best.peer else "")
