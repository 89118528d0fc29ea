"""What a preflight, a step and a gigabyte of training cost. By hand, on a quiet machine:

python tests/benchmarks/train.py                       # all of them
python tests/benchmarks/train.py preflight [--rows 20000]
python tests/benchmarks/train.py speed [--engine trl|unsloth] [--pairs 3] [--spin]
python tests/benchmarks/train.py memory

`speed` trains the same rows with the same settings through a run of ours and through
`_train_by_hand.py`, in turn, and compares seconds a step (the first step, which warms up, left out).
Both wait for their threads in the same way, unless `--spin` leaves the other one to its own. On a busy
machine only the processor's time compares, and that with `--threads 1`.
`memory` compares the estimate with the most that a run really held.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))  # before this file's folder, whose train.py this is

import train
from data.format import Format
from data.samples import worked_examples
from tests.stubs.short_rows import short_items
from train.machine import GIB
from train.rows import Item
from train.run.control import log_tail
from train.run.events import Stepped
from train.selection import divide

HERE = Path(__file__).parent
FORMAT = Format("ko", "en")
STEPS = 12
QUICK = {
    "backbone": "built-in",
    "batch": 4,
    "accumulation": 1,
    "max_steps": STEPS,
    "schedule": "constant",
    "warmup": 0,
    "learning_rate": 1e-3,
    "probes": 0,
    "tag_rows": 8,
    "eval_every": 1000,
    "save_every": 1000,
}
MEMORY_RUNS = (
    {"engine": "trl", "batch": 4},
    {"engine": "unsloth", "batch": 8},
    {"engine": "trl", "batch": 2, "dtype": "float32", "gradient_checkpointing": True},
    {"engine": "trl", "batch": 2, "method": "full", "learning_rate": 1e-5},
)


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds a step, and those that the processor worked for it."""

    wall: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Measured:
    """One finished run."""

    pace: Pace
    peak: int
    estimate: int
    rows: Path


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("preflight", "speed", "memory", "all"), nargs="?", default="all")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--engine", choices=("trl", "unsloth"), action="append")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--spin", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="drt-bench-") as scratch:
        folder = Path(scratch)
        if arguments.what in {"preflight", "all"}:
            preflight(folder, arguments.rows)
        if arguments.what in {"speed", "all"}:
            for engine in arguments.engine or ("trl", "unsloth"):
                speed(folder, engine, arguments.pairs, arguments.threads, spin=arguments.spin)
        if arguments.what in {"memory", "all"}:
            memory(folder, arguments.threads)


def preflight(folder: Path, rows: int) -> None:
    """Rows as long as real ones: the worked examples, each a little different from its copies."""
    good = [each for each in worked_examples() if each.good]
    items = [
        Item(
            f"{n}",
            f"{each.sentence.source} ({n})",
            f"{each.candidate.thought} {n}",
            each.candidate.output,
            f"{n % 400}",
        )
        for n in range(rows)
        for each in (good[n % len(good)],)
    ]
    selection = divide([(item, None) for item in items], 0.05, 0)
    settings = train.TrainSettings(backbone="built-in", engine="trl")
    begun = time.perf_counter(), time.process_time()
    report = train.preflight(selection, settings, FORMAT, folder).report
    wall, cpu = time.perf_counter() - begun[0], time.process_time() - begun[1]
    print(
        f"{rows:,} rows, median {report.lengths.median} tokens: {wall:.1f} s ({cpu:.1f} s of CPU), ok = {report.ok}"
    )


def speed(folder: Path, engine: str, pairs: int, threads: int, *, spin: bool) -> None:
    """Ours, then by hand, as often as asked; the ratio of the medians counts."""
    ours: list[Pace] = []
    by_hand: list[Pace] = []
    print(f"{'pair':>4} {'ours':>13} {'by hand':>13} {'ratio':>11}   seconds a step (and of CPU), {engine}")
    for pair in range(pairs):
        measured = measure(folder, {"engine": engine}, threads)
        ours.append(measured.pace)
        by_hand.append(pace_by_hand(folder, engine, measured.rows, threads, spin=spin))
        print(_pace_line(str(pair), ours[-1], by_hand[-1]), flush=True)
    print(_pace_line("all", *map(_median, (ours, by_hand))), "  to reach: 1.1", flush=True)


def pace_by_hand(folder: Path, engine: str, rows: Path, threads: int, *, spin: bool) -> Pace:
    script = [sys.executable, "-P", HERE / "_train_by_hand.py", engine, rows, STEPS, threads]
    env = os.environ | ({} if spin else {"OMP_WAIT_POLICY": "PASSIVE"})
    command = [str(each) for each in script]
    said = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=True).stdout
    return Pace(**json.loads(said.splitlines()[-1]))


def _median(paces: list[Pace]) -> Pace:
    return Pace(statistics.median(each.wall for each in paces), statistics.median(each.cpu for each in paces))


def _pace_line(name: str, ours: Pace, by_hand: Pace) -> str:
    ratios = f"{ours.wall / by_hand.wall:.2f} ({ours.cpu / by_hand.cpu:.2f})"
    return (
        f"{name:>4} {ours.wall:>5.2f} ({ours.cpu:.2f}) {by_hand.wall:>5.2f} ({by_hand.cpu:.2f}) {ratios:>11}"
    )


def memory(folder: Path, threads: int) -> None:
    """One line a run."""
    print(f"{'estimate':>9} {'measured':>9} {'ratio':>6}   GiB")
    for changes in MEMORY_RUNS:
        measured = measure(folder, changes, threads)
        ratio = measured.estimate / measured.peak
        print(
            f"{measured.estimate / GIB:>9.2f} {measured.peak / GIB:>9.2f} {ratio:>6.2f}   {changes}",
            flush=True,
        )


def measure(folder: Path, changes: dict[str, object], threads: int) -> Measured:
    settings = train.TrainSettings.model_validate(QUICK | changes | {"threads": threads})
    selection = divide([(item, None) for item in short_items(40)], 0.1, 0)
    prepared = train.preflight(selection, settings, FORMAT, folder)
    run = train.start(folder / "runs", prepared, settings)
    assert run.state is not None
    worker = psutil.Process(run.state.pid)
    ends: list[tuple[float, float]] = []
    for event in train.follow(run.folder, poll=0.02):
        if isinstance(event, Stepped):
            used = worker.cpu_times()
            ends.append((event.at, used.user + used.system))
    ended = train.observe(run.folder)
    if ended.status != "done":
        raise SystemExit(f"{ended.message}\n{log_tail(run.folder)}")
    wall, cpu = ((last - first) / (len(ends) - 1) for first, last in zip(ends[0], ends[-1], strict=True))
    report, estimate = train.read_report(run.folder), prepared.report.memory
    assert report.peak_memory is not None
    assert estimate is not None
    return Measured(
        pace=Pace(wall, cpu),
        peak=report.peak_memory,
        estimate=estimate.total,
        rows=run.folder.train_rows,
    )


if __name__ == "__main__":
    main()
