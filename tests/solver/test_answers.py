"""What a plan says of itself, in sentences."""

from fractions import Fraction

import numpy as np
import pytest

from nornir_bgp.solver.answers import answer
from nornir_bgp.solver.problem import Objective, Problem
from nornir_bgp.solver.standing import Standing


@pytest.mark.parametrize(
    ("objective", "bound", "sentence"),
    [
        (
            "balance",
            Fraction(7),
            "the largest load is 7, at exit 0; that is proven to be the least",
        ),
        (
            "balance",
            Fraction(5),
            "the largest load is 7, at exit 0; that is proven to be at most 40 % above the least",
        ),
        (
            "moves",
            Fraction(1),
            "2 prefixes leave their exit of today, with 70 % of the load; 1 or more are proven to "
            "be needed",
        ),
        (
            "moves",
            Fraction(0),
            "2 prefixes leave their exit of today, with 70 % of the load; how much less is "
            "possible is not known",
        ),
        ("lines", Fraction(3, 2), "3 prefixes need an override; 2 or more are proven to be needed"),
    ],
)
def test_a_value_and_its_proof(objective: Objective, bound: Fraction, sentence: str) -> None:
    problem = Problem(
        loads=np.array([[4, 3, 2, 1]]),
        masks=np.full(4, 3, dtype=np.uint64),
        exits=2,
        objectives=("balance",) if objective == "balance" else ("balance", objective),
        today=np.array([1, 1, 1, 1], dtype=np.int16),
        natural=np.array([1, 1, 0, 1], dtype=np.int16),
    )
    standing = Standing(np.array([0, 0, 1, 1], dtype=np.int16), None)
    for one in problem.weighed:
        standing = standing.done(one, Fraction(7), bound)
    assert answer(problem, standing, "scale").achieved[-1].words == sentence
