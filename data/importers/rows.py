"""What the readers of the single formats give: rows of named or numbered cells, and bad rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not imported, and why, in words for the person who has to mend it.

    `row` counts from 1 as a spreadsheet shows it: the header is row 1, empty lines count, and a
    quoted cell that spans lines is part of one row.
    """

    file: str
    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class Cells:
    """A row of a table. `row` counts as in `BadRow`."""

    row: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object. `row` is its line, or its place in a list."""

    row: int
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that could not be read as a row of its file."""

    row: int
    reason: str
