"""The log of mining: what was answered of every sentence, of those that were not kept as well.

One line a sentence in `mined.jsonl`, only ever appended to. A line that is lost costs no call: the
answer is in the stage log, and is written down again.
"""

from __future__ import annotations

import os
from types import TracebackType

import orjson

from data.records import Mined, Sentence
from data.store import disk
from data.store.folder import ProjectFolder
from data.store.journal import lines


class MinedLog:
    """Answers under one set of settings. Creates nothing before the first one."""

    def __init__(self, folder: ProjectFolder, settings: str) -> None:
        """Open the log; `settings` is the fingerprint of all that the answers depend on."""
        self._path = folder.mined
        self._settings = settings
        self._answered: set[bytes] = set()
        self._read_to = 0
        self._fd: int | None = None
        self.follow()

    def __enter__(self) -> MinedLog:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __contains__(self, sentence_id: object) -> bool:
        """Whether a sentence was answered under these settings, as far as has been followed."""
        return isinstance(sentence_id, str) and bytes.fromhex(sentence_id) in self._answered

    def __len__(self) -> int:
        return len(self._answered)

    def append(self, sentence: Sentence, answer: Mined, model: str) -> None:
        """Hand an answer to the system in one write; it then survives the death of this process.

        Raises:
            NotSaved: the disk refused.
        """
        line = orjson.dumps({
            "id": sentence.id,
            "settings": self._settings,
            "kept": answer.is_worth_translating,
            **answer.model_dump(mode="json"),
            "source": sentence.source,
            "document": sentence.document,
            "position": sentence.position,
            "origin": sentence.origin.model_dump(mode="json") if sentence.origin else None,
            "model": model,
        })  # fmt: skip
        with disk.saving(self._path):
            if self._fd is None:
                self._fd = disk.open_log(self._path)
            size = os.fstat(self._fd).st_size
            is_torn = size and os.pread(self._fd, 1, size - 1) != b"\n"
            disk.append(self._fd, (b"\n" if is_torn else b"") + line + b"\n")
        self._answered.add(bytes.fromhex(sentence.id))

    def follow(self) -> None:
        """Take in what any process appended since; lines that cannot be read are passed over.

        Raises:
            StoreError: the file cannot be read.
        """
        with disk.reading(self._path):
            fd = disk.open_existing(self._path)
            if fd is None:
                return
            try:
                if os.fstat(fd).st_size > self._read_to:
                    self._read(fd)
            finally:
                os.close(fd)

    def close(self) -> None:
        """Put everything on the disk and close the file.

        Raises:
            NotSaved: the disk refused.
        """
        fd, self._fd = self._fd, None
        if fd is not None:
            with disk.saving(self._path):
                try:
                    disk.sync(fd)
                finally:
                    os.close(fd)

    def _read(self, fd: int) -> None:
        for offset, line in lines(fd, self._read_to):
            if not line.endswith(b"\n"):
                return  # still being written, or torn: the next writer ends it
            self._read_to = offset + len(line)
            try:
                answer = orjson.loads(line)
                if answer["settings"] == self._settings:
                    self._answered.add(bytes.fromhex(answer["id"]))
            except (orjson.JSONDecodeError, LookupError, TypeError, ValueError):
                continue
