"""One endpoint that does one thing wrong, on a real socket, streamed and not."""

from __future__ import annotations

import asyncio
import traceback
from email.utils import formatdate
from typing import Any

import httpx2
import pytest

from data.records import Stage
from pipeline.errors import (
    BadEndpoint,
    PipelineError,
    RateLimited,
    StageFailed,
    UnknownModel,
    Unreachable,
    WrongKey,
)
from pipeline.llm.address import Address, is_loopback
from pipeline.llm.faults import refused_by_status, retry_after
from pipeline.llm.request import Delta, Reply, Restart
from pipeline.llm.routing import Router
from pipeline.settings import Roles
from tests.stubs.endpoint_script import Fault, Script
from tests.stubs.routed import ask, model, routed, warped
from tests.stubs.warp import run_warped

ANSWER = "He has wide feet, so he knows many people."
ADDRESS = Address("main", "fake", "https://api.example.com/v1", "SOME_KEY")

PASSING: list[Fault] = [
    "429", "429-headers", "408", "409", "500", "503", "reset", "reset-late", "truncated-json", "truncated-sse",
    "not-json", "html", "null", "wrong-types", "no-choices", "no-message", "error-body", "error-body-429", "empty", "think-only", "drip",
    "no-usage",
]  # fmt: skip
LASTING: list[Fault] = ["400", "402", "redirect", "length", "content-filter", "refusal"]


async def answer_of(router: Router, *, stream: bool, **more: Any) -> tuple[Reply[Any], list[Any]]:
    """The reply, and what a screen that shows the stream would have seen before it."""
    if not stream:
        return await router.complete(ask(**more)), []
    items = [item async for item in router.stream(ask(**more))]
    assert isinstance(items[-1], Reply)
    return items[-1], items[:-1]


def shown(items: list[Any]) -> str:
    """What a screen shows after all of it: text since the last restart."""
    text = ""
    for item in items:
        text = "" if isinstance(item, Restart) else text + item.text
    return text


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("fault", PASSING)
@pytest.mark.usefixtures("fast_retries")
async def test_a_passing_fault_costs_a_retry_and_no_answer(fault: Fault, stream: bool) -> None:
    async with routed(Script(next_faults=[fault])) as (router, [script]):
        reply, items = await answer_of(router, stream=stream)
        assert reply.text == ANSWER
        assert reply.fallbacks == ()
        assert reply.usage.calls == script.calls == router.snapshot().usage.calls
        if stream:
            assert shown(items) == ANSWER
        if fault not in ("drip", "no-usage"):
            assert "attempt 2" in reply.notes[0]
            assert len(script.seen) == 2


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("fault", LASTING)
async def test_a_lasting_fault_ends_the_stage_with_its_reason(fault: Fault, stream: bool) -> None:
    async with routed(Script(next_faults=[fault])) as (router, [script]):
        with pytest.raises(StageFailed, match="m1") as caught:
            await answer_of(router, stream=stream)
        assert caught.value.usage is not None
        assert caught.value.usage.calls == script.calls
        assert len(script.seen) == 1


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("fault", [*LASTING, *PASSING[:-2]])
@pytest.mark.usefixtures("fast_retries")
async def test_the_next_model_answers_at_once(fault: Fault, stream: bool) -> None:
    async with routed(Script(faults={fault: 1.0}), Script()) as (router, [_, backup]):
        reply, _ = await answer_of(router, stream=stream)
        assert reply.model == "m2"
        assert [fallback.model for fallback in reply.fallbacks] == ["m1"]
        assert reply.fallbacks[0].why
        assert len(backup.seen) == 1


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("fault", ["stall", "stall-late"])
@pytest.mark.usefixtures("fast_retries")
async def test_a_stalled_answer_is_given_up(
    fault: Fault, stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.llm.client.FIRST_TOKEN_S", 0.2)
    monkeypatch.setattr("pipeline.llm.client.BETWEEN_TOKENS_S", 0.1)
    async with routed(Script(next_faults=[fault]), settings={"timeout_s": 0.2}) as (router, [script]):
        reply, items = await answer_of(router, stream=stream)
        assert reply.text == ANSWER
        assert reply.usage.calls == script.calls == 2
        if stream:
            assert shown(items) == ANSWER


async def test_a_wrong_key_names_the_variable_and_is_not_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-wrong")
    async with routed(Script(key="sk-right"), Script(), settings={"api_key_env": "MY_KEY"}) as (
        router,
        [script, backup],
    ):
        with pytest.raises(WrongKey, match="MY_KEY"):
            await router.complete(ask())
        assert len(script.seen) == 1
        assert not backup.seen


async def test_the_key_of_the_named_variable_is_sent_with_the_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", "sk-right")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Secret: 1")
    async with routed(Script(key="sk-right"), settings={"api_key_env": "MY_KEY"}) as (router, [script]):
        await router.complete(ask(Stage.ADVISE))
        headers = script.seen[0].headers
        assert headers["x-drt-stage"] == "advise"
        assert "sk-other" not in str(headers)
        assert not {"openai-organization", "x-secret"} & headers.keys()


