from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.format import Format
from data.ids import new_id
from data.records import Candidate, Decision, Sentence, sentence_id
from data.store import Dataset, ProjectFolder
from train.rows import Item
from train.selection import balance, divide, select
from train.settings import TrainSettings

FORMAT = Format("ko", "en")


@pytest.fixture
def dataset(tmp_path: Path) -> Iterator[Dataset]:
    with Dataset.open(ProjectFolder(tmp_path), annotator="kim") as opened:
        yield opened


def judge(dataset: Dataset, source: str, kind: str, *, split: str | None = None, **changes: object) -> str:
    sentence = Sentence.model_validate(
        {"id": sentence_id(source), "source": source, "group": f"idiom {source}", "split": split}
    )
    dataset.add_sentences([sentence])
    first = Candidate(id=new_id(), sentence=sentence.id, thought=f"I think {source}", output=f"made {source}")
    dataset.add_candidate(first)
    dataset.decide(
        Decision.model_validate(
            {"id": new_id(), "sentence": sentence.id, "candidate": first.id, "kind": kind, "by": "kim"}
            | changes
        )
    )
    return sentence.id


def test_curated_rows_are_the_accepted_and_edited_ones_as_edited(dataset: Dataset) -> None:
    judge(dataset, "a", "accept")
    judge(dataset, "b", "edit", output="better b", thought="I think again")
    judge(dataset, "c", "reject")
    chosen = select(dataset, TrainSettings(valid=0), FORMAT)
    assert {(item.source, item.output) for item in chosen.train} == {("a", "made a"), ("b", "better b")}


def test_the_uncurated_baseline_has_the_judged_candidates_as_they_were_made(dataset: Dataset) -> None:
    judge(dataset, "a", "accept")
    edited = judge(dataset, "b", "edit", output="better b", thought="I think again")
    judge(dataset, "c", "reject")
    judge(dataset, "d", "skip")
    dataset.add_candidate(Candidate(id=new_id(), sentence=edited, thought="later", output="later"))
    chosen = select(dataset, TrainSettings(valid=0, uncurated=True), FORMAT)
    assert {item.output for item in chosen.train} == {"made a", "made b", "made c"}


def test_a_split_of_the_set_is_kept_and_test_rows_are_never_trained(dataset: Dataset) -> None:
    judge(dataset, "a", "accept", split="train")
    judge(dataset, "b", "accept", split="valid")
    judge(dataset, "c", "accept", split="test")
    chosen = select(dataset, TrainSettings(), FORMAT)
    assert chosen.own_split
    assert [item.source for item in chosen.train] == ["a"]
    assert [item.source for item in chosen.valid] == ["b"]


def test_rows_are_held_out_by_idiom_where_the_sets_own_split_leaves_none(dataset: Dataset) -> None:
    for letter in "abcdefgh":
        judge(dataset, letter, "accept", split="train")
    judge(dataset, "z", "accept", split="test")
    chosen = select(dataset, TrainSettings(valid=0.25), FORMAT)
    assert not chosen.own_split
    assert (len(chosen.train), len(chosen.valid)) == (6, 2)
    assert "z" not in {item.source for item in (*chosen.train, *chosen.valid)}


def test_a_split_that_is_yet_to_be_settled_counts(dataset: Dataset) -> None:
    judge(dataset, "a", "accept", split="train")
    moving = judge(dataset, "b", "accept", split="valid")
    assert [item.source for item in select(dataset, TrainSettings(), FORMAT).valid] == ["b"]
    chosen = select(dataset, TrainSettings(valid=0), FORMAT, {moving: "train"})
    assert {item.source for item in chosen.train} == {"a", "b"}


def test_context_is_read_from_the_document(dataset: Dataset) -> None:
    dataset.add_sentences(
        Sentence(id=sentence_id(text), source=text, document="novel", position=n)
        for n, text in enumerate("wxyz", 1)
    )
    candidate = Candidate(id=new_id(), sentence=sentence_id("z"), thought="t", output="o")
    dataset.add_candidate(candidate)
    dataset.decide(
        Decision(id=new_id(), sentence=candidate.sentence, candidate=candidate.id, kind="accept", by="kim")
    )
    [item] = select(dataset, TrainSettings(valid=0), Format("ko", "en", context=2)).train
    assert item.before == ("x", "y")


groups = st.lists(st.integers(0, 8), min_size=2, max_size=60)


@given(groups, st.floats(0.01, 0.5), st.integers(0, 3))
def test_no_idiom_is_on_both_sides_and_nothing_is_lost(made: list[int], share: float, seed: int) -> None:
    items = [(Item(str(n), "s", "t", "o", group=str(group)), None) for n, group in enumerate(made)]
    chosen = divide(items, share, seed)
    assert sorted(item.id for item in (*chosen.train, *chosen.valid)) == sorted(item.id for item, _ in items)
    assert chosen.train
    assert chosen.valid
    if len(set(made)) > 1:
        assert not {item.group for item in chosen.train} & {item.group for item in chosen.valid}


def test_the_order_is_shuffled_by_seed_alone() -> None:
    items = [(Item(str(n), "s", "t", "o"), None) for n in range(50)]
    first, again, other = divide(items, 0.1, 0), divide(items, 0.1, 0), divide(items, 0.1, 1)
    assert first == again != other
    assert [item.id for item in first.train] != sorted((item.id for item in first.train), key=int)


def test_balance_counts_idioms_most_frequent_first() -> None:
    items = [Item(str(n), "s", "t", "o", group=group) for n, group in enumerate("abba c".replace(" ", ""))]
    assert balance([*items, Item("9", "s", "t", "o")]) == {"a": 2, "b": 2, "c": 1}
