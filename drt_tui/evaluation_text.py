"""An evaluation for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from data.text import show_controls
from train.evaluation.reports.sections import Table, headline, tables
from train.evaluation.results import Evaluation

_WIDEST_CELL = 44
_UNBOUNDED = 10_000


def evaluation_text(evaluation: Evaluation, width: int | None = None) -> str:
    """Return the report: what makes it unfair first, then what could be shown, then what was found.

    `width` is that of the terminal in cells; `None`: as wide as it gets.
    """
    parts = [*evaluation.warnings, headline(evaluation)]
    parts.append(tables_text(tables(evaluation, in_full=False), width))
    if evaluation.notes:
        parts.append("\n".join(f"- {note}" for note in evaluation.notes))
    return show_controls("\n\n".join(parts))


def tables_text(shown: Sequence[Table], width: int | None = None) -> str:
    """Return tables for a terminal; text of others in them is harmless."""
    return show_controls("\n\n".join(_block(table, width or _UNBOUNDED) for table in shown))


def _block(table: Table, width: int) -> str:
    rows = [[_cut(cell) for cell in row] for row in (table.head, *table.rows)]
    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(table.head))]
    lines: list[str] = []
    for places in _parts(widths, width, has_labels=not table.head[0]):
        lines += [
            _line([row[place] for place in places], [widths[place] for place in places]) for row in rows
        ]
    note = [table.note] if table.note else []
    return "\n".join([table.title, *lines, *note])


def _parts(widths: Sequence[int], width: int, *, has_labels: bool) -> list[list[int]]:
    """Return which columns stand beside each other: where not all fit, the labels stand before each part."""
    if not has_labels:
        return [list(range(len(widths)))]
    parts: list[list[int]] = [[0]]
    for place in range(1, len(widths)):
        taken = sum(widths[other] + 2 for other in parts[-1])
        if len(parts[-1]) > 1 and taken + widths[place] + 2 > width:
            parts.append([0])
        parts[-1].append(place)
    return parts


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
    return ("  " + "  ".join(padded)).rstrip()


def _cut(cell: str) -> str:
    text = " ".join(show_controls(cell).split())
    if cell_len(text) <= _WIDEST_CELL:
        return text
    while cell_len(text) >= _WIDEST_CELL:
        text = text[:-1]
    return text + "…"