async def test_an_unknown_model_says_what_there_is() -> None:
    async with routed(Script(models=("fake-2", "other"))) as (router, _):
        with pytest.raises(UnknownModel, match="fake") as caught:
            await router.complete(ask())
        assert "fake-2" in caught.value.hint
        assert "models.m1.model" in caught.value.hint


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
async def test_an_endpoint_that_was_never_there_is_named_soon(
    stream: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.llm.walk._FIRST_CONTACT_S", 0.05)
    settings = model("http://127.0.0.1:9/v1")
    async with Router({"main": settings}, Roles({"default": ("main",)})) as router:
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9") as caught:
            await answer_of(router, stream=stream)
        assert "Start the server" in caught.value.hint


@pytest.mark.parametrize(
    "url", ["", "example.com/v1", "ftp://example.com", "http://[::1", "https://", "http://a:99999/"]
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(BadEndpoint, match="main"):
        await Router({"main": model(url)}, Roles({"default": ("main",)})).__aenter__()


async def test_plain_http_to_another_machine_is_refused_unless_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-x")
    models, roles = {"main": model("http://example.com/v1")}, Roles({"default": ("main",)})
    with pytest.raises(BadEndpoint, match=r"example\.com") as caught:
        await Router(models, roles).__aenter__()
    assert "--allow-http" in caught.value.hint
    async with Router(models, roles, allow_http=True):
        pass


def test_only_plain_http_goes_without_certificates() -> None:
    urls = ("http://localhost/v1", "https://example.com", "HTTPS://example.com", "hTTps://localhost")
    assert [Address("m", "fake", url, "K").is_plain for url in urls] == [True, False, False, False]


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:1/v1", True), ("http://127.0.0.1/v1", True), ("http://127.8.8.8/v1", True),
        ("http://[::1]:8/v1", True), ("http://a.localhost", True), ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False), ("http://192.168.0.2", False), ("http://0.0.0.0", False),
        ("http://user:127.0.0.1@example.com", False),
    ],
)  # fmt: skip
def test_only_this_machine_counts_as_this_machine(url: str, here: bool) -> None:
    assert is_loopback(url) is here


async def test_a_missing_key_is_asked_for_unless_the_endpoint_is_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(WrongKey, match="OPENAI_API_KEY"):
        await Router(
            {"main": model("https://api.example.com/v1")}, Roles({"default": ("main",)})
        ).__aenter__()


def test_urls_are_shown_without_what_may_be_secret() -> None:
    secret = Address("main", "fake", "https://user:pass@example.com:8443/v1?key=abc", "K")
    assert secret.url == "https://example.com:8443/v1"


KEY = "sk-very-secret-123"


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("fault", ["400", "403", "500", "echo-key"])
@pytest.mark.usefixtures("fast_retries")
async def test_an_endpoint_that_echoes_the_key_does_not_leak_it(
    fault: Fault, stream: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("MY_KEY", KEY)
    caplog.set_level("DEBUG")
    async with routed(Script(faults={fault: 1.0}), settings={"api_key_env": "MY_KEY"}, patience_s=0.2) as (
        router,
        _,
    ):
        try:
            reply, _ = await answer_of(router, stream=stream)
            said = repr(reply)
        except PipelineError as error:
            said = repr(error) + error.hint + "".join(traceback.format_exception(error))
    assert "[key]" in said
    assert KEY not in said
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0), ({"retry-after": " 1.5 "}, 1.5), ({"retry-after-ms": "250"}, 0.25),
        ({}, None), ({"retry-after": "soon"}, None), ({"retry-after": "-3"}, None), ({"retry-after": "9" * 400}, None),
        ({"retry-after": "٣"}, None),
    ],
)  # fmt: skip
def test_retry_after_is_read_in_seconds(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_is_read_as_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time", lambda: 1_800_000_000.0)
    assert retry_after({"retry-after": formatdate(1_800_000_030, usegmt=True)}) == 30.0
    assert retry_after({"retry-after": formatdate(1_799_999_000, usegmt=True)}) == 0.0


def test_a_503_that_asks_to_wait_is_a_wish_like_a_429() -> None:
    fault = refused_by_status(ADDRESS, 503, None, httpx2.Headers({"Retry-After": "4"}), "")
    assert isinstance(fault.error, RateLimited)
    assert fault.error.retry_after == 4.0


def test_a_call_waits_as_a_failed_server_asks_and_others_go_on() -> None:
    async def main() -> None:
        async with warped(Script(next_faults=["529-seconds"])) as (router, _):
            now = asyncio.get_running_loop().time
            began = now()

            async def answered() -> float:
                await router.complete(ask())
                return now() - began

            soon, late = sorted(await asyncio.gather(answered(), answered()))
            assert soon < 2.0 <= late

    run_warped(main())


@pytest.mark.parametrize("code", ["insufficient_quota", "billing_hard_limit_reached"])
def test_a_429_for_want_of_money_is_not_waited_out(code: str) -> None:
    fault = refused_by_status(ADDRESS, 429, {"error": {"message": "You exceeded it.", "code": code}}, {}, "")
    assert not isinstance(fault.error, RateLimited)
    assert "credit" in fault.error.message
    assert "Pay in" in fault.error.hint


def test_an_error_says_what_the_endpoint_said_without_its_control_characters() -> None:
    fault = refused_by_status(ADDRESS, 500, {"error": {"message": "bad\x1b[31m " + "x" * 5000}}, {}, "")
    assert "bad<U+001B>" in fault.error.message
    assert len(fault.error.message) < 500


async def test_text_before_a_restart_is_declared_void() -> None:
    async with routed(Script(next_faults=["truncated-sse"])) as (router, _):
        _, items = await answer_of(router, stream=True)
        kinds = [type(item) for item in items]
        assert kinds.index(Restart) > 0
        assert all(kind in (Delta, Restart) for kind in kinds)
