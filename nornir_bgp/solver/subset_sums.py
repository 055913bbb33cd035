"""Which sums do subsets of some weights reach, and by which weights?

The 0-1 knapsack's dynamic programme where value equals weight (Bellman; Kellerer, Pferschy and
Pisinger, *Knapsack Problems*, 2004, section 4.1): row i holds the sums that the first i weights
reach, and row i + 1 is row i together with row i shifted by the weight. A row is a bit set, 64 sums
to a machine word, so one numpy operation handles 64 sums times the length of a block. The
weights that make up a sum are found again from one number per sum, the first weight that
reached it (op. cit., section 3.3): the rest of the sum was reached before that weight.

Four things keep the work below (weights x capacity / 64) word operations. The heaviest weights
come first. A row ends at the sum of the weights so far. It begins where the rest of the weights
could still lift a sum beyond the best one so far. And a block in which every sum is reached is
done.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WORD_BITS = 64
BLOCK_WORDS = 1 << 13
"""Words per block: the three buffers of a step, 64 KiB each, stay in a core's L2 cache."""

_ALL_BITS = np.uint64(2**64 - 1)
_Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class SubsetSums:
    """The sums that matter for coming close to a target.

    Attributes:
        weights: the weights, in the order in which they were added.
        first: for each sum from 0 to the capacity the index of the weight that first reached it;
            -1 where none did or where it cannot matter, and at 0, the sum of no weight.
        below: the largest reached sum that is not above the target.
        above: the smallest reached sum that is not below the target, within the capacity, if any.
        top: the largest reached sum within the capacity.
    """

    weights: tuple[int, ...]
    first: NDArray[np.int32]
    below: int
    above: int | None
    top: int

    def members(self, reached: int) -> tuple[int, ...]:
        """Return the indices of weights that add up to a reached sum, in descending order."""
        members: list[int] = []
        while reached:
            index = int(self.first[reached])
            members.append(index)
            reached -= self.weights[index]
        return tuple(members)


def subset_sums(
    weights: Sequence[int], *, target: int, capacity: int, stop_early: bool = True
) -> SubsetSums:
    """Find the sums of subsets nearest to a target, from below and from above.

    Args:
        weights: positive weights in descending order, at most 2**31 - 1 of them.
        target: the wanted sum, 0 <= target <= capacity.
        capacity: sums beyond it are of no interest. Memory is about 4.2 bytes per sum.
        stop_early: end as soon as the target itself is reached; only a benchmark has a reason
            not to.
    """
    table = _Table(capacity)
    below, added, left = 0, 0, sum(weights)
    for index, weight in enumerate(weights):
        added, left = added + weight, left - weight
        # A sum that all remaining weights together cannot lift beyond `below` is of no use.
        table.add(index, weight, low=max(weight, below + 1 - left), high=min(added, capacity))
        below = table.highest(target, at_least=below)
        if below == target and stop_early:
            break
    return SubsetSums(
        weights=tuple(weights),
        first=table.first[: capacity + 1],
        below=below,
        above=table.lowest(target, capacity),
        top=table.highest(capacity, at_least=below),
    )


class _Table:
    """The current row and the first weight of each sum, for sums from 0 to a capacity."""

    def __init__(self, capacity: int) -> None:
        words = capacity // WORD_BITS + 1
        # One word that stays zero in front lets a shift read below sum 0.
        self._padded: _Words = np.zeros(words + 1, dtype="<u8")
        self._row = self._padded[1:]
        self._row[0] = 1
        self.first: NDArray[np.int32] = np.full(words * WORD_BITS, -1, dtype=np.int32)
        self._first_by_word = self.first.reshape(words, WORD_BITS)
        self._full = [False] * (words // BLOCK_WORDS + 1)
        self._shifted: _Words = np.empty(BLOCK_WORDS, dtype="<u8")
        self._carry: _Words = np.empty(BLOCK_WORDS, dtype="<u8")

    def add(self, index: int, weight: int, *, low: int, high: int) -> None:
        """Add one weight: reach the sums from ``low`` to ``high`` (inclusive) that it opens."""
        if low > high:
            return
        begin, end = low // WORD_BITS, high // WORD_BITS + 1
        # From the top down, since a block is made of words at or below it in the row before.
        for block in range((end - 1) // BLOCK_WORDS, begin // BLOCK_WORDS - 1, -1):
            if not self._full[block]:
                start = max(begin, block * BLOCK_WORDS)
                stop = min(end, (block + 1) * BLOCK_WORDS)
                self._add_to_block(index, weight, start, stop)

    def _add_to_block(self, index: int, weight: int, start: int, stop: int) -> None:
        opened = self._shift(weight, start, stop)
        current = self._row[start:stop]
        # opened = shifted and not current, as one operation less than negating first
        np.bitwise_or(opened, current, out=opened)
        np.bitwise_xor(opened, current, out=opened)
        if not opened.any():
            return
        np.bitwise_or(current, opened, out=current)
        touched = np.flatnonzero(opened)
        bits = np.unpackbits(opened[touched].view(np.uint8), bitorder="little")
        rows, columns = np.nonzero(bits.reshape(-1, WORD_BITS))
        self._first_by_word[start + touched[rows], columns] = index
        block = start // BLOCK_WORDS
        whole = self._row[block * BLOCK_WORDS : (block + 1) * BLOCK_WORDS]
        self._full[block] = bool((whole == _ALL_BITS).all())

    def _shift(self, weight: int, start: int, stop: int) -> _Words:
        """Return words ``start`` to ``stop`` of the row shifted up by ``weight``."""
        words, bits = divmod(weight, WORD_BITS)
        shifted, carry = self._shifted[: stop - start], self._carry[: stop - start]
        source = self._row[start - words : stop - words]
        if bits == 0:
            shifted[:] = source
            return shifted
        np.left_shift(source, np.uint64(bits), out=shifted)
        np.right_shift(
            self._padded[start - words : stop - words], np.uint64(WORD_BITS - bits), out=carry
        )
        return np.bitwise_or(shifted, carry, out=shifted)

    def highest(self, limit: int, *, at_least: int) -> int:
        """Return the largest reached sum up to ``limit``, knowing that ``at_least`` is one."""
        begin, end = at_least // WORD_BITS, limit // WORD_BITS
        last = int(self._row[end]) & ((2 << limit % WORD_BITS) - 1)
        if last:
            return end * WORD_BITS + last.bit_length() - 1
        word = begin + int(np.flatnonzero(self._row[begin:end])[-1])
        return word * WORD_BITS + int(self._row[word]).bit_length() - 1

    def lowest(self, start: int, capacity: int) -> int | None:
        """Return the smallest reached sum from ``start`` to ``capacity``, if there is one."""
        begin = start // WORD_BITS
        first = int(self._row[begin]) >> start % WORD_BITS << start % WORD_BITS
        if first:
            found = begin * WORD_BITS + _lowest_bit(first)
        else:
            later = np.flatnonzero(self._row[begin + 1 :])
            if not later.size:
                return None
            word = begin + 1 + int(later[0])
            found = word * WORD_BITS + _lowest_bit(int(self._row[word]))
        return found if found <= capacity else None


def _lowest_bit(word: int) -> int:
    return (word & -word).bit_length() - 1
