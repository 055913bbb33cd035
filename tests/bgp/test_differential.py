"""Random networks: what FRR does and what the model says, in every table of every router."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from nornir_bgp.bgp.decision import Reason
from tests.bgp.differential.compare import Mismatch, compare
from tests.bgp.differential.examine import examine_seeds, read_case, recheck
from tests.bgp.differential.predict import configs_of, predict

CASES = sorted((Path(__file__).parent / "differential" / "cases").glob("*.json"))
"""Networks that once were a mismatch, with the tables that FRR 8.4.4 had."""

SEEDS = range(1, 41)
JOBS = 4

DECIDING = {
    Reason.FIRST,
    Reason.WEIGHT,
    Reason.LOCAL_PREF,
    Reason.LOCAL_ROUTE,
    Reason.AS_PATH,
    Reason.CONFED_AS_PATH,
    Reason.ORIGIN,
    Reason.MED,
    Reason.PEER_TYPE,
    Reason.CONFED_PEER_TYPE,
    Reason.IGP_METRIC,
    Reason.OLDER,
    Reason.ROUTER_ID,
    Reason.CLUSTER_LENGTH,
    Reason.LOCALLY_CONFIGURED,
    Reason.NEIGHBOR_ADDRESS,
}
"""Every rule of FRR's decision that routes of one IPv4 table can come to."""


def shown(mismatches: Sequence[Mismatch]) -> str:
    return "\n".join(["", *map(str, mismatches[:20]), f"{len(mismatches)} mismatches"])


@pytest.mark.lab
@pytest.mark.timeout(600)
def test_frr_does_what_the_model_says() -> None:
    reasons: Counter[str] = Counter()
    mismatches: list[Mismatch] = []
    for examined in examine_seeds(SEEDS, JOBS):
        reasons += examined.compared.reasons
        mismatches += examined.compared.mismatches
    assert not mismatches, shown(mismatches)
    assert reasons.keys() >= DECIDING, DECIDING - reasons.keys()


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_a_former_mismatch_is_none(file: Path) -> None:
    mismatches = recheck(read_case(file)).mismatches
    assert not mismatches, shown(mismatches)


@pytest.mark.parametrize("file", CASES, ids=lambda file: file.stem)
def test_another_network_is_noticed(file: Path) -> None:
    """The comparison finds fault with what the model says of routes that were not sent."""
    case = read_case(file)
    rounds = tuple(
        tuple(replace(sent, med=7) for sent in sent_round) for sent_round in case.sample.rounds
    )
    other = replace(case.sample, rounds=rounds)
    assert compare(case.sample, case.seen, predict(other, configs_of(other))).mismatches
