"""A `dataset.json` of another layout or an older schema, brought into ours.

Stock TinyDB, or an editor, writes the same rows in another layout. Such a file is parsed whole, once,
into a nameless temporary file that takes its place until the next fold.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

import orjson
from pydantic import ValidationError

from data.errors import StoreError
from data.records import Candidate, Decision, Example, Sentence, Status, sentence_id
from data.store.documents import (
    Document,
    IndexRow,
    candidate_document,
    decision_document,
    dumps,
    plain_sentence,
    sentence_document,
)
from data.store.layout import TABLES, Writer, refuse_newer
from data.store.migrations import migrated
from data.store.rows import refuse_number


def converted_dataset(fd: int) -> int:
    """Return an open, nameless file that holds the rows of another one in our layout.

    Raises:
        StoreError: it is not JSON, or not tables of documents.
        NewerSchema: a newer version of this program wrote it.
    """
    tables = _parse(fd)
    meta = tables.pop("meta", {})
    own = meta.pop("1", {})
    refuse_newer(dumps(own))
    with tempfile.TemporaryFile() as file:
        writer = Writer(file.fileno())
        for name in dict.fromkeys((*TABLES, *tables)):
            writer.start_table(name)
            last = 1
            for number, fields in (meta if name == "meta" else tables.get(name, {})).items():
                row = int(number)
                refuse_number(row, last)
                fields = migrated(name, fields, own.get("schema", 1))
                writer.add(name, row, stored_document(name, row, fields))
                last = row
        writer.finish(own.get("folded", 0))
        return os.dup(file.fileno())


def converted_document(table: str, row: int, document: bytes, schema: int) -> bytes:
    """Return a document of an older schema as this version would have written it."""
    return stored_document(table, row, migrated(table, orjson.loads(document), schema))


def stored_document(table: str, row: int, fields: Document) -> bytes:
    """Return a document as this store writes it, whoever made it.

    Raises:
        StoreError: it is no record of its table.
    """
    try:
        return _in_order(table, fields)
    except (ValidationError, KeyError, ValueError, TypeError) as error:
        raise StoreError(
            f"Row {row} of {table} is no record of its kind: {error}.",
            hint="Mend the row where it comes from.",
        ) from error


def _parse(fd: int) -> dict[str, dict[str, Document]]:
    with open(fd, "rb", closefd=False) as file:
        content = file.read()
    try:
        tables: Any = orjson.loads(content)
        return {
            name: dict(sorted(rows.items(), key=lambda item: int(item[0]))) for name, rows in tables.items()
        }
    except (orjson.JSONDecodeError, AttributeError, ValueError) as error:
        raise StoreError(
            f"dataset.json is damaged: {error}.",
            hint="Run drt-tui doctor --repair: it rebuilds the file from its backup and the journals.",
        ) from error


def _in_order(table: str, fields: Document) -> bytes:
    """Return a document with the fields that the store looks for in their places."""
    match table:
        case "sentences":
            plain = plain_sentence(dumps(fields))
            sentence = Sentence.model_validate({"id": sentence_id(plain["source"]), **plain})
            row = IndexRow(
                sentence.id,
                Status(fields.get("status", Status.NEW)),
                sentence.group,
                fields.get("score"),
                tuple(fields.get("codes", ())),
                tuple(fields.get("flags", ())),
                tuple(fields.get("candidates", ())),
                fields.get("failed"),
            )
            return sentence_document(sentence, row)
        case "candidates":
            return candidate_document(Candidate.model_validate(fields))
        case "decisions":
            return decision_document(Decision.model_validate(fields))
        case "meta":
            return dumps({"key": fields["key"], "value": fields["value"]})
        case "examples":
            Example.model_validate(fields)
    return dumps(fields)
