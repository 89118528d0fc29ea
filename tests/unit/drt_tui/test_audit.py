from __future__ import annotations

import pytest

from data.records import Status
from drt_tui.review.audit import Audit, accept_unread, give_back, remembered, upper_bound
from tests.stubs.session import candidate


@pytest.mark.parametrize(
    ("faults", "read", "bound"),
    [(0, 60, 0.0596), (1, 60, 0.0894), (3, 60, 0.1392), (0, 1, 0.975), (5, 5, 1.0), (0, 0, 1.0)],
)
def test_the_bound_is_the_exact_one(faults, read, bound):
    assert upper_bound(faults, read) == pytest.approx(bound, abs=5e-5)


def test_a_bulk_acceptance_is_one_step(dataset):
    ids = dataset.ids()
    for number, sentence in enumerate(ids[2:], 3):
        dataset.add_candidate(candidate(dataset.sentence(sentence), f"C{number}"))
    audit = accept_unread(dataset, ids, limit=0.1)
    assert dataset.count(Status.AUTO) == 5
    assert sorted(audit.drawn) == sorted(ids)
    assert remembered(dataset) == audit
    dataset.undo()
    assert dataset.count(Status.GENERATED) == 5


def test_a_failed_audit_gives_back_what_nobody_read(dataset):
    ids = dataset.ids()[:2]
    audit = accept_unread(dataset, ids, limit=0.1)
    assert give_back(dataset, audit) == 2
    assert dataset.count(Status.GENERATED) == 2
    assert remembered(dataset) is None
    dataset.undo()
    assert dataset.count(Status.AUTO) == 2, "giving back is one step as well"


def test_a_sample_judged_good_keeps_the_batch():
    audit = Audit(tuple(map(str, range(500))), tuple(map(str, range(60))), limit=0.06)
    for sentence in audit.drawn:
        assert not audit.is_over
        audit = audit.noted(sentence, is_fault=False)
    assert audit.is_over
    assert not audit.has_failed
    assert "at most 6% of 500" in str(audit)


def test_an_audit_fails_as_soon_as_the_limit_cannot_be_kept():
    audit = Audit(tuple("abc"), tuple(map(str, range(60))), limit=0.06)
    assert audit.noted("0", is_fault=True).is_over
    assert not audit.noted("0", is_fault=True).noted("0", is_fault=False).has_failed, (
        "a judgement can be taken back"
    )
