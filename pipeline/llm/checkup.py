"""Looking into a connection before work depends on it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from data.records import Stage
from pipeline.errors import PipelineError, StageFailed, UnusableReply
from pipeline.llm.address import Address
from pipeline.llm.json_reply import json_object
from pipeline.llm.prices import price_of
from pipeline.llm.request import Message, Request
from pipeline.llm.routing import Router
from pipeline.settings import ModelSettings, Roles

if TYPE_CHECKING:
    from httpx2 import AsyncBaseTransport

_PATIENCE_S = 10.0
_LIMIT_S = 60.0
_QUESTION = Request(
    stage=Stage.KEYWORDS,
    sentence="",
    messages=(Message("user", 'Answer with one JSON object that greets in one word: {"word": "…"}'),),
    parse=str,
    prompt="",
    seed=0,
    schema={
        "type": "object",
        "properties": {"word": {"type": "string"}},
        "required": ["word"],
        "additionalProperties": False,
    },
)


@dataclass(frozen=True, slots=True)
class EndpointFinding:
    """Something worth knowing of a model and its endpoint, and what to do about it.

    `id` is `endpoint` (it answers), `endpoint-unusable`, `endpoint-key`, `endpoint-model`,
    `endpoint-unreachable`, `endpoint-answer`, `endpoint-json` or `endpoint-price`.
    """

    id: str
    level: Literal["error", "warning", "info"]
    message: str
    fix: str = ""


async def check_endpoint(
    name: str, model: ModelSettings, *, allow_http: bool = False, transport: AsyncBaseTransport | None = None
) -> tuple[EndpointFinding, ...]:
    """Ask a model of the settings for one word as JSON, which costs one short call.

    Raises nothing: what is wrong stands in the findings.
    """
    quick = model.model_copy(update={"timeout_s": min(model.timeout_s, _LIMIT_S)})
    findings: list[EndpointFinding] = []
    try:
        async with Router(
            {name: quick}, Roles({"default": (name,)}),
            patience_s=_PATIENCE_S, allow_http=allow_http, transport=transport,
        ) as router:  # fmt: skip
            began = time.monotonic()
            reply = await router.complete(_QUESTION)
            took = time.monotonic() - began
            ways = ", ".join(router.dialect(name).describe())
    except PipelineError as error:
        kind = "answer" if isinstance(error, StageFailed) else _KINDS.get(error.code, "unusable")
        return (EndpointFinding(f"endpoint-{kind}", "error", error.message, error.hint),)
    url = Address.of(name, model).url
    findings.append(
        EndpointFinding("endpoint", "info", f"{name} ({url}) answers in {took:.1f} s. It takes: {ways}.")
    )
    try:
        json_object(reply.text)
    except UnusableReply as error:
        findings.append(
            EndpointFinding(
                "endpoint-json", "warning", f"{name} was asked for JSON, but {error.message}.",
                "Use a stronger model for the stages keywords and evaluate.",
            )
        )  # fmt: skip
    if price_of(model) is None:
        findings.append(
            EndpointFinding(
                "endpoint-price", "warning", f"The price of {name} is not known, so no budget can be kept.",
                f"Set models.{name}.price = {{input = …, output = …}}, in US dollars per million tokens.",
            )
        )  # fmt: skip
    return tuple(findings)


_KINDS = {"key": "key", "model": "model", "unreachable": "unreachable"}
