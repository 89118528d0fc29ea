"""How well and how fast running text is split into sentences. Run by hand: `python tests/benchmarks/sentences.py`.

Precision and recall of boundaries within lines that were marked by hand: those that the rules were
made with, and those that were written when the rules were done. Beside it a splitter that ends a
sentence at every mark, and Kiwi's for Korean, where it is installed. Then time and memory over a
made-up book of 400,000 words, wrapped, and over the same on one line.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.importers.running_text import read_running_text
from data.running_text import Lengths, split_sentences
from tests.stubs.books import book

LINES = Path(__file__).parents[1] / "unit/data/running_text"
WORDS = 400_000
EVERY_MARK = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])\s*(?=.)")

Splitter = Callable[[str], Iterable[str]]


def boundaries(sentences: Iterable[str]) -> set[int]:
    places, letters = set(), 0
    for sentence in sentences:
        letters += len(re.sub(r"\s", "", sentence))
        places.add(letters)
    places.discard(letters)
    return places


def measure(splitter: Splitter, rows: list[dict[str, str]]) -> tuple[float, float, int]:
    """Return precision, recall and the lines that are split exactly as marked."""
    right = wrong = missed = exact = 0
    for row in rows:
        wanted = boundaries(row["marked"].split("¦"))
        found = boundaries(splitter(row["marked"].replace("¦", "")))
        right, wrong, missed = (
            right + len(wanted & found),
            wrong + len(found - wanted),
            missed + len(wanted - found),
        )
        exact += wanted == found
    return right / max(1, right + wrong), right / max(1, right + missed), exact


def kiwi_sentences(kiwi: Any, text: str) -> list[str]:
    return [sentence.text for sentence in kiwi.split_into_sents(text)]


def quality(name: str) -> None:
    rows = [json.loads(line) for line in (LINES / name).read_text(encoding="utf-8").splitlines()]
    splitters: dict[str, Splitter] = {
        "ours": lambda text: split_sentences([text]),
        "every mark": EVERY_MARK.split,
    }
    print(f"{name}\n{'':12}{'splitter':14}{'precision':>10}{'recall':>10}{'lines as marked':>18}")
    for language in ("en", "ko", "zh", "all"):
        chosen = [row for row in rows if language in ("all", row["language"])]
        named = dict(splitters)
        if language == "ko" and find_spec("kiwipiepy"):
            from kiwipiepy import Kiwi

            named["kiwi"] = partial(kiwi_sentences, Kiwi())
        for name, splitter in named.items():
            precision, recall, exact = measure(splitter, chosen)
            print(f"{language:12}{name:14}{precision:10.3f}{recall:10.3f}{exact:11} of {len(chosen):3}")


def read(path: Path) -> None:
    """Read a book in this process and print what it took."""
    process = psutil.Process()
    before = most = process.memory_info().rss
    began = time.process_time()
    sentences = 0
    for _ in read_running_text(path, Lengths()):
        sentences += 1
        if sentences % 100 == 1:
            most = max(most, process.memory_info().rss)
    took = time.process_time() - began
    grown = (most - before) / 1e6
    size = path.stat().st_size / 1e6
    print(
        f"{path.stem:14}{size:6.1f} MB{sentences:10,} sentences{took:8.1f} s CPU{size / took:8.2f} MB/s"
        f"   memory grows by {grown:5.1f} MB"
    )


def speed(lines: list[str]) -> None:
    shapes = {
        "a tenth": "\n".join(lines[: len(lines) // 10]),
        "wrapped": "\n".join(lines),
        "one line": " ".join(lines),
    }
    with TemporaryDirectory() as folder:
        for name, text in shapes.items():
            path = Path(folder) / f"{name}.txt"
            path.write_text(text, encoding="utf-8")
            subprocess.run([sys.executable, __file__, str(path)], check=True)


def main() -> None:
    if len(sys.argv) > 1:
        read(Path(sys.argv[1]))
        return
    quality("marked_lines.jsonl")
    quality("unseen_lines.jsonl")
    print(flush=True)
    speed(list(book(WORDS)))


if __name__ == "__main__":
    main()
