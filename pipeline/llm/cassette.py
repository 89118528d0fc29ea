"""Cassettes: calls recorded to a file, and answered from it again, without key or network.

A tape is JSON Lines: one line with the fallback lists, then one a call. A call is known by its
stage, its sentence and all that shapes the answer; asked again, it gives the next of its
recordings, or the last one once more.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from data.records import Fallback, Stage, Usage
from data.text import nfc
from pipeline.errors import NotOnTape, PipelineError, StageFailed
from pipeline.llm.request import Delta, Models, Reply, Request, Restart, Value

_PLAIN = ("text", "model", "served_by", "reasoning", "finish_reason", "notes")


class RecordingModels:
    """Passes requests on to `models` and records what comes back. Use as a context manager."""

    def __init__(self, models: Models, path: Path, *, go_on: bool = False) -> None:
        """Begin a new tape at `path`; an older one is overwritten, or with `go_on` written on.

        Several may write on one tape at once.

        Raises:
            PipelineError: the file cannot be written.
        """
        self.models = models
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            if not go_on:
                path.write_bytes(b"")
            self._tape = path.open("ab", buffering=0)
        except OSError as error:
            raise PipelineError(
                f"{path} cannot be written: {error.strerror}", hint="Record to another file."
            ) from error
        if not go_on:
            self._write({"names": {stage.value: models.names(stage) for stage in Stage}})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the tape."""
        self._tape.close()

    def names(self, stage: Stage) -> tuple[str, ...]:
        """Return the fallback list of a stage's role, first choice first."""
        return self.models.names(stage)

    async def complete(self, request: Request[Value]) -> Reply[Value]:
        """Return the answer in one piece."""
        try:
            reply = await self.models.complete(request)
        except StageFailed as failure:
            self._write(_failure(request, failure))
            raise
        self._write(_recording(request, reply))
        return reply

    async def stream(self, request: Request[Value]) -> AsyncGenerator[Delta | Restart | Reply[Value], None]:
        """Yield the answer as it arrives, the `Reply` last."""
        try:
            async with aclosing(self.models.stream(request)) as items:
                async for item in items:
                    if isinstance(item, Reply):
                        self._write(_recording(request, item))
                    yield item
        except StageFailed as failure:
            self._write(_failure(request, failure))
            raise

    def _write(self, line: Mapping[str, object]) -> None:
        self._tape.write(orjson.dumps(line) + b"\n")


class ReplayingModels:
    """Answers requests from a tape."""

    def __init__(self, path: Path) -> None:
        """Read the tape.

        Raises:
            NotOnTape: the file is not there, or is no cassette.
        """
        self._path = path
        self._calls: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self._names: dict[str, tuple[str, ...]] = {}
        try:
            lines = [orjson.loads(line) for line in path.read_bytes().splitlines()]
            self._names = {stage: tuple(names) for stage, names in lines[0]["names"].items()}
            for line in lines[1:]:
                self._calls[line["key"]].append(line)
        except OSError as error:
            raise NotOnTape(
                f"{path} cannot be read: {error.strerror}", hint="Name a file made with --record."
            ) from error
        except (orjson.JSONDecodeError, LookupError, TypeError, AttributeError) as error:
            raise NotOnTape(f"{path} is no cassette", hint="Name a file made with --record.") from error

    def names(self, stage: Stage) -> tuple[str, ...]:
        """Return the fallback list that was recorded."""
        return self._names.get(stage, ())

    async def complete(self, request: Request[Value]) -> Reply[Value]:
        """Return what was recorded.

        Raises:
            NotOnTape: there is no such call on the tape.
            StageFailed: as recorded.
        """
        recordings = self._calls.get(_key(request))
        if not recordings:
            raise NotOnTape(
                f"{self._path.name} has no {request.stage} call for sentence {request.sentence} with these settings",
                hint="Replay with the settings, prompts and file of the recording, or record anew.",
            )
        recording = recordings[0] if len(recordings) == 1 else recordings.popleft()
        fallbacks = tuple(Fallback(**fallback) for fallback in recording["fallbacks"])
        usage = Usage(**recording["usage"])
        if (failed := recording.get("failed")) is not None:
            is_outage = bool(recording.get("is_outage"))
            raise StageFailed(failed, usage=usage, fallbacks=fallbacks, is_outage=is_outage)
        plain = {name: recording[name] for name in _PLAIN if name != "notes"}
        return Reply(
            value=request.parse(recording["text"]), usage=usage, fallbacks=fallbacks,
            notes=tuple(recording["notes"]), **plain,
        )  # fmt: skip

    async def stream(self, request: Request[Value]) -> AsyncGenerator[Delta | Restart | Reply[Value], None]:
        """Yield what was recorded, a word at a time."""
        reply = await self.complete(request)
        for word in re.findall(r"\s*\S+", reply.text):
            yield Delta(word)
        yield reply


def _key(request: Request[Value]) -> str:
    """Return what tells a call apart from all that would be answered otherwise."""
    parts = (
        request.stage.value,
        nfc(request.sentence),
        [(message.role, message.content) for message in request.messages],
        request.temperature,
        request.seed,
        request.max_tokens,
        request.schema,
        request.sample,
        request.models,
    )
    return blake2b(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def _recording(request: Request[Value], reply: Reply[Value]) -> dict[str, object]:
    return {
        **_heading(request),
        **{name: getattr(reply, name) for name in _PLAIN},
        "usage": reply.usage.model_dump(),
        "fallbacks": [fallback.model_dump() for fallback in reply.fallbacks],
    }


def _failure(request: Request[Value], failure: StageFailed) -> dict[str, object]:
    return {
        **_heading(request),
        "failed": failure.message,
        "is_outage": failure.is_outage,
        "usage": (failure.usage or Usage()).model_dump(),
        "fallbacks": [fallback.model_dump() for fallback in failure.fallbacks],
    }


def _heading(request: Request[Value]) -> dict[str, object]:
    return {
        "key": _key(request),
        "stage": request.stage.value,
        "sentence": request.sentence,
        "sample": request.sample,
    }
