from __future__ import annotations

import math
import unicodedata
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UnusableReply
from pipeline.llm.answers import LONGEST, NotACompletion, Tokens, read_answer, read_tokens
from pipeline.llm.streams import Assembly

leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
names = st.sampled_from(
    ["choices", "message", "delta", "content", "usage", "finish_reason", "model", "text", "prompt_tokens", "refusal",
     "completion_tokens", "prompt_tokens_details", "reasoning", "reasoning_content"]
)  # fmt: skip
anything = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5),
    max_leaves=12,
)


def completion(message: Any, **more: Any) -> dict[str, Any]:
    return {"choices": [{"message": message, "finish_reason": "stop"}], **more}


def test_text_tokens_and_reasoning_are_read() -> None:
    answer = read_answer(
        completion(
            {"content": " Hello ", "reasoning_content": "Let me see."},
            model="gpt-x",
            usage={"prompt_tokens": 100, "completion_tokens": 30,
                   "prompt_tokens_details": {"cached_tokens": 40}, "completion_tokens_details": {"reasoning_tokens": 20}},
        )
    )  # fmt: skip
    assert (answer.text, answer.reasoning, answer.served_by) == ("Hello", "Let me see.", "gpt-x")
    assert answer.tokens == Tokens(prompt=100, cached=40, completion=30, reasoning=20)


def test_reasoning_that_is_not_counted_is_estimated_by_its_share_of_the_text() -> None:
    answer = read_answer(
        completion(
            {"content": "<think>aaaa</think>bbbb"}, usage={"prompt_tokens": 1, "completion_tokens": 10}
        )
    )
    assert answer.tokens is not None
    assert answer.tokens.reasoning == 5


def test_a_message_in_parts_is_joined() -> None:
    answer = read_answer(
        completion({"content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}, {}]})
    )
    assert answer.text == "Hello"


def test_text_is_nfc_and_has_no_torn_characters() -> None:
    answer = read_answer(completion({"content": unicodedata.normalize("NFD", "한글") + "\ud83d\ude00\ud83d"}))
    assert answer.text == "한글😀\ufffd"
    answer.text.encode()


def test_cached_tokens_are_never_more_than_the_prompt() -> None:
    assert read_tokens(
        {"prompt_tokens": 5, "completion_tokens": 1, "prompt_tokens_details": {"cached_tokens": 9}}
    ) == (Tokens(prompt=5, cached=5, completion=1))


def test_whole_numbers_may_be_written_with_a_point() -> None:
    assert read_tokens({"prompt_tokens": 12.0, "completion_tokens": 3.0}) == Tokens(prompt=12, completion=3)


@pytest.mark.parametrize("usage", [None, {}, 7, {"prompt_tokens": "5", "completion_tokens": 1}, {"prompt_tokens": 5.5, "completion_tokens": 1}, {"prompt_tokens": math.inf, "completion_tokens": 1}, {"prompt_tokens": -1, "completion_tokens": 1}, {"prompt_tokens": True, "completion_tokens": 1}])  # fmt: skip
def test_tokens_that_make_no_sense_count_as_not_said(usage: object) -> None:
    assert read_tokens(usage) is None


@given(anything)
def test_no_shape_of_json_breaks_the_reader(data: object) -> None:
    with suppress(NotACompletion):
        answer = read_answer(data)
        with suppress(UnusableReply):
            answer.check_usable("m")
            assert answer.text


@given(st.lists(anything, max_size=4))
def test_no_shape_of_stream_breaks_the_reader(chunks: list[object]) -> None:
    assembly = Assembly()
    with suppress(NotACompletion):
        for chunk in chunks:
            assert isinstance(assembly.take(chunk), str)
    with suppress(UnusableReply):
        assembly.answer().check_usable("m")


def test_a_character_torn_over_two_chunks_is_shown_whole() -> None:
    assembly = Assembly()
    shown = [assembly.take({"choices": [{"delta": {"content": piece}}]}) for piece in ("a\ud83d", "\ude00b")]
    assert shown == ["a", "😀b"]
    assert assembly.answer().text == "a😀b"


@pytest.mark.parametrize("field", ["content", "reasoning_content"])
def test_an_endless_answer_is_refused(field: str) -> None:
    with pytest.raises(NotACompletion, match="more than"):
        read_answer(completion({"content": "Hello", field: "x" * (LONGEST + 1)}))


def test_an_endless_stream_is_refused_before_it_fills_the_memory() -> None:
    assembly = Assembly()
    chunk = {"choices": [{"delta": {"content": "x" * 1000}}]}
    for _ in range(LONGEST // 1000):
        assembly.take(chunk)
    with pytest.raises(NotACompletion, match="more than"):
        assembly.take(chunk)
