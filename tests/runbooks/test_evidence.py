"""The folder of a run: its name, its room on the disk, its end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from nornir_bgp.runbooks.evidence import Evidence, run_folders

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_ids_are_in_the_order_of_the_runs_also_where_a_clock_is_put_back(tmp_path: Path):
    clock = [NOON, NOON, NOON - timedelta(hours=3), NOON + timedelta(hours=1)]
    made = [Evidence(tmp_path, started).run for started in clock]
    assert made == sorted(made)
    assert [folder.name for folder in run_folders(tmp_path)] == made
    assert made[0].startswith("20261120T120000Z-")
    assert made[3].startswith("20261120T130000Z-")


def test_room_is_kept_and_given_back(tmp_path: Path):
    evidence = Evidence(tmp_path, NOON)
    evidence.reserve(3 * 2**20)
    assert sum(path.stat().st_blocks * 512 for path in evidence.folder.iterdir()) >= 3 * 2**20
    evidence.release()
    evidence.release()
    assert list(evidence.folder.iterdir()) == []


def test_a_run_that_touched_nothing_leaves_nothing(tmp_path: Path):
    evidence = Evidence(tmp_path, NOON)
    evidence.write("before/GW1.conf", "hostname GW1\n")
    evidence.discard()
    assert list(tmp_path.iterdir()) == []
