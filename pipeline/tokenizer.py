"""Keywords and idioms by tokenizer: the client of the project's one tokenizer process."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import orjson

from data.records import Sentence, Span
from data.scripts import main_script
from pipeline.errors import PipelineError
from pipeline.tokenizer_process import LINE_LIMIT, address_file
from pipeline.tokens import MOST_KEYWORDS, Token, find_idiom, korean_keywords, rule_keywords

if TYPE_CHECKING:
    from data.store import Dataset, ProjectFolder

logger = logging.getLogger(__name__)

_PACKAGES = {"ko": "kiwipiepy", "zh": "jieba"}
_START_S = 60.0
"""Loading takes seconds; on a busy machine many."""
_START_AGAIN_S = 10.0
_TRIES = 5
_MOST_IDIOMS = 10_000


class Tokenizer:
    """Asks the tokenizer process of a project, which is started when it is first needed.

    Languages without a tokenizer, and those whose package is not installed, get a plain word rule.
    Its methods raise `PipelineError` where the process cannot be started or does not answer.
    """

    def __init__(self, folder: ProjectFolder, language: str) -> None:
        """`language`: code of the source language. Nothing is started or written yet."""
        self._folder = folder
        code = language.lower().split("-")[0]
        self._language = code if code in _PACKAGES and find_spec(_PACKAGES[code]) is not None else None
        if code in _PACKAGES and self._language is None:
            logger.warning("%s is not installed: keywords by word rule", _PACKAGES[code])
        self._idioms: dict[str, Sequence[Token]] = {}
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._turn = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._streams is not None:
            writer = self._streams[1]
            self._hang_up()
            with suppress(OSError):
                await writer.wait_closed()

    async def keywords(self, sentence: Sentence) -> tuple[str, ...]:
        """Return the words that decide the translation, the sentence's idiom first."""
        source, idiom = sentence.source, sentence.group
        if self._language == "ko":
            [tokens] = await self._ask([source])
            words = [Token(*token) for token in tokens]
            span = await self.find_idiom(source, idiom) if idiom else None
            if span is None or idiom is None:
                return tuple(korean_keywords(words))
            rest = [word for word in words if word.end <= span.start or word.start >= span.end]
            return (idiom, *korean_keywords(rest))[:MOST_KEYWORDS]
        chosen = (await self._ask([source]))[0] if self._language == "zh" else rule_keywords(source)
        known = (idiom,) if idiom and idiom.casefold() in source.casefold() else ()
        return tuple(dict.fromkeys((*known, *chosen)))[:MOST_KEYWORDS]

    async def find_idiom(self, source: str, idiom: str) -> Span | None:
        """Return where an idiom stands in a sentence, by dictionary forms where there is a tokenizer."""
        if self._language == "ko" and main_script(idiom) == "hangul":
            if idiom not in self._idioms:
                if len(self._idioms) >= _MOST_IDIOMS:
                    self._idioms.clear()
                [tokens] = await self._ask([idiom])
                self._idioms[idiom] = [Token(*token) for token in tokens]
            [tokens] = await self._ask([source])
            return find_idiom(source, [Token(*token) for token in tokens], self._idioms[idiom])
        start = source.casefold().find(idiom.casefold())
        return Span(start=start, end=start + len(idiom)) if start >= 0 else None

    async def _ask(self, texts: Sequence[str]) -> list[Any]:
        """Return an analysis of each text; a process that is gone is started anew."""
        line = orjson.dumps({"language": self._language, "texts": texts}) + b"\n"
        async with self._turn:
            for tries_left in reversed(range(_TRIES)):
                try:
                    reader, writer = self._streams = self._streams or await self._connect()
                    writer.write(line)
                    await writer.drain()
                    if answer := await reader.readline():
                        found: list[Any] = orjson.loads(answer)
                        return found
                    raise ConnectionResetError("the tokenizer process ended")
                except asyncio.CancelledError:
                    self._hang_up()  # whoever asks next would read the answer that is still to come
                    raise
                except OSError as error:
                    self._hang_up()
                    if not tries_left:
                        log = self._folder.logs / "tokenizer.log"
                        raise PipelineError(f"The tokenizer failed: {error}.", hint=f"See {log}.") from error
                    await asyncio.sleep(0.1)  # a process that is just ending still takes connections
        raise AssertionError("unreachable")

    def _hang_up(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        loop = asyncio.get_running_loop()
        deadline, next_start = loop.time() + _START_S, loop.time()
        while loop.time() < deadline:
            with suppress(OSError):
                socket = address_file(self._folder.leases).read_text(encoding="utf-8")
                return await asyncio.open_unix_connection(socket, limit=LINE_LIMIT)
            if loop.time() >= next_start:
                await asyncio.to_thread(self._start)
                next_start = loop.time() + _START_AGAIN_S
            await asyncio.sleep(0.05)
        raise ConnectionRefusedError("the tokenizer process does not answer")

    def _start(self) -> None:
        self._folder.leases.mkdir(parents=True, exist_ok=True)
        self._folder.logs.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-P", "-m", "pipeline.tokenizer_process", str(self._folder.leases)]
        with (self._folder.logs / "tokenizer.log").open("ab") as log:
            subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self._folder.root, check=True
            )


async def store_spans(dataset: Dataset, tokenizer: Tokenizer, sentences: Iterable[str]) -> None:
    """Find the idioms of these sentences and store where they stand; what is stored stays."""
    for sentence_id in sentences:
        sentence = dataset.sentence(sentence_id)
        if sentence.group is None or any(span.kind == "idiom" for span in sentence.spans):
            continue
        span = await tokenizer.find_idiom(sentence.source, sentence.group)
        if span is not None:
            marked = sentence.model_copy(update={"spans": (*sentence.spans, span)})
            await asyncio.to_thread(dataset.update_sentence, marked)
