"""A server on loopback that streams words for ever, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import time
from contextlib import suppress
from typing import Any

from aiohttp import web

TOKENS_A_SECOND = 100


class StreamingServer:
    """Streams words for ever, each stream at the same speed, from a process of its own; counts its streams."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._streams = context.Value("i", 0)
        self._port_number = context.Value("i", 0)
        self._process = context.Process(target=_serve, args=(self._streams, self._port_number), daemon=True)

    def start(self) -> str:
        """Begin to serve and return the address."""
        self._process.start()
        while not self._port_number.value:
            time.sleep(0.01)
        return f"http://127.0.0.1:{self._port_number.value}/v1"

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return int(self._streams.value)


def _serve(streams: Any, port: Any) -> None:
    asyncio.run(_Streams(streams, port).serve())


class _Streams:
    """The inside of that process."""

    def __init__(self, streams: Any, port: Any) -> None:
        self._count, self._port = streams, port

    async def serve(self) -> None:
        """Serve until the process ends."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._port.value = runner.addresses[0][1]
        await asyncio.Event().wait()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        stage = request.headers.get("X-DRT-Stage", "")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        if stage == "keywords":
            await response.write(chunk('{"keywords": []}') + chunk(None) + b"data: [DONE]\n\n")
            return response
        self._count.value += 1
        began, sent = time.monotonic(), 0
        with suppress(ConnectionError):
            while True:
                due = int((time.monotonic() - began) * TOKENS_A_SECOND)
                for _ in range(sent, due):
                    await response.write(chunk("word "))
                sent = max(sent, due)
                await asyncio.sleep(1 / TOKENS_A_SECOND)
        self._count.value -= 1
        return response


def chunk(text: str | None) -> bytes:
    """Return a piece of a streamed answer; `None` ends it."""
    choice = {
        "index": 0,
        "delta": {"content": text} if text else {},
        "finish_reason": None if text else "stop",
    }
    body = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "fake", "choices": [choice]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"
