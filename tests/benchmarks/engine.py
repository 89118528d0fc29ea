"""How busy autogen keeps its slots, and how much memory it takes. By hand:

python tests/benchmarks/engine.py busy [--sentences 1000] [--slots 80] [--median-s 1.0]
python tests/benchmarks/engine.py memory [--sentences 20000]

`busy` runs against a fake server in a process of its own, with lognormal latencies, beside a design
with 8 threads that take batches of 10 sentences. The server counts what is in flight.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.records import Sentence, Stage, sentence_id
from data.store import Dataset, ProjectFolder, StageLog
from pipeline.autogen import Autogen
from pipeline.engine import Engine
from pipeline.events import CandidateReady
from pipeline.llm.routing import Router
from pipeline.order import select
from pipeline.report import GenerationReport
from pipeline.run import open_for
from pipeline.settings import ModelSettings, Roles
from tests.stubs.scripted import ScriptedModels

SIGMA = 0.6
REPLIES = {
    "keywords": '{"keywords": [{"word": "발이 넓다", "translations": ["well connected"]}]}',
    "literal": "He has wide feet, so he knows many people.",
    "advise": "Say what it means: the reach of his acquaintance.",
    "refine": "He is so well connected that he knows everyone.",
}


def reply(stage: str, messages: list[Mapping[str, str]], chance: random.Random) -> str:
    if stage == "evaluate":
        return json.dumps({"reason": "word for word", "score": chance.choice((60, 75, 92)), "quotes": []})
    if stage == "reformulate":
        attempts = [line for line in messages[1]["content"].splitlines() if line.startswith("I ")]
        return "\n".join(["I look at the words.", *attempts])
    return REPLIES[stage]


async def serve(median_s: float) -> None:
    from aiohttp import web

    chance = random.Random(0)
    load: dict[str, float] = {"now": 0, "seconds": 0.0, "since": time.monotonic(), "calls": 0}

    def count(change: int) -> None:
        now = time.monotonic()
        load["seconds"] += load["now"] * (now - load["since"])
        load["since"] = now
        load["now"] += change

    async def complete(request: web.Request) -> web.Response:
        body = await request.json()
        count(+1)
        load["calls"] += 1
        await asyncio.sleep(chance.lognormvariate(0, SIGMA) * median_s)
        count(-1)
        text = reply(request.headers["X-DRT-Stage"], body["messages"], chance)
        return web.json_response({
            "id": "x", "object": "chat.completion", "created": 0, "model": "fake",
            "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            ],
            "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
        })  # fmt: skip

    async def show(request: web.Request) -> web.Response:
        count(0)
        return web.json_response(load)

    app = web.Application()
    app.add_routes([web.post("/v1/chat/completions", complete), web.get("/load", show)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


@contextmanager
def server(median_s: float) -> Iterator[str]:
    command = [sys.executable, __file__, "serve", "--median-s", str(median_s)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


def load_of(address: str) -> dict[str, float]:
    with urllib.request.urlopen(f"{address}/load") as answer:
        found: dict[str, float] = json.load(answer)
        return found


def filled(folder: Path, sentences: int) -> Dataset:
    dataset = Dataset.open(ProjectFolder(folder))
    texts = (f"문장 {number}: 그는 발이 넓다." for number in range(sentences))
    dataset.add_sentences(Sentence(id=sentence_id(text), source=text) for text in texts)
    return dataset


async def run(engine: Engine, dataset: Dataset, slots: int, router: Router | None) -> GenerationReport:
    autogen = Autogen(engine, dataset, select(dataset), open_sentences=open_for(slots), traffic=router)
    async with aclosing(autogen.events()) as events:
        async for _ in events:
            pass
    return autogen.report


async def ours(address: str, sentences: int, slots: int) -> tuple[GenerationReport, float]:
    models = {"main": ModelSettings(base_url=f"{address}/v1", model="fake", api_key_env="NO_KEY_NEEDED")}
    with (
        tempfile.TemporaryDirectory() as folder,
        filled(Path(folder), sentences) as dataset,
        StageLog(dataset.folder) as log,
    ):
        async with Router(models, Roles({"default": ("main",)}), concurrency=slots) as router:
            cpu = time.process_time()
            report = await run(Engine(router, log=log), dataset, slots, router)
            return report, time.process_time() - cpu


def ask(address: str, stage: str, content: str) -> str:
    body = {
        "model": "fake",
        "messages": [{"role": "system", "content": ""}, {"role": "user", "content": content}],
    }
    headers = {"Content-Type": "application/json", "X-DRT-Stage": stage}
    request = urllib.request.Request(f"{address}/v1/chat/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as answer:
        text: str = json.load(answer)["choices"][0]["message"]["content"]
        return text


def batch(address: str, folder: Path, numbers: list[int]) -> None:
    """One batch of the older design: one sentence after the other, a file at the end."""
    made = []
    for _ in numbers:
        ask(address, "keywords", "")
        ask(address, "literal", "")
        for _ in range(4):
            if json.loads(ask(address, "evaluate", ""))["score"] >= 90:
                break
            ask(address, "advise", "")
            ask(address, "refine", "")
        made.append(ask(address, "reformulate", "I try"))
    (folder / f"{numbers[0]}.json").write_text(json.dumps(made), encoding="utf-8")


def theirs(address: str, sentences: int) -> float:
    began = time.monotonic()
    batches = [list(range(start, min(start + 10, sentences))) for start in range(0, sentences, 10)]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda numbers: batch(address, Path(folder), numbers), batches))
    return time.monotonic() - began


def busy(sentences: int, slots: int, median_s: float) -> None:
    with server(median_s) as address:
        report, cpu = asyncio.run(ours(address, sentences, slots))
        before = load_of(address)
        seconds = theirs(address, sentences // 10)
        after = load_of(address)
    calls = after["calls"] - before["calls"]
    print(f"{'':24}{'sentences':>10}{'calls':>8}{'seconds':>9}{'calls/s':>9}{'mean in flight':>16}")
    print(
        f"{'autogen':24}{report.generated:>10}{report.calls:>8}{report.seconds:>9.1f}"
        f"{report.calls / report.seconds:>9.1f}{before['seconds'] / report.seconds:>16.1f}"
    )
    print(
        f"{'8 threads x batches':24}{sentences // 10:>10}{calls:>8.0f}{seconds:>9.1f}{calls / seconds:>9.1f}"
        f"{(after['seconds'] - before['seconds']) / seconds:>16.1f}"
    )
    print(f"slots kept busy until the tail: {100 * (report.utilisation or 0):.1f} % of {slots}")
    print(f"client CPU: {1000 * cpu / report.calls:.2f} ms a call")


def resident_mb() -> float:
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


class Forgetful(ScriptedModels):
    """Answers at once and keeps no request."""

    async def complete(self, request: Any) -> Any:
        self.requests.clear()
        await asyncio.sleep(0)
        return await super().complete(request)


async def memory(sentences: int) -> None:
    models = Forgetful({Stage.EVALUATE: ['{"reason": "flat", "score": 95}']})
    with (
        tempfile.TemporaryDirectory() as folder,
        filled(Path(folder), sentences) as dataset,
        StageLog(dataset.folder) as log,
    ):
        autogen = Autogen(Engine(models, log=log), dataset, select(dataset), open_sentences=open_for(16))
        marks = [500, *range(4000, sentences + 1, 4000)]
        sizes: list[float] = []
        async with aclosing(autogen.events()) as events:
            async for event in events:
                if (
                    isinstance(event, CandidateReady)
                    and len(sizes) < len(marks)
                    and autogen.report.generated >= marks[len(sizes)]
                ):
                    sizes.append(resident_mb())
                    print(f"{marks[len(sizes) - 1]:>7} sentences {sizes[-1]:>7.1f} MB", flush=True)
        report = autogen.report
    print(f"grows by {sizes[-1] - sizes[0]:.1f} MB over {report.generated} sentences, {report.seconds:.0f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["busy", "memory", "serve"])
    parser.add_argument("--sentences", type=int)
    parser.add_argument("--slots", type=int, default=80)
    parser.add_argument("--median-s", type=float, default=1.0)
    given = parser.parse_args()
    match given.what:
        case "serve":
            asyncio.run(serve(given.median_s))
        case "busy":
            busy(given.sentences or 1000, given.slots, given.median_s)
        case "memory":
            asyncio.run(memory(given.sentences or 20_000))


if __name__ == "__main__":
    main()
