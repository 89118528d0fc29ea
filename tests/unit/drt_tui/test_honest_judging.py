"""Blind items and planted checks, apart from any screen."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drt_tui.review.blind import is_blind
from drt_tui.review.planted import Checks, CheckTally, spoilt
from tests.stubs.session import OUTPUT, candidate, sentence

OTHER = candidate(sentence(1), "C2", output="Her eyes are high.", thought="I say “Her eyes are high.”")


@pytest.mark.parametrize("share", [0.0, 0.2, 1.0])
def test_the_share_of_blind_items_is_kept(share):
    drawn = sum(is_blind(f"{number:020x}", "kim", share) for number in range(5_000))
    assert drawn / 5_000 == pytest.approx(share, abs=0.03)


def test_what_is_blind_stays_blind_and_differs_between_people():
    ids = [f"{number:020x}" for number in range(200)]
    assert [is_blind(one, "kim", 0.5) for one in ids] == [is_blind(one, "kim", 0.5) for one in ids]
    assert [is_blind(one, "kim", 0.5) for one in ids] != [is_blind(one, "lee", 0.5) for one in ids]


@given(st.integers(0, 10_000))
def test_a_planted_row_has_one_grave_fault_and_nothing_that_gives_it_away(seed):
    made = candidate(sentence())
    bad, fault = spoilt(made, OTHER, Random(seed))
    assert (bad.output != made.output) is fault.in_output
    assert bad.thought != made.thought
    assert bad.id == made.id
    assert bad.output in bad.thought or not fault.in_output, "the linter must not find it"


def test_every_kind_of_fault_occurs():
    made = candidate(sentence())
    faults = {spoilt(made, OTHER, Random(seed))[1].what for seed in range(30)}
    assert len(faults) == 3
    assert OUTPUT not in {spoilt(made, OTHER, Random(seed))[0].thought for seed in range(30)}


def test_a_fault_that_nobody_could_see_is_not_planted():
    made = candidate(sentence(), output="Short.", thought="I say “Short.”")
    alike = candidate(sentence(1), "C2", output="Brief.", thought="I say “Brief.”")
    faults = [spoilt(made, alike, Random(seed)) for seed in range(30)]
    assert {fault.what for _, fault in faults} == {"the output is that of another sentence"}
    assert (
        spoilt(made, candidate(sentence(1), "C3", output="Short.", thought=made.thought), Random(1)) is None
    )


def test_checks_come_at_their_share_and_never_twice_in_a_row(dataset):
    checks = Checks(dataset, 0.3, Random(1))
    due = [checks.is_due() for _ in range(2_000)]
    assert not any(one and other for one, other in pairwise(due))
    assert 0.15 < sum(due) / len(due) < 0.3
    assert not any(Checks(dataset, 0.0).is_due() for _ in range(50))


def test_the_count_outlives_the_session(dataset):
    Checks(dataset, 1).note(caught=True)
    Checks(dataset, 1).note(caught=False)
    assert Checks(dataset, 1).tally == CheckTally(caught=1, missed=1)
