"""A fault-injecting endpoint on a real socket: in the test's process, or in one of its own.

    async with FakeEndpoint(Script(faults={"500": 0.1})) as endpoint:
        ... endpoint.url, endpoint.script.seen ...

    python -m tests.stubs.endpoint --port 0 --scenario flaky [--latency 0.3] [--rpm 500] …

As a process it prints its base URL as the first line; `GET …/stats` tells what it saw.
"""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from tests.stubs.endpoint_script import TRANSIENT, Answer, Script

SCENARIOS: dict[str, Callable[[], Script]] = {
    "steady": Script,
    "slow": lambda: Script(latency_s=1.0),
    "flaky": lambda: Script(latency_s=0.05, faults=dict.fromkeys(TRANSIENT, 0.01)),
    "rate-limited": lambda: Script(latency_s=0.3, rpm=500),
    "rate-limited-silent": lambda: Script(latency_s=0.3, rpm=500, retry_after=""),
    "dies": lambda: Script(latency_s=0.3, dead=(10.0, 70.0)),
    "stalls": lambda: Script(latency_s=0.05, faults={"stall": 0.02, "stall-late": 0.02}),
    "all": lambda: Script(
        latency_s=0.3, rpm=2000, dead=(20.0, 80.0),
        faults={**dict.fromkeys(TRANSIENT, 0.005), "length": 0.003, "content-filter": 0.003, "empty": 0.003,
                "stall": 0.002, "drip": 0.01, "bad-score": 0.01},
    ),
    "no-schema": lambda: Script(refuses=frozenset({"json_schema"})),
    "no-json": lambda: Script(refuses=frozenset({"response_format"}), refusal="words"),
    "openai-reasoning": lambda: Script(refuses=frozenset({"max_tokens", "temperature"}), think="field"),
    "strict-422": lambda: Script(
        refuses=frozenset({"seed", "stream_options", "max_completion_tokens"}), refusal="pydantic"
    ),
    "thinks": lambda: Script(think="tags"),
}  # fmt: skip


class FakeEndpoint:
    """A server on loopback that follows a script."""

    def __init__(self, script: Script | None = None, *, port: int = 0) -> None:
        self.script = script or Script()
        self._port = port
        self._leaving = asyncio.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/v1/stats", self._stats)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, backlog=1024).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving.set()
        await self._runner.cleanup()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = await self.script.respond(await request.json(), headers)
        if len(answer.pieces) == 1 and not (answer.cut or answer.never):
            return web.Response(status=answer.status, headers=answer.headers, body=answer.pieces[0])
        return await self._send(request, answer)

    async def _send(self, request: web.Request, answer: Answer) -> web.StreamResponse:
        response = web.StreamResponse(status=answer.status, headers=answer.headers)
        if answer.pieces:
            await response.prepare(request)
        for piece in answer.pieces:
            await response.write(piece)
            if answer.between_s:
                await asyncio.sleep(answer.between_s)
        if answer.never:
            await self._leaving.wait()
        if answer.cut or answer.never:
            if request.transport is not None:
                request.transport.abort()
            return response
        await response.write_eof()
        return response

    async def _models(self, request: web.Request) -> web.Response:
        key = self.script.key
        if key and request.headers.get("Authorization") != f"Bearer {key}":
            return web.json_response({"error": {"message": "no"}}, status=401)
        return web.json_response(self.script.list_models())

    async def _stats(self, request: web.Request) -> web.Response:
        seen = self.script.seen
        return web.json_response({
            "requests": len(seen),
            "calls": self.script.calls,
            "most_in_flight": self.script.most_in_flight,
            "statuses": {str(status): count for status, count in self.script.statuses().items()},
            "faults": Counter(one.fault for one in seen if one.fault),
            "stages": Counter(one.stage for one in seen),
        })  # fmt: skip


async def _serve(script: Script, port: int) -> None:
    async with FakeEndpoint(script, port=port) as endpoint:
        print(endpoint.url, flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--scenario", choices=SCENARIOS, default="steady")
    parser.add_argument("--latency", type=float, help="median, in seconds")
    parser.add_argument("--sigma", type=float, help="of the lognormal latency")
    parser.add_argument("--rpm", type=int)
    parser.add_argument("--limiter", choices=["bucket", "small-bucket", "sliding", "fixed"])
    parser.add_argument("--retry-after", choices=["", "seconds", "date"])
    parser.add_argument("--fault", action="append", default=[], metavar="NAME=SHARE")
    parser.add_argument(
        "--dead", nargs=2, type=float, metavar=("FROM", "TO"), help="seconds since the first request"
    )
    parser.add_argument("--key")
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    script = SCENARIOS[arguments.scenario]()
    given = {
        "latency_s": arguments.latency, "sigma": arguments.sigma, "rpm": arguments.rpm, "limiter": arguments.limiter,
        "retry_after": arguments.retry_after, "dead": arguments.dead and tuple(arguments.dead),
        "key": arguments.key, "seed": arguments.seed,
    }  # fmt: skip
    for name, value in given.items():
        if value is not None:
            setattr(script, name, value)
    faults = dict(fault.split("=") for fault in arguments.fault)
    script.faults = {**script.faults, **{name: float(share) for name, share in faults.items()}}  # type: ignore[dict-item]
    script.__post_init__()
    try:
        asyncio.run(_serve(script, arguments.port))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
