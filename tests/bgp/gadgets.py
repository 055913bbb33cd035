"""Stable paths problems that are known for what they do."""

from collections.abc import Mapping, Sequence

Paths = Mapping[int, Sequence[tuple[int, ...]]]
"""A stable paths problem: node -> its permitted paths to node 0, the preferred ones first."""

# Griffin, Shepherd, Wilfong, "The Stable Paths Problem and Interdomain Routing", 2002.
DISAGREE: Paths = {1: [(1, 2, 0), (1, 0)], 2: [(2, 1, 0), (2, 0)]}
GOOD: Paths = {
    1: [(1, 3, 0), (1, 0)],
    2: [(2, 1, 0), (2, 0)],
    3: [(3, 0)],
    4: [(4, 3, 0), (4, 2, 0)],
}
BAD: Paths = {1: [(1, 2, 0), (1, 0)], 2: [(2, 3, 0), (2, 0)], 3: [(3, 1, 0), (3, 0)]}

# RFC 4264, section 3: AS 1 has its primary link to AS 4, and to AS 2 one for backup, which AS 2
# prefers less than what its provider AS 3 tells; AS 3 prefers its customer AS 2 to its peer AS 4.
# AS 1 is node 0 here.
WEDGIE: Paths = {
    2: [(2, 3, 4, 0), (2, 0)],
    3: [(3, 2, 0), (3, 4, 0)],
    4: [(4, 0), (4, 3, 2, 0)],
}
