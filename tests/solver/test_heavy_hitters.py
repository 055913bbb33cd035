"""Heavy hitters: no smaller set carries the share, as trying all of them shows."""

from fractions import Fraction
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.solver.heavy_hitters import heavy_hitters, weights_of

loads_ = st.lists(st.integers(0, 9) | st.integers(0, 2**62 // 8), min_size=1, max_size=8)
shares = st.fractions(Fraction(1, 100), 1)


@given(loads_, shares, st.data())
def test_the_fewest_prefixes_that_carry_the_share(loads, share, data):
    wanted = data.draw(st.lists(st.booleans(), min_size=len(loads), max_size=len(loads)))
    chosen = heavy_hitters(np.array(loads), share, np.array(wanted))
    target = share * sum(loads)
    carried = sum(load for load, one in zip(loads, chosen, strict=True) if one)
    assert carried >= target
    assert not any(must and not one for must, one in zip(wanted, chosen, strict=True))
    if share == 1:
        assert chosen.all()
        return
    fixed = sum(load for load, must in zip(loads, wanted, strict=True) if must)
    free = [load for load, must in zip(loads, wanted, strict=True) if not must]
    fewest = next(
        size
        for size in range(len(free) + 1)
        if any(fixed + sum(some) >= target for some in combinations(free, size))
    )
    assert chosen.sum() == sum(wanted) + fewest


@given(st.lists(loads_, min_size=1, max_size=3))
def test_weights_are_exact_beyond_64_bits(slots):
    count = min(map(len, slots))
    rows = [[load * 8 for load in row[:count]] for row in slots]
    weights = weights_of(np.array(rows, dtype=np.int64))
    assert [int(weight) for weight in weights] == [
        sum(column) for column in zip(*rows, strict=True)
    ]
