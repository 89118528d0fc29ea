"""Reading the two answers of mining, whatever a model wrote."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agents.mine import read_answer
from pipeline.errors import UnusableReply


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ('{"reason": "r", "figurative": true, "spoiled": true, "kinds": ["idiom"], "words": ["a"]}', True),
        ('{"reason": "r", "figurative": true, "spoiled": false, "kinds": [], "words": []}', False),
        ('Sure!\n```json\n{"reason": "r", "figurative": "Yes", "spoiled": "yes."}\n```', True),
        ("{'reason': 'r', 'figurative': True, 'spoiled': True}", True),
        ('{"reason": "r", "figurative": 1, "spoiled": 0}', False),
        ('{"reason": "r", "figurative": false}', False),
        ('{"reason": "r", "figurative": "네", "spoiled": "예"', True),
    ],
)
def test_yes_and_no_are_read_however_they_are_written(reply: str, kept: bool) -> None:
    answer = read_answer(reply)

    assert answer.is_worth_translating is kept
    assert answer.reason == "r"


@pytest.mark.parametrize(
    "reply",
    ["", "yes", "{}", '{"figurative": "perhaps", "spoiled": true}', '{"figurative": true}', '{"spoiled": true}',
     '{"figurative": null, "spoiled": true}', '{"figurative": [true], "spoiled": true}'],
)  # fmt: skip
def test_without_both_answers_a_reply_is_of_no_use(reply: str) -> None:
    with pytest.raises(UnusableReply):
        read_answer(reply)


def test_only_kinds_that_there_are_and_a_few_words_are_taken() -> None:
    answer = read_answer(
        json.dumps({
            "reason": ["r", 5], "figurative": True, "spoiled": True, "kinds": ["Simile", "joke", 3, "simile"],
            "words": ["a", "a", "", 7, None, "b", "c", "d", "\ud800"],
        })
    )  # fmt: skip

    assert answer.kinds == ("simile",)
    assert answer.words == ("a", "b", "c")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.one_of(
        st.text(),
        st.fixed_dictionaries(
            {}, optional=dict.fromkeys(("reason", "figurative", "spoiled", "kinds", "words"), json_values)
        ).map(json.dumps),
    )
)
def test_any_reply_is_read_or_refused_in_words(reply: str) -> None:
    with suppress(UnusableReply):
        assert read_answer(reply).model_dump_json()
