"""Models of the settings and columns of files as contenders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.errors import FileProblem
from data.format import Format
from data.importers import ColumnMap
from tests.stubs.endpoint_script import Script
from tests.stubs.routed import routed
from tests.stubs.scripted import ScriptedModels
from train.errors import NoAnswer
from train.evaluation.asking import ask
from train.evaluation.contender import Answer, Question, Sampling, Text
from train.evaluation.contenders.imported import NotInFile, imported
from train.evaluation.contenders.model import ModelContender
from train.serving.prompts import plain_format

QUESTION = Question("s1", "그는 발이 넓다.")
DRT = Format("ko", "en")


def asks(models: object, format: Format = DRT, **more: object) -> ModelContender:
    return ModelContender("one", models, "m1", "told", "gpt-x", format, **more)  # type: ignore[arg-type]


async def test_a_model_is_asked_as_drt_models_are_trained() -> None:
    async with routed(Script()) as (router, scripts):
        answer = await ask(asks(router), QUESTION)
    (seen,) = scripts[0].seen
    assert seen.stage == "translate"
    assert [turn["content"] for turn in seen.body["messages"]] == [
        turn["content"] for turn in DRT.prompt(QUESTION.source)
    ]
    assert answer.output == "He is so well connected that he knows everyone."
    assert answer.troubles == ()
    assert answer.prompt_fingerprint == DRT.fingerprint
    assert answer.cost_usd is not None
    assert answer.calls == 1


async def test_a_plain_prompt_asks_for_no_tags_and_takes_the_whole_answer() -> None:
    async with routed(Script()) as (router, _):
        contender = asks(router, plain_format("ko", "en"))
        answer = await ask(contender, QUESTION)
    assert not contender.has_thought
    assert (answer.thought, answer.output, answer.troubles) == ("", "He knows a lot of people.", ())


async def test_a_cut_answer_is_an_answer_and_is_not_asked_again() -> None:
    async with routed(Script(next_faults=["length"])) as (router, scripts):
        answer = await ask(asks(router), QUESTION)
    assert answer.is_cut
    assert "thought-cut" in answer.troubles or "no-output" in answer.troubles
    assert len(scripts[0].seen) == 1


async def test_a_reply_without_tags_is_a_failure_and_no_retry() -> None:
    async with routed(Script(answer=lambda stage, body, chance: "He knows people.")) as (router, scripts):
        answer = await ask(asks(router), QUESTION)
    assert {"no-thought", "no-output"} <= set(answer.troubles)
    assert answer.output == ""
    assert len(scripts[0].seen) == 1


async def test_nobody_else_answers_in_its_place() -> None:
    async with routed(Script(faults={"500": 1.0}), Script(), patience_s=0.01) as (router, scripts):
        with pytest.raises(NoAnswer):
            await ask(asks(router), QUESTION)
    assert scripts[1].seen == []


async def test_text_comes_as_it_is_written() -> None:
    async with routed(Script()) as (router, _):
        items = [item async for item in asks(router, streams=True).translate(QUESTION)]
    texts = [item.text for item in items if isinstance(item, Text)]
    last = items[-1]
    assert len(texts) > 3
    assert isinstance(last, Answer)
    assert "".join(texts) == last.text
    assert last.first_seconds is not None


async def test_sampling_is_asked_for() -> None:
    models = ScriptedModels({})
    models.scripts["translate"] = ["x"]  # type: ignore[index]
    sampling = Sampling(temperature=0.6, seed=7, max_tokens=99)
    await ask(asks(models), Question("s1", "가", sampling=sampling))
    (request,) = models.requests
    assert (request.temperature, request.seed, request.max_tokens) == (0.6, 7, 99)


def test_identity_changes_with_all_that_shapes_an_answer() -> None:
    same = asks(None).about.identity
    assert same == asks(None).about.identity
    assert same != asks(None, plain_format("ko", "en")).about.identity
    assert same != ModelContender("one", None, "m1", "other", "x", DRT).about.identity  # type: ignore[arg-type]


# Columns of files

CSV = "source,reference,deepl\n그는 발이 넓다.,He knows people.,He has wide feet.\n둘째.,Second.,\n"


async def test_a_column_answers_by_the_source_text(tmp_path: Path) -> None:
    path = tmp_path / "others.csv"
    path.write_text(CSV, encoding="utf-8")
    column = imported("deepl", path, "deepl")
    answer = await ask(column, QUESTION)
    assert (answer.output, answer.calls, answer.cost_usd) == ("He has wide feet.", 0, None)
    assert (await ask(imported("ref", path, "reference"), QUESTION)).output == "He knows people."


async def test_sources_match_however_they_are_composed(tmp_path: Path) -> None:
    import unicodedata

    path = tmp_path / "others.csv"
    path.write_text(unicodedata.normalize("NFD", CSV), encoding="utf-8")
    assert (await ask(imported("deepl", path, "deepl"), QUESTION)).output == "He has wide feet."


@pytest.mark.parametrize("source", ["둘째.", "셋째."])
async def test_what_the_file_does_not_have_is_missing(tmp_path: Path, source: str) -> None:
    path = tmp_path / "others.csv"
    path.write_text(CSV, encoding="utf-8")
    with pytest.raises(NotInFile):
        await ask(imported("deepl", path, "deepl"), Question("x", source))


async def test_files_without_a_header_and_sets_of_others_have_columns_too(tmp_path: Path) -> None:
    tsv, jsonl = tmp_path / "a.tsv", tmp_path / "b.jsonl"
    tsv.write_text("1\t그는 발이 넓다.\tHe has wide feet.\n2\t둘째.\tTwo.\n", encoding="utf-8")
    row = {"text": "그는 발이 넓다.", "thought": "I look.", "output": "He knows everyone."}
    jsonl.write_text(json.dumps(row), encoding="utf-8")
    assert (await ask(imported("t", tsv, "3", ColumnMap(source=2)), QUESTION)).output == "He has wide feet."
    assert (await ask(imported("o", jsonl, "output"), QUESTION)).output == "He knows everyone."


@pytest.mark.parametrize("column", ["google", "7"])
def test_a_column_that_is_not_there_is_named(tmp_path: Path, column: str) -> None:
    path = tmp_path / "others.csv"
    path.write_text(CSV, encoding="utf-8")
    with pytest.raises(FileProblem, match=column):
        imported("x", path, column)
