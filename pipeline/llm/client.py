"""One endpoint: its connections, and the two requests that are ever made to it."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, aclosing, contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import orjson

from data.records import Stage
from pipeline.llm.address import Address
from pipeline.llm.answers import Answer, NotACompletion, read_answer
from pipeline.llm.faults import Fault, damaged, lost, refused_by_status, strike_out, unconnected
from pipeline.llm.request import Delta, Restart
from pipeline.llm.slowness import Slowness
from pipeline.llm.streams import Assembly, as_chunk

if TYPE_CHECKING:
    from httpx2 import AsyncBaseTransport, Response
    from openai import AsyncOpenAI, Omit

CONNECT_S = 10.0
FIRST_TOKEN_S = 60.0
BETWEEN_TOKENS_S = 30.0
LIST_MODELS_S = 10.0
_IDLE_CONNECTION_S = 30.0
_MOST_CONNECTIONS = 1000
_STAGE_HEADER = "X-DRT-Stage"

Headers = Mapping[str, str]
Watch = Callable[[Headers], None]
"""Is shown the headers of an answer."""


@dataclass(frozen=True, slots=True)
class Post:
    """One chat completion to ask for."""

    address: Address
    stage: Stage
    content: bytes
    """The body, as JSON."""
    headers: Headers
    timeout_s: float
    """Most for all of an unstreamed answer."""
    slowness: Slowness = field(default_factory=Slowness)
    """What is known of the model's answers so far."""
    keeps_tags: bool = False
    """Tags such as `<think>` are part of a streamed answer: it is asked of a model trained to write them."""


