from __future__ import annotations

import asyncio
from typing import Any

import pytest

from data.records import Stage
from pipeline.errors import StageFailed
from pipeline.llm.checkup import check_endpoint
from pipeline.llm.dialects import Dialect
from pipeline.llm.json_reply import json_object
from pipeline.llm.request import Reply
from tests.stubs.endpoint import SCENARIOS, FakeEndpoint
from tests.stubs.endpoint_script import Script
from tests.stubs.routed import ask, model, routed

SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"reason": {"type": "string"}, "score": {"type": "integer"}},
    "required": ["reason", "score"],
    "additionalProperties": False,
}


def structured(**more: Any) -> Any:
    return ask(Stage.EVALUATE, parse=json_object, schema=SCHEMA, seed=3, temperature=0.3, **more)


DIALECTS: list[tuple[frozenset[str], dict[str, object], str]] = [
    (
        frozenset(),
        {"response_format": "json_schema", "max_tokens": True, "temperature": True, "seed": True},
        "",
    ),
    (frozenset({"json_schema"}), {"response_format": "json_object"}, "JSON schema refused"),
    (frozenset({"response_format"}), {"response_format": None}, "JSON output refused, asked for in words"),
    (frozenset({"max_tokens"}), {"max_completion_tokens": True, "max_tokens": False}, ""),
    (frozenset({"temperature"}), {"temperature": False}, "temperature refused, provider's default"),
    (frozenset({"seed"}), {"seed": False}, "seed refused, not sent"),
    (frozenset({"stream_options"}), {"stream_options": False}, ""),
    (
        frozenset({"response_format", "max_tokens", "temperature", "seed", "stream_options"}),
        {"response_format": None, "temperature": False, "seed": False, "max_completion_tokens": True},
        "temperature refused",
    ),
]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("refuses", "sent", "note", "refusal"),
    [(*dialect, "param") for dialect in DIALECTS]
    + [(*DIALECTS[-1], refusal) for refusal in ("words", "pydantic", "brief")],
)
async def test_what_is_refused_is_left_out_remembered_and_noted(
    refuses: frozenset[str], sent: dict[str, object], note: str, refusal: Any, stream: bool
) -> None:
    async with routed(Script(refuses=refuses, refusal=refusal)) as (router, [script]):
        for _ in range(2):
            if stream:
                items = [item async for item in router.stream(structured())]
                assert len([item for item in items if isinstance(item, Reply)]) == 1
                reply = items[-1]
            else:
                reply = await router.complete(structured())
            assert "score" in reply.value
            assert note in " ".join(reply.notes)
            assert reply.fallbacks == ()
        assert script.seen[-2].status == 200 or not refuses, "the second question knew"
        body = script.seen[-1].body
        for name, wanted in sent.items():
            if name == "response_format":
                assert (body.get(name) or {}).get("type") == wanted
            elif name != "stream_options" or stream:
                assert (name in body) is wanted
        assert router.snapshot().refused == 0
        assert script.calls == 2


async def test_json_is_asked_for_in_words_where_the_schema_cannot_be_sent() -> None:
    async with routed(Script(refuses=frozenset({"json_schema"}))) as (router, [script]):
        await router.complete(structured())
        assert '"additionalProperties":false' in script.seen[-1].body["messages"][-1]["content"]


async def test_many_calls_at_once_learn_a_refusal_once() -> None:
    async with routed(Script(refuses=frozenset({"json_schema"}), latency_s=0.01)) as (router, [script]):
        await asyncio.gather(*(router.complete(structured(content=str(n))) for n in range(4)))
        assert router.dialect("m1").structure == "json_object"
        assert (script.seen[-1].body["response_format"])["type"] == "json_object"


async def test_a_call_that_waited_meanwhile_does_not_ask_what_another_was_refused() -> None:
    refuses = frozenset({"json_schema", "temperature", "seed", "max_tokens"})
    async with routed(Script(refuses=refuses, latency_s=0.01), concurrency=1) as (router, [script]):
        await asyncio.gather(*(router.complete(structured(content=str(n))) for n in range(6)))
        assert [each.status for each in script.seen] == [400] * 4 + [200] * 6


