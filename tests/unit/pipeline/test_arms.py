from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

import pytest

from data.records import Candidate, Decision, Seen, Sentence, Usage, sentence_id
from data.store import Dataset, ProjectFolder
from pipeline.arms import arm_of, engines_of, models_of_arms, read_arm
from pipeline.comparison import compare_arms
from pipeline.engine import Engine
from pipeline.errors import BadArm
from pipeline.report import Spread
from pipeline.settings import LoopSettings
from tests.stubs.scripted import ScriptedModels


def test_an_arm_changes_the_projects_settings(tmp_path: Path) -> None:
    text = f"cheap=workflow:economy,threshold:80,evaluations:3,model:a+b,prompt:{tmp_path}"
    arm = read_arm(text, LoopSettings(patience=1), ["a", "b"])
    assert arm.name == "cheap"
    assert arm.settings == LoopSettings(workflow="economy", threshold=80, evaluations=3, patience=1)
    assert (arm.models, arm.prompts) == (("a", "b"), tmp_path)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("cheap", "NAME="),
        ("a=workflo:single", "workflow"),
        ("a=model:z", "main"),
        ("a=prompt:/nowhere", "folder"),
        ("a=threshold:180", "drt.toml"),
    ],
)
def test_an_arm_that_cannot_be_used_says_what_to_type(text: str, hint: str) -> None:
    with pytest.raises(BadArm) as error:
        read_arm(text, LoopSettings(), ["main"])
    assert hint in error.value.hint


def test_each_arm_has_its_engine(tmp_path: Path) -> None:
    (tmp_path / "advise.md").write_text("# system\nAdvise.\n\n# user\n{{draft}}", encoding="utf-8")
    project = Engine(ScriptedModels())
    texts = ("a=workflow:single", f"b=model:big,prompt:{tmp_path}", "c=")
    arms = [read_arm(text, project.settings, ["big"]) for text in texts]
    engines = engines_of(arms, project)
    assert engines["a"].settings.workflow == "single"
    assert engines["b"].asks == ("big",)
    assert len({engine.fingerprint for engine in engines.values()}) == 3
    assert engines["c"].fingerprint == project.fingerprint
    with pytest.raises(BadArm):
        engines_of([*arms, arms[0]], project)


async def test_an_arms_models_are_asked_in_place_of_the_roles() -> None:
    models = ScriptedModels()
    sentence = Sentence(id="s", source="s")
    async with aclosing(Engine(models, asks=("big", "small")).run(sentence)) as events:
        async for _ in events:
            pass
    assert {request.models for request in models.requests} == {("big", "small")}


def test_the_models_of_arms_are_known_before_the_arms_are_read() -> None:
    assert models_of_arms(["a=workflow:single", "b=model:x+y,threshold:80", "c= model: x"]) == ("x", "y")


def test_sentences_are_dealt_evenly_and_always_alike() -> None:
    ids = [sentence_id(str(number)) for number in range(1000)]
    dealt = [arm_of(each, ("a", "b"), seed=3) for each in ids]
    assert 420 < dealt.count("a") < 580
    assert dealt == [arm_of(each, ("b", "a"), seed=3) for each in ids]


def test_arms_are_compared_by_what_people_decided(tmp_path: Path) -> None:
    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        for number in range(40):
            sentence = Sentence(id=sentence_id(str(number)), source=str(number))
            dataset.add_sentences([sentence])
            arm = "dear" if number % 2 else "cheap"
            dataset.add_candidate(
                Candidate(
                    id=str(number), sentence=sentence.id, thought="t", output="one two three four", arm=arm,
                    usage=Usage(cost_usd=0.02 if arm == "dear" else 0.01),
                )
            )  # fmt: skip
            accepted = number % 2 == 1 or number % 4 == 0
            dataset.decide(
                Decision(
                    id=f"d{number}", sentence=sentence.id, by="kim", kind="accept" if accepted else "reject",
                    output="one two three five" if arm == "dear" else None,
                    reasons=() if accepted else ("meaning-wrong",), seen=Seen(seconds=10.0),
                )
            )  # fmt: skip
        cheap, dear = compare_arms(dataset)
    assert (cheap.name, cheap.judged, cheap.accepted) == ("cheap", 20, 10)
    assert cheap.accept_rate
    assert dear.accept_rate
    assert cheap.hter
    assert dear.hter
    assert cheap.accept_rate.low < 0.5 < cheap.accept_rate.high < dear.accept_rate.low
    assert (cheap.hter.value, dear.hter.value) == (0.0, 0.25)
    assert cheap.cost_per_accepted
    assert cheap.cost_per_accepted.value == pytest.approx(0.02)
    assert cheap.active_seconds
    assert cheap.active_seconds.value == 10.0


def test_what_was_wrong_with_the_source_counts_against_nobody(tmp_path: Path) -> None:
    with Dataset.open(ProjectFolder(tmp_path)) as dataset:
        dataset.add_sentences([Sentence(id="s", source="s")])
        dataset.add_candidate(Candidate(id="c", sentence="s", thought="t", output="o", arm="a"))
        dataset.decide(Decision(id="d", sentence="s", by="kim", kind="reject", reasons=("source-broken",)))
        [result] = compare_arms(dataset)
    assert (result.candidates, result.judged, result.accept_rate) == (1, 0, None)


def test_a_projection_names_a_range_around_the_likely_sum() -> None:
    spread = Spread()
    assert spread.project(100) is None
    for cost in (0.010, 0.012, 0.008, 0.011, 0.009):
        spread.add(cost)
    projection = spread.project(100)
    assert projection
    assert projection.likely == pytest.approx(1.0)
    assert 0.8 < projection.low < 1.0 < projection.high < 1.2
