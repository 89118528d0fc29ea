"""Source files on the command line: the options that say what is in them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from data.importers import ColumnMap
    from data.running_text import Lengths

FilesArgument = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[FILE]...", help="csv, tsv, xlsx, jsonl, json or txt; imported first."),
]
MapOption = Annotated[
    str | None,
    typer.Option(
        "--map",
        metavar="source=COL,…",
        help="source=COL[,reference=COL][,group=COL][,document=COL]; COL: header name, or number from 1.",
    ),
]
HeaderOption = Annotated[
    bool | None, typer.Option("--header/--no-header", help="Whether the first row holds names.")
]
LicenceOption = Annotated[
    str | None,
    typer.Option(
        "--licence", metavar="TEXT", help="Licence of the sentences; goes with every row [default: unknown]."
    ),
]

WordsOption = Annotated[
    str,
    typer.Option("--words", metavar="MIN-MAX", help="Length of the sentences to take from running text."),
]


def lengths_of(words: str) -> Lengths:
    """Return what `--words` says."""
    from data.running_text import Lengths

    try:
        return Lengths.parse(words)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--words") from error


def column_map(map_text: str | None, header: bool | None) -> ColumnMap | None:
    """Return what `--map` and `--header` say, or `None` where headers are to be matched by name."""
    from data.importers import ColumnMap

    return ColumnMap.parse(map_text, header=header) if map_text else None
