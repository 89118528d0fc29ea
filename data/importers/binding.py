"""A column map laid upon a real file: which cell or key of its rows is what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from data.errors import FileProblem
from data.importers.columns import Column, ColumnMap, Role, key, match_names
from data.importers.rows import Cells, Fields
from data.scripts import main_script
from data.text import nfc

_PREVIEWED = 200


@dataclass(frozen=True, slots=True)
class Binding:
    """Roles bound to cell numbers from 0, and the names that all cells of a row go by."""

    places: Mapping[Role, int]
    names: tuple[str, ...]

    @property
    def texts(self) -> tuple[int, ...]:
        """The cells that hold a sentence or its translation."""
        return tuple(place for role, place in self.places.items() if role in {"source", "reference"})


def header_test(mapping: ColumnMap | None) -> Callable[[Sequence[str]], bool]:
    """Return the test whether cells are a header that has the columns asked for."""

    def is_header(cells: Sequence[str]) -> bool:
        if mapping is None:
            return match_names(cells) is not None
        named = [key(column) for column in mapping.columns().values() if isinstance(column, str)]
        return bool(named) and {*named} <= {key(cell) for cell in cells}

    return is_header


def bind_table(
    file: str, sample: Sequence[Cells], mapping: ColumnMap | None
) -> tuple[Binding, tuple[str, ...] | None]:
    """Find the columns of a table by its first rows; return them with the header, if there is one.

    Raises:
        FileProblem: there are no rows, no column is known to be the source, a mapped column does not
            exist, or two have its name.
    """
    if not sample:
        raise FileProblem(
            f"{file} holds no rows that can be read.", hint="Check its encoding and its columns."
        )
    names = [nfc(cell).strip() for cell in sample[0].cells]
    chosen = mapping or match_names(names)
    if chosen is None:
        raise ask_for_map(file, [row.cells for row in sample])
    width = max(len(row.cells) for row in sample)
    header = names if chosen.expects_header else []
    names = [
        name or f"column_{number}" for number, name in enumerate([*header, *[""] * (width - len(header))], 1)
    ]
    places = {role: _place(file, role, column, names) for role, column in chosen.columns().items()}
    return Binding(places, _distinct(names)), sample[0].cells if header else None


def bind_fields(file: str, sample: Sequence[Fields], mapping: ColumnMap | None) -> dict[Role, str]:
    """Find the keys of JSON objects by the first of them.

    Raises:
        FileProblem: no key is known to be the source, or a mapped key does not occur.
    """
    keys = list(dict.fromkeys(nfc(name) for row in sample for name in row.fields))
    found = ", ".join(keys) or "none"
    chosen = mapping or match_names(keys)
    if chosen is None:
        raise FileProblem(
            f"{file}: no key says which is the source; the keys are: {found}.",
            hint=f"Expected was source, text or the like. Type --map source={keys[0] if keys else 'KEY'}",
        )
    names: dict[Role, str] = {}
    for role, column in chosen.columns().items():
        if isinstance(column, int) or column not in keys:
            raise FileProblem(f"{file} has no key {column!r} for the {role}.", hint=f"Its keys are: {found}.")
        names[role] = column
    return names


def ask_for_map(file: str, rows: Sequence[tuple[str, ...]]) -> FileProblem:
    """Return the error that shows a table's columns and the `--map` to type."""
    shown = rows[: min(len(rows), 2)]
    previews = "\n".join(
        "  " + "  |  ".join(f"{number}: {_short(cell)}" for number, cell in enumerate(cells, 1))
        for cells in shown
    )
    return FileProblem(
        f"{file}: its columns have no names that say which is the source.",
        hint=f"The first rows are:\n{previews}\nType --map {_proposal(rows[:_PREVIEWED])}",
    )


def _proposal(rows: Sequence[tuple[str, ...]]) -> str:
    """Guess the map: sentences are long, their translation is in another script, groups repeat."""
    width = max(len(cells) for cells in rows)
    columns = [[cells[place] for cells in rows if place < len(cells)] for place in range(width)]
    lengths = [mean(map(len, column)) for column in columns]
    scripts = [main_script("".join(column)) for column in columns]
    texts = sorted(range(width), key=lengths.__getitem__, reverse=True)
    source = next((place for place in texts if scripts[place] == "hangul"), texts[0])
    parts = [("source", source)]
    parts += [("reference", place) for place in texts if scripts[place] not in {None, scripts[source]}][:1]
    taken = {place for _, place in parts}
    parts += [
        ("group", place)
        for place in range(width)
        if place not in taken
        and scripts[place] == scripts[source]
        and len({*columns[place]}) < len(columns[place])
    ][:1]
    first = rows[0]
    headed = (
        len(rows) > 2
        and len(first[source]) < median(map(len, columns[source])) / 3
        and len({*first}) == width
    )
    return ",".join(f"{role}={first[place] if headed else place + 1}" for role, place in parts)


def _place(file: str, role: Role, column: Column, names: Sequence[str]) -> int:
    if isinstance(column, int):
        if column > len(names):
            raise FileProblem(
                f"{file} has no column {column} for the {role}.", hint=f"It has {_columns(len(names))}."
            )
        return column - 1
    found = [place for place, name in enumerate(names) if key(name) == key(column)]
    exact = [place for place in found if names[place] == column]
    chosen = exact or found
    if len(chosen) != 1:
        problem = f"{len(chosen)} columns" if chosen else "no column"
        raise FileProblem(
            f"{file} has {problem} named {column!r} for the {role}.",
            hint=f"Its columns are: {', '.join(names)}. Numbers work too: {role}=1 with --header.",
        )
    return chosen[0]


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    distinct: list[str] = []
    for number, name in enumerate(names, 1):
        distinct.append(f"{name}_{number}" if name in distinct else name)
    return tuple(distinct)


def _columns(count: int) -> str:
    return "1 column" if count == 1 else f"{count} columns"


def _short(cell: str, most: int = 24) -> str:
    line = " ".join(cell.split())
    return line if len(line) <= most else line[: most - 1] + "…"
