from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.records import Candidate, Sentence, sentence_id
from data.store import Dataset, ProjectFolder
from pipeline.order import TOO_EASY, arrange, finish, initial, select

GROUPS = [f"{initial}{tail}" for initial in "가나다라마바사아자차카타파하" for tail in ("슴", "방")]
ITEMS = [f"{group}:{number}" for group in GROUPS for number in range(5)]


def group_of(item: str) -> str:
    return item.partition(":")[0]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        dataset.add_sentences(
            Sentence(id=sentence_id(item), source=item, group=group_of(item)) for item in ITEMS
        )
        yield dataset


def test_any_prefix_of_a_balanced_order_covers_alphabet_and_groups() -> None:
    ordered = arrange(ITEMS, group_of, "balanced", seed=1)
    assert {initial(item) for item in ordered[:14]} == set("ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ")
    assert {group_of(item) for item in ordered[: len(GROUPS)]} == set(GROUPS)


@given(st.lists(st.text(max_size=5), max_size=40), st.sampled_from(["balanced", "shuffled", "file"]))
def test_an_order_loses_and_repeats_nothing(items: list[str], order: str) -> None:
    assert sorted(arrange(items, group_of, order, 3)) == sorted(items)


def test_an_order_depends_on_its_seed_alone() -> None:
    orders = [arrange(ITEMS, group_of, "balanced", seed=seed) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]


@pytest.mark.parametrize(
    ("text", "letter"), [("까다", "ㄲ"), ("“힘”", "ㅎ"), ("Émile", "é"), ("3월", "3"), ("…", "")]
)
def test_initials(text: str, letter: str) -> None:
    assert initial(text) == letter


def test_an_interrupted_call_gets_its_own_sentences_again(dataset: Dataset) -> None:
    first = select(dataset, limit=10)
    candidate(dataset, first.ids[0])
    finish(dataset, first)
    assert select(dataset, limit=10) == first


def test_a_finished_call_chooses_others_next_time(dataset: Dataset) -> None:
    first = select(dataset, limit=10)
    for sentence in first.ids[:8]:
        candidate(dataset, sentence)
    dataset.mark_failed(first.ids[8], "no answer")
    dataset.set_flag(first.ids[9], TOO_EASY, True)
    finish(dataset, first)
    second = select(dataset, limit=10)
    assert not set(second.ids) & set(first.ids)


def test_failed_sentences_come_last(dataset: Dataset) -> None:
    failed = sentence_id(ITEMS[0])
    dataset.mark_failed(failed, "no answer")
    assert select(dataset).ids[-1] == failed


def test_common_openings_are_noted_when_a_run_starts(dataset: Dataset) -> None:
    for number, sentence in enumerate(dataset.ids()[:30]):
        candidate(dataset, sentence, "I start by identifying it." if number < 10 else f"{number} words.")
    selection = select(dataset, limit=5)
    assert selection.avoid_openings == ("I start by identifying",)
    assert select(dataset, limit=5).avoid_openings == selection.avoid_openings


def candidate(dataset: Dataset, sentence: str, thought: str = "t") -> None:
    dataset.add_candidate(Candidate(id=f"c{sentence}", sentence=sentence, thought=thought, output="o"))
