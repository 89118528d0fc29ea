"""The fake endpoint without sockets, for loops whose clock jumps."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping

import httpx2

from tests.stubs.endpoint_script import Answer, Script


class ScriptTransport(httpx2.AsyncBaseTransport):
    """Stands in the place of the network; `up` switches the whole host off and on."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.up = True

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if not self.up:
            raise httpx2.ConnectError("refused")
        if request.method == "GET":
            return httpx2.Response(200, json=self.script.list_models(), request=request)
        answer = await self.script.respond(json.loads(await request.aread()), dict(request.headers))
        if answer.cut and not answer.pieces:
            raise httpx2.ReadError("connection reset")
        return httpx2.Response(answer.status, headers=answer.headers, stream=_Pieces(answer), request=request)


class HostTransport(httpx2.AsyncBaseTransport):
    """Several endpoints, told apart by host."""

    def __init__(self, hosts: Mapping[str, ScriptTransport]) -> None:
        self._hosts = hosts

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._hosts[request.url.host].handle_async_request(request)


class _Pieces(httpx2.AsyncByteStream):
    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._answer.pieces:
            yield piece
            if self._answer.between_s:
                await asyncio.sleep(self._answer.between_s)
        if self._answer.never:
            await asyncio.Event().wait()
        if self._answer.cut:
            raise httpx2.ReadError("connection reset")
