"""Contenders by name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.store import Dataset
from drt_tui.comparing.contenders import Spec, models_of_specs, open_contenders, read_specs
from drt_tui.errors import UsageProblem
from drt_tui.project.session import Session
from drt_tui.project.settings import Settings
from tests.stubs.session import project, session
from train.errors import NoAnswer
from train.evaluation.asking import ask
from train.evaluation.contender import Question
from train.serving.prompts import plain_format

MODELS = {"main": {"base_url": "http://127.0.0.1:9/v1", "model": "gpt-x"}}


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("backbone", Spec("backbone", "backbone")),
        ("backbone+drt", Spec("backbone+drt", "backbone", drt_prompt=True)),
        ("drt", Spec("drt", "drt")),
        ("loop", Spec("loop", "loop")),
        ("rival=outputs-only", Spec("rival", "outputs-only")),
        ("run:003", Spec("run:003", "run", "003")),
        ("model:gpt-4o", Spec("model:gpt-4o", "model", "gpt-4o")),
        ("model:main+drt", Spec("model:main+drt", "model", "main", drt_prompt=True)),
        ("file:a b/x.csv:deepl", Spec("deepl", "file", "a b/x.csv", "deepl")),
        ("DeepL pro=file:C:/x.csv:2", Spec("DeepL pro", "file", "C:/x.csv", "2")),
        ("plain=model:main", Spec("plain", "model", "main")),
        ("gpt-4.1", Spec("gpt-4.1", "model", "gpt-4.1")),
        ("main+drt", Spec("main+drt", "model", "main", drt_prompt=True)),
    ],
)
def test_a_contender_is_read_as_it_is_written(text: str, spec: Spec) -> None:
    assert read_specs([text]) == (spec,)


def test_several_are_separated_by_commas_or_come_one_by_one() -> None:
    texts = ["backbone, drt,file:a,b.csv:x,strong", "alt=model:main+drt"]
    assert [spec.name for spec in read_specs(texts)] == ["backbone", "drt", "x", "strong", "alt"]
    assert read_specs(texts)[2].of == "a,b.csv"
    assert models_of_specs(read_specs(texts)) == ("strong", "main")


@pytest.mark.parametrize("texts", [[""], [" , "], ["", ","]])
def test_naming_nobody_is_refused(texts: list[str]) -> None:
    with pytest.raises(UsageProblem, match=r"No contender is named|There is no contender"):
        read_specs(texts)


@pytest.mark.parametrize(
    "text",
    [
        "run",
        "a b",
        "outputs-only+drt",
        "run:",
        "model:",
        "model:+drt",
        "file:x.csv",
        "file::x",
        "loop+drt",
        "drt+drt",
        "backbone:x",
    ],
)
def test_what_is_no_contender_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem, match="no contender"):
        read_specs([text])


def test_two_of_one_name_are_refused() -> None:
    with pytest.raises(UsageProblem, match="'drt'"):
        read_specs(["drt,drt"])


@given(st.lists(st.text(), max_size=3))
def test_any_text_is_read_or_refused(texts: list[str]) -> None:
    try:
        specs = read_specs(texts)
    except UsageProblem:
        return
    assert len({spec.name for spec in specs}) == len(specs)


# Opening


def session_with_models(dataset: Dataset) -> Session:
    made = session(dataset)
    return replace(made, settings=Settings(models=MODELS, roles={"default": ("main",)}))  # type: ignore[arg-type]


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    (tmp_path / "project").mkdir()
    return project(tmp_path / "project")


async def test_the_loop_answers_and_leaves_no_candidate(dataset: Dataset) -> None:
    async with open_contenders(session_with_models(dataset), read_specs(["loop"])) as opened:
        (loop,) = opened.lineup.contenders
        answer = await ask(loop, Question("s1", "그는 발이 넓어서 아는 사람이 많다."))
    assert answer.output == "He is so well connected that he knows everyone."
    assert answer.thought.startswith("I look at the words first.")
    assert answer.calls > 4
    assert loop.about.kind == "loop"
    assert loop.about.models == ("gpt-x",)
    assert dataset.count() == 0


async def test_they_come_in_the_order_that_they_were_asked_for(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "others.csv"
    path.write_text("source,deepl\n가,A\n", encoding="utf-8")
    specs = read_specs([f"file:{path}:deepl", "model:main+drt", "model:main"])
    async with open_contenders(session_with_models(dataset), specs) as opened:
        assert [each.name for each in opened.lineup.contenders] == ["deepl", "model:main+drt", "model:main"]
        tagged, plain = opened.lineup.contenders[1:]
    assert (tagged.has_thought, plain.has_thought) == (True, False)


async def test_a_file_alone_opens_no_model(dataset: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "others.csv"
    path.write_text("source,deepl\n가,A\n", encoding="utf-8")
    async with open_contenders(session(dataset), read_specs([f"file:{path}:deepl"])) as opened:
        assert opened.models is None
        (column,) = opened.lineup.contenders
        with pytest.raises(NoAnswer):
            await ask(column, Question("x", "나"))


async def test_a_model_that_is_not_set_is_named(dataset: Dataset) -> None:
    with pytest.raises(UsageProblem, match=r"\[models.other\]"):
        async with open_contenders(session_with_models(dataset), read_specs(["model:other"])):
            pass


async def test_without_a_run_there_is_no_drt_model(dataset: Dataset) -> None:
    with pytest.raises(UsageProblem, match="no finished run"):
        async with open_contenders(session(dataset), read_specs(["drt"])):
            pass


async def test_context_goes_into_the_prompt(dataset: Dataset) -> None:
    async with open_contenders(session_with_models(dataset), read_specs(["model:main"]), context=2) as opened:
        (contender,) = opened.lineup.contenders
    assert contender.format.context == 2  # type: ignore[attr-defined]
    assert contender.format.fingerprint != plain_format("ko", "en").fingerprint  # type: ignore[attr-defined]
