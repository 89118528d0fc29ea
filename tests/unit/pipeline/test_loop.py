from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from data.records import Candidate, Draft, Reference, Sentence, Stage, Usage, sentence_id
from pipeline.agents.prompts import Prompt, Prompts
from pipeline.engine import Engine
from pipeline.errors import StageFailed
from pipeline.events import (
    CandidateReady,
    Event,
    SentenceDropped,
    SentenceFailed,
    StageFinished,
    StageGivenUp,
    StageRetried,
    TextDelta,
)
from pipeline.llm.request import Delta, Reply, Request, Restart
from pipeline.progress import Progress
from pipeline.settings import LoopSettings
from tests.stubs.scripted import MemoryLog, ScriptedModels, evaluation, tell

SOURCE = "그는 발이 넓어서 아는 사람이 많다."
SENTENCE = Sentence(id=sentence_id(SOURCE), source=SOURCE)


async def events_of(engine: Engine, **arguments: Any) -> list[Event]:
    async with aclosing(engine.run(SENTENCE, **arguments)) as events:
        return [event async for event in events]


async def candidate_of(engine: Engine, **arguments: Any) -> Candidate:
    last = (await events_of(engine, **arguments))[-1]
    assert isinstance(last, CandidateReady), last
    return last.candidate


def stages(models: ScriptedModels) -> list[str]:
    return [request.stage.value for request in models.requests]


async def test_a_draft_that_fails_is_advised_and_refined() -> None:
    models = ScriptedModels()
    candidate = await candidate_of(Engine(models))
    assert stages(models) == [
        "keywords", "literal", "evaluate", "advise", "refine", "evaluate", "reformulate",
    ]  # fmt: skip
    assert candidate.output == "He is so well connected that he knows everyone."
    assert [draft.score for draft in candidate.drafts] == [62, 92]
    assert candidate.best == 1
    assert candidate.output in candidate.thought
    assert not candidate.findings
    assert candidate.usage.calls == 7


async def test_advise_first_translates_in_one_dialogue() -> None:
    models = ScriptedModels()
    await candidate_of(Engine(models, LoopSettings(workflow="advise-first")))
    assert stages(models) == [
        "keywords", "literal", "advise", "evaluate", "refine", "advise", "evaluate", "reformulate",
    ]  # fmt: skip
    literal, refine = models.asked(Stage.LITERAL)[0], models.asked(Stage.REFINE)[0]
    assert refine.messages[: len(literal.messages)] == literal.messages
    assert [message.role for message in refine.messages] == ["system", "user", "assistant", "user"]


async def test_the_output_is_the_best_draft_not_the_last() -> None:
    scores = [evaluation(score) for score in (40, 80, 60, 80)]
    drafts = ["He knows all.", "He knows many.", "He has many friends."]
    models = ScriptedModels({Stage.EVALUATE: scores, Stage.REFINE: drafts})
    candidate = await candidate_of(Engine(models))
    assert candidate.output == "He knows all."
    assert candidate.best == 1
    assert len(candidate.drafts) == 4
    assert "He knows many." not in models.asked(Stage.REFORMULATE)[0].messages[1].content


@pytest.mark.parametrize(
    ("settings", "drafts"),
    [
        (LoopSettings(threshold=60), 1),
        (LoopSettings(max_iterations=0), 1),
        (LoopSettings(max_iterations=2, patience=9), 3),
        (LoopSettings(patience=1), 2),
        (LoopSettings(patience=3), 4),
    ],
)
async def test_the_loop_stops(settings: LoopSettings, drafts: int) -> None:
    models = ScriptedModels({Stage.EVALUATE: [evaluation(62)]})
    candidate = await candidate_of(Engine(models, settings))
    assert len(candidate.drafts) == drafts
    assert candidate.best == 0


async def test_a_sentence_that_needs_too_few_refinements_is_dropped() -> None:
    events = await events_of(Engine(ScriptedModels(), LoopSettings(min_refinements=2)))
    assert isinstance(events[-1], SentenceDropped)


async def test_streamed_text_is_said_as_it_arrives() -> None:
    events = await events_of(Engine(ScriptedModels()), stream=True)
    text = "".join(e.text for e in events if isinstance(e, TextDelta) and e.stage is Stage.LITERAL)
    assert text == "He has wide feet, so he knows many people."


