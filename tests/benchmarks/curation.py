"""What the review screen says of texts, against labels by hand, and how fast: `python tests/benchmarks/curation.py`."""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from drt_tui.review.diff import diff
from drt_tui.review.folding import fold
from tests.benchmarks.store import Measured
from tests.unit.drt_tui.test_coherence import CASES as CHAINS
from tests.unit.drt_tui.test_coherence import precision_and_recall
from tests.unit.drt_tui.test_folding import CASES, HELD_OUT, shares, thought_of

LENGTH = 3_000
ROUNDS = 25
KOREAN = "그는 발이 넓어서 아는 사람이 많다고들 하지만 정작 어려울 때 찾아갈 사람은 없었다. "
ENGLISH = "He was said to be well connected, yet he had nobody to turn to when he was in trouble. "
CHINESE = "他人脉很广，可是真正遇到困难的时候，却没有一个人可以依靠。"
FAMILIES = "👨‍👩‍👧 e\u0301toile 한글 "


def folding() -> Iterator[Measured]:
    """Shares of arguing sentences that are shown and of filler that is folded."""
    for name, cases in (("40 thoughts it was made with", CASES), ("10 written afterwards", HELD_OUT)):
        shown, folded = shares(cases)
        yield Measured(f"folding, {name}: arguing sentences shown", shown, 0.95, "", at_least=True)
        yield Measured("  filler folded", folded, 0.85, "", at_least=True)


def coherence() -> Iterator[Measured]:
    """Precision and recall of the sentences marked as stale."""
    precision, recall = precision_and_recall()
    yield Measured(f"stale sentences of {len(CHAINS)} chains, precision", precision, 0.9, "", at_least=True)
    yield Measured("  recall", recall, 0.8, "", at_least=True)


def differences() -> Iterator[Measured]:
    """Time a difference of two long texts that share most of their words, and of two that share few."""
    for name, text in (
        ("Korean", KOREAN),
        ("English", ENGLISH),
        ("Chinese", CHINESE),
        ("clusters", FAMILIES),
    ):
        old = (text * (LENGTH // len(text) + 1))[:LENGTH]
        words = old.split(" ") if " " in old else re.findall("..?", old)
        touched = old
        for word in words[3::7]:
            touched = touched.replace(word, word[::-1], 1)
        turned = " ".join(reversed(words))
        for how, new in (("touched up", touched), ("turned round", turned)):
            took = milliseconds(lambda old=old, new=new: diff(old, new))
            yield Measured(f"difference of {LENGTH:,} characters, {name}, {how}, ms", took, 5, "")


def looks() -> Iterator[Measured]:
    """Time the folding of a long thought."""
    longest = max(map(thought_of, CASES), key=lambda thought: len(thought.text))
    took = milliseconds(lambda: fold(longest))
    yield Measured(f"folding a thought of {len(longest.text):,} characters, ms", took, 5, "")


def milliseconds(do: Callable[[], object]) -> float:
    """Return the median processor time of several rounds."""
    times = []
    for _ in range(ROUNDS):
        began = time.process_time()
        do()
        times.append(time.process_time() - began)
    return statistics.median(times) * 1000


def main() -> None:
    """Print the table."""
    for measure in (folding, coherence, differences, looks):
        for line in measure():
            print(line, flush=True)


if __name__ == "__main__":
    main()
