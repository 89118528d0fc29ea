"""Parquet, and a folder that Hugging Face `datasets` loads by its name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from data.arrow import pyarrow
from data.errors import FileProblem
from data.exporters.files import replaced
from data.exporters.rows import Row, Shape, own_row
from data.exporters.selection import Split, licence_of, split_of
from data.records import Example

_BATCH = 1000
_TEXTS = ("id", "source", "reference", "group", "status", "thought", "output", "made_by")
SPLIT_FILES: dict[Split, str] = {"train": "train", "valid": "validation", "test": "test"}
"""What `datasets` calls our splits."""


def table_rows(example: Example, shape: Shape) -> Iterator[Row]:
    """Yield a flat row: texts, the chat, and the whole `jsonl` row as JSON in `record`.

    Keywords and models have keys of their own in every row, which a table's columns cannot have.
    """
    own = own_row(example, shape)
    row: Row = {name: own[name] for name in _TEXTS}
    row["split"] = split_of(example)
    row["licence"] = licence_of(example)
    row["messages"] = [*shape.prompt(example), *shape.answer(example.thought, example.output)]
    row["record"] = orjson.dumps(own).decode() if shape.provenance else None
    yield row


def write_parquet(path: Path, rows: Iterable[Row]) -> None:
    """Write rows of `table_rows` as one Parquet file.

    Raises:
        FileProblem: pyarrow is not installed, or the file cannot be written.
    """
    arrow, parquet = pyarrow()
    schema = _schema(arrow)
    stream = iter(rows)
    with replaced(path) as file, parquet.ParquetWriter(file, schema) as writer:
        while batch := list(islice(stream, _BATCH)):
            writer.write_table(arrow.Table.from_pylist(batch, schema=schema))


def write_folder(path: Path, rows: Iterable[Row]) -> None:
    """Write a Parquet file a split under `data/`; files of splits without rows are removed.

    Raises:
        FileProblem: pyarrow is not installed, `path` is a file, or a file cannot be written.
    """
    if path.is_file():
        raise FileProblem(f"{path} is a file.", hint="Name a folder for the dataset.")
    pyarrow()
    by_split: dict[str, list[Row]] = {}
    for row in rows:
        by_split.setdefault(row["split"], []).append(row)
    for split, name in SPLIT_FILES.items():
        file = path / "data" / f"{name}.parquet"
        if split in by_split:
            write_parquet(file, by_split[split])
        else:
            file.unlink(missing_ok=True)


def _schema(arrow: Any) -> Any:
    text = arrow.string()
    turn = arrow.struct([("role", text), ("content", text)])
    return arrow.schema(
        [
            *((name, text) for name in (*_TEXTS, "split", "licence")),
            ("messages", arrow.list_(turn)),
            ("record", text),
        ]
    )