async def test_a_stage_without_a_usable_answer_fails_the_sentence() -> None:
    events = await events_of(Engine(ScriptedModels({Stage.EVALUATE: ["It is nice."]})))
    last = events[-1]
    assert isinstance(last, SentenceFailed)
    assert last.stage is Stage.EVALUATE
    assert "score" in last.why


async def test_a_pass_is_answered_from_the_log_the_second_time() -> None:
    log = MemoryLog()
    first = await candidate_of(Engine(ScriptedModels(), log=log))
    models = ScriptedModels()
    events = await events_of(Engine(models, log=log))
    assert not models.requests
    assert isinstance(events[-1], CandidateReady)
    assert events[-1].candidate.output == first.output
    assert events[-1].candidate.usage == first.usage
    assert all(e.call and e.call.usage.calls == 0 for e in events if isinstance(e, StageFinished))


async def test_only_what_follows_a_persons_change_runs() -> None:
    models = ScriptedModels()
    start = Progress(keywords={}, drafts=(Draft(text="He is popular.", by="person"),))
    await candidate_of(Engine(models, LoopSettings(threshold=60)), start=start)
    assert stages(models) == ["evaluate", "reformulate"]


async def test_a_persons_advice_writes_a_new_draft_and_no_old_one_wins() -> None:
    models = ScriptedModels({Stage.EVALUATE: [evaluation(50)]})
    start = Progress(keywords={}, drafts=(Draft(text="He is popular.", score=95),))
    candidate = await candidate_of(Engine(models, LoopSettings(max_iterations=0)), start=start, advice="feet")
    assert candidate.output == "He is so well connected that he knows everyone."
    assert "feet" in models.asked(Stage.REFINE)[0].messages[-1].content


async def test_an_output_chosen_by_a_person_only_needs_its_thought() -> None:
    models = ScriptedModels()
    start = Progress(keywords={}, drafts=(Draft(text="A."), Draft(text="B.")), output="A.")
    candidate = await candidate_of(Engine(models), start=start, advice="shorter")
    assert stages(models) == ["reformulate"]
    assert (candidate.output, candidate.best) == ("A.", 0)
    assert "shorter" in models.requests[0].messages[1].content


async def test_economy_takes_three_calls_and_two_more_a_refinement() -> None:
    models = ScriptedModels({Stage.CRITIQUE: [evaluation(95)]})
    settings = LoopSettings(workflow="economy")
    await candidate_of(Engine(models, settings))
    assert stages(models) == ["open", "critique", "reformulate"]
    models = ScriptedModels()
    candidate = await candidate_of(Engine(models, settings))
    assert stages(models) == ["open", "critique", "refine", "critique", "reformulate"]
    assert "Say what it means." in models.asked(Stage.REFINE)[0].messages[1].content
    assert candidate.drafts[0].advice == "Say what it means."


async def test_economy_keeps_the_tokenizers_words_with_the_models_meanings() -> None:
    class Chooser:
        async def keywords(self, sentence: Sentence) -> tuple[str, ...]:
            return ("발이 넓다", "사람")

    opening = (
        '{"keywords": [{"word": "발이 넓다", "translations": ["x"]}, {"word": "y"}], "translation": "Z z."}'
    )
    models = ScriptedModels({Stage.OPEN: [opening], Stage.CRITIQUE: [evaluation(95)]})
    events = await events_of(Engine(models, LoopSettings(workflow="economy"), tokenizer=Chooser()))
    chosen = next(event for event in events if isinstance(event, StageFinished))
    assert (chosen.stage, chosen.call) == (Stage.KEYWORDS, None)
    assert isinstance(events[-1], CandidateReady)
    assert events[-1].candidate.keywords == {"발이 넓다": ("x",), "사람": ()}
    assert "발이 넓다\n사람" in models.asked(Stage.OPEN)[0].messages[1].content


async def test_a_single_call_gives_thought_and_output() -> None:
    models = ScriptedModels()
    candidate = await candidate_of(Engine(models, LoopSettings(workflow="single")))
    assert stages(models) == ["single"]
    assert candidate.output == candidate.drafts[candidate.best].text == "He knows everyone."


