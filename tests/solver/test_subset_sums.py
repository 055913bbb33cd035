import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.solver import subset_sums as module
from nornir_bgp.solver.subset_sums import subset_sums

WEIGHTS = st.lists(st.integers(1, 400), max_size=14).map(lambda w: sorted(w, reverse=True))


def reached_by_any_subset(weights: list[int]) -> set[int]:
    reached = {0}
    for weight in weights:
        reached |= {s + weight for s in reached}
    return reached


@pytest.mark.parametrize("stop_early", [True, False])
@pytest.mark.parametrize("block_words", [1, 3, module.BLOCK_WORDS])
def test_nearest_sums_as_sets_of_sums(
    block_words: int, stop_early: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK_WORDS", block_words)

    @given(WEIGHTS, st.data())
    def check(weights: list[int], data: st.DataObject) -> None:
        capacity = data.draw(st.integers(0, sum(weights)))
        target = data.draw(st.integers(0, capacity))
        reached = {s for s in reached_by_any_subset(weights) if s <= capacity}
        sums = subset_sums(weights, target=target, capacity=capacity, stop_early=stop_early)
        assert sums.below == max(s for s in reached if s <= target)
        if sums.below != target:
            assert sums.above == min((s for s in reached if s >= target), default=None)
            assert sums.top == max(reached)
        for found in (sums.below, sums.above, sums.top):
            if found is not None:
                members = sums.members(found)
                assert sum(weights[i] for i in members) == found
                assert len(set(members)) == len(members)

    check()


def test_a_sum_remembers_the_first_weight_that_reached_it() -> None:
    sums = subset_sums([5, 3, 2], target=9, capacity=9, stop_early=False)
    # 5 by itself and not by 3 + 2; 9 is not reached. Sums that cannot come near 9 may be left out.
    assert sums.first[[5, 8, 7]].tolist() == [0, 1, 2]
    assert sums.below == 8
    assert sums.above is None
    assert sums.first[9] == -1


@pytest.mark.parametrize("weight", [63, 64, 65, 128, 8192 * 64, 8192 * 64 + 1])
def test_shifts_across_words_and_blocks(weight: int) -> None:
    sums = subset_sums([weight] * 2, target=2 * weight - 1, capacity=2 * weight, stop_early=False)
    assert np.flatnonzero(sums.first >= 0).tolist() == [weight, 2 * weight]
