"""What a person at the review screen waits for: `python tests/benchmarks/screen.py [--quick]`.

The program runs in a real pseudo-terminal, against a server that streams on loopback. A key is timed
from the write to the terminal until the terminal has what the key makes appear.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import json
import multiprocessing
import os
import pty
import re
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.ids import new_id
from data.records import Candidate, Seen, Sentence
from data.store import Dataset, ProjectFolder
from drt_tui.desk import Desk
from drt_tui.drafts import Drafts
from drt_tui.engines import Order
from drt_tui.generation import Generation
from drt_tui.ordering import in_order
from drt_tui.queue import ReviewQueue
from pipeline.events import CandidateReady, Event
from tests.benchmarks.store import Measured, fill, sentences
from tests.stubs.warp import run_warped

ROOT = Path(__file__).parents[2]
TOKENS_A_SECOND = 100
STREAMS = 8
PATIENCE = 60.0
SETTINGS = """
[project]
source = "ko"
target = "en"
[models.fake]
base_url = "{url}"
model = "fake"
concurrency = 16
[review]
prefetch = {prefetch}
"""
_ASKS_FOR_FRAMES = b"\x1b[?2026$p"
_BRACKETS_FRAMES = b"\x1b[?2026;2$y"
_END_OF_FRAME = b"\x1b[?2026l"
_ESCAPES = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\x1b[=>()][0-9A-Z]?")


class StreamingServer:
    """Streams words for ever, each stream at the same speed, from a process of its own; counts its streams."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._streams = context.Value("i", 0)
        self._port_number = context.Value("i", 0)
        self._process = context.Process(target=_serve, args=(self._streams, self._port_number), daemon=True)

    def start(self) -> str:
        """Begin to serve and return the address."""
        self._process.start()
        while not self._port_number.value:
            time.sleep(0.01)
        return f"http://127.0.0.1:{self._port_number.value}/v1"

    @property
    def streams(self) -> int:
        """How many streams are open."""
        return int(self._streams.value)


def _serve(streams: Any, port: Any) -> None:
    asyncio.run(_Streams(streams, port).serve())


class _Streams:
    """The inside of that process."""

    def __init__(self, streams: Any, port: Any) -> None:
        self._count, self._port = streams, port

    async def serve(self) -> None:
        """Serve until the process ends."""
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._complete)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self._port.value = runner.addresses[0][1]
        await asyncio.Event().wait()

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        stage = request.headers.get("X-DRT-Stage", "")
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        if stage == "keywords":
            await response.write(chunk('{"keywords": []}') + chunk(None) + b"data: [DONE]\n\n")
            return response
        self._count.value += 1
        began, sent = time.monotonic(), 0
        with suppress(ConnectionError):
            while True:
                due = int((time.monotonic() - began) * TOKENS_A_SECOND)
                for _ in range(sent, due):
                    await response.write(chunk("word "))
                sent = max(sent, due)
                await asyncio.sleep(1 / TOKENS_A_SECOND)
        self._count.value -= 1
        return response


def chunk(text: str | None) -> bytes:
    """Return a piece of a streamed answer; `None` ends it."""
    choice = {
        "index": 0,
        "delta": {"content": text} if text else {},
        "finish_reason": None if text else "stop",
    }
    body = {"id": "c", "object": "chat.completion.chunk", "created": 0, "model": "fake", "choices": [choice]}
    return b"data: " + json.dumps(body).encode() + b"\n\n"


