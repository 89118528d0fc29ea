"""What a fake endpoint answers: by stage, after a delay, within limits, in a dialect, with faults.

The script knows nothing of sockets, so the same one stands behind a real server and behind an
in-process transport on a loop whose clock jumps.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Literal

from tests.stubs.limiters import KINDS, Limiter

Body = Mapping[str, Any]
Fault = Literal[
    "429", "429-seconds", "429-date", "429-headers", "408", "409", "500", "503", "503-seconds", "529-seconds", "401", "403", "404", "400", "402",
    "reset", "reset-late", "stall", "stall-late", "truncated-json", "truncated-sse", "not-json", "html", "null",
    "wrong-types", "no-choices", "no-message", "no-usage", "length", "content-filter", "refusal", "empty",
    "think-only", "error-body", "error-body-429", "drip", "redirect", "echo-key", "bad-score", "prose",
]  # fmt: skip
DROPPED: frozenset[str] = frozenset({"reset", "reset-late", "stall", "stall-late"})
UNBILLED = frozenset({"429", "429-seconds", "429-date", "429-headers", "408", "409", "500", "503", "503-seconds", "529-seconds", "401", "403", "404",
    "400", "402", "redirect", "error-body", "error-body-429"})  # fmt: skip
TRANSIENT: tuple[Fault, ...] = (
    "429", "429-seconds", "500", "503", "reset", "reset-late", "truncated-json", "truncated-sse", "wrong-types",
    "no-choices", "error-body", "not-json",
)  # fmt: skip

_DIALECT_PARAMETERS = {
    "json_schema": lambda body: (body.get("response_format") or {}).get("type") == "json_schema",
    "response_format": lambda body: "response_format" in body,
}


def drt_answer(stage: str, body: Body, chance: random.Random) -> str:
    """Return what a fair model would say, so that whole sentences come to a candidate."""
    if stage == "evaluate":
        return json.dumps({"reason": "word for word", "score": chance.choice((60, 75, 92)), "quotes": []})
    if stage == "critique":
        return json.dumps(
            {"reason": "flat", "score": chance.choice((60, 92)), "advice": "Say what it means."}
        )
    if stage == "reformulate":
        user = next(turn["content"] for turn in body["messages"] if turn["role"] == "user")
        record = [line for line in user.splitlines() if line.startswith("I ")]
        return "\n".join(["I look at the words first.", *record])
    if stage == "translate":
        wants_tags = "philosopher" in body["messages"][0]["content"]
        return _TAGGED if wants_tags else "He knows a lot of people."
    if stage in _BY_BODY:
        return _BY_BODY[stage](body, chance)
    return _ANSWERS.get(stage, "ok")


def _judgement(body: Body, chance: random.Random) -> str:
    if "A:\n" in body["messages"][-1]["content"]:
        return json.dumps({"reason": "closer to the image", "better": chance.choice(("A", "B"))})
    return json.dumps({"reason": "right and flat", "score": chance.choice((60, 75, 92))})


def _mined(body: Body, _: random.Random) -> str:
    """One with `like a` or `처럼` holds a simile."""
    sentence = body["messages"][-1]["content"].rpartition("Sentence:\n")[2]
    found = next((words for words in ("like a", "처럼") if words in sentence), "")
    return json.dumps({
        "reason": f"It compares: {found}." if found else "It says what it says.",
        "figurative": bool(found), "spoiled": bool(found),
        "kinds": ["simile"] * bool(found), "words": [found] * bool(found),
    }, ensure_ascii=False)  # fmt: skip


_BY_BODY = {"judge": _judgement, "mine": _mined}

_TAGGED = """<thought>
I look at 발이 넓다 first: nobody means feet.
</thought>
<output>
He is so well connected that he knows everyone.
</output>"""
_TEXTS = {
    "empty": "",
    "refusal": "",
    "think-only": "<think>I never get anywhere",
    "bad-score": '{"reason": "fine", "score": "excellent"}',
    "prose": "I think it is rather good.",
}
_THINKING = {
    "tags": "<think>\nLet me see.\n</think>\n\n{}",
    "closed-only": "Let me see.\n</think>\n\n{}",
    "unclosed": "<think>\nLet me see. {}",
}
_ANSWERS = {
    "keywords": '{"keywords": [{"word": "발이 넓다", "translations": ["well connected"]}]}',
    "literal": "He has wide feet, so he knows many people.",
    "advise": "Say what it means: the reach of his acquaintance.",
    "refine": "He is so well connected that he knows everyone.",
    "open": '{"keywords": [], "translation": "He has wide feet."}',
    "single": '{"thought": "I see reach. \\"He knows everyone.\\"", "output": "He knows everyone."}',
}


@dataclass(slots=True)
class Seen:
    """A request as the endpoint saw it, and what became of it."""

    at: float
    stage: str
    body: Body
    headers: Mapping[str, str]
    status: int = 200
    fault: str = ""
    billed: bool = False
    text: str = ""
    """What was answered, as far as a model wrote anything."""


@dataclass(slots=True)
class Answer:
    """What to send: a whole body, or pieces of a stream; `cut` ends the connection instead of finishing."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    pieces: Sequence[bytes] = ()
    between_s: float = 0.0
    cut: bool = False
    never: bool = False
    """After the pieces nothing more comes, and the connection stays open."""


