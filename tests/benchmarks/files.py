"""Importing, splitting, describing and exporting 22,000 rows, and what a pass over them alone takes.

Run by hand: `python tests/benchmarks/files.py`. CPU seconds of this process; the rows are shuffled
words of the sample sentences, so that they are as long as real ones and all different.
"""

from __future__ import annotations

import csv
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.exporters import Shape, export
from data.format import Format
from data.importers import ColumnMap, read_file
from data.near_duplicates import clusters
from data.records import Candidate, Decision, Draft, Example, Sentence, Status, Usage
from data.samples import sample_sentences
from data.split import follow_near_duplicates, freeze_splits
from data.stats import Judged, StatRow, collect, html_report

ROWS = 22_000


def made_up() -> Iterator[tuple[str, str, str]]:
    random = Random(0)
    words = {code: " ".join(each.source for each in sample_sentences(code)).split() for code in ("ko", "en")}
    for number in range(ROWS):
        yield (
            f"관용구 {number % 420}",
            " ".join(random.sample(words["ko"], 14)),
            " ".join(random.sample(words["en"], 24)),
        )


def example(sentence: Sentence, number: int) -> Example:
    reference = sentence.references[0].text
    return Example(
        id=sentence.id, source=sentence.source, group=sentence.group, status=Status.ACCEPTED,
        thought=f"Row {number} begins. {reference} " * 5, output=reference,
        drafts=tuple(Draft(text=reference, score=50 + step, reason=reference) for step in range(3)),
        models={"literal": ("small",), "refine": ("big",)}, usage=Usage(calls=7, prompt_tokens=2000), sentence=sentence,
    )  # fmt: skip


def row(each: Example) -> StatRow:
    assert each.sentence is not None
    candidate = Candidate(
        id=each.id, sentence=each.id, thought=each.thought, output=each.output, drafts=each.drafts, models=each.models,
        usage=each.usage,
    )  # fmt: skip
    decision = Decision(id=each.id, sentence=each.id, kind="accept", by="kim")
    return StatRow(each.sentence, each.status, Judged(candidate, decision))


def timed(name: str, work: Callable[[], object], limit: str = "") -> None:
    start = time.process_time()
    work()
    print(f"{name:<44} {time.process_time() - start:6.2f} s  {limit}")


def main() -> None:
    with TemporaryDirectory() as folder:
        table, exported = Path(folder, "set.csv"), Path(folder, "set.jsonl")
        with table.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(made_up())
        mapping = ColumnMap.parse("source=2,reference=3,group=1")
        timed(
            "a pass of the csv module alone",
            lambda: list(csv.reader(table.read_text(encoding="utf-8").splitlines())),
        )
        timed("read_file", lambda: list(read_file(table, mapping)))
        sentences = [each for each in read_file(table, mapping) if isinstance(each, Sentence)]
        timed(
            "near-duplicates of Korean sources",
            lambda: clusters([each.source for each in sentences], 90),
            "≤ 20",
        )
        english = [each.references[0].text for each in sentences]
        timed("near-duplicates of English sources", lambda: clusters(english, 90), "≤ 20")
        frozen: list[Sentence] = []
        timed("splits by hash", lambda: frozen.extend(freeze_splits(sentences)))
        timed(
            "near-duplicates to one side",
            lambda: follow_near_duplicates(frozen, [True] * len(frozen)),
            "≤ 20",
        )
        examples = [example(each, number) for number, each in enumerate(sentences)]
        rows = [row(each) for each in examples]
        timed("collect", lambda: collect(rows), "≤ 3")
        page = html_report(collect(rows))
        print(f"{'HTML page':<44} {len(page.encode()) / 1e3:6.1f} kB ≤ 2000")
        shape = Shape(Format("ko", "en"))
        for format in ("jsonl", "messages", "tinydb"):
            timed(
                f"export as {format}",
                lambda format=format: export(examples, exported, format=format, shape=shape),
            )


if __name__ == "__main__":
    main()
