"""Arguments that somebody made to harm: a run's id, a node's name, a file's name."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.exceptions import InputError
from nornir_bgp.runbooks.evidence import REPORT, load_report
from nornir_bgp.runbooks.files import read_text
from nornir_bgp.runbooks.rollback import rollback
from nornir_bgp.runbooks.session import load_nornir
from tests.security.fuzzing import many, size
from tests.security.hostile import text

REPOSITORY = Path(__file__).parents[2]
RUN = "20260101T000000Z-0000"

ids = st.one_of(
    text,
    st.sampled_from(
        [".", "..", "../..", f"../{RUN}", f"{RUN}/..", f"{RUN}/", f"./{RUN}", "a" * 300]
    ),
    st.text("./\\~0TZ-", max_size=12),
    st.builds("{}{}".format, st.just(RUN), text.filter(bool)),
)


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder of runs, with reports around it that are none of its runs'."""
    runs = tmp_path / "site" / "runs"
    for folder in (tmp_path, tmp_path / "site", runs, tmp_path / RUN, runs / "x" / "y"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / REPORT).write_text("outside")
    return runs


@size(500, 10_000)
def test_a_runs_id_leads_nowhere_else(examples: int, runs: Path):
    @many(examples)
    @given(ids)
    def each(run: str) -> None:
        with pytest.raises(InputError, match="holds no run"):
            load_report(runs, run)

    each()


@pytest.mark.parametrize("run", [".", "..", "../site", "x", "x/y", "", "a" * 300, f"../{RUN}"])
def test_no_report_outside_is_read_by_rollback(runs: Path, run: str):
    nr = load_nornir(REPOSITORY / "config.yaml")
    nr.config.user_defined["runs"] = str(runs)
    with pytest.raises(InputError, match="holds no run"):
        rollback(nr, run)


@size(200, 3_000)
def test_a_files_name_is_read_or_refused(examples: int, tmp_path: Path):
    @many(examples)
    @given(text)
    def each(name: str) -> None:
        with pytest.raises(InputError):
            read_text(tmp_path / "none" / name.replace("/", "_"))

    each()
