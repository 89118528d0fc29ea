"""What a preflight, a step and a gigabyte of training cost. By hand, on a quiet machine:

python tests/benchmarks/train.py preflight [--rows 20000]
python tests/benchmarks/train.py speed [--engine trl|unsloth] [--pairs 3]
python tests/benchmarks/train.py memory

`speed` trains the same rows with the same settings through a run of ours and through
`train_by_hand.py`, in turn, and compares seconds a step (the first step, which warms up, left out).
`memory` compares the estimate with the most that a run really held.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # before this file's folder, whose train.py this is

import train
from data.format import Format
from data.samples import worked_examples
from tests.stubs.short_rows import short_items
from train.machine import GIB
from train.rows import Item
from train.run.control import log_tail
from train.run.events import EventTail, Stepped
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
class Measured:
    """One finished run."""

    seconds_a_step: float
    peak: int
    estimate: int
    rows: Path


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("preflight", "speed", "memory"))
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--engine", choices=("trl", "unsloth"), default="trl")
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="drt-bench-") as scratch:
        folder = Path(scratch)
        if arguments.what == "preflight":
            preflight(folder, arguments.rows)
        elif arguments.what == "speed":
            speed(folder, arguments.engine, arguments.pairs, arguments.threads)
        else:
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


def speed(folder: Path, engine: str, pairs: int, threads: int) -> None:
    """Ours, then by hand, as often as asked; the ratio of the medians counts."""
    ours, by_hand = [], []
    print(f"{'pair':>4} {'ours':>8} {'by hand':>8} {'ratio':>6}   seconds a step, {engine}")
    for pair in range(pairs):
        measured = measure(folder, {"engine": engine}, threads)
        ours.append(measured.seconds_a_step)
        script = [
            sys.executable,
            "-P",
            str(HERE / "train_by_hand.py"),
            engine,
            str(measured.rows),
            str(STEPS),
            str(threads),
        ]
        said = subprocess.run(script, cwd=folder, capture_output=True, text=True, check=True).stdout
        by_hand.append(float(json.loads(said.splitlines()[-1])["seconds_a_step"]))
        print(f"{pair:>4} {ours[-1]:>8.2f} {by_hand[-1]:>8.2f} {ours[-1] / by_hand[-1]:>6.2f}", flush=True)
    print(f"median ratio {statistics.median(ours) / statistics.median(by_hand):.2f} (to reach: 1.1)")


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
    list(train.follow(run.folder))
    ended = train.observe(run.folder)
    if ended.status != "done":
        raise SystemExit(f"{ended.message}\n{log_tail(run.folder)}")
    steps = [event for event in EventTail(run.folder.events).read() if isinstance(event, Stepped)]
    report, estimate = train.read_report(run.folder), prepared.report.memory
    assert report.peak_memory is not None
    assert estimate is not None
    return Measured(
        seconds_a_step=(steps[-1].at - steps[0].at) / (len(steps) - 1),
        peak=report.peak_memory,
        estimate=estimate.total,
        rows=run.folder.train_rows,
    )


if __name__ == "__main__":
    main()
