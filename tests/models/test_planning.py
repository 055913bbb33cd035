"""What a site may ask of a plan."""

from fractions import Fraction

import pytest
from pydantic import ValidationError

from nornir_bgp.models.planning import Planning, exact


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"objectives": []}, "at least 1 item"),
        ({"objectives": ["balance", "moves", "balance"]}, "balance is given twice"),
        ({"objectives": ["speed"]}, "'lines'"),
        ({"ceiling": 0}, "greater than 0"),
        ({"ceiling": 1.01}, "less than or equal to 1"),
        ({"coverage": -0.5}, "greater than 0"),
        ({"pins": {"GW1": "GW1"}}, "'GW1' selects nothing"),
        ({"pins": {"10.0.0.1/8": "GW1"}}, "host bits set; write 10.0.0.0/8"),
        ({"pins": {"65004:65536": "GW1"}}, "selects nothing"),
        ({"pins": {"1:2:4294967296": "GW1"}}, "selects nothing"),
        ({"pins": {"10.0.0.0/8": "a gateway"}}, "'a gateway' is not allowed"),
        ({"bans": {"10.0.0.0/8": []}}, "at least 1 item"),
        ({"bans": {"2001:DB8::/32": "GW1", "2001:db8::/32": "GW2"}}, "in different spellings"),
        ({"pins": {"2001:DB8::/32": "GW1", "2001:db8::/32": "GW2"}}, "in different spellings"),
        ({"pins": {"10.0.0.0/8": "GW1"}, "bans": {"10.0.0.0/8": "GW1"}}, "pinned to GW1, and ban"),
    ],
)
def test_what_is_refused(given, said):
    with pytest.raises(ValidationError, match=said):
        Planning.model_validate(given)


def test_its_own_words_are_read_back():
    planning = Planning.model_validate(
        {
            "objectives": ["survive", "cost"],
            "pins": {"2001:DB8::/32": "GW1", "65004:100": "GW2"},
            "bans": {"10.0.0.0/8": "GW1", "65004:100": ["GW1", "GW3"]},
        }
    )
    assert planning.pins == {"2001:db8::/32": "GW1", "65004:100": "GW2"}
    assert planning.bans["10.0.0.0/8"] == ("GW1",)
    assert planning.communities == {"65004:100": ("GW2", "GW1", "GW3")}
    assert Planning.model_validate(planning.model_dump()) == planning
    assert Planning.model_validate_json(planning.model_dump_json()) == planning


def test_a_share_is_what_was_written():
    assert exact(0.95) == Fraction(19, 20)
    assert exact(1e-4) == Fraction(1, 10_000)
