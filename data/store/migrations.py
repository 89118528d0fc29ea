"""The schema of the store, and the way from each older one to the next.

A migration takes the document of one row of an older project and returns the newer one. Projects of
a newer schema than this program's are refused and left alone.
"""

from __future__ import annotations

from collections.abc import Callable

from data.store.documents import Document

Migration = Callable[[str, Document], Document]
"""Takes a table's name and a document."""

MIGRATIONS: tuple[Migration, ...] = ()
"""The n-th leads from schema n to n + 1, counted from 1."""

SCHEMA = len(MIGRATIONS) + 1


def migrated(table: str, document: Document, schema: int) -> Document:
    """Return a document written under `schema` as this program would have written it."""
    for migration in MIGRATIONS[schema - 1 :]:
        document = migration(table, document)
    return document
