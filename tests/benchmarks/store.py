"""What the store costs, and against what: `python tests/benchmarks/store.py [--quick]`.

Every ratio is of two things measured in turns in this one run, so a busy machine slows both alike.
"""

from __future__ import annotations

import argparse
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tinydb import TinyDB, where

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.ids import new_id
from data.records import Candidate, Decision, Draft, Sentence, Status, sentence_id
from data.store import Dataset, ProjectFolder, StageLog
from data.store.judging import Judging
from tests.stubs.made_up import a_call

THOUGHT = "발이 넓다 speaks of feet, yet nobody means feet here. 그래서 뜻을 옮긴다. " * 12
OUTPUT = "He is so well connected that he knows everyone. " * 4


@dataclass(frozen=True, slots=True)
class Measured:
    """A line of the table: a figure, what it must not exceed, and where both come from."""

    what: str
    figure: float
    reach: float
    detail: str
    at_least: bool = False

    def __str__(self) -> str:
        good = self.figure >= self.reach if self.at_least else self.figure <= self.reach
        sign = "≥" if self.at_least else "≤"
        return f"{self.what:<58}{self.figure:>9.3g}  {sign} {self.reach:<6g}{'ok' if good else 'NO':<4}{self.detail}"


def sentences(count: int) -> Iterator[Sentence]:
    """Yield sentences with groups, references and a place in a file."""
    for number in range(count):
        source = f"그는 발이 넓어서 {number} 명을 안다."
        yield Sentence(id=sentence_id(source), source=source, group=f"관용구 {number % 900}", position=number)


def candidate(sentence: str, score: int) -> Candidate:
    """Return a candidate of about 3 KB, half of it Hangul."""
    drafts = (Draft(text=OUTPUT, score=score, reason="flat"), Draft(text=OUTPUT, score=score))
    return Candidate(id=new_id(), sentence=sentence, thought=THOUGHT, output=OUTPUT, drafts=drafts)


def fill(folder: ProjectFolder, count: int) -> None:
    """Make a project whose sentences all have a candidate, one in four of them accepted, all folded."""
    with Dataset.open(folder) as dataset:
        dataset.add_sentences(sentences(count))
        ids = dataset.ids()
        for start in range(0, count, 500):
            with dataset._storage.transaction() as transaction:
                for sentence in ids[start : start + 500]:
                    Judging(transaction).add_candidate(candidate(sentence, hash(sentence) % 101))
        for start in range(0, count, 2000):
            with dataset._storage.transaction() as transaction:
                for sentence in ids[start : start + 500]:
                    Judging(transaction).decide(accepting(sentence))
        dataset.fold()


def accepting(sentence: str) -> Decision:
    """Return a decision that accepts the newest candidate."""
    return Decision(id=new_id(), sentence=sentence, kind="accept", by="mina")


def timed(work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter) -> float:
    """Return the seconds that a call takes."""
    start = clock()
    work()
    return clock() - start


def decisions(root: Path, small: int, large: int, rounds: int) -> Iterator[Measured]:
    """Compare a decision in a small and a large project, and SQLite storing the same row, in turns."""
    datasets = [Dataset.open(ProjectFolder(root / str(count)), annotator="mina") for count in (small, large)]
    database = sqlite3.connect(root / "rows.sqlite", isolation_level=None)
    database.execute("pragma journal_mode=wal")
    database.execute("pragma synchronous=full")
    database.execute("create table rows (id text primary key, document blob)")
    todo = [dataset.ids({Status.GENERATED}) for dataset in datasets]
    times: list[list[float]] = [[], [], []]
    for turn in range(rounds + 5):
        spent = []
        for dataset, ids in zip(datasets, todo, strict=True):
            decision = accepting(ids[turn])
            before = dataset.folder.journal.stat().st_size
            spent.append(timed(lambda dataset=dataset, decision=decision: dataset.decide(decision)))
        with datasets[1].folder.journal.open("rb") as journal:
            journal.seek(before)
            line = journal.read()
        row = (new_id(), line)
        spent.append(timed(lambda row=row: database.execute("insert into rows values (?, ?)", row)))
        if turn >= 5:
            for one, seconds in zip(times, spent, strict=True):
                one.append(seconds)
    at_small, at_large, at_sqlite = (statistics.median(one) * 1000 for one in times)
    yield Measured(
        f"decision at {large:,} rows / at {small:,} rows",
        at_large / at_small,
        1.2,
        f"p50 {at_large:.3f} ms, {at_small:.3f} ms",
    )
    yield Measured(
        f"decision at {large:,} rows / SQLite (WAL, FULL), same row",
        at_large / at_sqlite,
        1.5,
        f"p50 {at_large:.3f} ms, {at_sqlite:.3f} ms, row of {len(line):,} bytes",
    )
    yield against_stock(root, at_large)


