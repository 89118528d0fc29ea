from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.llm.reasoning import ReasoningCutter, cut_reasoning

pieces_of_text = st.lists(
    st.sampled_from(
        [
            "<think>",
            "</think>",
            "<thinking>",
            "</THINKING>",
            "<thought>",
            "<th",
            "<",
            "a",
            "안녕",
            "\n",
            " b ",
            "<think",
            "</",
        ]
    )
    | st.text(max_size=5),
    max_size=12,
)


@pytest.mark.parametrize(
    ("reply", "answer", "reasoning"),
    [
        ("Hello", "Hello", ""),
        ("<think>hm</think>Hello", "Hello", "hm"),
        ("<think>\nhm\n</think>\n\nHello\n", "Hello", "hm"),
        ("<think>never ends", "", "never ends"),
        ("begun by the template</think>Hello", "Hello", "begun by the template"),
        ("<thinking>hm</thinking>Hello", "Hello", "hm"),
        ("<THINK>a</THINK>b<think>c</think>d", "bd", "ac"),
        ("<thought>\nmine\n</thought>", "<thought>\nmine\n</thought>", ""),
        ("a <b and c> d", "a <b and c> d", ""),
        ("<think></think>", "", ""),
    ],
)
def test_reasoning_is_cut_off_a_whole_reply(reply: str, answer: str, reasoning: str) -> None:
    assert cut_reasoning(reply) == (answer, reasoning)


@given(pieces_of_text, st.data())
def test_it_does_not_matter_where_a_stream_is_torn(pieces: list[str], data: st.DataObject) -> None:
    whole = "".join(pieces)
    at_once = ReasoningCutter()
    expected = at_once.feed(whole) + at_once.rest()
    borders = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=10)))
    torn = ReasoningCutter()
    shown = ""
    for start, end in zip([0, *borders], [*borders, len(whole)], strict=True):
        text = torn.feed(whole[start:end])
        if torn.took_back:
            shown, torn.took_back = "", False
        shown += text
    shown += torn.rest()
    assert (shown.strip(), torn.reasoning) == (expected.strip(), at_once.reasoning)


@given(pieces_of_text)
def test_no_text_is_lost_and_no_tag_is_shown(pieces: list[str]) -> None:
    whole = "".join(pieces)
    cutter = ReasoningCutter()
    answer = cutter.feed(whole) + cutter.rest()
    kept = len(answer) + len(cutter.reasoning)
    assert kept <= len(whole)
    assert "<think>" not in answer
    assert sorted(answer + cutter.reasoning) == sorted(_without_tags(whole))


def _without_tags(text: str) -> str:
    import re

    return re.sub(r"</?think(?:ing)?>", "", text, flags=re.IGNORECASE)
