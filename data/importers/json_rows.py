"""The rows of JSON Lines and JSON files, whichever of their usual shapes they have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from data.errors import FileProblem
from data.importers.decoding import Line, read_lines, read_text
from data.importers.rows import Cells, Fields, Unreadable

_SHAPES = 'Expected one object a line, a list of objects, {"data": [...]} or {column: [values]}.'
_MOST_LEVELS = 64
"""What is nested deeper cannot be written again."""
_LIST_OF_OBJECTS = re.compile(r"\s*\[\s*(\{|\Z)")


def read_json_lines(path: Path) -> Iterator[Fields | Cells | Unreadable]:
    """Yield a row for each line that is not empty; a broken line is an unreadable row.

    A file whose first line opens a list that goes on below is read as JSON.
    """
    begun = False
    for number, line in enumerate(read_lines(path, trust_utf8=True), 1):
        if not line.text.strip() and not line.trouble:
            continue
        if not begun and _LIST_OF_OBJECTS.match(line.text):
            yield from read_json(path)
            return
        begun = True
        yield _json_line(number, line)


def read_json(path: Path) -> Iterator[Fields | Cells | Unreadable]:
    """Yield the rows of a JSON document: a list, an object that holds one, or an object of columns.

    Raises:
        FileProblem: the document is broken or of another shape; the message says which keys it has.
    """
    text = read_text(path)
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        first = next((line for line in text.splitlines() if line.strip()), "")
        if isinstance(_loaded(first), dict):
            return read_json_lines(path)
        raise FileProblem(
            f"{path} is broken JSON in line {problem.lineno}: {problem.msg}.", hint=_SHAPES
        ) from problem
    return (_row(number, value) for number, value in enumerate(_rows_of(document, path), 1))


def _rows_of(document: object, path: Path) -> Sequence[object]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        lists = {name: value for name, value in document.items() if isinstance(value, list)}
        objects = {
            name: value for name, value in lists.items() if value and all(isinstance(v, dict) for v in value)
        }
        if len(objects) == 1:
            return next(iter(objects.values()))
        tables = [
            list(value.values())
            for value in document.values()
            if isinstance(value, dict) and value and all(isinstance(row, dict) for row in value.values())
        ]
        if len(tables) == 1:  # TinyDB: {"_default": {"1": {…}, "2": {…}}}
            return tables[0]
        lengths = {len(value) for value in lists.values()}
        if len(lists) == len(document) and len(lengths) == 1:
            return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]
        if not lists and any(isinstance(value, str) for value in document.values()):
            return [document]
        found = ", ".join(list(document)[:8]) or "none"
        raise FileProblem(f"{path} holds no list of rows; its keys are: {found}.", hint=_SHAPES)
    raise FileProblem(f"{path} holds no list of rows but a single {type(document).__name__}.", hint=_SHAPES)


def _json_line(number: int, line: Line) -> Fields | Cells | Unreadable:
    if line.trouble:
        return Unreadable(number, line.trouble)
    text = line.text.strip()
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as problem:
        value = _loaded(text.rstrip(",")) if text.endswith(",") else None
        if value is None:
            return Unreadable(number, f"is no JSON: {problem.msg}")
    return _row(number, value)


def _row(number: int, value: object) -> Fields | Cells | Unreadable:
    if _is_deep(value):
        return Unreadable(number, f"is nested more than {_MOST_LEVELS} levels deep")
    if isinstance(value, dict):
        pair = value.get("translation")
        if isinstance(pair, dict):  # {"translation": {"ko": …, "en": …}}, as parallel corpora are published
            value = {**value, **pair}
            del value["translation"]
        return Fields(number, value)
    if isinstance(value, str):
        return Fields(number, {"source": value})
    if (
        isinstance(value, list)
        and value
        and all(isinstance(cell, str | int | float | None) for cell in value)
    ):
        return Cells(number, tuple("" if cell is None else str(cell) for cell in value))
    return Unreadable(number, f"is no object but {_shape(value)}")


def _is_deep(value: object) -> bool:
    level = [value]
    for _ in range(_MOST_LEVELS):
        inner = (
            each.values() if isinstance(each, dict) else each
            for each in level
            if isinstance(each, dict | list)
        )
        level = [item for items in inner for item in items]
        if not level:
            return False
    return True


def _shape(value: object) -> str:
    return {list: "a list", type(None): "null", bool: "true or false"}.get(type(value), "a number")


def _loaded(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
