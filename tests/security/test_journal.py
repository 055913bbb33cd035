"""A journal that somebody has changed does not become a command when a run is recovered."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError
from nornir_bgp.frr.overrides import ListKey, Overrides, slot, template_clause
from nornir_bgp.frr.prefix_list import Entry
from nornir_bgp.models.settings import Policy
from nornir_bgp.runbooks.journal import Journal, open_journals
from tests.security.fuzzing import many, size
from tests.security.hostile import text

POLICY = Policy()
LIST = POLICY.prefix_list
IPV6 = "permit 2001:db8::/32 ge 40 le 48"
RULES = (
    "permit 192.0.2.0/24",
    "deny 10.0.0.0/8 ge 9 le 24",
    "permit any",
    "permit 0.0.0.0/0 le 32",
)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    (tmp_path / "20260101T000000Z-0000").mkdir()
    return tmp_path


def write(runs: Path, rule: str, gateway: str = "GW1", name: str = LIST) -> None:
    lists = [{"family": 4, "name": name, "entries": [[5, rule]]}]
    write_all(runs, {gateway: {"clauses": [], "lists": lists}})


def write_all(runs: Path, overrides: object) -> None:
    content = json.dumps({"before": overrides, "planned": overrides})
    (runs / "20260101T000000Z-0000/journal.json").write_text(content)


@pytest.mark.parametrize("rule", RULES)
def test_what_frr_writes_is_read(runs: Path, rule: str):
    clauses = (template_clause(4, POLICY), slot(12, 6, 150, POLICY))
    lists = {ListKey(4, LIST): (Entry(5, rule),), ListKey(6, f"{LIST}_12"): (Entry(5, IPV6),)}
    overrides = {"GW1": Overrides(clauses, lists, unfinished=(13,), taken=(500,))}
    Journal(runs / "20260101T000000Z-0000", overrides, overrides).open()
    (journal,) = open_journals(runs)
    assert journal.before == journal.planned == overrides


def test_an_older_version_has_to_end_its_run_itself(runs: Path):
    write_all(runs, {"GW1": [[5, RULES[0]]]})
    with pytest.raises(InputError, match="was left by an older version"):
        list(open_journals(runs))


@size(300, 5_000)
def test_anything_else_is_refused(examples: int, runs: Path):
    @many(examples)
    @given(
        st.one_of(
            text,
            st.builds("{}{}".format, st.sampled_from(RULES), text.filter(bool)),
            st.builds("permit {}".format, text.filter(lambda t: t != "any")),
        ).filter(lambda rule: not set(rule) <= set("permitdnyabcf 0123456789./:gl"))
    )
    def each(rule: str) -> None:
        write(runs, rule)
        with pytest.raises(InputError, match="is not a journal of this program"):
            list(open_journals(runs))
        write(runs, RULES[0], gateway=f"{rule}\n")
        with pytest.raises(InputError, match="is not a journal of this program"):
            list(open_journals(runs))
        write(runs, RULES[0], name=f"{rule} seq")
        with pytest.raises(InputError, match="is not a journal of this program"):
            list(open_journals(runs))

    each()
