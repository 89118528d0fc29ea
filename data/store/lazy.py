"""Tables as TinyDB asks its storage for them; a document is parsed when it is looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import orjson

from data.store.contents import Contents
from data.store.documents import Document
from data.store.layout import TABLES
from data.store.rows import Rows


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
        name: LazyTable(rows, meta if name == "meta" else None)
        for name, rows in contents.tables.items()
        if rows.last or name in TABLES
    }
    return cast(dict[str, dict[str, Any]], tables)
