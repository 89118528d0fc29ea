"""A column of a file as a contender: another service's translations, or a person's."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from data.errors import FileProblem
from data.importers import ColumnMap, column_names, match_names, read_file
from data.records import Sentence
from data.text import nfc
from train.errors import NoAnswer
from train.evaluation.contender import About, Again, Answer, Question, Text


class NotInFile(NoAnswer):
    """The file has no translation of this sentence: nobody's failure, and no part of any figure."""

    code = "not-in-file"


@dataclass(frozen=True)
class ImportedContender:
    """Answers with what a file says, found by the source text."""

    name: str
    file: str
    by_source: Mapping[str, str]

    @property
    def has_thought(self) -> bool:
        """A column holds translations only."""
        return False

    @property
    def about(self) -> About:
        """What it is, and what shapes its answers."""
        told = repr(sorted(self.by_source.items())).encode("utf-8", "replace")
        return About("file", blake2b(told, digest_size=8).hexdigest(), context=0)

    async def translate(self, question: Question) -> AsyncGenerator[Text | Again | Answer, None]:
        """Yield what the file says.

        Raises:
            NotInFile: it has no translation of this source.
        """
        output = self.by_source.get(_key(question.source))
        if output is None:
            raise NotInFile(f"{self.file} has no translation of it.")
        yield Text(output)
        yield Answer(text=output, thought="", output=output, calls=0)


def imported(name: str, path: Path, column: str, mapping: ColumnMap | None = None) -> ImportedContender:
    """Read a column of a source file; of a source that comes twice the first translation counts.

    Args:
        name: name in tables.
        path: a file of any format that can be imported.
        column: a header's name, or a column's number from 1.
        mapping: which column the source is; `None`: by the names of the header.

    Raises:
        FileProblem: the file cannot be read, has no such column, or nothing in it.
    """
    found: dict[str, str] = {}
    for row in read_file(path, _mapped(path, column, mapping)):
        if isinstance(row, Sentence) and row.references:
            found.setdefault(_key(row.source), row.references[0].text.strip())
    if not found:
        raise FileProblem(f"{path} has no translation in {column!r}.", hint="Name another column.")
    return ImportedContender(name, path.name, found)


def _mapped(path: Path, column: str, mapping: ColumnMap | None) -> ColumnMap | None:
    """Return the map of source and wanted column; `None` where reading will say what it lacks."""
    known = mapping or match_names(column_names(path))
    if known is None:
        return None
    if column.isdecimal() and isinstance(known.source, str):
        names = column_names(path)
        column = names[int(column) - 1] if 0 < int(column) <= len(names) else column
    wanted = int(column) if column.isdecimal() else column
    return ColumnMap(source=known.source, reference=wanted, header=known.header)


def _key(source: str) -> str:
    return nfc(source).strip()
