"""A judge's word: read tolerantly, asked in both orders, doubted where it deserves it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.records import Stage
from pipeline.errors import StageFailed, UnusableReply
from pipeline.llm.request import Request
from tests.stubs.scripted import ScriptedModels
from train.evaluation.crew import Crew
from train.evaluation.families import families_of, kin_of
from train.evaluation.judge import Judge, read_choice, read_score
from train.evaluation.judging import Duel, Entry, Judgements, judge_all
from train.evaluation.kept import Kept
from train.evaluation.standings import agreement
from train.evaluation.votes import Shown, Vote

GOOD, BAD = "He is so well connected.", "He has wide feet."


def says(request: Request[Any]) -> str:
    """A judge that knows good from bad, whatever the order."""
    user = request.messages[-1].content
    if "A:\n" not in user:
        return json.dumps({"reason": "", "score": 90 if GOOD in user else 20})
    first = user.split("A:\n")[1].split("B:\n")[0]
    return json.dumps({"reason": "", "better": "A" if GOOD in first else "B"})


def always(answer: dict[str, object]) -> Callable[[Request[Any]], str]:
    return lambda request: json.dumps(answer)


def chair(script: Any = says) -> tuple[Judge, ScriptedModels]:
    models = ScriptedModels({Stage.JUDGE: [script]})
    return Judge(models, "strong", "strong-1", "strong-1", "ko", "en"), models


ENTRIES = [
    Entry(contender, item, f"원문 {item}", f"{output} {item}")
    for item in ("1", "2", "3")
    for contender, output in (("drt", GOOD), ("backbone", BAD))
]


async def judged(
    path: Path, judge: Judge, entries: list[Entry] = ENTRIES, votes: tuple[Vote, ...] = ()
) -> Judgements:
    with Kept(path / "judgements.jsonl") as kept:
        return await judge_all(judge, entries, votes, kept, Crew(), at_once=3)


async def test_scores_and_wins_go_to_whom_they_belong(tmp_path: Path) -> None:
    judge, _ = chair()
    said = await judged(tmp_path, judge)
    assert said.scores == {
        "drt": dict.fromkeys("123", 90.0), "backbone": dict.fromkeys("123", 20.0)
    }  # fmt: skip
    assert [duel.points for duel in said.duels] == [1.0, 1.0, 1.0]


async def test_a_judge_that_always_takes_the_first_gives_half_a_win(tmp_path: Path) -> None:
    judge, _ = chair(
        lambda request: json.dumps(
            {"score": len(request.messages[-1].content) % 100}
            if "A:\n" not in request.messages[-1].content
            else {"better": "A"}
        )
    )
    said = await judged(tmp_path, judge)
    assert [duel.points for duel in said.duels] == [0.5, 0.5, 0.5]
    assert said.disagrees_with_itself == 1.0


async def test_every_pair_is_judged_in_both_orders_and_nothing_twice(tmp_path: Path) -> None:
    judge, models = chair()
    await judged(tmp_path, judge)
    asked = [request.messages[-1].content for request in models.asked(Stage.JUDGE)]
    assert len(asked) == len(set(asked)) == 6 + 6
    again, silent = chair()
    await judged(tmp_path, again)
    assert silent.asked(Stage.JUDGE) == []


async def test_nobody_is_asked_about_an_empty_output_or_an_equal_one(tmp_path: Path) -> None:
    judge, models = chair()
    entries = [
        Entry("drt", "1", "원문", ""), Entry("backbone", "1", "원문", BAD),
        Entry("drt", "2", "원문 2", GOOD), Entry("backbone", "2", "원문 2", GOOD),
    ]  # fmt: skip
    said = await judged(tmp_path, judge, entries)
    assert said.scores["drt"]["1"] == 0
    assert [duel.points for duel in said.duels] == [0.0, 0.5]
    assert len(models.asked(Stage.JUDGE)) == 2


async def test_a_judge_that_gives_everything_the_same_number_is_found_out(tmp_path: Path) -> None:
    judge, _ = chair(always({"score": 85, "better": "tie"}))
    assert (await judged(tmp_path, judge)).one_number == 85
    good, _ = chair()
    assert (await judged(tmp_path / "other", good)).one_number is None


async def test_an_empty_output_does_not_hide_a_judge_with_one_number(tmp_path: Path) -> None:
    judge, _ = chair(always({"score": 85, "better": "tie"}))
    said = await judged(
        tmp_path, judge, [*ENTRIES, Entry("drt", "4", "원문", ""), Entry("b", "4", "원문", BAD)]
    )
    assert said.scores["drt"]["4"] == 0
    assert said.one_number == 85
    assert said.calls_all_ties
    assert said.disagrees_with_itself == 0


async def test_a_judge_that_cannot_be_read_costs_that_judgement_only(tmp_path: Path) -> None:
    judge, _ = chair(lambda request: "no idea" if "원문 2" in request.messages[-1].content else says(request))
    said = await judged(tmp_path, judge)
    assert sorted(said.scores["drt"]) == ["1", "3"]
    assert [duel.points for duel in said.duels] == [1.0, None, 1.0]
    assert said.unusable == 2 + 2


async def test_failures_of_the_endpoint_are_counted(tmp_path: Path) -> None:
    judge, _ = chair(StageFailed("judge: down"))
    said = await judged(tmp_path, judge)
    assert said.scores == {}
    assert said.unusable == 12


async def test_the_judge_is_held_against_blind_votes_on_the_texts_that_people_saw(tmp_path: Path) -> None:
    shown = (
        Shown(contender="backbone", thought="", output=BAD),
        Shown(contender="drt", thought="", output=GOOD),
    )
    votes = tuple(
        Vote(
            id=f"V{n}",
            item=f"v{n}",
            source=f"본문 {n}",
            shown=shown,
            verdict="better",
            winner=winner,
            by="kim",
        )
        for n, winner in enumerate(("drt", "drt", "backbone"))
    )
    judge, _ = chair()
    said = await judged(tmp_path, judge, ENTRIES, votes)
    found = agreement(said.votes)
    assert found is not None
    assert found.value == pytest.approx(2 / 3)
    assert len(said.duels) == 3


async def test_no_thought_name_or_reference_reaches_the_judge(tmp_path: Path) -> None:
    judge, models = chair()
    await judged(tmp_path, judge)
    for request in models.asked(Stage.JUDGE):
        assert all("drt" not in message.content for message in request.messages)


def test_ties_of_people_say_nothing_of_the_judge() -> None:
    duel = Duel("a", "b", "1", "first", "first")
    assert agreement([(duel, 0.5)]) is None
    split = agreement([(Duel("a", "b", "1", "first", "second"), 1.0)])
    assert split is not None
    assert split.value == 0.5


@pytest.mark.parametrize(
    ("reply", "choice"),
    [
        ('{"reason": "x", "better": "A"}', "first"),
        ('```json\n{"better": "b"}\n```', "second"),
        ('{"better": "Tie"}', "tie"),
        ('{"better": "Translation B"}', "second"),
        ('Well: {"better": "**A**"}', "first"),
    ],
)
def test_a_choice_is_read_however_it_is_written(reply: str, choice: str) -> None:
    assert read_choice(reply) == choice


@given(st.text())
def test_any_reply_is_read_or_refused(reply: str) -> None:
    for read in (read_choice, read_score):
        try:
            value = read(reply)
        except UnusableReply:
            continue
        assert value in {"first", "second", "tie"} or 0 <= int(value) <= 100


@pytest.mark.parametrize(
    ("one", "other", "are_kin"),
    [
        ("gpt-4o-mini", "openai/gpt-4.1", True),
        ("Qwen/Qwen2.5-72B-Instruct", "deepseek-r1-distill-qwen-7b", True),
        ("claude-sonnet-4", "gpt-4o", False),
        ("o3-mini", "gpt-4o", True),
        ("gemini-2.5-pro", "gemma-3-27b-it", True),
        ("built-in", "SmolLM2-135M-Instruct", True),
        ("acme-large-2", "acme-small-1", True),
        ("acme-large", "zenith-7b", False),
        ("mistral-small", "mixtral-8x7b", True),
    ],
)
def test_families(one: str, other: str, *, are_kin: bool) -> None:
    assert bool(families_of(one) & families_of(other)) is are_kin


def test_kin_are_named_with_what_they_are() -> None:
    judged_by = {"Qwen/Qwen2.5-7B-Instruct": "backbone", "gpt-4o": "teacher"}
    assert kin_of("qwen-max", judged_by) == ("backbone Qwen/Qwen2.5-7B-Instruct",)
