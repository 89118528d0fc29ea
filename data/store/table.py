"""TinyDB's query API over rows that are parsed when they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, cast

import orjson
from tinydb import TinyDB
from tinydb.table import Table

from data.errors import StoreError
from data.store.contents import Contents
from data.store.documents import Document, dumps
from data.store.rows import Rows
from data.store.storage import JournalStorage

_KEPT = {"sentences", "candidates", "decisions"}
"""Tables whose rows stay."""


class LazyTable(Mapping[str, Document]):
    """A table as TinyDB wants it from its storage: documents by number, as text."""

    def __init__(self, rows: Rows, head: Document | None = None) -> None:
        self._rows = rows
        self._head = head
        """Row 1 of `meta`."""

    def __getitem__(self, key: str) -> Document:
        if self._head is not None and key == "1":
            return self._head
        document = self._rows.get(int(key))
        if document is None:
            raise KeyError(key)
        return cast(Document, orjson.loads(document))

    def __len__(self) -> int:
        return len(self._rows) + (self._head is not None)

    def __iter__(self) -> Iterator[str]:
        if self._head is not None:
            yield "1"
        yield from map(str, self._rows)


def lazy_tables(contents: Contents) -> dict[str, dict[str, Any]]:
    """Return all tables of a project as a storage must give them to TinyDB."""
    head = contents.head
    sections = {name: list(section) for name, section in head.sections.items()} if head else {}
    meta = {"schema": head.schema, "folded": head.folded, "sections": sections} if head else None
    tables = {
        name: LazyTable(rows, meta if name == "meta" else None) for name, rows in contents.tables.items()
    }
    return cast(dict[str, dict[str, Any]], tables)


class _Changes(MutableMapping[int, Document]):
    """A table while TinyDB changes it: remembers which rows were touched."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._touched: dict[int, Document | None] = {}

    def __getitem__(self, row: int) -> Document:
        if row not in self._touched:
            document = self._rows.get(row)
            if document is None:
                raise KeyError(row)
            self._touched[row] = orjson.loads(document)
        found = self._touched[row]
        if found is None:
            raise KeyError(row)
        return found

    def __setitem__(self, row: int, document: Document) -> None:
        self._touched[row] = document

    def __delitem__(self, row: int) -> None:
        if row not in self:
            raise KeyError(row)
        self._touched[row] = None

    def __contains__(self, row: object) -> bool:
        return self._touched[row] is not None if row in self._touched else row in self._rows  # type: ignore[operator]

    def __iter__(self) -> Iterator[int]:
        yield from (row for row in self._rows if row in self)
        yield from (row for row in self._touched if row in self and row not in self._rows)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def changed(self) -> Iterator[tuple[int, bytes | None]]:
        """Yield the rows that are not as they were."""
        for row, found in self._touched.items():
            before = self._rows.get(row)
            if found is None:
                if before is not None:
                    yield row, None
            elif before is None or orjson.loads(before) != found:
                yield row, dumps(found)


class JournalTable(Table):
    """A table whose changes are journalled row by row.

    Results are not cached: other processes change the rows too.
    """

    def __init__(self, storage: JournalStorage, name: str, cache_size: int = 0, **options: bool) -> None:
        super().__init__(storage, name, cache_size, **options)

    def _get_next_id(self) -> int:
        return cast(JournalStorage, self._storage).contents.table(self.name).last + 1

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        with cast(JournalStorage, self._storage).transaction() as transaction:
            changes = _Changes(transaction.contents.table(self.name))
            updater(cast(dict[int, Mapping[str, Any]], changes))
            for row, document in changes.changed():
                if document is not None:
                    transaction.put(self.name, document, row)
                elif self.name in _KEPT:
                    raise StoreError(
                        f"Rows of {self.name} are only ever added.", hint="Decide anew, or undo, instead."
                    )
                else:
                    transaction.drop(self.name, row)


class JournalDB(TinyDB):
    """TinyDB over a project folder: `JournalDB(folder)`."""

    table_class = JournalTable  # type: ignore[assignment]  # TinyDB's own annotation fits only its own class
    default_storage_class = JournalStorage  # type: ignore[assignment]
