"""Anybody's JSONL or JSON file as a stream of rows to lint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from pathlib import Path

from data.errors import FileProblem
from data.importers.json_rows import read_json_lines
from data.importers.objects import OBJECTS, read_objects
from data.importers.reader import SPREADSHEETS, check_readable
from data.importers.rows import Cells, Fields, Unreadable
from data.lint.row import LintRow
from data.lint.shapes import EXPECTED, Unfit, found_keys, read_fields

_LOOKED_AT = 100
"""Rows that must show what the file is."""


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A line or an object that no row can be read from, and why."""

    number: int
    reason: str


def read_rows(path: Path) -> Iterator[LintRow | BrokenRow]:
    """Return the rows of a JSONL, JSON or Parquet file in order; a JSON document is read whole.

    Where some rows have a thought, a row without one has an empty one. Row numbers are lines of JSONL,
    and places in a JSON list, from 1.

    Raises:
        FileProblem: at the call, if the file is missing, empty, no JSON, or of a shape that is not
            known; the message says which keys it has and which were expected.
    """
    path = Path(path)
    check_readable(path)
    if path.suffix.lower() in SPREADSHEETS:
        raise FileProblem(f"{path} is a spreadsheet.", hint=f"Expected JSONL, JSON or Parquet of {EXPECTED}.")
    rows = read_objects(path) if path.suffix.lower() in OBJECTS else read_json_lines(path)
    first = list(islice(rows, _LOOKED_AT))
    read = [_read(row) for row in first]
    if not any(isinstance(row, LintRow) for row in read):
        raise _problem(path, first)
    has_thoughts = any(isinstance(row, LintRow) and row.thought for row in read)
    return (_of_set(row, has_thoughts=has_thoughts) for row in chain(read, map(_read, rows)))


def _read(row: Fields | Cells | Unreadable) -> LintRow | BrokenRow:
    match row:
        case Unreadable(row=number, reason=reason):
            return BrokenRow(number, reason)
        case Cells(row=number):
            return BrokenRow(number, "is a list, expected an object")
        case Fields(row=number, fields=fields):
            made = read_fields(fields)
            return BrokenRow(number, made.reason) if isinstance(made, Unfit) else replace(made, number=number)


def _of_set(row: LintRow | BrokenRow, *, has_thoughts: bool) -> LintRow | BrokenRow:
    """Make a missing thought an empty one in a set with thoughts, and the other way round."""
    if isinstance(row, BrokenRow) or row.thought:
        return row
    return replace(row, thought="" if has_thoughts else None)


def _problem(path: Path, rows: list[Fields | Cells | Unreadable]) -> FileProblem:
    fields = next((row.fields for row in rows if isinstance(row, Fields)), None)
    hint = f"Expected JSONL, JSON or Parquet of {EXPECTED}."
    if not rows:
        return FileProblem(f"{path} holds no rows.", hint=hint)
    if fields is None:
        return FileProblem(f"{path} holds no JSON object in its first {len(rows)} rows.", hint=hint)
    made = read_fields(fields)
    reason = f" Its first row {made.reason}." if isinstance(made, Unfit) and "keys" not in made.reason else ""
    return FileProblem(f"{path} has rows with the keys {found_keys(fields)}.{reason}", hint=hint)
