"""Source files of every format as a stream of sentences and bad rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from data.errors import FileProblem
from data.importers.binding import Binding, ask_for_map, bind_fields, bind_table, header_test
from data.importers.columns import ColumnMap
from data.importers.decoding import Line, read_lines
from data.importers.delimited import DelimitedRows
from data.importers.layout import MOST_CHARACTERS, layout_of
from data.importers.objects import OBJECTS, read_objects
from data.importers.rows import BadRow, Cells, Fields, Unreadable
from data.importers.sentences import from_cells, from_fields
from data.importers.spreadsheet import read_sheets, unread
from data.records import Origin, Sentence
from data.text import nfc

SPREADSHEETS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
DELIMITED = {".csv": ",", ".tsv": "\t", ".tab": "\t"}
FORMATS = ("csv", "tsv", "xlsx", "jsonl", "json", "parquet", "txt")

_SAMPLE_ROWS = 1000
_SAMPLE_CHARACTERS = 1 << 21
_BLANKS = 1 << 12
"""So many bytes that are blank or a byte order mark are still an empty file, if nothing follows."""
_ZIP = b"PK\x03\x04"

Row = Cells | Fields | Unreadable
ToSentence = Callable[[Cells | Fields, Origin], Sentence | str]


def read_file(
    path: Path, mapping: ColumnMap | None, *, licence: str | None = None
) -> Iterator[Sentence | BadRow]:
    """Return the sentences of a source file in order, and a bad row for each row that holds none.

    Sentences plus bad rows are the rows of the file: empty lines are no rows, the header is none
    either. The file is streamed (a spreadsheet and a JSON document are read whole). `licence` is that
    of sentences whose row names none.

    Raises:
        FileProblem: at the call, if the file cannot be read or its columns are not known; while
            reading, if a JSON document turns out broken.
    """
    path = Path(path)
    rows, to_sentence = _open(path, mapping)
    return _sentences(path, rows, to_sentence, licence)


def column_names(path: Path) -> tuple[str, ...]:
    """Return the first row of a table, which may be its header, or the keys of JSON objects.

    Raises:
        FileProblem: the file cannot be read.
    """
    check_readable(path)
    kind = path.suffix.lower()
    rows: Iterable[Row]
    if kind in SPREADSHEETS:
        rows, _ = read_sheets(path)
    elif kind in OBJECTS:
        rows = read_objects(path)
    else:
        sample = list(_sample(read_lines(path)))
        layout = layout_of([line.text for line in sample], header_test(None), DELIMITED.get(kind, "\t"))
        rows = DelimitedRows(iter(sample), layout)
    first = next((row for row in islice(rows, _SAMPLE_ROWS) if not isinstance(row, Unreadable)), None)
    if isinstance(first, Fields):
        return tuple(nfc(name) for name in first.fields)
    return tuple(nfc(cell).strip() for cell in first.cells) if first is not None else ()


def check_readable(path: Path, *, may_be_empty: bool = False) -> None:
    """Raise `FileProblem` unless `path` is a file that may be read, and has something in it where it must."""
    try:
        if path.is_dir():
            raise FileProblem(f"{path} is a directory.", hint="Name the files in it.")
        with path.open("rb") as file:
            blank = not file.read(_BLANKS).strip(b"\xef\xbb\xbf\xff\xfe\0\t\r\n ") and not file.read(1)
            if blank and not may_be_empty:
                raise FileProblem(f"{path} is empty.", hint="Check that the export of it was finished.")
    except FileNotFoundError as problem:
        raise FileProblem(f"{path} does not exist.", hint="Check the path.") from problem
    except OSError as problem:
        raise FileProblem(
            f"{path} cannot be read: {problem.strerror}.", hint="Check its permissions."
        ) from problem


def _sentences(
    path: Path, rows: Iterable[Row], to_sentence: ToSentence, licence: str | None
) -> Iterator[Sentence | BadRow]:
    places: Counter[str] = Counter()
    for row in rows:
        made = (
            row.reason
            if isinstance(row, Unreadable)
            else to_sentence(row, Origin(file=path.name, row=row.row))
        )
        if isinstance(made, str):
            yield BadRow(str(path), row.row, made)
            continue
        known: dict[str, object] = {}
        if licence is not None and made.licence is None:
            known["licence"] = nfc(licence)
        if made.document is not None and made.position is None:
            places[made.document] += 1
            known["position"] = places[made.document]
        yield made.model_copy(update=known) if known else made


def _open(path: Path, mapping: ColumnMap | None) -> tuple[Iterable[Row], ToSentence]:
    check_readable(path)
    kind = path.suffix.lower()
    if kind in SPREADSHEETS:
        return _spreadsheet(path, mapping)
    with path.open("rb") as file:
        if file.read(len(_ZIP)) == _ZIP:
            raise FileProblem(
                f"{path} is a spreadsheet or an archive, not text.", hint="Name a spreadsheet .xlsx."
            )
    if kind in DELIMITED:
        return _delimited(path, mapping, DELIMITED[kind])
    if kind in OBJECTS:
        return _objects(path, read_objects(path), mapping)
    if kind == ".txt":
        return _plain(path) if mapping is None else _delimited(path, mapping, "\t")
    raise FileProblem(f"{path} has no ending that says its format.", hint=f"Known are: {', '.join(FORMATS)}.")


def _spreadsheet(path: Path, mapping: ColumnMap | None) -> tuple[Iterable[Row], ToSentence]:
    rows, others = read_sheets(path)
    sample = list(islice(rows, _SAMPLE_ROWS))
    binding, header = bind_table(str(path), sample, mapping)
    data = _without_header(chain(sample, rows), header)
    return chain(data, unread(others)), _in_columns(binding)


def _delimited(path: Path, mapping: ColumnMap | None, usual: str) -> tuple[Iterable[Row], ToSentence]:
    lines = read_lines(path)
    sample = list(_sample(lines))
    layout = layout_of([line.text for line in sample], header_test(mapping), usual)
    first = [
        row for row in islice(DelimitedRows(iter(sample), layout), _SAMPLE_ROWS) if isinstance(row, Cells)
    ]
    binding, header = bind_table(str(path), first, mapping)
    rows = DelimitedRows(chain(sample, lines), layout, binding.texts, header)
    return _without_header(rows, header), _in_columns(binding)


def _objects(path: Path, rows: Iterator[Row], mapping: ColumnMap | None) -> tuple[Iterable[Row], ToSentence]:
    sample = list(islice(rows, _SAMPLE_ROWS))
    data = chain(sample, rows)
    first = next((row for row in sample if not isinstance(row, Unreadable)), None)
    if not isinstance(first, Fields):
        binding, header = bind_table(str(path), [row for row in sample if isinstance(row, Cells)], mapping)
        return _without_header(data, header), _in_columns(binding)
    names = bind_fields(str(path), [row for row in sample if isinstance(row, Fields)], mapping)

    def to_sentence(row: Cells | Fields, origin: Origin) -> Sentence | str:
        if isinstance(row, Cells):
            return "is a list, where the other rows are objects"
        return from_fields(row, names, origin)

    return data, to_sentence


def _plain(path: Path) -> tuple[Iterable[Row], ToSentence]:
    lines = read_lines(path)
    sample = list(_sample(lines))
    layout = layout_of([line.text for line in sample], lambda _: False, "\t")
    if layout.delimiter == "\t":
        first = [row.cells for row in DelimitedRows(iter(sample), layout) if isinstance(row, Cells)]
        raise ask_for_map(str(path), first)
    binding = Binding({"source": 0, "document": 1}, ("source", "document"))
    rows = (
        Unreadable(number, line.trouble) if line.trouble else Cells(number, (line.text, path.name))
        for number, line in enumerate(chain(sample, lines), 1)
        if line.trouble or line.text.strip()
    )
    return rows, _in_columns(binding)


def _in_columns(binding: Binding) -> ToSentence:
    def to_sentence(row: Cells | Fields, origin: Origin) -> Sentence | str:
        if isinstance(row, Fields):
            return "is an object, where the other rows are lists"
        return from_cells(row, binding, origin)

    return to_sentence


def _sample(lines: Iterator[Line]) -> Iterator[Line]:
    characters = 0
    for line in islice(lines, _SAMPLE_ROWS):
        yield line
        characters += min(len(line.text), MOST_CHARACTERS)
        if characters > _SAMPLE_CHARACTERS:
            return


def _without_header(rows: Iterable[Row], header: tuple[str, ...] | None) -> Iterator[Row]:
    """Leave out the header; where files were glued together it comes again, which is no sentence."""
    seen = False
    for row in rows:
        if header is None or not isinstance(row, Cells) or row.cells != header:
            yield row
        elif seen:
            yield Unreadable(row.row, "is the header again")
        seen = seen or (isinstance(row, Cells) and row.cells == header)
