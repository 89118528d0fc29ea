from __future__ import annotations

import pytest

from data.errors import ReadOnlyProject, StoreError
from data.records import Example, Generated, Reference, Status
from data.store import Added, Dataset, ProjectFolder
from tests.stubs.made_up import a_candidate, a_decision, a_sentence


def reopened(folder: ProjectFolder, annotator: str = "mina") -> Dataset:
    return Dataset.open(folder, annotator=annotator)


def test_opening_an_empty_project_creates_nothing(folder: ProjectFolder) -> None:
    with Dataset.open(folder) as dataset:
        assert dataset.count() == 0
        assert dataset.follow() == frozenset()
        dataset.fold()
    assert not folder.root.exists()


def test_sentences_keep_import_order_and_are_counted_once(folder: ProjectFolder) -> None:
    sentences = [a_sentence(number) for number in (5, 3, 9, 3)]
    with reopened(folder) as dataset:
        assert dataset.add_sentences(sentences) == Added(3, 1)
        assert dataset.add_sentences([a_sentence(9), a_sentence(1)]) == Added(1, 1)
        assert dataset.ids() == [a_sentence(number).id for number in (5, 3, 9, 1)]
    with reopened(folder) as dataset:
        assert dataset.ids() == [a_sentence(number).id for number in (5, 3, 9, 1)]
        assert dataset.counts()[Status.NEW] == dataset.count() == 4


def test_a_sentence_comes_back_as_it_was(folder: ProjectFolder) -> None:
    sentence = a_sentence(
        1,
        references=(Reference(text="He knows everyone."),),
        register="talk",
        group="발이 넓다",
        status="theirs",
        score="A+",
        extra={"page": 3},
        note="unknown to us",
    )
    with reopened(folder) as dataset:
        dataset.add_sentences([sentence])
        dataset.set_flag(sentence.id, "hard", True)
        assert dataset.sentence(sentence.id) == sentence
        dataset.fold()
    with reopened(folder) as dataset:
        assert dataset.sentence(sentence.id) == sentence
        assert dataset.row(sentence.id).status is Status.NEW
        assert dataset.row(sentence.id).flags == ("hard",)


def test_a_candidate_makes_its_sentence_ready(folder: ProjectFolder) -> None:
    sentence = a_sentence()
    first, second = (
        a_candidate(sentence, score=40, findings=()),
        a_candidate(sentence, score=95, settings="b"),
    )
    with reopened(folder) as dataset:
        dataset.add_sentences([sentence])
        for candidate in (first, second, first):
            dataset.add_candidate(candidate)
        row = dataset.row(sentence.id)
        assert (row.status, row.score, row.codes) == (Status.GENERATED, 95, ("openings",))
        assert dataset.candidates_of(sentence.id) == (first.id, second.id)
        assert row.candidate == second.id
        assert dataset.candidate(first.id) == first
        assert dataset.candidate_with(sentence.id, "b") == second.id
        assert dataset.candidate_with(sentence.id, "c") is None


def test_an_accepted_candidate_is_an_example(folder: ProjectFolder) -> None:
    sentence = a_sentence(references=(Reference(text="bad", good=False), Reference(text="good")), group="g")
    candidate = a_candidate(sentence)
    with reopened(folder) as dataset:
        dataset.add_sentences([sentence])
        dataset.add_candidate(candidate)
        assert dataset.decide(a_decision(sentence)) is Status.ACCEPTED
        example = dataset.example(sentence.id)
        [decision] = dataset.decisions_of(sentence.id)
    assert example == Example(
        id=sentence.id,
        source=sentence.source,
        reference="good",
        group="g",
        status=Status.ACCEPTED,
        thought=candidate.thought,
        output=candidate.output,
        drafts=candidate.drafts,
        decision=decision,
        sentence=sentence,
        candidate=candidate.id,
    )
    assert decision.candidate == candidate.id


