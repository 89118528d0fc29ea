"""The first question after an opening is answered without finding all rows, and answered the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from data.errors import StoreError
from data.records import Sentence
from data.store import Dataset, ProjectFolder
from tests.stubs.made_up import a_candidate, a_decision, a_sentence

COUNT = 5


@pytest.fixture
def sentences(folder: ProjectFolder) -> list[Sentence]:
    """Folded sentences with a candidate each, of which the first was accepted."""
    made = [a_sentence(number) for number in range(COUNT)]
    with Dataset.open(folder) as dataset:
        dataset.add_sentences(made)
        for sentence in made:
            dataset.add_candidate(a_candidate(sentence, id=f"C{sentence.id}"))
        dataset.decide(a_decision(made[0]))
        dataset.fold()
    return made


@pytest.mark.parametrize("number", range(COUNT))
def test_any_candidate_may_be_asked_for_first(
    folder: ProjectFolder, sentences: Sequence[Sentence], number: int
) -> None:
    asked = f"C{sentences[number].id}"
    with Dataset.open(folder) as dataset:
        first = dataset.candidate(asked)
        assert first.sentence == sentences[number].id
        assert dataset.candidate(asked) == first
        assert [dataset.candidate(f"C{one.id}").sentence for one in sentences] == [
            one.id for one in sentences
        ]


def test_what_came_after_the_fold_counts(folder: ProjectFolder, sentences: Sequence[Sentence]) -> None:
    with Dataset.open(folder) as dataset:
        dataset.add_candidate(a_candidate(sentences[1], id="later"))
        dataset.decide(a_decision(sentences[1], "reject"))
    with Dataset.open(folder) as dataset:
        assert dataset.candidate("later").sentence == sentences[1].id
        assert [each.kind for each in dataset.decisions_of(sentences[1].id)] == ["reject"]


def test_decisions_are_found_where_there_are_some(
    folder: ProjectFolder, sentences: Sequence[Sentence]
) -> None:
    with Dataset.open(folder) as dataset:
        assert dataset.ruling(sentences[1].id) is None
        assert len(dataset.decisions_of(sentences[0].id)) == 1
    with Dataset.open(folder) as dataset:
        ruling = dataset.ruling(sentences[0].id)
        assert ruling is not None
        assert ruling.kind == "accept"


def test_a_candidate_that_there_is_not(folder: ProjectFolder, sentences: Sequence[Sentence]) -> None:
    with Dataset.open(folder) as dataset, pytest.raises(StoreError, match="no candidate"):
        dataset.candidate("nobody's")


def test_looking_at_all_changes_no_answer(folder: ProjectFolder, sentences: Sequence[Sentence]) -> None:
    with Dataset.open(folder) as dataset:
        dataset.look_at_all()
        assert dataset.candidate(f"C{sentences[2].id}").sentence == sentences[2].id
        assert dataset.ruling(sentences[2].id) is None
