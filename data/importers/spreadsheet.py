"""The rows of a spreadsheet (xlsx and its relatives), every cell as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import FileProblem
from data.importers.rows import Cells, Unreadable

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Value = int | float | str | bool | time | date | datetime | timedelta


def read_sheets(path: Path) -> tuple[Iterator[Cells], tuple[str, ...]]:
    """Return the rows of the first visible sheet that has any, and the names of the sheets left unread.

    Columns and rows count from A1, also where the table begins further in. A formula's error is an
    empty cell. Text of a merged cell belongs to all its rows.

    Raises:
        FileProblem: the file is no spreadsheet, needs a password, or has no rows.
    """
    from python_calamine import (
        CalamineError,
        CalamineWorkbook,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
    )

    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [
            book.get_sheet_by_name(sheet.name)
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet and sheet.visible == SheetVisibleEnum.Visible
        ]
    except PasswordError as problem:
        raise FileProblem(f"{path} is protected by a password.", hint="Save it without one.") from problem
    except CalamineError as problem:
        raise FileProblem(
            f"{path} cannot be read as a spreadsheet: {problem}.", hint="Save it again as .xlsx or as .csv."
        ) from problem
    filled = [sheet for sheet in sheets if sheet.start is not None]
    if not filled:
        raise FileProblem(f"{path} holds no rows.", hint="Check that the sentences are on a visible sheet.")
    return _rows(filled[0]), tuple(sheet.name for sheet in filled[1:])


def _rows(sheet: CalamineSheet) -> Iterator[Cells]:
    before = ("",) * (sheet.start[1] if sheet.start else 0)
    spread = _merged(sheet)
    above: dict[int, str] = {}
    for number, values in enumerate(sheet.iter_rows()):
        cells = [*before, *map(_text, values)]
        for column in spread.get(number, ()):
            cells[column] = cells[column] or above.get(column, "")
        if any(cell.strip() for cell in cells):
            yield Cells(number + 1, tuple(cells))
        above = dict(enumerate(cells))


def _merged(sheet: CalamineSheet) -> dict[int, list[int]]:
    """Return by row the columns whose cell is merged with the one above it."""
    merged: dict[int, list[int]] = {}
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        for row in range(top + 1, bottom + 1):
            merged.setdefault(row, []).append(left)
    return merged


def _text(value: Value) -> str:
    match value:
        case str():
            return value
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)


def unread(sheets: tuple[str, ...]) -> Iterator[Unreadable]:
    """Say of each sheet that was left out that it was, so that nothing goes missing unnoticed."""
    for name in sheets:
        yield Unreadable(1, f"sheet {name!r} was not read: only the first sheet with rows is")
