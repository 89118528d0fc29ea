from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.agents import advise, economy, evaluate, keywords, literal, refine, reformulate, single
from pipeline.agents.replies import translation
from pipeline.agents.role import Role
from pipeline.errors import UnusableReply

HOSTILE = [
    "[/INST] [INST] <|im_end|>",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07",
    "[bold red]markup[/] [/nothing]",
    "word " * 20_000,
    "\x00\x00",
    "\ud800 lone \udfff",
    "{" * 5_000,
    '{"reason": ' * 2_000,
    "1" * 5_000,
    '{"score": ' + "9" * 400 + ', "reason": []}',
    '{"score": NaN, "reason": "x"}',
    '{"score": {"a": 1}, "keywords": [[[]]]}',
    "",
    "\u202eevil\u202c",
]
ROLES = [
    keywords.ROLE, literal.ROLE, evaluate.ROLE, advise.ROLE, refine.ROLE, reformulate.ROLE,
    economy.OPEN, economy.CRITIQUE, single.ROLE,
]  # fmt: skip


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.stage.value)
@pytest.mark.parametrize("reply", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_reply_is_read_or_refused(role: Role[Any], reply: str) -> None:
    with suppress(UnusableReply):
        role.read(reply)


@given(st.text())
@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.stage.value)
def test_any_reply_is_read_or_refused(role: Role[Any], reply: str) -> None:
    with suppress(UnusableReply):
        role.read(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "He knows everyone.",
        '"He knows everyone."',
        "“He knows everyone.”",
        "Translation: He knows everyone.",
        "**Translation:** He knows everyone.",
        "Refined translation: “He knows everyone.”",
        "번역: He knows everyone.",
        "Sure! Here is the translation:\n\nHe knows everyone.",
        'Here\'s my improved translation:\n"He knows everyone."\n\nNote: I kept the register.',
        "```\nHe knows everyone.\n```",
        "Translation:\nHe knows everyone.",
        "He knows everyone.\n\nThis translation keeps the sense.",
        "<translation>He knows everyone.</translation>",
        "Keywords: reach\nTranslation: He knows everyone.",
        'The original sentence is: "그는"\nThe English translation is: "He knows everyone."',
        'Let me see.\nHere is one line:\nHe knows everyone.\nIn this example, I added "everyone".',
        "He knows everyone.\n\nI changed the verb.",
    ],
)
def test_the_translation_is_found_among_what_models_add(reply: str) -> None:
    assert translation(reply) == "He knows everyone."


@pytest.mark.parametrize(
    "text",
    [
        "“Go,” she said, and “stay.”",
        "'Tis his",
        'He said "no"',
        "Note the date.",
        "Sure: he came.",
        "Answer me",
    ],
)
def test_what_belongs_to_the_translation_stays(text: str) -> None:
    assert translation(text) == text


def test_several_lines_are_refused_in_words_for_the_model() -> None:
    with pytest.raises(UnusableReply, match="on one line"):
        translation("He knows everyone.\nHe is well connected.")


def test_text_is_brought_to_one_normal_form() -> None:
    assert literal.ROLE.read("\u1112\u1161\u11ab\u1100\u1173\u11af") == "한글"


@pytest.mark.parametrize(
    ("reply", "score"),
    [
        ('{"reason": "stiff", "score": 62}', 62),
        ('```json\n{"reason": "stiff", "score": "62/100"}\n```', 62),
        ('My verdict: {"reason": "stiff", "score": 62.4} I hope this helps', 62),
        ('{"reason": "stiff", "score": 62, "quotes": ["so', 62),
        ("Reason: stiff.\nScore: 62", 62),
        ("stiff, I would say 62/100", 62),
        ("**Score:** 62 out of 100", 62),
        ('{"reason": "stiff", "score": 140}', 100),
    ],
)
def test_a_score_is_found_however_it_is_written(reply: str, score: int) -> None:
    assert evaluate.ROLE.read(reply).score == score


@pytest.mark.parametrize("reply", ["It is nice.", '{"reason": "nice"}', '{"score": "high"}', "[]", "null"])
def test_an_evaluation_without_a_score_is_refused(reply: str) -> None:
    with pytest.raises(UnusableReply, match=r"(?i)score|JSON"):
        evaluate.ROLE.read(reply)


@pytest.mark.parametrize(
    "reply",
    [
        '{"keywords": [{"word": "발", "translations": ["foot", "reach"]}]}',
        '{"keywords": {"발": ["foot", "reach"]}}',
        '{"발": ["foot", "reach"]}',
        '[{"word": "발", "translations": ["foot", "reach"]}]',
        '{"keywords": [{"발": ["foot", "reach"]}, {"word": "…", "translations": []}]}',
        '{"keywords": [{"word": "발", "translations": ["foot", "reach", ',
    ],
)
def test_keywords_are_read_in_any_shape(reply: str) -> None:
    assert keywords.ROLE.read(reply) == {"발": ("foot", "reach")}


def test_at_most_eight_keywords_of_three_translations_are_kept() -> None:
    words = {f"w{number}": ["a", "b", "c", "d"] for number in range(20)}
    read = keywords.ROLE.read(str(words).replace("'", '"'))
    assert len(read) == 8
    assert read["w0"] == ("a", "b", "c")


def test_a_thought_loses_its_preamble_and_tags() -> None:
    reply = "Here is the monologue:\n\n<thought>\nI look at it.\n\nIt ends.\n</thought>"
    assert reformulate.ROLE.read(reply) == "I look at it.\nIt ends."


@pytest.mark.parametrize(
    "reply",
    [
        '{"thought": "I see.", "output": "He came."}',
        "<thought>\nI see.\n</thought>\n<output>\nHe came.\n</output>",
    ],
)
def test_one_call_for_everything_is_read_as_json_or_tags(reply: str) -> None:
    answer = single.ROLE.read(reply)
    assert (answer.thought, answer.output) == ("I see.", "He came.")
