"""What comparing costs: `python tests/benchmarks/compare.py RUN_FOLDER [--rounds 5] [--only memory|speed|screen]`.

RUN_FOLDER is a finished run of the built-in model. Memory is what the kernel counts (PSS, shared pages
by their share). Times of one side alone, with all threads, and of both at once are taken in turn, so that
another program's load falls on both.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.format import Format
from tests.benchmarks._keys import Press, Timings
from tests.benchmarks._streams import TOKENS_A_SECOND, StreamingServer
from tests.benchmarks._terminal import Screen
from tests.benchmarks.store import Measured
from train.evaluation.contender import Answer, Contender, Question, Sampling
from train.run.folder import RunFolder
from train.serving.asking import ServedSide
from train.serving.served import served
from train.serving.serving import Serving, about
from train.serving.side import BACKBONE_DRT, DRT, Side, sides_of_run

SOURCE = "river stone heart"
SAMPLING = Sampling(max_tokens=96)
COLUMNS = 4
MB = 1024**2
PRESSES = (
    Press("h, keeps history", b"h", rb"not as trained"), Press("h, each by itself", b"h", rb"greedy"),
    Press("i, opens a line", b"i", rb"translate"), Press("q, typed", b"q", rb"q"),
    Press("esc, leaves it", b"\x1b", rb"again"), Press("R, reference", b"R", rb"reference"),
    Press("R, away", b"R", rb" {110}"),
    Press("d, differences", b"d", rb"greedy"),
)  # fmt: skip


def pss(pid: int) -> tuple[int, int]:
    """Return a process's proportional memory in bytes, and what of it is no file's."""
    told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8")
    fields = {name: int(kib) * 1024 for name, kib in re.findall(r"^(\w+):\s+(\d+) kB", told, re.MULTILINE)}
    return fields["Pss"], fields["Pss_Anon"]


async def ask(contender: Contender) -> Answer:
    """Return a whole answer."""
    items = [item async for item in contender.translate(Question("s", SOURCE, sampling=SAMPLING))]
    assert isinstance(items[-1], Answer)
    return items[-1]


def sides(run: RunFolder) -> list[Side]:
    """Return backbone and DRT model, asked alike."""
    return [side for side in sides_of_run(run) if side.name in (BACKBONE_DRT, DRT)]


@asynccontextmanager
async def serving(chosen: list[Side], logs: Path) -> AsyncIterator[Serving]:
    """Serve, and ask once: memory is touched, files are read."""
    async with served(chosen, logs, in_turn=False, on_gpu=False) as opened:
        await asyncio.gather(*map(ask, opened.contenders))
        yield opened


async def memory(run: RunFolder, logs: Path) -> list[Measured]:
    """Compare the memory of both with that of one."""
    async with serving(sides(run)[:1], logs) as alone:
        one, own = pss(alone.servers[0].pid)
    async with serving(sides(run), logs) as both:
        together = sum(pss(server.pid)[0] for server in both.servers)
    adapter = (run.root / "serving" / "adapter.gguf").stat().st_size
    limit = (one + adapter + own) * 1.05
    detail = f"one {one / MB:.0f}, adapter {adapter / MB:.0f}, a context's buffers {own / MB:.0f} MB"
    return [Measured("PSS of both, MB", together / MB, limit / MB, detail)]


async def speed(run: RunFolder, logs: Path, rounds: int) -> list[Measured]:
    """Compare both at once with each alone, the order turned about from round to round."""
    backbone, drt = sides(run)
    firsts: list[float] = []
    wholes: list[float] = []
    for _ in range(rounds):
        alone = []
        for side in (backbone, drt):
            async with serving([side], logs) as one:
                threads = one.threads
                alone.append(await ask(one.contenders[0]))
        async with serving([backbone, drt], logs) as both:
            began = time.perf_counter()
            answers = await asyncio.gather(*map(ask, both.contenders))
            whole = time.perf_counter() - began
        pairs = list(zip(answers, alone, strict=True))
        assert all(a.completion_tokens == b.completion_tokens for a, b in pairs), "other answers, other times"
        firsts.append(max((a.first_seconds or 0) / (b.first_seconds or 1) for a, b in pairs))
        wholes.append(whole / sum(each.seconds or 0 for each in alone))
    told = f"median of {rounds}, {threads} threads alone, {both.threads} each; load {os.getloadavg()[0]:.1f}"
    return [
        Measured("slower of the first tokens, × alone", statistics.median(firsts), 2.3, told),
        Measured("both finished, × the sum of each alone", statistics.median(wholes), 1.1, told),
    ]


def screen(count: int) -> Iterator[Measured]:
    """Time keys while four columns stream."""
    server = StreamingServer()
    url = server.start()
    with tempfile.TemporaryDirectory(prefix="drt-compare-") as folder:
        opened = Screen(Path(folder), command=[sys.executable, "-P", __file__, "--app", url])
        opened.until(rb"word word")
        while server.streams < COLUMNS:
            time.sleep(0.1)
        time.sleep(2.0)  # the libraries that the first sentence brings in
        timings = Timings()
        for _ in range(count):
            for press in PRESSES:
                timings.press(opened, press)
        opened.close()
    yield from timings.told(f"key to screen, {COLUMNS} columns × {TOKENS_A_SECOND} tokens/s, p95, ms", 33)


def app(url: str) -> None:
    """Be the program that `screen` looks at: a compare screen whose columns an endpoint streams."""
    from drt_tui.app import DrtApp
    from drt_tui.comparing.lineup import Lineup
    from drt_tui.screens.compare import CompareScreen
    from pipeline.llm.address import Address
    from pipeline.llm.client import Endpoint
    from tests.stubs.comparing import hold_out
    from tests.stubs.session import project, session

    @asynccontextmanager
    async def lineup(tell: Callable[[str], None]) -> AsyncIterator[Lineup]:
        address = Address("served", "fake", url, "")
        endpoint = Endpoint(address)
        columns = [Side(f"column {number + 1}", Format("ko", "en")) for number in range(COLUMNS)]
        yield Lineup(tuple(ServedSide(side, endpoint, address, about(side)) for side in columns))
        await endpoint.close()

    with tempfile.TemporaryDirectory() as folder, project(Path(folder)) as dataset:
        hold_out(dataset)
        opened = session(dataset)
        DrtApp(opened, opening=CompareScreen(opened, lineup)).run()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path, nargs="?")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=("memory", "speed", "screen"))
    parser.add_argument("--app", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.app:
        app(arguments.app)
        return
    with tempfile.TemporaryDirectory() as logs:
        run, folder = RunFolder(arguments.run) if arguments.run else None, Path(logs)
        if run is not None and arguments.only in (None, "memory"):
            print(*asyncio.run(memory(run, folder)), sep="\n", flush=True)
        if run is not None and arguments.only in (None, "speed"):
            print(*asyncio.run(speed(run, folder, arguments.rounds)), sep="\n", flush=True)
        if arguments.only in (None, "screen"):
            print(*screen(30), sep="\n", flush=True)


if __name__ == "__main__":
    main()