def test_accepting_changed_text_is_an_edit_and_keeps_what_was_generated(folder: ProjectFolder) -> None:
    sentence = a_sentence()
    candidate = a_candidate(sentence)
    with reopened(folder) as dataset:
        dataset.add_sentences([sentence])
        dataset.add_candidate(candidate)
        status = dataset.decide(a_decision(sentence, thought=candidate.thought, output="He knows them all."))
        example = dataset.example(sentence.id)
        [decision] = dataset.decisions_of(sentence.id)
        assert status is Status.EDITED
        assert example is not None
        assert (example.thought, example.output) == (candidate.thought, "He knows them all.")
        assert example.generated == Generated(thought=candidate.thought, output=candidate.output)
        assert (decision.kind, decision.thought, decision.output) == ("edit", None, "He knows them all.")


def test_an_edit_that_changes_nothing_is_an_acceptance(folder: ProjectFolder) -> None:
    sentence = a_sentence()
    candidate = a_candidate(sentence)
    with reopened(folder) as dataset:
        dataset.add_sentences([sentence])
        dataset.add_candidate(candidate)
        assert dataset.decide(a_decision(sentence, "edit", output=candidate.output)) is Status.ACCEPTED


@pytest.mark.parametrize(
    ("kind", "fields", "status"),
    [
        ("reject", {"reasons": ("meaning-wrong",)}, Status.REJECTED),
        ("reject", {"reasons": ("meaning-wrong", "needs-context")}, Status.PARKED),
        ("skip", {}, Status.SKIPPED),
        ("park", {"note": "half a sentence"}, Status.PARKED),
        ("auto", {}, Status.AUTO),
        ("reopen", {}, Status.GENERATED),
    ],
)
def test_each_kind_of_decision_gives_its_status(
    folder: ProjectFolder, kind: str, fields: dict[str, object], status: Status
) -> None:
    sentence = a_sentence()
    with reopened(folder) as dataset:
        dataset.add_sentences([sentence])
        dataset.add_candidate(a_candidate(sentence))
        assert dataset.decide(a_decision(sentence, kind, **fields)) is status
        assert (dataset.example(sentence.id) is not None) == (status is Status.AUTO)


def test_why_a_sentence_failed_or_was_parked(folder: ProjectFolder) -> None:
    broken, failed = a_sentence(1), a_sentence(2)
    with reopened(folder) as dataset:
        dataset.add_sentences([broken, failed])
        dataset.decide(a_decision(broken, "reject", reasons=("source-broken",)))
        dataset.mark_failed(failed.id, "literal: empty reply")
        assert dataset.failure(broken.id) == "source-broken"
        assert dataset.failure(failed.id) == "literal: empty reply"
        assert dataset.ids({Status.FAILED}) == [failed.id]
        assert dataset.reopen(failed.id) is Status.NEW
        assert dataset.failure(failed.id) is None
        assert dataset.reopen(broken.id) is Status.NEW


def test_a_failed_attempt_takes_no_candidate_away(folder: ProjectFolder) -> None:
    sentence = a_sentence()
    with reopened(folder) as dataset:
        dataset.add_sentences([sentence])
        dataset.add_candidate(a_candidate(sentence))
        dataset.mark_failed(sentence.id, "no answer")
        assert dataset.row(sentence.id).status is Status.GENERATED
        dataset.decide(a_decision(sentence))
        dataset.mark_failed(sentence.id, "no answer")
        dataset.add_candidate(a_candidate(sentence))
        assert dataset.row(sentence.id).status is Status.ACCEPTED


def test_a_decision_that_is_repeated_counts_once(folder: ProjectFolder) -> None:
    sentence = a_sentence()
    decision = a_decision(sentence, "skip")
    with reopened(folder) as dataset:
        dataset.add_sentences([sentence])
        assert dataset.decide(decision) is dataset.decide(decision) is Status.SKIPPED
        assert len(dataset.decisions_of(sentence.id)) == 1


def test_there_must_be_something_to_accept(folder: ProjectFolder) -> None:
    sentence, other = a_sentence(1), a_sentence(2)
    with reopened(folder) as dataset:
        dataset.add_sentences([sentence, other])
        with pytest.raises(StoreError, match="nothing to accept"):
            dataset.decide(a_decision(sentence))
        dataset.add_candidate(a_candidate(other))
        with pytest.raises(StoreError, match="another sentence"):
            dataset.decide(a_decision(sentence, candidate=dataset.row(other.id).candidate))
        assert dataset.decide(a_decision(sentence, thought="by hand", output="by hand")) is Status.EDITED
        assert next(iter(dataset.decisions())).kind == "edit"


