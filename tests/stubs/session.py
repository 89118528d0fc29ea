"""A session on a real project whose models answer by script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from data.records import Candidate, Draft, Origin, Reference, Sentence, Span, Stage, Usage, sentence_id
from data.store import Dataset, ProjectFolder
from drt_tui.project.session import Session
from drt_tui.project.settings import Settings
from pipeline.llm.request import Delta, Reply, Request, Restart
from tests.stubs.scripted import Script, ScriptedModels

OUTPUT = "He is so well connected that he knows everyone."
THOUGHT = """I look at 발이 넓다: word for word it speaks of wide feet, yet nobody means feet here.
I will go through the sentence carefully.
I try "He has wide feet, so he knows many people."
An English reader sees feet, not friends, and the idiom is lost.
I try "He knows a lot of people."
Now it is clear but flat: it drops the reach that 넓어서 gives as the reason.
This looks good.
I settle on "He is so well connected that he knows everyone.\""""
SOURCES = (
    ("그는 발이 넓어서 아는 사람이 많다.", "발이 넓다", (3, 9)),
    ("그 사람은 눈이 높아서 쉽게 만족하지 않는다.", "눈이 높다", (6, 12)),
    ("입이 무거운 친구라 무엇이든 털어놓을 수 있다.", "입이 무겁다", (0, 6)),
    ("손이 커서 음식을 늘 넉넉하게 한다.", "손이 크다", (0, 5)),
    ("귀가 얇아 남의 말에 쉽게 넘어간다.", "귀가 얇다", (0, 5)),
)


def sentence(number: int = 0, **changes: Any) -> Sentence:
    source, group, (start, end) = SOURCES[number]
    fields: dict[str, Any] = {
        "id": sentence_id(source),
        "source": source,
        "group": group,
        "spans": (Span(start=start, end=end),),
        "references": (Reference(text="He has a wide circle of acquaintances."),),
        "origin": Origin(file="samples.jsonl", row=number + 1),
    }
    return Sentence(**(fields | changes))


def candidate(of: Sentence, id: str = "C1", **changes: Any) -> Candidate:
    fields: dict[str, Any] = {
        "id": id,
        "sentence": of.id,
        "thought": THOUGHT,
        "output": OUTPUT,
        "keywords": {"발이 넓다": ("well connected",), "사람": ("people",)},
        "drafts": (
            Draft(
                text="He has wide feet, so he knows many people.",
                score=35,
                reason="Word for word; an English reader sees feet.",
                advice="Say what it means: the reach of his acquaintance.",
            ),
            Draft(
                text="He knows a lot of people.",
                score=70,
                reason="Clear, but flat.",
                advice="Keep the cause: he is well connected.",
            ),
            Draft(text=OUTPUT, score=93, reason="Natural and complete."),
        ),
        "best": 2,
        "usage": Usage(calls=6, prompt_tokens=3000, completion_tokens=500, cost_usd=0.001),
    }
    return Candidate(**(fields | changes))


def fill(dataset: Dataset, *, ready: int = 2, count: int = len(SOURCES)) -> list[Sentence]:
    """Put sentences into a dataset, the first of them with a candidate."""
    sentences = [sentence(number) for number in range(count)]
    dataset.add_sentences(sentences)
    for number, one in enumerate(sentences[:ready], 1):
        dataset.add_candidate(candidate(one, f"C{number}"))
    return sentences


class SlowModels(ScriptedModels):
    """Streams a word at a time, and waits before each for a permit or for some seconds."""

    def __init__(self, scripts: Mapping[Stage, Sequence[Script]] = {}, *, seconds: float = 0.0) -> None:
        super().__init__(scripts)
        self.seconds = seconds
        self.gate = asyncio.Event()
        self.gate.set()

    async def stream(self, request: Request[Any]) -> AsyncIterator[Delta | Restart | Reply[Any]]:  # type: ignore[override]
        reply = await self.complete(request)
        for word in reply.text.split(" "):
            await asyncio.sleep(self.seconds)
            await self.gate.wait()
            yield Delta(word + " ")
        yield reply


def session(
    dataset: Dataset,
    answering: ScriptedModels | None = None,
    *,
    models: tuple[str, ...] = (),
    **settings: Any,
) -> Session:
    """Return a session on a dataset whose models can be asked by name; `settings` are sections of drt.toml."""
    answering = answering or ScriptedModels()

    @asynccontextmanager
    async def open_models(*, budget_usd: float | None = None) -> AsyncIterator[ScriptedModels]:
        yield answering

    review = {"order": "file", "prefetch": 0} | settings.pop("review", {})
    return Session(
        settings=Settings(review=review, **settings),
        folder=dataset.folder,
        dataset=dataset,
        open_models=open_models,
        built_in=False,
        model_label="scripted-1",
        title="kiss-ko-en",
        models=models,
    )


def project(path: Path) -> Dataset:
    """Open a dataset in a folder, in the name of `kim`."""
    return Dataset.open(ProjectFolder(path), annotator="kim")
