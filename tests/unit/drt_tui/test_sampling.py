"""Sampling settings as they are shown and typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drt_tui.comparing.sampling import read_sampling, told_sampling, typed_sampling
from train.evaluation.contender import Sampling

SAMPLINGS = st.builds(
    Sampling,
    temperature=st.sampled_from([0.0, 0.3, 0.7, 1.25]),
    top_p=st.sampled_from([0.05, 0.9, 1.0]),
    seed=st.integers(0, 2**31 - 1),
    max_tokens=st.none() | st.integers(1, 32_768),
)


@given(SAMPLINGS, SAMPLINGS)
def test_what_is_shown_for_typing_reads_as_itself(sampling: Sampling, before: Sampling) -> None:
    assert read_sampling(typed_sampling(sampling), before) == sampling


def test_only_what_is_named_changes() -> None:
    assert read_sampling("temp=0.5, seed: 3", Sampling(max_tokens=9)) == Sampling(0.5, 1.0, 3, 9)
    assert read_sampling("greedy", Sampling(0.5, 0.9, 3)) == Sampling(0.0, 1.0, 3)
    assert read_sampling("  ", Sampling(0.5)) == Sampling(0.5)


@given(st.text().filter(lambda text: text.strip() and text.strip().lower() != "greedy"))
def test_any_other_text_is_refused_in_words_or_read(text: str) -> None:
    message = ""
    try:
        read = read_sampling(text, Sampling())
    except ValueError as error:
        message = str(error)
        read = None
    assert message or read == read_sampling(typed_sampling(read or Sampling()), Sampling())


@pytest.mark.parametrize(
    "text", ["temperature 9", "top_p 0", "seed 1.5", "max 0", "colour 3", "temperature 1..2"]
)
def test_a_value_that_no_server_takes_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_sampling(text, Sampling())


def test_greedy_needs_no_seed() -> None:
    assert told_sampling(Sampling(seed=4)) == "greedy"
    assert told_sampling(Sampling(0.7, 0.9, 4, 40)) == "temperature 0.7 · top_p 0.9 · seed 4 · max 40"
