"""An evaluation for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from data.text import show_controls
from train.evaluation.reports.sections import Table, headline, tables
from train.evaluation.results import Evaluation

_WIDEST = 44


def evaluation_text(evaluation: Evaluation) -> str:
    """Return the report: what makes it unfair first, then what could be shown, then what was found."""
    parts = [*evaluation.warnings, headline(evaluation)]
    parts.append(tables_text(tables(evaluation, in_full=False)))
    if evaluation.notes:
        parts.append("\n".join(f"- {note}" for note in evaluation.notes))
    return show_controls("\n\n".join(parts))


def tables_text(shown: Sequence[Table]) -> str:
    """Return tables for a terminal; text of others in them is harmless."""
    return show_controls("\n\n".join(_block(table) for table in shown))


def _block(table: Table) -> str:
    rows = [[_cut(cell) for cell in row] for row in (table.head, *table.rows)]
    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(table.head))]
    lines = [_line(row, widths) for row in rows]
    note = [table.note] if table.note else []
    return "\n".join([table.title, *lines, *note])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
    return ("  " + "  ".join(padded)).rstrip()


def _cut(cell: str) -> str:
    text = " ".join(show_controls(cell).split())
    if cell_len(text) <= _WIDEST:
        return text
    while cell_len(text) >= _WIDEST:
        text = text[:-1]
    return text + "…"