class Screen:
    """The program in a pseudo-terminal."""

    def __init__(
        self, folder: Path, *, width: int = 120, height: int = 40, command: list[str] | None = None
    ) -> None:
        """Start `drt-tui review` on a project, or another command."""
        self._began = time.perf_counter()
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        environment = os.environ | {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        self.process = subprocess.Popen(
            command or [sys.executable, "-P", "-m", "drt_tui", "review", "--project", str(folder)],
            stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True,
        )  # fmt: skip
        os.close(slave)

    def read(self) -> bytes:
        """Return what the terminal was sent; say, as most terminals do, that frames may be bracketed."""
        told = os.read(self._master, 1 << 20)
        if _ASKS_FOR_FRAMES in told:
            os.write(self._master, _BRACKETS_FRAMES)
        return told

    def until(self, pattern: bytes) -> float:
        """Read until something appears; return the seconds since the start, or since the last key."""
        told = b""
        deadline = time.perf_counter() + PATIENCE
        while time.perf_counter() < deadline:
            if not select.select([self._master], [], [], 0.5)[0]:
                continue
            told += self.read()
            if re.search(pattern, _ESCAPES.sub(b"", told)):
                return time.perf_counter() - self._began
            told = told[-20_000:]
        raise TimeoutError(f"never saw {pattern!r}; last: {_ESCAPES.sub(b'', told)[-2000:]!r}")

    def press(self, keys: bytes) -> None:
        """Press keys, after reading what is left from before."""
        while select.select([self._master], [], [], 0)[0]:
            self.read()
        self._began = time.perf_counter()
        os.write(self._master, keys)

    def drain(self, seconds: float) -> int:
        """Read for a while; return how many frames came."""
        frames, deadline = 0, time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            if select.select([self._master], [], [], left)[0]:
                frames += self.read().count(_END_OF_FRAME)
        return frames

    @property
    def memory(self) -> int:
        """Resident megabytes, of which nothing is shared with another process worth telling."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) // 1024

    @property
    def cpu(self) -> float:
        """Seconds of processor time that it took so far, which a busy machine does not lengthen."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the program."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._master)


def load() -> str:
    """Say how busy the machine is with other things; on a busy one only processor times tell much."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def starting(folder: Path, rounds: int, rows: int) -> Iterator[Measured]:
    """Time from the start of the process to a screen that takes keys."""
    times, memory, cpu = [], [], []
    for _ in range(rounds):
        screen = Screen(folder)
        times.append(screen.until(rb"accept"))
        memory.append(screen.memory)
        cpu.append(screen.cpu)
        screen.close()
    detail = f"median of {rounds}, from {min(times):.2f} to {max(times):.2f} s; {load()}"
    yield Measured(f"first usable screen, {rows:,} rows, s", statistics.median(times), 1.0, detail)
    yield Measured("  its processor time, s", statistics.median(cpu), 1.0, f"from {min(cpu):.2f}")
    yield Measured("resident memory then, MB", statistics.median(memory), 200, "")


def keys(folder: Path, server: StreamingServer, count: int) -> Iterator[Measured]:
    """Time keys while eight items stream, one of them in front."""
    screen = Screen(folder)
    screen.until(rb"word word")
    while server.streams < STREAMS:
        time.sleep(0.1)
    times = []
    began, before = time.perf_counter(), screen.cpu
    for number in range(count):
        for key, shows in ((b"n", rb"note"), (b"q", rb"q"), (b"\x1b", rb"accept|word")):
            screen.press(key)
            if key == b"\x1b":
                time.sleep(0.15)  # a lone escape is told from a sequence by waiting: not ours to time
                continue
            times.append(screen.until(shows))
        screen.press(b"R")
        times.append(screen.until(rb"reference|word"))
        time.sleep(0.02 + 0.013 * (number % 7))
    share = (screen.cpu - before) / (time.perf_counter() - began)
    screen.close()
    ordered = sorted(times)
    p95 = ordered[int(0.95 * len(ordered))] * 1000
    detail = (
        f"p50 {statistics.median(ordered) * 1000:.1f} ms, worst {ordered[-1] * 1000:.1f}, {len(ordered)} keys"
    )
    yield Measured(f"key to screen, {STREAMS} × {TOKENS_A_SECOND} tokens/s, p95, ms", p95, 33, detail)
    yield Measured("  share of one core meanwhile", share, 0.5, load())


def table(folder: Path, rows: int) -> Iterator[Measured]:
    """Open the dataset screen and hold the down key."""
    screen = Screen(folder)
    screen.until(rb"accept")
    time.sleep(1.0)
    opened, cpu = [], []
    for _ in range(5):
        before = screen.cpu
        screen.press(b"l")
        opened.append(screen.until(rb"review all"))
        cpu.append(screen.cpu - before)
        screen.press(b"q")
        screen.until(rb"accept")
    yield Measured(f"dataset screen, {rows:,} rows, opens, s", statistics.median(opened), 0.3, load())
    yield Measured("  its processor time, s", statistics.median(cpu), 0.3, "median of 5")
    screen.press(b"l")
    screen.until(rb"review all")
    seconds, pages = 3.0, 0
    began, before = time.perf_counter(), screen.cpu
    frames = 0
    while time.perf_counter() - began < seconds:
        os.write(screen._master, b"\x1b[6~")
        pages += 1
        frames += screen.drain(1 / 60)
    yield Measured(
        "scrolling by pages, frames/s",
        frames / seconds,
        30,
        f"{pages / seconds:.0f} keys/s were sent",
        at_least=True,
    )
    took = max(screen.cpu - before, 0.01)
    yield Measured("  frames in a second of processor time", frames / took, 30, load(), at_least=True)
    screen.close()


class PatientLoop:
    """An engine that takes its time over each sentence."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def run(self, sentence: Sentence, order: Order) -> AsyncIterator[Event]:
        await asyncio.sleep(self._seconds)
        yield CandidateReady(
            sentence.id, Candidate(id=new_id(), sentence=sentence.id, thought="t", output="o")
        )


