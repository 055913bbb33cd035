"""One prefix as FRR 8.4.4 tells it, against the same router's whole table."""

from pathlib import Path

import pytest

from nornir_bgp.exceptions import TableSyntaxError
from nornir_bgp.frr.show_bgp import parse_json, parse_prefix_json

CAPTURED = Path(__file__).parent / "fixtures" / "frr-8.4.4"


def read(name: str) -> str:
    return (CAPTURED / f"{name}.json").read_text("utf-8")


def test_a_prefix_agrees_with_the_table():
    """But for weight: the one document leaves it out where it is 0."""
    prefix, details = parse_prefix_json(read("r1-one-prefix"))
    assert prefix == "198.51.100.0/24"
    assert len(details) == len(parse_json(read("r1-ipv4")).routes[prefix])
    for detail, path in zip(details, parse_json(read("r1-ipv4")).routes[prefix], strict=True):
        assert detail.path == path
        assert detail.peer_id is not None
        assert detail.igp_metric == (0 if path.valid else None)


def test_no_route_is_no_fault():
    assert parse_prefix_json("{}") == ("", ())


@pytest.mark.parametrize(
    "text", ["", "[]", '{"prefix": "1.0.0.0/8"}', '{"paths": []}', "% Unknown"]
)
def test_what_is_not_that_document_is_refused(text: str):
    with pytest.raises(TableSyntaxError):
        parse_prefix_json(text)
