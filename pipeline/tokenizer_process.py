"""The one tokenizer process of a project: `python -P -m pipeline.tokenizer_process FOLDER`.

A tokenizer takes seconds to load and half a gigabyte, so all processes of a project share one. It
answers over a Unix socket, one JSON object a line, and ends when nobody has asked for a while. A
lock makes it the only one: the kernel drops it with the process, so that no stale file can lie.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from data.store.locks import FileLock
from pipeline.tokens import MOST_KEYWORDS

IDLE_S = 90.0
"""Seconds without a question after which the process ends."""
LINE_LIMIT = 16 * 1024 * 1024

_CHINESE = ("n", "nr", "ns", "nt", "nz", "v", "vn", "a", "an", "i", "l", "j")


def address_file(leases: Path) -> Path:
    """Return the file that holds the path of the socket."""
    return leases / "tokenizer.address"


def main() -> None:
    """Serve the folder named on the command line in the background, unless another process does."""
    if os.fork():
        os._exit(0)
    os.setsid()
    leases = Path(sys.argv[1])
    lock = FileLock(leases / "tokenizer.lock")
    if not lock.try_acquire():
        return
    home = Path(tempfile.mkdtemp(prefix="drt-tokens-"))
    try:
        asyncio.run(_serve(leases, home / "socket"))
    finally:
        address_file(leases).unlink(missing_ok=True)
        shutil.rmtree(home, ignore_errors=True)
        lock.remove()


async def _serve(leases: Path, socket: Path) -> None:
    asked = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                asked.set()
                writer.write(await asyncio.to_thread(_answer, line))
                await writer.drain()
        except ConnectionError:
            pass  # the asker is gone
        finally:
            writer.close()

    async with await asyncio.start_unix_server(answer, socket, limit=LINE_LIMIT):
        _publish(leases, socket)
        while True:
            try:
                async with asyncio.timeout(IDLE_S):
                    await asked.wait()
            except TimeoutError:
                return
            asked.clear()


def _publish(leases: Path, socket: Path) -> None:
    waiting = address_file(leases).with_suffix(".new")
    waiting.write_text(str(socket), encoding="utf-8")
    waiting.replace(address_file(leases))


def _answer(line: bytes) -> bytes:
    question = orjson.loads(line)
    analyse = _ANALYSERS[question["language"]]()
    return orjson.dumps([analyse(text) for text in question["texts"]]) + b"\n"


@cache
def _korean() -> Callable[[str], Sequence[Any]]:
    from kiwipiepy import Kiwi

    kiwi = Kiwi(num_workers=1)

    def analyse(text: str) -> list[tuple[str, str, str, int, int]]:
        """The fields of `pipeline.tokens.Token`."""
        tokens = kiwi.tokenize(text)
        return [(one.form, one.lemma, one.tag, one.start, one.start + one.len) for one in tokens]

    return analyse


@cache
def _chinese() -> Callable[[str], Sequence[Any]]:
    import jieba
    import jieba.analyse

    jieba.setLogLevel("ERROR")

    def analyse(text: str) -> list[str]:
        words: list[str] = jieba.analyse.extract_tags(text, topK=MOST_KEYWORDS, allowPOS=_CHINESE)
        return sorted(words, key=text.find)

    return analyse


_ANALYSERS = {"ko": _korean, "zh": _chinese}

if __name__ == "__main__":
    os.umask(0o077)
    main()
