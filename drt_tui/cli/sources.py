"""Source files on the command line: their mapping, their import, and what became of their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from drt_tui.narration import narrate

if TYPE_CHECKING:
    from data.importers import BadRow, ColumnMap
    from data.records import Sentence
    from data.store import Dataset, ProjectFolder

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
    typer.Option("--licence", metavar="TEXT", help="Licence of the sentences; goes with every row."),
]

_ROWS_AT_ONCE = 5_000
_BAD_ROWS_SHOWN = 10


@dataclass(slots=True)
class ImportReport:
    """What became of the rows that were read: `read == added + duplicates + len(bad)`."""

    added: int = 0
    duplicates: int = 0
    bad: list[BadRow] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    """Sentences of the files in their order, those that were there before included."""

    @property
    def read(self) -> int:
        """Rows read."""
        return self.added + self.duplicates + len(self.bad)

    def as_json(self) -> dict[str, Any]:
        """Return the object that `import --json` prints."""
        bad = [{"file": row.file, "row": row.row, "reason": row.reason} for row in self.bad]
        return {"read": self.read, "added": self.added, "duplicates": self.duplicates, "bad": bad}

    def as_text(self) -> str:
        """Return the same for a person, the first bad rows named."""
        lines = [
            f"read {self.read:,} · added {self.added:,} · duplicates {self.duplicates:,} · bad {len(self.bad):,}"
        ]
        lines += [f"  {row.file}:{row.row}  {row.reason}" for row in self.bad[:_BAD_ROWS_SHOWN]]
        if len(self.bad) > _BAD_ROWS_SHOWN:
            lines.append(f"  … and {len(self.bad) - _BAD_ROWS_SHOWN:,} more; --json lists them all")
        return "\n".join(lines)


def column_map(map_text: str | None, header: bool | None) -> ColumnMap | None:
    """Return what `--map` and `--header` say, or `None` where headers are to be matched by name."""
    from data.importers import ColumnMap

    return ColumnMap.parse(map_text, header=header) if map_text else None


def import_sources(
    dataset: Dataset, files: Sequence[Path], mapping: ColumnMap | None, licence: str | None = None
) -> ImportReport:
    """Add the sentences of `files` to the dataset; bad rows are reported, the rest goes in.

    Raises:
        FileProblem: a file is missing, empty, or not mapped; files before it are imported by then.
    """
    report = ImportReport()
    for file in files:
        for chunk in _chunks(_good_rows(file, mapping, licence, report)):
            added = dataset.add_sentences(chunk)
            report.added += added.added
            report.duplicates += added.duplicates
            report.ids += [sentence.id for sentence in chunk]
            if report.read >= _ROWS_AT_ONCE:
                narrate(f"{file.name}: {report.read:,} rows read")
    report.ids = list(dict.fromkeys(report.ids))
    return report


def rehearse_import(folder: ProjectFolder, files: Sequence[Path], mapping: ColumnMap | None) -> ImportReport:
    """Report what `import_sources` would do, and change nothing."""
    from drt_tui.opening import has_dataset, reading

    report = ImportReport()
    with reading(folder) if has_dataset(folder) else nullcontext() as dataset:
        seen: set[str] = set()
        for file in files:
            for sentence in _good_rows(file, mapping, None, report):
                is_known = sentence.id in seen or (dataset is not None and sentence.id in dataset)
                report.duplicates += is_known
                report.added += not is_known
                seen.add(sentence.id)
    return report


def _good_rows(
    file: Path, mapping: ColumnMap | None, licence: str | None, report: ImportReport
) -> Iterator[Sentence]:
    from data.importers import BadRow, read_file

    for row in read_file(file, mapping, licence=licence):
        if isinstance(row, BadRow):
            report.bad.append(row)
        else:
            yield row


def _chunks(sentences: Iterable[Sentence]) -> Iterator[list[Sentence]]:
    rest = iter(sentences)
    while chunk := list(islice(rest, _ROWS_AT_ONCE)):
        yield chunk
