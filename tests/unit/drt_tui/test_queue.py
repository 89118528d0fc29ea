from __future__ import annotations

from data.ids import new_id
from data.records import Decision, Status
from data.store import Dataset
from drt_tui.review.ordering import in_order
from drt_tui.review.queue import ReviewQueue
from tests.stubs.session import candidate


def decide(dataset: Dataset, sentence: str, kind: str = "accept") -> None:
    dataset.decide(Decision(id=new_id(), sentence=sentence, kind=kind, by="kim"))


def test_what_is_ready_comes_before_what_is_new(dataset):
    ids = dataset.ids()
    dataset.add_candidate(candidate(dataset.sentence(ids[4]), "C5"))
    queue = ReviewQueue(dataset, ids)
    assert [queue.advance() for _ in range(6)] == [ids[0], ids[1], ids[4], ids[2], ids[3], None]


def test_a_candidate_that_arrives_is_met_in_its_turn(dataset):
    ids = dataset.ids()
    queue = ReviewQueue(dataset, ids)
    assert queue.advance() == ids[0]
    dataset.add_candidate(candidate(dataset.sentence(ids[3]), "C4"))
    queue.note_ready(ids[3])
    assert [queue.advance(), queue.advance()] == [ids[1], ids[3]]


def test_what_somebody_else_decided_is_passed_over(dataset):
    ids = dataset.ids()
    queue = ReviewQueue(dataset, ids)
    decide(dataset, ids[0])
    assert queue.advance() == ids[1]


def test_the_next_new_ones_are_known_without_moving(dataset):
    ids = dataset.ids()
    queue = ReviewQueue(dataset, ids)
    assert queue.upcoming(2) == ids[2:4]
    assert queue.upcoming(9) == ids[2:]
    assert queue.advance() == ids[0]


def test_a_queue_of_another_status_is_met_in_order_and_from_anywhere(dataset):
    ids = dataset.ids()
    for sentence in ids:
        decide(dataset, sentence, "reject")
    queue = ReviewQueue(dataset, ids, statuses={Status.REJECTED}, name="rejected")
    assert queue.advance() == ids[0]
    queue.go_to(ids[3])
    assert [queue.advance() for _ in range(5)] == [ids[4], ids[0], ids[1], ids[2], None]


def test_what_was_put_back_is_met_again(dataset):
    ids = dataset.ids()
    queue = ReviewQueue(dataset, ids)
    first = queue.advance()
    queue.put_back(first)
    assert queue.advance() == first
    for _ in ids:
        queue.advance()
    queue.put_back(ids[3])
    assert queue.advance() == ids[3]


def test_sentences_that_come_later_come_at_the_end(dataset):
    ids = dataset.ids()
    queue = ReviewQueue(dataset, ids[:2])
    queue.append(ids)
    assert len(queue) == 5
    assert [queue.advance() for _ in range(6)] == [*ids, None]


def test_balanced_takes_one_of_each_group_in_turn(dataset):
    groups = {"a": [], "b": []}
    from data.records import Sentence, sentence_id

    for number in range(8):
        group = "a" if number < 6 else "b"
        source = f"문장 {number}"
        dataset.add_sentences([Sentence(id=sentence_id(source), source=source, group=group)])
        groups[group].append(sentence_id(source))
    ordered = in_order(dataset, "balanced")
    assert sorted(ordered) == sorted(dataset.ids())
    first = [dataset.row(sentence).group for sentence in ordered[: len(dataset.groups())]]
    assert len(set(first)) == len(first)
    assert in_order(dataset, "balanced") == ordered
    assert in_order(dataset, "balanced", seed=1) != ordered


def test_the_first_ones_come_first_in_every_order(dataset):
    ids = dataset.ids()
    for order in ("balanced", "shuffled", "file", "doubtful"):
        assert in_order(dataset, order, first=[ids[3], ids[1]])[:2] == [ids[3], ids[1]]


def test_doubtful_takes_the_lowest_score_first(dataset):
    ids = dataset.ids()
    low = candidate(dataset.sentence(ids[2]), "C3", best=0)
    dataset.add_candidate(low)
    assert in_order(dataset, "doubtful")[0] == ids[2]