@dataclass
class Script:
    """An endpoint's behaviour. All chances come from one seeded generator."""

    answer: Callable[[str, Body, random.Random], str] = drt_answer
    latency_s: float = 0.0
    """Median; 0 answers at once."""
    sigma: float = 0.5
    """Of the lognormal latency."""
    rpm: int | None = None
    limiter: str = "bucket"
    retry_after: Literal["", "seconds", "date"] = "seconds"
    limit_headers: bool = False
    faults: Mapping[Fault, float] = field(default_factory=dict)
    """Chance of each, from 0 to 1."""
    next_faults: list[Fault | None] = field(default_factory=list)
    """What happens to the next requests, before chance begins."""
    dead: tuple[float, float] = (0.0, 0.0)
    """Seconds since the first request between which every request is answered 503."""
    refuses: frozenset[str] = frozenset()
    """Parameters that are answered with a 400; `json_schema` and `response_format` among them."""
    refusal: Literal["param", "words", "pydantic", "brief"] = "param"
    key: str = ""
    """Wanted in the Authorization header; empty takes any."""
    models: tuple[str, ...] = ("fake",)
    reports_usage: bool = True
    think: Literal["", "tags", "unclosed", "field", "closed-only"] = ""
    piece: int = 7
    """Characters a streamed chunk."""
    drip_s: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.seen: list[Seen] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._limiter: Limiter | None = KINDS[self.limiter](self.rpm) if self.rpm else None
        self._began: float | None = None

    @property
    def calls(self) -> int:
        """Requests that the endpoint worked on, and would bill."""
        return sum(seen.billed for seen in self.seen)

    def statuses(self) -> Counter[int]:
        return Counter(seen.status for seen in self.seen)

    def list_models(self) -> dict[str, Any]:
        return {"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]}

    async def respond(self, body: Body, headers: Mapping[str, str]) -> Answer:
        """Return what to send to one request, after its latency."""
        now = asyncio.get_running_loop().time()
        self._began = now if self._began is None else self._began
        stage = headers.get("x-drt-stage", "")
        seen = Seen(now, stage, body, dict(headers))
        self.seen.append(seen)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            answer = self._refusal(seen, now - self._began)
            if answer is None:
                seen.billed = seen.fault not in UNBILLED
                if self.latency_s:
                    await asyncio.sleep(self.latency_s * self.chance.lognormvariate(0, self.sigma))
                answer = self._answer(seen)
        finally:
            self.in_flight -= 1
        seen.status = 0 if answer.cut and not answer.pieces else answer.status
        return answer

    # What is refused before any work is done

    def _refusal(self, seen: Seen, age: float) -> Answer | None:
        body = seen.body
        if self.key and seen.headers.get("authorization") != f"Bearer {self.key}":
            return _error(401, "Incorrect API key provided", {})
        if body.get("model") not in self.models:
            return _error(404, f"The model `{body.get('model')}` does not exist", {"code": "model_not_found"})
        for name in sorted(self.refuses):
            if _DIALECT_PARAMETERS.get(name, lambda body, name=name: name in body)(body):
                return self._refuse_parameter(name, body)
        if self.dead[0] <= age < self.dead[1]:
            seen.fault = "503"
            return _error(503, "The server is overloaded", {})
        if self._limiter is not None and (wait := self._limiter.refuse(seen.at)) is not None:
            seen.fault = "429"
            return self._limited(wait)
        seen.fault = self._draw() or ""
        return None

    def _draw(self) -> Fault | None:
        if self.next_faults:
            return self.next_faults.pop(0)
        point = self.chance.random()
        for fault, share in self.faults.items():
            point -= share
            if point < 0:
                return fault
        return None

    def _limited(self, wait: float) -> Answer:
        answer = _error(429, "Rate limit reached", {"code": "rate_limit_exceeded"})
        if self.retry_after == "seconds":
            answer.headers["retry-after"] = str(int(wait) + 1)
        elif self.retry_after == "date":
            answer.headers["retry-after"] = formatdate(_wall() + wait + 1, usegmt=True)
        return answer

    def _refuse_parameter(self, name: str, body: Body) -> Answer:
        if self.refusal == "pydantic":
            detail = [
                {
                    "type": "extra_forbidden",
                    "loc": ["body", name],
                    "msg": "Extra inputs are not permitted",
                    "input": 0,
                }
            ]
            return Answer(422, pieces=[json.dumps({"detail": detail}).encode()])
        if self.refusal == "words":
            return _error(400, f"This model does not support the parameter '{name}'.", {})
        if self.refusal == "brief":
            return Answer(400, pieces=[json.dumps({"message": f"unknown field {name}"}).encode()])
        return _error(400, "Unsupported value", {"param": name, "type": "invalid_request_error"})

    # What is answered

    def _answer(self, seen: Seen) -> Answer:
        if seen.fault in _BARE:
            return _BARE[seen.fault](self, seen)
        text, finish = self.answer(seen.stage, seen.body, self.chance), "stop"
        if seen.fault == "length":
            text, finish = text[: len(text) // 2], "length"
        elif seen.fault == "content-filter":
            text, finish = "", "content_filter"
        elif seen.fault == "echo-key":
            text = f"{text} {seen.headers.get('authorization', '')}"
        text = _TEXTS.get(seen.fault, text)
        seen.text = text
        refusal = "I cannot help with that." if seen.fault == "refusal" else ""
        reasoning = "Let me see." if self.think == "field" else ""
        text = _THINKING.get(self.think, "{}").replace("{}", text)
        send = self._stream if seen.body.get("stream") else self._whole
        answer = send(seen, text, reasoning, refusal, finish)
        if self.limit_headers and self._limiter is not None:
            answer.headers["x-ratelimit-remaining-requests"] = str(self._limiter.remaining)
            answer.headers["x-ratelimit-reset-requests"] = f"{60 - seen.at % 60:.3f}s"
        return answer

    def usage(self, body: Body, text: str) -> dict[str, Any]:
        prompt = sum(len(turn["content"]) for turn in body["messages"]) // 3 + 4
        return {"prompt_tokens": prompt, "completion_tokens": len(text) // 3 + 1, "total_tokens": 0,
                "prompt_tokens_details": {"cached_tokens": prompt // 2}}  # fmt: skip

    def _whole(self, seen: Seen, text: str, reasoning: str, refusal: str, finish: str) -> Answer:
        message: dict[str, Any] = {"role": "assistant", "content": text}
        if reasoning:
            message["reasoning_content"] = reasoning
        if refusal:
            message["refusal"] = refusal
        data = {"id": "x", "object": "chat.completion", "created": 0, "model": "fake-1",
                "choices": [{"index": 0, "finish_reason": finish, "message": message}]}  # fmt: skip
        if self.reports_usage and seen.fault != "no-usage":
            data["usage"] = self.usage(seen.body, text)
        content = json.dumps(data, ensure_ascii=False).encode()
        if seen.fault == "truncated-json":
            return Answer(pieces=[content[: len(content) // 2]])
        if seen.fault in ("reset-late", "truncated-sse"):
            return Answer(pieces=[content[: len(content) // 2]], cut=True)
        if seen.fault == "stall-late":
            return Answer(pieces=[content[: len(content) // 2]], never=True)
        if seen.fault == "drip":
            return Answer(
                pieces=[content[n : n + 20] for n in range(0, len(content), 20)], between_s=self.drip_s
            )
        return Answer(pieces=[content])

    def _stream(self, seen: Seen, text: str, reasoning: str, refusal: str, finish: str) -> Answer:
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        deltas += [{"reasoning_content": piece} for piece in re.findall(r"\S+\s*", reasoning)]
        deltas += [{"content": text[n : n + self.piece]} for n in range(0, len(text), self.piece)]
        if refusal:
            deltas.append({"refusal": refusal})
        events = [
            _event({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}) for delta in deltas
        ]
        events.append(_event({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}))
        wants_usage = (seen.body.get("stream_options") or {}).get("include_usage")
        if wants_usage and self.reports_usage and seen.fault != "no-usage":
            events.append(_event({"choices": [], "usage": self.usage(seen.body, text)}))
        events.append(b"data: [DONE]\n\n")
        answer = Answer(headers={"content-type": "text/event-stream"}, pieces=events)
        half = events[: len(events) // 2]
        match seen.fault:
            case "truncated-json":
                answer.pieces = [*half, b'data: {"choices": [{"del\n\n']
            case "truncated-sse":
                answer.pieces = half
            case "reset-late":
                answer.pieces, answer.cut = half, True
            case "stall-late":
                answer.pieces, answer.never = half, True
            case "drip":
                answer.between_s = self.drip_s
        return answer


def _event(data: Mapping[str, Any]) -> bytes:
    return (
        b"data: "
        + json.dumps({"object": "chat.completion.chunk", "model": "fake-1", **data}).encode()
        + b"\n\n"
    )


def _error(status: int, message: str, more: Mapping[str, object]) -> Answer:
    return Answer(status, pieces=[json.dumps({"error": {"message": message, **more}}).encode()])


def _json(data: object) -> Answer:
    return Answer(pieces=[json.dumps(data).encode()])


def _wall() -> float:
    import time

    return time.time()


def _with(answer: Answer, **headers: str) -> Answer:
    answer.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return answer


def _echo(seen: Seen) -> str:
    return f"your header was {seen.headers.get('authorization', '')}"


_BARE: dict[str, Callable[[Script, Seen], Answer]] = {
    "429": lambda script, seen: _error(429, "Slow down", {}),
    "429-seconds": lambda script, seen: _with(_error(429, "Slow down", {}), retry_after="1"),
    "429-date": lambda script, seen: _with(
        _error(429, "Slow down", {}), retry_after=formatdate(_wall() + 2, usegmt=True)
    ),
    "429-headers": lambda script, seen: _with(
        _error(429, "Slow down", {}), x_ratelimit_remaining_requests="0", x_ratelimit_reset_requests="2s"
    ),
    "500": lambda script, seen: _error(500, _echo(seen), {}),
    "503": lambda script, seen: _error(503, "Overloaded", {}),
    "503-seconds": lambda script, seen: _with(_error(503, "Overloaded", {}), retry_after="2"),
    "529-seconds": lambda script, seen: _with(_error(529, "Overloaded", {}), retry_after="2"),
    "408": lambda script, seen: _error(408, "Request timed out", {}),
    "409": lambda script, seen: _error(409, "Busy with another request", {}),
    "400": lambda script, seen: _error(400, _echo(seen), {}),
    "401": lambda script, seen: _error(401, _echo(seen), {}),
    "402": lambda script, seen: _error(402, "Insufficient balance", {}),
    "403": lambda script, seen: _error(403, _echo(seen), {}),
    "404": lambda script, seen: Answer(404, {"content-type": "text/html"}, [b"<h1>not found</h1>"]),
    "reset": lambda script, seen: Answer(cut=True),
    "stall": lambda script, seen: Answer(never=True),
    "html": lambda script, seen: Answer(200, {"content-type": "text/html"}, [b"<html>hello</html>"]),
    "not-json": lambda script, seen: Answer(pieces=[b"{this is no JSON"]),
    "null": lambda script, seen: _json(None),
    "wrong-types": lambda script, seen: _json(
        {"choices": {"0": "x"}, "usage": {"prompt_tokens": "many", "completion_tokens": -1}, "model": 7}
    ),
    "no-choices": lambda script, seen: _json(
        {"choices": [], "usage": {"prompt_tokens": 5, "completion_tokens": 0}}
    ),
    "no-message": lambda script, seen: _json({"choices": [{"finish_reason": "stop"}]}),
    "error-body": lambda script, seen: _json({"error": {"message": "Upstream failed", "code": 502}}),
    "error-body-429": lambda script, seen: _json({"error": {"message": "Slow down", "code": 429}}),
    "redirect": lambda script, seen: Answer(307, {"location": "http://elsewhere.example/v1"}, [b""]),
}
