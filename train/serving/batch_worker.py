"""`python -P -m train.serving.batch_worker PLAN FD`: backbone and adapters on one device, asked in one batch.

It speaks as much of the chat completions protocol as a side needs, on a loopback port of its own
choosing. Requests that arrive together and are sampled alike are answered in one batch, each row by its own
adapter. It ends as soon as its standard input does.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
from typing import Any

from aiohttp import web

from train.chat import ChatTokenizer
from train.serving.batch_model import Ask, BatchModel
from train.serving.batched import BASE, BatchPlan
from train.serving.plan import Started

_GATHER_S = 0.05
"""How long to wait for the other sides of the same question."""


class Worker:
    """Takes requests and answers them batch by batch."""

    def __init__(self, plan: BatchPlan, model: BatchModel) -> None:
        self._plan = plan
        self._model = model
        self._waiting: list[Ask] = []
        self._arrived = asyncio.Event()

    async def render(self, request: web.Request) -> web.Response:
        """Say how messages are rendered, as llama-server does."""
        body = await request.json()
        return web.json_response({"prompt": self._model.chat.render(body["messages"], ask=True)})

    async def complete(self, request: web.Request) -> web.StreamResponse:
        """Stream an answer."""
        body = await request.json()
        if body["model"] not in (BASE, *self._plan.adapters):
            return web.json_response({"error": {"message": f"no model {body['model']}"}}, status=404)
        ask = self._model.ask(body, asyncio.get_running_loop())
        self._waiting.append(ask)
        self._arrived.set()
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        try:
            while (piece := await ask.pieces.get()) is not None:
                await response.write(_chunk(ask.model, {"content": piece}))
            await response.write(_chunk(ask.model, {}, finish=ask.finish))
            await response.write(_usage(ask) + b"data: [DONE]\n\n")
        finally:
            ask.is_dropped = True
        return response

    async def work(self) -> None:
        """Answer for as long as this process lives."""
        while True:
            await self._arrived.wait()
            await asyncio.sleep(_GATHER_S)
            first = self._waiting[0]
            batch = [ask for ask in self._waiting if ask.sampling == first.sampling]
            self._waiting = [ask for ask in self._waiting if ask.sampling != first.sampling]
            if not self._waiting:
                self._arrived.clear()
            await asyncio.to_thread(self._model.generate, batch)


def _chunk(model: str, delta: dict[str, str], finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return b"data: " + json.dumps({"model": model, "choices": [choice]}).encode() + b"\n\n"


def _usage(ask: Ask) -> bytes:
    usage = {"prompt_tokens": len(ask.prompt), "completion_tokens": ask.made}
    return b"data: " + json.dumps({"model": ask.model, "choices": [], "usage": usage}).encode() + b"\n\n"


async def _serve(plan: BatchPlan, model: BatchModel, announce: int) -> None:
    worker = Worker(plan, model)
    app = web.Application()
    app.router.add_post("/v1/chat/completions", worker.complete)
    app.router.add_post("/apply-template", worker.render)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    with os.fdopen(announce, "wb") as told:
        told.write(Started(url=url, pid=os.getpid()).model_dump_json().encode())
    await worker.work()


def _end_with_starter() -> None:
    while sys.stdin.buffer.read(1):
        pass
    os._exit(0)


def main() -> None:
    """Serve until the other end of standard input is gone."""
    plan, announce = BatchPlan.model_validate_json(sys.argv[1]), int(sys.argv[2])
    threading.Thread(target=_end_with_starter, daemon=True).start()
    from pathlib import Path

    model = BatchModel(_loaded(plan), ChatTokenizer.load(Path(plan.tokenizer)))
    asyncio.run(_serve(plan, model, announce))


def _loaded(plan: BatchPlan) -> Any:
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    device = "cuda" if torch.cuda.is_available() else "cpu"
    model = AutoModelForCausalLM.from_pretrained(plan.source, dtype=getattr(torch, plan.dtype)).to(device)
    for name, folder in plan.adapters.items():
        if isinstance(model, PeftModel):
            model.load_adapter(folder, adapter_name=name)
        else:
            model = PeftModel.from_pretrained(model, folder, adapter_name=name)
    return model.eval()


if __name__ == "__main__":
    main()