class Endpoint:
    """The connections to one base URL with one key, shared by the models that live there.

    Every failure is a `Fault`. The key is read from the environment once and handed to nobody.
    """

    def __init__(
        self, address: Address, *, allow_http: bool = False, transport: AsyncBaseTransport | None = None
    ) -> None:
        """Read the key; connections are opened when first needed.

        Raises:
            BadEndpoint: the base URL is no web address, or plain http to another machine.
            WrongKey: the key's variable is not set.
        """
        address.check(allow_http=allow_http)
        self._key = address.key()
        self._client = _client(address, self._key, transport)

    async def close(self) -> None:
        """Close all connections."""
        await self._client.close()

    async def complete(self, post: Post, watch: Watch) -> Answer:
        """Return the answer in one piece."""
        with self._faults(post.address, f"no answer within {post.slowness.limit(post.timeout_s):.0f} s"):
            async with post.slowness.within(post.timeout_s):
                response = await self._send(post, watch, stream=False)
            data = orjson.loads(response.content)
            self._check_no_error(post.address, data, response.headers)
            return self._clean(read_answer(data))

    async def stream(self, post: Post, watch: Watch) -> AsyncGenerator[Delta | Restart | Answer, None]:
        """Yield the text as it arrives; the last item is the whole answer."""
        assembly = Assembly(keeps_tags=post.keeps_tags)
        async with aclosing(self._chunks(post, watch)) as chunks:
            async for chunk in chunks:
                with self._faults(post.address, ""):
                    self._check_no_error(post.address, chunk, {})
                    text = assembly.take(chunk)
                if assembly.took_back():
                    yield Restart(post.address.name, "what had come was reasoning")
                if text:
                    yield Delta(text)
        if not assembly.finish_reason:
            raise lost(post.address, "the answer broke off")
        if text := assembly.cutter.rest():
            yield Delta(text)
        yield self._clean(assembly.answer())

    async def models(self, address: Address) -> tuple[str, ...]:
        """Return the names of the models that the endpoint offers."""
        from httpx2 import Response

        with self._faults(address, f"no answer within {LIST_MODELS_S:.0f} s"):
            async with asyncio.timeout(LIST_MODELS_S):
                headers = {_STAGE_HEADER: "models"}
                response = await self._client.get("/models", cast_to=Response, options={"headers": headers})
            data = orjson.loads(response.content)
        entries = data.get("data") if isinstance(data, dict) else None
        if not isinstance(entries, list):
            raise damaged(address, "no list of models")
        names = (entry.get("id") for entry in entries if isinstance(entry, dict))
        return tuple(name for name in names if isinstance(name, str))

    async def _chunks(self, post: Post, watch: Watch) -> AsyncGenerator[object, None]:
        from openai import AsyncStream

        now = asyncio.get_running_loop().time
        limit, deadline = FIRST_TOKEN_S, now() + FIRST_TOKEN_S
        async with AsyncExitStack() as opened:
            with self._faults(post.address, f"no token within {limit:.0f} s"):
                async with asyncio.timeout_at(deadline):
                    response = await self._send(post, watch, stream=True)
                    opened.push_async_callback(response.aclose)
                    whole = await response.aread() if _is_json(response) else b""
                    chunk: object = as_chunk(orjson.loads(whole)) if whole else None
            if whole:
                yield chunk
                return
            stream = AsyncStream(cast_to=object, response=response, client=self._client)
            while True:
                with self._faults(post.address, f"no token within {limit:.0f} s"):
                    async with asyncio.timeout_at(deadline):
                        chunk = await anext(stream, None)
                if chunk is None:
                    return
                yield chunk
                limit, deadline = BETWEEN_TOKENS_S, now() + BETWEEN_TOKENS_S

    async def _send(self, post: Post, watch: Watch, *, stream: bool) -> Response:
        from httpx2 import Response

        response: Response = await self._client.post(
            "/chat/completions",
            cast_to=Response,
            content=post.content,
            options={"headers": {**post.headers, _STAGE_HEADER: post.stage}},
            stream=stream,
        )
        watch(response.headers)
        return response

    def _check_no_error(self, address: Address, data: object, headers: Headers) -> None:
        """Some endpoints report an error with status 200, or in the middle of a stream."""
        error = data.get("error") if isinstance(data, dict) else None
        if error:
            code = error.get("code") if isinstance(error, dict) else None
            status = code if isinstance(code, int) and 400 <= code < 600 else 502
            raise refused_by_status(address, status, error, headers, self._key)

    def _clean(self, answer: Answer) -> Answer:
        """An endpoint that echoes the key must not bring it into a trace."""
        if self._key and (self._key in answer.text or self._key in answer.reasoning):
            return replace(
                answer,
                text=strike_out(self._key, answer.text),
                reasoning=strike_out(self._key, answer.reasoning),
            )
        return answer

    @contextmanager
    def _faults(self, address: Address, timed_out: str) -> Iterator[None]:
        """Turn what the libraries raise into a `Fault`."""
        import aiohttp
        import httpx2
        import openai

        fault: Fault
        try:
            yield
            return
        except TimeoutError:
            fault = lost(address, timed_out)
        except openai.APIStatusError as error:
            response = error.response
            fault = refused_by_status(address, error.status_code, error.body, response.headers, self._key)
        except (openai.APIConnectionError, aiohttp.ClientError, httpx2.HTTPError, OSError) as error:
            fault = unconnected(address, error)
        except openai.APIError as error:  # an error event in the middle of a stream
            fault = refused_by_status(address, 502, error.body, {}, self._key)
        except NotACompletion as error:
            fault = damaged(address, str(error))
        except (json.JSONDecodeError, UnicodeDecodeError):
            fault = damaged(address, "an answer that is no whole JSON")
        # The libraries' exceptions hold the request and with it the key: they are not passed on.
        raise fault from None


def _is_json(response: Response) -> bool:
    """Return whether an endpoint answers in one piece although it was asked for a stream."""
    content_type: str = response.headers.get("content-type", "")
    return content_type.startswith("application/json")


def _client(address: Address, key: str, transport: AsyncBaseTransport | None) -> AsyncOpenAI:
    import httpx2
    from openai import AsyncOpenAI, DefaultAioHttpClient

    class Client(AsyncOpenAI):
        """Sends what a request needs, and nothing from the environment or about this machine."""

        @property
        def default_headers(self) -> dict[str, str | Omit]:
            return headers

    # A line for each request would fill the log, and a URL may hold what is nobody's business.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    headers: dict[str, str | Omit] = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": "drt-tui",
    }
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return Client(
        api_key=key or "none",
        base_url=address.base_url,
        max_retries=0,
        http_client=DefaultAioHttpClient(
            transport=transport,
            timeout=httpx2.Timeout(None, connect=CONNECT_S),
            limits=httpx2.Limits(max_connections=_MOST_CONNECTIONS, keepalive_expiry=_IDLE_CONNECTION_S),
            follow_redirects=False,
            verify=not address.is_plain,  # reading the certificates takes 0.1 s
            trust_env=not address.is_loopback,
        ),
    )
