"""An evaluation for a person at a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from data.text import show_controls
from train.evaluation.reports.sections import Table, headline, tables
from train.evaluation.results import Evaluation

_WIDEST_CELL = 44
_WIDEST_LAST = 240
"""Cells of a line whose last column holds words, e.g. why there is no answer."""
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
    rows = [[_cut(cell, _WIDEST_CELL) for cell in row[:-1]] for row in (table.head, *table.rows)]
    widths = [max(cell_len(row[place]) for row in rows) for place in range(len(table.head) - 1)]
    room = max(_WIDEST_CELL, min(width, _WIDEST_LAST) - sum(each + 2 for each in widths) - 2)
    for row, whole in zip(rows, (table.head, *table.rows), strict=True):
        row.append(_cut(whole[-1], room))
    widths.append(max(cell_len(row[-1]) for row in rows))
    has_labels = not table.head[0]
    parts = _parts(widths, width, has_labels=has_labels)
    lines = _below(rows, widths, parts) if has_labels else _broken(rows, widths, parts)
    note = [table.note] if table.note else []
    return "\n".join([table.title, *lines, *note])


def _below(rows: Sequence[Sequence[str]], widths: Sequence[int], parts: Sequence[Sequence[int]]) -> list[str]:
    """Return one part of the columns below the other."""
    return [
        _line([row[place] for place in places], [widths[place] for place in places])
        for places in parts
        for row in rows
    ]


def _broken(
    rows: Sequence[Sequence[str]], widths: Sequence[int], parts: Sequence[Sequence[int]]
) -> list[str]:
    """Return each row on as many lines as it has parts, those after the first further in."""
    return [
        "    " * bool(number) + _line([row[place] for place in places], [widths[place] for place in places])
        for row in rows
        for number, places in enumerate(parts)
    ]


def _parts(widths: Sequence[int], width: int, *, has_labels: bool) -> list[list[int]]:
    """Return which columns stand beside each other; where not all fit, labels stand before each part."""
    parts: list[list[int]] = [[0]]
    for place in range(1, len(widths)):
        taken = sum(widths[other] + 2 for other in parts[-1]) + (0 if has_labels or len(parts) == 1 else 4)
        is_begun = len(parts[-1]) > has_labels
        if is_begun and taken + widths[place] + 2 > width:
            parts.append([0] if has_labels else [])
        parts[-1].append(place)
    return parts


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell + " " * (width - cell_len(cell)) for cell, width in zip(cells, widths, strict=True))
    return ("  " + "  ".join(padded)).rstrip()


def _cut(cell: str, widest: int) -> str:
    text = " ".join(show_controls(cell).split())
    if cell_len(text) <= widest:
        return text
    while cell_len(text) >= widest:
        text = text[:-1]
    return text + "…"
