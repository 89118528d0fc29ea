"""What a call costs the client in CPU, and how well an endpoint's rate is used. By hand:

python tests/benchmarks/engine_client.py cpu [--calls 600] [--pairs 5]
python tests/benchmarks/engine_client.py rate [--minutes 4] [--rpm 500]

`cpu` makes the same calls by the router and by a bare `AsyncOpenAI` loop, both over aiohttp, against
a server in a process of its own that answers at once; CPU seconds of this process, in alternated
pairs. `rate` needs no time: a loop whose clock jumps sends calls through the router to limiters of
several kinds, once with `rpm` configured and once without a hint.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.records import Stage
from pipeline.llm.request import Message, Request
from pipeline.llm.routing import Router
from pipeline.settings import ModelSettings, Price, Roles
from tests.stubs.endpoint_script import Script
from tests.stubs.limiters import KINDS
from tests.stubs.transport import ScriptTransport
from tests.stubs.warp import run_warped

IN_FLIGHT = 16
QUESTION = Request(
    Stage.LITERAL,
    "sentence",
    (
        Message("system", "You are a translator from Korean to English. Translate literally. " * 8),
        Message("user", "그는 발이 넓어서 아는 사람이 많다."),
    ),
    str,
    "prompt",
    seed=1,
)


@contextmanager
def server() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.stubs.endpoint"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def routed(url: str, calls: int) -> float:
    settings = ModelSettings(
        base_url=url, model="fake", price=Price(input=1, output=2), concurrency=IN_FLIGHT
    )
    async with Router({"main": settings}, Roles({"default": ("main",)})) as router:

        async def work() -> None:
            for _ in range(calls // IN_FLIGHT):
                await router.complete(QUESTION)

        await router.complete(QUESTION)
        return await cpu_of(work)


async def bare(url: str, calls: int) -> float:
    from openai import AsyncOpenAI, DefaultAioHttpClient

    messages = [{"role": message.role, "content": message.content} for message in QUESTION.messages]
    async with AsyncOpenAI(
        base_url=url, api_key="none", max_retries=0, http_client=DefaultAioHttpClient()
    ) as client:

        async def ask() -> None:
            await client.chat.completions.create(
                model="fake", messages=messages, temperature=0.0, seed=1, max_tokens=2048,  # type: ignore[arg-type]
                extra_headers={"X-DRT-Stage": "literal"},
            )  # fmt: skip

        async def work() -> None:
            for _ in range(calls // IN_FLIGHT):
                await ask()

        await ask()
        return await cpu_of(work)


async def cpu_of(work: object) -> float:
    began = time.process_time()
    await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))  # type: ignore[operator]
    return time.process_time() - began


def cpu(calls: int, pairs: int) -> None:
    ratios = []
    with server() as url:
        for pair in range(pairs + 1):
            first = asyncio.run(routed(url, calls))
            second = asyncio.run(bare(url, calls))
            if pair:  # the first pair warms up imports
                ratios.append(first / second)
                print(
                    f"pair {pair}: router {1000 * first / calls:.3f} ms a call, bare {1000 * second / calls:.3f} ms, "
                    f"ratio {first / second:.2f}"
                )
    print(f"median ratio {statistics.median(ratios):.2f} (to reach: 1.25)")


async def limited(
    kind: str, rpm: int, minutes: int, *, configured: bool, retry_after: str
) -> tuple[float, float]:
    """Return the share of the allowed calls that were made, and of calls refused, after the first minute."""
    script = Script(latency_s=1.0, rpm=rpm, limiter=kind, retry_after=retry_after)  # type: ignore[arg-type]
    settings = ModelSettings(
        base_url="http://localhost/v1", model="fake", price=Price(input=1, output=2), concurrency=80,
        rpm=rpm if configured else None,
    )  # fmt: skip
    loop = asyncio.get_running_loop()
    async with Router(
        {"main": settings}, Roles({"default": ("main",)}), transport=ScriptTransport(script)
    ) as router:
        began = loop.time()

        async def work() -> None:
            while loop.time() < began + 60 * minutes:
                await router.complete(QUESTION)

        await asyncio.gather(*(work() for _ in range(120)))
    later = [seen for seen in script.seen if began + 60 <= seen.at < began + 60 * minutes]
    made = sum(seen.status == 200 for seen in later)
    return made / (rpm * (minutes - 1)), 1 - made / len(later)


def rate(rpm: int, minutes: int) -> None:
    print(f"{rpm} requests a minute, 80 in flight, median latency 1 s, minutes 2 to {minutes}")
    print(f"{'limiter':14}{'Retry-After':13}{'rpm configured':24}{'nothing configured'}")
    for kind in KINDS:
        for retry_after in ("seconds", ""):
            cells = []
            for configured in (True, False):
                used, refused = run_warped(
                    limited(kind, rpm, minutes, configured=configured, retry_after=retry_after)
                )
                cells.append(f"used {used:6.1%} 429 {refused:5.1%}")
            print(f"{kind:14}{retry_after or 'none':13}" + "   ".join(cells))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["cpu", "rate"])
    parser.add_argument("--calls", type=int, default=1600)
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--rpm", type=int, default=500)
    parser.add_argument("--minutes", type=int, default=5)
    arguments = parser.parse_args()
    if arguments.what == "cpu":
        cpu(arguments.calls, arguments.pairs)
    else:
        rate(arguments.rpm, arguments.minutes)


if __name__ == "__main__":
    main()
