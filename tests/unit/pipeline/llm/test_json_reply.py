from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UnusableReply
from pipeline.llm.json_reply import json_object, whole_score

WANTED = {"reason": "idiom lost, see “feet”", "score": 62}
PLAIN = json.dumps(WANTED, ensure_ascii=False)

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
objects = st.dictionaries(
    st.text(),
    st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8),
)


@pytest.mark.parametrize(
    "reply",
    [
        PLAIN,
        f"```json\n{PLAIN}\n```",
        f"```\n{PLAIN}",
        f"Here is my evaluation:\n\n{PLAIN}\n\nLet me know!",
        f"Sure {{as asked}}: {PLAIN}",
        PLAIN.replace("}", ",}"),
        PLAIN.replace('"score"', "“score”").replace('"reason"', "“reason”"),
        "{'reason': 'idiom lost, see “feet”', 'score': 62}",
        '{"reason": "idiom lost, see “feet”", "score": 62',
        f"<answer>{PLAIN}</answer>",
        "\ufeff" + PLAIN,
    ],
)
def test_an_object_is_read_however_it_is_wrapped(reply: str) -> None:
    assert json_object(reply) == WANTED


def test_a_string_cut_off_in_the_middle_is_closed() -> None:
    assert json_object('{"score": 62, "reason": "idiom lo') == {"score": 62, "reason": "idiom lo"}


def test_commas_and_quotes_inside_strings_stay() -> None:
    assert json_object('{"reason": "he said: \'no\',} “yes”", "score": 1,}') == {
        "reason": "he said: 'no',} “yes”",
        "score": 1,
    }


@pytest.mark.parametrize(
    "reply", ["", "I think it is good.", "[1, 2]", "62", "null", "{", "{]", "{{{{", "{'a': __import__('os')}"]
)
def test_what_is_no_object_says_so_in_words_for_the_model(reply: str) -> None:
    with pytest.raises(UnusableReply, match="JSON object"):
        json_object(reply)


@given(
    objects,
    st.text(alphabet=st.characters(exclude_characters="{}`"), max_size=30),
    st.text(alphabet=st.characters(exclude_characters="{}`"), max_size=30),
)
def test_any_object_is_found_between_any_words(value: dict[str, object], before: str, after: str) -> None:
    assert json_object(f"{before}\n{json.dumps(value)}\n{after}") == value


@given(st.text())
def test_nothing_a_model_writes_breaks_the_reader(reply: str) -> None:
    with suppress(UnusableReply):
        assert isinstance(json_object(reply), dict)


@given(st.text(alphabet="{}[]\"':,\\ \n0a“", max_size=200))
def test_nothing_that_looks_like_json_breaks_the_reader(reply: str) -> None:
    with suppress(UnusableReply):
        assert isinstance(json_object(reply), dict)


def test_deep_nesting_is_refused_and_not_crashed_on() -> None:
    with pytest.raises(UnusableReply):
        json_object('{"a":' + "[" * 100_000)


@pytest.mark.parametrize(
    ("written", "score"),
    [
        (85, 85), (85.0, 85), (84.5, 85), ("85", 85), (" 85 / 100 ", 85), ("85/100", 85), ("8.5/10", 85),
        ("17 out of 20", 85), ("85%", 85), ("about 85", 85), ("85,5", 86), (0.85, 85), (0, 0), (1, 1), (100, 100),
        (105, 100), (-3, 0), ("score: 85", 85),
    ],
)  # fmt: skip
def test_a_score_is_read_however_it_is_written(written: object, score: int) -> None:
    assert whole_score(written) == score


@pytest.mark.parametrize(
    "written", [None, True, "", "excellent", [85], {"value": 85}, float("nan"), float("inf"), 10**400, "3/0"]
)
def test_what_is_no_score_says_so(written: object) -> None:
    with pytest.raises(UnusableReply, match="0 to 100"):
        whole_score(written)


@given(scalars | st.lists(scalars))
def test_a_score_is_a_whole_number_from_0_to_100_or_refused(written: object) -> None:
    try:
        score = whole_score(written)
    except UnusableReply:
        return
    assert isinstance(score, int)
    assert 0 <= score <= 100
