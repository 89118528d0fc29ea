"""The library that reads and writes Parquet, loaded when it is first needed."""

from __future__ import annotations

from typing import Any

from data.errors import FileProblem


def pyarrow() -> tuple[Any, Any]:
    """Return `pyarrow` and `pyarrow.parquet`.

    Raises:
        FileProblem: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as problem:
        raise FileProblem(
            "Parquet files need pyarrow, which is not installed.", hint="Type: pip install 'drt-tui[train]'"
        ) from problem
    return pyarrow, parquet
