"""The course of the loop as a pure function: whatever the scores, it ends, and ends with the best."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from data.records import Draft, Stage
from pipeline.loop import next_stage
from pipeline.progress import Progress
from pipeline.settings import LoopSettings

SETTINGS = st.builds(
    LoopSettings,
    workflow=st.sampled_from(["evaluate-first", "advise-first", "economy"]),
    threshold=st.integers(0, 100),
    max_iterations=st.integers(0, 6),
    patience=st.integers(1, 4),
)
SCORES = st.lists(st.integers(0, 100), min_size=8, max_size=8)


def step(stage: Stage, scores: list[int], progress: Progress) -> Progress:
    """Do a stage as the agents would, the n-th draft getting the n-th score."""
    match stage:
        case Stage.KEYWORDS:
            return replace(progress, keywords={})
        case Stage.LITERAL | Stage.OPEN | Stage.REFINE:
            text = f"draft {len(progress.drafts)}"
            return replace(progress, drafts=(*progress.drafts, Draft(text=text)))
        case Stage.EVALUATE:
            return progress.with_last(score=scores[len(progress.drafts) - 1])
        case Stage.CRITIQUE:
            return progress.with_last(score=scores[len(progress.drafts) - 1], advice="a")
        case Stage.ADVISE:
            return progress.with_last(advice="a")
        case _:
            return replace(progress, thought="t", output=progress.ending)


def walk(settings: LoopSettings, scores: list[int], progress: Progress) -> tuple[Progress, list[Stage]]:
    """Go through the loop to its end."""
    course: list[Stage] = []
    while (stage := next_stage(progress, settings)) is not None:
        course.append(stage)
        progress = step(stage, scores, progress)
    return progress, course


@given(SETTINGS, SCORES)
def test_it_ends_with_the_first_of_the_best_drafts(settings: LoopSettings, scores: list[int]) -> None:
    progress, course = walk(settings, scores, Progress())
    made = [draft.score or 0 for draft in progress.drafts]
    assert len(made) <= settings.max_iterations + 1
    assert progress.best == made.index(max(made))
    assert progress.output == progress.drafts[progress.best].text
    assert all(score < settings.threshold for score in made[:-1])
    assert course[-1] is Stage.REFORMULATE
    if max(made) < settings.threshold and len(made) <= settings.max_iterations:
        assert len(made) - 1 - progress.best == settings.patience


@given(SETTINGS, SCORES, st.integers(0, 20))
def test_a_pass_that_is_taken_up_anywhere_takes_the_same_course(
    settings: LoopSettings, scores: list[int], at: int
) -> None:
    whole, course = walk(settings, scores, Progress())
    progress = Progress()
    for stage in course[:at]:
        progress = step(stage, scores, progress)
    rest, remaining = walk(settings, scores, progress)
    assert rest == whole
    assert [*course[:at], *remaining] == course


@given(st.lists(st.one_of(st.none(), st.integers(0, 100)), min_size=1, max_size=6))
def test_an_unscored_draft_never_beats_a_scored_one(scores: list[int | None]) -> None:
    drafts = tuple(Draft(text=str(number), score=score) for number, score in enumerate(scores))
    best = Progress(drafts=drafts).best
    scored = [score for score in scores if score is not None]
    assert scores[best] == (max(scored) if scored else None)
    assert scores.index(scores[best]) == best


@given(SCORES, st.integers(1, 7))
def test_what_a_person_turned_down_never_wins(scores: list[int], since: int) -> None:
    drafts = tuple(Draft(text=str(number), score=score) for number, score in enumerate(scores))
    assert Progress(drafts=drafts, since=since).best >= since


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(50, 53)), min_size=1, max_size=6))
def test_what_is_told_ends_with_the_best_and_repeats_nothing(steps: list[tuple[str, int]]) -> None:
    drafts = tuple(Draft(text=text, score=score) for text, score in steps)
    progress = Progress(drafts=drafts)
    told = [draft.text for draft in progress.shown]
    assert told[-1] == drafts[progress.best].text
    assert all(one != other for one, other in pairwise(told))