async def test_of_several_first_drafts_the_best_is_kept() -> None:
    texts = ["First one.", "Second one.", "Third one."]
    scores = [evaluation(score) for score in (50, 80, 70)]
    models = ScriptedModels({Stage.LITERAL: texts, Stage.EVALUATE: scores})
    settings = LoopSettings(drafts=3, max_iterations=0)
    candidate = await candidate_of(Engine(models, settings))
    assert [draft.text for draft in candidate.drafts] == ["Second one."]
    assert [request.temperature for request in models.asked(Stage.LITERAL)] == [0.0, 0.7, 0.7]
    assert len({request.seed for request in models.asked(Stage.LITERAL)}) == 3


async def test_a_first_draft_that_passes_ends_the_sampling() -> None:
    models = ScriptedModels({Stage.EVALUATE: [evaluation(95)]})
    await candidate_of(Engine(models, LoopSettings(drafts=3)))
    assert stages(models) == ["keywords", "literal", "evaluate", "reformulate"]


async def test_a_first_draft_that_cannot_be_drawn_leaves_the_others() -> None:
    texts = ["First one.", StageFailed("literal: no answer")]
    models = ScriptedModels({Stage.LITERAL: texts, Stage.EVALUATE: [evaluation(50)]})
    candidate = await candidate_of(Engine(models, LoopSettings(drafts=3, max_iterations=0)))
    assert [(draft.text, draft.score) for draft in candidate.drafts] == [("First one.", 50)]


async def test_of_three_evaluations_the_median_counts() -> None:
    verdicts = [evaluation(95, "a"), evaluation(40, "b"), evaluation(70, "c")]
    models = ScriptedModels({Stage.EVALUATE: verdicts})
    candidate = await candidate_of(Engine(models, LoopSettings(evaluations=3, max_iterations=0)))
    assert (candidate.drafts[0].score, candidate.drafts[0].reason) == (70, "c")
    assert len(models.asked(Stage.EVALUATE)) == 3


async def test_steps_that_changed_nothing_are_not_told() -> None:
    scores = [evaluation(score) for score in (60, 60, 95)]
    models = ScriptedModels({Stage.EVALUATE: scores, Stage.REFINE: ["Same worth.", "Much better."]})
    candidate = await candidate_of(Engine(models))
    told = models.asked(Stage.REFORMULATE)[0].messages[1].content
    assert "Same worth." not in told
    assert "Much better." in told
    assert len(candidate.drafts) == 3


async def test_a_thought_that_is_not_faithful_is_repaired_once() -> None:
    wrong = "I write He left. and leave it."
    models = ScriptedModels({Stage.REFORMULATE: [wrong, tell]})
    candidate = await candidate_of(Engine(models))
    repair = models.asked(Stage.REFORMULATE)[1].messages
    assert repair[-2].content == wrong
    assert "does not occur word for word" in repair[-1].content
    assert not candidate.findings


async def test_a_thought_that_stays_unfaithful_has_the_finding() -> None:
    models = ScriptedModels({Stage.REFORMULATE: ["I leave it."]})
    candidate = await candidate_of(Engine(models))
    assert len(models.asked(Stage.REFORMULATE)) == 2
    assert "unfaithful" in {finding.code for finding in candidate.findings}


async def test_a_repair_that_fails_costs_only_the_repair() -> None:
    models = ScriptedModels({Stage.REFORMULATE: ["I leave it.", StageFailed("reformulate: no answer")]})
    candidate = await candidate_of(Engine(models))
    assert candidate.thought == "I leave it."


async def test_whether_the_evaluator_judged_itself_is_noted() -> None:
    own = await candidate_of(Engine(ScriptedModels()))
    others = await candidate_of(Engine(ScriptedModels(models={"evaluate": "strong"})))
    assert (own.judged_itself, others.judged_itself) == (True, False)
    assert others.models["evaluate"] == ("strong", "strong")


async def test_context_is_shown_as_a_block_of_its_own() -> None:
    models = ScriptedModels()
    before = ("하나.", "둘.", "셋.")
    await candidate_of(Engine(models, LoopSettings(context=2)), before=before)
    for request in models.requests:
        assert "둘.\n셋." in request.messages[1].content
        assert "하나." not in request.messages[1].content
    models = ScriptedModels()
    await candidate_of(Engine(models), before=before)
    assert not any("셋." in request.messages[1].content for request in models.requests)


