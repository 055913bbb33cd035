"""What a page may hold: no command hides from the tests, no link leads astray."""

import json
import re
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from nornir_bgp.models.schemas import schema_of
from tests.docs.markdown import PAGES, Block, blocks_of

BLOCKS = [block for page in PAGES for block in blocks_of(page)]

LANGUAGES = ("console", "python", "text", "yaml", "json", "diff", "ini", "xml")
"""``text`` is what a router or a program prints, or a drawing; the shell's is ``console``."""

ELSEWHERE = re.compile(
    r"https://(frrouting\.org|nornir\.tech|containerlab\.dev|json-schema\.org|prometheus\.io|"
    r"(www\.)?rfc-editor\.org/(rfc|info)/rfc\d+)(/[\w./#-]*)?"
)
"""The sites that pages may lead to, by https; whether they answer is not asked."""


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_a_block_is_of_a_kind_that_is_checked(block: Block):
    assert block.language in LANGUAGES
    assert block.notes.get("not run", "for a reason").strip()
    if block.language == "console":
        prompts = ("$ ", "# ") if "not run" in block.notes else "$ "  # "# " is root's
        assert block.text.startswith(prompts)
    else:
        assert not re.search(r"^\s*(\$ )?(nornir-bgp|make|sudo|pip) \w", block.text, re.M)


@pytest.mark.parametrize(
    "block", [b for b in BLOCKS if b.language in ("yaml", "json")], ids=lambda block: block.place
)
def test_an_example_is_read(block: Block):
    document = (yaml.safe_load if block.language == "yaml" else json.loads)(block.text)
    if "schema" in block.notes:
        schema = schema_of(block.notes["schema"])
        assert [e.message for e in Draft202012Validator(schema).iter_errors(document)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_sites_that_are_known(page: Path):
    links = re.findall(r"\]\((https?://[^)]*)\)|<(https?://[^>]*)>", page.read_text("utf-8"))
    assert [a or b for a, b in links if not ELSEWHERE.fullmatch(a or b)] == []
