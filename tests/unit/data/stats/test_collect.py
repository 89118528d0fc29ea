from __future__ import annotations

import json

import pytest

from data.edit_rate import hter
from data.initials import coverage_note, initial_of
from data.records import (
    Call,
    Candidate,
    Decision,
    Draft,
    Fallback,
    Finding,
    Seen,
    Sentence,
    Stage,
    Status,
    Usage,
    sentence_id,
)
from data.stats import Judged, StatRow, collect, row_of_example
from tests.unit.data.exporters.examples import example


def sentence(group: str | None, number: int = 0) -> Sentence:
    text = f"{group} 문장 {number}"
    return Sentence(id=sentence_id(text), source=text, group=group)


def candidate(of: Sentence, scores: tuple[int | None, ...] = (50, 80), **fields: object) -> Candidate:
    drafts = tuple(Draft(text=f"draft {number}", score=score) for number, score in enumerate(scores))
    usage = Usage(calls=5, prompt_tokens=100, completion_tokens=50, cost_usd=0.002, seconds=3.0)
    made = {
        "id": "c", "sentence": of.id, "thought": "I begin with the idiom here.", "output": "He knows everyone in town.",
        "drafts": drafts, "usage": usage, "models": {"literal": ("small",), "refine": ("big",), "evaluate": ("judge",)},
        "prompts": {"refine": "r1"},
    }  # fmt: skip
    return Candidate.model_validate(made | fields)


def decision(of: Sentence, kind: str, **fields: object) -> Decision:
    return Decision.model_validate({"id": "d", "sentence": of.id, "kind": kind, "by": "kim"} | fields)


def row(
    group: str | None, status: Status, number: int = 0, kind: str | None = None, **fields: object
) -> StatRow:
    of = sentence(group, number)
    if status is Status.NEW:
        return StatRow(of, status)
    judged = Judged(candidate(of), decision(of, kind, **fields) if kind else None)
    return StatRow(of, status, judged)


def test_groups_are_counted_against_the_source_file() -> None:
    statistics = collect(
        [
            row("가닥을 잡다", Status.ACCEPTED, kind="accept"),
            row("까맣게 잊다", Status.GENERATED),
            row("나이가 들다", Status.REJECTED, kind="reject"),
            *(row(group, Status.NEW) for group in ("발이 넓다", "손이 크다", "하늘을 찌르다")),
        ]
    )
    assert (statistics.groups_covered, statistics.groups_of, statistics.groups_kept) == (2, 6, 1)
    assert statistics.initials == {"ㄱ": 2}
    assert statistics.initials_of == {"ㄱ": 2, "ㄴ": 1, "ㅂ": 1, "ㅅ": 1, "ㅎ": 1}
    assert statistics.coverage == "only ㄱ so far: none of the groups from ㄴ to ㅎ"


@pytest.mark.parametrize(
    ("text", "initial"),
    [
        ("가", "ㄱ"),
        ("까맣게", "ㄱ"),
        ("힘", "ㅎ"),
        ("‘빼도’ 박도", "ㅂ"),
        ("kick", "K"),
        ("3일", "#"),
        ("", "#"),
        ("他", "他"),
    ],
)
def test_initials(text: str, initial: str) -> None:
    assert initial_of(text) == initial


def test_coverage_is_silent_where_all_is_reached_and_names_gaps() -> None:
    assert coverage_note({"ㄱ": 1, "ㄴ": 2}, {"ㄱ": 5, "ㄴ": 5}) == ""
    assert coverage_note({}, {"ㄱ": 5}) == ""
    assert coverage_note({"ㄱ": 1, "ㄴ": 1, "ㄷ": 1}, dict.fromkeys("ㄱㄴㄷㄹㅎ", 3)).startswith(
        "only ㄱ-ㄷ so far"
    )
    assert coverage_note({"ㄱ": 1, "ㅎ": 1}, dict.fromkeys("ㄱㄴㅎ", 3)) == "no group yet with ㄴ"


def test_scores_refinements_and_gain() -> None:
    of = sentence("가")
    rows = [
        StatRow(of, Status.GENERATED, Judged(candidate(of, (40, 60, 50)))),
        StatRow(of, Status.GENERATED, Judged(candidate(of, (80,)))),
        StatRow(of, Status.GENERATED, Judged(candidate(of, (None, 70)))),
    ]
    statistics = collect(rows)
    assert [(step.drafts, step.mean) for step in statistics.steps] == [(2, 60.0), (2, 65.0), (1, 50.0)]
    assert statistics.refinements == {0: 1, 1: 1, 2: 1}
    assert statistics.gain_per_refinement == 10.0
    assert statistics.gain_per_call == 2.0


def test_decisions_go_to_the_model_and_prompt_that_wrote_the_output() -> None:
    of = sentence("가")
    literal = candidate(of, models={"literal": ("small",), "evaluate": ("judge",)})
    before = Judged(literal, decision(of, "reject", reasons=("meaning-wrong", "image-lost")))
    now = Judged(candidate(of), decision(of, "accept"))
    statistics = collect([StatRow(of, Status.ACCEPTED, now, earlier=(before,))])
    assert statistics.by_model == {
        "small": {"accept": 0, "edit": 0, "reject": 1, "auto": 0},
        "big": {"accept": 1, "edit": 0, "reject": 0, "auto": 0},
    }
    assert statistics.by_prompt == {"refine r1": {"accept": 1, "edit": 0, "reject": 1, "auto": 0}}
    assert statistics.reasons == {"meaning-wrong": 1, "image-lost": 1}
    assert statistics.effort.calls == 10, "what was rejected was paid for too"