async def test_sampling_is_as_the_method_says() -> None:
    models = ScriptedModels()
    candidate = await candidate_of(Engine(models, seed=7))
    temperatures = {request.stage.value: request.temperature for request in models.requests}
    assert temperatures == {
        "keywords": 0.0, "literal": 0.0, "evaluate": 0.0, "advise": 0.3, "refine": 0.7, "reformulate": 0.7,
    }  # fmt: skip
    again = ScriptedModels()
    await candidate_of(Engine(again, seed=7))
    assert [request.seed for request in again.requests] == [request.seed for request in models.requests]
    assert candidate.seed == 7


async def test_opening_plans_are_drawn_by_seed_and_common_openings_named_last() -> None:
    sentences = [Sentence(id=sentence_id(str(number)), source=str(number)) for number in range(40)]
    plans = set()
    for sentence in sentences:
        async with aclosing(Engine(ScriptedModels()).run(sentence)) as events:
            async for event in events:
                if isinstance(event, CandidateReady):
                    plans.add(event.candidate.plan)
    assert len(plans) >= 5
    models = ScriptedModels()
    await candidate_of(Engine(models, avoid_openings=("I start by",)))
    assert models.asked(Stage.REFORMULATE)[0].messages[1].content.endswith("- I start by")


async def test_what_is_finished_is_in_the_log_when_a_pass_is_closed() -> None:
    log = MemoryLog()
    async with aclosing(Engine(ScriptedModels(), log=log).run(SENTENCE)) as events:
        async for event in events:
            if isinstance(event, StageFinished) and event.stage is Stage.LITERAL:
                break
    assert [call.stage for call in log.calls] == [Stage.KEYWORDS, Stage.LITERAL]
    models = ScriptedModels()
    await candidate_of(Engine(models, log=log))
    assert stages(models)[0] == "evaluate"


async def test_a_changed_threshold_reruns_only_what_it_changes() -> None:
    log = MemoryLog()
    await candidate_of(Engine(ScriptedModels(), log=log))
    models = ScriptedModels()
    await candidate_of(Engine(models, LoopSettings(threshold=50), log=log))
    assert stages(models) == ["reformulate"]


async def test_a_changed_prompt_asks_again() -> None:
    log = MemoryLog()
    await candidate_of(Engine(ScriptedModels(), log=log))
    prompts = Prompts.load()
    advise = Prompt.read("advise", "# system\nAdvise.\n\n# user\n{{draft}}")
    models = ScriptedModels()
    await candidate_of(Engine(models, prompts=Prompts({**prompts.of, "advise": advise}), log=log))
    assert stages(models)[0] == "advise"


def test_a_fingerprint_covers_all_that_shapes_the_text() -> None:
    engine = Engine(ScriptedModels())
    others = [
        replace(engine, seed=1),
        replace(engine, target="de"),
        replace(engine, settings=LoopSettings(threshold=80)),
        replace(engine, models=ScriptedModels(models={"advise": "other"})),
    ]
    assert len({engine.fingerprint, *(other.fingerprint for other in others)}) == 5
    assert replace(engine, avoid_openings=("x",)).fingerprint == engine.fingerprint


@pytest.mark.parametrize("workflow", ["evaluate-first", "advise-first", "economy", "single"])
@pytest.mark.parametrize(
    "reply",
    ["[/INST] [bold] \x1b[31m \x00 \ud800 a", "word " * 20_000, '{"score": 50, "reason": "\x1b[0m[/]"}', ""],
    ids=["markup", "endless", "json", "empty"],
)
async def test_hostile_replies_end_as_candidate_or_failure(workflow: str, reply: str) -> None:
    models = ScriptedModels({stage: [reply] for stage in Stage})
    events = await events_of(Engine(models, LoopSettings(workflow=workflow)), stream=True)
    assert isinstance(events[-1], CandidateReady | SentenceFailed)


@pytest.mark.parametrize("workflow", ["evaluate-first", "advise-first", "economy", "single"])
async def test_no_reference_ever_reaches_a_model(workflow: str) -> None:
    canary = "He has friends in every corner of the kestrel market."
    sentence = SENTENCE.model_copy(
        update={"references": (Reference(text=canary), Reference(text=canary, origin="written"))}
    )
    models = ScriptedModels({Stage.REFORMULATE: ["I leave it."], Stage.EVALUATE: [evaluation(40)]})
    engine = Engine(models, LoopSettings(workflow=workflow, drafts=2, evaluations=3, context=2))
    async with aclosing(engine.run(sentence, before=("앞 문장.",), advice="softer")) as events:
        assert [event async for event in events]
    for request in models.requests:
        assert "kestrel" not in repr(request.messages)
        assert "kestrel" not in repr(request.schema)


