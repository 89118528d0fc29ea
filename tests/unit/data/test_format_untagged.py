"""The output without tags behind a tagged thought, and replies in the tags of others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.format import Format, parse_any

THINK = Format("ko", "en", thought_tag="think", output_tag="")


def test_the_output_stands_behind_the_thought() -> None:
    assert THINK.answer("T", "O") == "<think>\nT\n</think>\n\nO"
    assert replace(THINK, with_thought=False).answer("T", "O") == "O"
    assert THINK.fingerprint != Format("ko", "en", thought_tag="think").fingerprint


@given(*[st.text("ab \n.<>/", min_size=1).map(str.strip).filter(bool)] * 2)
def test_what_was_written_is_read_back(thought: str, output: str) -> None:
    parsed = THINK.parse(THINK.answer(thought, output))
    assert (parsed.thought, parsed.output, parsed.troubles) == (thought, output, ())


@pytest.mark.parametrize(
    ("reply", "thought", "output", "troubles"),
    [
        ("Only words", "", "Only words", ("no-thought",)),
        ("<think>cut", "cut", "", ("thought-cut", "no-output")),
        ("<think>T</think>", "T", "", ("no-output",)),
        ("<think></think>O", "", "O", ("empty",)),
        ("Sure: <think>T</think>O", "T", "O", ("outside",)),
        ("<think>T</think>O<think>U</think>", "T", "O  U", ("doubled",)),
        ("<think>T</think>O</think>", "T", "O", ("order",)),
        ("T</think>O", "", "T O", ("no-thought", "order")),
    ],
)
def test_troubles(reply: str, thought: str, output: str, troubles: tuple[str, ...]) -> None:
    parsed = THINK.parse(reply)
    assert (parsed.thought, " ".join(parsed.output.split()), parsed.troubles) == (
        thought,
        " ".join(output.split()),
        troubles,
    )


@pytest.mark.parametrize(
    ("reply", "thought", "output"),
    [
        ("<thought>T</thought><output>O</output>", "T", "O"),
        ("<think>T</think>O", "T", "O"),
        ("T</think>O", "T", "O"),
        ("<thinking>T</thinking><translation>O</translation>", "T", "O"),
        ("T</think><answer>O</answer>", "T", "O"),
        ("O", "", "O"),
    ],
)
def test_replies_in_the_tags_of_others(reply: str, thought: str, output: str) -> None:
    parsed = parse_any(reply)
    assert (parsed.thought, parsed.output) == (thought, output)
