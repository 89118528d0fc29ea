"""Mining a made-up book: memory, calls, time. By hand: `python tests/benchmarks/mine.py [--words 400000]`.

The models answer within the process at once, so that what is measured is ours: reading, splitting,
asking, the stage log, the dataset. A second run over the same text shows what resuming costs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from contextlib import aclosing
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.importers.running_text import read_running_text
from data.records import Stage
from data.running_text import Lengths
from data.store import Dataset, MinedLog, ProjectFolder, StageLog
from pipeline.agents.prompts import Prompts
from pipeline.llm.request import Request
from pipeline.mining import Miner, Mining
from pipeline.survey import Seam
from tests.stubs.books import book
from tests.stubs.scripted import ScriptedModels

SLOTS = 16


def answer(request: Request[object]) -> str:
    found = "like a" in request.messages[-1].content
    return json.dumps({
        "reason": "It compares." if found else "It says what it says.", "figurative": found, "spoiled": found,
        "kinds": ["simile"] * found, "words": ["like a"] * found,
    })  # fmt: skip


class ForgetfulModels(ScriptedModels):
    """Keeps no request: what grows is then not the fake."""

    def __init__(self) -> None:
        super().__init__({Stage.MINE: [answer]})
        self.requests = _Nothing()


class _Nothing(list):  # type: ignore[type-arg]
    def append(self, item: object) -> None:
        return


async def run(path: Path, folder: ProjectFolder) -> None:
    process = psutil.Process()
    with Dataset.open(folder) as dataset, StageLog(folder) as log:
        miner = Miner(ForgetfulModels(), Prompts.load(), "en", "ko", log=log)
        with MinedLog(folder, "benchmark") as answered:
            seam = Seam(lambda: read_running_text(path, Lengths()), dataset, answered)
            began, cpu = time.monotonic(), time.process_time()
            survey = seam.survey()
            counted = time.monotonic() - began
            mining = Mining(miner, dataset, answered, seam, limit=survey.to_ask, open_sentences=SLOTS)
            after_first = 0.0
            tenth = max(1, survey.to_ask // 10)
            async with aclosing(mining.events()) as events:
                async for _ in events:
                    done = mining.report.asked
                    if done >= tenth and not after_first:
                        after_first = process.memory_info().rss / 1e6
        report, cpu = mining.report, time.process_time() - cpu
        rss = process.memory_info().rss / 1e6
    print(
        f"{survey.read:,} read · {survey.sentences:,} sentences · {survey.answered:,} answered before · "
        f"counted in {counted:.1f} s\n"
        f"{report.asked:,} asked · {report.mined:,} mined · {report.calls:,} calls · {report.seconds:.1f} s · "
        f"{cpu:.1f} s CPU\n"
        f"memory {rss:.0f} MB"
        + (f"; from a tenth on it grew by {rss - after_first:.1f} MB" if after_first else "")
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=int, default=400_000)
    words = parser.parse_args().words
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "book.txt"
        with path.open("w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in book(words))
        for title in ("first run", "again, all answered"):
            print(f"-- {title}: {words:,} words")
            asyncio.run(run(path, ProjectFolder(Path(name))))


if __name__ == "__main__":
    main()