async def test_what_a_failed_stage_took_is_said_and_on_record() -> None:
    paid = Usage(calls=2, prompt_tokens=10, cost_usd=0.5)
    log = MemoryLog()
    models = ScriptedModels({Stage.EVALUATE: [StageFailed("evaluate: no score", usage=paid)]})
    events = await events_of(Engine(models, log=log))
    assert isinstance(events[-1], SentenceFailed)
    assert events[-1].usage == paid
    assert (log.calls[-1].usage, log.calls[-1].finish_reason) == (paid, "failed")
    again = ScriptedModels()
    await candidate_of(Engine(again, log=log))
    assert stages(again)[0] == "evaluate"


async def test_what_the_built_in_model_made_is_marked() -> None:
    names = {stage.value: "built-in" for stage in Stage}
    candidate = await candidate_of(Engine(ScriptedModels(models=names)))
    assert candidate.made_by == "built-in"


async def test_an_answer_that_begins_again_is_said_to_be_void() -> None:
    class Restarting(ScriptedModels):
        async def stream(self, request: Request[Any]) -> AsyncGenerator[Delta | Restart | Reply[Any], None]:
            yield Delta("Half an ans")
            yield Restart("backup", "connection lost")
            async with aclosing(super().stream(request)) as items:
                async for item in items:
                    yield item

    events = await events_of(Engine(Restarting()), stream=True)
    retried = [event for event in events if isinstance(event, StageRetried)]
    assert retried
    assert {(event.model, event.why) for event in retried} == {("backup", "connection lost")}
    assert isinstance(events[-1], CandidateReady)


@pytest.mark.parametrize(("language", "named"), [("en", "English"), ("ko", "Korean"), ("target", "German")])
async def test_the_thoughts_language_and_length_are_settings(language: str, named: str) -> None:
    models = ScriptedModels()
    settings = LoopSettings.model_validate({"thought_language": language, "thought_words": (50, 90)})
    await candidate_of(Engine(models, settings, target="de"))
    system = models.asked(Stage.REFORMULATE)[0].messages[0].content
    assert f"inner monologue in {named}" in system
    assert "50-90 words" in system


async def test_text_is_kept_in_one_normal_form() -> None:
    decomposed = "\u1112\u1161\u11ab\u1100\u1173\u11af \u1106\u116e\u11ab\u110c\u1161\u11bc"
    models = ScriptedModels({Stage.LITERAL: [decomposed], Stage.EVALUATE: [evaluation(95)]})
    candidate = await candidate_of(Engine(models))
    assert candidate.output == "한글 문장"
    assert "한글 문장" in candidate.thought


@pytest.mark.parametrize("stage", [Stage.ADVISE, Stage.REFINE])
async def test_an_improvement_that_no_model_can_write_costs_only_itself(stage: Stage) -> None:
    models = ScriptedModels({stage: [""]})
    events = await events_of(Engine(models))
    given_up = [event for event in events if isinstance(event, StageGivenUp)]
    assert [event.stage for event in given_up] == [stage]
    assert isinstance(events[-1], CandidateReady)
    candidate = events[-1].candidate
    assert candidate.output == "He has wide feet, so he knows many people."
    assert [finding.code for finding in candidate.findings] == ["cut-short"]
    assert candidate.usage.calls == sum(len(names) for names in candidate.models.values()) + 2


async def test_a_later_draft_that_cannot_be_judged_never_wins() -> None:
    models = ScriptedModels({Stage.EVALUATE: [evaluation(62), "nice", "nice"]})
    candidate = await candidate_of(Engine(models))
    assert candidate.best == 0
    assert [draft.score for draft in candidate.drafts] == [62, None]


async def test_where_nobody_answers_the_sentence_fails_and_can_be_tried_again() -> None:
    models = ScriptedModels({Stage.REFINE: [StageFailed("refine: no connection")]})
    assert isinstance((await events_of(Engine(models)))[-1], SentenceFailed)
