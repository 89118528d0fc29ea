from __future__ import annotations

import pytest

from data.records import Draft, Stage
from drt_tui.review.curation import before, changed_at, editable
from drt_tui.running.live import Line, LivePass, loop_lines
from pipeline.events import StageFinished, StageRetried, StageStarted, TextDelta
from pipeline.loop import next_stage
from pipeline.progress import Progress
from pipeline.settings import LoopSettings

PROGRESS = Progress(
    keywords={"발이 넓다": ("well connected", "know many"), "사람": ()},
    drafts=(
        Draft(text="He has wide feet.", score=40, reason="literal", advice="say what it means"),
        Draft(text="He knows many.", score=70, reason="flat", advice="keep the cause"),
        Draft(text="He is well connected.", score=93, reason="good"),
    ),
    thought="I think.",
    output="He is well connected.",
)
SETTINGS = LoopSettings()


def line(kind: str, number: int = 0) -> Line:
    return next(one for one in loop_lines(PROGRESS) if one.kind == kind and one.round == number)


def test_the_loop_is_told_in_the_order_in_which_it_ran():
    assert [(one.kind, one.round) for one in loop_lines(PROGRESS)] == [
        ("keywords", 0),
        *[(kind, number) for number in (0, 1) for kind in ("draft", "reason", "advice")],
        ("draft", 2),
        ("reason", 2),
        ("thought", 0),
    ]
    assert [one.best for one in loop_lines(PROGRESS) if one.kind == "draft"] == [False, False, True]


def test_keywords_are_read_as_they_are_shown():
    text = editable(PROGRESS, line("keywords"))
    changed = changed_at(PROGRESS, line("keywords"), text)
    assert changed == Progress(keywords=PROGRESS.keywords)
    assert next_stage(changed, SETTINGS) is Stage.LITERAL


def test_a_changed_draft_is_judged_next_and_is_a_persons():
    changed = changed_at(PROGRESS, line("draft", 1), " He knows everyone. ")
    assert [draft.text for draft in changed.drafts] == ["He has wide feet.", "He knows everyone."]
    assert changed.drafts[1].by == "person"
    assert next_stage(changed, SETTINGS) is Stage.EVALUATE


@pytest.mark.parametrize(
    ("text", "score", "reason", "stage"),
    [
        ("95 · as good as it gets", 95, "as good as it gets", Stage.REFORMULATE),
        ("30 worse", 30, "worse", Stage.ADVISE),
    ],
)
def test_a_changed_judgement_decides_what_follows(text, score, reason, stage):
    assert editable(PROGRESS, line("reason", 1)) == "70 · flat"
    changed = changed_at(PROGRESS, line("reason", 1), text)
    assert (changed.drafts[-1].score, changed.drafts[-1].reason, changed.drafts[-1].advice) == (
        score,
        reason,
        "",
    )
    assert next_stage(changed, SETTINGS) is stage


def test_own_advice_is_followed_by_a_new_draft_even_after_a_good_one():
    progress = changed_at(PROGRESS, line("reason", 2), "95 good")
    changed = changed_at(progress, Line("advice", "advice", "", 2), "make it shorter")
    assert changed.drafts[-1].advice == "make it shorter"
    assert next_stage(changed, SETTINGS) is Stage.REFINE


@pytest.mark.parametrize(
    ("kind", "text"), [("draft", "  "), ("reason", "no score"), ("reason", "101 too much")]
)
def test_a_text_that_no_stage_makes_is_refused(kind, text):
    with pytest.raises(ValueError, match=r"."):
        changed_at(PROGRESS, line(kind), text)


@pytest.mark.parametrize(
    ("kind", "number", "stage"),
    [
        ("keywords", 0, Stage.KEYWORDS),
        ("draft", 0, Stage.LITERAL),
        ("draft", 1, Stage.REFINE),
        ("reason", 1, Stage.EVALUATE),
        ("advice", 1, Stage.ADVISE),
        ("thought", 0, Stage.REFORMULATE),
    ],
)
def test_a_stage_runs_again_itself(kind, number, stage):
    assert next_stage(before(PROGRESS, line(kind, number)), SETTINGS) is stage


def test_a_pass_is_followed_event_by_event():
    live = LivePass("S1")
    live.apply(StageStarted("S1", Stage.EVALUATE, 0))
    live.apply(TextDelta("S1", Stage.EVALUATE, 0, '{"reason": "word for w'))
    assert live.lines()[-1].text == "word for w"
    live.apply(StageRetried("S1", Stage.EVALUATE, 0, "backup", "timeout"))
    assert live.lines()[-1].text == ""
    assert live.retried == "backup: timeout"
    live.apply(StageFinished("S1", Stage.EVALUATE, 0, None, PROGRESS))
    assert live.lines() == loop_lines(PROGRESS)
    assert live.title == ""


def test_half_a_reply_never_breaks_the_line():
    text = '{"keywords": [{"word": "발\\ud83d", "translations": ["a\\'
    live = LivePass("S1")
    live.apply(StageStarted("S1", Stage.KEYWORDS, 0))
    for character in text:
        live.apply(TextDelta("S1", Stage.KEYWORDS, 0, character))
        live.lines()
    assert "발" in live.lines()[-1].text
