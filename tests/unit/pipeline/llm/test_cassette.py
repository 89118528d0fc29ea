from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data.records import Stage
from pipeline.errors import NotOnTape, StageFailed
from pipeline.llm.cassette import RecordingModels, ReplayingModels
from pipeline.llm.json_reply import json_object
from pipeline.llm.request import Delta, Reply
from tests.stubs.endpoint_script import Script
from tests.stubs.routed import ask, warped
from tests.stubs.warp import run_warped


async def every_kind(models: Any) -> list[Any]:
    """Ask for all that a tape can hold: plain, structured, streamed, sampled, and a failure."""
    replies: list[Any] = [
        await models.complete(ask()),
        await models.complete(ask(Stage.EVALUATE, parse=json_object, temperature=0.3, seed=4)),
        await models.complete(ask(temperature=0.7, sample=1)),
    ]
    items = [item async for item in models.stream(ask(Stage.ADVISE))]
    assert "".join(item.text for item in items[:-1] if isinstance(item, Delta)).strip() == items[-1].text
    replies.append(items[-1])
    try:
        await models.complete(ask(content="fail"))
    except StageFailed as failure:
        replies.append((failure.message, failure.usage, failure.fallbacks))
    return replies


def answer(stage: str, body: Any, chance: Any) -> str:
    if body["messages"][-1]["content"] == "fail":
        return ""
    return (
        '{"score": 62, "한": "글"}'
        if stage == "evaluate"
        else f"An answer to {stage}, {chance.random()}.\n  Two lines."
    )


def test_what_was_recorded_is_replayed(tmp_path: Path) -> None:
    tape = tmp_path / "tapes" / "run.jsonl"

    async def record() -> list[Any]:
        async with warped(Script(answer=answer), Script(answer=answer)) as (router, _):
            with RecordingModels(router, tape) as models:
                assert models.names(Stage.LITERAL) == ("m1", "m2")
                return await every_kind(models)

    async def replay() -> list[Any]:
        models = ReplayingModels(tape)
        assert models.names(Stage.LITERAL) == ("m1", "m2")
        return await every_kind(models)

    recorded = run_warped(record())
    assert isinstance(recorded[0], Reply)
    assert "m1 sent an empty answer" in recorded[-1][0]
    assert run_warped(replay()) == recorded
    assert run_warped(replay()) == recorded, "a tape can be played again"


def test_two_may_write_on_one_tape(tmp_path: Path) -> None:
    tape = tmp_path / "run.jsonl"

    async def record() -> list[str]:
        async with warped(Script(answer=answer)) as (router, _):
            with RecordingModels(router, tape) as one, RecordingModels(router, tape, go_on=True) as other:
                return [(await models.complete(ask(content=text))).text for models, text in
                        ((one, "a"), (other, "b"), (one, "c"))]  # fmt: skip

    async def replay() -> list[str]:
        models = ReplayingModels(tape)
        return [(await models.complete(ask(content=text))).text for text in "abc"]

    recorded = run_warped(record())
    assert run_warped(replay()) == recorded


def test_a_repeated_question_gets_the_next_recording_and_then_the_last(tmp_path: Path) -> None:
    tape = tmp_path / "run.jsonl"

    async def main() -> None:
        async with warped(Script(answer=answer)) as (router, _):
            with RecordingModels(router, tape) as models:
                texts = [(await models.complete(ask())).text for _ in range(2)]
        assert texts[0] != texts[1]
        replaying = ReplayingModels(tape)
        assert [(await replaying.complete(ask())).text for _ in range(3)] == [*texts, texts[1]]

    run_warped(main())


@pytest.mark.parametrize(
    "changes",
    [
        {"content": "다른 문장"},
        {"temperature": 0.5},
        {"seed": 9},
        {"sample": 2},
        {"max_tokens": 9},
        {"schema": {}},
        {"stage": Stage.REFINE},
    ],
)
def test_a_call_that_is_not_on_the_tape_is_named(tmp_path: Path, changes: Any) -> None:
    tape = tmp_path / "run.jsonl"

    async def main() -> None:
        async with warped(Script()) as (router, _):
            with RecordingModels(router, tape) as models:
                await models.complete(ask())
        await ReplayingModels(tape).complete(ask(**changes))

    with pytest.raises(NotOnTape, match=r"run\.jsonl.*s1"):
        run_warped(main())


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]\n", b'{"names": 7}', b'{"names": {}}\n{"no": "key"}', b"\xff\xfe"]
)
def test_what_is_no_cassette_says_so(tmp_path: Path, content: bytes) -> None:
    tape = tmp_path / "run.jsonl"
    tape.write_bytes(content)
    with pytest.raises(NotOnTape, match="no cassette"):
        ReplayingModels(tape)


def test_a_missing_cassette_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotOnTape, match="cannot be read"):
        ReplayingModels(tmp_path / "none.jsonl")


def test_no_key_gets_onto_a_tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    tape = tmp_path / "run.jsonl"

    async def main() -> None:
        async with warped(Script(faults={"echo-key": 1.0})) as (router, _):
            with RecordingModels(router, tape) as models:
                await models.complete(ask())

    run_warped(main())
    assert "sk-very-secret" not in tape.read_text(encoding="utf-8")


@pytest.mark.parametrize(("fault", "is_outage"), [("500", True), ("refusal", False)])
def test_a_tape_tells_a_dead_line_from_a_refusal(tmp_path: Path, fault: Any, is_outage: bool) -> None:
    async def main() -> None:
        async with warped(Script(faults={fault: 1.0}), patience_s=10) as (router, _):
            with RecordingModels(router, tmp_path / "tape") as recording, pytest.raises(StageFailed):
                await recording.complete(ask())
        with pytest.raises(StageFailed) as caught:
            await ReplayingModels(tmp_path / "tape").complete(ask())
        assert caught.value.is_outage is is_outage

    run_warped(main())
