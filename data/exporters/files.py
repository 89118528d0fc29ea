"""Rows into files, each of which is either the old one or the whole new one."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import orjson

from data.errors import FileProblem
from data.exporters.rows import Row


@contextmanager
def replaced(path: Path) -> Iterator[IO[bytes]]:
    """Open a new file that takes the place of `path` when the block ends well, and never otherwise.

    What a link points to is replaced, not the link; a device is written to directly.

    Raises:
        FileProblem: the folder or the file cannot be written.
    """
    if path.is_dir():
        raise FileProblem(f"{path} is a directory.", hint="Name a file in it.")
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
            return
        try:
            with beside.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)
    except OSError as problem:
        raise FileProblem(
            f"{path} cannot be written: {problem.strerror or problem}.", hint="Name another file."
        ) from problem


def write_lines(path: Path, rows: Iterable[Row]) -> None:
    """Write a JSON object a line."""
    with replaced(path) as file:
        for row in rows:
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))


def write_tinydb(path: Path, rows: Iterable[Row]) -> None:
    """Write a file that `TinyDB(path)` opens: the rows are its default table, numbered from 1.

    ASCII only, since TinyDB opens files in the encoding of the reader's locale.
    """
    with replaced(path) as file:
        file.write(b'{"_default": {')
        for number, row in enumerate(rows, 1):
            file.write(f'{"," if number > 1 else ""}\n"{number}": {json.dumps(row)}'.encode("ascii"))
        file.write(b"\n}}\n")
