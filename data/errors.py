"""Errors of the `data` room.

DataError
├── FileProblem          a source file cannot be read as asked (missing, empty, wrong mapping)
└── StoreError
    ├── NewerSchema      the project was written by a newer program; it is left alone
    ├── ReadOnlyProject  a change was asked for where nothing may be written
    └── NotSaved         the disk refused; nothing of the change counts as saved
"""

from __future__ import annotations


class DataError(Exception):
    """What went wrong in one sentence, and in `hint` what to do next."""

    code = "data"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class FileProblem(DataError):
    """A source file cannot be read as asked; exit code 2."""

    code = "file"


class StoreError(DataError):
    """The project's files cannot be used."""

    code = "store"


class NewerSchema(StoreError):
    """`dataset.json` was written by a newer version of this program."""

    code = "newer-schema"


class ReadOnlyProject(StoreError):
    """A change was asked of a dataset that was opened for reading, or whose folder is read-only."""

    code = "read-only"


class NotSaved(StoreError):
    """The disk refused a write (full, read-only, gone): the change is not saved and may be retried."""

    code = "not-saved"