def against_stock(root: Path, ours: float, count: int = 7500) -> Measured:
    """Compare with TinyDB's own storage changing one of 7,500 rows."""
    rows = {str(n): candidate(f"s{n}", 80).model_dump(mode="json") for n in range(1, count + 1)}
    path = root / "stock.json"
    path.write_text(json.dumps({"candidates": rows}, ensure_ascii=False), encoding="utf-8")
    with TinyDB(path, encoding="utf-8", ensure_ascii=False) as stock:
        table = stock.table("candidates")
        times = [
            timed(lambda n=n: table.update({"seed": n}, where("sentence") == f"s{n}")) for n in range(1, 4)
        ]
    theirs = statistics.median(times) * 1000
    return Measured(
        f"stock TinyDB at {count:,} rows / decision",
        theirs / ours,
        100,
        f"{theirs:.0f} ms, {ours:.3f} ms",
        at_least=True,
    )


def in_child(task: str, path: Path, count: int = 0) -> Any:
    """Run a task in a process of its own, whose memory is nobody else's."""
    command = [sys.executable, __file__, "--child", task, str(path), str(count)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def peak() -> float:
    """Return the most memory that this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def opening(root: Path, count: int, seconds: float) -> Iterator[Measured]:
    """Open a project in fresh processes."""
    runs = [in_child("open", root / str(count)) for _ in range(5)]
    median = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
    size = (root / str(count) / "dataset.json").stat().st_size / 1e6
    detail = f"dataset.json {size:.0f} MB; its first candidate {median['first']:.3f} s more"
    yield Measured(f"open {count:,} rows, s", median["open"], seconds, detail)
    yield Measured("peak memory of that process, MB", median["peak"], 450, "ru_maxrss, median of 5")


def open_and_look(folder: ProjectFolder, _: int) -> dict[str, float]:
    """Open a project and read one candidate."""
    start = time.perf_counter()
    dataset = Dataset.open(folder, read_only=True)
    opened = time.perf_counter()
    sentence = dataset.next_id({Status.GENERATED})
    assert sentence is not None
    dataset.candidate(dataset.candidates_of(sentence)[-1])
    return {"open": opened - start, "first": time.perf_counter() - opened, "peak": peak()}


def sorting(root: Path, count: int) -> Measured:
    """Filter and sort all rows by what the index knows."""
    with Dataset.open(ProjectFolder(root / str(count)), read_only=True) as dataset:

        def work() -> None:
            found = (row for row in dataset.rows({Status.GENERATED, Status.ACCEPTED}) if "x" not in row.codes)
            sorted(found, key=lambda row: -(row.score or 0))

        times = [timed(work) for _ in range(7)]
    return Measured(
        f"filter and sort {count:,} rows, ms", statistics.median(times) * 1000, 100, "median of 7"
    )


def importing(root: Path, count: int) -> Measured:
    """Add sentences to an empty project."""
    rows = list(sentences(count))
    with Dataset.open(ProjectFolder(root / "imported")) as dataset:
        seconds = timed(lambda: dataset.add_sentences(rows))
    return Measured(f"import {count:,} rows, s", seconds, 2, "")


def tracing(root: Path, calls: int) -> Iterator[Measured]:
    """Append calls to the stage log, and find them."""
    told = in_child("trace", root / "traced", calls)
    yield Measured("append a call, µs", told["append"] * 1e6, 100, "p50, from record to system")
    yield Measured("find a call, µs", told["find"] * 1e6, 200, "p50 of 500")
    yield Measured(f"memory for {calls:,} calls, MB", told["grown"], 40, "growth of ru_maxrss")


def trace(folder: ProjectFolder, calls: int) -> dict[str, float]:
    """Append and find calls."""
    folder.root.mkdir()
    made = a_call(reply=OUTPUT)
    before = peak()
    appended = []
    with StageLog(folder) as log:
        for number in range(calls):
            call = made.model_copy(update={"key": f"k{number}"})
            appended.append(timed(lambda call=call: log.append(call)))
        appended = [statistics.median(appended)]
        found = [
            timed(lambda number=number: log.find(f"k{number}")) for number in range(0, calls, calls // 500)
        ]
    return {"append": appended[0], "find": statistics.median(found), "grown": peak() - before}


def claiming(root: Path) -> Measured:
    """Claim and release sentences."""
    folder = ProjectFolder(root / "traced")
    with Dataset.open(folder) as dataset:

        def work(number: int) -> None:
            lease = dataset.claim(f"s{number}", "generate")
            assert lease is not None
            lease.release()

        times = [timed(lambda number=number: work(number)) for number in range(2000)]
    return Measured("claim and release, ms", statistics.median(times) * 1000, 0.2, "p50 of 2,000")


CHILD_TASKS: dict[str, Callable[[ProjectFolder, int], Any]] = {
    "fill": fill,
    "open": open_and_look,
    "trace": trace,
}


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        task, path, count = arguments.child
        print(json.dumps(CHILD_TASKS[task](ProjectFolder(Path(path)), int(count))))
        return
    scale = 10 if arguments.quick else 1
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for count in (1000, 22_000 // scale, 100_000 // scale):
            in_child("fill", root / str(count), count)
        report(tracing(root, 120_000 // scale))  # first: a child inherits its parent's peak of memory
        report([claiming(root)])
        report(opening(root, 22_000 // scale, 0.3))
        report(opening(root, 100_000 // scale, 1.2))
        report([sorting(root, 100_000 // scale), importing(root, 22_000 // scale)])
        report(decisions(root, 1000, 100_000 // scale, 300))


def report(lines: Iterable[Measured]) -> None:
    """Print lines of the table as soon as they are measured."""
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
