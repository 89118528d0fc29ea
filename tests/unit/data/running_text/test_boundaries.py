"""Where sentences end: measured on lines marked by hand, and what holds for any text at all."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.running_text import SentenceSplitter, split_sentences
from data.running_text.boundaries import LONGEST


def read(name: str) -> list[dict[str, str]]:
    path = Path(__file__).parent / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


MARKED = read("marked_lines.jsonl")
"""Lines that the rules were made with."""
UNSEEN = read("unseen_lines.jsonl")
"""Lines that were written when the rules were done."""
FLOOR = 0.97
"""Of precision and of recall; what is measured stands in the output of tests/benchmarks/sentences.py."""

SIGNS = ".!?…。！？\"'“”‘’()（）[] \n—-1aA"
texts = st.one_of(
    st.text(max_size=400),
    st.text(alphabet=SIGNS + "Mr.I 다요까가나他说了", max_size=600),
    st.lists(st.sampled_from([row["marked"] for row in MARKED]), max_size=8).map(" ".join),
)


def ends(sentences: list[str]) -> set[int]:
    """How many letters stand before each boundary."""
    places, letters = set(), 0
    for sentence in sentences[:-1]:
        letters += len(re.sub(r"\s", "", sentence))
        places.add(letters)
    return places


def without_space(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("lines", [MARKED, UNSEEN], ids=["marked", "unseen"])
@pytest.mark.parametrize("language", ["en", "ko", "zh"])
def test_boundaries_are_where_a_person_put_them(lines: list[dict[str, str]], language: str) -> None:
    right = wrong = missed = 0
    for row in lines:
        if row["language"] == language:
            wanted = ends(row["marked"].split("¦"))
            found = ends(list(split_sentences([row["marked"].replace("¦", "")])))
            right += len(wanted & found)
            wrong += len(found - wanted)
            missed += len(wanted - found)

    assert right / (right + wrong) >= FLOOR
    assert right / (right + missed) >= FLOOR


def test_no_marked_line_counts_twice() -> None:
    assert len({row["marked"] for row in (*MARKED, *UNSEEN)}) == len(MARKED) + len(UNSEEN) >= 200


@given(texts)
def test_sentences_joined_are_the_text(text: str) -> None:
    sentences = list(split_sentences([text]))

    assert without_space("".join(sentences)) == without_space(text)
    assert all(sentence == sentence.strip() != "" for sentence in sentences)


@given(texts, st.lists(st.integers(0, 700), max_size=6))
def test_how_a_text_is_cut_into_pieces_changes_nothing(text: str, cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(text)]
    pieces = [text[start:end] for start, end in pairwise(places)]

    assert list(split_sentences(pieces)) == list(split_sentences([text]))


@given(st.lists(st.sampled_from(["A. ", "다. ", "“", ".", "(", "他", "x" * 900, " "]), max_size=30))
def test_a_long_text_in_single_characters_is_split_alike(parts: list[str]) -> None:
    text = "".join(parts)

    assert list(split_sentences(text)) == list(split_sentences([text]))


@given(texts)
def test_a_sentence_knows_where_it_begins(text: str) -> None:
    splitter = SentenceSplitter()

    for start, sentence in [*splitter.feed(text), *splitter.end()]:
        assert text[start : start + len(sentence)] == sentence


@pytest.mark.parametrize(
    "piece", ["A. ", "(A. ", ".", "a", "“", ". . ", "Mr. ", "…", "(", "말", "他说", "a ", "-", "—”", "[1"]
)
def test_text_without_an_end_is_cut_and_lost_nowhere(piece: str) -> None:
    text = piece * (3 * LONGEST // len(piece))

    sentences = list(split_sentences([text]))

    assert without_space("".join(sentences)) == without_space(text)
    assert max(map(len, sentences)) <= LONGEST
