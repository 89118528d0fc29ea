"""A server of models by name that keeps every request to the letter: llama-server's, vLLM's or Ollama's manners."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web

from train.chat import ChatTokenizer

Manners = Literal["llama-server", "vllm", "ollama", "none"]


class ModelServer:
    """Streams `answer`; says how it renders prompts in the way of its kind."""

    def __init__(
        self,
        chat: ChatTokenizer,
        *,
        manners: Manners = "llama-server",
        names: tuple[str, ...] = ("side",),
        answer: str = "<thought>\nfeet\n</thought>\n<output>\nHe knows all.\n</output>",
        finish: str = "stop",
        dies_after: int | None = None,
        render: Callable[[str], str] = lambda prompt: prompt,
    ) -> None:
        self.chat = chat
        self.manners = manners
        self.names = names
        self.answer = answer
        self.finish = finish
        self.dies_after = dies_after
        self.render = render
        self.bodies: list[dict[str, Any]] = []
        self.rendered: list[tuple[str, dict[str, Any]]] = []
        """Paths and bodies of the questions how a prompt is rendered."""

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._complete)
        for path in ("/apply-template", "/tokenize", "/api/chat"):
            app.router.add_post(path, self._say_how)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _models(self, request: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": name} for name in self.names]})

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        self.bodies.append(await request.json())
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for number, word in enumerate(self.answer.split(" ")):
            if number == self.dies_after and request.transport is not None:
                request.transport.abort()
                return response
            await response.write(_chunk({"content": word if number == 0 else f" {word}"}))
        await response.write(_chunk({}, self.finish))
        usage = {"prompt_tokens": 40, "completion_tokens": 9}
        await response.write(_line({"model": "m", "choices": [], "usage": usage}) + b"data: [DONE]\n\n")
        return response

    async def _say_how(self, request: web.Request) -> web.Response:
        path, body = request.path, await request.json()
        ways = {"/apply-template": "llama-server", "/tokenize": "vllm", "/api/chat": "ollama"}
        if ways[path] != self.manners:
            return web.json_response({"error": "not found"}, status=404)
        self.rendered.append((path, body))
        prompt = self.render(self.chat.render(body["messages"], ask=True))
        told: Mapping[str, Any] = {"prompt": prompt}
        if path == "/tokenize":
            told = {"tokens": self.chat.encode([prompt])[0], "count": 1}
        elif path == "/api/chat":
            told = {"_debug_info": {"rendered_template": prompt}}
        return web.json_response(told)


def _chunk(delta: dict[str, str], finish: str | None = None) -> bytes:
    return _line({"model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _line(data: Mapping[str, Any]) -> bytes:
    return b"data: " + json.dumps(data).encode() + b"\n\n"
