"""No face of a report carries what would command a terminal."""

import unicodedata

import pytest

from nornir_bgp.report.html import to_html
from nornir_bgp.report.junit import to_junit
from nornir_bgp.report.markdown import to_markdown
from nornir_bgp.report.printable import printable
from nornir_bgp.report.prometheus import to_prometheus
from tests.report.runs import HOSTILE, hostile


@pytest.mark.parametrize("face", [to_html, to_junit, to_markdown, to_prometheus])
def test_no_control_character_and_no_direction_override(face):
    text = face(hostile(HOSTILE))
    kinds = {unicodedata.category(c) for c in text if c != "\n"}
    assert not kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def test_letters_of_all_languages_stay():
    text = "Zürich → 東京, Ελλάδα\n\tनमस्ते"
    assert printable(text) == text