async def waits(folder: Path, *, items: int, person: float, loop: float, at_once: int) -> list[float]:
    """Return how long a person waits before each item, with the real queue, desk and generation."""
    clock = asyncio.get_running_loop().time
    with Dataset.open(ProjectFolder(folder)) as dataset:
        dataset.add_sentences(sentences(items + 20))

        @asynccontextmanager
        async def opened() -> AsyncIterator[PatientLoop]:
            yield PatientLoop(loop)

        generation = Generation(dataset, opened, at_once=at_once)
        queue = ReviewQueue(dataset, in_order(dataset, "file"))
        drafts = Drafts(folder / "drafts", "mina")
        desk = Desk(dataset, generation, queue, drafts, prefetch=at_once - 1, examine=lambda *_: ())

        def ended(message: object) -> None:
            if isinstance(message, Generation.PassEnded):
                queue.note_ready(message.sentence)
                desk.look_ahead(in_front)

        generation.tell = ended
        running = asyncio.create_task(generation.run())
        waited = []
        for _ in range(items):
            began = clock()
            in_front = queue.advance()
            assert in_front is not None
            desk.look_ahead(in_front)
            while not dataset.row(in_front).candidates:  # noqa: ASYNC110  a clock that jumps
                await asyncio.sleep(0.1)
            waited.append(clock() - began)
            await asyncio.sleep(person)
            desk.accept(desk.load(in_front), Seen())
        running.cancel()
        await asyncio.wait([running])
    return waited


def waiting() -> Iterator[Measured]:
    """Reckon a person's waiting: 20 s an item, a loop of 30 s, 4 in flight, on a clock that jumps."""
    with tempfile.TemporaryDirectory() as folder:
        waited = run_warped(waits(Path(folder), items=40, person=20.0, loop=30.0, at_once=4))
    yield Measured(
        "waiting after the first item, s in all", sum(waited[1:]), 0, f"for the first {waited[0]:.0f} s"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer rows and rounds")
    quick = parser.parse_args().quick
    small, large, rounds, presses = (2_000, 5_000, 3, 20) if quick else (22_000, 100_000, 7, 60)
    server = StreamingServer()
    url = server.start()
    with tempfile.TemporaryDirectory(prefix="drt-screen-") as root:
        folders = {name: Path(root) / name for name in ("small", "new", "large")}
        fill(ProjectFolder(folders["small"]), small)
        fill(ProjectFolder(folders["large"]), large)
        folders["new"].mkdir()
        with Dataset.open(ProjectFolder(folders["new"])) as dataset:
            dataset.add_sentences(sentences(200))
        for folder in folders.values():
            (folder / "drt.toml").write_text(SETTINGS.format(url=url, prefetch=STREAMS - 1), encoding="utf-8")
        measurements: list[Callable[[], Iterator[Measured]]] = [
            lambda: starting(folders["small"], rounds, small),
            lambda: keys(folders["new"], server, presses),
            lambda: table(folders["large"], large),
            waiting,
        ]
        for measure in measurements:
            for line in measure():
                print(line, flush=True)


if __name__ == "__main__":
    main()