async def test_a_refusal_that_names_nothing_we_sent_is_a_failure() -> None:
    script = Script(refuses=frozenset({"messages"}), refusal="words")
    async with routed(script) as (router, _):
        with pytest.raises(StageFailed, match="messages"):
            await router.complete(ask())
    assert len(script.seen) == 1


async def test_a_parameter_of_the_persons_own_is_not_dropped_behind_their_back() -> None:
    script = Script(refuses=frozenset({"temperature"}))
    async with routed(script, settings={"extra_body": {"temperature": 1}}) as (router, _):
        with pytest.raises(StageFailed):
            await router.complete(ask())
    assert len(script.seen) <= 2


def test_a_limit_that_is_too_high_is_no_question_of_dialect() -> None:
    said = ("max_tokens is too large: 9000. This model supports at most 4096 completion tokens",)
    assert Dialect().without(said, {"max_tokens": 9000}) is None


def test_every_chain_of_refusals_ends() -> None:
    everything = (
        "response_format",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "seed",
        "stream_options",
    )
    dialect, steps = Dialect(), 0
    while (simpler := dialect.without(everything, dict.fromkeys(everything))) is not None:
        dialect, steps = simpler, steps + 1
        assert steps < 10
    assert dialect.structure == "words"


async def test_a_strict_schema_is_asked_for_only_where_the_schema_allows_it() -> None:
    loose = {"type": "object", "properties": {"words": {"type": "object"}}, "required": []}
    async with routed(Script()) as (router, [script]):
        await router.complete(structured())
        await router.complete(ask(Stage.KEYWORDS, schema=loose))
        strict = [seen.body["response_format"]["json_schema"]["strict"] for seen in script.seen]
        assert strict == [True, False]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("think", ["tags", "field", "closed-only"])
async def test_reasoning_is_cut_off_kept_and_counted(think: Any, stream: bool) -> None:
    async with routed(Script(think=think)) as (router, _):
        if stream:
            reply = [item async for item in router.stream(ask())][-1]
            assert isinstance(reply, Reply)
        else:
            reply = await router.complete(ask())
        assert reply.text == "He has wide feet, so he knows many people."
        assert reply.reasoning == "Let me see."
        assert reply.usage.reasoning_tokens > 0


async def test_a_model_that_reasons_gets_its_own_token_limit() -> None:
    def answer(stage: str, body: Any, chance: Any) -> str:
        return "Done." if body["max_tokens"] > 100 else "<think>too long"

    script = Script(answer=answer, next_faults=["think-only"])
    async with routed(script, settings={"max_tokens": 4000}) as (router, _):
        await router.complete(ask(max_tokens=50))
        assert [seen.body["max_tokens"] for seen in script.seen] == [50, 4000]


@pytest.mark.parametrize(
    "name", ["steady", "no-schema", "no-json", "openai-reasoning", "strict-422", "thinks"]
)
async def test_the_check_up_says_which_dialect_an_endpoint_speaks(name: str) -> None:
    async with FakeEndpoint(SCENARIOS[name]()) as endpoint:
        [finding] = await check_endpoint("main", model(endpoint.url))
    assert (finding.id, finding.level) == ("endpoint", "info")
    said = {"no-schema": "JSON objects", "no-json": "JSON in words", "openai-reasoning": "temperature refused",
            "strict-422": "seed refused", "thinks": "reasons", "steady": "JSON by schema"}  # fmt: skip
    assert said[name] in finding.message


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (Script(key="sk-right"), "endpoint-key"),
        (Script(models=("other",)), "endpoint-model"),
        (Script(faults={"400": 1.0}), "endpoint-answer"),
        (Script(answer=lambda stage, body, chance: "Hello!"), "endpoint-json"),
    ],
)
async def test_the_check_up_names_what_is_wrong(script: Script, kind: str) -> None:
    async with FakeEndpoint(script) as endpoint:
        findings = await check_endpoint("main", model(endpoint.url))
    assert findings[-1].id == kind
    assert findings[-1].level in ("error", "warning")


async def test_the_check_up_of_what_is_not_there_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.llm.walk._FIRST_CONTACT_S", 0.05)
    for url in ("http://127.0.0.1:9/v1", "nonsense", "http://example.com/v1"):
        [finding] = await check_endpoint("main", model(url))
        assert finding.level == "error"
        assert finding.fix
