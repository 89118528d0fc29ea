"""Curated rows into a file that trainers and other tools read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from data.exporters.arrow import table_rows, write_folder, write_parquet
from data.exporters.card import CardFacts, card
from data.exporters.files import replaced, write_lines, write_tinydb
from data.exporters.preferences import dpo, kto
from data.exporters.rows import Row, Shape, alpaca, messages, own_rows, prompt_completion, sharegpt
from data.exporters.selection import Objection, Selection
from data.records import Example

ExportFormat = Literal[
    "jsonl",
    "messages",
    "prompt-completion",
    "sharegpt",
    "alpaca",
    "tinydb",
    "parquet",
    "datasets",
    "dpo",
    "kto",
]
FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

_ROWS: dict[ExportFormat, Callable[[Example, Shape], Iterator[Row]]] = {
    "jsonl": own_rows,
    "messages": messages,
    "prompt-completion": prompt_completion,
    "sharegpt": sharegpt,
    "alpaca": alpaca,
    "tinydb": own_rows,
    "parquet": table_rows,
    "datasets": table_rows,
    "dpo": dpo,
    "kto": kto,
}
_WRITERS: dict[ExportFormat, Callable[[Path, Iterable[Row]], None]] = {
    "tinydb": write_tinydb,
    "parquet": write_parquet,
    "datasets": write_folder,
}
_CURATED = Selection()


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export wrote and what it left out."""

    path: Path
    rows: int
    """Rows in the file; pairs, where the format has pairs."""
    left_out: Mapping[Objection, int] = field(default_factory=dict)
    """Rows that were not taken, by the first reason against them."""
    unlicensed: tuple[str, ...] = ()
    """Ids of the sentences that were refused because their licence is unknown."""


def export(
    examples: Iterable[Example],
    path: Path,
    *,
    format: ExportFormat,
    shape: Shape,
    selection: Selection = _CURATED,
    findings_of: Callable[[Example], Collection[str]] | None = None,
    title: str = "",
    prompts_of: Callable[[Example], Mapping[str, str]] | None = None,
) -> Exported:
    """Write the selected examples in one pass; `path` is replaced only when all of them are written.

    `format` is a file's, or `datasets` for a folder with a card. `findings_of` gives the finding codes
    of a row, for the selection and the card. `title` goes on the card, and so does what `prompts_of` gives:
    the prompt versions by stage that a row was made with.

    Raises:
        FileProblem: `path` cannot be written, or Parquet is asked for without pyarrow.
    """
    left_out: Counter[Objection] = Counter()
    unlicensed: list[str] = []
    written = 0
    facts = CardFacts()
    findings: Counter[str] = Counter()

    def rows() -> Iterator[Row]:
        nonlocal written
        for example in examples:
            if objection := selection.objection(example, findings_of):
                left_out[objection] += 1
                if objection == "licence":
                    unlicensed.append(example.id)
                continue
            facts.add(example, shape)
            if format == "datasets" and findings_of is not None:
                findings.update(findings_of(example))
            if format == "datasets" and prompts_of is not None:
                facts.add_prompts(prompts_of(example))
            for row in _ROWS[format](example, shape):
                written += 1
                yield row

    _WRITERS.get(format, write_lines)(path, rows())
    if format == "datasets":
        text = card(facts, shape, title=title or path.name, findings=findings)
        with replaced(path / "README.md") as file:
            file.write(text.encode())
    return Exported(path, written, dict(left_out), tuple(unlicensed))
