"""Starting a server's process and waiting until it takes calls."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO

from pydantic import ValidationError

from train.errors import ServingFailed
from train.run.process import environment
from train.serving.plan import ServerPlan, Started

_START_S = 300.0
"""A large file on a slow disk takes minutes to be mapped and warmed up."""
_LARGEST_LOG = 1_000_000
_TAIL = 400


@asynccontextmanager
async def server(plan: ServerPlan, log: Path) -> AsyncIterator[Started]:
    """Run a server for as long as the context is open, or this process lives.

    Raises:
        ServingFailed: it does not start; its last words say why.
    """
    command = [sys.executable, "-P", "-m", "train.serving.server", plan.model_dump_json()]
    async with child(command, log) as told:
        yield told


@asynccontextmanager
async def child(command: list[str], log: Path) -> AsyncIterator[Started]:
    """Run `command`, which is given one more word: the file descriptor to say in that it has started.

    Raises:
        ServingFailed: it does not start.
    """
    reading, writing = os.pipe()
    try:
        process = _launch([*command, str(writing)], writing, log)
    finally:
        os.close(writing)
    assert process.stdin is not None
    try:
        with os.fdopen(reading, "rb") as announced:
            started = await _announcement(announced, log)
        yield started
    finally:
        process.kill()
        process.stdin.close()
        # Somebody has to take note of its end; nobody has to wait for it.
        threading.Thread(target=process.wait, daemon=True).start()


def _launch(command: list[str], writing: int, log: Path) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".1.log"))
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=(writing,),
            cwd=log.parent,
            env=environment(log.parent, None),
            start_new_session=True,
        )


async def _announcement(announced: IO[bytes], log: Path) -> Started:
    """Wait for the server's words; an end without any is its end."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    transport, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), announced)
    try:
        async with asyncio.timeout(_START_S):
            return Started.model_validate_json(await reader.read())
    except TimeoutError:
        raise ServingFailed(
            f"The model's server did not start within {_START_S:.0f} s.", hint=f"See {log}."
        ) from None
    except ValidationError:
        raise ServingFailed(
            f"The model's server did not start: {_last_words(log)}", hint=f"See {log}."
        ) from None
    finally:
        transport.close()


def _last_words(log: Path) -> str:
    text = log.read_text(encoding="utf-8", errors="replace").strip()
    return " ".join(text[-_TAIL:].split()) or "it said nothing"
