"""Whatever an endpoint does, every sentence ends as a candidate or as a failure with its reason."""

from __future__ import annotations

import random
from contextlib import aclosing
from pathlib import Path
from typing import get_args

import pytest

from data.records import Call, Sentence, Stage, sentence_id
from data.store import Dataset, ProjectFolder, StageLog
from pipeline.autogen import Autogen
from pipeline.engine import Engine
from pipeline.llm.meter import Snapshot
from pipeline.llm.routing import Router
from pipeline.order import select
from pipeline.report import GenerationReport
from pipeline.settings import LoopSettings, ModelSettings, Price, Roles
from tests.stubs.endpoint_script import DROPPED, TRANSIENT, Body, Fault, Script, drt_answer
from tests.stubs.transport import ScriptTransport
from tests.stubs.warp import run_warped

FATAL = {"401", "403", "404"}
"""No retry can help: they end the run, as the client's own tests show."""
SURVIVABLE = [fault for fault in get_args(Fault) if fault not in FATAL]
SENTENCES = 6


async def run(folder: Path, script: Script, workflow: str) -> tuple[GenerationReport, Snapshot, list[int]]:
    settings = ModelSettings(base_url="http://127.0.0.1:9/v1", model="fake", price=Price(input=1, output=2))
    router = Router({"main": settings}, Roles({"default": ("main",)}), transport=ScriptTransport(script))
    project = ProjectFolder(folder)
    with Dataset.open(project) as dataset, StageLog(project) as log:
        texts = [f"문장 {number}." for number in range(SENTENCES)]
        dataset.add_sentences(Sentence(id=sentence_id(text), source=text) for text in texts)
        async with router:
            engine = Engine(router, LoopSettings.model_validate({"workflow": workflow}), log=log)
            autogen = Autogen(engine, dataset, select(dataset), open_sentences=4)
            async with aclosing(autogen.events()) as events:
                async for _ in events:
                    pass
            for sentence in dataset.ids():
                row = dataset.row(sentence)
                assert row.candidates or row.failed
                assert not (row.candidates and dataset.candidate(row.candidates[0]).output == "")
    calls = [call.usage.calls for path in project.traces.iterdir() for call in calls_in(path)]
    return autogen.report, router.snapshot(), calls


def calls_in(trace: Path) -> list[Call]:
    return [Call.model_validate_json(line) for line in trace.read_bytes().splitlines()]


@pytest.mark.parametrize("workflow", ["evaluate-first", "advise-first"])
@pytest.mark.parametrize("fault", SURVIVABLE)
def test_every_sentence_ends_with_a_candidate_or_a_reason(
    tmp_path: Path, fault: Fault, workflow: str
) -> None:
    script = Script(latency_s=0.5, faults={fault: 0.25})
    if fault in TRANSIENT:  # they pass, and then every sentence can be generated
        script = Script(latency_s=0.5, next_faults=[fault, None] * 8)
    report, snapshot, recorded = run_warped(run(tmp_path, script, workflow))
    assert report.generated + report.failed == SENTENCES
    assert report.ended == "done"
    if fault in TRANSIENT:
        assert report.failed == 0
    assert sum(recorded) == report.calls == snapshot.usage.calls
    if fault not in DROPPED:
        assert report.calls == script.calls
    assert (report.failed > 0) == bool(report.reasons)


@pytest.mark.parametrize("workflow", ["economy", "single"])
def test_the_cheaper_workflows_survive_the_usual_faults(tmp_path: Path, workflow: str) -> None:
    script = Script(latency_s=0.5, next_faults=[*TRANSIENT])
    report, _, _ = run_warped(run(tmp_path, script, workflow))
    assert report.generated == SENTENCES


def test_an_evaluator_that_never_gives_a_score_fails_every_sentence_by_name(tmp_path: Path) -> None:
    def answer(stage: str, body: Body, chance: random.Random) -> str:
        return "It is nice." if stage == Stage.EVALUATE else drt_answer(stage, body, chance)

    report, _, _ = run_warped(run(tmp_path, Script(answer=answer), "evaluate-first"))
    assert report.failed == SENTENCES
    assert all(reason.startswith("evaluate:") and "score" in reason for reason in report.reasons)
