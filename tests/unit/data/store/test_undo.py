from __future__ import annotations

import pytest

from data.records import Sentence, Status
from data.store import Dataset, ProjectFolder
from tests.stubs.made_up import a_candidate, a_decision, a_sentence


def ready(folder: ProjectFolder, count: int = 3) -> list[Sentence]:
    """Fill a project with sentences that have a candidate each."""
    sentences = [a_sentence(number) for number in range(count)]
    with Dataset.open(folder) as dataset:
        dataset.add_sentences(sentences)
        for sentence in sentences:
            dataset.add_candidate(a_candidate(sentence))
    return sentences


def statuses(dataset: Dataset) -> list[str]:
    return [dataset.row(sentence).status.value for sentence in dataset.ids()]


@pytest.mark.parametrize("between", ["nothing", "reopen", "fold and reopen"])
def test_undo_and_redo_have_no_limit_and_outlive_restarts(folder: ProjectFolder, between: str) -> None:
    one, two, three = ready(folder)
    dataset = Dataset.open(folder, annotator="mina")

    def pause() -> None:
        nonlocal dataset
        if "fold" in between:
            dataset.fold()
        if "reopen" in between:
            dataset.close()
            dataset = Dataset.open(folder, annotator="mina")

    dataset.decide(a_decision(one))
    dataset.decide(a_decision(two, "reject", reasons=("unnatural",)))
    dataset.decide(a_decision(three, output="changed"))
    dataset.decide(a_decision(one, "reject"))
    after = [["rejected", "rejected", "edited"], ["accepted", "rejected", "edited"]]
    after += [
        ["accepted", "rejected", "generated"],
        ["accepted", "generated", "generated"],
        ["generated"] * 3,
    ]
    for expected in after[1:]:
        pause()
        taken_back = dataset.undo()
        assert taken_back is not None
        assert taken_back.kind in {"accept", "reject", "edit"}
        assert statuses(dataset) == expected
    assert dataset.undo() is None
    for expected in reversed(after[:-1]):
        pause()
        assert dataset.redo() is not None
        assert statuses(dataset) == expected
    pause()
    assert dataset.redo() is None
    assert [example.status for example in dataset.examples()] == [Status.EDITED]
    dataset.close()


def test_a_new_decision_forgets_what_was_undone(folder: ProjectFolder) -> None:
    one, two, _ = ready(folder)
    with Dataset.open(folder, annotator="mina") as dataset:
        dataset.decide(a_decision(one))
        dataset.undo()
        dataset.decide(a_decision(two, "skip"))
        assert dataset.redo() is None
        assert statuses(dataset) == ["generated", "skipped", "generated"]


def test_undo_is_each_persons_own(folder: ProjectFolder) -> None:
    one, two, _ = ready(folder)
    with Dataset.open(folder, annotator="mina") as mina, Dataset.open(folder, annotator="jun") as jun:
        mina.decide(a_decision(one, by="mina"))
        jun.decide(a_decision(two, "reject", by="jun"))
        assert jun.undo() is not None
        assert jun.undo() is None
        mina.follow()
        assert statuses(mina) == ["accepted", "generated", "generated"]


def test_undoing_my_decision_leaves_a_later_one_of_somebody_else_standing(folder: ProjectFolder) -> None:
    one, *_ = ready(folder)
    with Dataset.open(folder, annotator="mina") as mina, Dataset.open(folder, annotator="jun") as jun:
        mina.decide(a_decision(one, by="mina"))
        assert jun.decide(a_decision(one, "reject", by="jun")) is Status.REJECTED
        mina.undo()
        assert mina.row(one.id).status is Status.REJECTED
        jun.undo()
        assert jun.row(one.id).status is Status.GENERATED
        mina.redo()
        assert mina.row(one.id).status is Status.ACCEPTED
        jun.redo()
        assert jun.row(one.id).status is Status.REJECTED
        assert jun.example(one.id) is None
        assert len(jun.decisions_of(one.id)) == 6


def test_taking_back_the_later_decision_brings_the_earlier_one_back(folder: ProjectFolder) -> None:
    one, *_ = ready(folder)
    with Dataset.open(folder, annotator="mina") as mina, Dataset.open(folder, annotator="jun") as jun:
        mina.decide(a_decision(one, by="mina", output="Mina's"))
        jun.decide(a_decision(one, by="jun", output="Jun's"))
        assert jun.example(one.id).output == "Jun's"  # type: ignore[union-attr]
        jun.undo()
        example = jun.example(one.id)
        assert example is not None
        assert example.decision is not None
        assert (example.output, example.decision.by) == ("Mina's", "mina")


def test_skipping_does_not_take_away_somebody_elses_judgement(folder: ProjectFolder) -> None:
    one, two, _ = ready(folder)
    with Dataset.open(folder, annotator="jun") as dataset:
        dataset.decide(a_decision(one, by="mina"))
        dataset.decide(a_decision(two, by="jun"))
        assert dataset.decide(a_decision(one, "skip", by="jun")) is Status.ACCEPTED
        assert dataset.decide(a_decision(two, "skip", by="jun")) is Status.SKIPPED
        assert dataset.undo() is not None
        assert statuses(dataset) == ["accepted", "accepted", "generated"]


def test_what_was_decided_together_is_undone_and_redone_together(folder: ProjectFolder) -> None:
    one, two, three = ready(folder)
    with Dataset.open(folder, annotator="mina") as dataset:
        dataset.decide(a_decision(three, "skip"))
        lines = folder.journal.read_bytes().count(b"\n")
        assert dataset.decide_all([a_decision(one, "auto"), a_decision(two, "auto")]) == 2
        assert folder.journal.read_bytes().count(b"\n") == lines + 1
        assert statuses(dataset) == ["auto", "auto", "skipped"]
        dataset.undo()
        assert statuses(dataset) == ["generated", "generated", "skipped"]
        dataset.undo()
        dataset.fold()
    with Dataset.open(folder, annotator="mina") as dataset:
        dataset.redo()
        assert statuses(dataset) == ["generated", "generated", "skipped"]
        dataset.redo()
        assert statuses(dataset) == ["auto", "auto", "skipped"]
        assert dataset.redo() is None
