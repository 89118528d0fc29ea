"""Files of objects, whatever they are written in: JSON, JSON Lines, Parquet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import orjson

from data.arrow import pyarrow
from data.errors import FileProblem
from data.importers.json_rows import read_json, read_json_lines
from data.importers.rows import Cells, Fields, Unreadable

JSON_LINES = frozenset({".jsonl", ".ndjson"})
_PARQUET = ".parquet"
OBJECTS = JSON_LINES | {".json", _PARQUET}
_RECORD = "record"
"""Column in which our own Parquet files hold a row as it is in `jsonl`."""
_BATCH = 500


def read_objects(path: Path) -> Iterator[Fields | Cells | Unreadable]:
    """Return the rows of a file in one of `OBJECTS`, by its ending; a JSON document is read whole.

    Raises:
        FileProblem: the file cannot be read, or is not what its ending says.
    """
    kind = path.suffix.lower()
    if kind == _PARQUET:
        return _parquet(path)
    return read_json_lines(path) if kind in JSON_LINES else read_json(path)


def files_of(path: Path) -> list[Path]:
    """Return the Parquet files of a dataset's folder in the order of their names, or else `path` itself."""
    if not path.is_dir():
        return [path]
    return sorted(path.glob(f"data/*{_PARQUET}")) or sorted(path.glob(f"*{_PARQUET}")) or [path]


def _parquet(path: Path) -> Iterator[Fields | Unreadable]:
    arrow, parquet = pyarrow()
    try:
        with parquet.ParquetFile(path) as file:
            rows = chain.from_iterable(batch.to_pylist() for batch in file.iter_batches(_BATCH))
            for number, row in enumerate(rows, 1):
                yield _row(number, row)
    except arrow.ArrowException as problem:
        raise FileProblem(f"{path} is no Parquet file, or a damaged one.", hint=str(problem)) from problem


def _row(number: int, row: dict[str, object]) -> Fields | Unreadable:
    known = {name: value for name, value in row.items() if value is not None}
    record = known.pop(_RECORD, None)
    if not isinstance(record, str):
        return Fields(number, known)
    try:
        own = orjson.loads(record)
    except orjson.JSONDecodeError:
        return Unreadable(number, f"its {_RECORD} is broken JSON")
    return Fields(number, own if isinstance(own, dict) else known)
