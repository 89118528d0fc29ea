"""What a person at the review screen waits for: `python tests/benchmarks/screen.py [--quick] [--only PART]`.

The program runs in a real pseudo-terminal, against a server that streams on loopback. A key is timed
from the write to the terminal until the terminal has what the key makes appear.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.ids import new_id
from data.records import Candidate, Seen, Sentence
from data.store import Dataset, ProjectFolder
from drt_tui.keygate import HELD_SECONDS
from drt_tui.review.desk import Desk
from drt_tui.review.drafts import Drafts
from drt_tui.review.ordering import in_order
from drt_tui.review.queue import ReviewQueue
from drt_tui.running.engines import Order
from drt_tui.running.generation import Generation
from pipeline.events import CandidateReady, Event
from tests.benchmarks._keys import Press, Timings
from tests.benchmarks._streams import TOKENS_A_SECOND, StreamingServer
from tests.benchmarks._terminal import Screen
from tests.benchmarks.store import Measured, fill, sentences
from tests.stubs.session import candidate
from tests.stubs.warp import run_warped

ROOT = Path(__file__).parents[2]
STREAMS = 8
FIRST_READY = 100
"""Place of the first sentence that gets a candidate: far behind those that stream."""
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
LINE = (
    Press("n, opens a line", b"n", rb"note"),
    Press("q, typed", b"q", rb"q"),
    Press("esc, leaves it", b"\x1b", rb"output only"),
)
REFERENCE = (
    Press("R, reference", b"R", rb"no reference|acquaintances"),
    Press("R, away", b"R", "넓어서".encode()),
)
AT_A_STREAM = (
    *LINE,
    *REFERENCE,
    Press("x, reasons", b"x", rb"meaning"),
    Press("esc, leaves them", b"\x1b", rb"output only"),
)
AT_A_CANDIDATE = (
    Press("d, differences", b"d", rb"differences"), Press("d, thought", b"d", rb"thought"),
    Press("t, loop", b"t", rb"loop"), Press("down, a stage", b"\x1b[B", "›".encode()),
    Press("t, thought", b"t", rb"thought"), Press("T, whole", b"T", rb"words"), Press("T, folded", b"T", rb"words"),
    Press("[, older", b"[", rb"candidate 1 of 2"), Press("], newer", b"]", rb"candidate 2 of 2"), *LINE, *REFERENCE,
)  # fmt: skip


def load() -> str:
    """Say how busy the machine is with other things; on a busy one only processor times tell much."""
    return f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


def starting(folder: Path, rounds: int, rows: int) -> Iterator[Measured]:
    """Time from the start of the process to a screen that takes keys."""
    times, memory, cpu = [], [], []
    for number in range(rounds + 1):
        screen = Screen(folder)
        seconds = screen.until(rb"accept")
        if number == 0:  # what an installation would have compiled has been compiled now
            screen.close()
            continue
        times.append(seconds)
        memory.append(screen.memory)
        cpu.append(screen.cpu)
        screen.close()
    detail = f"median of {rounds}, from {min(times):.2f} to {max(times):.2f} s; {load()}"
    yield Measured(f"first usable screen, {rows:,} rows, s", statistics.median(times), 1.0, detail)
    yield Measured("  its processor time, s", statistics.median(cpu), 1.0, f"from {min(cpu):.2f}")
    yield Measured("resident memory then, MB", statistics.median(memory), 200, "")


def keys(folder: Path, server: StreamingServer, rounds: int) -> Iterator[Measured]:
    """Time what is pressed while eight items stream: first with one of them in front, then with ready ones."""
    screen = Screen(folder)
    screen.until(rb"word word")
    while server.streams < STREAMS:
        time.sleep(0.1)
    time.sleep(3.0)  # the libraries that the first sentence brings in
    timings = Timings()
    began, before = time.perf_counter(), screen.cpu
    for _ in range(rounds):
        for press in AT_A_STREAM:
            timings.press(screen, press)
    make_ready(folder, rounds + 2)
    screen.press(b"g")
    screen.until(rb"go to")
    screen.press(b"%d\r" % (FIRST_READY + 1))
    screen.until(rb"candidate 2 of 2")
    for number in range(rounds):
        deciding = deciding_press(number)
        decided = time.perf_counter()
        for press in AT_A_CANDIDATE:
            timings.press(screen, press)
        while time.perf_counter() - decided < HELD_SECONDS:  # the same key would be one held down
            time.sleep(0.05)
        for press in deciding:
            timings.press(screen, press)
    share = (screen.cpu - before) / (time.perf_counter() - began)
    screen.close()
    yield from timings.told(f"key to screen, {STREAMS} × {TOKENS_A_SECOND} tokens/s, p95, ms", 33)
    yield Measured("  share of one core meanwhile", share, 0.5, load())


def fill_new(folder: ProjectFolder, count: int) -> None:
    """Make a project in which nothing was generated yet."""
    folder.root.mkdir()
    with Dataset.open(folder) as dataset:
        dataset.add_sentences(sentences(count))


def make_ready(folder: Path, count: int) -> None:
    """Give sentences far behind two candidates each, as another process would."""
    with Dataset.open(ProjectFolder(folder)) as dataset:
        for sentence in dataset.ids()[FIRST_READY : FIRST_READY + count]:
            for _ in range(2):
                dataset.add_candidate(candidate(dataset.sentence(sentence), new_id()))


def deciding_press(number: int) -> tuple[Press, ...]:
    """Return what decides about the item of a round: every other is accepted, the rest rejected."""
    done = number // 2 + 1
    if number % 2 == 0:
        return (Press("a, decides", b"a", rb"accepted +%d\D" % done),)
    return (Press("x, reasons", b"x", rb"meaning"), Press("1, decides", b"1", rb"rejected +%d\D" % done))


def table(folder: Path, rows: int) -> Iterator[Measured]:
    """Open the dataset screen and hold the down key."""
    screen = Screen(folder)
    screen.until(rb"accept")
    time.sleep(1.0)
    opened, cpu = [], []
    for _ in range(5):
        before = screen.cpu
        screen.press(b"l")
        opened.append(screen.until(rb"findings, output"))
        cpu.append(screen.cpu - before)
        screen.press(b"q")
        screen.until(rb"accept")
    yield Measured(f"dataset screen, {rows:,} rows, opens, s", statistics.median(opened), 0.3, load())
    yield Measured("  its processor time, s", statistics.median(cpu), 0.3, "median of 5")
    screen.press(b"l")
    screen.until(rb"findings, output")
    seconds, pages = 3.0, 0
    began, before = time.perf_counter(), screen.cpu
    frames = 0
    while time.perf_counter() - began < seconds:
        screen.write(b"\x1b[6~")
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
    parser.add_argument("--only", choices=("start", "keys", "table", "waiting"))
    arguments = parser.parse_args()
    quick = arguments.quick
    small, large, rounds, presses = (2_000, 5_000, 3, 5) if quick else (22_000, 100_000, 7, 30)
    server = StreamingServer()
    url = server.start()
    with tempfile.TemporaryDirectory(prefix="drt-screen-") as root:

        def project(name: str, count: int, make: Callable[[ProjectFolder, int], None] = fill) -> Path:
            folder = Path(root) / name
            make(ProjectFolder(folder), count)
            (folder / "drt.toml").write_text(SETTINGS.format(url=url, prefetch=STREAMS - 1), encoding="utf-8")
            return folder

        measurements: dict[str, Callable[[], Iterator[Measured]]] = {
            "start": lambda: starting(project("small", small), rounds, small),
            "keys": lambda: keys(project("new", 200, fill_new), server, presses),
            "table": lambda: table(project("large", large), large),
            "waiting": waiting,
        }
        for name, measure in measurements.items():
            if arguments.only in (None, name):
                for line in measure():
                    print(line, flush=True)


if __name__ == "__main__":
    main()
