"""How full an evaluation keeps its slots, and what the figures take afterwards.

    python -m tests.benchmarks.evaluate [--items 2000] [--concurrency 64] [--latency 0.6]

The command runs as its users run it, against a fake endpoint with lognormal latencies in a process of
its own. `slots busy` is the mean number of calls in flight through the ceiling, from the first full
moment until nothing waits. The client's CPU is that of the command, start and figures included.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.records import Reference, Sentence, sentence_id
from data.store import Dataset, ProjectFolder

_WORDS = [
    "time",
    "way",
    "people",
    "house",
    "river",
    "stone",
    "night",
    "bird",
    "hand",
    "road",
    "wind",
    "heart",
    "fire",
    "water",
    "song",
    "king",
]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--latency", type=float, default=0.6, help="median, in seconds")
    parser.add_argument("--contenders", default="model:main,model:main+drt")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place, _endpoint(arguments.latency) as url:
        folder = Path(place)
        _project(folder, url, arguments.items)
        first = _evaluate(folder, arguments.contenders, arguments.concurrency)
        again = _evaluate(folder, arguments.contenders, arguments.concurrency)
    print(f"{arguments.items:,} items · {arguments.concurrency} in flight · load {os.getloadavg()[0]:.1f}")
    print(f"{'':24}{'first run':>12}{'all kept':>12}")
    for name in ("seconds", "cpu"):
        print(f"{name:24}{first[name]:12.1f}{again[name]:12.1f}")
    busy = first["busy"]
    print(f"{'slots busy':24}{'–' if busy is None else f'{100 * busy:.1f} %':>12}{'':>12}")
    print(f"{'answers made':24}{first['made']:12,}{again['made']:12,}")


def _evaluate(folder: Path, contenders: str, concurrency: int) -> dict[str, float]:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(
        [
            sys.executable, "-P", "-m", "drt_tui", "--project", folder, "evaluate", "--contenders", contenders,
            "--concurrency", str(concurrency), "--json",
        ],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "OPENAI_API_KEY": "none"},
    )  # fmt: skip
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    run = json.loads(done.stdout)["this_run"]
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"seconds": seconds, "cpu": cpu, "busy": run["utilisation"], "made": run["answers_made"]}


def _project(folder: Path, url: str, items: int) -> None:
    chance = random.Random(0)
    syllables = [chr(0xAC00 + chance.randrange(11172)) for _ in range(800)]
    sentences = []
    for number in range(items):
        words = ("".join(chance.choices(syllables, k=3)) for _ in range(chance.randint(4, 12)))
        source = f"{' '.join(words)} {number}."
        reference = Reference(text=" ".join(chance.choices(_WORDS, k=12)))
        sentences.append(
            Sentence(
                id=sentence_id(source), source=source, references=(reference,), group=f"idiom {number // 15}",
                split="test",
            )
        )  # fmt: skip
    with Dataset.open(ProjectFolder(folder)) as dataset:
        dataset.add_sentences(sentences)
        dataset.fold()
    (folder / "drt.toml").write_text(
        f'[project]\nsource = "ko"\ntarget = "en"\n[models.main]\nbase_url = "{url}"\nmodel = "fake"\n'
    )


@contextmanager
def _endpoint(latency: float) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stubs.endpoint", "--latency", str(latency)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