def test_questions_by_status_and_group(folder: ProjectFolder) -> None:
    sentences = [a_sentence(number, group="odd" if number % 2 else "even") for number in range(6)]
    ids = [sentence.id for sentence in sentences]
    with reopened(folder) as dataset:
        dataset.add_sentences(sentences)
        for number in (4, 1, 3):
            dataset.add_candidate(a_candidate(sentences[number]))
        dataset.decide(a_decision(sentences[3]))
        assert dataset.ids({Status.GENERATED}) == [ids[1], ids[4]]
        assert dataset.ids({Status.GENERATED, Status.NEW}) == [ids[0], ids[1], ids[2], ids[4], ids[5]]
        assert dataset.ids({Status.GENERATED, Status.ACCEPTED}, group="odd") == [ids[1], ids[3]]
        assert dataset.groups() == {"even": 3, "odd": 3}
        assert dataset.next_id({Status.GENERATED}) == ids[1]
        assert dataset.next_id({Status.GENERATED, Status.NEW}, after=ids[2]) == ids[4]
        assert dataset.next_id({Status.ACCEPTED}, after=ids[3]) is None


def test_a_changed_sentence_changes_its_example(folder: ProjectFolder) -> None:
    sentence = a_sentence(references=(Reference(text="He knows all."),), group="a")
    with reopened(folder) as dataset:
        dataset.add_sentences([sentence])
        dataset.add_candidate(a_candidate(sentence))
        dataset.decide(a_decision(sentence))
        dataset.update_sentence(sentence.model_copy(update={"split": "test", "references": (), "group": "b"}))
        example = dataset.example(sentence.id)
        assert example is not None
        assert example.sentence is not None
        assert (example.reference, example.sentence.split, example.group) == (None, "test", "b")
        assert dataset.row(sentence.id).status is Status.ACCEPTED
        assert dataset.ids(group="b") == [sentence.id]
        assert dataset.groups() == {"b": 1}


def test_meta_keeps_small_values(folder: ProjectFolder) -> None:
    with reopened(folder) as dataset:
        dataset.note_meta("languages", ["ko", "en"])
        dataset.note_meta("run", {"limit": 5})
        dataset.fold()
        dataset.note_meta("run", {"limit": 6})
    with reopened(folder) as dataset:
        assert dataset.meta("languages") == ["ko", "en"]
        assert dataset.meta("run") == {"limit": 6}
        assert dataset.meta("nothing") is None


def test_reading_only_creates_no_file_and_refuses_changes(folder: ProjectFolder) -> None:
    with reopened(folder) as dataset:
        dataset.add_sentences([a_sentence()])
    folder.lock.unlink()
    before = sorted(folder.root.rglob("*"))
    with Dataset.open(folder, read_only=True) as dataset:
        assert dataset.count() == 1
        assert dataset.follow() == frozenset()
        dataset.fold()
        with pytest.raises(ReadOnlyProject):
            dataset.decide(a_decision(a_sentence(), "skip"))
    assert sorted(folder.root.rglob("*")) == before


def test_unknown_ids_are_named(folder: ProjectFolder) -> None:
    with reopened(folder) as dataset:
        with pytest.raises(StoreError, match="no sentence nobody"):
            dataset.row("nobody")
        with pytest.raises(StoreError, match="no candidate nobody"):
            dataset.candidate("nobody")
        assert "nobody" not in dataset


def test_text_that_json_cannot_hold_changes_nothing(folder: ProjectFolder) -> None:
    with reopened(folder) as dataset:
        with pytest.raises(StoreError, match="JSON"):
            dataset.note_meta("broken", "\ud800")
        assert dataset.meta("broken") is None
        assert dataset.add_sentences([a_sentence()]) == Added(1, 0)


def test_what_is_held_is_readable_after_closing(folder: ProjectFolder) -> None:
    with reopened(folder) as dataset:
        dataset.add_sentences([a_sentence()])
        dataset.decide(a_decision(a_sentence(), thought="t", output="o"))
        examples = dataset.examples()
    assert [example.output for example in examples] == ["o"]
