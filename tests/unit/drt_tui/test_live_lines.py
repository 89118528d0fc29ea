"""What a reply says while it is still arriving."""

from __future__ import annotations

import json

import pytest

from data.records import Stage
from drt_tui.running.live import LivePass, readable
from pipeline.events import SentenceFailed

_REPLY = {"keywords": [{"word": "발이 “넓다”", "translations": ["well connected", "wide\\feet"]}]}


@pytest.mark.parametrize("is_escaped", [True, False])
def test_keywords_are_read_as_they_arrive(is_escaped: bool) -> None:
    reply = json.dumps(_REPLY, ensure_ascii=is_escaped)
    assert readable(Stage.KEYWORDS, reply) == "발이 “넓다”, well connected, wide\\feet"
    for end in range(len(reply)):
        shown = readable(Stage.KEYWORDS, reply[:end])
        assert not {"keywords", "word", "translations"} & set(shown.split(", "))
        assert "\\u" not in shown


def test_a_word_may_be_the_name_of_a_field() -> None:
    assert (
        readable(Stage.KEYWORDS, '{"word": ["speech", "term"], "발": ["foot"]}') == "speech, term, 발, foot"
    )


@pytest.mark.parametrize("end", ["", "\\", "\\u", "\\ub1"])
def test_a_reason_that_is_cut_within_a_character_is_shown_up_to_it(end: str) -> None:
    assert readable(Stage.EVALUATE, '{"reason": "word for word' + end) == "word for word"


def test_a_failure_is_told_once() -> None:
    live = LivePass("s")
    live.apply(SentenceFailed("s", Stage.LITERAL, "literal: The reply has 2 lines."))
    assert live.note == "literal failed: The reply has 2 lines."
