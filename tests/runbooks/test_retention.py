"""What retention takes away, against the rules said in another way; and what it never touches."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nornir_bgp.frr.overrides import Overrides
from nornir_bgp.models.report import DistributeReport
from nornir_bgp.runbooks.journal import Journal
from nornir_bgp.runbooks.retention import prune, prune_session_logs
from nornir_bgp.tasks.session_log import SessionLog
from tests.report.runs import ENDINGS

STANDS, PUT_BACK = "as planned", "failed and put back"
KINDS = [STANDS, PUT_BACK, "killed", "empty"]
"""How a run may have left its folder."""


def name(number: int) -> str:
    return f"202601{number // 24 + 1:02}T{number % 24:02}0000Z-{number:04x}"


def make(runs: Path, kinds: list[str]) -> None:
    for number, kind in enumerate(kinds):
        folder = runs / name(number)
        (folder / "before").mkdir(parents=True)
        (folder / "before/PE1.table.txt").write_text("x")
        if kind == "killed":
            Journal(folder, {"GW1": Overrides()}, {"GW1": Overrides()}).open()
        elif kind != "empty":
            report = ENDINGS[kind].model_copy(update={"run": folder.name})
            (folder / "report.json").write_text(report.model_dump_json())


@given(kinds=st.lists(st.sampled_from(KINDS), max_size=9), keep=st.integers(2, 5))
def test_what_stays(kinds, keep, tmp_path_factory):
    runs = tmp_path_factory.mktemp("runs")
    make(runs, kinds)
    removed = prune(runs, keep)
    left = {path.name for path in runs.iterdir()}
    assert left.isdisjoint(removed)
    assert len(left) + len(removed) == len(kinds)
    standing = [number for number, kind in enumerate(kinds) if kind == STANDS]
    stays = {
        *range(len(kinds))[-keep:],
        *standing[-2:],
        *(number for number, kind in enumerate(kinds) if kind == "killed"),
    }
    assert left == {name(number) for number in stays}
    assert prune(runs, keep) == ()


@pytest.fixture
def strangers(tmp_path: Path) -> Iterator[Path]:
    """A folder of runs with much in it that is none, and a treasure outside."""
    treasure = tmp_path / "treasure"
    treasure.mkdir()
    (treasure / "gold").write_text("precious")
    runs = tmp_path / "runs"
    make(runs, [PUT_BACK] * 3)
    (runs / "lock").touch()
    (runs / "lock.holder").touch()
    for folder in ("notes", "19990101T000000Z-zzzz", "19990101T000000Z-0000.bak", "19990101"):
        (runs / folder).mkdir()
    (runs / "19990101T000000Z-0000").write_text("a file")
    (runs / "19990102T000000Z-0000").symlink_to(treasure)
    (runs / "19990103T000000Z-0000").symlink_to(tmp_path / "nowhere")
    (runs / name(0) / "outside").symlink_to(treasure)
    yield runs
    assert (treasure / "gold").read_text() == "precious"


def test_what_is_no_run_stays(strangers: Path):
    before = {path.name for path in strangers.iterdir()}
    assert prune(strangers, 2) == (name(0),)
    assert {path.name for path in strangers.iterdir()} == before - {name(0)}


@pytest.mark.parametrize("damaged", ["report.json", "journal.json"])
def test_nothing_is_removed_while_it_is_unknown_what_stands(tmp_path: Path, caplog, damaged):
    make(tmp_path, [STANDS] * 4)
    (tmp_path / name(3) / damaged).write_text("{")
    assert prune(tmp_path, 2) == ()
    assert len(list(tmp_path.iterdir())) == 4
    assert name(3) in caplog.text


def test_a_removal_that_fails_is_told_and_the_others_go_on(tmp_path: Path, caplog, monkeypatch):
    make(tmp_path, [PUT_BACK] * 4)
    real = os.rmdir

    def rmdir(path, *arguments, **options):  # as where a file of the run belongs to somebody else
        if str(path).endswith(name(0)):
            raise PermissionError(13, "Permission denied", path)
        real(path, *arguments, **options)

    monkeypatch.setattr(os, "rmdir", rmdir)
    assert prune(tmp_path, 2) == (name(1),)
    assert f"{name(0)}: cannot be removed: Permission denied" in caplog.text
    monkeypatch.undo()
    assert prune(tmp_path, 2) == (name(0),), "the next run ends what was begun"


def test_a_removal_that_is_cut_short_leaves_no_run_with_gaps(tmp_path: Path, monkeypatch):
    make(tmp_path, [PUT_BACK] * 3)

    def killed(*arguments, **options):
        assert not (tmp_path / name(0) / "report.json").exists()
        raise KeyboardInterrupt

    monkeypatch.setattr("shutil.rmtree", killed)
    with pytest.raises(KeyboardInterrupt):
        prune(tmp_path, 2)


def test_the_reports_of_this_test_are_what_they_are_called():
    def stands(kind: str) -> bool:
        report: DistributeReport = ENDINGS[kind]
        return report.stands

    assert (stands(STANDS), stands(PUT_BACK)) == (True, False)


def test_some_session_logs_of_each_router_stay(tmp_path: Path):
    def log(host: str) -> str:
        with SessionLog(tmp_path, host, ()) as session:
            session.write(b"show ip bgp\n")
        return session.path.name

    names = {host: [log(host) for _ in range(4)] for host in ("10.0.0.1", "10.0.0.1-b", "fe80::1")}
    few = log("10.0.0.2")
    others = ("syslog.log", "notes", f"{names['fe80::1'][0]}.gz")
    for other in others:
        (tmp_path / other).touch()
    link = tmp_path / names["fe80::1"][0]
    link.unlink()
    link.symlink_to(tmp_path / "syslog.log")
    prune_session_logs(tmp_path, 3)
    left = {path.name for path in tmp_path.iterdir()}
    newest = {name for logs in names.values() for name in logs[1:]}
    assert left == {few, link.name, *others, *newest}
    prune_session_logs(tmp_path / "missing", 3)
