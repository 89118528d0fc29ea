"""TinyDB's query API over rows that are parsed when they are looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any, cast

import orjson
from tinydb import TinyDB
from tinydb.table import Table

from data.errors import StoreError
from data.store.conversion import stored_document
from data.store.documents import Document
from data.store.rows import Rows, refuse_number
from data.store.storage import JournalStorage, Transaction

_KEPT = {"sentences", "candidates", "decisions"}
"""Tables whose rows stay."""


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

    def changed(self) -> Iterator[tuple[int, Document | None]]:
        """Yield the rows that are not as they were; `None` for those that are gone."""
        for row, fields in self._touched.items():
            before = self._rows.get(row)
            if fields != (None if before is None else orjson.loads(before)):
                yield row, fields


class JournalTable(Table):
    """A table whose changes are journalled row by row.

    Results are not cached: other processes change the rows too.
    """

    def __init__(self, storage: JournalStorage, name: str, cache_size: int = 0, **options: bool) -> None:
        self._open: Transaction | None = None
        super().__init__(storage, name, cache_size, **options)

    def insert(self, document: Mapping[str, Any]) -> int:
        """Insert a document and return its number, which is settled within the transaction."""
        return self.insert_multiple([document])[0]

    def _get_next_id(self) -> int:
        assert self._open is not None
        return self._open.new_row(self.name)

    def _update_table(self, updater: Callable[[dict[int, Mapping[str, Any]]], None]) -> None:
        with cast(JournalStorage, self._storage).transaction() as transaction:
            self._open = transaction
            changes = _Changes(transaction.contents.table(self.name))
            updater(cast(dict[int, Mapping[str, Any]], changes))
            for row, fields in changes.changed():
                self._change(transaction, row, fields)

    def _change(self, transaction: Transaction, row: int, fields: Document | None) -> None:
        if fields is None:
            if self.name in _KEPT:
                raise StoreError(
                    f"Rows of {self.name} are only ever added.", hint="Decide anew, or undo, instead."
                )
            transaction.drop(self.name, row)
            return
        refuse_number(row, transaction.contents.table(self.name).last)
        document = stored_document(self.name, row, fields)
        record = orjson.loads(document)
        other = transaction.contents.row_of(self.name, record.get("id", record.get("key")))
        if other not in {None, row}:
            raise StoreError(f"Row {other} of {self.name} has the same id.", hint="Update that row instead.")
        transaction.put(self.name, document, row)


class JournalDB(TinyDB):
    """TinyDB over a project folder: `JournalDB(folder)`."""

    table_class = JournalTable  # type: ignore[assignment]  # TinyDB's own annotation fits only its own class
    default_storage_class = JournalStorage  # type: ignore[assignment]