def test_hter_counts_words_and_characters_where_no_spaces_are_set() -> None:
    assert hter("He knows every one", "He knows everyone") == pytest.approx(2 / 3)
    assert hter("他是贼", "他是个贼") == pytest.approx(1 / 4)
    assert hter("the same", "the same") == 0


def test_edits_are_measured_over_edited_and_over_kept_rows() -> None:
    rows = [
        row("가", Status.EDITED, kind="edit", output="He knows nobody in town."),
        row("가", Status.EDITED, 1, kind="edit", thought="Another thought."),
        row("가", Status.ACCEPTED, 2, kind="accept"),
        row("가", Status.ACCEPTED, 3, kind="accept"),
    ]
    statistics = collect(rows)
    assert statistics.hter_edited == pytest.approx(1 / 12, abs=1e-4)
    assert statistics.hter_kept == pytest.approx(1 / 24, abs=1e-4)
    assert statistics.edits == {"output": 1, "thought": 1}
    assert statistics.lengths["thought"]["words"].rows == 4
    assert statistics.lengths["thought"]["characters"].p5 == len("Another thought.")


def test_effort_time_and_annotators() -> None:
    rows = [
        row("가", Status.ACCEPTED, kind="accept", seen=Seen(seconds=10)),
        row("가", Status.REJECTED, 1, kind="reject", seen=Seen(seconds=30), by="lee"),
        row("가", Status.GENERATED, 2),
    ]
    statistics = collect(rows)
    assert (statistics.effort.calls, statistics.effort.tokens) == (15, 450)
    assert statistics.effort.cost_usd == pytest.approx(0.006)
    assert statistics.per_kept == {"calls": 15, "tokens": 450, "cost_usd": 0.006, "active_seconds": 40}
    assert statistics.active_seconds.mean == 20
    assert statistics.annotators == {
        "kim": {"accept": 1, "active_seconds": 10},
        "lee": {"reject": 1, "active_seconds": 30},
    }


def test_one_unknown_price_makes_the_sum_unknown() -> None:
    of = sentence("가")
    unpriced = Judged(candidate(of, usage=Usage(calls=1, cost_usd=None)))
    statistics = collect([row("가", Status.GENERATED), StatRow(of, Status.GENERATED, unpriced)])
    assert statistics.effort.cost_usd is None
    assert statistics.per_kept["cost_usd"] is None


def test_fallbacks_by_stage() -> None:
    def call(stage: Stage, fallbacks: tuple[Fallback, ...] = (), cached: bool = False) -> Call:
        usage = Usage(calls=1, prompt_tokens=10, completion_tokens=5, cost_usd=0.001)
        return Call(
            trace="t", sentence="s", stage=stage, number=0, key="k", prompt="p", model="m", reply="r", usage=usage,
            fallbacks=fallbacks, cached=cached,
        )  # fmt: skip

    fell = (Fallback(model="main", why="429"),)
    calls = [
        call(Stage.EVALUATE, fell),
        call(Stage.EVALUATE),
        call(Stage.REFINE),
        call(Stage.REFINE, cached=True),
    ]
    statistics = collect([row("가", Status.FAILED)], calls=calls)
    assert statistics.fallbacks == {"evaluate": 0.5, "refine": 0.0}
    assert statistics.effort.calls == 3
    by_names = collect([row("가", Status.GENERATED)], primary={"literal": "small", "refine": "other"})
    assert by_names.fallbacks == {"literal": 0.0, "refine": 1.0}


def test_openings_findings_and_makers() -> None:
    of = sentence("가")
    rows = [
        StatRow(of, Status.GENERATED, Judged(candidate(of, thought="I begin with the word 발."))),
        StatRow(of, Status.GENERATED, Judged(candidate(of, thought="I begin  with the\nsound."))),
        StatRow(of, Status.GENERATED, Judged(candidate(of, thought="Feet.", made_by="built-in", judged_itself=True, findings=(
            Finding(code="no-revision", message="m"), Finding(code="no-revision", message="n"),
        )))),
        StatRow(of, Status.REJECTED, Judged(candidate(of, thought="I begin with the end."))),
    ]  # fmt: skip
    statistics = collect(rows)
    assert statistics.openings[0].words == "i begin with the"
    assert statistics.openings[0].share == pytest.approx(2 / 3, abs=1e-4)
    assert statistics.findings == {"no-revision": 1}
    assert (statistics.built_in, statistics.judged_itself) == (1, 1)


def test_tokens_are_counted_where_a_tokenizer_is_given() -> None:
    statistics = collect([row("가", Status.GENERATED)], count_tokens=lambda text: len(text) // 2)
    assert statistics.lengths["output"]["tokens"].median == len("He knows everyone in town.") // 2
    assert "tokens" not in collect([row("가", Status.GENERATED)]).lengths["output"]


def test_the_json_has_the_keys_that_readers_expect() -> None:
    figures = collect([row("가", Status.ACCEPTED, kind="accept")]).as_json()
    assert {"status", "groups", "initials", "calls", "tokens", "cost_usd", "fallbacks"} <= figures.keys()
    assert figures["status"] == {status.value: int(status is Status.ACCEPTED) for status in Status}
    assert figures["groups"] == {"covered": 1, "of": 1, "kept": 1}
    assert json.loads(json.dumps(figures, ensure_ascii=False)) == figures


def test_nothing_at_all_gives_empty_figures() -> None:
    figures = collect([]).as_json()
    assert figures["calls"] == 0
    assert figures["groups"] == {"covered": 0, "of": 0, "kept": 0}


def test_an_exported_file_has_the_figures_of_its_rows() -> None:
    statistics = collect(map(row_of_example, [example(), example("둘째", output="Second.")]))
    assert statistics.status["accepted"] == 2
    assert statistics.effort.calls == 10
    assert statistics.groups_of == 1
