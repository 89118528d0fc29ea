"""Replies that are still being written: what can be shown of them at any moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.format import Format, parse_begun

WORDS = st.text(alphabet="abc 발이\n", min_size=1, max_size=40).map(str.strip).filter(bool)


@given(WORDS, WORDS, st.sampled_from([("thought", "output"), ("think", "answer")]), st.data())
def test_what_is_shown_grows_into_the_answer(
    thought: str, output: str, tags: tuple[str, str], data: st.DataObject
) -> None:
    answer = Format("", "", thought_tag=tags[0], output_tag=tags[1]).answer(thought, output)
    begun = parse_begun(answer[: data.draw(st.integers(0, len(answer)))])
    assert thought.startswith(begun.thought)
    assert output.startswith(begun.output)
    whole = parse_begun(answer)
    assert (whole.thought, whole.output) == (thought, output)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    begun = parse_begun(text)
    assert len(begun.thought) + len(begun.output) <= len(text) + 1


@pytest.mark.parametrize("end", ["<", "<th", "</thought", "</", "<outpu"])
def test_half_a_tag_is_not_shown(end: str) -> None:
    assert parse_begun(f"<thought>feet{end}").thought == "feet"


def test_without_tags_all_is_output() -> None:
    assert parse_begun("He knows 3 < 4.").output == "He knows 3 < 4."
